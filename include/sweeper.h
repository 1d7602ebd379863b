/**
 * Cleans one directory: reads it once, asks the matcher about each name, hands what must go to
 * the deleter, and tells which directories are left to visit.
 */

#ifndef PYCLEAN_SWEEPER_H
#define PYCLEAN_SWEEPER_H

#include "deleter.h"
#include "listing.h"
#include "scene.h"
#include "sources.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One thread's sweeper. */
struct sweeper {
	struct scene scene;
	struct deleter deleter;
	/**
	 * What in the directory in hand has to be dealt with, its sources, and what its entries tell
	 * about it.
	 */
	struct listing found;
	struct sources beside;
	unsigned marks;
};

/** Sets up a sweeper. @return 0, or -1 with ENOMEM. */
int sweeper_init(struct sweeper *sweeper, const struct scene_plan *plan);

/** Hands in the sweeper's report, and frees what it has allocated. */
void sweeper_close(struct sweeper *sweeper);

/**
 * Cleans a directory. What goes wrong is reported; a directory that cannot be read to its end
 * stays as it is, since it might be a virtual environment or a repository.
 *
 * @param subdirectories Receives the names of the directories to visit next; emptied first.
 * @return How many these are.
 */
size_t sweeper_sweep(struct sweeper *sweeper, const struct scene_place *place,
		     struct listing *subdirectories);

/** @return How many entries the sweeper has read, or removed, so far. */
uint64_t sweeper_work(const struct sweeper *sweeper);

/** Removes one entry of a directory, a tree or a file, where it is to go, and reports it. */
void sweeper_remove(struct sweeper *sweeper, const struct scene_place *place, const char *name,
		    enum entry_type type);

/** Reports that a directory in `place` cannot be opened. */
void sweeper_cannot_read(struct sweeper *sweeper, const struct scene_place *place, const char *name,
			 int error);

#endif
