/**
 * Scans one directory: reads it once, asks the matcher about each name, removes what matches, and
 * tells which subdirectories are left to visit.
 */

#ifndef PYCLEAN_SCAN_H
#define PYCLEAN_SCAN_H

#include "deleter.h"
#include "namelist.h"
#include "matcher.h"
#include "reporter.h"
#include "filter.h"
#include "sources.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** How an operand is cleaned: the same for all directories below it. */
struct scan_config {
	struct matcher_rules rules;
	struct filter_rules selection;
	struct deleter_policy policy;
	struct reporter *reporter;
	/** Paths are reported with their tags. */
	bool tags;
	/** The root of the cache-prefix tree, if there is one. */
	struct platform_identity prefix;
	/** The operand itself is a `__pycache__`. */
	bool in_cache;
	/**
	 * Where the operand itself lies in the cache-prefix tree: the directory of the sources whose
	 * bytecode it holds, with a '/' at the end. Otherwise NULL.
	 */
	const char *sources;
};

/** A directory. */
struct scan_place {
	const struct scan_config *config;
	/** -1 if it could not be opened. */
	int fd;
	/** The operand, or what holds it. */
	int top;
	/** What stands before the names in it when they are shown: "", "/" or "a/b/". */
	const char *prefix;
	/** The length of the operand in a path that begins with `prefix`. */
	size_t below;
	/** It is the operand itself, which is cleaned even where it is a virtual environment. */
	bool is_operand;
};

/** One thread's buffers, which are used again from one directory to the next. */
struct scan {
	struct deleter deleter;
	struct report *report;
	/** The entries to act on, and the sources beside them. */
	struct namelist found;
	struct sources beside;
	struct strbuf path;
};

/** Sets up the buffers. @return 0, or -1 with ENOMEM; then there is nothing to free. */
int scan_open(struct scan *scan, const struct scan_config *config);

/** Hands in the report, and frees what was allocated. */
void scan_close(struct scan *scan);

/**
 * Cleans a directory. Errors are reported; a directory that cannot be read to its end stays as it is,
 * since it might be a virtual environment or a repository.
 *
 * @param subdirectories Receives the names of the directories to visit next; emptied first.
 * @return How many entries were read or removed.
 */
uint64_t scan_directory(struct scan *scan, const struct scan_place *place,
			struct namelist *subdirectories);

/** Removes one entry of a directory, a tree or a file, if it matches, and reports it. */
void scan_remove(struct scan *scan, const struct scan_place *place, const char *name,
		 enum entry_type type);

/** Reports that a directory in a place, or the place itself (""), cannot be read. */
void scan_cannot_read(struct scan *scan, const struct scan_place *place, const char *name,
		      int error);

#endif
