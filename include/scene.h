/**
 * The directory in hand: what its entries are to the user and to the matcher.
 */

#ifndef PYCLEAN_SCENE_H
#define PYCLEAN_SCENE_H

#include "deleter.h"
#include "matcher.h"
#include "platform.h"
#include "reporter.h"
#include "strbuf.h"
#include "selection.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What holds for all that is cleaned with an operand; only the reporter changes. */
struct scene_plan {
	struct matcher_rules rules;
	struct selection_rules selection;
	struct deleter_policy policy;
	struct reporter *reporter;
	/** The root of the cache-prefix tree, where there is one. */
	bool has_prefix;
	dev_t prefix_dev;
	ino_t prefix_ino;
	/** Of the operand itself: whether it is a `__pycache__`, and as scene's. */
	bool in_cache;
	const char *sources;
};

/** A directory. */
struct scene_place {
	/** -1 where it could not be opened. */
	int fd;
	/** The operand, or what holds it. */
	int top;
	/** What stands before the names in it when they are shown: "", "/" or "a/b/". */
	const char *prefix;
	/** How much of a path, `prefix` first, is the operand's. */
	size_t below;
	/** It is the operand itself, which is cleaned even where it is a virtual environment. */
	bool is_operand;
};

/** One thread's. An entry is told by `name` in `trail` in the place: "" or "a/b/". */
struct scene {
	const struct scene_plan *plan;
	const struct scene_place *place;
	/**
	 * In the cache-prefix tree: the directory of the sources whose bytecode the place holds,
	 * with a '/' at the end. NULL elsewhere.
	 */
	const char *sources;
	struct report *report;
	/** How many entries were read or removed so far. */
	uint64_t work;
	/** The path of the entry that is being classified. */
	struct strbuf path;
};

/** Sets up a scene without a place. @return 0, or -1 with ENOMEM. */
int scene_open(struct scene *scene, const struct scene_plan *plan);

/** Makes a directory the place, and finds out whether it lies in the cache-prefix tree. */
void scene_enter(struct scene *scene, const struct scene_place *place);

/** Hands in the report, and frees what was allocated. */
void scene_close(struct scene *scene);

/**
 * Whether --one-file-system would have left a directory out, or what is in one.
 *
 * @param dirfd What holds the directory; or -1, of which nothing is known.
 * @param name  The directory in it, or "" for itself.
 */
bool scene_crosses(const struct scene *scene, int dirfd, const char *name);

/** @return How an entry is shown; refers to the place and to the arguments. */
struct reporter_path scene_path(const struct scene *scene, const char *trail, const char *name,
				bool directory);

/** Reports that an entry, or the place itself (""), cannot be read. @param error An errno. */
void scene_cannot_read(struct scene *scene, const char *trail, const char *name, bool directory,
		       int error);

/** Reports that a directory is left. */
void scene_skip(struct scene *scene, const char *trail, const char *name,
		const struct match *match);

/**
 * Asks the matcher about an entry. Names that are skipped by default mean nothing in the cache-prefix
 * tree: `PREFIX/home/me/.tox` is a path of sources.
 *
 * @return 0, or -1 with ENOMEM.
 */
int scene_classify(struct scene *scene, const char *trail, const char *name, enum entry_type type,
		   struct match *out);

#endif
