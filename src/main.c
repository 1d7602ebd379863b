/*
 * pyclean removes Python bytecode: every __pycache__ directory and every stray *.pyc and *.pyo.
 *
 * The map of the source. A folder calls only folders below it, and platform/.
 *
 *     options.c             the command line
 *       arguments.c           the arguments of options
 *     operands.c            cleans each PATH
 *       lookup.c              finds out what each PATH is, or lies in, before anything is removed
 *       interpreter.c         what `auto` stands for
 *
 *     walk/walker.c         visits every directory below a PATH, with nftw
 *          pool.c             the threads that share a large tree, and their work stack
 *          scan.c           one directory: read, match, remove
 *          removal.c          decides about an entry that is removed, and those in it
 *          marks.c            the marks of debris
 *          visit.c            which entries are skipped, environments too; reports them
 *
 *     match/matcher.c       classifies names by tables
 *           ignore.c        the patterns of --ignore
 *           debris.c        the table of debris and its marks
 *           filter.c        --tag, --keep-tag, --stale, --keep-sourceless, modules
 *           staleness.c       whether bytecode matches its source
 *           pyc_name.c        the names and tags of bytecode files
 *           pyc_file.c        their contents: header, hash of the source, code
 *
 *     delete/deleter.c      removes a file or a tree, relative to descriptors
 *            dirstack.c       the stack of directories from the root of a tree to the current one
 *
 *     report/reporter.c     everything the user sees
 *            line.c           lines about paths, as text or JSON; messages without one
 *            summary.c        hints about errors, the summary
 *            quote.c          quotes file names for display; display width
 *            progress.c       the progress line on stderr
 *
 *     platform/platform.c   the differences between systems
 *              signals.c      the signals that end a run
 *              namelist.c     a list of the names in a directory
 *              strbuf.c       a growing string
 */

#include "platform.h"
#include "operands.h"
#include "options.h"
#include "reporter.h"

#include <signal.h>
#include <string.h>

/** With --check, 1 means that something would be removed, and 2 any error. */
enum {
	STATUS_DONE,
	STATUS_INCOMPLETE,
	STATUS_USAGE,
};

/** Whether a pattern has a component that is skipped anyway, or is if it is an environment. */
static bool is_skipped_anyway(const struct matcher_rules *rules,
			      const struct ignore_pattern *pattern)
{
	for (const char *name = pattern->glob; name < pattern->end; name += strlen(name) + 1) {
		if (matcher_classify(rules, name, ENTRY_DIRECTORY).reason ||
		    (!rules->all && (strcmp(name, ".venv") == 0 || strcmp(name, "venv") == 0))) {
			return true;
		}
	}
	return false;
}

/** Names the patterns of --ignore that matched nothing; they may be mistyped. */
static void note_unused_patterns(const struct options *options)
{
	for (size_t i = 0; i < options->ignore.count; i++) {
		const struct ignore_pattern *pattern = &options->ignore.all[i];

		if (!pattern->used && !is_skipped_anyway(&options->rules, pattern)) {
			reporter_note("nothing matches the pattern", pattern->given, NULL);
		}
	}
}

static int status_of(const struct options *options, const struct reporter_counts *counts)
{
	if (counts->errors > 0) {
		return options->check ? STATUS_USAGE : STATUS_INCOMPLETE;
	}
	return options->check && counts->files + counts->directories > 0 ? STATUS_INCOMPLETE
									 : STATUS_DONE;
}

/** @return The exit status. */
static int clean(const struct options *options)
{
	const struct reporter_style *style = &options->style;
	const atomic_int *stop = signals_install();
	struct reporter *reporter = reporter_new(style);
	int status = STATUS_USAGE;

	if (!reporter) {
		reporter_fatal();
	} else if (operands_clean(options, reporter, stop) == 0) {
		reporter_finish(reporter, atomic_load(stop) != 0);
		signals_die();
		if (style->detail >= REPORTER_LIST && !style->null && !style->json) {
			note_unused_patterns(options);
		}
		status = status_of(options, reporter_counts(reporter));
	}
	reporter_free(reporter);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	int status = STATUS_USAGE;
	int result;

	/* A write beyond RLIMIT_FSIZE fails with EFBIG then. */
	signal(SIGXFSZ, SIG_IGN);
	result = options_parse(&options, argc, argv);
	if (result == 0 && options.print) {
		status = reporter_print(options.print) == 0 ? STATUS_DONE : STATUS_INCOMPLETE;
	} else if (result == 0) {
		status = clean(&options);
	} else if (options.problem) {
		reporter_usage(&options.style, options.problem, options.problem_text,
			       options.meant);
	} else {
		reporter_fatal();
	}
	options_free(&options);
	return status;
}
