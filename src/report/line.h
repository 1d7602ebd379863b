/**
 * A line about a path: as text, or as a JSON object (RFC 8259).
 */

#ifndef PYCLEAN_LINE_H
#define PYCLEAN_LINE_H

#include "reporter.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stdint.h>

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
	/** The disk space freed, or NULL. */
	const uint64_t *bytes;
	/** Or NULL. */
	const char *reason;
	/** What failed, or without a reason what is wrong with the path; NULL if nothing. */
	const char *error;
};

/**
 * Joins the pieces of a path in a buffer; the path "" becomes ".".
 *
 * @param slash Whether a directory ends in a '/'.
 * @return The text of the buffer.
 */
const char *line_join(struct strbuf *out, const struct reporter_path *path, bool slash);

/** Adds a line for stdout, in the style's format. @param whole The joined path; or NULL, for JSON. */
void line_add(struct strbuf *out, const struct line *line, const char *whole,
	      const struct reporter_style *style, bool colours);

/** Adds `pyclean: FAILED 'PATH': REASON` or `pyclean: 'PATH' PROBLEM`. */
void line_add_error(struct strbuf *out, const struct line *line, const char *whole, bool colours);

#endif
