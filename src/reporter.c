#include "reporter.h"

#include "hint.h"
#include "platform.h"
#include "quote.h"
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** Room for a reason. */
	REASON_SIZE = 128,
};

/** How a terminal is told to show text, and to show what follows as before. */
#define RED    "\033[1;31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define CYAN   "\033[36m"
#define FAINT  "\033[2m"
#define PLAIN  "\033[0m"

/** What is said of a path, to people and to programs. */
struct wording {
	const char *line;
	const char *colour;
	const char *event;
};

void reporter_init(struct reporter *reporter, const struct reporter_style *style)
{
	*reporter = (struct reporter){ .style = *style };
	reporter->colours = style->detail >= REPORTER_LIST &&
			    terminal_takes_colour(style->colour, STDOUT_FILENO);
	reporter->error_colour = style->colour;
	pthread_mutex_init(&reporter->lock, NULL);
}

bool reporter_wants_sizes(const struct reporter *reporter)
{
	const struct reporter_style *style = &reporter->style;

	return style->json || (style->detail >= REPORTER_SUMMARY && !style->null);
}

int reporter_open(struct reporter *reporter, struct report *report)
{
	*report = (struct report){ .reporter = reporter };
	return lines_open(&report->lines);
}

void reporter_close(struct report *report)
{
	struct reporter *reporter = report->reporter;

	reporter_flush(report);
	pthread_mutex_lock(&reporter->lock);
	tally_add(&reporter->tally, &report->tally);
	pthread_mutex_unlock(&reporter->lock);
	lines_close(&report->lines);
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

	if (report->lines.used == 0) {
		return;
	}
	if (fwrite(report->lines.text, 1, report->lines.used, stdout) < report->lines.used &&
	    reporter->write_error == 0) {
		reporter->write_error = errno;
	}
	reporter->written = true;
	report->lines.used = 0;
}

void reporter_flush(struct report *report)
{
	report->inner_bytes = 0;
	if (report->lines.used > 0 || report->holds_output) {
		hold_output(report);
		write_lines(report);
		release_output(report);
	}
}

/** @return How a path is shown in lists, or in errors. */
static struct lines_path shown_path(const struct reporter_path *path, bool listed)
{
	enum lines_end end = listed ? LINES_WITH_SLASH : LINES_WITHOUT_SLASH;

	return (struct lines_path){ .pieces = { path->prefix, path->trail, path->name },
				    .end = path->directory ? end : LINES_AS_IS };
}

/** Makes room for a line. @param path The path in it, of which only the end may be left. */
static void make_room(struct report *report, size_t needed, struct lines_path *path)
{
	if (!lines_reserve(&report->lines, needed)) {
		/* An empty report has room for that. */
		hold_output(report);
		write_lines(report);
		*path = lines_end_of(path);
	}
}

/** Puts words into the report, for which there has to be room; `colour` is NULL for none. */
static void put_words(struct report *report, const char *colour, const char *words)
{
	lines_put(&report->lines, colour ? colour : "");
	lines_put(&report->lines, words);
	lines_put(&report->lines, colour ? PLAIN : "");
}

/**
 * Puts a line into the report: words, a path, and a reason.
 *
 * @param colours Of the words and of the reason; NULL for none.
 */
static void put_line(struct report *report, const char *before, const struct reporter_path *path,
		     const char *after, enum quote_style style, const char *const colours[2])
{
	struct lines_path shown = shown_path(path, style == QUOTE_BARE);
	size_t words = strlen(before) + strlen(after) + 2 * (sizeof(RED) + sizeof(PLAIN)) + 1;

	make_room(report, words + LINES_QUOTED_SIZE(lines_path_size(&shown)), &shown);
	put_words(report, colours[0], before);
	lines_put_path(&report->lines, &shown, style);
	put_words(report, after[0] == '\0' ? NULL : colours[1], after);
	lines_put(&report->lines, "\n");
}

/** Puts a path as it is into the report, for -0. */
static void put_raw_path(struct report *report, const struct reporter_path *path)
{
	struct lines_path shown = shown_path(path, true);

	make_room(report, lines_path_size(&shown), &shown);
	lines_put_raw_path(&report->lines, &shown);
}

/** Puts an object into the report, for --json. @param record Lacks its path and kind. */
static void put_record(struct report *report, struct record record,
		       const struct reporter_path *path)
{
	struct lines_path shown = shown_path(path, true);
	size_t size = lines_path_size(&shown);
	size_t record_size = RECORD_SIZE(size + 2 * (size_t)REASON_SIZE);
	char *raw;

	make_room(report, record_size + size, &shown);
	raw = report->lines.text + report->lines.used + record_size;
	lines_join(raw, &shown);
	record.path = raw;
	record.kind = path->directory ? RECORD_DIRECTORY
		      : path->prefix  ? RECORD_FILE
				      : RECORD_UNKNOWN;
	report->lines.used += record_write(report->lines.text + report->lines.used, &record);
}

/** Lists a path. @param bytes What the file system gets back, or NULL. */
static void list(struct report *report, const struct wording *wording,
		 const struct reporter_path *path, const char *reason, const uint64_t *bytes)
{
	const struct reporter_style *style = &report->reporter->style;
	char why[REASON_SIZE];
	char after[REASON_SIZE] = "";

	if (style->null) {
		put_raw_path(report, path);
	} else if (style->json) {
		snprintf(why, sizeof(why), "%s", reason ? reason : "");
		put_record(report,
			   (struct record){ .event = wording->event,
					    .reason = reason ? why : NULL,
					    .has_bytes = bytes != NULL,
					    .bytes = bytes ? *bytes : 0 },
			   path);
	} else {
		if (reason) {
			snprintf(after, sizeof(after), " (%s)", reason);
		}
		put_line(report, wording->line, path, after, QUOTE_BARE,
			 report->reporter->colours ? (const char *[]){ wording->colour, FAINT }
						   : (const char *[]){ NULL, NULL });
	}
	/* In a very large directory lines are not kept any longer, but nobody else's come between. */
	if (report->lines.used > LINES_SIZE) {
		hold_output(report);
		write_lines(report);
	}
}

void reporter_removed(struct report *report, const struct reporter_path *path, uint64_t bytes,
		      const char *reason)
{
	static const struct wording removed = { "Removed ", GREEN, "removed" };
	static const struct wording would_remove = { "Would remove ", YELLOW, "would-remove" };
	const struct reporter_style *style = &report->reporter->style;
	bool all = style->detail >= REPORTER_ALL;

	report->tally.bytes += bytes;
	if (path->directory) {
		report->tally.directories++;
	} else {
		report->tally.files++;
	}
	if (path->inner && !all) {
		report->inner_bytes += bytes;
		return;
	}
	if (path->directory) {
		bytes += report->inner_bytes;
	}
	report->inner_bytes = 0;
	if (style->detail >= REPORTER_LIST) {
		list(report, style->dry_run ? &would_remove : &removed, path,
		     all || style->json ? reason : NULL, &bytes);
	}
}

/** Lists what was left. */
static void list_left(struct report *report, const struct wording *wording,
		      const struct reporter_path *path, const char *reason)
{
	const struct reporter_style *style = &report->reporter->style;

	if (style->detail >= REPORTER_ALL && !style->null) {
		list(report, wording, path, reason, NULL);
	}
}

void reporter_skipped(struct report *report, const struct reporter_path *path, const char *reason)
{
	static const struct wording skipped = { "Skipped ", FAINT, "skipped" };

	list_left(report, &skipped, path, reason);
}

void reporter_skipped_environment(struct report *report, const struct reporter_path *path,
				  const char *reason)
{
	report->tally.environments++;
	reporter_skipped(report, path, reason);
}

void reporter_kept(struct report *report, const struct reporter_path *path, const char *reason)
{
	static const struct wording kept = { "Kept ", FAINT, "kept" };

	list_left(report, &kept, path, reason);
}

/** Whether errors have colours; the output is the caller's. */
static bool colours_errors(struct reporter *reporter)
{
	if (reporter->error_colour == TERMINAL_AUTO) {
		reporter->error_colour = terminal_takes_colour(TERMINAL_AUTO, STDERR_FILENO)
						 ? TERMINAL_ALWAYS
						 : TERMINAL_NEVER;
	}
	return reporter->error_colour == TERMINAL_ALWAYS;
}

/** Says one line on stderr, in one piece and after what was listed before it. */
static void say_error(struct report *report, const char *before, const struct reporter_path *path,
		      const char *after, enum hint hint)
{
	bool held = hold_output(report);

	report->tally.errors++;
	report->reporter->hints |= 1U << hint;
	write_lines(report);
	put_line(report, before, path, after, QUOTE_ALWAYS,
		 colours_errors(report->reporter) ? (const char *[]){ RED, NULL }
						  : (const char *[]){ NULL, NULL });
	if (report->reporter->written) {
		fflush(stdout);
	}
	fwrite(report->lines.text, 1, report->lines.used, stderr);
	report->lines.used = 0;
	if (!held) {
		release_output(report);
	}
}

/** Lists an error, for programs. */
static void list_error(struct report *report, const struct reporter_path *path, const char *error,
		       const char *reason)
{
	if (report->reporter->style.json) {
		put_record(report,
			   (struct record){ .event = "error", .error = error, .reason = reason },
			   path);
	}
}

void reporter_error(struct report *report, const char *failed, const struct reporter_path *path,
		    int error)
{
	char what[64];
	char before[64 + sizeof("pyclean:  ")];
	char after[REASON_SIZE];

	snprintf(what, sizeof(what), "cannot %s", failed);
	snprintf(before, sizeof(before), "pyclean: %s ", what);
	snprintf(after, sizeof(after), ": %s", platform_strerror(error));
	list_error(report, path, what, platform_strerror(error));
	say_error(report, before, path, after, hint_for(strcmp(failed, "remove") == 0, error));
}

void reporter_unfit(struct report *report, const char *operand, const char *problem)
{
	const struct reporter_path path = { .name = operand };
	char after[REASON_SIZE];

	snprintf(after, sizeof(after), " %s", problem);
	list_error(report, &path, problem, NULL);
	say_error(report, "pyclean: ", &path, after, HINT_OPERAND);
}

/** Says what can be done about the errors there were. */
static void say_hints(struct reporter *reporter)
{
	const char *start = reporter->hints && colours_errors(reporter) ? CYAN
				    "pyclean: hint:" PLAIN
									: "pyclean: hint:";

	for (enum hint hint = 0; hint < HINT_NONE; hint++) {
		if (reporter->hints & 1U << hint) {
			fprintf(stderr, "%s %s\n", start, hint_text(hint));
		}
	}
}

static void print_summary(const struct reporter *reporter, bool interrupted)
{
	struct tally tally = reporter->tally;
	char sentence[TALLY_SENTENCE_SIZE];
	char record[RECORD_SIZE(0)];

	if (reporter->style.json) {
		fwrite(record, 1,
		       record_write_summary(record, &tally, reporter->style.dry_run, interrupted),
		       stdout);
		return;
	}
	/* They have their lines. */
	if (reporter->style.detail >= REPORTER_ALL) {
		tally.environments = 0;
	}
	tally_sentence(sentence, &tally, reporter->style.dry_run, interrupted);
	puts(sentence);
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

struct tally reporter_finish(struct reporter *reporter, bool interrupted)
{
	if (reporter->written && reporter->hints != 0) {
		fflush(stdout);
	}
	say_hints(reporter);
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

void reporter_usage(const char *problem, const char *text, const char *nearest)
{
	char *quoted = malloc(QUOTE_SIZE(strlen(text)));

	if (quoted) {
		quote_path(quoted, text, QUOTE_ALWAYS);
	}
	fprintf(stderr, "pyclean: %s %s", problem, quoted ? quoted : "");
	if (nearest) {
		fprintf(stderr, " (did you mean '--%s'?)", nearest);
	}
	fputs("\nTry 'pyclean --help' for more information.\n", stderr);
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
