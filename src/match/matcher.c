#include "matcher.h"

#include "debris.h"

#include <string.h>

/** How a row's text is compared with a name. */
enum shape {
	/** The name equals the text. */
	IS,
	/** The name is a stem of at least one byte, then the text. */
	ENDS_IN,
	/** As ENDS_IN, then a dot and decimal digits. */
	ENDS_IN_NUMBERED,
};

/** Sets of entry types. */
enum {
	DIRECTORY = 1 << ENTRY_DIRECTORY,
	FILE_OR_LINK = 1 << ENTRY_FILE | 1 << ENTRY_LINK,
	DIRECTORY_OR_LINK = 1 << ENTRY_DIRECTORY | 1 << ENTRY_LINK,
	UNKNOWN = 1 << ENTRY_UNKNOWN,
};

/** A name of bytecode. */
struct row {
	unsigned types;
	enum shape shape;
	const char *text;
	/** PYC_NONE for a directory. */
	enum pyc_kind kind;
};

static const struct row bytecode[] = {
	{ DIRECTORY, IS, MATCHER_CACHE, PYC_NONE },
	{ FILE_OR_LINK, ENDS_IN, ".pyc", PYC_PYC },
	{ FILE_OR_LINK, ENDS_IN, ".pyo", PYC_PYO },
	{ FILE_OR_LINK, ENDS_IN_NUMBERED, ".pyc", PYC_PYC },
	{ FILE_OR_LINK, ENDS_IN, "$py.class", PYC_CLASS },
};

const char *const matcher_repositories[] = {
	".git", ".hg", ".svn", ".bzr", ".jj", ".sl", ".pijul", "_darcs", "CVS", NULL,
};

/** A directory that is skipped by default. */
static const struct {
	const char *name;
	const char *reason;
} environments[] = {
	{ "node_modules", "dependencies" },
	{ ".tox", "test environments" },
	{ ".nox", "test environments" },
	{ ".direnv", "environment of direnv" },
};

/**
 * The entries that mark their directory. For a repository, entries of unknown type count too, so
 * that in doubt a directory is one.
 */
static const struct {
	const char *name;
	unsigned types;
	unsigned mark;
} marks[] = {
	{ "HEAD", FILE_OR_LINK | UNKNOWN, MATCHER_HEAD },
	{ "objects", DIRECTORY_OR_LINK | UNKNOWN, MATCHER_OBJECTS },
	{ "refs", DIRECTORY_OR_LINK | UNKNOWN, MATCHER_REFS },
	{ "pyvenv.cfg", FILE_OR_LINK, MATCHER_ENVIRONMENT },
	{ "conda-meta", DIRECTORY, MATCHER_ENVIRONMENT },
	{ "bin", DIRECTORY, MATCHER_PROGRAMS },
	{ "Scripts", DIRECTORY, MATCHER_PROGRAMS },
	{ "lib", DIRECTORY, MATCHER_LIBRARY },
	{ "Lib", DIRECTORY, MATCHER_LIBRARY },
};

const char *const matcher_source_suffixes[] = { ".py", ".pyw", ".hy", NULL };

const struct match matcher_repository = { VERDICT_SKIP, "version control" };

const char *const matcher_repository_entries[] = { "HEAD", "objects", "refs", NULL };

/** @return The length of the name without a final ".DIGITS", or 0 if it has none. */
static size_t length_without_number(const char *name, size_t length)
{
	size_t at = length;

	while (at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9') {
		at--;
	}
	return at < length && at > 0 && name[at - 1] == '.' ? at - 1 : 0;
}

static bool ends_in(const char *name, size_t length, const char *text)
{
	size_t text_length = strlen(text);

	return length > text_length && memcmp(name + length - text_length, text, text_length) == 0;
}

static bool row_matches(const struct row *row, const char *name, size_t length)
{
	switch (row->shape) {
	case IS:
		return strcmp(name, row->text) == 0;
	case ENDS_IN:
		return ends_in(name, length, row->text);
	case ENDS_IN_NUMBERED:
		return ends_in(name, length_without_number(name, length), row->text);
	}
	return false;
}

#define LENGTH(table) (sizeof(table) / sizeof((table)[0]))

/** @return The row that matches a name and has one of the types, or NULL. */
static const struct row *find(const char *name, size_t length, unsigned types)
{
	for (size_t i = 0; i < LENGTH(bytecode); i++) {
		if ((bytecode[i].types & types) && row_matches(&bytecode[i], name, length)) {
			return &bytecode[i];
		}
	}
	return NULL;
}

bool matcher_is_repository(const char *name)
{
	for (const char *const *known = matcher_repositories; *known; known++) {
		if (strcmp(*known, name) == 0) {
			return true;
		}
	}
	return false;
}

unsigned matcher_mark(const char *name, enum entry_type type)
{
	for (size_t i = 0; i < LENGTH(marks); i++) {
		if ((marks[i].types & 1U << type) && strcmp(marks[i].name, name) == 0) {
			return marks[i].mark;
		}
	}
	return 0;
}

bool matcher_marks_repository(unsigned found)
{
	return (found & MATCHER_REPOSITORY) == MATCHER_REPOSITORY;
}

enum pyc_kind matcher_kind(const char *name, size_t *stem)
{
	size_t length = strlen(name);
	const struct row *row = find(name, length, FILE_OR_LINK);

	if (!row) {
		return PYC_NONE;
	}
	if (row->shape == ENDS_IN_NUMBERED) {
		length = length_without_number(name, length);
	}
	*stem = length - strlen(row->text);
	return row->kind;
}

bool matcher_leads_to_cache(const char *path)
{
	size_t cache = strlen(MATCHER_CACHE);
	size_t end = strlen(path);

	while (end > 0 && path[end - 1] == '/') {
		end--;
	}
	return end >= cache && memcmp(path + end - cache, MATCHER_CACHE, cache) == 0 &&
	       (end == cache || path[end - cache - 1] == '/');
}

bool matcher_leads_through_cache(const char *path)
{
	for (const char *at = path; (at = strstr(at, MATCHER_CACHE "/")); at++) {
		if (at == path || at[-1] == '/') {
			return true;
		}
	}
	return false;
}

bool matcher_is_source(const char *name)
{
	size_t length = strlen(name);

	for (const char *const *suffix = matcher_source_suffixes; *suffix; suffix++) {
		if (ends_in(name, length, *suffix)) {
			return true;
		}
	}
	return false;
}

/** Classifies a directory other than `__pycache__`. */
static struct match classify_directory(const struct matcher_rules *rules, const char *name)
{
	if (matcher_is_repository(name)) {
		return matcher_repository;
	}
	for (size_t i = 0; !rules->all && i < LENGTH(environments); i++) {
		if (strcmp(environments[i].name, name) == 0) {
			return (struct match){ VERDICT_SKIP_BY_DEFAULT, environments[i].reason };
		}
	}
	return (struct match){ VERDICT_ENTER, NULL };
}

struct match matcher_classify(const struct matcher_rules *rules, const char *name,
			      enum entry_type type)
{
	struct match match = { VERDICT_KEEP, NULL };

	if (find(name, strlen(name), 1U << type)) {
		return (struct match){ VERDICT_REMOVE, NULL };
	}
	if (type == ENTRY_DIRECTORY) {
		match = classify_directory(rules, name);
	}
	if (rules->debris && !match.reason && debris_find(rules->debris, name, type)) {
		match.verdict = VERDICT_REMOVE_IF_MARKED;
	}
	return match;
}
