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

/** Orders by stem, then by type. */
static int compare(const void *left, const void *right)
{
	const struct source *a = left;
	const struct source *b = right;
	int order = memcmp(a->stem, b->stem, a->length < b->length ? a->length : b->length);

	if (order == 0) {
		order = (a->length > b->length) - (a->length < b->length);
	}
	return order != 0 ? order : (int)a->type - (int)b->type;
}

/** Sorts all that were added. @return 0, or -1 with ENOMEM. */
static int sort(struct sources *sources)
{
	struct source *next = realloc(sources->sorted, sources->names.count * sizeof(*next));
	struct listed listed;

	if (!next) {
		return -1;
	}
	sources->sorted = next;
	for (size_t at = 0; namelist_next(&sources->names, &at, &listed);) {
		*next++ = (struct source){ listed.name, matcher_source_stem(listed.name),
					   listed.type };
	}
	qsort(sources->sorted, sources->names.count, sizeof(*next), compare);
	sources->sorted_count = sources->names.count;
	return 0;
}

static bool has(const struct sources *sources, const char *stem, size_t length,
		enum entry_type type)
{
	const struct source key = { stem, length, type };

	return bsearch(&key, sources->sorted, sources->sorted_count, sizeof(key), compare);
}

enum sources_answer sources_find(struct sources *sources, const char *stem, size_t length)
{
	if (sources->names.count == 0) {
		return SOURCES_NONE;
	}
	if (sources->sorted_count != sources->names.count && sort(sources) != 0) {
		return SOURCES_UNKNOWN;
	}
	/* Of m.py and m.hy, prefer one that is known to be a file. */
	if (has(sources, stem, length, ENTRY_FILE)) {
		return SOURCES_FILE;
	}
	return has(sources, stem, length, ENTRY_LINK) ? SOURCES_UNKNOWN : SOURCES_NONE;
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
