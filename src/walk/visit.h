/** What visit.c, marks.c and removal.c do for the directory that is being scanned. */

#ifndef PYCLEAN_VISIT_H
#define PYCLEAN_VISIT_H

#include "debris.h"
#include "walker.h"

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
	/** An entry of the place has the name of a repository; set only if that matters. */
	bool has_repository;
	/** How many entries were read or removed. */
	uint64_t work;
};

/** An entry of the place that may be debris. */
struct candidate {
	const struct debris *row;
	const char *name;
};

extern const char visit_another_file_system[];

bool visit_stops(const struct visit *visit);

/** @return Which entries of the place are debris, if only parts of it are; otherwise 0. */
enum debris_place visit_parts(const struct visit *visit);

/**
 * @param marks Of all entries of a directory.
 * @return Why its contents are kept: it stores a repository, or is an environment; or NULL.
 */
const char *visit_protects(unsigned marks, int fd);

/** Whether a directory lies on another file system than the operand. */
bool visit_is_elsewhere(const struct visit *visit, int dirfd, const char *name);

/** @return The path of an entry; valid as long as the place and the arguments. */
struct reporter_path visit_path(const struct visit *visit, const char *trail, const char *name,
				bool directory);

/** Reports that an entry, or the place itself (""), is kept or skipped. */
void visit_leave(const struct visit *visit, const char *trail, const char *name, bool directory,
		 const char *reason, enum reporter_left kind);

/**
 * Reports an error, as reporter_error(), and whether --one-file-system would have avoided it.
 *
 * @param dirfd The parent of what the path leads to, or -1.
 */
void visit_fail(const struct visit *visit, const char *failed, struct reporter_path path, int dirfd,
		int error);

/** Reports with errno that an entry, or the place itself (""), cannot be read. */
void visit_cannot_read(const struct visit *visit, const char *trail, const char *name,
		       bool directory);

/**
 * Whether a directory that was read is skipped, and reported, since it stores a repository or,
 * unless `enters`, is an environment.
 *
 * @param trail "" for the place.
 * @param marks Of all its entries.
 */
bool visit_skips_read(const struct visit *visit, const char *trail, int fd, unsigned marks,
		      bool enters);

/** Whether a pattern of --ignore matches an entry. @return 1 or 0, or -1 with ENOMEM. */
int visit_matches_pattern(const struct visit *visit, const char *trail, const char *name,
			  enum entry_type type);

/** Keeps and reports an entry that a pattern matches. @return Whether it is kept; yes on ENOMEM. */
bool visit_spares(const struct visit *visit, const char *trail, const char *name,
		  enum entry_type type);

/**
 * Classifies an entry by the patterns of --ignore and by the matcher. The cache-prefix tree has no
 * debris, and names skipped by default are entered: `PREFIX/home/me/.tox` is a path of sources.
 *
 * @return 0, or -1 with ENOMEM.
 */
int visit_classify(const struct visit *visit, const char *trail, const char *name,
		   enum entry_type type, struct match *out);

/** Skips a directory if it is classified so, and reports it. @return Whether it was skipped. */
bool visit_skips_directory(const struct visit *visit, const char *trail, const char *name);

/* marks.c: a mark is a regular file; no link is followed. */

/** @return The row of an entry of the place that may be debris, or NULL. */
const struct debris *marks_find_row(const struct visit *visit, const char *name,
				    enum entry_type type);

/** Whether a candidate has its mark; reports it if not. @param dirfd, trail Where the mark is. */
bool marks_has_mark(const struct visit *visit, const struct candidate *candidate, int dirfd,
		    const char *trail);

/** Whether a candidate, a directory that was read, is debris; reports it if not. */
bool marks_is_debris(const struct visit *visit, const struct candidate *candidate,
		     const struct deleter_entry *entry);

/** @return The mark of a directory of which parts are debris; 0, after a report, if none are. */
unsigned char marks_find_parts(const struct visit *visit, const struct candidate *candidate);

/** Considers an entry of a place of which parts are debris, while that is read. */
void marks_consider_part(struct visit *visit, const char *name, enum entry_type type);

/** Keeps the parts of the place, which was read, if it has a repository or an environment. */
void marks_check_parts(struct visit *visit);

/* removal.c */

/**
 * Removes what matches of an entry of the place: bytecode, or debris if it has a row.
 *
 * @return SCAN_REMOVED or SCAN_KEPT; 0 if it turned out to be no debris, and was kept.
 */
unsigned removal_remove(struct visit *visit, const char *name, enum entry_type type,
			const struct debris *row);

#endif
