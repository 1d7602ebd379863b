/**
 * Sweeps one directory in a process of its own, and keeps what came of it.
 */

#ifndef TESTS_SWEEP_H
#define TESTS_SWEEP_H

#include "interpose.h"
#include "sweeper.h"
#include "tree.h"

#include <stddef.h>

/** What is to be swept, and how; what is left out is as usual. */
struct sweep {
	const struct tree *tree;
	/** Which directory of the tree; NULL for its top, the operand. */
	const char *path;
	/** What stands before names, and where in it the path below the operand begins. */
	const char *prefix;
	size_t below;
	struct matcher_rules rules;
	struct selection_rules selection;
	/** The tree is a cache-prefix tree, and this the path of its sources. */
	const char *sources;
	struct deleter_policy policy;
	const struct interposed *functions;
	/** Instead of a sweep. */
	void (*act)(struct sweeper *sweeper, const struct scene_place *place);
};

/** What came of it. */
struct swept {
	/** What sweeper_sweep() returned, and the names to be visited, each with a newline after it. */
	size_t count;
	char subdirectories[4096];
	struct reporter_counts tally;
	/** The lines of stdout and stderr, sorted. */
	const char *out;
	const char *err;
};

const struct swept *run_sweep(const struct sweep *sweep);

/** run_sweep() of the fields as arguments. */
#define SWEEP(...) run_sweep(&(const struct sweep){ __VA_ARGS__ })

/** Asserts on all that was said, and on the names to be visited; lines in any order. */
void assert_swept(const struct swept *swept, const char *out, const char *err,
		  const char *subdirectories);

#endif
