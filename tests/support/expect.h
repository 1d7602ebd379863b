/**
 * Assertions on trees and outcomes that say what was run, what was expected, and what came instead.
 */

#ifndef TESTS_EXPECT_H
#define TESTS_EXPECT_H

#include "program.h"
#include "tree.h"

/** Text with control characters and bytes that are not ASCII made visible, within quotes. */
char *visible(const char *text);

/** What was said on standard error but for the lines that tell what can be done about it. */
char *without_hints(const char *err);

/**
 * What was said on standard output but for what marks and counts files without a source beside
 * them, unless `expected` has any of that: most trees of tests have no sources.
 */
char *without_marks(const char *text, const char *expected);

/**
 * Asserts on the exit status, and on all of standard output and error; lines that tell what can be
 * done about an error only count where `err` has any, and what tells of files without a source
 * beside them where `out` has.
 *
 * The last line of `out` has to be the last; the others, and the lines of `err`, may stand in any
 * order (a directory's order is the file system's). `(*)` stands for any size, as in
 * "Removed 1 file (*).".
 */
#define assert_outcome(outcome, status, out, err)                                                  \
 expect_outcome(outcome, status, out, err, __FILE__, __LINE__)
void expect_outcome(const struct outcome *outcome, int status, const char *out, const char *err,
		    const char *file, int line);

/** Asserts as assert_outcome(), on the last line of standard output alone. */
#define assert_last_line(outcome, status, summary, err)                                            \
 expect_last_line(outcome, status, summary, err, __FILE__, __LINE__)
void expect_last_line(const struct outcome *outcome, int status, const char *summary,
		      const char *err, const char *file, int line);

/** Asserts that the outcome's output is these paths, in any order, with a NUL after each. */
#define assert_paths(outcome, ...) expect_paths(outcome, WORDS(__VA_ARGS__), __FILE__, __LINE__)
void expect_paths(const struct outcome *outcome, const char *const paths[], const char *file,
		  int line);

/** Asserts that one text stands before another in the output. */
#define assert_before(outcome, first, second)                                                      \
 expect_before(outcome, first, second, __FILE__, __LINE__)
void expect_before(const struct outcome *outcome, const char *first, const char *second,
		   const char *file, int line);

/** Asserts that a tree is what a description says, no less and no more. */
#define assert_tree(tree, ...) expect_tree(tree, WORDS(__VA_ARGS__), __FILE__, __LINE__)
void expect_tree(const struct tree *tree, const char *const entries[], const char *file, int line);

/** Asserts that two listings are the same. */
#define assert_listing(expected, found) expect_listing(expected, found, __FILE__, __LINE__)
void expect_listing(struct tree_listing expected, struct tree_listing found, const char *file,
		    int line);

/**
 * Makes a tree from a description in which what has to go is marked with "- ", runs the program in
 * it (first with -n, which must not change anything), and asserts that what is marked has gone,
 * that all else stayed, and that the program had nothing to complain about.
 *
 * @param arguments Divided by blanks.
 */
#define assert_cleans(arguments, ...)                                                              \
 expect_cleans(arguments, WORDS(__VA_ARGS__), __FILE__, __LINE__)
void expect_cleans(const char *arguments, const char *const entries[], const char *file, int line);

/**
 * Asserts that -n lists what a run removes: each path that the run lists has gone, all else has
 * stayed, and the dry run before it listed the same paths and changed nothing. Neither has anything
 * to complain about.
 *
 * @param arguments Divided by blanks; the operands are within the tree.
 */
#define assert_dry_run_tells(tree, arguments)                                                      \
 expect_dry_run_tells(tree, arguments, __FILE__, __LINE__)
void expect_dry_run_tells(const struct tree *tree, const char *arguments, const char *file,
			  int line);

#endif
