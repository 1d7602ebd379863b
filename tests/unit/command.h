/**
 * Command lines for the options, parsed as main() has them parsed.
 */

#ifndef TESTS_COMMAND_H
#define TESTS_COMMAND_H

#include "options.h"

/** Parses words; `result` receives what came back. The options last until the test ends. */
struct options *parse_words(const char *const *words, int *result);

/** Parses words divided by blanks, which have to be right. */
const struct options *parse(const char *words);

/** Asserts on the error that words divided by blanks give. */
void assert_refused(const char *words, const char *problem, const char *text);

#endif
