/**
 * What stores a repository, by looking upwards from a directory: nothing in it can be made again.
 */

#ifndef PYCLEAN_REPOSITORY_H
#define PYCLEAN_REPOSITORY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
	/** How many directories of a way up are remembered; a longer one is gone again. */
	REPOSITORY_MAX_CLEAR = 64,
};

/** Directories that lie in no repository's storage: those of the last way up. All zero is none. */
struct repository_clear {
	size_t count;
	struct repository_directory {
		dev_t dev;
		ino_t ino;
	} all[REPOSITORY_MAX_CLEAR];
};

/**
 * Whether a directory stores a repository or lies in one that does, save in its `hooks`, which hold
 * programs, and save in a work tree within: a directory that has an entry `.git`.
 *
 * The way up is taken by "..", so that no link and no path hides anything; it ends at the root
 * directory, or at a directory that may not be searched.
 *
 * @param fd    The directory; it need not be readable.
 * @param clear Where the way up may end early. It is updated.
 */
bool repository_stores(int fd, struct repository_clear *clear);

#endif
