#include "matcher.h"

#include <fnmatch.h>
#include <string.h>

/** How a row's text is compared with a name. */
enum shape {
	/** The name is the text. */
	IS,
	/** The name is a stem of at least one byte and the text. */
	ENDS_IN,
	/** As ENDS_IN, and then a dot and decimal digits. */
	ENDS_IN_NUMBERED,
};

/** Sets of entry types. */
enum {
	DIRECTORY = 1 << ENTRY_DIRECTORY,
	FILE_OR_LINK = 1 << ENTRY_FILE | 1 << ENTRY_LINK,
	DIRECTORY_OR_LINK = 1 << ENTRY_DIRECTORY | 1 << ENTRY_LINK,
	UNKNOWN = 1 << ENTRY_UNKNOWN,
};

struct row {
	unsigned types;
	enum shape shape;
	const char *text;
	struct match match;
};

static const struct row bytecode[] = {
	{ DIRECTORY, IS, "__pycache__", { VERDICT_REMOVE, NULL } },
	{ FILE_OR_LINK, ENDS_IN, ".pyc", { VERDICT_REMOVE, NULL } },
	{ FILE_OR_LINK, ENDS_IN, ".pyo", { VERDICT_REMOVE, NULL } },
	{ FILE_OR_LINK, ENDS_IN_NUMBERED, ".pyc", { VERDICT_REMOVE, NULL } },
	{ FILE_OR_LINK, ENDS_IN, "$py.class", { VERDICT_REMOVE_WITH_SOURCE, NULL } },
};

static const struct row repositories[] = {
	{ DIRECTORY, IS, ".git", { VERDICT_SKIP, "version control" } },
	{ DIRECTORY, IS, ".hg", { VERDICT_SKIP, "version control" } },
	{ DIRECTORY, IS, ".svn", { VERDICT_SKIP, "version control" } },
	{ DIRECTORY, IS, ".bzr", { VERDICT_SKIP, "version control" } },
	{ DIRECTORY, IS, ".jj", { VERDICT_SKIP, "version control" } },
	{ DIRECTORY, IS, ".sl", { VERDICT_SKIP, "version control" } },
	{ DIRECTORY, IS, ".pijul", { VERDICT_SKIP, "version control" } },
	{ DIRECTORY, IS, "_darcs", { VERDICT_SKIP, "version control" } },
	{ DIRECTORY, IS, "CVS", { VERDICT_SKIP, "version control" } },
};

static const struct row environments[] = {
	{ DIRECTORY, IS, "node_modules", { VERDICT_SKIP_BY_DEFAULT, "dependencies" } },
	{ DIRECTORY, IS, ".tox", { VERDICT_SKIP_BY_DEFAULT, "test environments" } },
	{ DIRECTORY, IS, ".nox", { VERDICT_SKIP_BY_DEFAULT, "test environments" } },
	{ DIRECTORY, IS, ".direnv", { VERDICT_SKIP_BY_DEFAULT, "environment of direnv" } },
};

/** What an entry tells about the directory that holds it. */
struct mark_row {
	unsigned types;
	const char *name;
	unsigned mark;
};

/* For a repository an entry of unknown type counts: in doubt it is one. */
static const struct mark_row marks[] = {
	{ FILE_OR_LINK | UNKNOWN, "HEAD", MATCHER_HEAD },
	{ DIRECTORY_OR_LINK | UNKNOWN, "objects", MATCHER_OBJECTS },
	{ DIRECTORY_OR_LINK | UNKNOWN, "refs", MATCHER_REFS },
	{ FILE_OR_LINK, "pyvenv.cfg", MATCHER_ENVIRONMENT },
	{ DIRECTORY, "conda-meta", MATCHER_ENVIRONMENT },
	{ DIRECTORY, "bin", MATCHER_PROGRAMS },
	{ DIRECTORY, "Scripts", MATCHER_PROGRAMS },
	{ DIRECTORY, "lib", MATCHER_LIBRARY },
	{ DIRECTORY, "Lib", MATCHER_LIBRARY },
};

const struct match matcher_repository = { VERDICT_SKIP, "version control" };

const char *const matcher_repository_entries[] = { "HEAD", "objects", "refs", NULL };

/** @return The length of the name without ".DIGITS" at its end, or 0 where it has none. */
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

/** The rows of a table, and how many there are. */
#define ROWS(table) (table), sizeof(table) / sizeof((table)[0])

static const struct match *find(const struct row *rows, size_t count, const char *name,
				size_t length, enum entry_type type)
{
	for (const struct row *row = rows; row < rows + count; row++) {
		if ((row->types & 1U << type) && row_matches(row, name, length)) {
			return &row->match;
		}
	}
	return NULL;
}

static bool is_ignored(const struct matcher_rules *rules, const char *path, const char *name)
{
	for (size_t i = 0; i < rules->ignore_count; i++) {
		const char *pattern = rules->ignore[i];
		bool path_only = pattern[0] == '/';

		if (fnmatch(pattern + path_only, path, FNM_PATHNAME) == 0 ||
		    (!path_only && fnmatch(pattern, name, FNM_PATHNAME) == 0)) {
			return true;
		}
	}
	return false;
}

const char *matcher_repository_name(size_t index)
{
	return index < sizeof(repositories) / sizeof(repositories[0]) ? repositories[index].text
								      : NULL;
}

unsigned matcher_mark(const char *name, enum entry_type type)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
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

bool matcher_removes(enum verdict verdict)
{
	return verdict == VERDICT_REMOVE || verdict == VERDICT_REMOVE_WITH_SOURCE;
}

struct match matcher_classify(const struct matcher_rules *rules, const char *path, const char *name,
			      enum entry_type type)
{
	static const struct match ignored = { VERDICT_SKIP, "ignored" };
	static const struct match enter = { VERDICT_ENTER, NULL };
	static const struct match keep = { VERDICT_KEEP, NULL };
	const struct match *match = NULL;
	size_t length = strlen(name);

	if (type == ENTRY_DIRECTORY && is_ignored(rules, path, name)) {
		return ignored;
	}
	match = find(ROWS(bytecode), name, length, type);
	if (!match) {
		match = find(ROWS(repositories), name, length, type);
	}
	if (!match && !rules->all) {
		match = find(ROWS(environments), name, length, type);
	}
	if (match) {
		return *match;
	}
	return type == ENTRY_DIRECTORY ? enter : keep;
}
