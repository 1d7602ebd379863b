/**
 * What a name is, and whether it goes: a table of rows, no I/O, no state.
 */

#ifndef PYCLEAN_MATCHER_H
#define PYCLEAN_MATCHER_H

#include "platform.h"

#include <stdbool.h>
#include <stddef.h>

/** What becomes of a directory entry. */
enum verdict {
	/** It stays, and there is nothing below it. */
	VERDICT_KEEP,
	/** It goes; a directory as a whole. */
	VERDICT_REMOVE,
	/** A file that goes while its source is beside it. */
	VERDICT_REMOVE_WITH_SOURCE,
	/** A directory like any other: look inside. */
	VERDICT_ENTER,
	/** A directory that stays as it is. */
	VERDICT_SKIP,
	/** The directory that holds this entry stays as it is. */
	VERDICT_SKIP_PARENT,
};

/** Whether a verdict is that an entry goes, with or without a condition. */
bool matcher_removes(enum verdict verdict);

/** A verdict, and for the two skips the reason in words (static storage), otherwise NULL. */
struct match {
	enum verdict verdict;
	const char *reason;
};

/** What the user chose. */
struct matcher_rules {
	/** Enter what is skipped by default. */
	bool all;
	/** It is a tree of bytecode alone, which mirrors others: environments' names mean nothing. */
	bool mirror;
	/** The directory is cleaned even where an entry marks it as an environment. */
	bool unmarked;
	/**
	 * fnmatch(3) patterns of directories to skip, matched with FNM_PATHNAME against the
	 * name and the path below the operand; with a leading '/' against that path alone.
	 */
	const char *const *ignore;
	size_t ignore_count;
};

/**
 * Classifies one directory entry.
 *
 * The names are those of PEP 3147 (`__pycache__`), PEP 488 (`.pyc`), the `.pyo` of Python before
 * 3.5, `.pyc.DIGITS`, which importlib writes to before it renames, and Jython's `$py.class`; those
 * skipped are the design's, a virtual environment being known by its `pyvenv.cfg` (PEP 405) or `conda-meta`.
 *
 * @param path The path below the operand, whose last component is `name`; looked at only
 *             where there are patterns.
 */
struct match matcher_classify(const struct matcher_rules *rules, const char *path, const char *name,
			      enum entry_type type);

#endif
