#include "match/pyc_header.h"

#include <stdlib.h>
#include <string.h>

enum {
	TYPE_CODE = 'c',
	TYPE_STRING = 's',
	TYPE_REF = 'r',
	/** Set in the type of an object that is referred to later. */
	FLAG_REF = 0x80,
	/** The length of a string's type and length, and of a reference. */
	STRING_START = 5,
	/** More references than a real file has. */
	MAX_REFS = 1 << 16,
	/** How deep objects may be nested; CPython allows 2,000. */
	MAX_DEPTH = 100,
};

/** What follows the types of objects (Python/marshal.c), as in pyc_header's `code`. */
static const struct {
	const char *types;
	const char *pieces;
} objects[] = {
	{ "irR", "4" }, { "fzZ", "B1" }, { "stuaA", "W1" }, { ")", "Bo" },    { "NTFS.", "" },
	{ "Ig", "8" },  { "y", "88" },   { "l", "W2" },     { "([<>", "Wo" },
};

/** The rest of a body. */
struct body {
	const unsigned char *at;
	const unsigned char *end;
	const char *code;
	/** It ends before an object does. */
	bool cut;
};

static bool skip_object(struct body *body, unsigned depth);

/** Like all of these, @return false if the body is cut, or nothing is known of the rest. */
static bool skip_bytes(struct body *body, uint64_t count)
{
	body->cut = count > (uint64_t)(body->end - body->at);
	body->at += body->cut ? 0 : count;
	return !body->cut;
}

static bool skip_pieces(struct body *body, const char *pieces, unsigned depth)
{
	uint64_t count = 1;
	bool known = true;

	for (; *pieces && known; pieces++) {
		const unsigned char *number = body->at;

		switch (*pieces) {
		case 'B':
			known = skip_bytes(body, 1);
			count = known ? *number : 0;
			break;
		case 'W':
			known = skip_bytes(body, 4);
			/* The number of an int's digits has the int's sign. */
			count = known ? (uint64_t)llabs((int32_t)pyc_word_at(number)) : 0;
			break;
		case 'o':
			for (uint64_t i = 0; i < count && known; i++) {
				known = skip_object(body, depth + 1);
			}
			break;
		default:
			known = skip_bytes(body, count * (uint64_t)(*pieces - '0'));
		}
	}
	return known;
}

static bool skip_object(struct body *body, unsigned depth)
{
	const unsigned char *at = body->at;
	int type;

	if (depth > MAX_DEPTH || !skip_bytes(body, 1)) {
		return false;
	}
	type = *at & ~FLAG_REF;
	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects) && type != '\0'; i++) {
		if (strchr(objects[i].types, type)) {
			return skip_pieces(body, objects[i].pieces, depth);
		}
	}
	return type == TYPE_CODE && skip_pieces(body, body->code, depth);
}

bool pyc_is_damaged(const struct pyc_header *header, const unsigned char *bytes, size_t size)
{
	static const unsigned char zeros[4096];
	struct body body = {
		.at = bytes + header->length,
		.end = bytes + size,
		.code = header->code,
	};

	if (!header->code) {
		return false;
	}
	/* Valid files end in a few zeros. */
	if (size <= header->length || (*body.at & ~FLAG_REF) != TYPE_CODE ||
	    (size >= header->length + sizeof(zeros) &&
	     memcmp(body.end - sizeof(zeros), zeros, sizeof(zeros)) == 0)) {
		return true;
	}
	skip_object(&body, 0);
	return body.cut;
}

/** Whether a file begins with a code object, and the bytecode in it is no longer than the file. */
static bool begins_whole(const struct pyc_header *header, uint64_t size, const unsigned char *start)
{
	size_t at = header->length + 1;

	for (const char *number = header->code; *number != 'o'; number++) {
		at += (size_t)(*number - '0');
	}
	return size >= at + STRING_START && (start[header->length] & ~FLAG_REF) == TYPE_CODE &&
	       size - at - STRING_START >= pyc_word_at(start + at + 1);
}

bool pyc_seems_whole(const struct pyc_header *header, uint64_t size, const unsigned char *start,
		     const unsigned char *end, size_t length)
{
	const unsigned char *at = end + length;

	if (!header->code || length <= STRING_START || !begins_whole(header, size, start)) {
		return !header->code;
	}
	at -= STRING_START;
	/*
	 * The last reference of a file follows the table of lines, which does not end in a zero.
	 * Others often follow a reference, which does.
	 */
	if (*at == TYPE_REF && pyc_word_at(at + 1) < MAX_REFS && at[-1] != 0) {
		return true;
	}
	for (uint32_t rest = 0; at > end; at--, rest++) {
		if ((*at & ~FLAG_REF) == TYPE_STRING && pyc_word_at(at + 1) == rest) {
			return true;
		}
	}
	return false;
}
