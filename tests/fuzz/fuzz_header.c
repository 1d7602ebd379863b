/*
 * pyc_read_header(): it reads nothing behind what it is given, what it says of a header is
 * what its bytes are, more bytes of the same file change nothing once it is read, and nothing is
 * made up where it is not.
 */

#include "match/pyc_file.h"
#include "fuzz.h"

enum {
	/** The length of the longest header. */
	LONGEST = 16,
};

/** Reads the first bytes of the input, from memory of exactly their size. */
static void read_first(const uint8_t *data, size_t length, struct pyc_header *out)
{
	unsigned char *copy = malloc(length > 0 ? length : 1);

	if (!copy) {
		abort();
	}
	memcpy(copy, data, length);
	memset(out, 0xa5, sizeof(*out));
	pyc_read_header(copy, length, out);
	free(copy);
}

static size_t put(unsigned char *out, size_t at, uint64_t number, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		out[at++] = (unsigned char)(number >> (8 * i));
	}
	return at;
}

/** Writes a header of what was read. @return Its length. */
static size_t encode(unsigned char *out, const struct pyc_header *header, bool has_flags)
{
	bool by_hash = header->check == PYC_BY_HASH || header->check == PYC_UNCHECKED;
	size_t at = put(out, 0, header->magic, 2);

	at = put(out, at, 0x0a0d, 2);
	if (has_flags) {
		at = put(out, at, header->check == PYC_BY_HASH ? 3 : by_hash, 4);
	}
	if (by_hash) {
		HOLDS(has_flags && header->mtime == 0 && header->size == 0);
		return put(out, at, header->hash, 8);
	}
	HOLDS(header->hash == 0);
	at = put(out, at, header->mtime, 4);
	if (header->check == PYC_BY_TIME) {
		HOLDS(!has_flags && header->size == 0);
		return at;
	}
	return put(out, at, header->size, 4);
}

static bool same(const struct pyc_header *a, const struct pyc_header *b)
{
	return strcmp(a->tag, b->tag) == 0 && a->magic == b->magic && a->check == b->check &&
	       a->mtime == b->mtime && a->size == b->size && a->hash == b->hash;
}

/** @param length The least number of bytes of which it was read. */
static void check_read(const uint8_t *data, size_t length, const struct pyc_header *header)
{
	unsigned char again[LONGEST];

	HOLDS(length == 8 || length == 12 || length == 16);
	HOLDS(length == header->length);
	HOLDS(pyc_tags_agree((struct pyc_part){ 0 }, header->tag));
	HOLDS(pyc_tags_agree((struct pyc_part){ header->tag, strlen(header->tag) }, header->tag));
	HOLDS(encode(again, header, length == LONGEST) == length);
	/* CPython does not look at "checked" without "hash". */
	if (length == LONGEST && !(data[4] & 1)) {
		again[4] = data[4] & 2;
	}
	HOLDS(memcmp(again, data, length) == 0);
}

static void check_not_read(const uint8_t *data, size_t length, const struct pyc_header *header)
{
	enum pyc_check check = header->check;
	bool has_magic = length >= 4 && data[2] == '\r' && data[3] == '\n';

	/* Python 1.0 to 1.2 had no CR LF. */
	HOLDS(check != PYC_NO_HEADER || (length >= 4 && !has_magic));
	HOLDS(length < 4 || has_magic || check == PYC_NO_HEADER ||
	      (data[1] == 0x99 && data[2] == 0x99 && data[3] == 0));
	HOLDS(check != PYC_SHORT || length < LONGEST);
	HOLDS(header->magic == (has_magic ? data[0] | data[1] << 8 : 0));
	HOLDS(header->tag[0] == '\0' || has_magic);
	HOLDS(check != PYC_SHORT || !has_magic || header->length > length);
	HOLDS(header->mtime == 0 && header->size == 0 && header->hash == 0);
}

static bool is_damaged(const uint8_t *data, size_t size, const struct pyc_header *header)
{
	unsigned char *copy = malloc(size);
	bool damaged;

	if (!copy) {
		abort();
	}
	memcpy(copy, data, size);
	damaged = pyc_is_damaged(header, copy, size);
	/* All that is made of the ends of a file is whether the rest is read. */
	pyc_seems_whole(header, size, copy, copy, size);
	free(copy);
	return damaged;
}

/** What ends too early does so wherever it is cut; below a page, zeros mean nothing. */
static void check_body(const uint8_t *data, size_t size, const struct pyc_header *header)
{
	HOLDS(size > 4096 || size - 1 <= header->length || !is_damaged(data, size, header) ||
	      is_damaged(data, size - 1, header));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum pyc_check before = PYC_SHORT;
	struct pyc_header first = { 0 };
	size_t longest = size < 2 * LONGEST ? size : 2 * LONGEST;

	for (size_t length = 0; length <= longest; length++) {
		struct pyc_header header;

		read_first(data, length, &header);
		/* Only what is short can become anything else. */
		HOLDS(before == PYC_SHORT || header.check == before);
		if (header.check < PYC_BY_TIME) {
			check_not_read(data, length, &header);
		} else if (before < PYC_BY_TIME) {
			check_read(data, length, &header);
			first = header;
		} else {
			HOLDS(same(&first, &header));
		}
		before = header.check;
	}
	if (before >= PYC_BY_TIME && size > first.length) {
		check_body(data, size, &first);
	}
	return 0;
}
