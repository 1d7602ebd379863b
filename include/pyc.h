/**
 * The format of Python bytecode files: their names, their headers and how their bodies begin.
 */

#ifndef PYCLEAN_PYC_H
#define PYCLEAN_PYC_H

#include "matcher.h"
#include "match/siphash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A part of a name, not terminated; length 0 if the name lacks it. */
struct pyc_part {
	const char *start;
	size_t length;
};

/** Whether a part starts with a text, or equals it. */
bool pyc_part_starts_with(struct pyc_part part, const char *text);
bool pyc_part_is(struct pyc_part part, const char *text);

/** As isdigit(3), for any char. */
static inline bool pyc_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/**
 * The parts of a bytecode file's name. They point into the name.
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
	enum pyc_kind kind;
	struct pyc_part stem;
	/** sys.implementation.cache_tag, with a tool's suffix if there is one. */
	struct pyc_part tag;
	/** The text after "opt-". */
	struct pyc_part optimization;
	/** The digits that importlib appends until the file is complete. */
	struct pyc_part temporary;
	/** All before the suffix; the stem of a file beside its source (a.b.pyc of a.b.py). */
	struct pyc_part legacy_stem;
};

/** Splits a name. @return Whether it is the name of a bytecode file, by matcher_kind(). */
bool pyc_split(const char *name, struct pyc_name *out);

/**
 * Whether a file in a `__pycache__` is Numba's cache of machine code, by its name:
 * `MODULE.FUNCTION-LINE.py311.nbi`, or `….py311.1.nbc`.
 */
bool pyc_is_numba(const char *name);

/**
 * Whether the tag in a name belongs to an interpreter: it equals the interpreter's tag, or that
 * with a '-' and a tool's suffix (`cpython-311-pytest-8.4.2`). The 't' of the free-threaded build
 * is ignored in both, since its sys.implementation.cache_tag has none. `pypy39`, `pypy310` and
 * `pypy3-71` all belong to `pypy3`. An empty tag belongs to none.
 */
bool pyc_tag_belongs(struct pyc_part tag, const char *interpreter);

/**
 * Whether a tag is one of a known implementation: cpython-311, graalpy-38, pypy39. Beside sources
 * this distinguishes a.cpython-311.pyc from a.b-3.pyc, which is compiled from a.b-3.py.
 */
bool pyc_tag_is_interpreter(struct pyc_part tag);

/**
 * Whether a text can be the tag of an interpreter, with or without a tool's suffix.
 *
 * CPython's is "cpython-" and at least two digits, PyPy's "pypy" and digits (one digit means all
 * PyPys of that Python), any other a name in lower case (PEP 421), a '-' and a version that begins
 * with a digit. cpython-3.11, cpython311, cpython-37m and python-311 are not tags.
 */
bool pyc_is_tag(struct pyc_part text);

/** @return The tag in the path or name of a bytecode file; points into it; empty if none. */
struct pyc_part pyc_tag_in(const char *path);

enum {
	/** The length of the longest header, in bytes. */
	PYC_HEADER_SIZE = 16,
	/** How many bytes of a file pyc_is_damaged() needs. */
	PYC_BODY_START = 64,
	/** The size of a buffer for any header's tag. */
	PYC_TAG_SIZE = 12,
};

/** How Python checks bytecode against its source. */
enum pyc_check {
	/** By `mtime`: Python 1.5 to 3.2, and the first alpha of 3.3. */
	PYC_BY_TIME,
	/** By `mtime` and `size`. */
	PYC_BY_TIME_AND_SIZE,
	/** By `hash` (PEP 552, checked). */
	PYC_BY_HASH,
	/** Not at all (PEP 552, unchecked), although there is a `hash`. */
	PYC_UNCHECKED,
};

enum pyc_header_state {
	PYC_HEADER_READ,
	/** Shorter than a magic number, or than the header of its format. */
	PYC_HEADER_SHORT,
	/** Not a bytecode file: no CR LF follows the magic number. */
	PYC_HEADER_NONE,
	/**
	 * An unknown magic number or unknown flags (a later format, another implementation, a
	 * modified Python); or a hash that cannot be computed.
	 */
	PYC_HEADER_UNKNOWN,
};

/** The fields of a header; 0 if its state or its check does not set them. */
struct pyc_header {
	/**
	 * The tag of the interpreters with this magic number; "cpython-27" and so on before there
	 * were tags. Empty if the number is unknown, or several tags share it (GraalPy).
	 */
	char tag[PYC_TAG_SIZE];
	uint16_t magic;
	/** In bytes; the code object follows. */
	size_t length;
	/** The offset of the bytecode in the code object; 0 if unknown. */
	size_t code_offset;
	enum pyc_check check;
	/** The source's time in seconds, the low 32 bits. */
	uint32_t mtime;
	/** The source's size in bytes, the low 32 bits. */
	uint32_t size;
	/** As returned by siphash_finish(). */
	uint64_t hash;
};

/**
 * Reads the header of a .pyc or .pyo file (a $py.class has none), with PEP 552's flags as in
 * CPython.
 *
 * @param bytes The beginning of the file, of any alignment and length.
 * @param out In any state, `magic` is set if CR LF follows it, and `tag` and `length` if they are
 *        known; the rest is set with PYC_HEADER_READ.
 */
enum pyc_header_state pyc_read_header(const unsigned char *bytes, size_t length,
				      struct pyc_header *out);

/**
 * Whether a header is not followed by a valid code object: the body does not begin as one, or the
 * file is shorter than the bytecode. False in doubt.
 *
 * @param header One of PYC_HEADER_READ.
 * @param bytes The first PYC_BODY_START bytes of the file, or the whole file; longer than the
 *              header.
 * @param size The size of the file.
 */
bool pyc_is_damaged(const struct pyc_header *header, const unsigned char *bytes, size_t length,
		    uint64_t size);

/**
 * Whether a name's tag and a header's can be of the same interpreter. False if both are known and
 * differ; then no interpreter uses the file.
 */
bool pyc_tags_agree(struct pyc_part name_tag, const char *header_tag);

/**
 * Whether a tag is one of CPython 1.5 to 3.15. All their headers are known, so a file with such a
 * tag and an unknown magic number or unknown flags is invalid.
 */
bool pyc_is_known_cpython(struct pyc_part tag);

/** Whether the tag's implementation may have other headers; RustPython's have no CR LF. */
bool pyc_is_foreign(struct pyc_part tag);

/**
 * Begins the hash of a source (PEP 552). The caller then adds the source with siphash_add() and
 * compares siphash_finish() with the header's hash.
 */
void pyc_hash_start(const struct pyc_header *header, struct siphash *hash);

#endif
