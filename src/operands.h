/**
 * Cleans each operand: a directory, bytecode, or the source of a module.
 */

#ifndef PYCLEAN_OPERANDS_H
#define PYCLEAN_OPERANDS_H

#include "options.h"
#include "reporter.h"

#include <stdatomic.h>

/**
 * Cleans all operands and reports errors on the way.
 *
 * @param stop As deleter_policy's.
 * @return 0, even after errors on the way; or -1 if nothing was touched, after a usage error or one
 *         of reporter_fatal().
 */
int operands_clean(const struct options *options, struct reporter *reporter,
		   const atomic_int *stop);

#endif
