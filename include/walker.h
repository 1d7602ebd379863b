/**
 * One walker: visits every directory below another one, with nftw(3), and has each one swept.
 */

#ifndef PYCLEAN_WALKER_H
#define PYCLEAN_WALKER_H

#include "queue.h"
#include "sweeper.h"

#include <stdbool.h>
#include <stddef.h>

/** What the walkers of one operand share. */
struct walk {
	const struct scene_plan *plan;
	/** The operand's descriptor, the caller's, and what is shown before the names in it. */
	int fd;
	const char *prefix;
	/** The deepest level that one call of nftw may reach, 1 or more. */
	size_t max_level;
	/** What has been handed over. */
	struct queue queue;
};

/** A walker; see walker.c. */
struct walker {
	struct walk *walk;
	struct sweeper sweeper;
	/** The directories from the start of nftw to the one in hand: `depth` of them. */
	struct walker_level *levels;
	size_t depth;
	/** What is shown before the names in the directory in hand. */
	char *prefix;
	size_t prefix_size;
	/** The length of the path that nftw was started with, and of what is shown for it. */
	size_t start_length;
	size_t base_length;
	/** The level that was pruned, where nftw does not do that itself; SIZE_MAX for none. */
	size_t pruned;
	/** How many directories it has swept. */
	size_t swept;
};

/** Sets up a walker. @return 0, or -1 with ENOMEM. */
int walker_open(struct walker *walker, struct walk *walk);

/** Hands in what the walker has to report, and frees what it has allocated. */
void walker_close(struct walker *walker);

/**
 * Cleans the operand itself and goes on below it; what others can do is handed over.
 *
 * @return 0, or -1 with errno where that could not begin.
 */
int walker_begin(struct walker *walker);

/** Does a task, and those after it, until all walkers have nothing left to do. */
void walker_work(struct walker *walker);

#endif
