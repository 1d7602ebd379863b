#include "match/pyc_header.h"

#include <string.h>

enum {
	TYPE_CODE = 'c',
	TYPE_STRING = 's',
	TYPE_REF = 'r',
	TYPE_INT = 'l',
	/** Set in the type of an object that is referred to later. */
	FLAG_REF = 0x80,
	/** The length of a string's type and length. */
	STRING_START = 5,
	/** A body that ends in this many zero bytes is damaged; valid ones end in a few. */
	ZEROS = 4096,
	/** More references than a real file has. */
	MAX_REFS = 1 << 16,
	/** How deep objects may be nested; CPython allows 2,000. */
	MAX_DEPTH = 100,
};

/** The rest of a body. */
struct body {
	const unsigned char *at;
	const unsigned char *end;
	const struct pyc_code *code;
	unsigned depth;
	/** It ends before an object does. */
	bool cut;
};

/**
 * Types of objects (Python/marshal.c). A type is followed by a number of `size` bytes, and by so
 * many pieces; by one piece if `size` is 0.
 */
static const struct shape {
	const char *types;
	unsigned char size;
	/** The bytes and the objects in each piece. */
	unsigned char bytes;
	unsigned char objects;
} shapes[] = {
	{ "NTFS.", 0, 0, 0 }, { "irR", 0, 4, 0 }, { "Ig", 0, 8, 0 },
	{ "y", 0, 16, 0 },    { "fzZ", 1, 1, 0 }, { "stuaA", 4, 1, 0 },
	{ "l", 4, 2, 0 },     { ")", 1, 0, 1 },   { "([<>", 4, 0, 1 },
};

static bool skip_objects(struct body *body, uint64_t count);

/** Like all of these, @return false if the body is cut, or nothing is known of the rest. */
static bool skip_bytes(struct body *body, uint64_t count)
{
	body->cut = count > (uint64_t)(body->end - body->at);
	body->at += body->cut ? 0 : count;
	return !body->cut;
}

/** Skips a code object after its type. */
static bool skip_code(struct body *body)
{
	const struct pyc_code *code = body->code;

	return skip_bytes(body, code->numbers - 1U) && skip_objects(body, code->objects) &&
	       skip_bytes(body, code->line) && skip_objects(body, code->tables);
}

/** Skips an object after its type. */
static bool skip_pieces(struct body *body, const struct shape *shape)
{
	const unsigned char *number = body->at;
	uint64_t count = 1;

	if (!skip_bytes(body, shape->size)) {
		return false;
	}
	if (shape->size > 0) {
		count = shape->size == 1 ? *number : pyc_word_at(number);
	}
	/* The number of an int's digits has the int's sign. */
	if (shape->types[0] == TYPE_INT && count > INT32_MAX) {
		count = (uint64_t)UINT32_MAX + 1 - count;
	}
	return skip_bytes(body, count * shape->bytes) && skip_objects(body, count * shape->objects);
}

static bool skip_object(struct body *body)
{
	const unsigned char *at = body->at;
	int type;

	if (!skip_bytes(body, 1)) {
		return false;
	}
	type = *at & ~FLAG_REF;
	if (type == TYPE_CODE) {
		return skip_code(body);
	}
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes) && type != '\0'; i++) {
		if (strchr(shapes[i].types, type)) {
			return skip_pieces(body, &shapes[i]);
		}
	}
	return false;
}

static bool skip_objects(struct body *body, uint64_t count)
{
	bool known = ++body->depth <= MAX_DEPTH;

	for (; count > 0 && known; count--) {
		known = skip_object(body);
	}
	body->depth--;
	return known;
}

/** Whether a body ends before its objects do. */
static bool is_cut(const struct pyc_code *code, const unsigned char *bytes, size_t length)
{
	struct body body = { .at = bytes, .end = bytes + length, .code = code };

	if (code->objects > 0) {
		skip_object(&body);
	}
	return body.cut;
}

/** Whether the last blocks of a body seem never to have been written. */
static bool ends_in_zeros(const unsigned char *bytes, size_t length)
{
	if (length < ZEROS) {
		return false;
	}
	/* The first byte is zero, and each byte equals the next. */
	bytes += length - ZEROS;
	return *bytes == 0 && memcmp(bytes, bytes + 1, ZEROS - 1) == 0;
}

bool pyc_is_damaged(const struct pyc_header *header, const unsigned char *bytes, size_t length,
		    uint64_t size)
{
	const unsigned char *body = bytes + header->length;
	size_t code;

	if (!header->code) {
		return false;
	}
	code = header->length + header->code->numbers;
	if (size < code + STRING_START || (*body & ~FLAG_REF) != TYPE_CODE ||
	    (length == size && ends_in_zeros(body, length - header->length))) {
		return true;
	}
	if (length < code + STRING_START || (bytes[code] & ~FLAG_REF) != TYPE_STRING) {
		return false;
	}
	return size - code - STRING_START < pyc_word_at(bytes + code + 1) ||
	       (length == size && is_cut(header->code, body, length - header->length));
}

bool pyc_ends_in_string(const unsigned char *bytes, size_t length)
{
	for (size_t rest = 0; rest + STRING_START <= length; rest++) {
		const unsigned char *at = bytes + length - STRING_START - rest;
		int type = *at & ~FLAG_REF;
		uint32_t number = pyc_word_at(at + 1);

		/*
		 * The last reference of a file follows the table of lines, which does not end in a
		 * zero. Others often follow a reference, which does.
		 */
		if ((type == TYPE_STRING && number == rest) ||
		    (type == TYPE_REF && rest == 0 && number < MAX_REFS && at > bytes &&
		     at[-1] != 0)) {
			return true;
		}
	}
	return false;
}
