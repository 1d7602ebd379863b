/**
 * Walks a tree with walker_run() in a process of its own, and keeps what came of it, so that a walk
 * in which something goes wrong can be compared with one in which nothing does.
 */

#ifndef TESTS_WALK_H
#define TESTS_WALK_H

#include "interpose.h"
#include "ignore.h"
#include "deleter.h"
#include "reporter.h"
#include "tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How to walk; what is left out is as usual. */
struct walk_request {
	const struct tree *tree;
	struct ignore ignore;
	struct deleter_policy policy;
	bool prune;
	/** 0 for 1. */
	unsigned jobs;
	/** After how many entries the tree is shared; 0 for as usual. */
	uint64_t small;
	/** What stands in for the C library during the walk. */
	const struct interposed *functions;
	/** A limit on descriptors: where not 0, there are no others than standard streams and tree. */
	size_t max_descriptors;
	/** How many there are nevertheless, as a shell may leave some open. */
	size_t inherited;
};

/** What came of a walk. */
struct walk_result {
	/** What walker_run() has returned, and errno. */
	int returned;
	int error;
	struct reporter_counts tally;
	/** The lines of stdout, sorted, and of stderr. */
	const char *out;
	const char *err;
};

/** Has something said with a failure, which tells which of a test's many walks it was. */
__attribute__((format(printf, 1, 2))) void note_walks(const char *format, ...);

/** Walks. Asserts that the process did not crash, and that no descriptor was left open. */
const struct walk_result *walk(const struct walk_request *request);

/** walk() of the fields as arguments. */
#define WALK(...) walk(&(const struct walk_request){ __VA_ARGS__ })

/** Asserts that a walk has said and counted the same as another one, sizes included. */
#define assert_same_walk(expected, found) expect_same_walk(expected, found, __FILE__, __LINE__)
void expect_same_walk(const struct walk_result *expected, const struct walk_result *found,
		      const char *file, int line);

/**
 * Asserts that a walk has given one error, and of all that is not below the path which that names
 * exactly what an undisturbed one gives.
 */
void assert_one_error_alone(const struct walk_result *undisturbed,
			    const struct walk_result *result);

/** How a walk of a certain tree goes when nothing disturbs it. */
struct standard {
	void (*grow)(const struct tree *tree);
	/** A tree that nothing is removed from, and what would be. */
	const struct tree *tree;
	struct tree_listing before;
	const struct walk_result *dry_run;
	/** What a run says, and what it leaves of another such tree. */
	const struct walk_result *run;
	struct tree_listing after;
};

/** Walks trees made by `grow`, a dry run and a run. */
const struct standard *standard_of(void (*grow)(const struct tree *tree));

/** Asserts that a dry run is up to the standard, with one walker and with several. */
void assert_dry_run_undisturbed(const struct standard *standard,
				const struct interposed *functions);

/** Asserts that dry runs and a run are up to the standard. */
void assert_undisturbed(const struct standard *standard, const struct interposed *functions);

/** Sorts the lines of a text. */
char *sort_lines(const char *text);

#endif
