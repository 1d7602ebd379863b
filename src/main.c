/*
 * pyclean removes Python bytecode: every __pycache__ directory and every stray *.pyc and *.pyo.
 *
 * The way a directory takes, and the file that does each step:
 *
 *     options.c    the command line
 *     arguments.c    arguments that are lists
 *     spelling.c     which option a mistyped one was meant to be
 *     interpreter.c  the tag of the user's Python
 *     operands.c   each operand: a directory to clean, or a thing to remove
 *     lookup.c       what each operand is
 *     repository.c   whether it lies in what stores a repository
 *     walker.c     every directory below another one, with nftw
 *     pool.c         the threads that share a large tree, and their work stack
 *     scan.c       one directory: what in it goes, what is to be visited
 *     visit.c        how its entries are classified, reported and removed
 *     environment.c  which directories are virtual environments
 *     matcher.c      what a name is, and whether it goes
 *     listing.c      the names in a directory
 *     sources.c      the sources among them
 *     selection.c  which bytecode goes, where not all of it is to
 *     bytecode.c     the format of bytecode files
 *     siphash.c      the hash of sources
 *     deleter.c    removes a file or a tree
 *     dirstack.c     the directories on the way down into a tree
 *     reporter.c   what the user sees
 *     progress.c     how far the run is, in one line on stderr
 *     hint.c         what can be done about an error
 *     summary.c      counts and sizes in words
 *     output.c       stdout and stderr, and each thread's buffer of lines
 *     json.c         the same things for programs
 *     quote.c        file names that are safe to show, and their width
 *     interrupt.c  the signals that end the program in good order
 *     platform.c   what differs between systems
 *     strbuf.c     a string that grows
 */

#include "interpreter.h"
#include "interrupt.h"
#include "operands.h"
#include "options.h"
#include "reporter.h"

#include <errno.h>
#include <stdlib.h>

enum {
	STATUS_DONE = 0,
	STATUS_INCOMPLETE = 1,
	STATUS_USAGE = 2,
	/** With --check. */
	STATUS_WOULD_GO = 1,
	STATUS_CHECK_FAILED = 2,
};

static int status_of(const struct options *options, const struct reporter_counts *counts)
{
	if (counts->errors > 0) {
		return options->check ? STATUS_CHECK_FAILED : STATUS_INCOMPLETE;
	}
	if (options->check && counts->files + counts->directories > 0) {
		return STATUS_WOULD_GO;
	}
	return STATUS_DONE;
}

/** @return The exit status. */
static int clean(const struct options *options)
{
	const atomic_int *stop = interrupt_install();
	struct reporter *reporter = reporter_new(&options->style);
	enum operands_result result =
		reporter ? operands_clean(options, reporter, stop) : OPERANDS_FAILED;
	int status = STATUS_USAGE;

	if (result == OPERANDS_DONE) {
		reporter_finish(reporter, atomic_load(stop) != 0);
		interrupt_die();
		status = status_of(options, reporter_counts(reporter));
	} else if (result == OPERANDS_FAILED) {
		reporter_fatal();
		status = options->check ? STATUS_CHECK_FAILED : STATUS_INCOMPLETE;
	}
	if (reporter) {
		reporter_free(reporter);
	}
	return status;
}

/** @return The exit status. */
static int run(struct options *options)
{
	if (options->task == OPTIONS_CLEAN && options->asks_interpreter &&
	    interpreter_ask_tag(options->auto_tag, sizeof(options->auto_tag),
				INTERPRETER_PATIENCE) != 0) {
		reporter_usage(
			errno == ETIMEDOUT
				? "cannot tell what 'auto' is (name a version instead, such as "
				  "3.13): no answer within ten seconds from"
				: "cannot tell what 'auto' is (name a version instead, such as "
				  "3.13): no tag from",
			INTERPRETER_NAME, NULL);
		return STATUS_USAGE;
	}
	switch (options->task) {
	case OPTIONS_HELP:
		return reporter_print(options_help) == 0 ? STATUS_DONE : STATUS_INCOMPLETE;
	case OPTIONS_VERSION:
		return reporter_print("pyclean " PYCLEAN_VERSION "\n") == 0 ? STATUS_DONE
									    : STATUS_INCOMPLETE;
	default:
		return clean(options);
	}
}

int main(int argc, char **argv)
{
	struct options options;
	int status = STATUS_INCOMPLETE;

	interrupt_ignore_size_limit();
	if (options_parse(&options, argc, argv) == 0) {
		status = run(&options);
	} else if (options.problem) {
		reporter_usage(options.problem, options.problem_text, options.meant);
		status = STATUS_USAGE;
	} else {
		reporter_fatal();
	}
	options_free(&options);
	return status;
}
