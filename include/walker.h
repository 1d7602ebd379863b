/**
 * Scans one directory: reads it once, classifies each name, and removes the entries that match.
 * The walker scans one and all below it: by nftw(3), and the rest of a larger tree by threads.
 */

#ifndef PYCLEAN_WALKER_H
#define PYCLEAN_WALKER_H

#include "deleter.h"
#include "filter.h"
#include "ignore.h"
#include "matcher.h"
#include "reporter.h"

/** How an operand is cleaned. */
struct scan_config {
	struct matcher_rules rules;
	struct ignore ignore;
	struct filter_rules selection;
	struct deleter_policy policy;
	struct reporter *reporter;
	/** Report paths with their tags. */
	bool tags;
	/** The root of the cache-prefix tree, or all zero. */
	struct platform_identity cache_prefix;
	/** Remove directories that are left empty, except those with these identities. */
	bool prune;
	const struct platform_identity *kept;
	size_t kept_count;
	/** The operand is below installed packages (set only if that matters); is a `__pycache__`. */
	bool in_site_packages;
	bool in_cache;
	/** In the cache-prefix tree: the directory of the operand's sources, "/a/"; or NULL. */
	const char *source_root;
	/** The operand, or the directory that holds it; and its length in a path below it. */
	int operand_fd;
	size_t operand_length;
};

struct scan_place {
	const struct scan_config *config;
	int fd;
	/** The path shown before the names in it: "", "/" or "a/b/". */
	const char *prefix;
	/** It is the operand itself, which is cleaned even if it is a virtual environment. */
	bool is_operand;
};

/** What became of a directory or of entries in it; to be combined. */
enum {
	SCAN_REMOVED = 1 << 0,
	SCAN_KEPT = 1 << 1,
};

/** Marks of a subdirectory; 0 for an ordinary one. */
enum {
	/** Only parts of it are debris; these bits are their enum debris_place. */
	SCAN_PARTS = 3,
	/** A project's metadata is beside it, or a `bdist.*` in it: setuptools made its parts. */
	SCAN_SETUPTOOLS = 1 << 2,
	/** It lies in a directory with such a mark. */
	SCAN_BELOW_PARTS = 1 << 3,
};

/** What is known of a directory until it is finished. */
struct scan_state {
	/** Inherited: as the config's, and the length of the path of its caches. */
	const char *source_root;
	size_t root_length;
	/** Set at once if anything may be pruned; otherwise once it is needed. */
	struct platform_identity identity;
	unsigned char mark;
	/** Of its own entries when it was scanned; then also of finished subdirectories. */
	unsigned result;
};

/** One thread's buffers, reused for each directory. */
struct scan {
	struct deleter deleter;
	struct report *report;
	/** The entries to act on, and the sources, of the directory. */
	struct namelist found;
	struct filter_sources sources;
	struct strbuf path;
};

/** Opens the report. @return 0, or -1 with ENOMEM and nothing to free. */
int scan_open(struct scan *scan, const struct scan_config *config);
void scan_close(struct scan *scan);

/**
 * Cleans a directory; reports errors. If it cannot be read to its end, it is left unchanged, since
 * it might be a virtual environment or a repository.
 *
 * @param state          With its mark and what it inherits; receives the rest.
 * @param subdirectories Emptied; receives the directories to visit, with their marks.
 * @return How many entries were read or removed.
 */
uint64_t scan_directory(struct scan *scan, const struct scan_place *place, struct scan_state *state,
			struct namelist *subdirectories);

/** Removes a finished directory of the place if it was emptied. @return What became of it. */
unsigned scan_prune(struct scan *scan, const struct scan_place *place, const char *name,
		    const struct scan_state *state);
/** Reports with errno that a directory in the place, or the place itself (""), cannot be read. */
void scan_cannot_read(struct scan *scan, const struct scan_place *place, const char *name);

/**
 * Removes an operand that is an entry of the place: bytecode, or debris if it has its mark.
 *
 * @param subdirectories Receives its name, to be visited, if only parts of it are debris.
 * @return False if it turned out to be no debris, and was kept.
 */
bool scan_entry(struct scan *scan, const struct scan_place *place, const char *name,
		enum entry_type type, struct namelist *subdirectories);

enum {
	WALKER_MAX_THREADS = 64,
	WALKER_DEFAULT_THREADS = 8,
	/**
	 * The most entries read or removed in a small tree, which one thread lists in 2 ms. (With
	 * twice as many, trees of 1,000 to 6,000 entries take 6 to 20 percent longer.)
	 */
	WALKER_SMALL_TREE = 1024,
};

/**
 * Cleans the config's operand, a directory, and all below it; reports errors.
 *
 * @param prefix As scan_place's.
 * @param only   Visit only these subdirectories, with their marks; emptied on success. Or NULL.
 * @param jobs   The number of threads, 1 to WALKER_MAX_THREADS; fewer are used for a small tree,
 *               and where the limit on descriptors (RLIMIT_NOFILE) is low.
 * @param small  WALKER_SMALL_TREE; tests pass less, so that a small tree is shared.
 * @return 0, or -1 with errno if the walk could not begin (ENOMEM, EMFILE).
 */
int walker_run(const struct scan_config *config, const char *prefix, struct namelist *only,
	       unsigned jobs, uint64_t small);

#endif
