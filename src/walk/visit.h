/**
 * The directory that is being scanned: classifies its entries, skips directories and reports both.
 */

#ifndef PYCLEAN_VISIT_H
#define PYCLEAN_VISIT_H

#include "debris.h"
#include "deleter.h"
#include "matcher.h"
#include "reporter.h"
#include "scan.h"

/** Lives as long as the scan. An entry is `name` in `trail` ("" or "a/b/") in the place. */
struct visit {
	struct scan *scan;
	const struct scan_config *config;
	struct scan_place place;
	/** As scan_config's, but for the place. */
	const char *sources;
	/** In the cache-prefix tree, if that is below the place: the length of its root's path. */
	size_t root_length;
	/** The sources in the place as far as it was read; NULL if it was not. */
	struct filter_sources *beside;
	/** The marks of all entries of the place, by matcher_mark(). */
	unsigned marks;
	/**
	 * The row of the entry that was decided about last, if that may be debris, or NULL; and the
	 * length of its path below the place, with a final '/'.
	 */
	const struct debris *debris;
	size_t debris_length;
	/** An entry of the place that may be debris is none. */
	bool unmarked;
	/**
	 * If parts of the directory that is being removed are debris: their table, the length of
	 * that directory's path, and whether it was made by setuptools; otherwise NULL.
	 */
	const struct debris *parts;
	size_t parts_length;
	bool built;
	/** How many entries were read or removed. */
	uint64_t work;
};

/** Begins a directory, and finds out whether it is the root of the cache-prefix tree or in it. */
struct visit visit_begin(struct scan *scan, const struct scan_place *place);

/**
 * Finds the sources of the bytecode in `trail`, if that is in the cache-prefix tree.
 *
 * @param below Receives the part of `trail` below the result.
 * @return As scan_config's.
 */
const char *visit_sources(const struct visit *visit, const char *trail, const char **below);

/** Whether the run must stop. */
bool visit_stops(const struct visit *visit);

/** @return The path of an entry; valid as long as the place and the arguments. */
struct reporter_path visit_path(const struct visit *visit, const char *trail, const char *name,
				bool directory);

/**
 * Whether an entry (a directory, or a file's parent) lies on another file system than the operand,
 * and --one-file-system was not given but would have left it.
 *
 * @param dirfd The entry's parent, or -1.
 */
bool visit_crosses(const struct visit *visit, int dirfd, const char *name, bool directory);

/** Reports that an entry is kept. */
void visit_keep(const struct visit *visit, const char *trail, const char *name, bool directory,
		const char *reason);

/** Reports that an entry, or the place itself (""), cannot be read. @param error An errno. */
void visit_cannot_read(const struct visit *visit, const char *trail, const char *name,
		       bool directory, int error);

/** Reports that a directory is skipped because it lies on another file system. */
void visit_skip_file_system(const struct visit *visit, const char *trail, const char *name);

/** Skips a directory if it is excluded by --one-file-system. @return Whether it was skipped. */
bool visit_skips_file_system(const struct visit *visit, const char *name);

/**
 * Skips a directory that was read if it stores a repository or is an environment.
 *
 * @param trail  Its path in the place; "" for the place itself.
 * @param fd     Its descriptor.
 * @param marks  The marks of all its entries.
 * @param enters True to enter it even if it is an environment.
 * @return Whether it was skipped.
 */
bool visit_skips_read(const struct visit *visit, const char *trail, int fd, unsigned marks,
		      bool enters);

/** Whether a pattern of --ignore matches an entry. @return 1 or 0, or -1 with ENOMEM. */
int visit_matches_pattern(const struct visit *visit, const char *trail, const char *name,
			  enum entry_type type);

/**
 * Finds out whether a directory that may be debris has a repository, a work tree or an environment
 * in it.
 *
 * @param entries All that is in it.
 * @return The reason, or NULL.
 */
const char *visit_finds_kept(int fd, const struct namelist *entries);

/**
 * Keeps an entry that a pattern matches, and reports it.
 *
 * @return Whether it is kept, for lack of memory as well.
 */
bool visit_spares(const struct visit *visit, const char *trail, const char *name,
		  enum entry_type type);

/**
 * Classifies an entry by the patterns of --ignore and by the matcher. In the cache-prefix tree,
 * names that are skipped by default are entered: `PREFIX/home/me/.tox` stands for a path of
 * sources. There is no debris in it.
 *
 * @return 0, or -1 with ENOMEM.
 */
int visit_classify(const struct visit *visit, const char *trail, const char *name,
		   enum entry_type type, struct match *out);

/** Skips a directory if it is classified so, and reports it. @return Whether it was skipped. */
bool visit_skips_directory(const struct visit *visit, const char *trail, const char *name);

#endif
