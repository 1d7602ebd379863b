#include "delete/dirstack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** The most open directories. */
	MAX_OPEN = 32,
	/** Deeper levels free their listings instead of keeping them for the next tree. */
	KEPT_LISTINGS = 4,
};

void dirstack_start(struct dirstack *stack, int root_fd)
{
	stack->root = (struct dirstack_level){ .fd = root_fd };
	stack->depth = 0;
	stack->first_open = 0;
	stack->max_open = MAX_OPEN;
	if (!stack->trail.text) {
		stack->trail = STRBUF_INIT;
	}
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

/** Closes the outermost open directory, and records which one it was. */
static void close_outermost(struct dirstack *stack)
{
	struct dirstack_level *level = &stack->levels[stack->first_open++];

	level->identity = platform_identify(level->fd, NULL, 0);
	close(level->fd);
	level->fd = -1;
}

/** Makes the innermost directory the only open one. @param fd Its descriptor, or -1 for none. */
static void set_open(struct dirstack *stack, int fd)
{
	stack->levels[stack->depth - 1].fd = fd;
	stack->first_open = stack->depth - (fd >= 0);
}

int dirstack_fd(struct dirstack *stack)
{
	const struct dirstack_level *level = dirstack_innermost(stack);

	if (stack->depth > 0 && level->fd < 0) {
		set_open(stack,
			 platform_open_path(stack->root.fd, stack->trail.text, level->identity));
	}
	return level->fd;
}

int dirstack_open(struct dirstack *stack, const char *name)
{
	int dirfd = dirstack_fd(stack);
	int fd;

	if (dirfd < 0) {
		return -1;
	}
	if (stack->depth - stack->first_open >= stack->max_open &&
	    stack->first_open + 1 < stack->depth) {
		close_outermost(stack);
	}
	while ((fd = platform_open_directory(dirfd, name)) < 0 &&
	       (errno == EMFILE || errno == ENFILE) && stack->first_open + 1 < stack->depth) {
		close_outermost(stack);
		stack->max_open = stack->depth - stack->first_open;
	}
	return fd;
}

struct dirstack_level *dirstack_innermost(struct dirstack *stack)
{
	return stack->depth > 0 ? &stack->levels[stack->depth - 1] : &stack->root;
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
	if (stack->depth > 0 && stack->first_open >= stack->depth) {
		set_open(stack, platform_open_above(level->fd, 1, level[-1].identity));
	}
	platform_close(level->fd);
	if (stack->depth >= KEPT_LISTINGS) {
		namelist_free(&level->entries);
	}
}
