/**
 * Runs the deleter on a tree and writes down what it says, one line for each event:
 *
 *     "removed cache/a.pyc"                          "removed cache/" (a directory)
 *     "removed cache/b.pyc (reason)"
 *     "cannot remove cache/a.pyc: Permission denied" "cannot read cache/sub/: Input/output error"
 *     "other file system cache/mnt/"                 "held open cache/.nfs01"
 */

#ifndef TESTS_REMOVAL_H
#define TESTS_REMOVAL_H

#include "deleter.h"
#include "interpose.h"
#include "tree.h"

#include <stddef.h>
#include <stdint.h>

struct removal {
	char **lines;
	size_t count;
	size_t allocated;
	/** The sum of what was given back, and how much of each there was. */
	uint64_t bytes;
	size_t files;
	size_t directories;
	size_t errors;
};

/**
 * Removes `name`, a directory with a '/' at its end or a file without, in a tree's top.
 *
 * Asserts that all descriptors are closed afterwards, and that nothing was said of what is in a
 * directory after that was said to be removed.
 *
 * @param policy NULL for the default: remove, without looking up sizes.
 */
const struct removal *remove_in(const struct tree *tree, const char *name,
				const struct deleter_policy *policy);

/** The same with functions interposed, as long as the deleter is at work. */
const struct removal *remove_under(const struct interposed *functions, const struct tree *tree,
				   const char *name, const struct deleter_policy *policy);

/** The same as remove_in(), of what `choose` chooses; its context is not to be used. */
const struct removal *remove_chosen_in(const struct tree *tree, const char *name,
				       const struct deleter_policy *policy,
				       deleter_choose_fn *choose);

/** Asserts on all events, in any order but that of remove_in(). */
#define assert_removal(removal, ...) expect_removal(removal, WORDS(__VA_ARGS__), __FILE__, __LINE__)
void expect_removal(const struct removal *removal, const char *const *lines, const char *file,
		    int line);

#endif
