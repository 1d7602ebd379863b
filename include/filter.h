/** Selects bytecode by its module, its interpreter and its source; in doubt it is kept. */

#ifndef PYCLEAN_FILTER_H
#define PYCLEAN_FILTER_H

#include "namelist.h"

/** Interpreters, by sys.implementation.cache_tag. */
struct filter_tags {
	const char **all;
	size_t count;
	/** The tag that filter_auto stands for, if that is among them; any text until it is known. */
	const char *automatic;
};
extern const char filter_auto[];

/** The user's selection. A file must match every rule; all zero matches all bytecode. */
struct filter_rules {
	/** Only bytecode of these sources, all in one directory; NULL for all. */
	struct filter_sources *modules;
	/** Only bytecode of these interpreters; none of those. */
	struct filter_tags only;
	struct filter_tags except;
	/** Only bytecode that no longer matches its source. */
	bool stale;
	/** Not bytecode outside `__pycache__` without a source; it may be the only copy. */
	bool keep_sourceless;
};

/** The sources in one directory, so that fewer are looked up. All zero is empty. */
struct filter_sources {
	struct namelist names;
	/** The same by name, with their status; allocated when one is looked for. */
	struct filter_source *sorted;
};

/** Adds an entry if its name is a source's. @return 0, or -1 with ENOMEM. */
int filter_add_source(struct filter_sources *sources, const char *name, enum entry_type type);
/** Empties it; the second function also frees its memory. */
void filter_clear_sources(struct filter_sources *sources);
void filter_free_sources(struct filter_sources *sources);

struct filter_file {
	int dirfd;
	const char *name;
	enum entry_type type;
	/** `dirfd` is a `__pycache__` (PEP 3147); its source is in the directory above. */
	bool in_cache;
	/** In a cache-prefix tree: its source's directory, in two pieces, with a '/'; or NULL. */
	const char *source_root;
	const char *below;
	/** The sources in the directory of its source, or beside it; NULL if that was not read. */
	struct filter_sources *sources;
};

struct filter_verdict {
	bool goes;
	/** An errno if the file or its source could not be read; the file is kept then. */
	int error;
	/** Static storage or a rule's tag, or NULL. With an error, the action that failed. */
	const char *reason;
};

/** Whether the rules may keep bytecode, and files that are not bytecode. */
bool filter_is_partial(const struct filter_rules *rules);

/** Whether a file or directory changed within the last minute, and why it is kept then. */
bool staleness_is_being_written(const struct stat *st);
extern const char staleness_being_written[];

/** Judges one file. Outside a `__pycache__`, a `$py.class` must have a source beside it. */
struct filter_verdict filter_judge(const struct filter_rules *rules,
				   const struct filter_file *file);
/** The reason for a file that may be the only copy of its module, removed or kept. */
extern const char filter_no_source[];

#endif
