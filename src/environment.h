/**
 * The interpreter of a virtual environment, as its files tell it. Nothing in it is run.
 */

#ifndef PYCLEAN_ENVIRONMENT_H
#define PYCLEAN_ENVIRONMENT_H

#include <stdbool.h>

enum environment_implementation {
	ENVIRONMENT_ANY,
	ENVIRONMENT_CPYTHON,
	ENVIRONMENT_PYPY,
	/** Its tag does not follow from its version. */
	ENVIRONMENT_OTHER,
};

/** An interpreter, as far as it is known; all zero if it is unknown. */
struct environment_python {
	enum environment_implementation implementation;
	/** The Python language's version without its dot, such as "313"; empty if not known. */
	char version[5];
	/** Two versions were found. */
	bool contradictory;
};

/**
 * Reads `version`, `version_info` and `implementation` from a `pyvenv.cfg` (PEP 405), as written by
 * venv (the first alone), virtualenv, uv and others. Any other line is ignored.
 *
 * @param text The file; modified.
 */
void environment_parse(char *text, struct environment_python *out);

enum environment_answer {
	/** There is no environment. */
	ENVIRONMENT_NONE,
	ENVIRONMENT_TOLD,
	/** There is one, which does not tell its tag. */
	ENVIRONMENT_UNTOLD,
};

enum {
	ENVIRONMENT_TAG_SIZE = 16
};

/**
 * Finds the tag of an environment. Its `pyvenv.cfg` counts if it has a version, and `lib/pythonX.Y`
 * or `lib/pypyX.Y` otherwise; if both have one they must agree, since one of them is then left over
 * from another interpreter.
 *
 * @param path Links are followed: `.venv` is often one, and it is only read. A `pyvenv.cfg` that is
 *             a link is not.
 */
enum environment_answer environment_read(const char *path, char tag[ENVIRONMENT_TAG_SIZE]);

#endif
