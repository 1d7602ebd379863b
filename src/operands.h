/**
 * Cleans each operand as what it is: a directory, bytecode, or the source of a module.
 */

#ifndef PYCLEAN_OPERANDS_H
#define PYCLEAN_OPERANDS_H

#include "options.h"
#include "reporter.h"

#include <stdatomic.h>

enum operands_result {
	OPERANDS_DONE,
	/** It could not begin: ENOMEM. */
	OPERANDS_FAILED,
	/** An operand is refused, as reporter_usage() has said. */
	OPERANDS_REFUSED,
};

/**
 * Cleans all operands, and reports errors on the way.
 *
 * @param stop As deleter_policy's.
 * @return OPERANDS_DONE, even after such errors; otherwise nothing was touched.
 */
enum operands_result operands_clean(const struct options *options, struct reporter *reporter,
				    const atomic_int *stop);

#endif
