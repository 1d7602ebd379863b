/**
 * The format of Python bytecode files: what their names are made of, and what their headers say.
 */

#ifndef PYCLEAN_PYC_H
#define PYCLEAN_PYC_H

#include "matcher.h"
#include "match/siphash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A part of a name that is not terminated; a length of 0 where the name lacks it. */
struct pyc_part {
	const char *start;
	size_t length;
};

/** Whether a part starts with a text, or is it. */
bool pyc_part_starts_with(struct pyc_part part, const char *text);
bool pyc_part_is(struct pyc_part part, const char *text);

/** As isdigit(3), for any char. */
static inline bool pyc_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/**
 * A bytecode file's name, taken apart; the parts point into it.
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
	/** sys.implementation.cache_tag, and what a tool has put behind it. */
	struct pyc_part tag;
	/** What follows "opt-". */
	struct pyc_part optimization;
	/** What importlib puts behind a name until the file is complete. */
	struct pyc_part temporary;
	/**
	 * All that stands before the suffix. It is the stem of a file beside its source: names have
	 * no tag there, and a.b.pyc is what comes of a.b.py.
	 */
	struct pyc_part legacy_stem;
};

/**
 * Takes a name apart.
 *
 * @return Whether it is that of a bytecode file: a stem of at least one byte, and ".pyc" or
 *         ".pyo", or ".pyc" and a dot and digits, or "$py.class".
 */
bool pyc_split(const char *name, struct pyc_name *out);

/**
 * Whether a name is that of a file in which Numba caches machine code, in a `__pycache__`:
 * `MODULE.FUNCTION-LINE.py311.nbi`, or `….py311.1.nbc`.
 */
bool pyc_is_numba(const char *name);

/**
 * Whether the tag in a name belongs to an interpreter: it is the interpreter's, or that and a '-'
 * and what a tool has put behind it, so `cpython-311-pytest-8.4.2` belongs to `cpython-311`. The 't'
 * of the free-threaded build makes no difference on either side: its sys.implementation.cache_tag
 * is that of the other build. All of `pypy39`, `pypy310` and `pypy3-71` belong to `pypy3`.
 *
 * @param tag Where it is empty, it belongs to none.
 */
bool pyc_tag_belongs(struct pyc_part tag, const char *interpreter);

/**
 * Whether the tag in a name is that of an implementation known here: cpython-311, graalpy-38,
 * pypy39. Beside sources, where names have no tags, it tells a.cpython-311.pyc from what comes of
 * a.b-3.py.
 */
bool pyc_tag_is_interpreter(struct pyc_part tag);

enum {
	/** How many bytes the longest header has. */
	PYC_HEADER_SIZE = 16,
	/** How many bytes of a file pyc_is_damaged() looks at. */
	PYC_BODY_START = 64,
	/** For the tag of any header, and its NUL. */
	PYC_TAG_SIZE = 12,
};

/** How Python finds out whether bytecode is that of its source. */
enum pyc_check {
	/** By `mtime`: Python 1.5 to 3.2, and the first alpha of 3.3. */
	PYC_BY_TIME,
	/** By `mtime` and `size`. */
	PYC_BY_TIME_AND_SIZE,
	/** By `hash` (PEP 552, checked). */
	PYC_BY_HASH,
	/** Not at all (PEP 552, unchecked): it is used as it is. There is a `hash` all the same. */
	PYC_UNCHECKED,
};

enum pyc_header_state {
	PYC_HEADER_READ,
	/** There are fewer bytes than a magic number has, or than that format's header has. */
	PYC_HEADER_SHORT,
	/** Not that of a bytecode file: there is no CR LF behind the magic number. */
	PYC_HEADER_NONE,
	/**
	 * A magic number or flags that are not known here: perhaps of a later format, of another
	 * implementation, or of a Python that somebody has changed. Or a hash that cannot be computed.
	 */
	PYC_HEADER_UNKNOWN,
};

/** A header, taken apart; what its state or its check does not speak of is 0. */
struct pyc_header {
	/**
	 * The tag of the interpreters that have this magic number: "cpython-311", and "cpython-27"
	 * for versions that did not have tags yet. Empty where the number is unknown, or one that several
	 * tags share, as those of GraalPy do.
	 */
	char tag[PYC_TAG_SIZE];
	uint16_t magic;
	/** How many bytes it has; code follows, if the file is whole. */
	size_t length;
	/** Where the bytecode begins in the code object behind it; 0 where that is not known. */
	size_t code_offset;
	enum pyc_check check;
	/** The source's time in seconds, the low 32 bits. */
	uint32_t mtime;
	/** The source's size in bytes, the low 32 bits. */
	uint32_t size;
	/** As siphash_finish() gives it. */
	uint64_t hash;
};

/**
 * Takes the header of a .pyc or .pyo file apart (a $py.class has none).
 *
 * The flags of PEP 552 are taken as CPython takes them.
 *
 * @param bytes The beginning of the file, of any alignment.
 * @param length How many there are; more than PYC_HEADER_SIZE do no harm.
 * @param out Its magic is set where there was one (with CR LF behind it) in whatever state, and so
 *        are tag and length where that is known; the rest with PYC_HEADER_READ.
 */
enum pyc_header_state pyc_read_header(const unsigned char *bytes, size_t length,
				      struct pyc_header *out);

/**
 * Whether what follows a header cannot be the code object of its interpreter: it does not begin as one,
 * or the file ends before the bytecode does. In doubt it is not damaged.
 *
 * @param header One of PYC_HEADER_READ.
 * @param bytes The beginning of the file, header included.
 * @param length How many these are: PYC_BODY_START, or all.
 * @param size The size of the file; more than the header's.
 */
bool pyc_is_damaged(const struct pyc_header *header, const unsigned char *bytes, size_t length,
		    uint64_t size);

/**
 * Whether a name's tag and a header's magic number can be of the same interpreter.
 *
 * @param name_tag What a tool has put behind it makes no difference.
 * @param header_tag pyc_header's, which may be empty.
 * @return false where both are known to be of different ones: such a file is used by none. True
 *         where the name has no tag, or one that is not known here.
 */
bool pyc_tags_agree(struct pyc_part name_tag, const char *header_tag);

/**
 * Whether a name's tag is that of a CPython whose header is known whatever it holds, 1.5 to 3.15. For
 * such a name, a magic number or flags that are not known are impossible.
 */
bool pyc_is_known_cpython(struct pyc_part tag);

/**
 * Whether a name's tag may be that of an implementation whose headers are different: RustPython's have
 * no CR LF.
 */
bool pyc_is_foreign(struct pyc_part tag);

/**
 * Begins the hash of a source as PEP 552 has it: siphash_add() all of its bytes, and compare what
 * siphash_finish() gives with the header's hash.
 *
 * @param header A read one, of PYC_BY_HASH or PYC_UNCHECKED.
 */
void pyc_hash_start(const struct pyc_header *header, struct siphash *hash);

#endif
