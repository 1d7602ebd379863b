/**
 * Visits every directory below an operand, with nftw(3), and has each one swept.
 */

#ifndef PYCLEAN_WALKER_H
#define PYCLEAN_WALKER_H

#include "sweeper.h"

/**
 * Cleans a directory and all below it. What goes wrong is reported.
 *
 * @param plan    What is to be done.
 * @param operand The directory as an operand.
 * @param fd      Its descriptor; stays the caller's.
 * @param prefix  What stands before the names in it when they are shown: "", "/" or "a/b/".
 * @return 0, or -1 with errno where the walk could not begin (ENOMEM, EMFILE).
 */
int walker_run(const struct sweeper_plan *plan, const struct operand *operand, int fd,
	       const char *prefix);

#endif
