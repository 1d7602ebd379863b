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

/**
 * A bytecode file's name, taken apart; the parts point into it.
 *
 *     stem  .  tag                        .  opt-N  .  pyc  .  DIGITS
 *     a.b   .  cpython-311                .  opt-2  .  pyc               PEP 3147, PEP 488
 *     t     .  cpython-311-pytest-8.4.2             .  pyc               pytest's own caches
 *     m                                             .  pyo               legacy, beside m.py
 *     m     .  cpython-311                          .  pyc  .  14025876  an interrupted write
 */
struct bytecode_name {
	struct bytecode_part stem;
	/** sys.implementation.cache_tag, and what a tool has put behind it. */
	struct bytecode_part tag;
	/** What follows "opt-". */
	struct bytecode_part optimization;
	/** What importlib puts behind a name until the file is complete. */
	struct bytecode_part temporary;
};

/**
 * Takes a name apart.
 *
 * @return Whether it is that of a bytecode file: a stem of at least one byte, and ".pyc" or
 *         ".pyo", or ".pyc" and a dot and digits.
 */
bool bytecode_split(const char *name, struct bytecode_name *out);

#endif
