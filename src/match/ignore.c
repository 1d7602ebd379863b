#include "ignore.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

/** @return The component after the first one of a path, or NULL after the last. */
static const char *next_component(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash ? slash + 1 : NULL;
}

/**
 * Compares a pattern's components, each ended by a NUL, with those of a path. fnmatch(3) has no
 * `**`, which as a component takes any number of components, at the end of the glob at least one.
 *
 * After a mismatch the last `**` takes one more component. No earlier one can help, so the time
 * does not grow with their number.
 */
static bool matches(const char *glob, const char *end, const char *path)
{
	const char *after_stars = NULL;
	const char *untaken = NULL;

	while (path) {
		const char *next = glob < end ? glob + strlen(glob) + 1 : NULL;

		if (next && strcmp(glob, "**") == 0) {
			if (next == end) {
				return true;
			}
			glob = next;
			after_stars = next;
			untaken = path;
		} else if (next && fnmatch(glob, path, FNM_PATHNAME | FNM_LEADING_DIR) == 0) {
			/* Without a slash, the glob matches no more than one component. */
			glob = next;
			path = next_component(path);
		} else if (after_stars) {
			glob = after_stars;
			untaken = next_component(untaken);
			path = untaken;
		} else {
			return false;
		}
	}
	return glob == end;
}

/** Whether a set of characters has a [:class:] that fnmatch(3) does not know, and so is empty. */
static bool has_unknown_class(const char *set, const char *end)
{
	const char *class = strstr(set, "[:");
	char name[16];

	if (!class || class + 2 >= end || end[-1] != ':') {
		return false;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(end - 1 - (class + 2)), class + 2);
	return wctype(name) == 0;
}

/** Finds out why no path has a component that matches, on any system. */
static const char *find_problem(const char *component)
{
	if (component[0] == '\0') {
		return "a pattern with '//' matches nothing:";
	}
	if (strcmp(component, ".") == 0 || strcmp(component, "..") == 0) {
		return "a pattern with a component '.' or '..' matches nothing:";
	}
	for (const char *at = component; (at = strpbrk(at, "\\[")); at++) {
		const char *start = at++;

		if (*start == '\\') {
			if (*at == '\0') {
				return "a backslash must precede a character "
				       "('\\\\' is a backslash):";
			}
			continue;
		}
		at += *at == '!' || *at == '^';
		at = strpbrk(at + (*at == ']'), "\\]");
		/* C libraries differ about a backslash there. */
		if (!at || *at == '\\') {
			return "brackets must be closed, without a backslash ('\\[' is a bracket):";
		}
		if (has_unknown_class(start, at)) {
			return "brackets must have a known class, such as '[[:digit:]]':";
		}
	}
	return NULL;
}

const char *ignore_parse(struct ignore_pattern *pattern, char *text)
{
	size_t length = strlen(text);
	bool directories = length > 0 && text[length - 1] == '/';
	const char *problem = NULL;
	char *rest;

	length -= directories;
	text[length] = '\0';
	*pattern = (struct ignore_pattern){ .end = text + length + 1,
					    .is_path = strchr(text, '/') != NULL,
					    .directories = directories };
	if (text[0] == '!') {
		return "patterns cannot be negated ('\\!' is an exclamation mark):";
	}
	/* As in `-i=build`, which would not keep `build`. */
	if (text[0] == '=') {
		return "patterns cannot begin with '=' ('\\=' is an equals sign):";
	}
	rest = text;
	while (strncmp(rest, "./", 2) == 0) {
		rest += 2;
	}
	rest += text[0] == '/';
	pattern->glob = rest;
	if (rest[strspn(rest, "/")] == '\0') {
		return "a pattern is empty:";
	}
	for (char *component; !problem && (component = strsep(&rest, "/"));) {
		problem = find_problem(component);
	}
	return problem;
}

/** Whether a pattern matches an absolute path. */
static bool matches_absolute(const struct ignore_pattern *pattern, const char *path)
{
	size_t length = strlen(pattern->directory);

	return strncmp(path, pattern->directory, length) == 0 && path[length] == '/' &&
	       matches(pattern->rest, pattern->end, path + length + 1);
}

bool ignore_matches(const struct ignore *ignore, const char *path, const char *name, bool directory)
{
	const char *below = path + (ignore->top ? strlen(ignore->top) + 1 : 0);
	bool any = false;

	for (size_t i = 0; i < ignore->count; i++) {
		struct ignore_pattern *pattern = &ignore->all[i];

		if ((directory || !pattern->directories) &&
		    (matches(pattern->glob, pattern->end, pattern->is_path ? below : name) ||
		     (pattern->directory && matches_absolute(pattern, path)))) {
			atomic_store_explicit(&pattern->used, true, memory_order_relaxed);
			any = true;
		}
	}
	return any;
}
