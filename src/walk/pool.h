/**
 * Thread pool that visits directories from one work stack. Each directory on the stack has the
 * names of its subdirectories that are not yet visited.
 *
 *     push ─▶ ┌ a/b/   fd 7   [c  d  e] ┐ ─▶ take: "c" in a/b/
 *             │ a/     fd 5   [x  y]    │
 *             └ ./     fd -1  [z]       ┘    closed: the stack holds a limited number of descriptors
 *
 * Names are taken from the directory pushed last, so that the stack stays short.
 *
 * The caller's thread is part of the pool. Others start only once `shared` is set, one by one,
 * while there are more names than waiting threads.
 */

#ifndef PYCLEAN_POOL_H
#define PYCLEAN_POOL_H

#include "namelist.h"
#include "platform.h"
#include "walker.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	/** The fewest descriptors that the caller needs to walk; one is for reading a directory. */
	POOL_MIN_WALK = 8
};

/** A directory on the work stack, or one whose path others share. */
struct pool_directory {
	/** Its neighbours on the stack. */
	struct pool_directory *below;
	struct pool_directory *above;
	/** The descriptor, or -1 while closed; and the directory's identity. */
	int fd;
	struct platform_identity identity;
	/** The number of names not yet taken; while there are any, it is on the stack. */
	size_t left;
	struct namelist names;
	size_t at;
	/** Tasks not yet released, and directories whose `base` it is. */
	unsigned tasks;
	unsigned derived;
	/**
	 * The path, with a final '/' and no NUL. The bytes from `start` to `end` are stored here,
	 * those before in `base`, so that a deep tree does not need quadratic memory.
	 */
	struct pool_directory *base;
	size_t start;
	size_t end;
	char path[];
};

/** The body of each thread of the pool: takes directories until there are none. */
typedef void pool_work_fn(void *context);

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct pool_directory *top;
	/** The lowest directory on the stack that is open. */
	struct pool_directory *lowest;
	/** Names on the stack. */
	size_t names;
	/** Descriptors held, and their limit. */
	size_t open;
	size_t max_open;
	/** Tasks not yet released, which may still push directories. */
	unsigned busy;
	/** Threads that wait for a directory, or have not begun. */
	unsigned waiting;
	/** Threads other than the caller's: how many more may be started, and how many were. */
	unsigned startable;
	unsigned started;
	/** Set by the caller's thread to allow the start of others; not cleared again. */
	bool shared;
	pool_work_fn *work;
	void *context;
	pthread_t threads[WALKER_MAX_THREADS];
};

/** A directory to visit: `name` in `from`. Valid until pool_release(). */
struct pool_task {
	struct pool_directory *from;
	/** The descriptor of `from`, or -1. Owned by the pool; valid until the next pool_push(). */
	int fd;
	const char *name;
};

/**
 * Sets up a pool with an empty stack and only the caller's thread.
 *
 * @param jobs The most threads, including the caller's; the limit on descriptors (RLIMIT_NOFILE)
 *             may allow fewer.
 * @return The number of descriptors the caller may use until threads start, at least POOL_MIN_WALK.
 */
size_t pool_init(struct pool *pool, unsigned jobs, pool_work_fn *work, void *context);

/** Waits for the threads, which end when everything has been visited. */
void pool_destroy(struct pool *pool);

/**
 * Pushes a directory.
 *
 * @param parent The current task's `from`; NULL outside of a task.
 * @param fd     The directory's descriptor; on success owned by the pool.
 * @param path   Its path, with a final '/'. The part after the path of `parent` is copied.
 * @param length The length of the path.
 * @param names  The subdirectories to visit, at least one; on success moved to the pool, and empty.
 * @return 0, or -1 with ENOMEM; then the caller still owns everything.
 */
int pool_push(struct pool *pool, struct pool_directory *parent, int fd, const char *path,
	      size_t length, struct namelist *names);

/**
 * Takes the next directory to visit; waits while a task may still push one.
 *
 * @return false when everything has been visited.
 */
bool pool_take(struct pool *pool, struct pool_task *task);

/** Ends a task, after its subdirectories have been pushed. */
void pool_release(struct pool *pool, struct pool_task *task);

/**
 * Writes the path of a directory, without a NUL.
 *
 * @param out At least `from->end` bytes.
 */
void pool_path(const struct pool_directory *from, char *out);

#endif
