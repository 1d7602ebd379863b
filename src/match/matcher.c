#include "match/pyc_file.h"

#include "debris.h"

#include <string.h>

#define LENGTH(table) (sizeof(table) / sizeof((table)[0]))

/** How the names of bytecode files end, after a stem of at least one byte. */
static const struct {
	const char *text;
	/** May be followed by `.DIGITS`, until importlib renames the file. */
	bool numbered;
} suffixes[] = {
	{ ".pyc", true },
	/* Before Python 3.5. */
	{ ".pyo", false },
	/* Jython's. */
	{ "$py.class", false },
};

/* Python on Windows compiles .pyw, and Hy .hy. */
const char *const matcher_source_suffixes[] = { ".py", ".pyw", ".hy", NULL };

const char *const matcher_repositories[] = {
	".git", ".hg", ".svn", ".bzr", ".jj", ".sl", ".pijul", "_darcs", "CVS", NULL,
};

const char matcher_version_control[] = "version control";

/** Directories that are skipped by default. */
static const struct {
	const char *name;
	const char *reason;
} environments[] = {
	{ "node_modules", "dependencies" },
	{ ".tox", "test environments" },
	{ ".nox", "test environments" },
	{ ".direnv", "environment of direnv" },
};

/** Sets of entry types. */
enum {
	UNKNOWN = 1 << ENTRY_UNKNOWN,
	LINK = 1 << ENTRY_LINK,
	FILE_OR_LINK = 1 << ENTRY_FILE | LINK,
	DIRECTORY = 1 << ENTRY_DIRECTORY,
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
	{ "objects", DIRECTORY | LINK | UNKNOWN, MATCHER_OBJECTS },
	{ "refs", DIRECTORY | LINK | UNKNOWN, MATCHER_REFS },
	{ "pyvenv.cfg", FILE_OR_LINK, MATCHER_ENVIRONMENT },
	{ "conda-meta", DIRECTORY, MATCHER_ENVIRONMENT },
	{ "bin", DIRECTORY, MATCHER_PROGRAMS },
	{ "Scripts", DIRECTORY, MATCHER_PROGRAMS },
	{ "lib", DIRECTORY, MATCHER_LIBRARY },
	{ "Lib", DIRECTORY, MATCHER_LIBRARY },
};

const char *const matcher_repository_entries[] = { "HEAD", "objects", "refs", NULL };

/** @return The length of a name without a final ".DIGITS". */
static size_t length_without_number(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t digits = dot ? strspn(dot + 1, "0123456789") : 0;

	return digits > 0 && dot[1 + digits] == '\0' ? (size_t)(dot - name) : strlen(name);
}

static bool ends_in(const char *name, size_t length, const char *text)
{
	size_t text_length = strlen(text);

	return length > text_length && memcmp(name + length - text_length, text, text_length) == 0;
}

size_t matcher_stem(const char *name)
{
	size_t length = length_without_number(name);

	for (size_t i = 0; i < LENGTH(suffixes); i++) {
		if (ends_in(name, length, suffixes[i].text) &&
		    (suffixes[i].numbered || name[length] == '\0')) {
			return length - strlen(suffixes[i].text);
		}
	}
	return 0;
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

bool matcher_is_repository(const char *name)
{
	const char *const *known = matcher_repositories;

	while (*known && strcmp(*known, name) != 0) {
		known++;
	}
	return *known;
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

bool matcher_leads_to_cache(const char *path)
{
	return strcmp(path, MATCHER_CACHE "/") == 0 ||
	       ends_in(path, strlen(path), "/" MATCHER_CACHE "/");
}

/** Classifies a directory. */
static struct match classify_directory(const struct matcher_rules *rules, const char *name)
{
	if (strcmp(name, MATCHER_CACHE) == 0) {
		return (struct match){ VERDICT_REMOVE, NULL };
	}
	if (matcher_is_repository(name)) {
		return (struct match){ VERDICT_SKIP, matcher_version_control };
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

	if (type == ENTRY_DIRECTORY) {
		match = classify_directory(rules, name);
	} else if ((type == ENTRY_FILE || type == ENTRY_LINK) && matcher_stem(name) > 0) {
		match.verdict = VERDICT_REMOVE;
	}
	if (rules->debris && match.verdict != VERDICT_REMOVE && !match.reason &&
	    debris_find(DEBRIS_ANYWHERE, rules->debris, name, type)) {
		match.verdict = VERDICT_REMOVE_IF_MARKED;
	}
	return match;
}
