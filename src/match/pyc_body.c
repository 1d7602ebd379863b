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

/** Bytes, and the objects that follow them. */
struct piece {
	unsigned char bytes;
	unsigned char objects;
};

/**
 * The code objects of each range of magic numbers: the numbers of arguments, locals, stack and
 * flags, then objects, the bytecode first; the number of the first line, then the tables of lines
 * and exceptions. Of pre-releases of 3.11 and PyPy 3.11 only the beginning is known.
 */
static const struct code {
	uint16_t first;
	uint16_t last;
	struct piece pieces[2];
} codes[] = {
	{ 3495, 3699, { { 5 * 4, 8 }, { 4, 2 } } },
	{ 3450, 3494, { { 5 * 4, 1 } } },
	{ 3402, 3439, { { 6 * 4, 8 }, { 4, 1 } } },
	{ 3000, 3401, { { 5 * 4, 8 }, { 4, 1 } } },
	{ 48, 240, { { 5 * 4, 8 }, { 4, 1 } } },
	{ 256, 384, { { 6 * 4, 8 }, { 4, 1 } } },
	{ 400, 432, { { 6 * 4, 1 } } },
	{ 20121, 20121, { { 4 * 2, 6 }, { 2, 1 } } },
	{ 50428, 50824, { { 4 * 2, 6 }, { 2, 1 } } },
	{ 60202, 60718, { { 4 * 2, 8 }, { 2, 1 } } },
	{ 62011, 62218, { { 4 * 4, 8 }, { 4, 1 } } },
};

/**
 * Types of objects (Python/marshal.c). A type is followed by a count of `size` bytes, and by so
 * many pieces; by one piece if `size` is 0.
 */
static const struct shape {
	const char *types;
	unsigned char size;
	struct piece piece;
} shapes[] = {
	{ "irR", 0, { 4, 0 } }, { "fzZ", 1, { 1, 0 } },   { "stuaA", 4, { 1, 0 } },
	{ ")", 1, { 0, 1 } },   { "NTFS.", 0, { 0, 0 } }, { "Ig", 0, { 8, 0 } },
	{ "y", 0, { 16, 0 } },  { "l", 4, { 2, 0 } },     { "([<>", 4, { 0, 1 } },
};

/** The rest of a body. */
struct body {
	const unsigned char *at;
	const unsigned char *end;
	const struct code *code;
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

/** Skips `count` pieces. */
static bool skip_pieces(struct body *body, struct piece piece, uint64_t count, unsigned depth)
{
	bool known = skip_bytes(body, count * piece.bytes);

	for (uint64_t objects = count * piece.objects; objects > 0 && known; objects--) {
		known = skip_object(body, depth + 1);
	}
	return known;
}

/** Skips an object after its type. */
static bool skip_shape(struct body *body, const struct shape *shape, unsigned depth)
{
	const unsigned char *number = body->at;
	uint64_t count = 1;

	if (!skip_bytes(body, shape->size)) {
		return false;
	}
	if (shape->size > 0) {
		/* The number of an int's digits has the int's sign. */
		count = shape->size == 1 ? *number : (uint64_t)llabs((int32_t)pyc_word_at(number));
	}
	return skip_pieces(body, shape->piece, count, depth);
}

static bool skip_object(struct body *body, unsigned depth)
{
	const unsigned char *at = body->at;
	int type;

	if (depth > MAX_DEPTH || !skip_bytes(body, 1)) {
		return false;
	}
	type = *at & ~FLAG_REF;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes) && type != '\0'; i++) {
		if (strchr(shapes[i].types, type)) {
			return skip_shape(body, &shapes[i], depth);
		}
	}
	return type == TYPE_CODE && skip_pieces(body, body->code->pieces[0], 1, depth) &&
	       skip_pieces(body, body->code->pieces[1], 1, depth);
}

static const struct code *find_code(uint16_t magic)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		if (magic >= codes[i].first && magic <= codes[i].last) {
			return &codes[i];
		}
	}
	return NULL;
}

static bool is_code(unsigned char type)
{
	return (type & ~FLAG_REF) == TYPE_CODE;
}

bool pyc_is_damaged(const struct pyc_header *header, const unsigned char *bytes, size_t size)
{
	static const unsigned char zeros[4096];
	struct body body = {
		.at = bytes + header->length,
		.end = bytes + size,
		.code = find_code(header->magic),
	};

	if (!body.code) {
		return false;
	}
	/* Valid files end in a few zeros. */
	if (size <= header->length || !is_code(*body.at) ||
	    (size >= header->length + sizeof(zeros) &&
	     memcmp(body.end - sizeof(zeros), zeros, sizeof(zeros)) == 0)) {
		return true;
	}
	skip_object(&body, 0);
	return body.cut;
}

/** Whether a body ends in a string or a reference to one. */
static bool ends_in_string(const unsigned char *bytes, size_t length)
{
	const unsigned char *at = bytes + length - STRING_START;

	/*
	 * The last reference of a file follows the table of lines, which does not end in a zero.
	 * Others often follow a reference, which does.
	 */
	if (*at == TYPE_REF && pyc_word_at(at + 1) < MAX_REFS && at[-1] != 0) {
		return true;
	}
	for (uint32_t rest = 0; at > bytes; at--, rest++) {
		if ((*at & ~FLAG_REF) == TYPE_STRING && pyc_word_at(at + 1) == rest) {
			return true;
		}
	}
	return false;
}

bool pyc_seems_whole(const struct pyc_header *header, const unsigned char *start,
		     const unsigned char *end, size_t length)
{
	return !find_code(header->magic) || (is_code(start[header->length]) &&
					     length > STRING_START && ends_in_string(end, length));
}
