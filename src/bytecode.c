#include "bytecode.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool bytecode_part_starts_with(struct bytecode_part part, const char *prefix)
{
	size_t length = strlen(prefix);

	return part.length >= length && memcmp(part.start, prefix, length) == 0;
}

/**
 * Splits off what follows the last dot.
 *
 * @return false, and no change, where that would leave nothing before the dot.
 */
static bool split_last(struct bytecode_part *rest, struct bytecode_part *last)
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

/** Splits ".opt-N" off; PEP 488 has N alphanumeric. */
static void split_optimization(struct bytecode_part *rest, struct bytecode_part *optimization)
{
	struct bytecode_part before = *rest;
	struct bytecode_part last;

	if (split_last(&before, &last) && last.length > 4 &&
	    bytecode_part_starts_with(last, "opt-")) {
		*rest = before;
		optimization->start = last.start + 4;
		optimization->length = last.length - 4;
	}
}

/**
 * Splits a tag off: what follows the last dot, and more where that cannot begin a tag, since
 * it is a part of a version behind one (`cpython-311-pytest-8.4.2`, `…-9.0.0.dev7`).
 */
static void split_tag(struct bytecode_part *rest, struct bytecode_part *tag)
{
	struct bytecode_part before = *rest;
	struct bytecode_part last;
	const char *end = rest->start + rest->length;

	while (split_last(&before, &last)) {
		bool in_version = bytecode_part_starts_with(last, "dev") ||
				  bytecode_part_starts_with(last, "post");

		if (last.length > 0 && is_letter(last.start[0]) && !in_version) {
			tag->start = last.start;
			tag->length = (size_t)(end - last.start);
			*rest = before;
			return;
		}
	}
}

bool bytecode_split(const char *name, struct bytecode_name *out)
{
	struct bytecode_part rest = { .start = name };

	*out = (struct bytecode_name){ .kind = matcher_kind(name, &rest.length) };
	if (out->kind == BYTECODE_NONE) {
		return false;
	}
	out->legacy_stem = rest;
	if (out->kind != BYTECODE_CLASS) {
		const char *last = strrchr(name, '.') + 1;

		if (is_digit(*last)) {
			out->temporary = (struct bytecode_part){ last, strlen(last) };
		}
		split_optimization(&rest, &out->optimization);
		split_tag(&rest, &out->tag);
	}
	out->stem = rest;
	return true;
}

/** Whether an interpreter is "pypy" and one digit: people's name for all PyPys of that Python. */
static bool is_pypy_family(const char *interpreter)
{
	return strncmp(interpreter, "pypy", 4) == 0 && is_digit(interpreter[4]) &&
	       interpreter[5] == '\0';
}

/** @return How long a tag is without the 't' of the free-threaded build, which has no own caches. */
static size_t length_without_t(const char *interpreter)
{
	size_t length = strlen(interpreter);

	return length > 1 && interpreter[length - 1] == 't' && is_digit(interpreter[length - 2])
		       ? length - 1
		       : length;
}

bool bytecode_tag_belongs(struct bytecode_part tag, const char *interpreter)
{
	size_t length = length_without_t(interpreter);

	if (tag.length < length || length == 0 || memcmp(tag.start, interpreter, length) != 0) {
		return false;
	}
	if (is_pypy_family(interpreter) && tag.length > length && is_digit(tag.start[length])) {
		return true;
	}
	length += tag.length > length && tag.start[length] == 't';
	return tag.length == length || tag.start[length] == '-';
}

bool bytecode_tag_is_interpreter(struct bytecode_part tag)
{
	static const char *const implementations[] = {
		"cpython-", "graalpy", "ironpython-", "jython-", "pypy", "rustpython-",
	};

	for (size_t i = 0; i < sizeof(implementations) / sizeof(*implementations); i++) {
		size_t length = strlen(implementations[i]);

		if (tag.length > length && bytecode_part_starts_with(tag, implementations[i]) &&
		    (is_digit(tag.start[length]) || tag.start[length] == '-')) {
			return true;
		}
	}
	return false;
}
