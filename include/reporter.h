/**
 * Everything the user sees: lines, errors, counts, the summary. Nothing else writes to stdout or
 * stderr.
 *
 * There is one reporter. Each thread has its own report, which gathers the lines of the current
 * directory, so that they stay together.
 */

#ifndef PYCLEAN_REPORTER_H
#define PYCLEAN_REPORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How much is said about what is removed; each includes those before it. */
enum reporter_detail {
	/** Errors. */
	REPORTER_ERRORS,
	/** The summary. */
	REPORTER_SUMMARY,
	/** A line for each stray file and each whole directory. */
	REPORTER_LIST,
	/** A line for each file and directory, also for those that are kept or skipped. */
	REPORTER_ALL,
};

/** When something that is for a terminal is sent. */
enum reporter_when {
	/** To a terminal that can show it. */
	REPORTER_AUTO,
	REPORTER_ALWAYS,
	REPORTER_NEVER,
};

struct reporter_style {
	enum reporter_detail detail;
	/** Raw paths with a NUL after each, and nothing else, on stdout. */
	bool null;
	/** Say what would be removed. */
	bool dry_run;
	/** JSON objects, a line each, and nothing else, on stdout; see json.h. Not with `null`. */
	bool json;
	/** When lines and errors have colours. */
	enum reporter_when colour;
	/** When there is a progress line; REPORTER_AUTO gives none with REPORTER_ERRORS. */
	enum reporter_when progress;
};

/** What was counted. */
struct reporter_counts {
	uint64_t files;
	uint64_t directories;
	/** What the file system gets back. */
	uint64_t bytes;
	uint64_t errors;
	/** Virtual environments that were skipped, and other directories that are by default. */
	uint64_t environments;
	uint64_t skipped;
	/** Files that were removed and may have been the only copies. */
	uint64_t sourceless;
};

/** Standard output and error, and the counts of all threads. */
struct reporter;

/** One thread's lines and counts. */
struct report;

/** A path, in pieces that are joined as they are; NULL is an empty one. */
struct reporter_path {
	/** NULL for an operand if it is not known what it is. */
	const char *prefix;
	const char *trail;
	const char *name;
	/** Shown with a '/' at its end in lists, without one in errors. */
	bool directory;
	/** It is in a directory that is removed as a whole, and listed in its place. */
	bool inner;
	/** It lies on another file system than the operand, which --one-file-system would leave. */
	bool crosses;
	/** It may be the only copy: it is counted, and the reason is listed in any case. */
	bool sourceless;
	/** The interpreter's tag in the name, or NULL; for reporter_wants_tags(). */
	const char *tag;
	size_t tag_length;
};

/** Starts the output of a run. @return A reporter, for reporter_free(), or NULL with ENOMEM. */
struct reporter *reporter_new(const struct reporter_style *style);

/** Frees a reporter of which all reports are closed. */
void reporter_free(struct reporter *reporter);

/** @return What the reports that are closed have counted; the reporter's. */
const struct reporter_counts *reporter_counts(const struct reporter *reporter);

/** @return True if the sizes of what is removed will be shown. */
bool reporter_wants_sizes(const struct reporter *reporter);

/** @return True if paths should come with their tags. */
bool reporter_wants_tags(const struct reporter *reporter);

/** Starts a report. @return The report, which reporter_close() frees, or NULL with ENOMEM. */
struct report *reporter_open(struct reporter *reporter);

/** Writes what a report still holds, adds its counts to the reporter's, and frees it. */
void reporter_close(struct report *report);

/** Writes the lines of the current directory, in one piece: it is done. */
void reporter_flush(struct report *report);

/** Notes that a directory is about to be read. @param directory As reporter_path's prefix. */
void reporter_at(struct report *report, const char *directory);

/**
 * Counts a file or directory that was removed, or would have been, and lists it if asked to.
 *
 * @param reason Why, or NULL.
 */
void reporter_removed(struct report *report, const struct reporter_path *path, uint64_t bytes,
		      const char *reason);

/** Lists bytecode that was kept, and why. */
void reporter_kept(struct report *report, const struct reporter_path *path, const char *reason);

/** How the summary counts a directory that was skipped. */
enum reporter_skip {
	/** Not at all: it is skipped in any case, or the user has chosen to skip it. */
	REPORTER_SKIP,
	REPORTER_SKIP_ENVIRONMENT,
	/** Any other that is skipped by default. */
	REPORTER_SKIP_BY_DEFAULT,
};

/** Lists a directory that was skipped, and why. */
void reporter_skipped(struct report *report, const struct reporter_path *path, const char *reason,
		      enum reporter_skip kind);

/**
 * Counts an error and says at once: `pyclean: FAILED 'PATH': REASON`.
 *
 * @param failed What could not be done: "cannot remove".
 * @param error  An errno.
 */
void reporter_error(struct report *report, const char *failed, const struct reporter_path *path,
		    int error);

/** Counts an operand that is never cleaned and says so: `pyclean: cannot clean 'PATH': REASON`. */
void reporter_refused(struct report *report, const struct reporter_path *path, const char *reason);

/** Counts an operand that cannot be used, and says so at once: `pyclean: 'PATH' PROBLEM`. */
void reporter_unfit(struct report *report, const struct reporter_path *path, const char *problem);

/**
 * Says what can be done about the errors, and the summary, and closes stdout. A failure to write
 * is counted as an error.
 *
 * @param interrupted Whether there was more to do.
 */
void reporter_finish(struct reporter *reporter, bool interrupted);

/**
 * Says what is wrong with the command line: `pyclean: PROBLEM 'TEXT'` and where help is.
 *
 * @param meant What should have been typed, or NULL.
 */
void reporter_usage(const char *problem, const char *text, const char *meant);

/** Says that the program cannot go on, with errno's reason. */
void reporter_fatal(void);

/** Prints a text to stdout. @return 0, or -1 if it could not be written, as an error says. */
int reporter_print(const char *text);

#endif
