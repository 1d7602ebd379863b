/**
 * The walkers that share a tree: how many there are, and what descriptors each may use.
 */

#ifndef PYCLEAN_CREW_H
#define PYCLEAN_CREW_H

#include "sweeper.h"

/** How many walkers there may be, and are unless the user says otherwise. */
enum {
	CREW_MAX_JOBS = 64,
	CREW_DEFAULT_JOBS = 8
};

/**
 * Cleans a directory and all below it. What goes wrong is reported.
 *
 * The caller's thread is the first walker; others are started when the tree turns out to be
 * large enough to share, and have ended on return.
 *
 * @param plan    What is to be done.
 * @param fd      The directory's descriptor; stays the caller's.
 * @param prefix  What stands before the names in it when they are shown: "", "/" or "a/b/".
 * @param jobs    How many walkers there may be, 1 to CREW_MAX_JOBS; fewer where the limit on
 *                descriptors (RLIMIT_NOFILE) asks for it.
 * @return 0, or -1 with errno where the walk could not begin (ENOMEM, EMFILE).
 */
int crew_run(const struct scene_plan *plan, int fd, const char *prefix, unsigned jobs);

#endif
