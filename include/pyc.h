/** The names of Python bytecode files, and the tags of interpreters in them. */

#ifndef PYCLEAN_PYC_H
#define PYCLEAN_PYC_H

#include "matcher.h"

/** A part of a terminated text; length 0 if there is none. */
struct pyc_part {
	const char *start;
	size_t length;
};

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
	enum pyc_kind kind;
	struct pyc_part stem;
	/** sys.implementation.cache_tag, with a tool's suffix if there is one. */
	struct pyc_part tag;
	/** With the digits that importlib appends until the file is complete. */
	bool temporary;
	/** All before the suffix; the stem of a file beside its source. */
	struct pyc_part legacy_stem;
};

/** Splits a name. @return Whether it is the name of a bytecode file, by matcher_kind(). */
bool pyc_split(const char *name, struct pyc_name *out);

/** Whether a name is that of Numba's machine code, `MODULE.FUNCTION-LINE.py311.nbi` or `….nbc`. */
bool pyc_is_numba(const char *name);

/**
 * Whether a tag is an interpreter's, or that with a '-' and a tool's suffix. The 't' of the
 * free-threaded build is ignored in both. `pypy39` and `pypy3-71` belong to `pypy3`, too.
 */
bool pyc_tag_belongs(struct pyc_part tag, const char *interpreter);

/** Whether a tag is that of a known implementation; a.b-3.pyc of a.b-3.py beside it has none. */
bool pyc_tag_is_interpreter(struct pyc_part tag);

/** Whether a tag's implementation may have other headers; RustPython's have no CR LF. */
bool pyc_is_foreign(struct pyc_part tag);

/**
 * Whether a text can be a tag: "cpython-" and at least two digits, "pypy" and digits, or another
 * name in lower case (PEP 421), a '-' and a version; with or without a tool's suffix.
 */
bool pyc_is_tag(struct pyc_part text);

/** @return The tag of a known implementation in the name of a bytecode file, if any. */
struct pyc_part pyc_tag_in(const char *name);

#endif
