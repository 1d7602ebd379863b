/**
 * A stack of directories, from the root of a tree to the current one, and the entries left in each.
 * A bounded number, the innermost ones, is held open. On the way back the others are opened again,
 * by ".." or step by step from the root, and must still be the same.
 *
 *     root ─▶ 0 ─▶ 1 ─▶ … ─▶ first_open ─▶ … ─▶ depth - 1
 *             └─ closed ─┘   └──────── all open ────────┘
 */

#ifndef PYCLEAN_DIRSTACK_H
#define PYCLEAN_DIRSTACK_H

#include "namelist.h"

#include <stdint.h>

struct dirstack_level {
	/** -1 while it is closed; then its identity is known. */
	int fd;
	struct platform_identity identity;
	/** Points into the entries of the level above, which do not change meanwhile. */
	const char *name;
	/** Its entries, and the position of the next one. */
	struct namelist entries;
	size_t at;
	/** How often it has been read before. */
	unsigned tries;
	/** An entry is kept, and so is the directory. */
	bool kept;
	/** It is removed with everything in it, without a choice about its entries. */
	bool whole;
	/** The file that is removed last, and only if all others are; or NULL. */
	const char *last;
	/** Why it could not be read to its end, or 0. */
	int error;
	/** The disk space freed by removing it, in bytes. */
	uint64_t bytes;
};

/** All zero is a stack without allocations; dirstack_start() makes it usable. */
struct dirstack {
	/** The directory that the first one is in. */
	struct dirstack_level root;
	struct dirstack_level *levels;
	size_t depth;
	size_t allocated;
	/** The index of the first level that is open, as all after it are; and the most of these. */
	size_t first_open;
	size_t max_open;
	/** The path from the root to the innermost directory, "" or "a/b/". */
	struct strbuf trail;
};

/** Begins at a directory; reuses memory. @param root_fd Owned by the caller; open while in use. */
void dirstack_start(struct dirstack *dirstack, int root_fd);
/** Frees the memory; all directories must have been popped. */
void dirstack_free(struct dirstack *dirstack);

/**
 * Opens the innermost directory again if it was closed.
 *
 * @return Its descriptor (the root's if the stack is empty), valid while it is the innermost one;
 *         or -1 with openat(2)'s errno, or ESTALE if it is now another directory.
 */
int dirstack_fd(struct dirstack *dirstack);
/** Opens a directory in the innermost one; may close outer ones. @return As dirstack_fd(). */
int dirstack_open(struct dirstack *dirstack, const char *name);
/** @return The innermost level, or `root` if there is none; valid until dirstack_push(). */
struct dirstack_level *dirstack_innermost(struct dirstack *dirstack);

/**
 * Makes a directory the innermost one, with no entries yet.
 *
 * @param fd, name Of dirstack_open(); the stack's until dirstack_pop().
 * @return As dirstack_innermost(); or NULL with ENOMEM, and the caller still owns `fd`.
 */
struct dirstack_level *dirstack_push(struct dirstack *dirstack, int fd, const char *name);

/** Closes and removes the innermost directory, which must exist, and drops its entries. */
void dirstack_pop(struct dirstack *dirstack);

#endif
