/** Everything the user sees; nothing else writes to stdout or stderr. */

#ifndef PYCLEAN_REPORTER_H
#define PYCLEAN_REPORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How much is written; each level includes those before it. */
enum reporter_detail {
	REPORTER_ERRORS,
	REPORTER_SUMMARY,
	/** A line for each stray file and each directory removed as a whole. */
	REPORTER_LIST,
	/** A line for each file and directory, including those that are kept or skipped. */
	REPORTER_ALL,
};

enum reporter_when {
	/** If the stream is a terminal that supports it. */
	REPORTER_AUTO,
	REPORTER_ALWAYS,
	REPORTER_NEVER,
};

struct reporter_style {
	enum reporter_detail detail;
	bool dry_run;
	/** Write to stdout only raw paths, each followed by a NUL, or only JSON. */
	bool null;
	bool json;
	enum reporter_when colour;
	enum reporter_when progress;
};

struct reporter_counts {
	/** Directories read. */
	uint64_t visited;
	/** Removed, or would have been, and their disk space. */
	uint64_t files;
	uint64_t directories;
	uint64_t bytes;
	uint64_t errors;
	/** Skipped virtual environments, and other directories skipped by default. */
	uint64_t environments;
	uint64_t skipped;
	/** Removed files that may have been the only copies. */
	uint64_t sourceless;
};

/** A path, in pieces that are joined without a separator; NULL is an empty piece. */
struct reporter_path {
	/** NULL for an operand of unknown type. */
	const char *prefix;
	const char *trail;
	const char *name;
	/** Shown with a final '/' in lists, without one in errors. */
	bool directory;
	/** In a directory that is removed as a whole, whose line stands for it. */
	bool inner;
	/** On another file system than the operand; --one-file-system would leave it. */
	bool crosses;
	/** May be the only copy of its module; the reason is always listed. */
	bool sourceless;
	/** For JSON: the topic of debris, and the interpreter's tag in the name; or NULL. */
	const char *topic;
	const char *tag;
	size_t tag_length;
};

/** @return A reporter, to be freed after its reports, or NULL with ENOMEM. */
struct reporter *reporter_new(const struct reporter_style *style);
/** Writes the pending text, and frees a reporter or NULL. */
void reporter_free(struct reporter *reporter);

/** @return The counts of all closed reports; owned by the reporter. */
const struct reporter_counts *reporter_counts(const struct reporter *reporter);
/** Whether there will be a summary, with the disk space of removed files. */
bool reporter_wants_sizes(const struct reporter *reporter);

/** Adds the tag of `auto` to the summary, unless it has it: `WORD TAG (auto: ORIGIN)`. */
void reporter_chose(struct reporter *reporter, const char *word, const char *tag,
		    const char *origin);
/** Adds to the summary a path below PYTHONPYCACHEPREFIX with the caches of a PATH. */
void reporter_elsewhere(struct reporter *reporter, const char *path);
/** Writes the hints and the summary, and closes stdout; a failure is counted as an error. */
void reporter_finish(struct reporter *reporter, bool interrupted);

/** @return A thread's report, to be closed, or NULL with ENOMEM. */
struct report *reporter_open(struct reporter *reporter);
/** Flushes a report, adds its counts to the reporter's, and frees it. */
void reporter_close(struct report *report);
/** Writes the lines of a directory at its end, in one piece if they are at most 96 KiB. */
void reporter_flush(struct report *report);

/** Counts a directory that is cleaned, and shows it as progress. @param prefix Its path. */
void reporter_visited(struct report *report, const char *prefix);
/** Begins a directory, whose line will include the sizes of its `inner` paths. */
void reporter_removing(struct report *report);
/** Counts and lists a path that was removed, or would have been. @param reason Why, or NULL. */
void reporter_removed(struct report *report, const struct reporter_path *path, uint64_t bytes,
		      const char *reason);

/** How a path is left; the summary counts the last two. */
enum reporter_left {
	REPORTER_KEPT,
	/** Always, or by the user's choice. */
	REPORTER_SKIPPED,
	REPORTER_SKIPPED_ENVIRONMENT,
	REPORTER_SKIPPED_BY_DEFAULT,
};

void reporter_left(struct report *report, const struct reporter_path *path, const char *reason,
		   enum reporter_left left);

/** Counts an error and writes at once: `pyclean: FAILED 'PATH': REASON`. @param error An errno. */
void reporter_error(struct report *report, const char *failed, const struct reporter_path *path,
		    int error);
/** The same for an operand. @param reason If NULL, the line is `pyclean: 'PATH' FAILED`. */
void reporter_refused(struct report *report, const char *failed, const struct reporter_path *path,
		      const char *reason);

/** Writes to stderr: `pyclean: PROBLEM 'TEXT' (did you mean 'MEANT'?)`; the last two or NULL. */
void reporter_note(const char *problem, const char *text, const char *meant);
/** Writes a usage error, as reporter_note(), and a pointer to --help; for JSON, also an object. */
void reporter_usage(const struct reporter_style *style, const char *problem, const char *text,
		    const char *meant);
/** Writes a fatal error with errno's reason. */
void reporter_fatal(void);

/** Prints a text to stdout. @return 0, or -1 after a write error, which is reported. */
int reporter_print(const char *text);

#endif
