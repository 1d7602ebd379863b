/**
 * The end of a run in words: hints about errors, and the summary "Removed 15 files and 1 directory
 * (213.4 KiB)."
 */

#ifndef PYCLEAN_SUMMARY_H
#define PYCLEAN_SUMMARY_H

#include "reporter.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	/** Bytes for all hints at once, and for any summary without a path and `chosen`, as text or JSON. */
	SUMMARY_SIZE = 2048,
};

/** The circumstances of an error, besides its errno. */
enum summary_circumstance {
	/** It could not be removed; otherwise it could not be read. */
	SUMMARY_REMOVAL = 1,
	/** --one-file-system was not given and would have excluded it. */
	SUMMARY_CROSSES = 2,
	/** The user is root, whom permissions do not restrict. */
	SUMMARY_ROOT = 4,
	/** An operand is of a wrong type. */
	SUMMARY_OPERAND = 8,
};

/**
 * Finds a sentence about what the user can do about an error.
 *
 * @param error         An errno, or 0.
 * @param circumstances A set of enum summary_circumstance.
 * @return The hint's bit, or 0 if there is none.
 */
unsigned summary_hint_for(int error, unsigned circumstances);

/** Adds the hints of a set of bits, each as a line. Needs at most SUMMARY_SIZE bytes. */
void summary_add_hints(struct strbuf *out, unsigned set, bool colours);

/** Adds `counts` to `sum`. */
void summary_add_counts(struct reporter_counts *sum, const struct reporter_counts *counts);

/** Adds a size in a readable unit, "213.4 KiB". */
void summary_add_size(struct strbuf *out, uint64_t bytes);

/** Adds "0 files", "1 file", "15 files". */
void summary_add_count(struct strbuf *out, uint64_t count, const char *one, const char *many);

/** The result of a run, for its summary. */
struct summary {
	struct reporter_counts counts;
	/** What `auto` stood for; or NULL. */
	const char *chosen;
	/** The skipped directory, if it was the only one; or NULL. */
	const char *skipped;
	/** Paths below PYTHONPYCACHEPREFIX with caches, quoted, each after a space; or NULL. */
	const char *elsewhere;
	bool dry_run;
	/** True if the run was stopped before its end. */
	bool interrupted;
};

/**
 * Writes the one-line summary to an empty buffer. If SUMMARY_SIZE bytes are reserved, it cannot
 * fail.
 */
void summary_add(struct strbuf *out, const struct summary *summary);

#endif
