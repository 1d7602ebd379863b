/**
 * The directories that were handed over, shared by all walkers: each with its descriptor and the
 * names of those in it that are still to be visited.
 *
 *     push ─▶ ┌ a/b/   fd 7   [c  d  e] ┐ ─▶ take: "c" in a/b/
 *             │ a/     fd 5   [x  y]    │
 *             └ ./     fd -1  [z]       ┘    closed, for want of descriptors
 *
 * The last one pushed is the first one taken from, so that the queue stays short.
 */

#ifndef PYCLEAN_QUEUE_H
#define PYCLEAN_QUEUE_H

#include "listing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/** A directory in the queue. */
struct queued {
	struct queued *next;
	/** -1 where it was closed. */
	int fd;
	/** As scene_place's. */
	char *prefix;
	struct listing names;
	size_t at;
	/** How many of its names are being opened, and whether none is left to take. */
	unsigned users;
	bool exhausted;
};

/**
 * Starts one more walker, which is to call queue_take() until that says no. Called with the
 * queue's lock held.
 *
 * @return 0, or -1 where that cannot be done.
 */
typedef int queue_recruit_fn(void *context);

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct queued *top;
	/** How many descriptors it holds, and may hold. */
	size_t open;
	size_t max_open;
	/** How many directories and names are in it. */
	atomic_size_t directories;
	atomic_size_t names;
	/** How many walkers there are, may be, and have nothing to do. */
	atomic_uint walkers;
	atomic_uint max_walkers;
	atomic_uint waiting;
	bool finished;
	queue_recruit_fn *recruit;
	void *context;
};

/** One directory to visit; holds until queue_release(). */
struct queue_task {
	struct queued *from;
	const char *name;
};

/**
 * Sets up an empty queue with one walker, the caller.
 *
 * @param max_open    How many descriptors it may hold.
 * @param max_walkers How many walkers there may be, 1 or more; `recruit` starts the others.
 */
void queue_init(struct queue *queue, size_t max_open, unsigned max_walkers,
		queue_recruit_fn *recruit, void *context);

/** Ends a queue that is empty and that no walker uses any more. */
void queue_destroy(struct queue *queue);

/** Whether there are, or could be, walkers with nothing to do. A guess: it takes no lock. */
bool queue_is_short(const struct queue *queue);

/**
 * Hands a directory over.
 *
 * @param fd          Its descriptor; the queue's from now on.
 * @param prefix      The first `length` bytes are copied.
 * @param names       What is to be visited in it, `count` names, at least one; the queue's from
 *                    now on, and empty on return.
 * @param may_recruit Whether a walker may be started for it.
 * @return 0, or -1 with ENOMEM; then all is still the caller's.
 */
int queue_push(struct queue *queue, int fd, const char *prefix, size_t length,
	       struct listing *names, size_t count, bool may_recruit);

/**
 * Takes the next directory to visit; waits for one as long as any walker might still push one.
 *
 * @return false where all is done.
 */
bool queue_take(struct queue *queue, struct queue_task *task);

/** Is done with the directory that a task was taken from. */
void queue_release(struct queue *queue, struct queue_task *task);

#endif
