#include "match/pyc_file.h"

#include <fnmatch.h>
#include <string.h>

#define DIGITS "0123456789"
#define NAME   DIGITS "_abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool starts_with(struct pyc_part part, const char *prefix)
{
	size_t length = strlen(prefix);

	return part.length >= length && memcmp(part.start, prefix, length) == 0;
}

/**
 * Splits off the part after the last dot.
 *
 * @return false, and no change, if nothing would be left before the dot.
 */
static bool split_last(struct pyc_part *rest, struct pyc_part *last)
{
	for (size_t at = rest->length; at-- > 1;) {
		if (rest->start[at] == '.') {
			last->start = rest->start + at + 1;
			last->length = rest->length - at - 1;
			rest->length = at;
			return true;
		}
	}
	return false;
}

bool pyc_tag_is_interpreter(struct pyc_part tag)
{
	static const char *const implementations[] = {
		"cpython-", "graalpy", "ironpython-", "jython-", "pypy", "rustpython-",
	};

	for (size_t i = 0; i < sizeof(implementations) / sizeof(*implementations); i++) {
		size_t length = strlen(implementations[i]);

		if (tag.length > length && starts_with(tag, implementations[i]) &&
		    (is_digit(tag.start[length]) || tag.start[length] == '-')) {
			return true;
		}
	}
	return false;
}

bool pyc_tag_is_foreign(struct pyc_part tag)
{
	return tag.length > 0 && !starts_with(tag, "cpython-") && !starts_with(tag, "pypy") &&
	       !starts_with(tag, "graalpy");
}

/** @return The end of the interpreter's tag at the beginning of a text, or NULL without one. */
static const char *find_tag_end(const char *text)
{
	const char *dash = text + strspn(text, NAME);
	const char *version = dash + 1;
	size_t digits;

	if (strncmp(text, "pypy", 4) == 0) {
		digits = text[4] >= '2' ? strspn(text + 4, DIGITS) : 0;
		return digits > 0 ? text + 4 + digits : NULL;
	}
	if (*text < 'a' || *text > 'z' || *dash != '-' || !is_digit(*version)) {
		/* The names of Jython's files have no version. */
		return strcmp(text, "jython") == 0 ? text + strlen(text) : NULL;
	}
	if (strncmp(text, "cpython-", 8) == 0) {
		digits = strspn(version, DIGITS);
		return digits > 1 && *version != '0' ? version + digits + (version[digits] == 't')
						     : NULL;
	}
	/* These are names of CPython elsewhere, but not in a tag. */
	if (strncmp(text, "cp-", 3) == 0 || strncmp(text, "py-", 3) == 0 ||
	    strncmp(text, "python-", 7) == 0) {
		return NULL;
	}
	return version + strspn(version, NAME);
}

/** Whether a text begins with a tag and a tool's suffix. */
static bool has_tool(const char *text)
{
	const char *end = find_tag_end(text);

	return end && *end == '-';
}

/**
 * Splits off a tag: the last part if it is that of a known implementation. Otherwise a tag begins
 * at the last part with a tool's suffix, whose version may contain dots
 * (`cpython-311-pytest-8.4.0.dev13+g1a2b3c.d20250101`), or without one at the last part that does
 * not begin with a digit.
 */
static void split_tag(struct pyc_part *rest, struct pyc_part *tag)
{
	const char *end = rest->start + rest->length;
	struct pyc_part before = *rest;
	struct pyc_part part;
	bool known = false;

	while (!known && split_last(&before, &part)) {
		bool is_last = part.start + part.length == end;

		known = (is_last && pyc_tag_is_interpreter(part)) || has_tool(part.start);
		if (known || (tag->length == 0 && part.length > 0 && !is_digit(*part.start))) {
			*tag = (struct pyc_part){ part.start, (size_t)(end - part.start) };
			*rest = before;
		}
	}
}

bool pyc_split(const char *name, struct pyc_name *out)
{
	struct pyc_part rest = { name, matcher_stem(name) };
	struct pyc_part last;

	*out = (struct pyc_name){ .stem = rest, .legacy_stem = rest };
	if (rest.length == 0) {
		return false;
	}
	out->is_class = name[rest.length] == '$';
	if (out->is_class) {
		return true;
	}
	out->temporary = is_digit(strrchr(name, '.')[1]);
	/* PEP 488. */
	if (split_last(&rest, &last) && starts_with(last, "opt-")) {
		out->stem = rest;
	}
	split_tag(&out->stem, &out->tag);
	return true;
}

bool pyc_is_numba(const char *name)
{
	return fnmatch("*[0-9].py[0-9]*.nb[ic]", name, 0) == 0;
}

bool pyc_is_tag(struct pyc_part text)
{
	const char *end = text.length > 0 ? find_tag_end(text.start) : NULL;
	size_t suffix = end ? text.length - (size_t)(end - text.start) : 0;

	return end && (suffix == 0 || (*end == '-' && strspn(end, NAME UPPER "-.") >= suffix));
}

struct pyc_part pyc_tag_in(const char *name)
{
	struct pyc_name parts;
	/* a.b.pyc has no tag: it is compiled from a.b.py, beside it. */
	bool tagged = pyc_split(name, &parts) && pyc_tag_is_interpreter(parts.tag) &&
		      pyc_is_tag(parts.tag);

	return tagged ? parts.tag : (struct pyc_part){ 0 };
}

bool pyc_tag_belongs(struct pyc_part tag, const char *interpreter)
{
	size_t length = strlen(interpreter);

	/* The caches of the free-threaded build lack its 't'. */
	if (length > 1 && interpreter[length - 1] == 't' && is_digit(interpreter[length - 2])) {
		length--;
	}
	if (tag.length < length || length == 0 || memcmp(tag.start, interpreter, length) != 0) {
		return false;
	}
	/* "pypy" and one digit means all PyPys of that Python. */
	if (length == 5 && strncmp(interpreter, "pypy", 4) == 0) {
		length += strspn(tag.start + length, DIGITS);
	}
	if (tag.length > length && tag.start[length] == 't') {
		length++;
	}
	return tag.length == length || tag.start[length] == '-';
}
