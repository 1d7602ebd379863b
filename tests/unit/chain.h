/**
 * Chains of directories, and stacks of them that know which directory each level has to be.
 */

#ifndef TESTS_CHAIN_H
#define TESTS_CHAIN_H

#include "delete/dirstack.h"
#include "tree.h"

#include <stddef.h>
#include <sys/types.h>

/** Directories "d", each in the one before, and which one is at which level (0: the tree's own). */
struct chain {
	const struct tree *tree;
	ino_t *inodes;
	int depth;
};

/** Makes a chain of so many levels. */
struct chain chain_make(int depth);

/** A stack that ends, with all its descriptors, when the test does. */
struct dirstack *chain_start(const struct tree *tree);

/** Goes one level down. */
void chain_go_down(struct dirstack *stack);

/** Goes down so far, to where the first levels are closed, say, then pops back to `depth`. */
void chain_go_down_and_back(struct dirstack *stack, int down, size_t depth);

/** Asserts that the innermost directory is the one that it should be. */
void assert_innermost(struct dirstack *stack, const struct chain *chain);

#endif
