#include "reporter.h"

#include "hint.h"
#include "platform.h"
#include "quote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** With how many paths of one directory it is asked whether to draw the progress line. */
	PATHS_UNASKED = 8,
};

/** What is said of a path, to people and to programs. */
struct wording {
	const char *line;
	const char *colour;
	const char *event;
};

/** @return When there is to be a progress line, as far as the style tells. */
static enum terminal_when progress_when(const struct reporter_style *style)
{
	/* Paths that a NUL ends leave a terminal's line unfinished. */
	bool unwanted = style->detail == REPORTER_ERRORS || style->null;

	return style->progress == TERMINAL_AUTO && unwanted ? TERMINAL_NEVER : style->progress;
}

void reporter_init(struct reporter *reporter, const struct reporter_style *style)
{
	*reporter = (struct reporter){ .style = *style };
	reporter->colours = style->detail >= REPORTER_LIST &&
			    terminal_takes_colour(style->colour, STDOUT_FILENO);
	progress_init(&reporter->output.progress, progress_when(style),
		      style->detail >= REPORTER_LIST);
	atomic_init(&reporter->error_colour, style->colour);
	reporter->output.out = platform_open_stdout();
	pthread_mutex_init(&reporter->output.lock, NULL);
}

/** Whether the last thing said is a summary. */
static bool has_summary(const struct reporter_style *style)
{
	return style->json || (style->detail >= REPORTER_SUMMARY && !style->null);
}

bool reporter_wants_sizes(const struct reporter *reporter)
{
	return has_summary(&reporter->style);
}

int reporter_open(struct reporter *reporter, struct report *report)
{
	*report = (struct report){ .reporter = reporter };
	return page_open(&report->page, &reporter->output);
}

void reporter_close(struct report *report)
{
	struct reporter *reporter = report->reporter;

	reporter_flush(report);
	pthread_mutex_lock(&reporter->output.lock);
	tally_add(&reporter->tally, &report->tally);
	if (!reporter->skipped) {
		reporter->skipped = report->skipped;
		report->skipped = NULL;
	}
	pthread_mutex_unlock(&reporter->output.lock);
	free(report->skipped);
	page_close(&report->page);
}

void reporter_flush(struct report *report)
{
	report->inner_bytes = 0;
	page_flush(&report->page);
}

/** @return How a path is shown in lists, or in errors. */
static struct lines_path shown_path(const struct reporter_path *path, bool listed)
{
	enum lines_end end = listed ? LINES_WITH_SLASH : LINES_WITHOUT_SLASH;

	return (struct lines_path){ .pieces = { path->prefix, path->trail, path->name },
				    .end = path->directory ? end : LINES_AS_IS };
}

/** Has the progress line show a directory. */
static void show_progress(struct report *report, const char *prefix, const char *trail)
{
	const struct lines_path where = { .pieces = { prefix, trail }, .end = LINES_WITH_SLASH };

	report->unasked = 0;
	page_show_progress(&report->page, where, &report->tally);
}

/** Has the progress line show where it is, now and then. */
static void pass(struct report *report, const struct reporter_path *path)
{
	if (report->reporter->output.progress.enabled && ++report->unasked == PATHS_UNASKED) {
		show_progress(report, path->prefix, path->trail);
	}
}

void reporter_at(struct report *report, const char *directory)
{
	report->page.share.directories++;
	if (report->reporter->output.progress.enabled) {
		show_progress(report, directory, NULL);
	}
}

/** Lists a path for programs. @param record Lacks its path and kind. */
static void list_record(struct report *report, const struct reporter_path *path,
			struct record record)
{
	enum record_kind kind = path->prefix ? RECORD_FILE : RECORD_UNKNOWN;

	record.kind = path->directory ? RECORD_DIRECTORY : kind;
	page_put_record(&report->page, record, shown_path(path, true));
}

/** Lists a path for people. */
static void list_line(struct report *report, const struct wording *wording,
		      const struct reporter_path *path, const char *reason)
{
	bool colours = report->reporter->colours;
	char after[PAGE_REASON_SIZE] = "";
	const struct page_line line = {
		.before = wording->line,
		.after = after,
		.before_colour = colours ? wording->colour : NULL,
		.after_colour = colours ? PAGE_FAINT : NULL,
		.style = QUOTE_BARE,
	};

	if (reason) {
		snprintf(after, sizeof(after), " (%s)", reason);
	}
	page_put_line(&report->page, &line, shown_path(path, true));
}

/** Lists a path. @param bytes What the file system gets back, or NULL. */
static void list(struct report *report, const struct wording *wording,
		 const struct reporter_path *path, const char *reason, const uint64_t *bytes)
{
	const struct reporter_style *style = &report->reporter->style;
	char why[PAGE_REASON_SIZE] = "";

	if (style->null) {
		page_put_raw_path(&report->page, shown_path(path, true));
	} else if (style->json) {
		snprintf(why, sizeof(why), "%s", reason ? reason : "");
		list_record(report, path,
			    (struct record){ .event = wording->event,
					     .reason = reason ? why : NULL,
					     .has_bytes = bytes != NULL,
					     .bytes = bytes ? *bytes : 0 });
	} else {
		list_line(report, wording, path, reason);
	}
	/* In a very large directory lines are not kept any longer, but nobody else's come between. */
	page_spill(&report->page);
}

void reporter_removed(struct report *report, const struct reporter_path *path, uint64_t bytes,
		      const char *reason)
{
	static const struct wording removed = { "Removed ", PAGE_GREEN, "removed" };
	static const struct wording would_remove = { "Would remove ", PAGE_YELLOW, "would-remove" };
	const struct reporter_style *style = &report->reporter->style;
	bool all = style->detail >= REPORTER_ALL;

	pass(report, path);
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

/** Remembers a directory that was skipped: the summary names it where it is the only one. */
static void remember_skipped(struct report *report, const struct reporter_path *path)
{
	const struct lines_path skipped = shown_path(path, false);

	if (!report->skipped) {
		report->skipped = malloc(lines_path_size(&skipped));
		if (report->skipped) {
			lines_join(report->skipped, &skipped);
		}
	}
}

void reporter_skipped(struct report *report, const struct reporter_path *path, const char *reason,
		      enum reporter_skip kind)
{
	static const struct wording skipped = { "Skipped ", PAGE_FAINT, "skipped" };

	if (kind != REPORTER_SKIP) {
		report->tally.environments += kind == REPORTER_SKIP_ENVIRONMENT;
		report->tally.skipped += kind == REPORTER_SKIP_BY_DEFAULT;
		remember_skipped(report, path);
	}
	list_left(report, &skipped, path, reason);
}

void reporter_kept(struct report *report, const struct reporter_path *path, const char *reason)
{
	static const struct wording kept = { "Kept ", PAGE_FAINT, "kept" };

	pass(report, path);
	list_left(report, &kept, path, reason);
}

/** Whether errors have colours, which is found out at the first one. */
static bool colours_errors(struct reporter *reporter)
{
	enum terminal_when when = atomic_load(&reporter->error_colour);

	if (when == TERMINAL_AUTO) {
		when = terminal_takes_colour(when, STDERR_FILENO) ? TERMINAL_ALWAYS
								  : TERMINAL_NEVER;
		atomic_store(&reporter->error_colour, when);
	}
	return when == TERMINAL_ALWAYS;
}

/** Counts an error and says it. */
static void say_error(struct report *report, const char *before, const struct reporter_path *path,
		      const char *after, enum hint hint)
{
	struct page_line line = { .before = before, .after = after, .style = QUOTE_ALWAYS };

	report->tally.errors++;
	atomic_fetch_or(&report->reporter->hints, 1U << hint);
	if (colours_errors(report->reporter)) {
		line.before_colour = PAGE_RED;
	}
	page_say(&report->page, &line, shown_path(path, false));
}

/** Counts an error and says it: `pyclean: cannot FAILED 'PATH': REASON`. */
static void fail(struct report *report, const char *failed, const struct reporter_path *path,
		 const char *reason, enum hint hint)
{
	char what[64];
	char before[64 + sizeof("pyclean:  ")];
	char after[PAGE_REASON_SIZE];

	snprintf(what, sizeof(what), "cannot %s", failed);
	if (report->reporter->style.json) {
		list_record(report, path,
			    (struct record){ .event = "error", .error = what, .reason = reason });
	}
	snprintf(before, sizeof(before), "pyclean: %s ", what);
	snprintf(after, sizeof(after), ": %s", reason);
	say_error(report, before, path, after, hint);
}

void reporter_error(struct report *report, const char *failed, const struct reporter_path *path,
		    int error)
{
	fail(report, failed, path, platform_strerror(error),
	     hint_for(strcmp(failed, "remove") == 0, error));
}

void reporter_refused(struct report *report, const struct reporter_path *path, const char *reason)
{
	fail(report, "clean", path, reason, HINT_NONE);
}

void reporter_unfit(struct report *report, const char *operand, const char *problem)
{
	const struct reporter_path path = { .name = operand };
	char after[PAGE_REASON_SIZE];

	if (report->reporter->style.json) {
		list_record(report, &path, (struct record){ .event = "error", .error = problem });
	}
	snprintf(after, sizeof(after), " %s", problem);
	say_error(report, "pyclean: ", &path, after, HINT_OPERAND);
}

/** Says what can be done about the errors there were. */
static void say_hints(struct reporter *reporter)
{
	unsigned hints = atomic_load(&reporter->hints) & ((1U << HINT_NONE) - 1);
	bool colours = hints != 0 && colours_errors(reporter);
	char line[256];
	int length;

	if (hints != 0) {
		page_output_flush(&reporter->output);
	}
	for (enum hint hint = 0; hint < HINT_NONE; hint++) {
		if (hints & 1U << hint) {
			length = snprintf(line, sizeof(line), "%spyclean: hint:%s %s\n",
					  colours ? PAGE_CYAN : "", colours ? PAGE_PLAIN : "",
					  hint_text(hint));
			platform_write(STDERR_FILENO, line, (size_t)length);
		}
	}
}

static void print_summary(const struct reporter *reporter, bool interrupted)
{
	struct tally tally = reporter->tally;
	char record[RECORD_SIZE(0)] = "";

	if (reporter->style.json) {
		fwrite(record, 1,
		       record_write_summary(record, &tally, reporter->style.dry_run, interrupted),
		       reporter->output.out);
		return;
	}
	/* They have their lines. */
	if (reporter->style.detail >= REPORTER_ALL) {
		tally.environments = 0;
		tally.skipped = 0;
	}
	tally_print(reporter->output.out, &tally, reporter->skipped, reporter->style.dry_run,
		    interrupted);
}

/**
 * Closes the standard output.
 *
 * @param error An earlier failure to write to it, an errno, or 0.
 * @return 0, or -1 where not all could be written, said on stderr.
 */
static int close_output(FILE *out, int error)
{
	/* musl drops what it could not write, and closes the stream without a word. */
	if (error == 0 && ferror(out) != 0) {
		error = errno != 0 ? errno : EIO;
	}
	if (fclose(out) != 0 && error == 0) {
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
	if (reporter->output.progress.enabled) {
		progress_clear(&reporter->output.progress);
	}
	say_hints(reporter);
	if (has_summary(&reporter->style)) {
		print_summary(reporter, interrupted);
		reporter->output.written = true;
	}
	if (reporter->output.written &&
	    close_output(reporter->output.out, reporter->output.write_error) != 0) {
		reporter->tally.errors++;
	}
	free(reporter->skipped);
	pthread_mutex_destroy(&reporter->output.lock);
	return reporter->tally;
}

/** Writes a text to stderr, quoted as a shell reads it; nothing where there is no memory. */
static void say_quoted(const char *text)
{
	char *quoted = malloc(QUOTE_SIZE(strlen(text)));

	if (quoted) {
		quote_path(quoted, text, QUOTE_ALWAYS);
		fputs(quoted, stderr);
	}
	free(quoted);
}

void reporter_usage(const char *problem, const char *text, const char *meant)
{
	fprintf(stderr, "pyclean: %s ", problem);
	say_quoted(text);
	if (meant) {
		fputs(" (did you mean ", stderr);
		say_quoted(meant);
		fputs("?)", stderr);
	}
	fputs("\nTry 'pyclean --help' for more information.\n", stderr);
}

void reporter_fatal(void)
{
	fprintf(stderr, "pyclean: %s\n", platform_strerror(errno));
}

int reporter_print(const char *text)
{
	FILE *out = platform_open_stdout();

	return close_output(out, fputs(text, out) < 0 ? errno : 0);
}
