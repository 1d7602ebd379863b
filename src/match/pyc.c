#include "pyc.h"

#include <string.h>

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool pyc_part_starts_with(struct pyc_part part, const char *prefix)
{
	size_t length = strlen(prefix);

	return part.length >= length && memcmp(part.start, prefix, length) == 0;
}

bool pyc_part_is(struct pyc_part part, const char *text)
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

/** Splits off the last accepted part and all after it. @return false, and no change, if none is. */
static bool split_from(struct pyc_part *rest, struct pyc_part *tag, bool (*accept)(struct pyc_part))
{
	struct pyc_part before = *rest;
	struct pyc_part last;

	while (split_last(&before, &last)) {
		if (accept(last)) {
			*tag = (struct pyc_part){ last.start, rest->length - before.length - 1 };
			*rest = before;
			return true;
		}
	}
	return false;
}

/** Whether a part begins with the tag of a known implementation and a tool's '-'. */
static bool begins_tool_tag(struct pyc_part part)
{
	size_t at = 0;

	if (!pyc_tag_is_interpreter(part)) {
		return false;
	}
	while (at < part.length && !pyc_is_digit(part.start[at])) {
		at++;
	}
	return at < part.length && memchr(part.start + at, '-', part.length - at);
}

/**
 * Splits off a tag. It is the last part if that is a known tag; otherwise it starts at a known tag
 * with a tool's suffix, whose version may contain dots
 * (`cpython-311-pytest-8.4.0.dev13+g1a2b3c.d20250101`); otherwise at the last part that can begin a
 * tag.
 */
static void split_tag(struct pyc_part *rest, struct pyc_part *tag)
{
	struct pyc_part before = *rest;

	if (split_last(&before, tag) && pyc_tag_is_interpreter(*tag)) {
		*rest = before;
		return;
	}
	*tag = (struct pyc_part){ 0 };
	if (!split_from(rest, tag, begins_tool_tag)) {
		split_from(rest, tag, begins_tag);
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
