#include "match/bytecode.h"

#include "matcher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/** One source, and its status once it was looked up. */
struct filter_source {
	const char *name;
	enum entry_type type;
	struct stat stat;
};

int filter_add_source(struct filter_sources *sources, const char *name, enum entry_type type)
{
	return matcher_is_source(name) ? namelist_add(&sources->names, name, type, 0) : 0;
}

void filter_clear_sources(struct filter_sources *sources)
{
	namelist_clear(&sources->names);
	free(sources->sorted);
	sources->sorted = NULL;
}

void filter_free_sources(struct filter_sources *sources)
{
	filter_clear_sources(sources);
	namelist_free(&sources->names);
}

/** Compares names, or structures that begin with one. */
static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/** Looks for a source. @return NULL with errno: ENOENT, or ENOMEM if it may be there. */
static struct filter_source *find_listed(struct filter_sources *sources, const char *name)
{
	struct filter_source *next = sources->sorted;
	size_t count = sources->names.count;
	struct listed listed;

	if (!next) {
		next = sources->sorted = malloc((count + 1) * sizeof(*next));
		if (!next) {
			return NULL;
		}
		for (size_t at = 0; namelist_next(&sources->names, &at, &listed);) {
			*next++ = (struct filter_source){ listed.name, listed.type, { 0 } };
		}
		qsort(sources->sorted, count, sizeof(*next), compare_names);
	}
	errno = ENOENT;
	return bsearch(&name, sources->sorted, count, sizeof(*next), compare_names);
}

/**
 * Names a possible source.
 *
 * @param suffix An index into matcher_source_suffixes.
 * @return The name, or NULL with errno: ENOENT after the last suffix, or ENAMETOOLONG.
 */
static const char *name_source(struct bytecode *b, struct pyc_part stem, int suffix)
{
	bool in_prefix_tree = b->layout == FILTER_IN_PREFIX_TREE;
	const char *above = b->layout == FILTER_IN_CACHE ? "../" : "";
	const char *before = in_prefix_tree ? b->file->sources : above;
	const char *below = in_prefix_tree ? b->file->below : "";
	const char *end = matcher_source_suffixes[suffix];
	char *name;

	/* Jython's is always .py. */
	if (!end || (suffix > 0 && b->name.kind == PYC_CLASS)) {
		errno = ENOENT;
		return NULL;
	}
	if (strlen(before) + strlen(below) + stem.length + strlen(end) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	name = stpcpy(stpcpy(b->source, before), below);
	memcpy(name, stem.start, stem.length);
	stpcpy(name + stem.length, end);
	return name;
}

bool bytecode_is_of_modules(struct bytecode *b)
{
	const struct filter_rules *rules = b->rules;
	const char *name;

	for (int i = 0; (name = name_source(b, b->stem, i)); i++) {
		if (bsearch(&name, rules->modules, rules->module_count, sizeof(name),
			    compare_names)) {
			return true;
		}
	}
	return false;
}

/**
 * Looks up the source that was named last, as far as the list does not suffice. It must be a
 * regular file, as for importlib.
 *
 * @return 0, or -1 with errno.
 */
static int look_up_source(struct bytecode *b, const char *name, int suffix)
{
	bool stale = b->rules->stale;
	struct filter_sources *beside = b->layout == FILTER_IN_PREFIX_TREE ? NULL : b->file->beside;
	struct filter_source *listed = beside ? find_listed(beside, name) : NULL;

	/* An m.py that is missing from the list may be new; --stale would remove its bytecode. */
	if (beside && !listed && errno == ENOENT && (suffix > 0 || !stale)) {
		return -1;
	}
	/* The files of several interpreters and optimization levels share a source. */
	if (listed && (stale ? listed->stat.st_mode != 0 : listed->type == ENTRY_FILE)) {
		b->source_stat = listed->stat;
		return 0;
	}
	if (fstatat(b->file->dirfd, b->source, &b->source_stat, 0) != 0) {
		return -1;
	}
	if (!S_ISREG(b->source_stat.st_mode)) {
		errno = ENOENT;
		return -1;
	}
	if (listed) {
		listed->stat = b->source_stat;
	}
	return 0;
}

int bytecode_find_source(struct bytecode *b, struct pyc_part stem, int suffix)
{
	for (const char *name; (name = name_source(b, stem, suffix)); suffix++) {
		if (look_up_source(b, name, suffix) == 0) {
			return suffix;
		}
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
			break;
		}
	}
	return -1;
}
