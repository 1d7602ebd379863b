/**
 * The directories on the way down into a tree, outermost first: what is left to do in each and,
 * where the tree is being removed, whether it may go.
 */

#ifndef PYCLEAN_LEVELS_H
#define PYCLEAN_LEVELS_H

#include "descent.h"
#include "listing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One of these directories. */
struct level {
	/** It lies among the entries of the level before, which do not change meanwhile. */
	const char *name;
	/** What is in it, and where to read on there. */
	struct listing entries;
	size_t at;
	/** How often it has been read before. */
	unsigned tries;
	/** Whether something in it stays, and so must the directory. */
	bool stays;
	/** Whether it goes only if something in it went, and whether something did. */
	bool spare_empty;
	bool emptied;
	/** Whether it goes with all that is in it, which is not asked about. */
	bool whole;
	/** Why it could not be read to its end, or 0. */
	int error;
	/** What the file system gets back for it. */
	uint64_t bytes;
};

/** All zero is none, and has allocated nothing. */
struct levels {
	/** The way to the innermost one, as deep as there are levels; descent_start() comes first. */
	struct descent descent;
	struct level *all;
	size_t allocated;
	/** What the outermost is in, which does not go. */
	struct level outside;
};

/** Frees what was allocated; each level has to be popped by then. */
void levels_free(struct levels *levels);

/** @return The innermost level, `outside` where there is none; holds until levels_push(). */
struct level *levels_innermost(struct levels *levels);

/**
 * Makes a directory the innermost one, with no entries yet.
 *
 * @param fd   As descent_push()'s, and so is `name`.
 * @return Its level, as levels_innermost(); or NULL with ENOMEM, and `fd` is still the caller's.
 */
struct level *levels_push(struct levels *levels, int fd, const char *name);

/** Leaves the innermost directory, which there must be; its entries no longer hold. */
void levels_pop(struct levels *levels);

#endif
