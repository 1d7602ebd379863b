/** The patterns of --ignore, by the rules of gitignore(5). Bytes are compared. No I/O. */

#ifndef PYCLEAN_IGNORE_H
#define PYCLEAN_IGNORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/** A pattern. Its texts are owned by the caller. */
struct ignore_pattern {
	const char *given;
	/** Its components, each ended by a NUL, and the end of the last one. */
	const char *glob;
	const char *end;
	/** To match absolute paths: a directory, or NULL, and the components below it. */
	const char *directory;
	const char *rest;
	/** Matches the path below the operand, not the name. */
	bool is_path;
	/** Matches only directories. */
	bool directories;
	/** It has matched. Any thread may set it. */
	atomic_bool used;
};

/** All patterns, for the entries of an operand. All zero is none. */
struct ignore {
	struct ignore_pattern *all;
	size_t count;
	/** If a pattern has a `directory`, the operand's path without links, "" for the root. */
	bool has_absolute;
	const char *top;
};

/**
 * Sets all members but `given` and those for absolute paths.
 *
 * @param text The pattern; modified, and used by `glob`.
 * @return NULL, or the usage error: why nothing can match it.
 */
const char *ignore_parse(struct ignore_pattern *pattern, char *text);

/** Whether a pattern matches an entry. @param path `top` and '/', if set, and the path below it. */
bool ignore_matches(const struct ignore *ignore, const char *path, const char *name,
		    bool directory);

#endif
