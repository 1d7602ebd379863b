/**
 * What the tag `auto` stands for.
 */

#ifndef PYCLEAN_INTERPRETER_H
#define PYCLEAN_INTERPRETER_H

#include "lookup.h"
#include "options.h"
#include "reporter.h"

#include <stdatomic.h>
#include <stddef.h>

/**
 * If `auto` is in the selection, finds what it stands for at each operand that is cleaned: the
 * interpreter of the environment that the operand is or has (`.venv`, `venv`), or a directory above
 * it up to the current one; or of the activated one (VIRTUAL_ENV); or `python3`. That is looked for
 * in PATH, only if an operand needs it, and run once, unless it lies in an operand: nothing in a
 * tree that is cleaned is run.
 *
 * @param stop As deleter_policy's.
 * @return 0, with the operands' `automatic` set and reported; or -1, after a usage error or once
 *         `stop` is set.
 */
int interpreter_find_tags(struct lookup *lookup, const struct options *options,
			  struct reporter *reporter, const atomic_int *stop);

/**
 * Runs a Python, without a shell, for its sys.implementation.cache_tag (PEP 421).
 *
 * @param milliseconds The timeout, after which it is killed.
 * @return 0, or -1 if it cannot be run, fails, or prints no tag that fits; errno is ETIMEDOUT after
 *         the timeout, EINTR once `stop` is set.
 */
int interpreter_ask_tag(const char *path, char *out, size_t size, unsigned milliseconds,
			const atomic_int *stop);

#endif
