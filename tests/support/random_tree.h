/**
 * Trees made at random, the same ones for the same seed, and an oracle that knows what of a tree
 * has to go: the design's rules once more, as a command line of find(1).
 */

#ifndef TESTS_RANDOM_TREE_H
#define TESTS_RANDOM_TREE_H

#include "tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Fills a tree with nested directories, caches, bytecode, decoys, links (some of them out of the
 * tree, some in circles), environments, repositories and odd names.
 */
void random_tree_grow(const struct tree *tree, uint64_t seed);

/** Paths, sorted. */
struct path_list {
	const char **paths;
	size_t count;
};

/**
 * What a run in the tree has to remove, as -n lists it: stray files and links, and caches as a
 * whole with a '/' at their end.
 *
 * @param all Whether -a is given.
 */
struct path_list oracle_of_tree(const struct tree *tree, bool all);

/** The paths that a NUL-separated output lists, sorted. */
struct path_list paths_of_output(const char *output, size_t length);

#endif
