#include "reporter.h"

#include "platform.h"
#include "quote.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/** What a report starts with, in bytes: room for the error of any path up to PATH_MAX. */
	REPORT_SIZE = 32 * 1024,
	/** Room for a reason in its line. */
	REASON_SIZE = 128,
};

void reporter_init(struct reporter *reporter, const struct reporter_style *style)
{
	*reporter = (struct reporter){ .style = *style };
	pthread_mutex_init(&reporter->lock, NULL);
}

bool reporter_wants_sizes(const struct reporter *reporter)
{
	return reporter->style.detail >= REPORTER_SUMMARY && !reporter->style.null;
}

int reporter_open(struct reporter *reporter, struct report *report)
{
	*report = (struct report){
		.reporter = reporter,
		.text = malloc(REPORT_SIZE),
		.size = REPORT_SIZE,
	};
	return report->text ? 0 : -1;
}

void reporter_close(struct report *report)
{
	struct reporter *reporter = report->reporter;

	reporter_flush(report);
	pthread_mutex_lock(&reporter->lock);
	reporter->tally.files += report->tally.files;
	reporter->tally.directories += report->tally.directories;
	reporter->tally.bytes += report->tally.bytes;
	reporter->tally.errors += report->tally.errors;
	pthread_mutex_unlock(&reporter->lock);
	free(report->text);
}

/** Makes the output this report's until release_output(). @return Whether it was already. */
static bool hold_output(struct report *report)
{
	bool held = report->holds_output;

	if (!held) {
		pthread_mutex_lock(&report->reporter->lock);
		report->holds_output = true;
	}
	return held;
}

static void release_output(struct report *report)
{
	report->holds_output = false;
	pthread_mutex_unlock(&report->reporter->lock);
}

/** Writes the lines gathered so far; the output is this report's. */
static void write_lines(struct report *report)
{
	struct reporter *reporter = report->reporter;

	if (report->used == 0) {
		return;
	}
	if (fwrite(report->text, 1, report->used, stdout) < report->used &&
	    reporter->write_error == 0) {
		reporter->write_error = errno;
	}
	reporter->written = true;
	report->used = 0;
}

void reporter_flush(struct report *report)
{
	if (report->used > 0 || report->holds_output) {
		hold_output(report);
		write_lines(report);
		release_output(report);
	}
}

/** Makes room for `length` more bytes. @return false where there is no memory. */
static bool reserve(struct report *report, size_t length)
{
	if (report->size - report->used < length) {
		size_t size = 2 * (report->used + length);
		char *text = realloc(report->text, size);

		if (!text) {
			return false;
		}
		report->text = text;
		report->size = size;
	}
	return true;
}

static void put(struct report *report, const char *text)
{
	size_t length = strlen(text);

	memcpy(report->text + report->used, text, length);
	report->used += length;
}

static char *append(char *end, const char *piece)
{
	return piece ? stpcpy(end, piece) : end;
}

/** Joins the pieces of a path. @return The length; at least 1 byte before `out` + it is used. */
static size_t join(char *out, const struct reporter_path *path, bool listed)
{
	char *end = append(append(append(out, path->prefix), path->trail), path->name);

	if (path->directory && end == out) {
		*end++ = '.';
	}
	while (path->directory && end > out + 1 && end[-1] == '/') {
		end--;
	}
	if (path->directory && listed && end[-1] != '/') {
		*end++ = '/';
	}
	*end = '\0';
	return (size_t)(end - out);
}

static size_t length_of(const char *piece)
{
	return piece ? strlen(piece) : 0;
}

/** @return What is shown of a path where there is no memory for it: its end. */
static struct reporter_path end_of(const struct reporter_path *path)
{
	size_t length = length_of(path->name);
	size_t left_out = length > NAME_MAX ? length - NAME_MAX : 0;

	return (struct reporter_path){
		.name = path->name ? path->name + left_out : NULL,
		.directory = path->directory,
	};
}

/** Puts `before`, a path and `after` into the report. */
static void put_line(struct report *report, const char *before, const struct reporter_path *path,
		     const char *after, enum quote_style style)
{
	struct reporter_path shown = *path;
	size_t words = strlen(before) + strlen(after);
	size_t length =
		length_of(path->prefix) + length_of(path->trail) + length_of(path->name) + 3;

	if (!reserve(report, words + QUOTE_SIZE(length) + length)) {
		/* An empty report has room for that. */
		hold_output(report);
		write_lines(report);
		shown = end_of(path);
		length = length_of(shown.name) + 3;
	}

	char *raw = report->text + report->used + words + QUOTE_SIZE(length);
	size_t joined = join(raw, &shown, style == QUOTE_BARE);

	put(report, before);
	if (report->reporter->style.null && style == QUOTE_BARE) {
		memmove(report->text + report->used, raw, joined + 1);
		report->used += joined + 1;
		return;
	}
	report->used += quote_path(report->text + report->used, raw, style);
	put(report, after);
}

/** Gathers a line for stdout. */
static void list(struct report *report, const char *before, const struct reporter_path *path,
		 const char *after)
{
	put_line(report, before, path, after, QUOTE_BARE);
	/* In a very large directory lines are not kept any longer, but nobody else's come between. */
	if (report->used > REPORT_SIZE) {
		hold_output(report);
		write_lines(report);
	}
}

/** Gathers a line of which the user sees why. @param reason Or NULL. */
static void list_with_reason(struct report *report, const char *before,
			     const struct reporter_path *path, const char *reason)
{
	char after[REASON_SIZE] = "\n";

	if (reason) {
		snprintf(after, sizeof(after), " (%s)\n", reason);
	}
	list(report, before, path, after);
}

void reporter_removed(struct report *report, const struct reporter_path *path, uint64_t bytes,
		      const char *reason)
{
	const struct reporter_style *style = &report->reporter->style;
	bool all = style->detail >= REPORTER_ALL;

	report->tally.bytes += bytes;
	if (path->directory) {
		report->tally.directories++;
	} else {
		report->tally.files++;
	}
	if (style->detail < REPORTER_LIST || (path->inner && !all)) {
		return;
	}
	if (style->null) {
		list(report, "", path, "");
	} else {
		list_with_reason(report, style->dry_run ? "Would remove " : "Removed ", path,
				 all ? reason : NULL);
	}
}

/** Lists what was left. */
static void list_left(struct report *report, const char *before, const struct reporter_path *path,
		      const char *reason)
{
	const struct reporter_style *style = &report->reporter->style;

	if (style->detail >= REPORTER_ALL && !style->null) {
		list_with_reason(report, before, path, reason);
	}
}

void reporter_skipped(struct report *report, const struct reporter_path *path, const char *reason)
{
	list_left(report, "Skipped ", path, reason);
}

void reporter_kept(struct report *report, const struct reporter_path *path, const char *reason)
{
	list_left(report, "Kept ", path, reason);
}

/** Says one line on stderr, in one piece and after what was listed before it. */
static void say_error(struct report *report, const char *before, const struct reporter_path *path,
		      const char *after)
{
	bool held = hold_output(report);

	report->tally.errors++;
	write_lines(report);
	put_line(report, before, path, after, QUOTE_ALWAYS);
	if (report->reporter->written) {
		fflush(stdout);
	}
	fwrite(report->text, 1, report->used, stderr);
	report->used = 0;
	if (!held) {
		release_output(report);
	}
}

void reporter_error(struct report *report, const char *failed, const struct reporter_path *path,
		    int error)
{
	char before[64];
	char after[128];

	snprintf(before, sizeof(before), "pyclean: cannot %s ", failed);
	snprintf(after, sizeof(after), ": %s\n", platform_strerror(error));
	say_error(report, before, path, after);
}

void reporter_unfit(struct report *report, const char *operand, const char *problem)
{
	const struct reporter_path path = { .name = operand };
	char after[128];

	snprintf(after, sizeof(after), " %s\n", problem);
	say_error(report, "pyclean: ", &path, after);
}

/** Writes a size as people read it. */
static void format_bytes(char *out, size_t size, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	const char *unit = units;
	double value = (double)bytes / 1024;

	if (bytes < 1024) {
		snprintf(out, size, "%" PRIu64 " B", bytes);
		return;
	}
	/* 1023.95 would be shown as 1024.0. */
	while (value >= 1023.95 && unit[1] != '\0') {
		value /= 1024;
		unit++;
	}
	snprintf(out, size, "%.1f %ciB", value, *unit);
}

/** Writes "15 files", "1 file", or nothing for 0. */
static void format_count(char *out, size_t size, uint64_t count, const char *one, const char *many)
{
	out[0] = '\0';
	if (count > 0) {
		snprintf(out, size, "%" PRIu64 " %s", count, count == 1 ? one : many);
	}
}

static void print_summary(const struct reporter *reporter, bool interrupted)
{
	const struct reporter_tally *tally = &reporter->tally;
	bool dry_run = reporter->style.dry_run;
	char files[64];
	char directories[64];
	char bytes[64];
	char errors[64];

	format_count(files, sizeof(files), tally->files, "file", "files");
	format_count(directories, sizeof(directories), tally->directories, "directory",
		     "directories");
	format_count(errors, sizeof(errors), tally->errors, "error", "errors");
	format_bytes(bytes, sizeof(bytes), tally->bytes);
	if (files[0] || directories[0]) {
		printf("%s %s%s%s (%s)", dry_run ? "Would remove" : "Removed", files,
		       files[0] && directories[0] ? " and " : "", directories, bytes);
	} else if (interrupted || (errors[0] && !dry_run)) {
		fputs(dry_run ? "Nothing found" : "Nothing removed", stdout);
	} else {
		fputs("Nothing to remove", stdout);
	}
	printf("%s%s%s.\n", errors[0] ? "; " : "", errors, interrupted ? "; interrupted" : "");
}

/**
 * Closes stdout.
 *
 * @param error An earlier failure to write to it, an errno, or 0.
 * @return 0, or -1 where not all could be written, said on stderr.
 */
static int close_stdout(int error)
{
	/* musl drops what it could not write, and closes the stream without a word. */
	if (error == 0 && ferror(stdout) != 0) {
		error = errno != 0 ? errno : EIO;
	}
	if (fclose(stdout) != 0 && error == 0) {
		error = errno;
	}
	if (error == 0) {
		return 0;
	}
	fprintf(stderr, "pyclean: cannot write to standard output: %s\n", platform_strerror(error));
	return -1;
}

struct reporter_tally reporter_finish(struct reporter *reporter, bool interrupted)
{
	if (reporter_wants_sizes(reporter)) {
		print_summary(reporter, interrupted);
		reporter->written = true;
	}
	if (reporter->written && close_stdout(reporter->write_error) != 0) {
		reporter->tally.errors++;
	}
	pthread_mutex_destroy(&reporter->lock);
	return reporter->tally;
}

void reporter_usage(const char *problem, const char *text)
{
	char *quoted = malloc(QUOTE_SIZE(strlen(text)));

	if (quoted) {
		quote_path(quoted, text, QUOTE_ALWAYS);
	}
	fprintf(stderr, "pyclean: %s %s\nTry 'pyclean --help' for more information.\n", problem,
		quoted ? quoted : "");
	free(quoted);
}

void reporter_fatal(void)
{
	fprintf(stderr, "pyclean: %s\n", platform_strerror(errno));
}

int reporter_print(const char *text)
{
	return close_stdout(fputs(text, stdout) < 0 ? errno : 0);
}
