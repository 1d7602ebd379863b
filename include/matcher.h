/** Classifies names: is an entry removed, entered or kept? Tables of names, no I/O, no state. */

#ifndef PYCLEAN_MATCHER_H
#define PYCLEAN_MATCHER_H

#include "platform.h"

enum verdict {
	/** Never for a directory. */
	VERDICT_KEEP,
	/** A directory as a whole. */
	VERDICT_REMOVE,
	/** Debris, if it is marked: see debris_find(). */
	VERDICT_REMOVE_IF_MARKED,
	VERDICT_ENTER,
	/** A directory that is never entered, or bytecode that a pattern of --ignore matches. */
	VERDICT_SKIP,
	/** A directory that is entered only with --all. */
	VERDICT_SKIP_BY_DEFAULT,
};

struct match {
	enum verdict verdict;
	/** Of a skip, in static storage; otherwise NULL. */
	const char *reason;
};

struct matcher_rules {
	/** Enter directories that are skipped by default, except repositories. */
	bool all;
	/** The topics of debris (see debris.h). */
	unsigned debris;
};

struct match matcher_classify(const struct matcher_rules *rules, const char *name,
			      enum entry_type type);

/** The name of a cache directory (PEP 3147); whether it is the last in a path ("a/b/"). */
#define MATCHER_CACHE "__pycache__"
bool matcher_leads_to_cache(const char *path);

/** The suffixes of sources, ".py" first; NULL after the last. All become `STEM.TAG.pyc`. */
extern const char *const matcher_source_suffixes[];
/** Whether a name has one, after a stem. */
bool matcher_is_source(const char *name);

/** The names of directories that store a repository, NULL after the last; why they are skipped. */
extern const char *const matcher_repositories[];
extern const char matcher_version_control[];
bool matcher_is_repository(const char *name);

/** Marks that a directory has by its entries, to be combined. */
enum {
	/** A git repository, bare or not, has all three (gitrepository-layout(5)). */
	MATCHER_HEAD = 1 << 0,
	MATCHER_OBJECTS = 1 << 1,
	MATCHER_REFS = 1 << 2,
	MATCHER_REPOSITORY = MATCHER_HEAD | MATCHER_OBJECTS | MATCHER_REFS,
	/** `pyvenv.cfg` (PEP 405), or conda's `conda-meta`. */
	MATCHER_ENVIRONMENT = 1 << 3,
	/** An environment from before PEP 405 has both, as other directories may. */
	MATCHER_PROGRAMS = 1 << 4,
	MATCHER_LIBRARY = 1 << 5,
	MATCHER_MAYBE_ENVIRONMENT = MATCHER_PROGRAMS | MATCHER_LIBRARY,
};

/** @return The mark that an entry gives to its directory, or 0. */
unsigned matcher_mark(const char *name, enum entry_type type);
/** Whether all three marks of a repository are set; their entries, NULL after the last. */
bool matcher_marks_repository(unsigned marks);
extern const char *const matcher_repository_entries[];

/** A part of a terminated text; length 0 if there is none. */
struct pyc_part {
	const char *start;
	size_t length;
};

/**
 * Whether a text can be a tag: "cpython-" and at least two digits, "pypy" and digits, or another
 * name in lower case (PEP 421), a '-' and a version; with or without a tool's suffix.
 */
bool pyc_is_tag(struct pyc_part text);
/** @return The tag of a known implementation in the name of a bytecode file, if any. */
struct pyc_part pyc_tag_in(const char *name);

#endif
