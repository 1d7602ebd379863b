/** Table of debris, the files that Python's tools leave besides bytecode, by name and mark. */

#ifndef PYCLEAN_DEBRIS_H
#define PYCLEAN_DEBRIS_H

#include "platform.h"

enum {
	/** Topics of --debris, to be combined. */
	DEBRIS_CACHES = 1 << 0,
	DEBRIS_COVERAGE = 1 << 1,
	DEBRIS_BUILD = 1 << 2,
	DEBRIS_ALL = DEBRIS_CACHES | DEBRIS_COVERAGE | DEBRIS_BUILD,
	/** The most bytes that are read of a mark. */
	DEBRIS_MARK_SIZE = 4096,
};

/** Evidence near an entry. */
enum debris_need {
	DEBRIS_NEEDS_NOTHING,
	/** A project file beside it or its parent. */
	DEBRIS_NEEDS_PROJECT,
	/** For a part: a `bdist.*` beside it, or a project's metadata beside its parent. */
	DEBRIS_NEEDS_BUILD,
};

enum debris_place {
	DEBRIS_ANYWHERE,
	DEBRIS_IN_BUILD,
	DEBRIS_IN_DIST,
};

struct debris {
	enum debris_place place;
	unsigned topic;
	/** ENTRY_FILE or ENTRY_DIRECTORY, and an fnmatch(3) pattern. */
	enum entry_type type;
	const char *name;
	enum debris_need need;
	/** The place of the parts, if only these are debris, and only beside a project file. */
	enum debris_place parts;
	/** The marked regular file in a directory; NULL for a file, or without a mark. */
	const char *mark;
	/** Another file that must be in the directory, and one that must not be; or both NULL. */
	const char *also;
	const char *never;
	/** How the marked file begins, and a text within so many bytes of it, or NULL. */
	const char *begins;
	size_t begins_length;
	const char *contains;
	size_t within;
	/** Why it is kept without a mark. */
	const char *unmarked;
};

/** @return The topics of an argument of --debris, or 0; and the name of one topic. */
unsigned debris_topics(const char *name);
const char *debris_topic_name(unsigned topic);

/** @return The row of one of the wanted topics that matches an entry, or NULL. */
const struct debris *debris_find(enum debris_place place, unsigned wanted, const char *name,
				 enum entry_type type);

/** Files that make a directory a project; the last one has no name. */
extern const struct debris_project {
	const char *file;
	/** A text in it, if a newline is put before its first line. */
	const char *text;
} debris_projects[];

/** Whether a file that begins with these bytes is a row's mark. */
bool debris_is_mark(const struct debris *row, const char *bytes, size_t length);
/** Whether a path leads to or into a directory of installed packages. */
bool debris_is_installed(const char *path);

#endif
