/**
 * The end of a run in words: hints about errors, and the summary "Removed 15 files and 1 directory
 * (213.4 KiB)."
 */

#ifndef PYCLEAN_SUMMARY_H
#define PYCLEAN_SUMMARY_H

#include "report/line.h"
#include "reporter.h"
#include "strbuf.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	/** Bytes that suffice for a summary, and for all hints. */
	SUMMARY_SIZE = 2048 + 3 * PATH_MAX,
	/** One more than the number of all hints. */
	SUMMARY_HINTS = 10,
};

/** What the end is about. A text without memory, or longer than PATH_MAX, is left out. */
struct summary {
	struct reporter_counts counts;
	/** What the user can do about the errors; NULL after the last one. */
	const char *hints[SUMMARY_HINTS];
	/** What `auto` stood for; empty if it was not given. */
	struct strbuf chosen;
	/** The first skipped directory that was counted, as an argument. */
	struct strbuf skipped;
	/** The paths of reporter_elsewhere(), as arguments. */
	struct strbuf elsewhere;
	/** True if the run was stopped before its end. */
	bool interrupted;
};

/** Moves counts to the summary. */
void summary_take_counts(struct summary *summary, struct reporter_counts *counts);

/** Notes the hint about an error, if there is one. @param error An errno, or 0. */
void summary_note_error(struct summary *summary, const struct line *line, int error);

/** Adds the hints, each as a line. */
void summary_add_hints(struct strbuf *out, const struct summary *summary, bool colours);

/** Adds a path as an argument of a command, after a space. */
void summary_add_argument(struct strbuf *out, const char *path);

/** Adds a size in a readable unit, "213.4 KiB". */
void summary_add_size(struct strbuf *out, uint64_t bytes);

/** Adds the summary as one line, as text or JSON. */
void summary_add(struct strbuf *out, const struct summary *summary,
		 const struct reporter_style *style);

#endif
