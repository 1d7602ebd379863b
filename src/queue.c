#include "queue.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void queue_init(struct queue *q, size_t max_open, unsigned max_walkers, queue_recruit_fn *recruit,
		void *context)
{
	*q = (struct queue){ .max_open = max_open, .recruit = recruit, .context = context };
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->wake, NULL);
	atomic_init(&q->walkers, 1);
	atomic_init(&q->max_walkers, max_walkers);
}

void queue_destroy(struct queue *q)
{
	pthread_cond_destroy(&q->wake);
	pthread_mutex_destroy(&q->lock);
}

/** Reads a number that other walkers change. */
#define GLANCE(number) atomic_load_explicit(&(number), memory_order_relaxed)

bool queue_is_short(const struct queue *q)
{
	unsigned missing = GLANCE(q->max_walkers) - GLANCE(q->walkers);

	return GLANCE(q->names) < (size_t)missing + GLANCE(q->waiting);
}

/** Sees to it that somebody takes what was pushed. */
static void find_walker(struct queue *q, size_t names, bool may_recruit)
{
	if (GLANCE(q->waiting) > 0) {
		if (names > 1) {
			pthread_cond_broadcast(&q->wake);
		} else {
			pthread_cond_signal(&q->wake);
		}
	} else if (may_recruit && GLANCE(q->walkers) < GLANCE(q->max_walkers)) {
		atomic_fetch_add(&q->walkers, 1);
		if (q->recruit(q->context) != 0) {
			atomic_fetch_sub(&q->walkers, 1);
			atomic_store(&q->max_walkers, GLANCE(q->walkers));
		}
	}
}

static struct queued *new_queued(const char *prefix, size_t length)
{
	struct queued *queued = calloc(1, sizeof(*queued));

	if (!queued) {
		return NULL;
	}
	queued->prefix = strndup(prefix, length);
	if (!queued->prefix) {
		free(queued);
		return NULL;
	}
	return queued;
}

int queue_push(struct queue *q, int fd, const char *prefix, size_t length, struct listing *names,
	       size_t count, bool may_recruit)
{
	struct queued *queued = new_queued(prefix, length);

	if (!queued) {
		return -1;
	}
	queued->names = *names;
	*names = (struct listing){ 0 };
	pthread_mutex_lock(&q->lock);
	if (q->open < q->max_open) {
		q->open++;
		queued->fd = fd;
	} else {
		close(fd);
		queued->fd = -1;
	}
	queued->next = q->top;
	q->top = queued;
	atomic_fetch_add(&q->directories, 1);
	atomic_fetch_add(&q->names, count);
	find_walker(q, count, may_recruit);
	pthread_mutex_unlock(&q->lock);
	return 0;
}

/** Waits until something can be taken. @return false where all is done. */
static bool wait_for_task(struct queue *q)
{
	while (!q->top && !q->finished) {
		/* Nobody is left who could push anything. */
		if (atomic_fetch_add(&q->waiting, 1) + 1 == GLANCE(q->walkers)) {
			q->finished = true;
			pthread_cond_broadcast(&q->wake);
		} else {
			pthread_cond_wait(&q->wake, &q->lock);
		}
		atomic_fetch_sub(&q->waiting, 1);
	}
	return !q->finished;
}

/** Takes a name from the directory on top, which has one. */
static void take_name(struct queue *q, struct queue_task *task)
{
	struct queued *from = q->top;
	struct listed entry;
	size_t after;

	listing_next(&from->names, &from->at, &entry);
	*task = (struct queue_task){ from, entry.name };
	from->users++;
	atomic_fetch_sub(&q->names, 1);
	after = from->at;
	if (!listing_next(&from->names, &after, &entry)) {
		from->exhausted = true;
		q->top = from->next;
		atomic_fetch_sub(&q->directories, 1);
	}
}

bool queue_take(struct queue *q, struct queue_task *task)
{
	bool taken;

	pthread_mutex_lock(&q->lock);
	taken = wait_for_task(q);
	if (taken) {
		take_name(q, task);
	}
	pthread_mutex_unlock(&q->lock);
	return taken;
}

void queue_release(struct queue *q, struct queue_task *task)
{
	struct queued *from = task->from;
	bool last;

	pthread_mutex_lock(&q->lock);
	last = --from->users == 0 && from->exhausted;
	if (last && from->fd >= 0) {
		q->open--;
	}
	pthread_mutex_unlock(&q->lock);
	*task = (struct queue_task){ 0 };
	if (!last) {
		return;
	}
	if (from->fd >= 0) {
		close(from->fd);
	}
	listing_free(&from->names);
	free(from->prefix);
	free(from);
}
