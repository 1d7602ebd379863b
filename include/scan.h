/**
 * Scans one directory: reads it once, classifies each name, removes the entries that match, and
 * returns the subdirectories to visit.
 */

#ifndef PYCLEAN_SCAN_H
#define PYCLEAN_SCAN_H

#include "deleter.h"
#include "ignore.h"
#include "matcher.h"
#include "namelist.h"
#include "reporter.h"
#include "filter.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** How an operand is cleaned; the same for all directories below it. */
struct scan_config {
	struct matcher_rules rules;
	struct ignore ignore;
	struct filter_rules selection;
	struct deleter_policy policy;
	struct reporter *reporter;
	/** Report paths with their tags. */
	bool tags;
	/** The root of the cache-prefix tree, or all zero. */
	struct platform_identity prefix;
	/** Remove directories that are left empty, except those with these identities. */
	bool prune;
	const struct platform_identity *kept;
	size_t kept_count;
	/** The operand lies below a directory of installed packages; set only if that matters. */
	bool installed;
	/** The operand itself is a `__pycache__`. */
	bool in_cache;
	/**
	 * If the operand lies in the cache-prefix tree: the directory of the sources whose bytecode
	 * it holds, with a '/' at the end. Otherwise NULL.
	 */
	const char *sources;
};

/** A directory to scan. */
struct scan_place {
	const struct scan_config *config;
	/** -1 if it could not be opened. */
	int fd;
	/** A descriptor of the operand, or of the directory that holds it. */
	int top;
	/** The path shown before the names in it: "", "/" or "a/b/". */
	const char *prefix;
	/** The length of the operand in a path that begins with `prefix`. */
	size_t below;
	/** It is the operand itself, which is cleaned even if it is a virtual environment. */
	bool is_operand;
};

/** One thread's buffers, reused for each directory. */
struct scan {
	struct deleter deleter;
	struct report *report;
	/** The entries to act on, and the sources beside them. */
	struct namelist found;
	struct filter_sources beside;
	struct strbuf path;
};

/** Allocates the buffers. @return 0, or -1 with ENOMEM; then there is nothing to free. */
int scan_open(struct scan *scan, const struct scan_config *config);

/** Closes the report and frees the buffers. */
void scan_close(struct scan *scan);

/**
 * Cleans a directory. Errors are reported. A directory that cannot be read to its end is left
 * unchanged, since it might be a virtual environment or a repository.
 *
 * @param subdirectories Receives the names of the directories to visit next; emptied first.
 * @return How many entries were read or removed.
 */
uint64_t scan_directory(struct scan *scan, const struct scan_place *place,
			struct namelist *subdirectories);

/**
 * Removes the matching part of an entry of a directory (a tree or a file), and reports it. An
 * ordinary directory is removed if that leaves it empty.
 *
 * @return How many entries were read or removed.
 */
uint64_t scan_remove(struct scan *scan, const struct scan_place *place, const char *name,
		     enum entry_type type);

/**
 * Removes one entry of a directory that may be debris, and reports it.
 *
 * @return False if it is none, and was kept.
 */
bool scan_remove_debris(struct scan *scan, const struct scan_place *place, const char *name,
			enum entry_type type);

/** Reports that a directory in the place, or the place itself (""), cannot be read. */
void scan_cannot_read(struct scan *scan, const struct scan_place *place, const char *name,
		      int error);

#endif
