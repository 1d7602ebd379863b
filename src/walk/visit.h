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
	/** If parts of the place are debris: where, and whether it was made by setuptools. */
	enum debris_place parts;
	bool built;
	/** An entry of the place has the name of a repository; set only if that matters. */
	bool has_repository;
	/** The row and the name of the debris that is removed, or NULL; whether it is none. */
	const struct debris *debris;
	const char *debris_name;
	bool unmarked;
	/** How many entries were read or removed. */
	uint64_t work;
};

extern const char visit_another_file_system[];
extern const char visit_virtual_environment[];

bool visit_stops(const struct visit *visit);

/** Whether a directory is an environment (PEP 405 or older). @param marks Of all its entries. */
bool visit_is_environment(unsigned marks, int fd);

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

/** Reports that an entry, or the place itself (""), cannot be read. @param error An errno. */
void visit_cannot_read(const struct visit *visit, const char *trail, const char *name,
		       bool directory, int error);

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

/** Whether the visit's `debris` has its mark; reports it if not. @param dirfd, trail Its place. */
bool marks_has_mark(const struct visit *visit, int dirfd, const char *trail);

/** Whether a directory that was read is the visit's `debris`; reports it if not. */
bool marks_is_debris(const struct visit *visit, const struct deleter_entry *entry);

/** Whether parts of the visit's `debris` go; reports it if not. @return The mark for it, or 0. */
unsigned char marks_find_parts(const struct visit *visit);

/** Notes what an entry of the place says about its `parts`. */
void marks_consider_part(struct visit *visit, const char *name, enum entry_type type);

/** Keeps the `parts` of the place, which was read, if it has a repository or an environment. */
void marks_check_parts(struct visit *visit);

/* removal.c */

/** Removes what matches of an entry (a cache or a file). @return Whether the entry is gone. */
bool removal_remove(struct visit *visit, const char *name, enum entry_type type);

/** Removes the visit's `debris`; sets `unmarked` if it is none. @return Whether it is gone. */
bool removal_remove_debris(struct visit *visit);

#endif
