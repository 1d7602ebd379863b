#include "queue.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void queue_init(struct queue *queue, size_t max_open)
{
	*queue = (struct queue){ .max_open = max_open };
}

int queue_push(struct queue *queue, int fd, const char *prefix, size_t length,
	       struct listing *names)
{
	struct queued *queued = calloc(1, sizeof(*queued));

	if (!queued) {
		return -1;
	}
	queued->prefix = strndup(prefix, length);
	if (!queued->prefix) {
		free(queued);
		return -1;
	}
	if (queue->open < queue->max_open) {
		queue->open++;
		queued->fd = fd;
	} else {
		close(fd);
		queued->fd = -1;
	}
	queued->names = *names;
	*names = (struct listing){ 0 };
	queued->next = queue->top;
	queue->top = queued;
	return 0;
}

static void free_queued(struct queue *queue, struct queued *queued)
{
	if (queued->fd >= 0) {
		close(queued->fd);
		queue->open--;
	}
	listing_free(&queued->names);
	free(queued->prefix);
	free(queued);
}

bool queue_take(struct queue *queue, struct queue_task *task)
{
	struct queued *from = queue->top;
	struct listed entry;
	size_t after;

	if (!from || !listing_next(&from->names, &from->at, &entry)) {
		return false;
	}
	*task = (struct queue_task){ from, entry.name };
	from->users++;
	after = from->at;
	if (!listing_next(&from->names, &after, &entry)) {
		from->exhausted = true;
		queue->top = from->next;
	}
	return true;
}

void queue_release(struct queue *queue, struct queue_task *task)
{
	if (--task->from->users == 0 && task->from->exhausted) {
		free_queued(queue, task->from);
	}
	*task = (struct queue_task){ 0 };
}
