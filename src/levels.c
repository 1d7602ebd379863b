#include "levels.h"

#include <stdlib.h>
#include <string.h>

enum {
	/** Listings further in than this are freed when done with, not kept for the next tree. */
	KEPT_LISTINGS = 4,
};

void levels_free(struct levels *levels)
{
	for (size_t i = 0; i < levels->allocated; i++) {
		listing_free(&levels->all[i].entries);
	}
	free(levels->all);
	descent_free(&levels->descent);
}

struct level *levels_innermost(struct levels *levels)
{
	size_t depth = levels->descent.depth;

	return depth > 0 ? &levels->all[depth - 1] : &levels->outside;
}

struct level *levels_push(struct levels *levels, int fd, const char *name)
{
	size_t depth = levels->descent.depth;
	struct level *level;

	if (depth == levels->allocated) {
		size_t count = depth ? 2 * depth : 4;
		struct level *all = realloc(levels->all, count * sizeof(*all));

		if (!all) {
			return NULL;
		}
		memset(all + depth, 0, (count - depth) * sizeof(*all));
		levels->all = all;
		levels->allocated = count;
	}
	if (descent_push(&levels->descent, fd, name) != 0) {
		return NULL;
	}
	level = &levels->all[depth];
	listing_clear(&level->entries);
	*level = (struct level){ .name = name, .entries = level->entries };
	return level;
}

void levels_pop(struct levels *levels)
{
	descent_pop(&levels->descent);
	if (levels->descent.depth >= KEPT_LISTINGS) {
		listing_free(&levels->all[levels->descent.depth].entries);
	}
}
