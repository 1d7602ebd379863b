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
	/** Constant. */
	bool enabled;
	/** True while it is on the screen. */
	bool drawn;
	/** When to draw it next, in platform_milliseconds(). */
	uint64_t next;
};

/** Whether a stream gets colours; REPORTER_AUTO obeys NO_COLOR (https://no-color.org). */
bool progress_takes_colour(enum reporter_when when, int fd);

/**
 * Decides whether there is a progress line.
 *
 * REPORTER_AUTO: if stderr is a terminal and no list goes to a pipe, half a second after the start.
 * REPORTER_ALWAYS: from the start.
 */
void progress_init(struct progress *progress, const struct reporter_style *style);

/**
 * Draws the line if it is due and the program is in the foreground, as wide as the terminal.
 *
 * @param prefix, trail The current directory, as reporter_path's.
 */
void progress_show(struct progress *progress, const struct reporter_counts *counts,
		   const char *prefix, const char *trail);

/** Clears the line before other text is written; it reappears after a delay. */
void progress_clear(struct progress *progress);

#endif
