/**
 * The directories on the way down into a tree, however deep, with a bounded number of descriptors;
 * and what is left to do in each.
 *
 * Each directory is opened by its name in the one above it, without following a link. Of a long
 * way only the innermost directories, and a few further up, are held open; the others are opened
 * again in the same manner on the way back, and have to be the same ones still.
 *
 *     root ─▶ 0 ─▶ 1 ─▶ … ─▶ stride ─▶ … ─▶ run ─▶ … ─▶ depth - 1
 *             open  closed   open     closed   └──── all open ───┘
 */

#ifndef PYCLEAN_DIRSTACK_H
#define PYCLEAN_DIRSTACK_H

#include "namelist.h"
#include "platform.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A directory on the stack. */
struct dirstack_level {
	/** -1 while closed, and then what it was. */
	int fd;
	struct platform_identity identity;
	/** An entry of the level before, whose entries do not change meanwhile. */
	const char *name;
	/** Its entries, and where the next one begins. */
	struct namelist entries;
	size_t at;
	/** How often it has been read before. */
	unsigned tries;
	/** Something in it stays, and so must the directory. */
	bool stays;
	/** It is kept unless something in it was removed. */
	bool spare_empty;
	/** Something in it was removed. */
	bool emptied;
	/** It is removed with all that is in it, which is not asked about. */
	bool whole;
	/** Why it could not be read to its end, or 0. */
	int error;
	/** What the file system gets back for it, in bytes. */
	uint64_t bytes;
};

/** All zero is a stack that has allocated nothing; dirstack_start() makes it usable. */
struct dirstack {
	/** The directory that holds the first one: its descriptor, and a level in place of its own. */
	int root;
	struct dirstack_level outside;
	struct dirstack_level *levels;
	size_t depth;
	size_t allocated;
	/** Index of the first level of the run: the innermost ones, which are all open. */
	size_t run;
	/** How many levels the run may have. */
	size_t max_run;
	/** Further out the levels at multiples of `stride` are open; 0 for none. */
	size_t stride;
	/** The names of all, each with a '/' after it. */
	struct strbuf trail;
};

/**
 * Begins at a directory; memory that was allocated before is used again.
 *
 * @param root Its descriptor; stays the caller's, and open as long as the stack is used.
 */
void dirstack_start(struct dirstack *dirstack, int root);

/** Frees what was allocated; each directory has to be left by then. */
void dirstack_free(struct dirstack *dirstack);

/** @return The path from the root to the innermost directory, "" or "a/b/"; until that changes. */
const char *dirstack_trail(const struct dirstack *dirstack);

/**
 * Opens the innermost directory again if it was closed.
 *
 * @return Its descriptor, at the start the root's, for as long as it is the innermost one; or -1
 *         with errno: openat(2)'s, or ESTALE where it, or one further out, is another one now.
 */
int dirstack_fd(struct dirstack *dirstack);

/**
 * Opens a directory in the innermost one. Where descriptors run out, outer ones are given up.
 *
 * @return A descriptor, the caller's until dirstack_push(), or -1 with errno, as above.
 */
int dirstack_open(struct dirstack *dirstack, const char *name);

/** @return The innermost level, `outside` if there is none; valid until dirstack_push(). */
struct dirstack_level *dirstack_innermost(struct dirstack *dirstack);

/**
 * Makes a directory the innermost one, with no entries yet.
 *
 * @param fd   From dirstack_open(); closed by dirstack_pop().
 * @param name Its name in the one that was innermost; has to outlast it.
 * @return Its level, as dirstack_innermost(); or NULL with ENOMEM, and `fd` is still the caller's.
 */
struct dirstack_level *dirstack_push(struct dirstack *dirstack, int fd, const char *name);

/** Leaves the innermost directory, which there must be, and closes it; its entries are gone. */
void dirstack_pop(struct dirstack *dirstack);

#endif
