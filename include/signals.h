/** Ends, or stops, the program cleanly after a signal. */

#ifndef PYCLEAN_SIGNALS_H
#define PYCLEAN_SIGNALS_H

#include <stdatomic.h>

/**
 * Handles SIGINT, SIGTERM and SIGHUP, unless they are ignored (nohup(1), a shell's background jobs).
 * The first one asks the program to stop, the second one kills it.
 *
 * @return A variable that is 0 until a signal arrives, then its number.
 */
const atomic_int *signals_install(void);

/** Ends the program by the signal that has arrived; returns if none has. */
void signals_die(void);

/** Writes a text, a constant or NULL, to stderr when SIGTSTP (^Z) stops the program for once. */
void signals_write_on_stop(const char *text);

#endif
