/**
 * The job: takes each operand for what it is, a directory, a `__pycache__`, a bytecode file or what
 * else lies in a `__pycache__`, or the source of a module.
 */

#ifndef PYCLEAN_CLEANER_H
#define PYCLEAN_CLEANER_H

#include "options.h"
#include "reporter.h"

#include <stdatomic.h>

/**
 * Cleans all operands. What goes wrong is reported.
 *
 * @param stop As deleter_policy's.
 * @return 0, or -1 with ENOMEM where it could not begin; then nothing was touched.
 */
int cleaner_run(const struct options *options, struct reporter *reporter, const atomic_int *stop);

#endif
