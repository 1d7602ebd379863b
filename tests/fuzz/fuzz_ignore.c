/*
 * ignore_parse(), ignore_matches(): a pattern that is accepted matches what the plainest reading of
 * gitignore(5) says, in which each `**` tries everything in turn; and it is marked as used exactly
 * when it matches. One component is compared by fnmatch(3) here as well.
 *
 * Input: a byte that says whether the entry is a directory, a pattern, a path.
 */

#include "fuzz.h"
#include "ignore.h"

#include <fnmatch.h>

enum {
	/** The plain reading takes time that grows with each `**`. */
	MAX_COMPONENTS = 8,
	MAX_PATH = 40,
};

/** Splits a text at each '/'. @return The number of components, or MAX_COMPONENTS + 1. */
static size_t split(char *text, const char *out[MAX_COMPONENTS + 1])
{
	size_t count = 0;

	for (const char *component; (component = strsep(&text, "/")) && count <= MAX_COMPONENTS;) {
		out[count++] = component;
	}
	return count;
}

/** Whether components match those of a path; both end in NULL. */
static bool plainly_matches(const char *const *glob, const char *const *path)
{
	if (!*glob || !*path) {
		return *glob == *path;
	}
	if (strcmp(*glob, "**") == 0) {
		return plainly_matches(glob, path + 1) ||
		       (glob[1] ? plainly_matches(glob + 1, path) : !path[1]);
	}
	return fnmatch(*glob, *path, 0) == 0 && plainly_matches(glob + 1, path + 1);
}

/** Whether a path could be that of an entry. */
static bool is_path(const char *path)
{
	return path[0] != '\0' && path[0] != '/' && path[strlen(path) - 1] != '/' &&
	       !strstr(path, "//") && strlen(path) < MAX_PATH;
}

static void check(struct ignore_pattern *pattern, const char *const *glob, const char *path,
		  bool directory)
{
	const struct ignore ignore = { .all = pattern, .count = 1 };
	const char *components[MAX_COMPONENTS + 2] = { NULL };
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *copy = strdup(pattern->is_path ? path : name);
	bool matches = ignore_matches(&ignore, path, name, directory);

	HOLDS(copy && pattern->used == matches);
	if (split(copy, components) <= MAX_COMPONENTS) {
		HOLDS(matches ==
		      ((directory || !pattern->directories) && plainly_matches(glob, components)));
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool directory = size > 0 && (data[0] & 1);

	data += size > 0;
	size -= size > 0;

	char *text = take_string(&data, &size);
	char *path = take_string(&data, &size);
	char *end = strchr(text, '\0');
	const char *glob[MAX_COMPONENTS + 2] = { NULL };
	size_t count = 0;
	struct ignore_pattern pattern;
	const char *problem = ignore_parse(&pattern, text);

	if (problem) {
		HOLDS(problem[0] != '\0');
	} else {
		HOLDS(pattern.end == end + !pattern.directories);
		for (const char *at = pattern.glob; at < pattern.end && count <= MAX_COMPONENTS;
		     at += strlen(at) + 1) {
			HOLDS(at[0] != '\0' && !strchr(at, '/'));
			glob[count++] = at;
		}
		if (is_path(path) && count <= MAX_COMPONENTS) {
			check(&pattern, glob, path, directory);
		}
	}
	free(path);
	free(text);
	return 0;
}
