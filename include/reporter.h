/**
 * All that the user sees: lines, errors, counts, the summary; nothing but it and the parts below it
 * writes to stdout or stderr.
 *
 * The reporter is shared. Each walker has a report of its own, in which the lines of the
 * directory in hand are gathered, so that they stay together.
 */

#ifndef PYCLEAN_REPORTER_H
#define PYCLEAN_REPORTER_H

#include "page.h"
#include "tally.h"
#include "terminal.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How much is said of what goes; each includes what stands before it. */
enum reporter_detail {
	/** Errors. */
	REPORTER_ERRORS,
	/** The summary. */
	REPORTER_SUMMARY,
	/** A line for each stray file and each whole directory. */
	REPORTER_LIST,
	/** A line for each file and directory, and for each that is left or skipped. */
	REPORTER_ALL,
};

struct reporter_style {
	enum reporter_detail detail;
	/** Raw paths with a NUL after each, and nothing else, on stdout. */
	bool null;
	/** Say what would be removed. */
	bool dry_run;
	/** JSON objects, a line each, and nothing else, on stdout; see record.h. Not with `null`. */
	bool json;
	/** When lines and errors have colours. */
	enum terminal_when colour;
	/** When there is a line that tells how far the run is; by itself not with REPORTER_ERRORS. */
	enum terminal_when progress;
};

struct reporter {
	struct reporter_style style;
	struct page_output output;
	struct tally tally;
	/** One of the directories that were counted as skipped; NULL for none, or without memory. */
	char *skipped;
	/** What can be done about the errors so far: a bit for each enum hint. */
	atomic_uint hints;
	/** Whether lines have colours; and errors, where it is known. */
	bool colours;
	_Atomic enum terminal_when error_colour;
};

/** One walker's lines and counts. */
struct report {
	struct reporter *reporter;
	struct page page;
	struct tally tally;
	/** As the reporter's. */
	char *skipped;
	/** How many paths there were since it was last asked whether to draw the progress line. */
	unsigned unasked;
	/** The bytes of what is in a directory that is going as a whole. */
	uint64_t inner_bytes;
};

/** A path, in pieces that are joined as they are; NULL is an empty one. */
struct reporter_path {
	/** NULL for an operand of which nobody knows what it is. */
	const char *prefix;
	const char *trail;
	const char *name;
	/** Shown with a '/' at its end in lists, without one in errors. */
	bool directory;
	/** It is in a directory that goes as a whole, and that is listed for it. */
	bool inner;
};

void reporter_init(struct reporter *reporter, const struct reporter_style *style);

/** Whether anybody will see the sizes of what is removed. */
bool reporter_wants_sizes(const struct reporter *reporter);

/** Starts a report. @return 0, or -1 with ENOMEM. */
int reporter_open(struct reporter *reporter, struct report *report);

/** Writes what a report still holds, adds its counts to the reporter's, and frees it. */
void reporter_close(struct report *report);

/** Writes the lines gathered so far, in one piece: a directory is done. */
void reporter_flush(struct report *report);

/** Notes that a directory is about to be read. @param directory As reporter_path's prefix. */
void reporter_at(struct report *report, const char *directory);

/**
 * Counts a file or directory that went (or would have gone), and lists it where asked to.
 *
 * @param reason Why, or NULL.
 */
void reporter_removed(struct report *report, const struct reporter_path *path, uint64_t bytes,
		      const char *reason);

/** Lists bytecode that was left, and why. */
void reporter_kept(struct report *report, const struct reporter_path *path, const char *reason);

/** Which directories the summary counts, of those that were left. */
enum reporter_skip {
	/** None of them: what is left in any case, or is what the user has chosen to leave. */
	REPORTER_SKIP,
	REPORTER_SKIP_ENVIRONMENT,
	/** Any other that is left by default. */
	REPORTER_SKIP_BY_DEFAULT,
};

/** Lists a directory that was left, and why. */
void reporter_skipped(struct report *report, const struct reporter_path *path, const char *reason,
		      enum reporter_skip kind);

/** Counts an error and says at once: `pyclean: cannot FAILED 'PATH': REASON`. */
void reporter_error(struct report *report, const char *failed, const struct reporter_path *path,
		    int error);

/** Counts an operand that is never cleaned and says so: `pyclean: cannot clean 'PATH': REASON`. */
void reporter_refused(struct report *report, const struct reporter_path *path, const char *reason);

/** Counts an operand that is of no use, and says so at once: `pyclean: 'OPERAND' PROBLEM`. */
void reporter_unfit(struct report *report, const char *operand, const char *problem);

/**
 * Says what can be done about the errors, and the summary, and closes stdout.
 *
 * @param interrupted Whether there was more to do.
 * @return All that was counted, a failure to write included.
 */
struct tally reporter_finish(struct reporter *reporter, bool interrupted);

/**
 * Says what is wrong with the command line: `pyclean: PROBLEM 'TEXT'` and where help is.
 *
 * @param meant What should have been typed, or NULL.
 */
void reporter_usage(const char *problem, const char *text, const char *meant);

/** Says that the program cannot start, with errno's reason. */
void reporter_fatal(void);

/** Prints a text to stdout. @return 0, or -1 where it could not be written (said on stderr). */
int reporter_print(const char *text);

#endif
