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
	HINT_IMMUTABLE,
	HINT_UNREADABLE,
	HINT_IN_USE,
	HINT_MOUNTED,
	HINT_OTHER_FILE_SYSTEM,
	HINT_READ_ONLY,
	HINT_DESCRIPTORS,
	HINT_OPERAND,
	/** No advice. */
	HINT_NONE,
};

/** A failure. */
struct hint_case {
	/** True if it could not be removed, false if it could not be read. */
	bool removal;
	/** An errno. */
	int error;
	/** True if --one-file-system was not given and would have left it out. */
	bool crosses;
	/** True if the user is root, to whom permissions do not apply. */
	bool is_root;
};

/** Finds what can be done about a failure. */
enum hint hint_for(const struct hint_case *failure);

/** Adds the advice as a line; not for HINT_NONE. */
void hint_add(struct strbuf *out, enum hint hint, bool colours);

#endif
