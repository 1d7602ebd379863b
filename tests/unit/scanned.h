/**
 * Scans one directory in a process of its own, and keeps what came of it.
 */

#ifndef TESTS_SCANNED_H
#define TESTS_SCANNED_H

#include "interpose.h"
#include "walker.h"
#include "tree.h"

#include <stddef.h>

/** What is to be scanned, and how; what is left out is as usual. */
struct scan_request {
	const struct tree *tree;
	/** Which directory of the tree; NULL for its top, the operand. */
	const char *path;
	struct ignore ignore;
	struct filter_rules selection;
	struct deleter_policy policy;
	const struct interposed *functions;
	/** Instead of a scan. */
	void (*act)(struct scan *scan, const struct scan_place *place);
};

/** What came of it. */
struct scanned {
	/** How many names are to be visited, and the names to be visited, each with a newline after it. */
	size_t count;
	char subdirectories[4096];
	struct reporter_counts tally;
	/** The lines of stdout and stderr, sorted. */
	const char *out;
	const char *err;
};

const struct scanned *run_scan(const struct scan_request *request);

/** run_scan() of the fields as arguments. */
#define SCAN(...) run_scan(&(const struct scan_request){ __VA_ARGS__ })

/** Asserts on all that was said, and on the names to be visited; lines in any order. */
void assert_scanned(const struct scanned *scanned, const char *out, const char *err,
		    const char *subdirectories);

#endif
