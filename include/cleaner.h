/**
 * The job: takes each operand for what it is, a directory, a `__pycache__`, a bytecode file or what
 * else lies in a `__pycache__`, or the source of a module.
 */

#ifndef PYCLEAN_CLEANER_H
#define PYCLEAN_CLEANER_H

#include "options.h"
#include "reporter.h"

#include <stdatomic.h>

enum cleaner_result {
	/** What went wrong on the way was reported. */
	CLEANER_DONE,
	/** It could not begin, for want of memory; errno says so. */
	CLEANER_FAILED,
	/** An operand is refused, as reporter_usage() has said. */
	CLEANER_REFUSED,
};

/**
 * Cleans all operands. What goes wrong is reported.
 *
 * @param stop As deleter_policy's.
 * @return CLEANER_DONE; otherwise nothing was touched.
 */
enum cleaner_result cleaner_run(const struct options *options, struct reporter *reporter,
				const atomic_int *stop);

#endif
