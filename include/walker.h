/** Visits a directory and all below it: by nftw(3), and the rest of a larger tree by threads. */

#ifndef PYCLEAN_WALKER_H
#define PYCLEAN_WALKER_H

#include <stdint.h>

struct namelist;
struct scan_config;

enum {
	WALKER_MAX_THREADS = 64,
	WALKER_DEFAULT_THREADS = 8,
	/**
	 * The most entries read or removed in a small tree: 60 directories with seven compiled
	 * modules each, for instance, which take one thread 2 ms to list. (With twice as many,
	 * trees of 1,000 to 6,000 entries take 6 to 20 percent longer.)
	 */
	WALKER_SMALL_TREE = 1024,
};

/**
 * Cleans the directory that is the config's `top` and every one below it. Errors are reported.
 *
 * @param prefix The path shown before the names in it: "", "/" or "a/b/".
 * @param only   Visit only these subdirectories of it, with the marks of scan.h; emptied on
 *               success. NULL to clean all of it.
 * @param jobs   The number of threads, 1 to WALKER_MAX_THREADS; fewer are used for a small tree,
 *               and where the limit on descriptors (RLIMIT_NOFILE) is low.
 * @param small  WALKER_SMALL_TREE; tests pass less, so that a small tree is shared.
 * @return 0, or -1 with errno if the walk could not begin (ENOMEM, EMFILE).
 */
int walker_run(const struct scan_config *config, const char *prefix, struct namelist *only,
	       unsigned jobs, uint64_t small);

#endif
