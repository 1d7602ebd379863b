/**
 * Whether a directory lies in a repository's storage, whose files cannot be regenerated.
 */

#ifndef PYCLEAN_REPOSITORY_H
#define PYCLEAN_REPOSITORY_H

#include "platform.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	/** How many directories are kept, the latest; more than the depth of most paths. */
	REPOSITORY_MAX_CLEAR = 64,
};

/** Directories known to be outside any repository's storage. All zero is none. */
struct repository_clear {
	/** How many were added in all. */
	size_t count;
	struct platform_identity all[REPOSITORY_MAX_CLEAR];
};

/**
 * Whether a directory stores a repository or lies in its storage. `hooks`, which contains programs,
 * and work trees within it (directories with an entry `.git`) do not count as storage.
 *
 * Goes up by "..", which links and the path do not affect, to the root directory or to a directory
 * without search permission; at most PATH_MAX / 3 levels.
 *
 * @param fd    The directory; it need not be readable.
 * @param clear Directories to stop at; updated.
 */
bool repository_stores(int fd, struct repository_clear *clear);

#endif
