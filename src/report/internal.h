/** Quoting, lines about paths, the summary, and the progress line. */

#ifndef PYCLEAN_REPORT_INTERNAL_H
#define PYCLEAN_REPORT_INTERNAL_H

#include "reporter.h"
#include "strbuf.h"

#include <limits.h>

/** How to quote a safe path. */
enum quote_style {
	QUOTE_BARE,
	QUOTE_ALWAYS,
	/** Unless it is one word to a shell. */
	QUOTE_ARGUMENT,
};

/**
 * Adds a path so that no file name can control the terminal or look like another one. One that is
 * not safe by quote_safe_run(), or begins or ends with a space, becomes $'…' (POSIX.1-2024).
 */
void quote_path(struct strbuf *out, const char *path, enum quote_style style);

/** Decodes a character or the final NUL. @return Its length in bytes; 0 if not UTF-8 (RFC 3629). */
size_t quote_decode(const char *text, uint32_t *character);

/**
 * @return The length of the longest UTF-8 prefix without this quote, backslashes, controls (C0,
 *         DEL, C1), spaces but U+0020, and characters that are invisible or change the direction.
 */
size_t quote_safe_run(const char *text, char quote);

/** @return The columns of a text without control characters. */
size_t quote_width(const char *text);
/** @return The longest end of a text that fits into `columns`. */
const char *quote_cut_start(const char *text, size_t columns);

enum line_outcome {
	LINE_REMOVED,
	LINE_WOULD_REMOVE,
	LINE_KEPT,
	LINE_SKIPPED,
	LINE_ERROR,
};

struct line {
	enum line_outcome outcome;
	const struct reporter_path *path;
	/** The disk space freed, and the reason; or NULL. */
	const uint64_t *bytes;
	const char *reason;
	/** An error: the action that failed for the reason, or without one a fault of the path. */
	const char *error;
};

/** Replaces `out` by a path, "." for "". @param slash Whether directories get a final '/'. */
void line_join(struct strbuf *out, const struct reporter_path *path, bool slash);
/** Adds a line for stdout, in the style's format. @param whole The joined path; NULL for JSON. */
void line_add(struct strbuf *out, const struct line *line, const char *whole,
	      const struct reporter_style *style, bool colours);
/** Adds `pyclean: FAILED 'PATH': REASON` or `pyclean: 'PATH' PROBLEM`. */
void line_add_error(struct strbuf *out, const struct line *line, const char *whole, bool colours);

enum {
	/** Bytes that suffice for a summary, and for all hints. */
	SUMMARY_SIZE = 2048 + 3 * PATH_MAX,
	/** One more than the number of all hints. */
	SUMMARY_HINTS = 10,
};

/** A text that has failed, or is longer than PATH_MAX, is left out. */
struct summary {
	struct reporter_counts counts;
	/** The hints about all errors; NULL after the last one. */
	const char *hints[SUMMARY_HINTS];
	/** The texts of reporter_chose(). */
	struct strbuf chosen;
	/** As arguments: the first skipped directory counted; the paths of reporter_elsewhere(). */
	struct strbuf skipped;
	struct strbuf elsewhere;
	/** The run was stopped before its end. */
	bool interrupted;
};

/** Moves counts to the summary. */
void summary_take_counts(struct summary *summary, struct reporter_counts *counts);
/** Notes the hint about an error, if there is one. @param error An errno, or 0. */
void summary_note_error(struct summary *summary, const struct line *line, int error);

/** Adds each hint as a line. */
void summary_add_hints(struct strbuf *out, const struct summary *summary, bool colours);
/** Adds the summary as one line, in the style's format. */
void summary_add(struct strbuf *out, const struct summary *summary,
		 const struct reporter_style *style);
/** Adds a path as an argument of a command, after a space. */
void summary_add_argument(struct strbuf *out, const char *path);
/** Adds a size in a readable unit, "213.4 KiB". */
void summary_add_size(struct strbuf *out, uint64_t bytes);

/** Whether a stream gets colours; REPORTER_AUTO obeys NO_COLOR (https://no-color.org). */
bool progress_takes_colour(enum reporter_when when, int fd);

/** The progress line on stderr. Only one thread at a time may use it. */
struct progress {
	/** Constant: any thread may read it. */
	bool enabled;
	/** It is on the screen. */
	bool drawn;
	/** When to draw it next, in milliseconds of the monotonic clock. */
	uint64_t next;
};

/** REPORTER_AUTO: half a second after the start, on a terminal and if no list goes to a pipe. */
void progress_init(struct progress *progress, const struct reporter_style *style);
/** Draws the line if it is due, in the foreground. @param prefix, trail As reporter_path's. */
void progress_show(struct progress *progress, const struct reporter_counts *counts,
		   const char *prefix, const char *trail);
/** Clears the line before other text is written; it reappears after a delay. */
void progress_clear(struct progress *progress);

#endif
