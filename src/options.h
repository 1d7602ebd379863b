/**
 * The command line: GNU conventions, by getopt_long(3).
 */

#ifndef PYCLEAN_OPTIONS_H
#define PYCLEAN_OPTIONS_H

#include "matcher.h"
#include "reporter.h"
#include "filter.h"

#include <stdbool.h>
#include <stddef.h>

/** What the program is to do. */
enum options_task {
	OPTIONS_CLEAN,
	OPTIONS_HELP,
	OPTIONS_VERSION,
};

/** What one option has gathered. All zero is an empty list. */
struct options_list {
	const char **items;
	size_t count;
};

struct options {
	enum options_task task;
	struct reporter_style style;
	/** In a dry run: exit status 1 if anything would go, 2 after an error. */
	bool check;
	/** A PATH that does not exist is no error. */
	bool force;
	bool one_file_system;
	/** How many threads there may be, 1 to WALKER_MAX_THREADS. */
	unsigned jobs;
	struct matcher_rules rules;
	struct filter_rules selection;
	/** The root of the cache-prefix tree (PYTHONPYCACHEPREFIX, --prefix), absolute; or NULL. */
	char *prefix;
	/** A tag is `auto`: the caller has to write it to `auto_tag`. */
	bool asks_interpreter;
	char auto_tag[64];
	/** What to clean, as given, argv's; "." if nothing was. */
	const char *const *operands;
	size_t operand_count;

	/** The lists of operands, `rules` and `selection`, and the texts that were made for them. */
	struct options_list given;
	struct options_list ignore;
	struct options_list tags;
	struct options_list keep_tags;
	struct options_text *texts;
	/** Of a usage error: what is wrong, and with what (quoted when it is shown). */
	const char *problem;
	const char *problem_text;
	/** What should have been typed, or NULL. */
	const char *meant;
};

/**
 * Parses the command line.
 *
 * @return 0; -1 with `problem` set on a usage error, or with `problem` NULL and ENOMEM.
 *         options_free() is due in each case.
 */
int options_parse(struct options *options, int argc, char **argv);

/** Frees what options_parse() allocated. */
void options_free(struct options *options);

/** What --help prints. */
extern const char options_help[];

#endif
