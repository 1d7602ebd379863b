/**
 * What a run leaves behind in which something was made to fail: only what had to go is gone, and
 * whatever is left of that is explained by an error, or by what the fault pretended.
 */

#ifndef TESTS_AFTERMATH_H
#define TESTS_AFTERMATH_H

#include "program.h"
#include "random_tree.h"
#include "tree.h"

/** A project, with something outside of it, as it is before a run. */
struct scene {
	const struct tree *tree;
	/** Where the program runs, without an operand. */
	struct tree project;
	struct tree_listing before;
	/** What of the project has to go, as -n lists it. */
	struct path_list goes;
};

/** Makes a scene of entries in which everything is plain: no names that would be quoted. */
struct scene scene_make(const char *const entries[]);

/** What a fault may come to. */
enum fault {
	/** The program copes with it, or reports it: one error at most. */
	FAULT_ONCE,
	/** The same, with any number of errors. */
	FAULT_LASTING,
	/** It says that a thing has gone, or is another one: that may be left without an error. */
	FAULT_GONE,
};

/**
 * Judges a run.
 *
 * @return What is wrong with it, or NULL.
 */
const char *scene_complaint(const struct scene *scene, const struct outcome *outcome,
			    enum fault fault);

#endif
