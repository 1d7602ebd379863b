/**
 * One line on stderr while a run lasts: how far it is, and where.
 *
 * Each walker counts by itself, and tells its share a few times a second, so that a directory costs
 * no more than a look at the clock.
 */

#ifndef PYCLEAN_PROGRESS_H
#define PYCLEAN_PROGRESS_H

#include "reporter.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** The line. The caller sees to it that one thread alone draws, clears or writes anything else. */
struct progress {
	/** Whether there is to be one; does not change. */
	bool enabled;
	/** Whether lines on stdout come to where it is; does not change. */
	bool tangles;
	/** Whether it is drawn in the foreground only; does not change. */
	bool yields;
	/** Whether it is on the screen. */
	bool drawn;
	/** What all walkers have told. */
	atomic_uint_least64_t directories;
	atomic_uint_least64_t files;
	atomic_uint_least64_t bytes;
	/** When it is to be drawn, in milliseconds. */
	atomic_uint_least64_t next;
};

/** What one walker has seen, and what of that it has told. All zero at first. */
struct progress_share {
	uint64_t directories;
	uint64_t told_directories;
	uint64_t told_files;
	uint64_t told_bytes;
	/** When it looks again whether it is time, in milliseconds. */
	uint64_t next;
};

/** @return True if a descriptor is that of a terminal which takes control sequences. */
bool progress_on_terminal(int fd);

/**
 * Decides whether there is to be a line.
 *
 * @param when  With REPORTER_AUTO: where stderr is a terminal and no list goes to a pipe, whose
 *              reader may write to the same terminal; half a second after the start, and while
 *              the program is in the foreground. With REPORTER_ALWAYS: from the start.
 * @param lists Whether there are lines on stdout.
 */
void progress_init(struct progress *progress, enum reporter_when when, bool lists);

/**
 * Tells the walker's share if it is time for that.
 *
 * @param counts What the walker has counted so far.
 * @return Whether it is time to draw the line.
 */
bool progress_tell(struct progress *progress, struct progress_share *share,
		   const struct reporter_counts *counts);

/**
 * Draws the line, as wide as the terminal is then.
 *
 * @param where A path that can be shown.
 */
void progress_draw(struct progress *progress, const char *where);

/** Clears the line before something else is written; it does not come back at once. */
void progress_clear(struct progress *progress);

#endif
