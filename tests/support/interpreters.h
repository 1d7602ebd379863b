/**
 * The Pythons that are there, to be asked what they make of bytecode: those in the directories of
 * PATH, in ~/.pyenv/versions/ and in what PYCLEAN_PYTHONS names (programs or directories, divided
 * by colons).
 */

#ifndef TESTS_INTERPRETERS_H
#define TESTS_INTERPRETERS_H

#include "program.h"
#include "tree.h"

#include <limits.h>
#include <stdbool.h>

struct interpreter {
	char path[PATH_MAX];
	/** sys.implementation.cache_tag, or "" where it has none (Python 2). */
	char tag[64];
	/** Which it is: two programs that say the same here are one. */
	char version[256];
	int major;
	int minor;
};

/**
 * All of them, looked for at the first call, ended by one whose `major` is 0. Where there is none at
 * all the test is skipped.
 */
const struct interpreter *interpreters(void);

/** Whether it is of a version, or of a later one. */
bool interpreter_is_from(const struct interpreter *interpreter, int major, int minor);

/**
 * Runs it in a tree, as if the user had set nothing. It writes no bytecode of its own accord.
 *
 * @param variable One change to the environment, or NULL.
 */
const struct outcome *interpreter_run(const struct interpreter *interpreter,
				      const struct tree *tree, const char *variable,
				      const char *const arguments[]);

#endif
