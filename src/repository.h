/**
 * Whether a directory lies in a repository's storage, where nothing can be made again.
 */

#ifndef PYCLEAN_REPOSITORY_H
#define PYCLEAN_REPOSITORY_H

#include "platform.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	/** How many directories are remembered, the latest: more than there are on most ways up. */
	REPOSITORY_MAX_CLEAR = 64,
};

/** Directories known to lie in no repository's storage. All zero is none. */
struct repository_clear {
	/** How many were added. */
	size_t count;
	struct platform_identity all[REPOSITORY_MAX_CLEAR];
};

/**
 * Whether a directory stores a repository or lies in one that does, except in its `hooks`, which
 * hold programs, and in a work tree within it: a directory that has an entry `.git`.
 *
 * Goes up by "..", so that neither a link nor the path hides anything, until the root directory or
 * a directory that may not be searched.
 *
 * @param fd    The directory; it need not be readable.
 * @param clear Directories to stop at. It is updated.
 */
bool repository_stores(int fd, struct repository_clear *clear);

#endif
