/**
 * Trees of very many entries: where there is room for them, and how they are made in a short time.
 */

#ifndef TESTS_LARGE_H
#define TESTS_LARGE_H

#include "tree.h"

/** Has trees made in memory (/dev/shm), where the environment says nothing and there is room. */
void large_prefer_memory(void);

/** Skips the test where there is no room for so many more entries. */
void large_need_room(const struct tree *tree, unsigned long entries);

/** Adds empty files to a directory: "PREFIX0SUFFIX", "PREFIX1SUFFIX", … */
void large_add_files(const struct tree *tree, const char *directory, const char *prefix,
		     unsigned long count, const char *suffix);

/** Adds so many files that the tree is large: the threads share it from the start (walker.h). */
void large_add_ballast(const struct tree *tree);

/** Counts the names in a directory that end in a suffix. */
unsigned long large_count(const struct tree *tree, const char *directory, const char *suffix);

#endif
