/**
 * What a stream is connected with, and what may be sent there.
 */

#ifndef PYCLEAN_TERMINAL_H
#define PYCLEAN_TERMINAL_H

#include <stdbool.h>

/** When something that is for a terminal is sent. */
enum terminal_when {
	/** To a terminal that can show it. */
	TERMINAL_AUTO,
	TERMINAL_ALWAYS,
	TERMINAL_NEVER,
};

/** Whether a descriptor is that of a terminal which takes control sequences: not TERM=dumb. */
bool terminal_is_capable(int fd);

/**
 * Whether colours are to be sent to a descriptor. With TERMINAL_AUTO, a NO_COLOR in the environment
 * that is not empty forbids it (https://no-color.org).
 */
bool terminal_takes_colour(enum terminal_when when, int fd);

#endif
