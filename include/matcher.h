/**
 * What a name is, and whether it is removed: tables of names, no I/O, no state.
 */

#ifndef PYCLEAN_MATCHER_H
#define PYCLEAN_MATCHER_H

#include "platform.h"

#include <stdbool.h>
#include <stddef.h>

/** What becomes of a directory entry. */
enum verdict {
	/** Kept; nothing is below it. */
	VERDICT_KEEP,
	/** Removed; a directory as a whole. */
	VERDICT_REMOVE,
	/** An ordinary directory: look inside. */
	VERDICT_ENTER,
	/** A directory that is kept unread. */
	VERDICT_SKIP,
	/** One that is kept unread unless the user asks for it. */
	VERDICT_SKIP_BY_DEFAULT,
};

/** A verdict, and for the two skips the reason (static storage), otherwise NULL. */
struct match {
	enum verdict verdict;
	const char *reason;
};

/** What the user chose. */
struct matcher_rules {
	/** Enter what is skipped by default, save repositories. */
	bool all;
	/**
	 * fnmatch(3) patterns of directories to skip, matched with FNM_PATHNAME against the
	 * name and the path below the operand; with a leading '/' against that path alone.
	 */
	const char *const *ignore;
	size_t ignore_count;
};

/** The directory of caches (PEP 3147). */
#define MATCHER_CACHE "__pycache__"

/** The kinds of bytecode files, by the suffixes of their names. */
enum pyc_kind {
	PYC_NONE,
	/** `STEM.pyc`, and with DIGITS after it, until importlib has renamed it. */
	PYC_PYC,
	PYC_PYO,
	/** Jython's `STEM$py.class`, removed only while its source is beside it. */
	PYC_CLASS,
};

/** Finds the kind of a name. @param stem Receives its length before the suffix unless PYC_NONE. */
enum pyc_kind matcher_kind(const char *name, size_t *stem);

/** Whether the last directory of a path, such as "a/b/", is a `__pycache__`. */
bool matcher_leads_to_cache(const char *path);

/**
 * The suffixes of sources, ".py" first; NULL after the last. All are compiled to `STEM.TAG.pyc`: ".pyw"
 * by Python on Windows, ".hy" by Hy.
 */
extern const char *const matcher_source_suffixes[];

/** @return The length of a source's name before its suffix, or 0 if it is no source's name. */
size_t matcher_source_stem(const char *name);

/** Whether a name is that of a source: a stem of at least one byte, and a suffix. */
bool matcher_is_source(const char *name);

/**
 * Classifies one directory entry.
 *
 * Bytecode is named by PEP 3147 (`__pycache__`), PEP 488 (`.pyc`), Python before 3.5 (`.pyo`),
 * importlib until it renames a file (`.pyc.DIGITS`) and Jython (`$py.class`).
 *
 * @param path The path below the operand, whose last component is `name`; for patterns only.
 */
struct match matcher_classify(const struct matcher_rules *rules, const char *path, const char *name,
			      enum entry_type type);

/** Whether a name is that of a directory that stores a repository. */
bool matcher_is_repository(const char *name);

/** The names of directories that store a repository; NULL after the last. */
extern const char *const matcher_repositories[];

/** What entries tell about the directory that holds them: a set of bits. */
enum matcher_marks {
	/** A git repository, bare or not, has all three (gitrepository-layout(5)). */
	MATCHER_HEAD = 1 << 0,
	MATCHER_OBJECTS = 1 << 1,
	MATCHER_REFS = 1 << 2,
	MATCHER_REPOSITORY = MATCHER_HEAD | MATCHER_OBJECTS | MATCHER_REFS,
	/** A virtual environment has a `pyvenv.cfg` (PEP 405), one of conda a `conda-meta`. */
	MATCHER_ENVIRONMENT = 1 << 3,
	/** One from before PEP 405 has both; so have other directories, so they are looked at. */
	MATCHER_PROGRAMS = 1 << 4,
	MATCHER_LIBRARY = 1 << 5,
	MATCHER_MAYBE_ENVIRONMENT = MATCHER_PROGRAMS | MATCHER_LIBRARY,
};

/** @return What an entry tells about the directory that holds it, or 0. */
unsigned matcher_mark(const char *name, enum entry_type type);

/** The match of a directory that stores a repository. */
extern const struct match matcher_repository;

/** Whether the marks of all its entries show that a directory stores a repository. */
bool matcher_marks_repository(unsigned marks);

/** The entries that mark a repository, to look up where a directory is not read; ends with NULL. */
extern const char *const matcher_repository_entries[];

#endif
