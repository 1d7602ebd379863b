#include "pyc.h"

#include <string.h>

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_letter(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z');
}

bool pyc_part_starts_with(struct pyc_part part, const char *prefix)
{
	size_t length = strlen(prefix);

	return part.length >= length && memcmp(part.start, prefix, length) == 0;
}

static bool part_is(struct pyc_part part, const char *text)
{
	return part.length == strlen(text) && pyc_part_starts_with(part, text);
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

/** Splits off ".opt-N"; N is alphanumeric (PEP 488). */
static void split_optimization(struct pyc_part *rest, struct pyc_part *optimization)
{
	struct pyc_part before = *rest;
	struct pyc_part last;

	if (split_last(&before, &last) && last.length > 4 && pyc_part_starts_with(last, "opt-")) {
		*rest = before;
		optimization->start = last.start + 4;
		optimization->length = last.length - 4;
	}
}

bool pyc_tag_is_interpreter(struct pyc_part tag)
{
	static const char *const implementations[] = {
		"cpython-", "graalpy", "ironpython-", "jython-", "pypy", "rustpython-",
	};

	for (size_t i = 0; i < sizeof(implementations) / sizeof(*implementations); i++) {
		size_t length = strlen(implementations[i]);

		if (tag.length > length && pyc_part_starts_with(tag, implementations[i]) &&
		    (pyc_is_digit(tag.start[length]) || tag.start[length] == '-')) {
			return true;
		}
	}
	return false;
}

/** Whether a part can begin a tag; any other part may still be inside a tag's version. */
static bool begins_tag(struct pyc_part part)
{
	return part.length > 0 && is_letter(part.start[0]) && !pyc_part_starts_with(part, "dev") &&
	       !pyc_part_starts_with(part, "post");
}

/** Whether the tag of a known implementation has a tool's '-' after its version. */
static bool has_tool(struct pyc_part tag)
{
	size_t at = 0;

	while (at < tag.length && !pyc_is_digit(tag.start[at])) {
		at++;
	}
	return memchr(tag.start + at, '-', tag.length - at);
}

/**
 * Splits off a tag. It is the last part if that is a known tag; otherwise it starts at a known tag
 * with a tool's suffix, whose version may contain dots
 * (`cpython-311-pytest-8.4.0.dev13+g1a2b3c.d20250101`); otherwise at the last part that can begin a
 * tag.
 */
static void split_tag(struct pyc_part *rest, struct pyc_part *tag)
{
	const char *end = rest->start + rest->length;
	const char *start = NULL;
	struct pyc_part before = *rest;
	struct pyc_part part;

	while (split_last(&before, &part)) {
		if (pyc_tag_is_interpreter(part) &&
		    (part.start + part.length == end || has_tool(part))) {
			start = part.start;
			break;
		}
		if (!start && begins_tag(part)) {
			start = part.start;
		}
	}
	if (start) {
		*tag = (struct pyc_part){ start, (size_t)(end - start) };
		rest->length = (size_t)(start - rest->start) - 1;
	}
}

bool pyc_split(const char *name, struct pyc_name *out)
{
	struct pyc_part rest = { .start = name };

	*out = (struct pyc_name){ .kind = matcher_kind(name, &rest.length) };
	if (out->kind == PYC_NONE) {
		return false;
	}
	out->legacy_stem = rest;
	if (out->kind != PYC_CLASS) {
		const char *last = strrchr(name, '.') + 1;

		if (pyc_is_digit(*last)) {
			out->temporary = (struct pyc_part){ last, strlen(last) };
		}
		split_optimization(&rest, &out->optimization);
		split_tag(&rest, &out->tag);
	}
	out->stem = rest;
	return true;
}

bool pyc_is_numba(const char *name)
{
	const char *suffix = strrchr(name, '.');
	const char *version = strstr(name, ".py");

	while (version && !pyc_is_digit(version[3])) {
		version = strstr(version + 1, ".py");
	}
	return version && version > name && pyc_is_digit(version[-1]) &&
	       (strcmp(suffix, ".nbi") == 0 || strcmp(suffix, ".nbc") == 0);
}

/** Whether a character can be in a tag; a tool's suffix may also have capitals and dots. */
static bool is_of_tag(char c, bool in_suffix)
{
	return pyc_is_digit(c) || is_lower(c) || c == '_' || c == '-' ||
	       (in_suffix && (is_letter(c) || c == '.'));
}

/** Whether a part is a decimal number without leading zeros. */
static bool is_number(struct pyc_part part)
{
	for (size_t i = 0; i < part.length; i++) {
		if (!pyc_is_digit(part.start[i])) {
			return false;
		}
	}
	return part.length > 0 && part.start[0] != '0';
}

/** Whether a tag can have this name and this version. */
static bool can_have_version(struct pyc_part name, struct pyc_part version)
{
	if (part_is(name, "cpython")) {
		version.length -= version.length > 0 && version.start[version.length - 1] == 't';
		return version.length > 1 && is_number(version);
	}
	if (part_is(name, "pypy")) {
		return is_number(version) && version.start[0] >= '2';
	}
	/* These are names of CPython elsewhere, but not in a tag. */
	return version.length > 0 && pyc_is_digit(version.start[0]) && !part_is(name, "python") &&
	       !part_is(name, "py") && !part_is(name, "cp");
}

/** @return The position of the first '-' at or after `from`, or the end of the part. */
static size_t find_dash(struct pyc_part part, size_t from)
{
	while (from < part.length && part.start[from] != '-') {
		from++;
	}
	return from;
}

bool pyc_is_tag(struct pyc_part text)
{
	bool is_pypy = pyc_part_starts_with(text, "pypy");
	/* PyPy has no '-' before its version, so its first '-' begins a tool's suffix. */
	size_t name = is_pypy ? 4 : find_dash(text, 0);
	size_t version = name + (!is_pypy && name < text.length);
	size_t end = find_dash(text, version);

	for (size_t i = 0; i < text.length; i++) {
		if (!is_of_tag(text.start[i], i >= end)) {
			return false;
		}
	}
	/* Its file names have no version. */
	if (part_is(text, "jython")) {
		return true;
	}
	return text.length > 0 && is_lower(text.start[0]) &&
	       can_have_version((struct pyc_part){ text.start, name },
				(struct pyc_part){ text.start + version, end - version });
}

struct pyc_part pyc_tag_in(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct pyc_name name;

	/* a.b.pyc has no tag: it is compiled from a.b.py, beside it. */
	if (!pyc_split(slash ? slash + 1 : path, &name) || !pyc_tag_is_interpreter(name.tag) ||
	    !pyc_is_tag(name.tag)) {
		return (struct pyc_part){ 0 };
	}
	return name.tag;
}

/** Whether an interpreter is "pypy" and one digit, which means all PyPys of that Python. */
static bool is_pypy_family(const char *interpreter)
{
	return strncmp(interpreter, "pypy", 4) == 0 && pyc_is_digit(interpreter[4]) &&
	       interpreter[5] == '\0';
}

/** @return The length of a tag without the 't' of the free-threaded build, which caches lack. */
static size_t length_without_t(const char *interpreter)
{
	size_t length = strlen(interpreter);

	return length > 1 && interpreter[length - 1] == 't' && pyc_is_digit(interpreter[length - 2])
		       ? length - 1
		       : length;
}

bool pyc_tag_belongs(struct pyc_part tag, const char *interpreter)
{
	size_t length = length_without_t(interpreter);

	if (tag.length < length || length == 0 || memcmp(tag.start, interpreter, length) != 0) {
		return false;
	}
	if (is_pypy_family(interpreter) && tag.length > length && pyc_is_digit(tag.start[length])) {
		return true;
	}
	length += tag.length > length && tag.start[length] == 't';
	return tag.length == length || tag.start[length] == '-';
}
