/** Python bytecode files: the parts of their names, their headers and bodies. */

#ifndef PYCLEAN_PYC_FILE_H
#define PYCLEAN_PYC_FILE_H

#include "matcher.h"

#include <stdint.h>

/** @return The length of a bytecode file's name before the suffix, or 0 for another name. */
size_t matcher_stem(const char *name);

/**
 * The parts of a bytecode file's name, which they point into.
 *
 *     stem  .  tag                        .  opt-N  .  pyc  .  DIGITS
 *     a.b   .  cpython-311                .  opt-2  .  pyc               PEP 3147, PEP 488
 *     t     .  cpython-311-pytest-8.4.2             .  pyc               pytest's own caches
 *     m                                             .  pyo               legacy, beside m.py
 *     m     .  cpython-311                          .  pyc  .  14025876  an interrupted write
 *     m                                          $py.class               Jython, beside m.py
 *     legacy stem ---------------------------------
 */
struct pyc_name {
	struct pyc_part stem;
	/** sys.implementation.cache_tag, with a tool's suffix if there is one. */
	struct pyc_part tag;
	/** With the digits that importlib appends until the file is complete. */
	bool temporary;
	/** Jython's, which is removed only if its source is beside it. */
	bool is_class;
	/** All before the suffix; the stem of a file beside its source. */
	struct pyc_part legacy_stem;
};

/** Splits a name. @return Whether it is a bytecode file's, by matcher_stem(). */
bool pyc_split(const char *name, struct pyc_name *out);
/** Whether a name is that of Numba's machine code, `MODULE.FUNCTION-LINE.py311.nbi` or `….nbc`. */
bool pyc_is_numba(const char *name);

/**
 * Whether a tag is an interpreter's, or that with a '-' and a tool's suffix. The 't' of the
 * free-threaded build is ignored in both. `pypy39` and `pypy3-71` belong to `pypy3`, too.
 */
bool pyc_tag_belongs(struct pyc_part tag, const char *interpreter);

/**
 * Whether a tag is that of a known implementation; of one that may have other headers (RustPython's
 * have no CR LF); of CPython 1.5 to 3.15, whose headers are all known.
 */
bool pyc_tag_is_interpreter(struct pyc_part tag);
bool pyc_tag_is_foreign(struct pyc_part tag);
bool pyc_tag_is_known_cpython(struct pyc_part tag);
/** False if a name's tag and a header's are known and differ; then no interpreter uses the file. */
bool pyc_tags_agree(struct pyc_part name_tag, const char *header_tag);

/** How many bytes of a file to read first: up to the length of its bytecode. */
#define PYC_START_SIZE (16 + 1 + 24 + 5)

/** How Python checks bytecode against its source, or first why the header does not tell. */
enum pyc_check {
	/** Shorter than a magic number, or than the header of its format. */
	PYC_SHORT,
	/** Not a bytecode file: no CR LF follows the magic number. */
	PYC_NO_HEADER,
	/** An unknown magic number or unknown flags, or a hash that cannot be computed. */
	PYC_UNKNOWN,
	/** Up to Python 3.2, and in the first alpha of 3.3. */
	PYC_BY_TIME,
	PYC_BY_TIME_AND_SIZE,
	/** PEP 552. Unchecked files have a hash, too. */
	PYC_BY_HASH,
	PYC_UNCHECKED,
};

/** The fields of a header; those that are unknown are 0. */
struct pyc_header {
	/** Empty also if several tags share the magic number (GraalPy). */
	char tag[16];
	uint16_t magic;
	/** In bytes; the code object follows. */
	size_t length;
	/** The layout of a code object after its type: a digit for so many bytes, 'o' for an object,
	 *  the bytecode first. */
	const char *code;
	enum pyc_check check;
	/** The low 32 bits of the source's time in seconds and size in bytes. */
	uint32_t mtime;
	uint32_t size;
	/** As pyc_hash_source() computes it. */
	uint64_t hash;
};

/** Reads the header in a file's first bytes (PEP 552), as far as there is one. */
void pyc_read_header(const unsigned char *bytes, size_t length, struct pyc_header *out);
/** Whether a file's code object is missing, cut, or overwritten with zeros. False in doubt. */
bool pyc_is_damaged(const struct pyc_header *header, const unsigned char *bytes, size_t size);

/**
 * Whether a file of `size` bytes begins and ends like one that is not damaged, or its code is
 * unknown. Needs its first PYC_START_SIZE bytes, if it has so many, and `length` at its end.
 */
bool pyc_seems_whole(const struct pyc_header *header, uint64_t size, const unsigned char *start,
		     const unsigned char *end, size_t length);

/** Hashes a source for its header (PEP 552). @return 0, or -1 with read(2)'s errno. */
int pyc_hash_source(const struct pyc_header *header, int fd, uint64_t *out);

#endif
