#include "match/pyc_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** The lengths of headers: with a time; a time and a size; flags, and these or a hash. */
	TIME = 8,
	SIZE = 12,
	FLAGS = 16,
	/** PEP 552's flags. */
	FLAG_HASH = 1,
	FLAG_CHECKED = 2,
	/** The last number with a known format, that of 3.15. */
	NEWEST_MAGIC = 3699,
	/** How many bytes of a source to read at once. */
	CHUNK = 16 * 1024,
};

/**
 * The layout of a file: the length of its header, and its code objects as in pyc_header. Of
 * pre-releases of 3.11 and of PyPy 3.11 only the beginning of these is known.
 */
static const struct format {
	size_t length;
	const char *code;
} python_15 = { TIME, "2222oooooo2o" }, python_21 = { TIME, "2222oooooooo2o" },
  python_23 = { TIME, "4444oooooooo4o" }, python_30 = { TIME, "44444oooooooo4o" },
  python_33 = { SIZE, "44444oooooooo4o" }, python_37 = { FLAGS, "44444oooooooo4o" },
  python_38 = { FLAGS, "444444oooooooo4o" }, python_311 = { FLAGS, "44444oooooooo4oo" },
  alpha_311 = { FLAGS, "44444o" }, pypy_311 = { FLAGS, "444444o" };

/**
 * Magic numbers of one version, pre-releases included.
 *
 * CPython's are listed in Lib/importlib/_bootstrap_external.py. From 1.6 to 2.7, `python -U` wrote
 * the listed number plus one. PyPy's are pypy_incremental_magic in pypy/interpreter/pycode.py of
 * each release, a multiple of 16; PyPy 2.7's is CPython 2.7's plus 7. Up to PyPy 7.2 the tag in a
 * name was PyPy's own version (`pypy3-71`).
 */
static const struct magic_range {
	uint16_t first;
	uint16_t last;
	const struct format *format;
	const char *tag;
} magic_ranges[] = {
	{ 3495, 3499, &python_311, "cpython-311" }, { 3500, 3549, &python_311, "cpython-312" },
	{ 3550, 3599, &python_311, "cpython-313" }, { 3600, 3649, &python_311, "cpython-314" },
	{ 3650, 3699, &python_311, "cpython-315" }, { 3450, 3494, &alpha_311, "cpython-311" },
	{ 3430, 3439, &python_38, "cpython-310" },  { 3420, 3425, &python_38, "cpython-39" },
	{ 3402, 3413, &python_38, "cpython-38" },   { 3400, 3401, &python_37, "cpython-38" },
	{ 3392, 3394, &python_37, "cpython-37" },   { 3390, 3391, &python_33, "cpython-37" },
	{ 3360, 3379, &python_33, "cpython-36" },   { 3320, 3351, &python_33, "cpython-35" },
	{ 3250, 3310, &python_33, "cpython-34" },   { 3210, 3230, &python_33, "cpython-33" },
	{ 3190, 3200, &python_30, "cpython-33" },   { 3160, 3180, &python_30, "cpython-32" },
	{ 3141, 3151, &python_30, "cpython-31" },   { 3000, 3131, &python_30, "cpython-30" },
	{ 62171, 62212, &python_23, "cpython-27" }, { 62151, 62162, &python_23, "cpython-26" },
	{ 62071, 62132, &python_23, "cpython-25" }, { 62041, 62062, &python_23, "cpython-24" },
	{ 62011, 62022, &python_23, "cpython-23" }, { 60717, 60718, &python_21, "cpython-22" },
	{ 60202, 60203, &python_21, "cpython-21" }, { 50823, 50824, &python_15, "cpython-20" },
	{ 50428, 50429, &python_15, "cpython-16" }, { 20121, 20121, &python_15, "cpython-15" },
	{ 62218, 62218, &python_23, "pypy27" },     { 48, 48, &python_30, "pypy32" },
	{ 64, 64, &python_33, "pypy33" },           { 112, 112, &python_33, "pypy35" },
	{ 160, 160, &python_33, "pypy36" },         { 192, 192, &python_33, "pypy36" },
	{ 224, 224, &python_37, "pypy37" },         { 240, 240, &python_37, "pypy37" },
	{ 256, 256, &python_38, "pypy38" },         { 304, 304, &python_38, "pypy39" },
	{ 320, 320, &python_38, "pypy39" },         { 336, 336, &python_38, "pypy39" },
	{ 384, 384, &python_38, "pypy310" },        { 400, 400, &pypy_311, "pypy311" },
	{ 416, 416, &pypy_311, "pypy311" },         { 432, 432, &pypy_311, "pypy311" },
};

/** Reads a little-endian number. */
static uint32_t word_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static uint64_t long_word_at(const unsigned char *bytes)
{
	return word_at(bytes) | (uint64_t)word_at(bytes + 4) << 32;
}

/** Sets what follows from the magic number. @return Whether that is known. */
static bool find_format(struct pyc_header *out)
{
	const uint16_t magic = out->magic;

	for (size_t i = 0; i < sizeof(magic_ranges) / sizeof(*magic_ranges); i++) {
		if (magic >= magic_ranges[i].first && magic <= magic_ranges[i].last) {
			out->length = magic_ranges[i].format->length;
			out->code = magic_ranges[i].format->code;
			stpcpy(out->tag, magic_ranges[i].tag);
			return true;
		}
	}
	out->length = FLAGS;
	/*
	 * From 3.11 on each version of CPython has 50 numbers, 3.N's starting at 2900 + 50 * N
	 * (Include/internal/pycore_magic_number.h). Up to 3.49, since 5892 is Python 1.4's.
	 */
	if (magic > NEWEST_MAGIC && magic < 2900 + 50 * 50) {
		snprintf(out->tag, sizeof(out->tag), "cpython-3%d", (magic - 2900) / 50);
		return true;
	}
	/* GraalPy's are 21000 plus ten times its bytecode version; several tags share one. */
	return magic >= 21000 && magic < 22000 && magic % 10 == 0;
}

/** Reads the fields after the magic number. */
static void read_fields(const unsigned char *bytes, struct pyc_header *out)
{
	const unsigned char *fields = bytes + (out->length == FLAGS ? 8 : 4);
	uint32_t flags = out->length == FLAGS ? word_at(bytes + 4) : 0;

	/* Later versions and GraalPy may have other flags and another hash. */
	if (flags > (FLAG_HASH | FLAG_CHECKED) || (flags != 0 && out->magic > NEWEST_MAGIC)) {
		out->check = PYC_UNKNOWN;
	} else if (flags & FLAG_HASH) {
		out->check = flags & FLAG_CHECKED ? PYC_BY_HASH : PYC_UNCHECKED;
		out->hash = long_word_at(fields);
	} else {
		/* FLAG_CHECKED alone is ignored, as in CPython. */
		out->mtime = word_at(fields);
		out->check = out->length == TIME ? PYC_BY_TIME : PYC_BY_TIME_AND_SIZE;
		out->size = out->length == TIME ? 0 : word_at(fields + 4);
	}
}

void pyc_read_header(const unsigned char *bytes, size_t length, struct pyc_header *out)
{
	*out = (struct pyc_header){ .check = PYC_SHORT };
	if (length < 4) {
		return;
	}
	if (bytes[2] != '\r' || bytes[3] != '\n') {
		/* The numbers of Python 1.0 to 1.2 had no CR LF. */
		out->check = (word_at(bytes) | 1) == 0x00999903 ? PYC_UNKNOWN : PYC_NO_HEADER;
		return;
	}
	out->magic = (uint16_t)(word_at(bytes) & 0xffff);
	if (!find_format(out)) {
		out->check = PYC_UNKNOWN;
	} else if (length >= out->length) {
		read_fields(bytes, out);
	}
}

/** @return The tag in the table that a name's tag belongs to, or NULL. */
static const char *find_tag(struct pyc_part tag)
{
	for (size_t i = 0; i < sizeof(magic_ranges) / sizeof(*magic_ranges); i++) {
		if (pyc_tag_belongs(tag, magic_ranges[i].tag)) {
			return magic_ranges[i].tag;
		}
	}
	return NULL;
}

bool pyc_tag_is_known_cpython(struct pyc_part tag)
{
	const char *known = find_tag(tag);

	return known && known[0] == 'c';
}

bool pyc_tags_agree(struct pyc_part name_tag, const char *header_tag)
{
	const char *known;

	if (header_tag[0] == '\0' || pyc_tag_belongs(name_tag, header_tag)) {
		return true;
	}
	known = find_tag(name_tag);
	/* Early PyPys of a Python version used CPython's number (3413 in pypy38). */
	return !known ||
	       (known[0] == 'p' && strcmp(known + strlen("pypy"),
					  header_tag + strcspn(header_tag, "0123456789")) == 0);
}

/* ---- Hashes --------------------------------------------------------------------------------- */

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

/** Mixes the state of SipHash (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012). */
static void mix(uint64_t v[4], unsigned rounds)
{
	for (unsigned i = 0; i < rounds; i++) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void add_word(uint64_t v[4], uint64_t word, unsigned rounds)
{
	v[3] ^= word;
	mix(v, rounds);
	v[0] ^= word;
}

int pyc_hash_source(const struct pyc_header *header, int fd, uint64_t *out)
{
	/* SipHash-1-3; up to the first alpha of 3.11, SipHash-2-4. */
	bool is_newer = header->magic > 3461;
	unsigned rounds = is_newer ? 1 : 2;
	/* importlib's _RAW_MAGIC_NUMBER: all four bytes, including CR LF. */
	uint64_t key = header->magic | (uint64_t)'\r' << 16 | (uint64_t)'\n' << 24;
	/* "somepseudorandomlygeneratedbytes"; the second half of the key is zero. */
	uint64_t v[4] = { key ^ UINT64_C(0x736f6d6570736575), UINT64_C(0x646f72616e646f6d),
			  key ^ UINT64_C(0x6c7967656e657261), UINT64_C(0x7465646279746573) };
	/* An incomplete word, and what is read after it. */
	unsigned char bytes[sizeof(uint64_t) + CHUNK];
	uint64_t total = 0;
	size_t rest = 0;
	ssize_t length;

	while ((length = read(fd, bytes + rest, CHUNK)) > 0) {
		size_t end = rest + (size_t)length;

		rest = end % sizeof(*v);
		for (size_t at = 0; at < end - rest; at += sizeof(*v)) {
			add_word(v, long_word_at(bytes + at), rounds);
		}
		memmove(bytes, bytes + end - rest, rest);
		total += (uint64_t)length;
	}
	/* The last word ends in the low byte of the length. */
	memset(bytes + rest, 0, sizeof(*v) - rest);
	add_word(v, long_word_at(bytes) | total << 56, rounds);
	v[2] ^= 0xff;
	mix(v, is_newer ? 3 : 4);
	*out = v[0] ^ v[1] ^ v[2] ^ v[3];
	return length == 0 ? 0 : -1;
}

/* ---- Bodies --------------------------------------------------------------------------------- */

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

/**
 * The layouts of objects after their types (Python/marshal.c), as in pyc_header's `code`; B and W
 * are a number of one or four bytes that tells how often the next piece follows.
 */
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
			count = known ? (uint64_t)llabs((int32_t)word_at(number)) : 0;
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
	       size - at - STRING_START >= word_at(start + at + 1);
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
	if (*at == TYPE_REF && word_at(at + 1) < MAX_REFS && at[-1] != 0) {
		return true;
	}
	for (uint32_t rest = 0; at > end; at--, rest++) {
		if ((*at & ~FLAG_REF) == TYPE_STRING && word_at(at + 1) == rest) {
			return true;
		}
	}
	return false;
}
