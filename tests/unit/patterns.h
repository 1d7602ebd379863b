/**
 * Patterns of --ignore, parsed as the command line has them.
 */

#ifndef TESTS_PATTERNS_H
#define TESTS_PATTERNS_H

#include "ignore.h"

/** Parses patterns, which live as long as the test. Each has to be a good one. */
struct ignore parse_patterns(const char *const texts[]);

/** parse_patterns() of the patterns as arguments. */
#define PATTERNS(...) parse_patterns(WORDS(__VA_ARGS__))

#endif
