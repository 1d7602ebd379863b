/**
 * The tags that interpreters have, and that of the Python that the user has.
 */

#ifndef PYCLEAN_INTERPRETER_H
#define PYCLEAN_INTERPRETER_H

#include "pyc.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Whether any interpreter can have a text for a tag, with or without what a tool puts behind it.
 *
 * That of CPython is "cpython-" and at least two digits, that of PyPy "pypy" and digits, of which
 * one alone stands for all PyPys of that Python; that of any other a name in lower case (PEP 421), a
 * '-' and what begins with a digit. cpython-3.11, cpython311, cpython-37m and python-311 are none.
 */
bool interpreter_could_have_tag(struct pyc_part text);

/**
 * Finds the interpreter's tag in the name of a bytecode file.
 *
 * @param path A path or a name, into which the tag points.
 * @return NULL and 0 where it has none.
 */
struct pyc_part interpreter_tag_in(const char *path);

/** What is run. */
#define INTERPRETER_NAME "python3"

enum {
	/** How long it may take, in milliseconds. */
	INTERPRETER_PATIENCE = 10000
};

/**
 * Runs the `python3` in PATH, without a shell, and takes its sys.implementation.cache_tag (PEP 421).
 *
 * @param milliseconds How long it may take; then it is killed.
 * @return 0, or -1 where there is none, or it fails, has no tag, or one that does not fit; errno is
 *         ETIMEDOUT where it took too long.
 */
int interpreter_ask_tag(char *out, size_t size, unsigned milliseconds);

#endif
