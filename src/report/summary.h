/**
 * Counts and sizes in words: "Removed 15 files and 1 directory (213.4 KiB)."
 */

#ifndef PYCLEAN_SUMMARY_H
#define PYCLEAN_SUMMARY_H

#include "reporter.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	/** Bytes for any hint, and any summary without a path, as text or JSON. */
	SUMMARY_SIZE = 1024,
};

/** Adds `counts` to `sum`. */
void summary_add_counts(struct reporter_counts *sum, const struct reporter_counts *counts);

/** Adds a size in a readable unit, "213.4 KiB". */
void summary_add_size(struct strbuf *out, uint64_t bytes);

/** Adds "0 files", "1 file", "15 files". */
void summary_add_count(struct strbuf *out, uint64_t count, const char *one, const char *many);

/**
 * Writes the one-line summary of a run to an empty buffer. If SUMMARY_SIZE bytes are reserved, it
 * cannot fail.
 *
 * @param skipped     The skipped directory, if it is known and was the only one; or NULL.
 * @param interrupted True if the run was stopped before its end.
 */
void summary_add(struct strbuf *out, const struct reporter_counts *counts, const char *skipped,
		 bool dry_run, bool interrupted);

#endif
