#include "sources.h"

#include "matcher.h"

#include <stdlib.h>
#include <string.h>

int sources_add(struct sources *sources, const char *name, enum entry_type type)
{
	if (type == ENTRY_DIRECTORY || type == ENTRY_OTHER || !matcher_is_source(name)) {
		return 0;
	}
	return namelist_add(&sources->names, name, type, 0);
}

static int compare(const void *left, const void *right)
{
	const struct source *a = left;
	const struct source *b = right;

	return strcmp(a->name, b->name);
}

/** Sorts all that were added. @return Whether there is memory. */
static bool sort(struct sources *sources)
{
	struct source *next = realloc(sources->sorted, sources->names.count * sizeof(*next));
	struct listed listed;

	if (!next) {
		return false;
	}
	sources->sorted = next;
	for (size_t at = 0; namelist_next(&sources->names, &at, &listed);) {
		*next++ = (struct source){ .name = listed.name, .type = listed.type };
	}
	sources->sorted_count = sources->names.count;
	qsort(sources->sorted, sources->sorted_count, sizeof(*next), compare);
	return true;
}

bool sources_find(struct sources *sources, const char *name, struct source **out)
{
	const struct source key = { .name = name };

	*out = NULL;
	if (sources->sorted_count != sources->names.count && !sort(sources)) {
		return false;
	}
	if (sources->sorted_count > 0) {
		*out = bsearch(&key, sources->sorted, sources->sorted_count, sizeof(key), compare);
	}
	return true;
}

void sources_clear(struct sources *sources)
{
	namelist_clear(&sources->names);
	sources->sorted_count = 0;
}

void sources_free(struct sources *sources)
{
	namelist_free(&sources->names);
	free(sources->sorted);
	*sources = (struct sources){ 0 };
}
