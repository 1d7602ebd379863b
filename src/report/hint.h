/**
 * Hints: one sentence about what the user can do about an error.
 */

#ifndef PYCLEAN_HINT_H
#define PYCLEAN_HINT_H

#include "strbuf.h"

#include <stdbool.h>

/** Each is printed at most once in a run. */
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
	/** No hint. */
	HINT_NONE,
};

/** A failure. */
struct hint_case {
	/** True if it could not be removed, false if it could not be read. */
	bool removal;
	/** An errno. */
	int error;
	/** True if --one-file-system was not given and would have excluded it. */
	bool crosses;
	/** True if the user is root, whom permissions do not restrict. */
	bool is_root;
};

/** @return The hint for a failure, or HINT_NONE. */
enum hint hint_for(const struct hint_case *failure);

/** Adds the hint as a line; not for HINT_NONE. */
void hint_add(struct strbuf *out, enum hint hint, bool colours);

#endif
