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

static bool starts_with(struct bytecode_part part, const char *prefix)
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

static bool is_extension(struct bytecode_part part)
{
	return part.length == 3 && (starts_with(part, "pyc") || starts_with(part, "pyo"));
}

static bool is_number(struct bytecode_part part)
{
	for (size_t i = 0; i < part.length; i++) {
		if (!is_digit(part.start[i])) {
			return false;
		}
	}
	return part.length > 0;
}

/** Splits ".opt-N" off; PEP 488 has N alphanumeric. */
static void split_optimization(struct bytecode_part *rest, struct bytecode_part *optimization)
{
	struct bytecode_part before = *rest;
	struct bytecode_part last;

	if (split_last(&before, &last) && last.length > 4 && starts_with(last, "opt-")) {
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
		bool in_version = starts_with(last, "dev") || starts_with(last, "post");

		if (last.length > 0 && is_letter(last.start[0]) && !in_version) {
			tag->start = last.start;
			tag->length = (size_t)(end - last.start);
			*rest = before;
			return;
		}
	}
}

/** Splits ".pyc", ".pyo", ".pyc.DIGITS" or "$py.class" off. @return Whether it was there. */
static bool split_suffix(struct bytecode_part *rest, struct bytecode_name *out)
{
	static const char jython[] = "$py.class";
	size_t length = sizeof(jython) - 1;
	struct bytecode_part last;

	if (rest->length > length &&
	    memcmp(rest->start + rest->length - length, jython, length) == 0) {
		out->kind = BYTECODE_CLASS;
		rest->length -= length;
		return true;
	}
	if (!split_last(rest, &last)) {
		return false;
	}
	if (is_number(last)) {
		out->temporary = last;
		if (!split_last(rest, &last) || !starts_with(last, "pyc")) {
			return false;
		}
	}
	out->kind = starts_with(last, "pyo") ? BYTECODE_PYO : BYTECODE_PYC;
	return is_extension(last);
}

bool bytecode_split(const char *name, struct bytecode_name *out)
{
	struct bytecode_part rest = { name, strlen(name) };

	*out = (struct bytecode_name){ 0 };
	if (!split_suffix(&rest, out)) {
		return false;
	}
	out->legacy_stem = rest;
	if (out->kind != BYTECODE_CLASS) {
		split_optimization(&rest, &out->optimization);
		split_tag(&rest, &out->tag);
	}
	out->stem = rest;
	return true;
}

bool bytecode_tag_belongs(struct bytecode_part tag, const char *interpreter)
{
	size_t length = strlen(interpreter);

	return tag.length > 0 && starts_with(tag, interpreter) &&
	       (tag.length == length || tag.start[length] == '-');
}
