#include "tally.h"

#include <inttypes.h>
#include <stdio.h>

void tally_add(struct tally *sum, const struct tally *tally)
{
	sum->files += tally->files;
	sum->directories += tally->directories;
	sum->bytes += tally->bytes;
	sum->errors += tally->errors;
	sum->environments += tally->environments;
}

void tally_bytes(char out[TALLY_WORDS_SIZE], uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	const char *unit = units;
	double value = (double)bytes / 1024;

	if (bytes < 1024) {
		snprintf(out, TALLY_WORDS_SIZE, "%" PRIu64 " B", bytes);
		return;
	}
	/* 1023.95 would be shown as 1024.0. */
	while (value >= 1023.95 && unit[1] != '\0') {
		value /= 1024;
		unit++;
	}
	snprintf(out, TALLY_WORDS_SIZE, "%.1f %ciB", value, *unit);
}

void tally_count(char out[TALLY_WORDS_SIZE], uint64_t count, const char *one, const char *many)
{
	out[0] = '\0';
	if (count > 0) {
		snprintf(out, TALLY_WORDS_SIZE, "%" PRIu64 " %s", count, count == 1 ? one : many);
	}
}

/** Writes what was removed, or that it was nothing. @return How long that is. */
static size_t write_removed(char out[TALLY_SENTENCE_SIZE], const struct tally *tally, bool dry_run,
			    bool interrupted)
{
	char files[TALLY_WORDS_SIZE];
	char directories[TALLY_WORDS_SIZE];
	char bytes[TALLY_WORDS_SIZE];
	const char *nothing = "Nothing to remove";

	tally_count(files, tally->files, "file", "files");
	tally_count(directories, tally->directories, "directory", "directories");
	tally_bytes(bytes, tally->bytes);
	if (files[0] || directories[0]) {
		return (size_t)snprintf(out, TALLY_SENTENCE_SIZE, "%s %s%s%s (%s)",
					dry_run ? "Would remove" : "Removed", files,
					files[0] && directories[0] ? " and " : "", directories,
					bytes);
	}
	if (interrupted || (tally->errors > 0 && !dry_run)) {
		nothing = dry_run ? "Nothing found" : "Nothing removed";
	}
	return (size_t)snprintf(out, TALLY_SENTENCE_SIZE, "%s", nothing);
}

void tally_sentence(char out[TALLY_SENTENCE_SIZE], const struct tally *tally, bool dry_run,
		    bool interrupted)
{
	size_t used = write_removed(out, tally, dry_run, interrupted);
	char errors[TALLY_WORDS_SIZE];
	char environments[TALLY_WORDS_SIZE];

	tally_count(errors, tally->errors, "error", "errors");
	tally_count(environments, tally->environments, "virtual environment, -a includes it",
		    "virtual environments, -a includes them");
	snprintf(out + used, TALLY_SENTENCE_SIZE - used, "%s%s%s%s%s.", errors[0] ? "; " : "",
		 errors, environments[0] ? "; skipped " : "", environments,
		 interrupted ? "; interrupted" : "");
}
