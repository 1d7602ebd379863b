/**
 * Cleans each operand: a directory, bytecode, or the source of a module.
 */

#ifndef PYCLEAN_OPERANDS_H
#define PYCLEAN_OPERANDS_H

#include "options.h"
#include "reporter.h"

#include <stdatomic.h>

enum operands_result {
	OPERANDS_DONE,
	/** The run could not begin (ENOMEM). */
	OPERANDS_FAILED,
	/** An operand was refused, and reported by reporter_usage(). */
	OPERANDS_REFUSED,
};

/**
 * Cleans all operands and reports errors on the way.
 *
 * @param stop As deleter_policy's.
 * @return OPERANDS_DONE, even after reported errors; otherwise nothing was touched.
 */
enum operands_result operands_clean(const struct options *options, struct reporter *reporter,
				    const atomic_int *stop);

#endif
