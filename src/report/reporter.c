#include "reporter.h"

#include "platform.h"
#include "report/internal.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** Bytes of lines that are written before the end of their directory. */
	LINES_KEPT = 96 * 1024,
	/** A line that takes no more needs no memory: one with an ordinary path, quoted or not. */
	LINE_SIZE = 4 * PATH_MAX + 1024,
};

struct reporter {
	struct reporter_style style;
	/** True for lines in colour. */
	bool list_colours;
	bool error_colours;
	/** Protects the members below and both streams. */
	pthread_mutex_t lock;
	/** Text for stdout, buffered so that small directories share a system call. It has memory for
	 *  SUMMARY_SIZE bytes. */
	struct strbuf pending;
	/** True if stdout is a terminal, or has the progress line: text is written at once. */
	bool at_once;
	/** The first errno of a write to stdout, or 0. */
	int error;
	struct progress progress;
	struct summary summary;
};

struct report {
	struct reporter *reporter;
	struct strbuf lines;
	/** The path of the line that is being added. */
	struct strbuf path;
	/** Counts not yet added to the reporter's. */
	struct reporter_counts counts;
	/** The bytes of `inner` paths that were removed since reporter_removing(). */
	uint64_t inner_bytes;
};

/* ---- Standard output ------------------------------------------------------------------------ */

static void write_out(struct reporter *reporter, const struct strbuf *text)
{
	if (platform_write(STDOUT_FILENO, text->text, text->length) != 0 && reporter->error == 0) {
		reporter->error = errno;
	}
}

/** Writes the pending text, before a write to stderr. */
static void sync_out(struct reporter *reporter)
{
	write_out(reporter, &reporter->pending);
	strbuf_reset(&reporter->pending);
}

static void add_out(struct reporter *reporter, const struct strbuf *text)
{
	if (!reporter->at_once && reporter->pending.length + text->length <= SUMMARY_SIZE) {
		strbuf_add(&reporter->pending, text->text, text->length);
	} else {
		sync_out(reporter);
		write_out(reporter, text);
	}
}

/** Closes stdout. @param error An earlier errno, or 0. @return 0, or -1 after a reported error. */
static int close_out(int error)
{
	/* If it was closed before, a write has failed, or there was none. */
	if (close(STDOUT_FILENO) != 0 && error == 0 && errno != EBADF) {
		error = errno;
	}
	if (error == 0) {
		return 0;
	}
	fprintf(stderr, "pyclean: cannot write to standard output: %s\n", strerror(error));
	return -1;
}

int reporter_print(const char *text)
{
	return close_out(platform_write(STDOUT_FILENO, text, strlen(text)) != 0 ? errno : 0);
}

/* ---- Reporters ------------------------------------------------------------------------------ */

struct reporter *reporter_new(const struct reporter_style *style)
{
	struct reporter *reporter = malloc(sizeof(*reporter));

	if (!reporter) {
		return NULL;
	}
	*reporter = (struct reporter){
		.style = *style,
		.list_colours = progress_takes_colour(style->colour, STDOUT_FILENO),
		.error_colours = progress_takes_colour(style->colour, STDERR_FILENO),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.pending = STRBUF_INIT,
		.summary = { .chosen = STRBUF_INIT,
			     .skipped = STRBUF_INIT,
			     .elsewhere = STRBUF_INIT },
	};
	progress_init(&reporter->progress, style);
	reporter->at_once = isatty(STDOUT_FILENO) ||
			    (reporter->progress.enabled &&
			     platform_is_same(platform_identify(STDOUT_FILENO, NULL, 0),
					      platform_identify(STDERR_FILENO, NULL, 0)));
	if (strbuf_reserve(&reporter->pending, SUMMARY_SIZE) != 0) {
		reporter_free(reporter);
		return NULL;
	}
	return reporter;
}

void reporter_free(struct reporter *reporter)
{
	if (reporter) {
		sync_out(reporter);
		strbuf_free(&reporter->pending);
		strbuf_free(&reporter->summary.chosen);
		strbuf_free(&reporter->summary.skipped);
		strbuf_free(&reporter->summary.elsewhere);
		free(reporter);
	}
}

bool reporter_wants_sizes(const struct reporter *reporter)
{
	return reporter->style.detail >= REPORTER_SUMMARY && !reporter->style.null;
}

const struct reporter_counts *reporter_counts(const struct reporter *reporter)
{
	return &reporter->summary.counts;
}

void reporter_chose(struct reporter *reporter, const char *word, const char *tag,
		    const char *origin)
{
	struct strbuf *chosen = &reporter->summary.chosen;
	struct strbuf choice = STRBUF_INIT;

	strbuf_printf(&choice, "%s (auto: %s)", tag, origin);
	if (!strstr(chosen->text, choice.text)) {
		strbuf_printf(chosen, "%s %s", chosen->length > 0 ? "," : word, choice.text);
	}
	strbuf_free(&choice);
}

void reporter_elsewhere(struct reporter *reporter, const char *path)
{
	summary_add_argument(&reporter->summary.elsewhere, path);
}

void reporter_finish(struct reporter *reporter, bool interrupted)
{
	struct strbuf *text = &reporter->pending;

	progress_clear(&reporter->progress);
	sync_out(reporter);
	/* The pending text's memory suffices. */
	summary_add_hints(text, &reporter->summary, reporter->error_colours);
	platform_write(STDERR_FILENO, text->text, text->length);
	strbuf_reset(text);
	if (reporter_wants_sizes(reporter)) {
		reporter->summary.interrupted = interrupted;
		summary_add(text, &reporter->summary, &reporter->style);
		assert(!text->failed);
		sync_out(reporter);
	}
	if (close_out(reporter->error) != 0) {
		reporter->summary.counts.errors++;
	}
}

/* ---- Reports -------------------------------------------------------------------------------- */

struct report *reporter_open(struct reporter *reporter)
{
	struct report *report = malloc(sizeof(*report));

	if (!report) {
		return NULL;
	}
	*report =
		(struct report){ .reporter = reporter, .lines = STRBUF_INIT, .path = STRBUF_INIT };
	/* Enough to show ordinary paths when memory runs out. */
	if (strbuf_reserve(&report->lines, LINES_KEPT + LINE_SIZE) != 0 ||
	    strbuf_reserve(&report->path, PATH_MAX) != 0) {
		reporter_close(report);
		return NULL;
	}
	return report;
}

void reporter_close(struct report *report)
{
	reporter_flush(report);
	pthread_mutex_lock(&report->reporter->lock);
	summary_take_counts(&report->reporter->summary, &report->counts);
	pthread_mutex_unlock(&report->reporter->lock);
	strbuf_free(&report->lines);
	strbuf_free(&report->path);
	free(report);
}

/** Writes the lines of a report; the reporter must be locked. */
static void write_lines(struct report *report)
{
	if (report->reporter->at_once) {
		progress_clear(&report->reporter->progress);
	}
	add_out(report->reporter, &report->lines);
	strbuf_reset(&report->lines);
}

void reporter_flush(struct report *report)
{
	if (report->lines.length > 0) {
		pthread_mutex_lock(&report->reporter->lock);
		write_lines(report);
		pthread_mutex_unlock(&report->reporter->lock);
	}
}

/** Draws the progress line, with the directory that a path is in, if it is due. */
static void show_progress(struct report *report, const char *prefix, const char *trail)
{
	struct reporter *reporter = report->reporter;

	if (reporter->progress.enabled && pthread_mutex_trylock(&reporter->lock) == 0) {
		summary_take_counts(&reporter->summary, &report->counts);
		progress_show(&reporter->progress, &reporter->summary.counts, prefix, trail);
		pthread_mutex_unlock(&reporter->lock);
	}
}

void reporter_visited(struct report *report, const char *prefix)
{
	report->counts.visited++;
	show_progress(report, prefix, NULL);
}

/** Adds a line for stdout. @return false if there is no memory for it; then nothing is added. */
static bool add_listed(struct report *report, const struct line *line)
{
	const struct reporter *reporter = report->reporter;
	size_t start = report->lines.length;

	line_join(&report->path, line->path, true);
	line_add(&report->lines, line, report->path.text, &reporter->style, reporter->list_colours);
	if (report->lines.failed || report->path.failed) {
		/* A part of a path could name another file. */
		strbuf_truncate(&report->lines, start);
		return false;
	}
	return true;
}

/* ---- Errors --------------------------------------------------------------------------------- */

/** Counts and writes an error, after the lines before it. @param error The reason, if not 0. */
static void fail(struct report *report, const char *failed, const struct reporter_path *path,
		 const char *reason, int error)
{
	struct reporter *reporter = report->reporter;
	struct line line = {
		.outcome = LINE_ERROR,
		.path = path,
		.reason = reason,
		.error = failed,
	};
	const char *name = path->name && strlen(path->name) <= NAME_MAX ? path->name : "...";

	report->counts.errors++;
	pthread_mutex_lock(&reporter->lock);
	if (error != 0) {
		/* Its buffer may be shared by all threads. */
		line.reason = strerror(error);
	}
	if (reporter->style.json) {
		/* Without memory for it, the line on stderr must do. */
		(void)add_listed(report, &line);
	}
	write_lines(report);
	summary_note_error(&reporter->summary, &line, error);
	sync_out(reporter);
	progress_clear(&reporter->progress);
	line_join(&report->path, path, false);
	line_add_error(&report->lines, &line, report->path.text, reporter->error_colours);
	if (report->lines.failed || report->path.failed) {
		/* There is always memory for a name. */
		strbuf_reset(&report->lines);
		line_add_error(&report->lines, &line, name, reporter->error_colours);
	}
	platform_write(STDERR_FILENO, report->lines.text, report->lines.length);
	strbuf_reset(&report->lines);
	pthread_mutex_unlock(&reporter->lock);
}

void reporter_error(struct report *report, const char *failed, const struct reporter_path *path,
		    int error)
{
	fail(report, failed, path, NULL, error);
}

void reporter_refused(struct report *report, const char *failed, const struct reporter_path *path,
		      const char *reason)
{
	fail(report, failed, path, reason, 0);
}

/* ---- Lists ---------------------------------------------------------------------------------- */

/** Lists a path. @param bytes The disk space freed, or NULL. */
static void list(struct report *report, enum line_outcome outcome, const struct reporter_path *path,
		 const char *reason, const uint64_t *bytes)
{
	const struct line line = {
		.outcome = outcome,
		.path = path,
		.bytes = bytes,
		.reason = reason,
	};

	if (!add_listed(report, &line)) {
		reporter_error(report, "cannot list", path, ENOMEM);
	} else if (report->lines.length > LINES_KEPT) {
		reporter_flush(report);
	}
}

void reporter_removing(struct report *report)
{
	report->inner_bytes = 0;
}

void reporter_removed(struct report *report, const struct reporter_path *path, uint64_t bytes,
		      const char *reason)
{
	const struct reporter_style *style = &report->reporter->style;
	bool all = style->detail >= REPORTER_ALL;

	report->counts.bytes += bytes;
	report->counts.directories += path->directory;
	report->counts.files += !path->directory;
	report->counts.sourceless += path->sourceless;
	show_progress(report, path->prefix, path->trail);
	if (path->inner && !all) {
		report->inner_bytes += bytes;
		return;
	}
	bytes += path->directory ? report->inner_bytes : 0;
	report->inner_bytes = 0;
	if (style->detail >= REPORTER_LIST) {
		list(report, style->dry_run ? LINE_WOULD_REMOVE : LINE_REMOVED, path,
		     all || style->json || path->sourceless ? reason : NULL, &bytes);
	}
}

/** Notes a counted directory for the summary, which names it if there is no other. */
static void note_skipped(struct report *report, const struct reporter_path *path)
{
	struct strbuf *skipped = &report->reporter->summary.skipped;

	pthread_mutex_lock(&report->reporter->lock);
	line_join(&report->path, path, false);
	if (skipped->length == 0 && !report->path.failed) {
		summary_add_argument(skipped, report->path.text);
	}
	pthread_mutex_unlock(&report->reporter->lock);
}

void reporter_left(struct report *report, const struct reporter_path *path, const char *reason,
		   enum reporter_left left)
{
	const struct reporter_style *style = &report->reporter->style;

	report->counts.environments += left == REPORTER_SKIPPED_ENVIRONMENT;
	report->counts.skipped += left == REPORTER_SKIPPED_BY_DEFAULT;
	show_progress(report, path->prefix, path->trail);
	if (left > REPORTER_SKIPPED) {
		note_skipped(report, path);
	}
	if (style->detail >= REPORTER_ALL && !style->null) {
		list(report, left == REPORTER_KEPT ? LINE_KEPT : LINE_SKIPPED, path, reason, NULL);
	}
}
