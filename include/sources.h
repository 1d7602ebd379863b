/**
 * The Python sources in one directory, found by what their names have before the suffix: what the
 * one read of the directory has told, so that nothing more needs to be asked for each file in it.
 */

#ifndef PYCLEAN_SOURCES_H
#define PYCLEAN_SOURCES_H

#include "namelist.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** All zero is none. */
struct sources {
	struct namelist names;
	/**
	 * A hash table with linear probing, a power of two and at least twice as large as there are
	 * names: where in the listing one begins, and 1 more; 0 for none. Built for the first look.
	 */
	uint32_t *slots;
	size_t slot_count;
	size_t allocated;
};

/** Adds an entry of the directory if it is a source, or a link. @return 0, or -1 with ENOMEM. */
int sources_add(struct sources *sources, const char *name, enum entry_type type);

enum sources_answer {
	SOURCES_NONE,
	SOURCES_FILE,
	/** Only the file system can tell: it is a link, or there is no memory. */
	SOURCES_UNKNOWN,
};

/** Looks for a source. @param stem What its name has before the suffix; not terminated. */
enum sources_answer sources_find(struct sources *sources, const char *stem, size_t length);

/** Turns to another directory, of which nothing is known yet. */
void sources_clear(struct sources *sources);

/** Frees what was allocated. */
void sources_free(struct sources *sources);

#endif
