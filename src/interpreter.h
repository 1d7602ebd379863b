/**
 * What the tag `auto` stands for.
 */

#ifndef PYCLEAN_INTERPRETER_H
#define PYCLEAN_INTERPRETER_H

#include "operands.h"
#include "options.h"
#include "reporter.h"

#include <stdatomic.h>

/**
 * If `auto` is in the selection, finds what it stands for at each operand that is cleaned: the
 * interpreter of the environment that the operand is or has (`.venv`, `venv`), or, if it lies in
 * the current directory, of that one's; or of the activated one (VIRTUAL_ENV); or `python3`.
 * Environments are only read. python3 is run once, if an operand needs it and none contains it.
 *
 * @param stop As deleter_policy's.
 * @return 0, with the operands' `automatic` set and reported; or -1, after a usage error or once
 *         `stop` is set.
 */
int interpreter_find_tags(struct lookup *lookup, const struct options *options,
			  struct reporter *reporter, const atomic_int *stop);

enum {
	INTERPRETER_TAG_SIZE = 16
};

/**
 * Reads a `pyvenv.cfg` (PEP 405): `version`, `version_info` and `implementation`, as written by
 * venv (the first alone), virtualenv, uv and others.
 *
 * @param text Modified.
 * @param tags Receives a glob for the environment's tag, such as "*313", "pypy*" or "cpython-313".
 */
void interpreter_parse_config(char *text, char tags[INTERPRETER_TAG_SIZE]);

#endif
