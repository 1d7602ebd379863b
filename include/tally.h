/**
 * What has been counted, and its words: "Removed 15 files and 1 directory (213.4 KiB)."
 */

#ifndef PYCLEAN_TALLY_H
#define PYCLEAN_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** What has been done. */
struct tally {
	uint64_t files;
	uint64_t directories;
	/** What the file system gets back. */
	uint64_t bytes;
	uint64_t errors;
	/** Virtual environments that were skipped, and what else was that is by default. */
	uint64_t environments;
	uint64_t skipped;
};

/** Room for a size or a count in words. */
enum {
	TALLY_WORDS_SIZE = 64
};

/** Adds one tally to another. */
void tally_add(struct tally *sum, const struct tally *tally);

/** Writes a size as people read it, "213.4 KiB". */
void tally_bytes(char out[TALLY_WORDS_SIZE], uint64_t bytes);

/** Writes "15 files", "1 file", or nothing for 0. */
void tally_count(char out[TALLY_WORDS_SIZE], uint64_t count, const char *one, const char *many);

/**
 * Prints the summary of a run, a line.
 *
 * @param skipped     The directory that was skipped, where it was one alone; or NULL.
 * @param interrupted Whether there was more to do.
 */
void tally_print(FILE *out, const struct tally *tally, const char *skipped, bool dry_run,
		 bool interrupted);

#endif
