/**
 * The tags of interpreters, and the tag of the user's Python.
 */

#ifndef PYCLEAN_INTERPRETER_H
#define PYCLEAN_INTERPRETER_H

#include "pyc.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Whether a text can be the tag of an interpreter, with or without a tool's suffix.
 *
 * CPython's is "cpython-" and at least two digits, PyPy's "pypy" and digits (one digit means all
 * PyPys of that Python), any other a name in lower case (PEP 421), a '-' and a version that begins
 * with a digit. cpython-3.11, cpython311, cpython-37m and python-311 are not tags.
 */
bool interpreter_could_have_tag(struct pyc_part text);

/** @return The tag in the path or name of a bytecode file; points into it; empty if none. */
struct pyc_part interpreter_tag_in(const char *path);

/** The program that interpreter_ask_tag() runs. */
#define INTERPRETER_NAME "python3"

enum {
	/** Default timeout in milliseconds. */
	INTERPRETER_PATIENCE = 10000
};

/**
 * Runs the `python3` in PATH, without a shell, for its sys.implementation.cache_tag (PEP 421).
 *
 * @param milliseconds The timeout, after which it is killed.
 * @return 0, or -1 if it cannot be run, fails, or prints no tag that fits; errno is ETIMEDOUT after
 *         the timeout.
 */
int interpreter_ask_tag(char *out, size_t size, unsigned milliseconds);

#endif
