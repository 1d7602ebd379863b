/**
 * What can be done about an error, in a sentence.
 */

#ifndef PYCLEAN_HINT_H
#define PYCLEAN_HINT_H

#include "strbuf.h"

#include <stdbool.h>

/** Each is given at most once in a run. */
enum hint {
	HINT_NOT_PERMITTED,
	HINT_UNREADABLE,
	HINT_IN_USE,
	HINT_MOUNTED,
	HINT_READ_ONLY,
	HINT_DESCRIPTORS,
	HINT_OPERAND,
	/** No advice. */
	HINT_NONE,
};

/**
 * Finds what can be done about a failure.
 *
 * @param removal True if it could not be removed, false if it could not be read.
 * @param error   An errno.
 */
enum hint hint_for(bool removal, int error);

/** Adds the advice as a line; not for HINT_NONE. */
void hint_add(struct strbuf *out, enum hint hint, bool colours);

#endif
