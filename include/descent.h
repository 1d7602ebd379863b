/**
 * The way down into a directory tree, however deep, with a bounded number of descriptors.
 *
 * Each directory is opened by its name in the one above it, without following a link. Of a long
 * way only the innermost directories, and a few further up, are held open; the others are opened
 * again in the same manner on the way back, and have to be the same ones still.
 *
 *     root ─▶ 0 ─▶ 1 ─▶ … ─▶ stride ─▶ … ─▶ run ─▶ … ─▶ depth - 1
 *             open  closed   open     closed   └──── all open ───┘
 */

#ifndef PYCLEAN_DESCENT_H
#define PYCLEAN_DESCENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** A directory on the way. */
struct descent_level {
	/** -1 while closed. */
	int fd;
	/** Whoever pushed it keeps it. */
	const char *name;
	/** What it was when it was closed. */
	dev_t dev;
	ino_t ino;
};

/** All zero is a descent that has allocated nothing; descent_start() makes it usable. */
struct descent {
	/** What the first directory is in. */
	int root;
	struct descent_level *levels;
	size_t depth;
	size_t allocated;
	/** From here on inwards all are open. */
	size_t run;
	/** How many that may be. */
	size_t max_run;
	/** Further out those at multiples of `stride` are open; 0 for none. */
	size_t stride;
	/** The names of all, each with a '/' after it. */
	char *trail;
	size_t trail_used;
	size_t trail_size;
};

/**
 * Begins at a directory; what was allocated before is used again.
 *
 * @param root Its descriptor; stays the caller's, and open as long as the descent is used.
 */
void descent_start(struct descent *descent, int root);

/** Frees what was allocated; each directory has to be left by then. */
void descent_free(struct descent *descent);

/** @return The path from the root to the innermost directory, "" or "a/b/"; until that changes. */
const char *descent_trail(const struct descent *descent);

/**
 * Opens the innermost directory again if it was closed.
 *
 * @return Its descriptor, at the start the root's, for as long as it is the innermost one; or -1
 *         with errno: openat(2)'s, or ESTALE where it, or one further out, is another one now.
 */
int descent_innermost(struct descent *descent);

/**
 * Opens a directory in the innermost one. Where descriptors run out, outer ones are given up.
 *
 * @return A descriptor, the caller's until descent_push(), or -1 with errno, as above.
 */
int descent_open(struct descent *descent, const char *name);

/**
 * Makes a directory the innermost one.
 *
 * @param fd   From descent_open(); closed by descent_pop().
 * @param name Its name in the one that was innermost; has to outlast it.
 * @return 0, or -1 with ENOMEM; then `fd` is still the caller's.
 */
int descent_push(struct descent *descent, int fd, const char *name);

/** Leaves the innermost directory, which there must be, and closes it. */
void descent_pop(struct descent *descent);

#endif
