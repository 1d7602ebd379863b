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
	/** Bytes for any summary that names no path, in words or as JSON, and for any hint. */
	SUMMARY_SIZE = 1024,
};

/** Adds counts to others. */
void summary_add_counts(struct reporter_counts *sum, const struct reporter_counts *counts);

/** Adds a size in bytes as people read it, "213.4 KiB". */
void summary_add_size(struct strbuf *out, uint64_t bytes);

/** Adds "0 files", "1 file", "15 files". */
void summary_add_count(struct strbuf *out, uint64_t count, const char *one, const char *many);

/**
 * Writes the summary of a run, a line, to an empty buffer. SUMMARY_SIZE bytes that were reserved
 * suffice without memory.
 *
 * @param skipped     The directory that was skipped, if it was the only one and is known; or NULL.
 * @param interrupted Whether there was more to do.
 */
void summary_add(struct strbuf *out, const struct reporter_counts *counts, const char *skipped,
		 bool dry_run, bool interrupted);

#endif
