/*
 * ignore_parse(), ignore_matches(): a pattern that is accepted matches what the plainest reading of
 * gitignore(5) says, in which each wildcard tries everything in turn; and it is marked as used
 * exactly when it matches.
 *
 * Input: a byte that says whether the entry is a directory, a pattern, a path.
 */

#include "fuzz.h"
#include "ignore.h"

#include <ctype.h>

enum {
	/** The plain reading takes time that grows with each star. */
	MAX_STARS = 6,
	MAX_PATH = 40,
};

/** Whether a byte is in the class that begins at `at`; moves to its last byte. */
static bool is_in_class(const char **at, int byte)
{
	static const struct {
		const char *text;
		int (*has)(int byte);
	} classes[] = {
		{ "[:alnum:]", isalnum }, { "[:alpha:]", isalpha }, { "[:blank:]", isblank },
		{ "[:cntrl:]", iscntrl }, { "[:digit:]", isdigit }, { "[:graph:]", isgraph },
		{ "[:lower:]", islower }, { "[:print:]", isprint }, { "[:punct:]", ispunct },
		{ "[:space:]", isspace }, { "[:upper:]", isupper }, { "[:xdigit:]", isxdigit },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		size_t length = strlen(classes[i].text);

		if (strncmp(*at, classes[i].text, length) == 0) {
			*at += length - 1;
			return byte < 0x80 && classes[i].has(byte);
		}
	}
	HOLDS(false);
	return false;
}

/** Whether a class begins here: "[:" up to a ']' that has a ':' before it. */
static bool begins_class(const char *at)
{
	const char *end = at[0] == '[' && at[1] == ':' ? strchr(at + 2, ']') : NULL;

	return end && end - at >= 3 && end[-1] == ':';
}

/** A set as git's wildmatch reads it: byte for byte, with the one before at hand. */
static bool set_has(const char **glob, int byte)
{
	const char *at = *glob + 1;
	bool negated = *at == '!' || *at == '^';
	bool found = false;
	int before = 0;

	at += negated;
	do {
		int member = (unsigned char)*at;

		if (member == '-' && before && at[1] != ']') {
			at += at[1] == '\\' ? 2 : 1;
			found |= byte >= before && byte <= (unsigned char)*at;
			member = 0;
		} else if (begins_class(at)) {
			found |= is_in_class(&at, byte);
			member = 0;
		} else {
			at += member == '\\';
			member = (unsigned char)*at;
			found |= byte == member;
		}
		HOLDS(*at != '\0');
		before = member;
	} while (*++at != ']');
	*glob = at;
	return found != negated;
}

/** Whether a glob matches; `begins` at the beginning of a component. */
static bool plainly_matches(const char *glob, const char *text, bool begins)
{
	size_t stars = strspn(glob, "*");

	if (begins && stars > 1 && (glob[stars] == '/' || glob[stars] == '\0')) {
		if (glob[stars] == '\0') {
			return *text != '\0';
		}
		for (const char *at = text; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
			if (plainly_matches(glob + stars + 1, at, true)) {
				return true;
			}
		}
		return false;
	}
	if (stars > 0) {
		return plainly_matches(glob + 1, text, false) ||
		       (*text != '\0' && *text != '/' && plainly_matches(glob, text + 1, false));
	}
	if (*text == '\0' || *glob == '\0') {
		return *text == *glob;
	}
	if (*glob == '[') {
		if (*text == '/' || !set_has(&glob, (unsigned char)*text)) {
			return false;
		}
	} else if (*glob == '?') {
		if (*text == '/') {
			return false;
		}
	} else {
		glob += *glob == '\\';
		if (*glob != *text) {
			return false;
		}
	}
	return plainly_matches(glob + 1, text + 1, *text == '/');
}

/** Whether a path could be that of an entry. */
static bool is_path(const char *path)
{
	return path[0] != '\0' && path[0] != '/' && path[strlen(path) - 1] != '/' &&
	       !strstr(path, "//") && strlen(path) < MAX_PATH;
}

static size_t count_stars(const char *glob)
{
	size_t count = 0;

	for (; *glob != '\0'; glob++) {
		count += *glob == '*';
	}
	return count;
}

static void check(struct ignore_pattern *pattern, const char *path, bool directory)
{
	const struct ignore ignore = { .all = pattern, .count = 1 };
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	bool matches = ignore_matches(&ignore, path, name, directory);

	HOLDS(pattern->used == matches);
	HOLDS(matches == ((directory || !pattern->directories) &&
			  plainly_matches(pattern->glob, pattern->is_path ? path : name, true)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool directory = size > 0 && (data[0] & 1);

	data += size > 0;
	size -= size > 0;

	char *text = take_string(&data, &size);
	char *path = take_string(&data, &size);
	struct ignore_pattern pattern;
	const char *problem = ignore_parse(&pattern, text);

	if (problem) {
		HOLDS(problem[0] != '\0');
	} else {
		HOLDS(pattern.glob[0] != '\0' && pattern.glob[strlen(pattern.glob) - 1] != '/');
		if (is_path(path) && count_stars(pattern.glob) <= MAX_STARS) {
			check(&pattern, path, directory);
		}
	}
	free(path);
	free(text);
	return 0;
}
