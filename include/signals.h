/**
 * Ends the program in good order when a signal asks for it.
 */

#ifndef PYCLEAN_SIGNALS_H
#define PYCLEAN_SIGNALS_H

#include <stdatomic.h>

/**
 * Has SIGINT, SIGTERM and SIGHUP ask the program to stop, unless they are ignored (nohup(1), a
 * shell's background jobs). The second one kills it at once.
 *
 * @return 0 until one has come, then its number.
 */
const atomic_int *signals_install(void);

/** Dies of the signal that has come; returns where none has. */
void signals_die(void);

/** Has a write beyond the limit on file sizes fail, with EFBIG, instead of ending the program. */
void signals_ignore_size_limit(void);

#endif
