/** The command line: GNU conventions, by getopt_long(3). */

#ifndef PYCLEAN_OPTIONS_H
#define PYCLEAN_OPTIONS_H

#include "filter.h"
#include "ignore.h"
#include "matcher.h"
#include "reporter.h"

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
	/** The directory of --prefix or PYTHONPYCACHEPREFIX; that of the variable need not exist. */
	struct platform_identity cache_prefix;
	/** The PATHs as given; "." if none were given. */
	const char **operands;
	size_t operand_count;
	/** A usage error, the text that it is about, and the word probably meant; or NULL. */
	const char *problem;
	const char *problem_text;
	const char *meant;
	/** All texts that are not those of argv. */
	char **texts;
	size_t text_count;
};

/** @return 0, or -1 with `problem` or, if NULL, ENOMEM; free them in each case. */
int options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

/* arguments.c, for options.c: on failure, either `problem` is set or errno is ENOMEM. */
/** @return A formatted text, valid until options_free(); or NULL. */
__attribute__((format(printf, 2, 3))) char *arguments_format(struct options *options,
							     const char *format, ...);
/** Sets a usage error: the problem, and the text that it is about or NULL. @return -1. */
int arguments_refuse(struct options *options, const char *problem, const char *text);
/** Adds the items of a comma-separated list, to those of -d, -i, -k or -t. @return 0 or -1. */
int arguments_add(struct options *options, int letter, const char *list);
/* Each sets what an argument says, or returns -1. */
int arguments_set_jobs(struct options *options, const char *argument);
int arguments_set_prefix(struct options *options, const char *directory);
int arguments_read_environment(struct options *options);
int arguments_set_when(struct options *options, enum reporter_when *when, const char *name,
		       const char *argument);

#endif
