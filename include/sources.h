/**
 * The Python sources in one directory. They are collected while the directory is read, which saves
 * system calls for their bytecode.
 */

#ifndef PYCLEAN_SOURCES_H
#define PYCLEAN_SOURCES_H

#include "namelist.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct source {
	const char *name;
	enum entry_type type;
	/** For the caller's use; zero at first. */
	struct stat stat;
};

/** All zero is empty. */
struct sources {
	struct namelist names;
	/** All of them by name; made by the first sources_find(). */
	struct source *sorted;
	size_t sorted_count;
};

/** Adds what may be a source by its name and its type. @return 0, or -1 with ENOMEM. */
int sources_add(struct sources *sources, const char *name, enum entry_type type);

/**
 * Looks for a source.
 *
 * @param out Receives the source, valid until one is added; NULL if it was not added.
 * @return Whether it is known; false if there is no memory.
 */
bool sources_find(struct sources *sources, const char *name, struct source **out);

/** Empties it and keeps the memory. */
void sources_clear(struct sources *sources);

/** Frees the memory. */
void sources_free(struct sources *sources);

#endif
