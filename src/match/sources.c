#include "sources.h"

#include "matcher.h"

#include <stdlib.h>
#include <string.h>

int sources_add(struct sources *sources, const char *name, enum entry_type type)
{
	if ((type != ENTRY_FILE && type != ENTRY_LINK) || !matcher_is_source(name)) {
		return 0;
	}
	return namelist_add(&sources->names, name, type, 0);
}

/** @return FNV-1a, which does for names that nobody has chosen to collide. */
static uint32_t hash(const char *stem, size_t length)
{
	uint32_t value = 2166136261U;

	for (size_t i = 0; i < length; i++) {
		value = (value ^ (unsigned char)stem[i]) * 16777619U;
	}
	return value;
}

/** @return The slot of a stem, or the empty one where it would be; and what is there. */
static uint32_t *find_slot(const struct sources *sources, const char *stem, size_t length,
			   struct listed *found)
{
	size_t mask = sources->slot_count - 1;
	size_t i = hash(stem, length) & mask;

	while (sources->slots[i] != 0) {
		size_t at = sources->slots[i] - 1;

		namelist_next(&sources->names, &at, found);
		if (strncmp(found->name, stem, length) == 0 &&
		    matcher_source_stem(found->name) == length) {
			break;
		}
		i = (i + 1) & mask;
	}
	return &sources->slots[i];
}

/** Makes room for the table, all of it empty. @return 0, or -1 with ENOMEM. */
static int empty_table(struct sources *sources)
{
	size_t count = 16;

	while (count < 2 * sources->names.count) {
		count *= 2;
	}
	if (count > sources->allocated) {
		free(sources->slots);
		sources->allocated = 0;
		sources->slots = malloc(count * sizeof(*sources->slots));
		if (!sources->slots) {
			return -1;
		}
		sources->allocated = count;
	}
	memset(sources->slots, 0, count * sizeof(*sources->slots));
	sources->slot_count = count;
	return 0;
}

/** Builds the table. @return 0, or -1 with ENOMEM. */
static int build(struct sources *sources)
{
	struct listed listed;
	struct listed other;
	size_t start = 0;

	if (empty_table(sources) != 0) {
		return -1;
	}
	for (size_t at = 0; namelist_next(&sources->names, &at, &listed); start = at) {
		size_t length = matcher_source_stem(listed.name);
		uint32_t *slot = find_slot(sources, listed.name, length, &other);

		/* Of m.py and m.hy, the one that is known to be a file. */
		if (*slot == 0 || listed.type == ENTRY_FILE) {
			*slot = (uint32_t)start + 1;
		}
	}
	return 0;
}

enum sources_answer sources_find(struct sources *sources, const char *stem, size_t length)
{
	struct listed found = { 0 };

	if (sources->slot_count == 0 && build(sources) != 0) {
		return SOURCES_UNKNOWN;
	}
	if (*find_slot(sources, stem, length, &found) == 0) {
		return SOURCES_NONE;
	}
	return found.type == ENTRY_FILE ? SOURCES_FILE : SOURCES_UNKNOWN;
}

void sources_clear(struct sources *sources)
{
	namelist_clear(&sources->names);
	sources->slot_count = 0;
}

void sources_free(struct sources *sources)
{
	namelist_free(&sources->names);
	free(sources->slots);
	*sources = (struct sources){ 0 };
}
