/**
 * Thread pool: visits directories from one work stack. Each directory on the stack has the names
 * of the subdirectories that are still to be visited in it.
 *
 *     push ─▶ ┌ a/b/   fd 7   [c  d  e] ┐ ─▶ take: "c" in a/b/
 *             │ a/     fd 5   [x  y]    │
 *             └ ./     fd -1  [z]       ┘    closed: the stack holds a limited number of descriptors
 *
 * Names are taken from the directory pushed last, so that the stack stays short.
 *
 * The caller's thread is always one of the pool. Others start only after pool_share(), one by one,
 * while there are more names than threads waiting for one.
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
	/** The fewest descriptors with which the caller can walk. */
	POOL_MIN_WALK = 7
};

/** A directory on the work stack, or one whose path others need. */
struct pool_directory {
	/** Its neighbours on the stack. */
	struct pool_directory *below;
	struct pool_directory *above;
	/** -1 while closed, and then what it was. */
	int fd;
	struct platform_identity identity;
	/** How many names are left to take; it is on the stack while there are any. */
	size_t left;
	struct namelist names;
	size_t at;
	/** Tasks not yet released, and directories whose `base` it is. */
	unsigned tasks;
	unsigned derived;
	/** How many names are in its path. */
	size_t depth;
	/**
	 * The path, '/' at the end and without a NUL: from `start` to `end` it is here, what comes
	 * before is that of `base`. (A deep tree does not need the square of its depth in memory.)
	 */
	struct pool_directory *base;
	size_t start;
	size_t end;
	char path[];
};

/** What each thread of the pool does: takes directories until there are none. */
typedef void pool_work_fn(void *context);

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct pool_directory *top;
	/** The lowest directory on the stack that is open. */
	struct pool_directory *lowest;
	/** Names on the stack. */
	size_t names;
	/** Descriptors held, and how many that may be. */
	size_t open;
	size_t max_open;
	/** Tasks not yet released: each may still push directories. */
	unsigned busy;
	/** Threads that wait for a directory, or have not begun yet. */
	unsigned waiting;
	/** Threads beside the caller's: how many more may be started, and how many were. */
	unsigned startable;
	unsigned started;
	bool shared;
	pool_work_fn *work;
	void *context;
	pthread_t threads[WALKER_MAX_THREADS];
};

/** A directory to visit: `name` in `from`. Valid until pool_release(). */
struct pool_task {
	struct pool_directory *from;
	/** The descriptor of `from`, the pool's, or -1. Valid until the next pool_push(). */
	int fd;
	const char *name;
};

/**
 * Sets up a pool with an empty stack and no thread but the caller's.
 *
 * @param jobs How many threads there may be, the caller's included; the limit on descriptors
 *             (RLIMIT_NOFILE) may allow fewer.
 * @return How many descriptors are the caller's until threads start, POOL_MIN_WALK or more.
 */
size_t pool_init(struct pool *pool, unsigned jobs, pool_work_fn *work, void *context);

/** Waits for the threads, which end when there is nothing left to take. */
void pool_destroy(struct pool *pool);

/** Allows threads to be started: the tree is large enough to be shared. */
void pool_share(struct pool *pool);

/**
 * Pushes a directory.
 *
 * @param parent The directory that the current task is from; NULL outside of a task.
 * @param fd     Its descriptor; the pool's from now on.
 * @param path   Its path, '/' at the end. What follows that of `parent` is copied.
 * @param length The length of that path.
 * @param names  The subdirectories to visit, at least one; the pool's from now on, and empty on
 *               return.
 * @return 0, or -1 with ENOMEM; then everything is still the caller's.
 */
int pool_push(struct pool *pool, struct pool_directory *parent, int fd, const char *path,
	      size_t length, struct namelist *names);

/**
 * Takes the next directory to visit; waits for one as long as a task may still push some.
 *
 * @return false when everything has been visited.
 */
bool pool_take(struct pool *pool, struct pool_task *task);

/** Ends a task: what was found in the directory has been pushed. */
void pool_release(struct pool *pool, struct pool_task *task);

/**
 * Writes the path of the directory that a task is from, without a NUL.
 *
 * @param out Has room for `from->end` bytes.
 */
void pool_path(const struct pool_directory *from, char *out);

#endif
