#include "tally.h"

#include "quote.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tally_add(struct tally *sum, const struct tally *tally)
{
	sum->files += tally->files;
	sum->directories += tally->directories;
	sum->bytes += tally->bytes;
	sum->errors += tally->errors;
	sum->environments += tally->environments;
	sum->skipped += tally->skipped;
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

/** Prints what was removed, or that it was nothing. */
static void print_removed(FILE *out, const struct tally *tally, bool dry_run, bool interrupted)
{
	char files[TALLY_WORDS_SIZE];
	char directories[TALLY_WORDS_SIZE];
	char bytes[TALLY_WORDS_SIZE];
	const char *nothing = "Nothing to remove";

	tally_count(files, tally->files, "file", "files");
	tally_count(directories, tally->directories, "directory", "directories");
	tally_bytes(bytes, tally->bytes);
	if (files[0] || directories[0]) {
		fprintf(out, "%s %s%s%s (%s)", dry_run ? "Would remove" : "Removed", files,
			files[0] && directories[0] ? " and " : "", directories, bytes);
		return;
	}
	if (interrupted || (tally->errors > 0 && !dry_run)) {
		nothing = dry_run ? "Nothing found" : "Nothing removed";
	}
	fputs(nothing, out);
}

/**
 * Prints how a directory that was skipped is cleaned: a command, within quotes unless there are
 * some in it.
 *
 * @param options What it takes, with a space at its end.
 * @return false where it cannot be given as a path, or there is no memory.
 */
static bool print_command(FILE *out, const char *options, const char *path)
{
	size_t length = path ? strlen(path) : PATH_MAX;
	char *quoted = length < PATH_MAX ? malloc(QUOTE_SIZE(length)) : NULL;
	const char *quote;

	if (!quoted) {
		return false;
	}
	quote_path(quoted, path, QUOTE_ARGUMENT);
	quote = strcmp(quoted, path) == 0 ? "'" : "";
	fprintf(out, " (%spyclean %s%s%s%s cleans it)", quote, options, path[0] == '-' ? "./" : "",
		quoted, quote);
	free(quoted);
	return true;
}

/** Prints what was skipped by default. @param path As tally_print()'s. */
static void print_skipped(FILE *out, const struct tally *tally, const char *path)
{
	bool several = tally->environments + tally->skipped > 1;
	char environments[TALLY_WORDS_SIZE];
	char others[TALLY_WORDS_SIZE];

	tally_count(environments, tally->environments, "virtual environment",
		    "virtual environments");
	tally_count(others, tally->skipped, environments[0] ? "other directory" : "directory",
		    environments[0] ? "other directories" : "directories");
	if (!environments[0] && !others[0]) {
		return;
	}
	fprintf(out, "; skipped %s%s%s", environments, environments[0] && others[0] ? " and " : "",
		others);
	/* What a tool has made for its tests holds environments in turn: there it takes -a. */
	if (several || !print_command(out, tally->skipped > 0 ? "-a " : "", path)) {
		fputs(several ? " (-v lists them)" : " (-v lists it)", out);
	}
}

void tally_print(FILE *out, const struct tally *tally, const char *skipped, bool dry_run,
		 bool interrupted)
{
	char errors[TALLY_WORDS_SIZE];

	print_removed(out, tally, dry_run, interrupted);
	tally_count(errors, tally->errors, "error", "errors");
	fprintf(out, "%s%s", errors[0] ? "; " : "", errors);
	print_skipped(out, tally, skipped);
	fprintf(out, "%s.\n", interrupted ? "; interrupted" : "");
}
