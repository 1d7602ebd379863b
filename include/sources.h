/**
 * The Python sources in one directory, as its one read found them, by their stems: spares a system call
 * for each bytecode file beside them.
 */

#ifndef PYCLEAN_SOURCES_H
#define PYCLEAN_SOURCES_H

#include "namelist.h"

#include <stddef.h>

struct source {
	/** The name, and the length of what stands before its suffix. */
	const char *stem;
	size_t length;
	enum entry_type type;
};

/** All zero is none. */
struct sources {
	struct namelist names;
	/** All of them, once they were sorted for the first look. */
	struct source *sorted;
	size_t sorted_count;
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

/** Empties it for another directory. */
void sources_clear(struct sources *sources);

/** Frees what was allocated. */
void sources_free(struct sources *sources);

#endif
