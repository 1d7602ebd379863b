#include "delete/dirstack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** The most open directories in the run, and further out. */
	MAX_RUN = 32,
	MAX_OUTER = 32,
	/** The initial distance between the outer ones; doubled when there are too many. */
	FIRST_STRIDE = 64,
	/** Deeper levels free their listings instead of keeping them for the next tree. */
	KEPT_LISTINGS = 4,
};

void dirstack_start(struct dirstack *stack, int root)
{
	stack->root = root;
	stack->depth = 0;
	stack->run = 0;
	stack->max_run = MAX_RUN;
	stack->stride = FIRST_STRIDE;
	strbuf_reset(&stack->trail);
}

void dirstack_free(struct dirstack *stack)
{
	for (size_t i = 0; i < stack->allocated; i++) {
		namelist_free(&stack->levels[i].entries);
	}
	free(stack->levels);
	strbuf_free(&stack->trail);
}

const char *dirstack_trail(const struct dirstack *stack)
{
	return stack->depth > 0 ? stack->trail.text : "";
}

/** Closes a level, and records which directory it was. */
static void close_level(struct dirstack_level *level)
{
	level->identity = platform_identify(level->fd);
	close(level->fd);
	level->fd = -1;
}

/** Drops the run's outermost directory; closes it unless its index is a multiple of `stride`. */
static void shorten_run(struct dirstack *stack)
{
	size_t index = stack->run++;

	if (stack->stride == 0 || index % stack->stride != 0) {
		close_level(&stack->levels[index]);
	} else if (index / stack->stride >= MAX_OUTER) {
		for (size_t i = stack->stride; i <= index; i += 2 * stack->stride) {
			close_level(&stack->levels[i]);
		}
		stack->stride *= 2;
	}
}

/** Closes outer levels because descriptors have run out. @return Whether any could be closed. */
static bool give_up(struct dirstack *stack)
{
	if (stack->stride > 0) {
		for (size_t i = 0; i < stack->run; i += stack->stride) {
			close_level(&stack->levels[i]);
		}
		stack->stride = 0;
		return true;
	}
	if (stack->run + 1 >= stack->depth) {
		return false;
	}
	shorten_run(stack);
	stack->max_run = stack->depth - stack->run;
	return true;
}

/** Opens a closed directory again. @return Its descriptor, or -1 with errno. */
static int open_again(int dirfd, const struct dirstack_level *level)
{
	int fd = platform_open_directory(dirfd, level->name);

	if (fd >= 0 && !platform_is(fd, level->identity)) {
		close(fd);
		errno = ESTALE;
		return -1;
	}
	return fd;
}

/** Closes the levels from `from` up to, not including, `to`; keeps errno. */
static void close_levels(struct dirstack *stack, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		platform_close(stack->levels[i].fd);
		stack->levels[i].fd = -1;
	}
}

/** Opens the run again when all of it is closed. @return 0, or -1 with errno. */
static int reopen(struct dirstack *stack)
{
	size_t kept = stack->depth > stack->max_run ? stack->depth - stack->max_run : 0;
	size_t outer = stack->stride == 0 ? 0 : (stack->depth - 1) / stack->stride * stack->stride;
	size_t start = stack->stride == 0 ? 0 : outer + 1;
	int above = stack->stride == 0 ? stack->root : stack->levels[outer].fd;

	for (size_t i = start; i < stack->depth; i++) {
		int fd = open_again(above, &stack->levels[i]);

		if (i > start && i <= kept) {
			close_levels(stack, i - 1, i);
		}
		if (fd < 0) {
			close_levels(stack, kept > start ? kept : start, i);
			return -1;
		}
		stack->levels[i].fd = fd;
		above = fd;
	}
	stack->run = kept > outer ? kept : outer;
	return 0;
}

int dirstack_fd(struct dirstack *stack)
{
	if (stack->depth == 0) {
		return stack->root;
	}
	if (stack->run == stack->depth && reopen(stack) != 0) {
		return -1;
	}
	return stack->levels[stack->depth - 1].fd;
}

int dirstack_open(struct dirstack *stack, const char *name)
{
	int dirfd = dirstack_fd(stack);
	int fd;

	if (dirfd < 0) {
		return -1;
	}
	if (stack->depth - stack->run >= stack->max_run && stack->run + 1 < stack->depth) {
		shorten_run(stack);
	}
	do {
		fd = platform_open_directory(dirfd, name);
	} while (fd < 0 && (errno == EMFILE || errno == ENFILE) && give_up(stack));
	return fd;
}

struct dirstack_level *dirstack_innermost(struct dirstack *stack)
{
	return stack->depth > 0 ? &stack->levels[stack->depth - 1] : &stack->outside;
}

/** Makes room for one more level and for its name in the trail. @return 0, or -1 with ENOMEM. */
static int make_room(struct dirstack *stack, const char *name)
{
	if (stack->depth == stack->allocated) {
		size_t count = stack->allocated ? 2 * stack->allocated : 4;
		struct dirstack_level *levels = realloc(stack->levels, count * sizeof(*levels));

		if (!levels) {
			return -1;
		}
		memset(levels + stack->allocated, 0, (count - stack->allocated) * sizeof(*levels));
		stack->levels = levels;
		stack->allocated = count;
	}
	return strbuf_reserve(&stack->trail, strlen(name) + 1);
}

struct dirstack_level *dirstack_push(struct dirstack *stack, int fd, const char *name)
{
	struct dirstack_level *level;

	if (make_room(stack, name) != 0) {
		return NULL;
	}
	strbuf_add_string(&stack->trail, name);
	strbuf_add_char(&stack->trail, '/');
	level = &stack->levels[stack->depth++];
	namelist_clear(&level->entries);
	*level = (struct dirstack_level){ .fd = fd, .name = name, .entries = level->entries };
	return level;
}

void dirstack_pop(struct dirstack *stack)
{
	struct dirstack_level *level = &stack->levels[--stack->depth];

	strbuf_truncate(&stack->trail, stack->trail.length - strlen(level->name) - 1);
	platform_close(level->fd);
	if (stack->run > stack->depth) {
		stack->run = stack->depth;
	}
	if (stack->depth >= KEPT_LISTINGS) {
		namelist_free(&level->entries);
	}
}
