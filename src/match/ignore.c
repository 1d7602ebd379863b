#include "ignore.h"

#include <stdio.h>
#include <string.h>
#include <wctype.h>

/* ---- Globs ---------------------------------------------------------------------------------- */

/*
 * fnmatch(3) has no `**`, and libcs differ about a backslash in brackets. As in git, bytes are
 * compared, whatever the locale.
 */

/**
 * Reads a class in brackets, such as `[:alpha:]`.
 *
 * @param has Set if it has the byte.
 * @return Its end, which is `at` if there is none; or NULL if no class has its name.
 */
static const char *read_class(const char *at, unsigned char byte, bool *has)
{
	const char *end = strncmp(at, "[:", 2) == 0 ? strchr(at + 2, ']') : NULL;
	char name[sizeof("xdigit") + 1];

	if (!end || end < at + 3 || end[-1] != ':') {
		return at;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(end - at - 3), at + 2);
	*has = *has || (byte < 0x80 && iswctype(byte, wctype(name)));
	return wctype(name) ? end + 1 : NULL;
}

/** Reads a byte in brackets, and moves past it unless the text ends there. */
static unsigned char read_member(const char **at)
{
	*at += **at == '\\';
	return (unsigned char)(**at == '\0' ? '\0' : *(*at)++);
}

/**
 * Reads a set such as `[a-z]`, `[!a-z]` or `[^a-z]`.
 *
 * @param has Receives whether it has the byte.
 * @return Its end, or NULL if it is not closed or names an unknown class.
 */
static const char *read_set(const char *set, unsigned char byte, bool *has)
{
	bool negated = set[1] == '!' || set[1] == '^';
	const char *at = set + 1 + negated;
	bool found = false;

	do {
		const char *start = at;

		at = read_class(start, byte, &found);
		if (at == start) {
			unsigned char low = read_member(&at);
			unsigned char high = low;

			if (at[0] == '-' && at[1] != ']') {
				at++;
				high = read_member(&at);
			}
			found = found || byte == low || (low < byte && byte <= high);
			at = low != '\0' && high != '\0' ? at : NULL;
		}
	} while (at && *at != ']');
	*has = found != negated;
	return at ? at + 1 : NULL;
}

/** Compares a byte with one that is not a `*`, and moves on in the glob if they match. */
static bool take(const char **glob, unsigned char byte)
{
	const char *at = *glob;
	bool matches = byte != '/';

	if (*at == '?' && byte != '/') {
		at++;
	} else if (*at == '[' && byte != '/') {
		at = read_set(at, byte, &matches);
	} else {
		at += *at == '\\';
		matches = (unsigned char)*at++ == byte;
	}
	*glob = matches ? at : *glob;
	return matches;
}

/** Where to try again: the glob after a wildcard, and the text that the wildcard has not taken. */
struct retry {
	const char *glob;
	const char *text;
};

/**
 * Compares a glob with a name or a path. `*` takes any bytes but '/'; `**` as a component takes any
 * components, at the end of the glob at least one.
 *
 * After a mismatch the last `*` takes one more byte; if it cannot, the last `**` takes one more
 * component. No earlier one can help, so the time does not grow with the number of wildcards.
 */
static bool matches(const char *glob, const char *text)
{
	const char *start = glob;
	struct retry star = { 0 };
	struct retry stars = { 0 };

	while (*text != '\0') {
		size_t count = strspn(glob, "*");
		const char *after = glob + count;
		bool begins = glob == start || glob[-1] == '/';

		if (count > 1 && begins && *after == '\0') {
			return true;
		}
		if (count > 1 && begins && *after == '/') {
			glob = after + 1;
			stars = (struct retry){ glob, text };
			star.glob = NULL;
		} else if (count > 0) {
			glob = after;
			star = (struct retry){ glob, text };
		} else if (take(&glob, (unsigned char)*text)) {
			text++;
		} else if (star.glob && *star.text != '/') {
			glob = star.glob;
			text = ++star.text;
		} else if (stars.glob && (stars.text = strchr(stars.text, '/'))) {
			glob = stars.glob;
			text = ++stars.text;
			star.glob = NULL;
		} else {
			return false;
		}
	}
	return glob[strspn(glob, "*")] == '\0';
}

/* ---- Patterns ------------------------------------------------------------------------------- */

/** Finds out why no path has a component that matches. @param end The component's end. */
static const char *find_problem(const char *component, const char *end)
{
	size_t length = (size_t)(end - component);
	bool has;

	if (length == 0) {
		return "a pattern with '//' matches nothing:";
	}
	if (length <= 2 && strncmp(component, "..", length) == 0) {
		return "a pattern with a component '.' or '..' matches nothing:";
	}
	for (const char *at = component; at < end;) {
		if (at[0] == '\\' && at + 1 == end) {
			return "a backslash must precede a character ('\\\\' is a backslash):";
		}
		at = *at == '[' ? read_set(at, 'a', &has) : at + 1 + (*at == '\\');
		if (!at || at > end) {
			return "brackets must be closed, and a [:class:] known ('\\[' is a bracket):";
		}
	}
	return NULL;
}

const char *ignore_parse(struct ignore_pattern *pattern, char *text)
{
	size_t length = strlen(text);
	bool directories = length > 0 && text[length - 1] == '/';
	const char *problem = NULL;
	const char *end;

	text[length - directories] = '\0';
	*pattern = (struct ignore_pattern){ .glob = text,
					    .is_path = strchr(text, '/') != NULL,
					    .directories = directories };
	if (text[0] == '!') {
		return "patterns cannot be negated ('\\!' is an exclamation mark):";
	}
	while (strncmp(pattern->glob, "./", 2) == 0) {
		pattern->glob += 2;
	}
	pattern->glob += text[0] == '/';
	if (pattern->glob[strspn(pattern->glob, "/")] == '\0') {
		return "a pattern is empty:";
	}
	for (const char *at = pattern->glob; !problem && at; at = *end == '/' ? end + 1 : NULL) {
		end = at + strcspn(at, "/");
		problem = find_problem(at, end);
	}
	return problem;
}

/** Whether a pattern matches an absolute path. */
static bool matches_absolute(const struct ignore_pattern *pattern, const char *path)
{
	size_t length = strlen(pattern->directory);

	return strncmp(path, pattern->directory, length) == 0 && path[length] == '/' &&
	       matches(pattern->rest, path + length + 1);
}

bool ignore_matches(const struct ignore *ignore, const char *path, const char *name, bool directory)
{
	const char *below = path + (ignore->top ? strlen(ignore->top) + 1 : 0);
	bool any = false;

	for (size_t i = 0; i < ignore->count; i++) {
		struct ignore_pattern *pattern = &ignore->all[i];

		if ((directory || !pattern->directories) &&
		    (matches(pattern->glob, pattern->is_path ? below : name) ||
		     (pattern->directory && matches_absolute(pattern, path)))) {
			atomic_store_explicit(&pattern->used, true, memory_order_relaxed);
			any = true;
		}
	}
	return any;
}
