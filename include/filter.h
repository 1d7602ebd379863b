/**
 * Which bytecode goes where not all of it is to: by its interpreter, and by the state of its source.
 *
 * It reads, and removes nothing. When in doubt, bytecode stays.
 */

#ifndef PYCLEAN_FILTER_H
#define PYCLEAN_FILTER_H

#include "platform.h"
#include "sources.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/** Interpreters, by sys.implementation.cache_tag. */
struct filter_tags {
	const char *const *all;
	size_t count;
};

/** What the user chose; bytecode goes where all of it agrees. All zero: all bytecode goes. */
struct filter_rules {
	/**
	 * Only that of these modules of one directory, by the names of their sources, sorted by strcmp(3); NULL for that of all.
	 */
	const char *const *modules;
	size_t module_count;
	/** Only that of these interpreters. */
	struct filter_tags only;
	/** Only that of any other interpreter. */
	struct filter_tags except;
	/** Only what no longer matches its source. */
	bool stale;
	/** Not what lies beside sources and has none: it may be the only copy. */
	bool keep_sourceless;
};

/** Where a bytecode file lies, which tells where its source is. */
enum filter_layout {
	/** In the directory of its source, as before PEP 3147, and for Python without sources. */
	FILTER_BESIDE_SOURCE,
	/** In a `__pycache__` in that directory: PEP 3147. */
	FILTER_IN_CACHE,
	/** In the cache-prefix tree: PYTHONPYCACHEPREFIX, --prefix. */
	FILTER_IN_PREFIX_TREE,
};

struct filter_file {
	/** The directory that it is in. */
	int dirfd;
	const char *name;
	enum entry_type type;
	enum filter_layout layout;
	/** The sources in that directory as far as it was read; NULL where it was not. */
	struct sources *beside;
	/** FILTER_IN_PREFIX_TREE: the path of its source's directory, in two pieces; a '/' at the end. */
	const char *sources;
	const char *below;
};

enum filter_outcome {
	FILTER_GOES,
	FILTER_STAYS,
	/** It stays, because it or its source could not be looked at. */
	FILTER_FAILED,
};

/** The reason of a file that goes, or stays, and that may be the only copy of its module. */
extern const char filter_no_source[];

/** The reason why something stays that filter_is_being_written(). */
extern const char filter_being_written[];

struct filter_verdict {
	enum filter_outcome outcome;
	/**
	 * Why, or NULL where nobody has to know; where it failed, what could not be done. Static
	 * storage, or a rule's tag. filter_no_source comes before any other reason to go.
	 */
	const char *reason;
	/** An errno, where it failed. */
	int error;
};

/** Whether not all bytecode goes. */
bool filter_is_partial(const struct filter_rules *rules);

/** Whether a file or a directory has changed within the last minute: a Python may be writing it. */
bool filter_is_being_written(const struct stat *st);

/**
 * Judges one file. It is opened only where the rules ask for it. Its source is looked up where they
 * do, or where the file lies beside it.
 * With rules that are partial, what is not bytecode stays.
 *
 * Jython's `STEM$py.class` goes while its source is beside it; with `stale`, when that is gone, or was
 * changed later. The names do not tell which Jython: it is spared by a tag of any of them.
 */
void filter_judge(const struct filter_rules *rules, const struct filter_file *file,
		  struct filter_verdict *out);

#endif
