/**
 * What can be done about an error, in a sentence.
 */

#ifndef PYCLEAN_HINT_H
#define PYCLEAN_HINT_H

#include "strbuf.h"

#include <stdbool.h>

/** What there is to be said, each at most once in a run. */
enum hint {
	HINT_NOT_PERMITTED,
	HINT_UNREADABLE,
	HINT_IN_USE,
	HINT_MOUNTED,
	HINT_READ_ONLY,
	HINT_DESCRIPTORS,
	HINT_OPERAND,
	/** There is nothing to be said. */
	HINT_NONE,
};

/**
 * Finds what can be done about a failure.
 *
 * @param removal Whether it was to be removed, rather than read.
 * @param error   An errno.
 */
enum hint hint_for(bool removal, int error);

/** @return The sentence, with no period; not that of HINT_NONE. */
const char *hint_text(enum hint hint);

/** Adds a line with the sentence; not for HINT_NONE. */
void hint_add(struct strbuf *out, enum hint hint, bool colours);

#endif
