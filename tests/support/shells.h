/**
 * Asks shells what they would offer for a command line that is being typed.
 */

#ifndef TESTS_SHELLS_H
#define TESTS_SHELLS_H

#include "tree.h"

/** A shell for which there are completions in src/completions/, and a script in tests/shells/. */
struct shell {
	const char *name;
	const char *completions;
};

extern const struct shell shells_bash;
extern const struct shell shells_zsh;
extern const struct shell shells_fish;

/**
 * Completes a line at its end; skips the test where the shell is not installed.
 *
 * @param tree Where the shell stands.
 * @return The candidates in order, each with a blank after it, without a slash or "=" at their end.
 */
const char *shells_complete(const struct shell *shell, const struct tree *tree, const char *line);

/** Puts the words of a text, divided by blanks or line ends, in order; each is left once. */
const char *shells_sorted(const char *text);

#endif
