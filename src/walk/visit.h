/** The parts of a scan: reports and skips, marks of debris, removal. */

#ifndef PYCLEAN_VISIT_H
#define PYCLEAN_VISIT_H

#include "debris.h"
#include "walker.h"

/** A scan of one directory, the place. An entry is `name` in `trail` ("" or "a/b/") in it. */
struct visit {
	struct scan *scan;
	const struct scan_config *config;
	const struct scan_place *place;
	struct scan_state *state;
	/** The sources in the place as far as it was read; NULL if it was not. */
	struct filter_sources *sources;
	/** Of all its entries, by matcher_mark(). */
	unsigned marks;
	/** One of them has the name of a repository; set only if parts of the place are debris. */
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
bool visit_stops(const struct visit *v);
/** @return Which parts of the place are debris, or 0. */
enum debris_place visit_parts(const struct visit *v);

/** @return What protects a directory with these marks: the reason for a report, or NULL. */
const char *visit_protection(unsigned marks, int fd);
/** Whether a directory lies on another file system than the operand. */
bool visit_is_elsewhere(const struct visit *v, int dirfd, const char *name);

/** @return The path of an entry; valid as long as the place and the arguments. */
struct reporter_path visit_path(const struct visit *v, const char *trail, const char *name,
				bool directory);
/** Reports that an entry, or the place itself (""), is kept or skipped. */
void visit_leave(const struct visit *v, const char *trail, const char *name, bool directory,
		 const char *reason, enum reporter_left kind);
/** Reports an error, and whether --one-file-system avoids it. @param dirfd As deleter_event's. */
void visit_fail(const struct visit *v, const char *failed, struct reporter_path path, int dirfd,
		int error);
/** Reports with errno that an entry, or the place itself (""), cannot be read. */
void visit_cannot_read(const struct visit *v, const char *trail, const char *name, bool directory);

/**
 * Skips and reports a directory that was read, the place if `trail` is "". Skips what stores a
 * repository or, unless `enters`, is an environment. @return Whether it is skipped.
 */
bool visit_skips_read(const struct visit *v, const char *trail, int fd, unsigned marks,
		      bool enters);

/** Whether a pattern of --ignore matches an entry. @return 1 or 0, or -1 with ENOMEM. */
int visit_matches_pattern(const struct visit *v, const char *trail, const char *name,
			  enum entry_type type);
/** Keeps and reports an entry that a pattern matches. @return Whether it is kept; yes on ENOMEM. */
bool visit_spares(const struct visit *v, const char *trail, const char *name, enum entry_type type);

/**
 * Classifies an entry by the matcher and --ignore. In the cache-prefix tree nothing is debris or
 * skipped by default: `PREFIX/home/me/.tox` is a path of sources. @return 0, or -1 with ENOMEM.
 */
int visit_classify(const struct visit *v, const char *trail, const char *name, enum entry_type type,
		   struct match *out);
/** Skips a directory if it is classified so, and reports it. @return Whether it was skipped. */
bool visit_skips_directory(const struct visit *v, const char *trail, const char *name);

/* marks.c: a mark is a regular file; no link is followed. */

/** @return The row of an entry of the place that may be debris, or NULL. */
const struct debris *marks_find_row(const struct visit *v, const char *name, enum entry_type type);

/** Whether a candidate has its mark; reports it if not. @param dirfd, trail Where the mark is. */
bool marks_has_mark(const struct visit *v, const struct candidate *c, int dirfd, const char *trail);
/** Whether a candidate, a directory that was read, is debris; reports it if not. */
bool marks_is_debris(const struct visit *v, const struct candidate *c,
		     const struct deleter_entry *entry);
/** @return The mark of a candidate of which only parts are debris; 0, and a report, if none are. */
unsigned char marks_find_parts(const struct visit *v, const struct candidate *c);

/** Considers an entry of a place of which parts are debris. */
void marks_consider_part(struct visit *v, const char *name, enum entry_type type);
/** Keeps the parts of the place, which was read, if it is a repository or an environment. */
void marks_check_parts(struct visit *v);

/**
 * Removes what matches of an entry of the place (removal.c).
 *
 * @param row Of debris, or NULL for bytecode.
 * @return SCAN_REMOVED or SCAN_KEPT; 0 if it turned out to be no debris, and was kept.
 */
unsigned removal_remove(struct visit *v, const char *name, enum entry_type type,
			const struct debris *row);

#endif
