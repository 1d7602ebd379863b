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
	const struct scan_place *place;
	struct scan_state *state;
	/** The sources in the place as far as it was read; NULL if it was not. */
	struct filter_sources *beside;
	/** The marks of all entries of the place, by matcher_mark(). */
	unsigned marks;
	/** If parts of the place are debris: where, and whether it was made by setuptools. */
	enum debris_place parts;
	bool built;
	/** An entry of the place has the name of a repository; set only if that matters. */
	bool has_repository;
	/** The row and the name of the debris that is being removed, or NULL; whether it is none. */
	const struct debris *debris;
	const char *debris_name;
	bool unmarked;
	/** How many entries were read or removed. */
	uint64_t work;
};

extern const char visit_another_file_system[];

bool visit_stops(const struct visit *visit);

/** Whether a directory lies on another file system than the operand. */
bool visit_is_elsewhere(const struct visit *visit, int dirfd, const char *name);

/** @return The path of an entry; valid as long as the place and the arguments. */
struct reporter_path visit_path(const struct visit *visit, const char *trail, const char *name,
				bool directory);

/** Reports that an entry, or the place itself (""), is kept or skipped. */
void visit_leave(const struct visit *visit, const char *trail, const char *name, bool directory,
		 const char *reason, enum reporter_left kind);

/**
 * Reports an error, and whether --one-file-system would have avoided it.
 *
 * @param failed, error As reporter_error()'s.
 * @param dirfd The parent of what the path leads to, or -1.
 */
void visit_fail(const struct visit *visit, const char *failed, struct reporter_path path, int dirfd,
		int error);

/** Reports that an entry, or the place itself (""), cannot be read. @param error An errno. */
void visit_cannot_read(const struct visit *visit, const char *trail, const char *name,
		       bool directory, int error);

/**
 * Skips a directory that was read if it stores a repository or, unless `enters`, is an environment.
 *
 * @param trail, fd The directory; "" for the place itself.
 * @param marks     The marks of all its entries.
 * @return Whether it was skipped.
 */
bool visit_skips_read(const struct visit *visit, const char *trail, int fd, unsigned marks,
		      bool enters);

/** Whether a pattern of --ignore matches an entry. @return 1 or 0, or -1 with ENOMEM. */
int visit_matches_pattern(const struct visit *visit, const char *trail, const char *name,
			  enum entry_type type);

/** Keeps and reports an entry that a pattern matches. @return Whether it is kept; so without memory. */
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
