/**
 * Cleans each operand for what it is: a directory, a `__pycache__`, a bytecode file or what
 * else lies in a `__pycache__`, or the source of a module.
 */

#ifndef PYCLEAN_OPERANDS_H
#define PYCLEAN_OPERANDS_H

#include "options.h"
#include "reporter.h"

#include <stdatomic.h>

enum operands_result {
	/** What went wrong on the way was reported. */
	OPERANDS_DONE,
	/** It could not begin, for want of memory; errno says so. */
	OPERANDS_FAILED,
	/** An operand is refused, as reporter_usage() has said. */
	OPERANDS_REFUSED,
};

/**
 * Cleans all operands. What goes wrong is reported.
 *
 * @param stop As deleter_policy's.
 * @return OPERANDS_DONE; otherwise nothing was touched.
 */
enum operands_result operands_clean(const struct options *options, struct reporter *reporter,
				    const atomic_int *stop);

#endif
