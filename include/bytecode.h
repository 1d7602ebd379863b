/**
 * The format of Python bytecode files: what their names are made of.
 */

#ifndef PYCLEAN_BYTECODE_H
#define PYCLEAN_BYTECODE_H

#include <stdbool.h>
#include <stddef.h>

/** A part of a name that is not terminated; a length of 0 where the name lacks it. */
struct bytecode_part {
	const char *start;
	size_t length;
};

/** Which suffix a bytecode file's name has. */
enum bytecode_kind {
	BYTECODE_PYC,
	BYTECODE_PYO,
	/** Jython's: STEM$py.class. */
	BYTECODE_CLASS,
};

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
struct bytecode_name {
	enum bytecode_kind kind;
	struct bytecode_part stem;
	/** sys.implementation.cache_tag, and what a tool has put behind it. */
	struct bytecode_part tag;
	/** What follows "opt-". */
	struct bytecode_part optimization;
	/** What importlib puts behind a name until the file is complete. */
	struct bytecode_part temporary;
	/**
	 * All that stands before the suffix. It is the stem of a file beside its source: names have
	 * no tag there, and a.b.pyc is what comes of a.b.py.
	 */
	struct bytecode_part legacy_stem;
};

/**
 * Takes a name apart.
 *
 * @return Whether it is that of a bytecode file: a stem of at least one byte, and ".pyc" or
 *         ".pyo", or ".pyc" and a dot and digits, or "$py.class".
 */
bool bytecode_split(const char *name, struct bytecode_name *out);

/**
 * Whether the tag in a name belongs to an interpreter: it is the interpreter's, or that and a '-'
 * and what a tool has put behind it. `cpython-311-pytest-8.4.2` belongs to `cpython-311`,
 * `cpython-313t` does not belong to `cpython-313`.
 *
 * @param tag Where it is empty, it belongs to none.
 */
bool bytecode_tag_belongs(struct bytecode_part tag, const char *interpreter);

#endif
