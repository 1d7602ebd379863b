/**
 * The names in one directory, read in full before anything is done with them.
 */

#ifndef PYCLEAN_NAMELIST_H
#define PYCLEAN_NAMELIST_H

#include "platform.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/** One name; it points into its listing, and holds until the listing next grows. */
struct listed {
	const char *name;
	enum entry_type type;
	/** Whatever the owner of the listing marked it with. */
	unsigned char mark;
};

/**
 * Names in the order in which they were added, packed into one allocation:
 *
 *     | type | mark | n a m e \0 | type | mark | n a m e \0 | …
 *
 * All zero is an empty listing.
 */
struct namelist {
	struct strbuf bytes;
	/** How many names there are that were not taken. */
	size_t count;
	/** Where namelist_take() looks first. */
	size_t cursor;
	/** Where the name is that it took last. */
	size_t last;
};

/** Adds a name. @return 0, or -1 with ENOMEM. */
int namelist_add(struct namelist *listing, const char *name, enum entry_type type,
		 unsigned char mark);

/**
 * Steps through a listing.
 *
 * @param at Where to read on; 0 at first.
 * @return false at the end.
 */
bool namelist_next(const struct namelist *listing, size_t *at, struct listed *out);

/**
 * Takes a name out of a listing. Cheap where names are taken in about the order in which they
 * were added.
 *
 * @return Whether it was there.
 */
bool namelist_take(struct namelist *listing, const char *name);

/** Undoes the last namelist_take(), which has found its name. */
void namelist_put_back(struct namelist *listing);

/** Empties a listing, but keeps its memory for the next directory unless that has become large. */
void namelist_clear(struct namelist *listing);

/** Frees what a listing holds; it is then empty. */
void namelist_free(struct namelist *listing);

/**
 * Reads a directory, asking fstatat(2) about each entry whose type the directory does not tell.
 * An entry that is gone by then is left out; one that cannot be asked about is ENTRY_UNKNOWN,
 * with errno as fstatat left it.
 *
 * @param each Receives every entry but "." and ".."; as platform_entry_fn.
 * @return 0, or -1 with errno.
 */
int namelist_read(int fd, platform_entry_fn *each, void *context);

#endif
