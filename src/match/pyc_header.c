#include "match/pyc_header.h"

#include "match/siphash.h"

#include <string.h>

/** A header's layout; the value is its length. */
enum layout {
	LAYOUT_TIME = 8,
	LAYOUT_TIME_AND_SIZE = 12,
	/** Flags, and time and size or a hash (PEP 552). */
	LAYOUT_FLAGS = PYC_HEADER_SIZE,
};

/* The numbers are those of arguments, locals, stack and flags. */
static const struct pyc_code
	/** Python 1.5 to 2.0, and up to 2.2. */
	code_15 = { 1 + 4 * 2, 6, 2, 1 },
	code_21 = { 1 + 4 * 2, 8, 2, 1 },
	/** Up to 2.7, with numbers of four bytes. */
	code_23 = { 1 + 4 * 4, 8, 4, 1 },
	/** Up to 3.7, with keyword-only arguments. */
	code_30 = { 1 + 5 * 4, 8, 4, 1 },
	/** Up to 3.10, with positional-only arguments. */
	code_38 = { 1 + 6 * 4, 8, 4, 1 },
	/** Without locals. */
	code_311 = { 1 + 5 * 4, 8, 4, 2 },
	/** Pre-releases of 3.11, and PyPy's. */
	code_311a = { 1 + 5 * 4, 0, 0, 0 }, code_pypy311 = { 1 + 6 * 4, 0, 0, 0 };

/** Magic numbers of one version, pre-releases included. */
struct magic_range {
	uint16_t first;
	uint16_t last;
	enum layout layout;
	const struct pyc_code *code;
	const char *tag;
};

/*
 * CPython's are listed in Lib/importlib/_bootstrap_external.py. From 1.6 to 2.7, `python -U` wrote
 * the listed number plus one. PyPy's are pypy_incremental_magic in pypy/interpreter/pycode.py of
 * each release, a multiple of 16; PyPy 2.7's is CPython 2.7's plus 7. Up to PyPy 7.2 the tag in a
 * name was PyPy's own version (`pypy3-71`).
 */
static const struct magic_range magic_ranges[] = {
	{ 3495, 3499, LAYOUT_FLAGS, &code_311, "cpython-311" },
	{ 3500, 3549, LAYOUT_FLAGS, &code_311, "cpython-312" },
	{ 3550, 3599, LAYOUT_FLAGS, &code_311, "cpython-313" },
	{ 3600, 3649, LAYOUT_FLAGS, &code_311, "cpython-314" },
	{ 3650, 3699, LAYOUT_FLAGS, &code_311, "cpython-315" },
	{ 3450, 3494, LAYOUT_FLAGS, &code_311a, "cpython-311" },
	{ 48, 48, LAYOUT_TIME, &code_30, "pypy32" },
	{ 64, 64, LAYOUT_TIME_AND_SIZE, &code_30, "pypy33" },
	{ 112, 112, LAYOUT_TIME_AND_SIZE, &code_30, "pypy35" },
	{ 160, 160, LAYOUT_TIME_AND_SIZE, &code_30, "pypy36" },
	{ 192, 192, LAYOUT_TIME_AND_SIZE, &code_30, "pypy36" },
	{ 224, 224, LAYOUT_FLAGS, &code_30, "pypy37" },
	{ 240, 240, LAYOUT_FLAGS, &code_30, "pypy37" },
	{ 256, 256, LAYOUT_FLAGS, &code_38, "pypy38" },
	{ 304, 304, LAYOUT_FLAGS, &code_38, "pypy39" },
	{ 320, 320, LAYOUT_FLAGS, &code_38, "pypy39" },
	{ 336, 336, LAYOUT_FLAGS, &code_38, "pypy39" },
	{ 384, 384, LAYOUT_FLAGS, &code_38, "pypy310" },
	{ 400, 400, LAYOUT_FLAGS, &code_pypy311, "pypy311" },
	{ 416, 416, LAYOUT_FLAGS, &code_pypy311, "pypy311" },
	{ 432, 432, LAYOUT_FLAGS, &code_pypy311, "pypy311" },
	{ 3000, 3131, LAYOUT_TIME, &code_30, "cpython-30" },
	{ 3141, 3151, LAYOUT_TIME, &code_30, "cpython-31" },
	{ 3160, 3180, LAYOUT_TIME, &code_30, "cpython-32" },
	{ 3190, 3200, LAYOUT_TIME, &code_30, "cpython-33" },
	{ 3210, 3230, LAYOUT_TIME_AND_SIZE, &code_30, "cpython-33" },
	{ 3250, 3310, LAYOUT_TIME_AND_SIZE, &code_30, "cpython-34" },
	{ 3320, 3351, LAYOUT_TIME_AND_SIZE, &code_30, "cpython-35" },
	{ 3360, 3379, LAYOUT_TIME_AND_SIZE, &code_30, "cpython-36" },
	{ 3390, 3391, LAYOUT_TIME_AND_SIZE, &code_30, "cpython-37" },
	{ 3392, 3394, LAYOUT_FLAGS, &code_30, "cpython-37" },
	{ 3400, 3401, LAYOUT_FLAGS, &code_30, "cpython-38" },
	{ 3402, 3413, LAYOUT_FLAGS, &code_38, "cpython-38" },
	{ 3420, 3425, LAYOUT_FLAGS, &code_38, "cpython-39" },
	{ 3430, 3439, LAYOUT_FLAGS, &code_38, "cpython-310" },
	{ 20121, 20121, LAYOUT_TIME, &code_15, "cpython-15" },
	{ 50428, 50429, LAYOUT_TIME, &code_15, "cpython-16" },
	{ 50823, 50824, LAYOUT_TIME, &code_15, "cpython-20" },
	{ 60202, 60203, LAYOUT_TIME, &code_21, "cpython-21" },
	{ 60717, 60718, LAYOUT_TIME, &code_21, "cpython-22" },
	{ 62011, 62022, LAYOUT_TIME, &code_23, "cpython-23" },
	{ 62041, 62062, LAYOUT_TIME, &code_23, "cpython-24" },
	{ 62071, 62132, LAYOUT_TIME, &code_23, "cpython-25" },
	{ 62151, 62162, LAYOUT_TIME, &code_23, "cpython-26" },
	{ 62171, 62212, LAYOUT_TIME, &code_23, "cpython-27" },
	{ 62218, 62218, LAYOUT_TIME, &code_23, "pypy27" },
};

enum {
	RANGES = sizeof(magic_ranges) / sizeof(magic_ranges[0]),
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
};

uint32_t pyc_word_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/** Finds the tag and the header length for a magic number. @return Whether it is known. */
static bool find_format(uint16_t magic, struct pyc_header *out)
{
	for (size_t i = 0; i < RANGES; i++) {
		if (magic >= magic_ranges[i].first && magic <= magic_ranges[i].last) {
			out->length = (size_t)magic_ranges[i].layout;
			out->code = magic_ranges[i].code;
			stpcpy(out->tag, magic_ranges[i].tag);
			return true;
		}
	}
	out->length = LAYOUT_FLAGS;
	if (magic > NEWEST_MAGIC && magic <= LAST_BY_RULE) {
		int minor = (magic - RULE_BASE) / RULE_STEP;
		char *end = stpcpy(out->tag, "cpython-3");

		*end++ = (char)('0' + minor / 10);
		*end = (char)('0' + minor % 10);
		return true;
	}
	return magic >= FIRST_OF_GRAALPY && magic <= LAST_OF_GRAALPY && magic % 10 == 0;
}

static enum pyc_header_state read_time(const unsigned char *bytes, struct pyc_header *out)
{
	out->check = PYC_BY_TIME;
	out->mtime = pyc_word_at(bytes);
	return PYC_HEADER_READ;
}

static enum pyc_header_state read_time_and_size(const unsigned char *bytes, struct pyc_header *out)
{
	read_time(bytes, out);
	out->check = PYC_BY_TIME_AND_SIZE;
	out->size = pyc_word_at(bytes + 4);
	return PYC_HEADER_READ;
}

/** Reads the fields after the magic number, in PEP 552's layout. */
static enum pyc_header_state read_flags(const unsigned char *bytes, struct pyc_header *out)
{
	uint32_t flags = pyc_word_at(bytes);

	/* Later versions and GraalPy may have other flags and another hash. */
	if (flags > (FLAG_HASH | FLAG_CHECKED) || (flags != 0 && out->magic > NEWEST_MAGIC)) {
		return PYC_HEADER_UNKNOWN;
	}
	/* FLAG_CHECKED alone is ignored, as in CPython. */
	if (!(flags & FLAG_HASH)) {
		return read_time_and_size(bytes + 4, out);
	}
	out->check = flags & FLAG_CHECKED ? PYC_BY_HASH : PYC_UNCHECKED;
	out->hash = pyc_word_at(bytes + 4) | (uint64_t)pyc_word_at(bytes + 8) << 32;
	return PYC_HEADER_READ;
}

/** Whether a magic number is one of Python 1.0 to 1.2, which had no CR LF. */
static bool is_ancient(const unsigned char *bytes)
{
	return pyc_word_at(bytes) == 0x00999902 || pyc_word_at(bytes) == 0x00999903;
}

enum pyc_header_state pyc_read_header(const unsigned char *bytes, size_t length,
				      struct pyc_header *out)
{
	*out = (struct pyc_header){ 0 };
	if (length < 4) {
		return PYC_HEADER_SHORT;
	}
	if (bytes[2] != '\r' || bytes[3] != '\n') {
		return is_ancient(bytes) ? PYC_HEADER_UNKNOWN : PYC_HEADER_NONE;
	}
	out->magic = (uint16_t)(pyc_word_at(bytes) & 0xffff);
	if (!find_format(out->magic, out)) {
		return PYC_HEADER_UNKNOWN;
	}
	if (length < out->length) {
		return PYC_HEADER_SHORT;
	}
	if (out->length == LAYOUT_FLAGS) {
		return read_flags(bytes + 4, out);
	}
	return out->length == LAYOUT_TIME ? read_time(bytes + 4, out)
					  : read_time_and_size(bytes + 4, out);
}

/** @return The tag of an implementation in the table that a name's tag belongs to, or NULL. */
static const char *find_tag(struct pyc_part tag, const char *implementation)
{
	for (size_t i = 0; i < RANGES; i++) {
		const char *known = magic_ranges[i].tag;

		if (strncmp(known, implementation, strlen(implementation)) == 0 &&
		    pyc_tag_belongs(tag, known)) {
			return known;
		}
	}
	return NULL;
}

bool pyc_is_known_cpython(struct pyc_part tag)
{
	return find_tag(tag, "cpython");
}

bool pyc_is_foreign(struct pyc_part tag)
{
	return tag.length > 0 && !pyc_part_starts_with(tag, "cpython-") &&
	       !pyc_part_starts_with(tag, "pypy") && !pyc_part_starts_with(tag, "graalpy");
}

bool pyc_tags_agree(struct pyc_part name_tag, const char *header_tag)
{
	const char *pypy;

	if (header_tag[0] == '\0' || pyc_tag_belongs(name_tag, header_tag)) {
		return true;
	}
	if (pyc_is_known_cpython(name_tag)) {
		return false;
	}
	/* Early PyPys of a Python version used CPython's number (3413 in pypy38). */
	pypy = find_tag(name_tag, "pypy");
	return !pypy ||
	       strcmp(pypy + strlen("pypy"), header_tag + strcspn(header_tag, "0123456789")) == 0;
}

int pyc_hash_source(const struct pyc_header *header, int fd, uint64_t *out)
{
	/* importlib's _RAW_MAGIC_NUMBER: all four bytes, including CR LF. */
	const uint64_t key[2] = { header->magic | (uint64_t)'\r' << 16 | (uint64_t)'\n' << 24 };
	bool is_newer = header->magic >= FIRST_MAGIC_WITH_SIPHASH_1_3;

	return siphash_file(fd, is_newer ? 1 : 2, is_newer ? 3 : 4, key, out);
}
