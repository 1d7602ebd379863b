/**
 * Command lines, and patterns of --ignore, parsed as main() has them parsed.
 */

#ifndef TESTS_COMMAND_H
#define TESTS_COMMAND_H

#include "options.h"
#include "scratch.h"

/** Parses words; `result` receives what came back. The options last until the test ends. */
struct options *parse_words(const char *const *words, int *result);

/** Parses words divided by blanks, which have to be right. */
const struct options *parse(const char *words);

/** Asserts on the error that words divided by blanks give. */
void assert_refused(const char *words, const char *problem, const char *text);

/** Parses patterns, which live as long as the test. Each has to be a good one. */
struct ignore parse_patterns(const char *const texts[]);

/** parse_patterns() of the patterns as arguments. */
#define PATTERNS(...) parse_patterns(WORDS(__VA_ARGS__))

#endif
