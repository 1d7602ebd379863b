/**
 * The command line: GNU conventions, by getopt_long(3).
 */

#ifndef PYCLEAN_OPTIONS_H
#define PYCLEAN_OPTIONS_H

#include "ignore.h"
#include "matcher.h"
#include "reporter.h"
#include "filter.h"

#include <stdbool.h>
#include <stddef.h>

struct options {
	/** The text of --help or --version, which is printed instead; or NULL. */
	const char *print;
	struct reporter_style style;
	/** In a dry run: exit status 1 if anything would be removed, 2 after an error. */
	bool check;
	/** A PATH that does not exist is not an error. */
	bool force;
	bool one_file_system;
	/** Also remove the directories that are left empty. */
	bool prune;
	/** The most threads, 1 to WALKER_MAX_THREADS. */
	unsigned jobs;
	struct matcher_rules rules;
	struct ignore ignore;
	struct filter_rules selection;
	/** The root of the cache-prefix tree (--prefix, PYTHONPYCACHEPREFIX), or NULL; the
	 *  variable's need not exist. */
	const char *prefix;
	/** The PATHs as given; "." if none were given. */
	const char **operands;
	size_t operand_count;

	/** A usage error, and the text that it is about, which is quoted when shown, or NULL. */
	const char *problem;
	const char *problem_text;
	/** The word that was probably meant, or NULL. */
	const char *meant;

	/** All texts that are not those of argv. */
	char **texts;
	size_t text_count;
};

/**
 * Parses the command line.
 *
 * @return 0; -1 with `problem` set on a usage error, or with `problem` NULL and ENOMEM.
 *         Call options_free() in each case.
 */
int options_parse(struct options *options, int argc, char **argv);

/** Frees the memory of options_parse(). */
void options_free(struct options *options);

#endif
