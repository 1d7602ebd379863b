/**
 * The Python sources in one directory, by stem. They are collected while the directory is read,
 * which saves a system call for each bytecode file beside them.
 */

#ifndef PYCLEAN_SOURCES_H
#define PYCLEAN_SOURCES_H

#include "namelist.h"

#include <stddef.h>

struct source {
	/** The name, and its length before the suffix. */
	const char *stem;
	size_t length;
	enum entry_type type;
};

/** All zero is empty. */
struct sources {
	struct namelist names;
	/** All of them by stem; made by the first sources_find(). */
	struct source *sorted;
	size_t sorted_count;
};

/** Adds a file or a link that has a source's name. @return 0, or -1 with ENOMEM. */
int sources_add(struct sources *sources, const char *name, enum entry_type type);

enum sources_answer {
	SOURCES_NONE,
	SOURCES_FILE,
	/** The caller has to ask the file system: it is a link, or there is no memory. */
	SOURCES_UNKNOWN,
};

/** Looks for a source. @param stem Its name without the suffix; not terminated. */
enum sources_answer sources_find(struct sources *sources, const char *stem, size_t length);

/** Empties it and keeps the memory. */
void sources_clear(struct sources *sources);

/** Frees the memory. */
void sources_free(struct sources *sources);

#endif
