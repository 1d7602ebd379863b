/**
 * Cleans one directory: reads it once, asks the matcher about each name, hands what must go to
 * the deleter, and tells which directories are left to visit.
 */

#ifndef PYCLEAN_SWEEPER_H
#define PYCLEAN_SWEEPER_H

#include "deleter.h"
#include "listing.h"
#include "matcher.h"
#include "operand.h"
#include "reporter.h"
#include "selection.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** What all sweepers of a run share, unchanged by them but for the reporter and the operands. */
struct sweeper_plan {
	struct matcher_rules rules;
	struct selection_rules selection;
	struct deleter_policy policy;
	struct reporter *reporter;
	struct operands *operands;
	/** How bytecode lies in the operand itself, and where a mirror's sources are: '/' at the end. */
	enum selection_layout layout;
	const char *sources;
};

/** A directory to sweep. */
struct sweeper_place {
	int fd;
	/** What stands before the names in it when they are shown: "", "/" or "a/b/". */
	const char *prefix;
	/** How much of a path, `prefix` first, is the operand's. */
	size_t below;
	const struct operand *operand;
	/** It is the operand itself, which is cleaned even where it is a virtual environment. */
	bool is_operand;
};

/** One walker's sweeper. */
struct sweeper {
	const struct sweeper_plan *plan;
	struct deleter deleter;
	struct report report;
	/** The directory in hand, what in it has to be dealt with, and why it is left, if it is. */
	const struct sweeper_place *place;
	struct listing found;
	const char *skipped;
	/** Whether the last that was removed was all that was to be. */
	bool gone;
	/** How many entries were none of its concern. */
	size_t kept;
	/** The path of a name in it below the operand. */
	char *path;
	size_t path_size;
};

/** Sets up a sweeper. @return 0, or -1 with ENOMEM. */
int sweeper_init(struct sweeper *sweeper, const struct sweeper_plan *plan);

/** Hands in the sweeper's report, and frees what it has allocated. */
void sweeper_close(struct sweeper *sweeper);

/**
 * Cleans a directory. What goes wrong is reported; a directory that cannot be read to its end
 * stays as it is, since it might be a virtual environment.
 *
 * @param subdirectories Receives the names of the directories to visit next; emptied first.
 * @return How many these are.
 */
size_t sweeper_sweep(struct sweeper *sweeper, const struct sweeper_place *place,
		     struct listing *subdirectories);

/**
 * Removes one entry of a directory, a tree or a file, where it is to go, and reports it.
 *
 * @return Whether it has gone, or would have.
 */
bool sweeper_remove(struct sweeper *sweeper, const struct sweeper_place *place, const char *name,
		    enum entry_type type);

/** Reports that a directory in `place` cannot be opened. */
void sweeper_cannot_read(struct sweeper *sweeper, const struct sweeper_place *place,
			 const char *name, int error);

#endif
