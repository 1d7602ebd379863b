/**
 * The directory that is being scanned: how its entries are classified, and what is skipped.
 */

#ifndef PYCLEAN_VISIT_H
#define PYCLEAN_VISIT_H

#include "deleter.h"
#include "matcher.h"
#include "reporter.h"
#include "scan.h"

/** Lives as long as the scan. An entry is told by `name` in `trail` in the place: "" or "a/b/". */
struct visit {
	struct scan *scan;
	const struct scan_config *config;
	struct scan_place place;
	/** As scan_config's, for the place. */
	const char *sources;
	/** The sources in the place, as far as it was read; NULL if it was not. */
	struct sources *beside;
	/** What all entries tell about the place: matcher_mark(). */
	unsigned marks;
	/** How many entries were read or removed. */
	uint64_t work;
};

/** Begins with a directory, and finds out whether it lies in the cache-prefix tree. */
struct visit visit_begin(struct scan *scan, const struct scan_place *place);

/** Whether the run ends here. */
bool visit_stops(const struct visit *visit);

/** @return How an entry is shown; refers to the place and to the arguments. */
struct reporter_path visit_path(const struct visit *visit, const char *trail, const char *name,
				bool directory);

/**
 * Whether a directory, or the one that holds a file, lies on another file system than the operand, and
 * --one-file-system would have left it.
 *
 * @param dirfd What holds the entry, or -1.
 */
bool visit_crosses(const struct visit *visit, int dirfd, const char *name, bool directory);

/** Reports that an entry, or the place itself (""), cannot be read. @param error An errno. */
void visit_cannot_read(const struct visit *visit, const char *trail, const char *name,
		       bool directory, int error);

/** Reports that a directory is skipped because it lies on another file system. */
void visit_skip_file_system(const struct visit *visit, const char *trail, const char *name);

/** Skips a directory that --one-file-system does not let be entered. @return Whether it did. */
bool visit_skips_file_system(const struct visit *visit, const char *name);

/**
 * Skips a directory that was read, if it stores a repository or is an environment.
 *
 * @param trail  Leads to it: "" for the place.
 * @param fd     Its descriptor.
 * @param marks  Of all its entries.
 * @param enters True if it is entered even as an environment.
 * @return Whether it was skipped.
 */
bool visit_skips_read(const struct visit *visit, const char *trail, int fd, unsigned marks,
		      bool enters);

/**
 * Asks the matcher about an entry. Names that are skipped by default mean nothing in the cache-prefix
 * tree: `PREFIX/home/me/.tox` is a path of sources.
 *
 * @return 0, or -1 with ENOMEM.
 */
int visit_classify(const struct visit *visit, const char *trail, const char *name,
		   enum entry_type type, struct match *out);

/** Skips a directory that the matcher does not let be entered. @return Whether it was skipped. */
bool visit_skips_directory(const struct visit *visit, const char *trail, const char *name);

#endif
