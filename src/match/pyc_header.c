#include "match/pyc_header.h"

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
	/**
	 * From 3.11 on each version of CPython has 50 numbers, 3.N's starting at 2900 + 50 * N
	 * (Include/internal/pycore_magic_number.h). Up to 3.49, since 5892 is Python 1.4's.
	 */
	LAST_BY_RULE = 5399,
	RULE_BASE = 2900,
	RULE_STEP = 50,
	/** GraalPy's are 21000 plus ten times its bytecode version; several tags share one. */
	FIRST_OF_GRAALPY = 21000,
	LAST_OF_GRAALPY = 21990,
	/** The first alpha of 3.11, up to 3461, still used SipHash-2-4. */
	FIRST_MAGIC_WITH_SIPHASH_1_3 = 3462,
	/** How many bytes of a source to read at once. */
	CHUNK = 16 * 1024,
};

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
	unsigned char length;
	const char *tag;
} magic_ranges[] = {
	{ 3450, 3499, FLAGS, "cpython-311" }, { 3500, 3549, FLAGS, "cpython-312" },
	{ 3550, 3599, FLAGS, "cpython-313" }, { 3600, 3649, FLAGS, "cpython-314" },
	{ 3650, 3699, FLAGS, "cpython-315" }, { 3430, 3439, FLAGS, "cpython-310" },
	{ 3420, 3425, FLAGS, "cpython-39" },  { 3400, 3413, FLAGS, "cpython-38" },
	{ 3392, 3394, FLAGS, "cpython-37" },  { 3390, 3391, SIZE, "cpython-37" },
	{ 3360, 3379, SIZE, "cpython-36" },   { 3320, 3351, SIZE, "cpython-35" },
	{ 3250, 3310, SIZE, "cpython-34" },   { 3210, 3230, SIZE, "cpython-33" },
	{ 3190, 3200, TIME, "cpython-33" },   { 3160, 3180, TIME, "cpython-32" },
	{ 3141, 3151, TIME, "cpython-31" },   { 3000, 3131, TIME, "cpython-30" },
	{ 62171, 62212, TIME, "cpython-27" }, { 62151, 62162, TIME, "cpython-26" },
	{ 62071, 62132, TIME, "cpython-25" }, { 62041, 62062, TIME, "cpython-24" },
	{ 62011, 62022, TIME, "cpython-23" }, { 60717, 60718, TIME, "cpython-22" },
	{ 60202, 60203, TIME, "cpython-21" }, { 50823, 50824, TIME, "cpython-20" },
	{ 50428, 50429, TIME, "cpython-16" }, { 20121, 20121, TIME, "cpython-15" },
	{ 62218, 62218, TIME, "pypy27" },     { 48, 48, TIME, "pypy32" },
	{ 64, 64, SIZE, "pypy33" },           { 112, 112, SIZE, "pypy35" },
	{ 160, 160, SIZE, "pypy36" },         { 192, 192, SIZE, "pypy36" },
	{ 224, 224, FLAGS, "pypy37" },        { 240, 240, FLAGS, "pypy37" },
	{ 256, 256, FLAGS, "pypy38" },        { 304, 304, FLAGS, "pypy39" },
	{ 320, 320, FLAGS, "pypy39" },        { 336, 336, FLAGS, "pypy39" },
	{ 384, 384, FLAGS, "pypy310" },       { 400, 400, FLAGS, "pypy311" },
	{ 416, 416, FLAGS, "pypy311" },       { 432, 432, FLAGS, "pypy311" },
};

uint32_t pyc_word_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static uint64_t long_word_at(const unsigned char *bytes)
{
	return pyc_word_at(bytes) | (uint64_t)pyc_word_at(bytes + 4) << 32;
}

/** Finds the tag and the header length for a magic number. @return Whether it is known. */
static bool find_format(uint16_t magic, struct pyc_header *out)
{
	for (size_t i = 0; i < sizeof(magic_ranges) / sizeof(*magic_ranges); i++) {
		if (magic >= magic_ranges[i].first && magic <= magic_ranges[i].last) {
			out->length = magic_ranges[i].length;
			stpcpy(out->tag, magic_ranges[i].tag);
			return true;
		}
	}
	out->length = FLAGS;
	if (magic > NEWEST_MAGIC && magic <= LAST_BY_RULE) {
		int minor = (magic - RULE_BASE) / RULE_STEP;
		char *end = stpcpy(out->tag, "cpython-3");

		*end++ = (char)('0' + minor / 10);
		*end = (char)('0' + minor % 10);
		return true;
	}
	return magic >= FIRST_OF_GRAALPY && magic <= LAST_OF_GRAALPY && magic % 10 == 0;
}

/** Reads the fields after the magic number. */
static enum pyc_header_state read_fields(const unsigned char *bytes, struct pyc_header *out)
{
	const unsigned char *fields = bytes + (out->length == FLAGS ? 8 : 4);
	uint32_t flags = out->length == FLAGS ? pyc_word_at(bytes + 4) : 0;

	/* Later versions and GraalPy may have other flags and another hash. */
	if (flags > (FLAG_HASH | FLAG_CHECKED) || (flags != 0 && out->magic > NEWEST_MAGIC)) {
		return PYC_HEADER_UNKNOWN;
	}
	/* FLAG_CHECKED alone is ignored, as in CPython. */
	if (flags & FLAG_HASH) {
		out->check = flags & FLAG_CHECKED ? PYC_BY_HASH : PYC_UNCHECKED;
		out->hash = long_word_at(fields);
		return PYC_HEADER_READ;
	}
	out->mtime = pyc_word_at(fields);
	out->check = out->length == TIME ? PYC_BY_TIME : PYC_BY_TIME_AND_SIZE;
	out->size = out->length == TIME ? 0 : pyc_word_at(fields + 4);
	return PYC_HEADER_READ;
}

enum pyc_header_state pyc_read_header(const unsigned char *bytes, size_t length,
				      struct pyc_header *out)
{
	*out = (struct pyc_header){ 0 };
	if (length < 4) {
		return PYC_HEADER_SHORT;
	}
	if (bytes[2] != '\r' || bytes[3] != '\n') {
		/* The numbers of Python 1.0 to 1.2 had no CR LF. */
		return (pyc_word_at(bytes) | 1) == 0x00999903 ? PYC_HEADER_UNKNOWN
							      : PYC_HEADER_NONE;
	}
	out->magic = (uint16_t)(pyc_word_at(bytes) & 0xffff);
	if (!find_format(out->magic, out)) {
		return PYC_HEADER_UNKNOWN;
	}
	return length < out->length ? PYC_HEADER_SHORT : read_fields(bytes, out);
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

bool pyc_is_known_cpython(struct pyc_part tag)
{
	return pyc_part_starts_with(tag, "cpython-") && find_tag(tag);
}

bool pyc_is_foreign(struct pyc_part tag)
{
	return tag.length > 0 && !pyc_part_starts_with(tag, "cpython-") &&
	       !pyc_part_starts_with(tag, "pypy") && !pyc_part_starts_with(tag, "graalpy");
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

/* ---- SipHash (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) --------------- */

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

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
	bool is_newer = header->magic >= FIRST_MAGIC_WITH_SIPHASH_1_3;
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
