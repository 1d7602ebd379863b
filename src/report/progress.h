/**
 * The progress line on stderr: how much was visited and found, and the current directory.
 *
 * Each thread has its own counts and adds them to the line's a few times a second, so that a
 * directory costs only a look at the clock.
 */

#ifndef PYCLEAN_PROGRESS_H
#define PYCLEAN_PROGRESS_H

#include "reporter.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** The progress line. Only one thread at a time may draw it, clear it or write text. */
struct progress {
	/** True if there is a line; constant, as are the next two. */
	bool enabled;
	/** True if stdout may be the same terminal. */
	bool tangles;
	/** True if it is drawn only while the program is in the foreground. */
	bool yields;
	/** True while it is on the screen. */
	bool drawn;
	/** The counts of all threads so far. */
	atomic_uint_least64_t directories;
	atomic_uint_least64_t files;
	atomic_uint_least64_t bytes;
	/** When to draw it next, in platform_milliseconds(). */
	atomic_uint_least64_t next;
};

/** One thread's counts, and those it has already added to the line's. All zero at first. */
struct progress_share {
	uint64_t directories;
	uint64_t told_directories;
	uint64_t told_files;
	uint64_t told_bytes;
	/** When to add its counts next, in platform_milliseconds(). */
	uint64_t next;
};

/** @return True if a descriptor is a terminal that supports control sequences. */
bool progress_on_terminal(int fd);

/**
 * Decides whether there is a progress line.
 *
 * @param when  REPORTER_AUTO: if stderr is a terminal and no list goes to a pipe, whose reader may
 *              write to the same terminal; half a second after the start, and while the program is
 *              in the foreground. REPORTER_ALWAYS: from the start.
 * @param lists True if lines are written to stdout.
 */
void progress_init(struct progress *progress, enum reporter_when when, bool lists);

/**
 * Adds a thread's counts to the line's if it is time for that.
 *
 * @param counts The thread's counts so far.
 * @return True if it is time to draw the line.
 */
bool progress_tell(struct progress *progress, struct progress_share *share,
		   const struct reporter_counts *counts);

/**
 * Draws the line, as wide as the terminal.
 *
 * @param where The current directory, already quoted.
 */
void progress_draw(struct progress *progress, const char *where);

/** Clears the line before other text is written; it reappears after a delay. */
void progress_clear(struct progress *progress);

#endif
