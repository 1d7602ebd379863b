/**
 * The directories that were handed over: each with its descriptor and the names of those in it that
 * are still to be visited.
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

#include <stdbool.h>
#include <stddef.h>

/** A directory in the queue. */
struct queued {
	struct queued *next;
	/** -1 where it was closed. */
	int fd;
	/** As sweeper_place's. */
	char *prefix;
	struct listing names;
	size_t at;
	/** How many of its names are being opened, and whether none is left to take. */
	unsigned users;
	bool exhausted;
};

struct queue {
	struct queued *top;
	/** How many descriptors it holds, and may hold. */
	size_t open;
	size_t max_open;
};

/** One directory to visit; holds until queue_release(). */
struct queue_task {
	struct queued *from;
	const char *name;
};

/** Sets up an empty queue. @param max_open How many descriptors it may hold. */
void queue_init(struct queue *queue, size_t max_open);

/**
 * Hands a directory over.
 *
 * @param fd     Its descriptor; the queue's from now on.
 * @param prefix The first `length` bytes are copied.
 * @param names  What is to be visited in it; the queue's from now on, and empty on return.
 * @return 0, or -1 with ENOMEM; then all is still the caller's.
 */
int queue_push(struct queue *queue, int fd, const char *prefix, size_t length,
	       struct listing *names);

/** Takes the next directory to visit. @return false where there is none. */
bool queue_take(struct queue *queue, struct queue_task *task);

/** Is done with the directory that a task was taken from. */
void queue_release(struct queue *queue, struct queue_task *task);

#endif
