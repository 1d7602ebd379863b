/**
 * The progress line on stderr: how much was visited and found, and the current directory.
 */

#ifndef PYCLEAN_PROGRESS_H
#define PYCLEAN_PROGRESS_H

#include "reporter.h"

#include <stdbool.h>
#include <stdint.h>

/** The progress line. Only one thread at a time may use it. */
struct progress {
	/** Constant, as are the next two. */
	bool enabled;
	/** True if stdout may be the same terminal. */
	bool tangles;
	/** True if it is drawn only while the program is in the foreground. */
	bool yields;
	/** True while it is on the screen. */
	bool drawn;
	/** The counts of all threads so far, as in reporter_counts. */
	uint64_t visited;
	uint64_t files;
	uint64_t bytes;
	/** When to draw it next, in platform_milliseconds(). */
	uint64_t next;
};

/** The counts that a thread has added to the line's, and when to add more. All zero at first. */
struct progress_share {
	struct reporter_counts told;
	uint64_t next;
};

/** @return True if a descriptor is a terminal that supports control sequences. */
bool progress_on_terminal(int fd);

/**
 * Decides whether there is a progress line.
 *
 * REPORTER_AUTO: if stderr is a terminal and no list goes to a pipe, half a second after the start,
 * and while the program is in the foreground. REPORTER_ALWAYS: from the start.
 */
void progress_init(struct progress *progress, const struct reporter_style *style);

/** Adds a thread's counts so far, a few times a second. @return True if a drawing is due. */
bool progress_tell(struct progress *progress, struct progress_share *share,
		   const struct reporter_counts *counts);

/** Draws the line, as wide as the terminal. @param where The current directory. */
void progress_draw(struct progress *progress, const char *where);

/** Clears the line before other text is written; it reappears after a delay. */
void progress_clear(struct progress *progress);

#endif
