/**
 * Selects the bytecode to remove: by module, by interpreter, by the state of its source. Reads
 * files, removes nothing; in doubt bytecode is kept.
 */

#ifndef PYCLEAN_FILTER_H
#define PYCLEAN_FILTER_H

#include "namelist.h"
#include "platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/** The word that stands for `automatic` in a list of tags. */
extern const char filter_auto[];

/** Interpreters, by sys.implementation.cache_tag. */
struct filter_tags {
	const char **all;
	size_t count;
	/** If filter_auto is among them, what it stands for; until that is known, any text. */
	const char *automatic;
};

/** The user's selection. A file must match every rule; all zero matches all bytecode. */
struct filter_rules {
	/** Only bytecode of these sources in one directory, sorted by strcmp(3); NULL for all. */
	const char *const *modules;
	size_t module_count;
	/** Only bytecode of these interpreters, and not of those. */
	struct filter_tags only;
	struct filter_tags except;
	/** Only bytecode that no longer matches its source. */
	bool stale;
	/** Not bytecode outside `__pycache__` without a source; it may be the only copy. */
	bool keep_sourceless;
};

/** Where a bytecode file lies: in the directory of its source, or where PEP 3147 puts it. */
enum filter_layout {
	FILTER_BESIDE_SOURCE,
	FILTER_IN_CACHE,
	/** In the cache-prefix tree (PYTHONPYCACHEPREFIX, --prefix). */
	FILTER_IN_PREFIX_TREE,
};

/**
 * The sources in one directory, collected while it is read, which saves system calls for their
 * bytecode. All zero is empty.
 */
struct filter_sources {
	struct namelist names;
	/** The same by name, with their status; made when one is looked up. */
	struct filter_source *sorted;
};

/** Adds what may be a source by its name and type. @return 0, or -1 with ENOMEM. */
int filter_add_source(struct filter_sources *sources, const char *name, enum entry_type type);

/** Empties it; filter_free_sources() frees all its memory, too. */
void filter_clear_sources(struct filter_sources *sources);
void filter_free_sources(struct filter_sources *sources);

struct filter_file {
	/** The directory that it is in. */
	int dirfd;
	const char *name;
	enum entry_type type;
	enum filter_layout layout;
	/** All sources in the directory of its source; NULL if that was not read. */
	struct filter_sources *beside;
	/** FILTER_IN_PREFIX_TREE: its source's directory, in two pieces, with a final '/'. */
	const char *sources;
	const char *below;
};

struct filter_verdict {
	bool goes;
	/** An errno if the file or its source could not be read; the file is kept then. */
	int error;
	/** Static storage or a rule's tag; NULL to report none. With an error, what failed. */
	const char *reason;
};

/** The reason for a file that may be the only copy of its module, removed or kept. */
extern const char filter_no_source[];

/** The reason for keeping what filter_is_being_written(). */
extern const char filter_being_written[];

/** Whether the rules may keep bytecode. */
bool filter_is_partial(const struct filter_rules *rules);

/** Whether a file or a directory changed within the last minute; a Python may be writing it. */
bool filter_is_being_written(const struct stat *st);

/**
 * Judges one file. Opens it and looks up its source only if a rule needs that; the source of a file
 * FILTER_BESIDE_SOURCE is always looked up, and that of a `$py.class` must exist there. With
 * filter_is_partial() rules, a file that is not bytecode is kept.
 */
struct filter_verdict filter_judge(const struct filter_rules *rules,
				   const struct filter_file *file);

#endif
