/**
 * Which directories mirror those of sources: a tree of bytecode alone, as PYTHONPYCACHEPREFIX has
 * Python make it (3.8 and later).
 */

#ifndef PYCLEAN_MIRROR_H
#define PYCLEAN_MIRROR_H

#include "deleter.h"

/** How much of a directory is looked at. */
enum mirror_reach {
	/** What is in it. */
	MIRROR_ITSELF,
	/** What is in it and below. */
	MIRROR_WHOLE,
};

/**
 * Finds out whether a directory belongs to the tree of a prefix.
 *
 * A prefix may be set to what holds all kinds of things, /tmp or a directory of projects. So what
 * Python puts into no such tree speaks against it, in the directory or between it and the prefix: a
 * `__pycache__`, a source, what marks an environment. So does a directory that cannot be read.
 *
 * @param prefix The root of the tree: absolute, without links.
 * @param path   The directory, in the same form.
 * @param policy What is not to be looked at, and when to leave off: then it is none.
 * @return The path from the prefix to it, within `path`; NULL where it is no part of such a tree.
 */
const char *mirror_path_in(const char *prefix, const char *path, enum mirror_reach reach,
			   const struct deleter_policy *policy);

#endif
