/**
 * Thread pool that visits directories from one work stack. Each directory on the stack has the
 * names of its subdirectories that are not yet visited.
 *
 *     push ─▶ ┌ a/b/   fd 7   [c  d  e] ┐ ─▶ take: "c" in a/b/
 *             │ a/     fd 5   [x  y]    │
 *             └ ./     fd -1  [z]       ┘    closed: the number of open ones is limited
 *
 * Names are taken from the directory pushed last, so that the stack stays short. A directory is
 * kept until everything below it is finished. The caller's thread is part of the pool. Others start
 * only once `shared` is set, one by one, while more names than threads wait.
 */

#ifndef PYCLEAN_POOL_H
#define PYCLEAN_POOL_H

#include "walker.h"

#include <pthread.h>

/** The fewest descriptors that the caller needs to walk; one is for reading a directory. */
#define POOL_MIN_WALK 8

/** A directory that was scanned. */
struct pool_directory {
	/** -1 while it is closed. */
	int fd;
	/** Its name in its parent, and the length of its path, with a final '/'. */
	const char *name;
	size_t length;
	/** The subdirectories not yet visited. */
	struct namelist names;
	struct scan_state state;
};

struct pool_node {
	struct pool_directory directory;
	/** NULL for the operand; and how many there are above. */
	struct pool_node *parent;
	size_t depth;
	/** Its neighbours on the stack, where it is while there are names; the position in these. */
	struct pool_node *below;
	struct pool_node *above;
	size_t at;
	/** Tasks not yet released, and directories in it that were pushed and are not finished. */
	unsigned tasks;
	unsigned children;
	/** Unique, also among those freed; not 0. */
	uint64_t id;
	char name[];
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/** Of the stack: the top, the lowest node that is open, the number of names. */
	struct pool_node *top;
	struct pool_node *lowest_open;
	size_t names;
	/** Descriptors held, and their limit. */
	size_t open;
	size_t max_open;
	uint64_t last_id;
	/** Tasks not yet released; threads that wait for a directory, or have not begun. */
	unsigned busy;
	unsigned waiting;
	/** Threads other than the caller's: how many more may be started, and how many were. */
	unsigned startable;
	unsigned started;
	/** Set by the caller's thread to allow the start of others; not cleared again. */
	bool shared;
	void (*work)(void *context);
	void *context;
	pthread_t threads[WALKER_MAX_THREADS];
};

/** Valid until pool_release(): an entry of `parent` to visit, and the pool's descriptor or -1. */
struct pool_task {
	struct pool_node *parent;
	int fd;
	struct listed entry;
};

/**
 * Sets up a pool with an empty stack and only the caller's thread.
 *
 * @param jobs As walker_run()'s.
 * @param work The body of each thread: takes directories until there are none.
 * @return How many descriptors the caller may use until threads start, at least POOL_MIN_WALK.
 */
size_t pool_init(struct pool *pool, unsigned jobs, void (*work)(void *context), void *context);
/** Waits for the threads, which end when everything has been visited. */
void pool_destroy(struct pool *pool);

/**
 * Pushes a directory that has names. On success the pool owns its descriptor and takes its names,
 * and may close that of the caller's task, which is in `parent` (NULL for the operand).
 *
 * @return The node's id, since another thread may have freed it already; or 0 with ENOMEM.
 */
uint64_t pool_push(struct pool *pool, struct pool_node *parent, struct pool_directory *directory);

/** Takes a directory by its name in the top one, which must exist. @return Whether it is there. */
bool pool_take_name(struct pool *pool, const char *name, struct pool_task *task);
/** Takes a directory to visit; waits while a task may still push one. @return False at the end. */
bool pool_take(struct pool *pool, struct pool_task *task);

/**
 * Ends a task.
 *
 * @param result As scan_state's, of its directory; 0 if that was pushed.
 * @return The parent if all in it is finished, for pool_finish(); the caller then owns its
 *         descriptor, if it is open. Otherwise NULL.
 */
struct pool_node *pool_release(struct pool *pool, const struct pool_task *task, unsigned result);
/** Frees a finished node. @return Its parent if that is finished as well, else NULL. */
struct pool_node *pool_finish(struct pool *pool, struct pool_node *node, unsigned result);

/** Writes the path of a node after that of the operand. @param out As long as its path. */
void pool_path(const struct pool_node *node, char *out);

#endif
