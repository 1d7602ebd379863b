/**
 * The tag of the user's Python.
 */

#ifndef PYCLEAN_INTERPRETER_H
#define PYCLEAN_INTERPRETER_H

#include <stddef.h>

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
