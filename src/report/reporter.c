#include "reporter.h"

#include "platform.h"
#include "report/json.h"
#include "report/output.h"
#include "report/quote.h"
#include "report/summary.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reporter {
	struct output output;
	struct reporter_counts counts;
	/** True once a directory was counted as skipped. */
	atomic_bool has_skipped;
	/** The first one. */
	struct strbuf skipped;
	/** The paths of reporter_elsewhere(), as arguments of a command. */
	struct strbuf elsewhere;
	/** What `auto` stood for, for the summary; empty if it was not given, or without memory. */
	struct strbuf chosen;
	/** Reserved from the start, so that the hints and the summary need no memory. */
	struct strbuf last_words;
	/** The hints for the errors so far, of summary_hint_for(). */
	atomic_uint hints;
};

struct report {
	struct reporter *reporter;
	const struct reporter_style *style;
	struct output_buffer buffer;
	struct reporter_counts counts;
	/** The bytes removed so far within a directory that is removed as a whole. */
	uint64_t inner_bytes;
};

/* ---- Reporters and reports ------------------------------------------------------------------ */

struct reporter *reporter_new(const struct reporter_style *style)
{
	struct reporter *reporter = malloc(sizeof(*reporter));

	if (!reporter) {
		return NULL;
	}
	*reporter = (struct reporter){ .skipped = STRBUF_INIT,
				       .chosen = STRBUF_INIT,
				       .elsewhere = STRBUF_INIT,
				       .last_words = STRBUF_INIT };
	if (output_init(&reporter->output, style) != 0 ||
	    strbuf_reserve(&reporter->last_words, SUMMARY_SIZE) != 0) {
		reporter_free(reporter);
		return NULL;
	}
	return reporter;
}

void reporter_free(struct reporter *reporter)
{
	if (reporter) {
		output_destroy(&reporter->output);
		strbuf_free(&reporter->skipped);
		strbuf_free(&reporter->elsewhere);
		strbuf_free(&reporter->chosen);
		strbuf_free(&reporter->last_words);
		free(reporter);
	}
}

bool reporter_wants_sizes(const struct reporter *reporter)
{
	const struct reporter_style *style = &reporter->output.style;

	return style->json || (style->detail >= REPORTER_SUMMARY && !style->null);
}

const struct reporter_counts *reporter_counts(const struct reporter *reporter)
{
	return &reporter->counts;
}

void reporter_chose(struct reporter *reporter, const char *word, const char *tag,
		    const char *origin)
{
	struct strbuf choice = STRBUF_INIT;

	strbuf_printf(&choice, "%s (auto: %s)", tag, origin);
	if (!strstr(reporter->chosen.text, choice.text)) {
		strbuf_printf(&reporter->chosen, "%s %s", reporter->chosen.length > 0 ? "," : word,
			      choice.text);
	}
	strbuf_free(&choice);
}

struct report *reporter_open(struct reporter *reporter)
{
	struct report *report = malloc(sizeof(*report));
	struct output_buffer buffer;

	if (!report || output_open(&buffer, &reporter->output) != 0) {
		free(report);
		return NULL;
	}
	*report = (struct report){
		.reporter = reporter,
		.style = &reporter->output.style,
		.buffer = buffer,
	};
	return report;
}

void reporter_close(struct report *report)
{
	struct reporter *reporter = report->reporter;

	reporter_flush(report);
	pthread_mutex_lock(&reporter->output.lock);
	summary_add_counts(&reporter->counts, &report->counts);
	pthread_mutex_unlock(&reporter->output.lock);
	output_close(&report->buffer);
	free(report);
}

void reporter_flush(struct report *report)
{
	report->inner_bytes = 0;
	output_flush(&report->buffer);
}

void reporter_at(struct report *report, const char *prefix, const char *trail)
{
	report->counts.visited++;
	output_show_progress(&report->buffer,
			     &(const struct reporter_path){ .prefix = prefix, .trail = trail },
			     &report->counts);
}

/* ---- Errors --------------------------------------------------------------------------------- */

static const struct output_outcome failure = { "error", "pyclean: ", OUTPUT_RED };

/** Counts and writes an error. @param failed, reason As output_line's. */
static void fail(struct report *report, const char *failed, const struct reporter_path *path,
		 const char *reason, unsigned hint)
{
	const struct output_line line = {
		.outcome = &failure,
		.reason = reason,
		.error = failed,
	};

	report->counts.errors++;
	atomic_fetch_or(&report->reporter->hints, hint);
	output_say(&report->buffer, &line, path);
}

void reporter_error(struct report *report, const char *failed, const struct reporter_path *path,
		    int error)
{
	unsigned circumstances = 0;

	circumstances |= strcmp(failed, "cannot remove") == 0 ? SUMMARY_REMOVAL : 0;
	circumstances |= path->crosses ? SUMMARY_CROSSES : 0;
	circumstances |= geteuid() == 0 ? SUMMARY_ROOT : 0;
	fail(report, failed, path, platform_strerror(error),
	     summary_hint_for(error, circumstances));
}

void reporter_refused(struct report *report, const struct reporter_path *path, const char *reason)
{
	fail(report, "cannot clean", path, reason, 0);
}

void reporter_unfit(struct report *report, const struct reporter_path *path, const char *problem)
{
	fail(report, problem, path, NULL, summary_hint_for(0, SUMMARY_OPERAND));
}

/* ---- Lists ---------------------------------------------------------------------------------- */

/** Lists a path. @param bytes The disk space freed, or NULL. */
static void list(struct report *report, const struct output_outcome *outcome,
		 const struct reporter_path *path, const char *reason, const uint64_t *bytes)
{
	const struct output_line line = { .outcome = outcome, .bytes = bytes, .reason = reason };

	if (!output_list(&report->buffer, &line, path)) {
		reporter_error(report, "cannot list", path, ENOMEM);
	}
}

void reporter_removed(struct report *report, const struct reporter_path *path, uint64_t bytes,
		      const char *reason)
{
	static const struct output_outcome removed = { "removed", "Removed ", OUTPUT_GREEN };
	static const struct output_outcome would_remove = { "would-remove", "Would remove ",
							    OUTPUT_YELLOW };
	const struct reporter_style *style = report->style;
	bool all = style->detail >= REPORTER_ALL;

	output_show_progress(&report->buffer, path, &report->counts);
	report->counts.bytes += bytes;
	if (path->directory) {
		report->counts.directories++;
	} else {
		report->counts.files++;
		report->counts.sourceless += path->sourceless;
	}
	if (path->inner && !all) {
		report->inner_bytes += bytes;
		return;
	}
	bytes += path->directory ? report->inner_bytes : 0;
	report->inner_bytes = 0;
	if (style->detail >= REPORTER_LIST) {
		list(report, style->dry_run ? &would_remove : &removed, path,
		     all || style->json || path->sourceless ? reason : NULL, &bytes);
	}
}

/** Lists a path that was left. */
static void list_left(struct report *report, const struct output_outcome *outcome,
		      const struct reporter_path *path, const char *reason)
{
	if (report->style->detail >= REPORTER_ALL && !report->style->null) {
		list(report, outcome, path, reason, NULL);
	}
}

void reporter_skipped(struct report *report, const struct reporter_path *path, const char *reason,
		      enum reporter_skip kind)
{
	static const struct output_outcome skipped = { "skipped", "Skipped ", OUTPUT_FAINT };
	struct reporter *reporter = report->reporter;

	report->counts.environments += kind == REPORTER_SKIP_ENVIRONMENT;
	report->counts.skipped += kind == REPORTER_SKIP_BY_DEFAULT;
	/* The summary names it if no other is counted. */
	if (kind != REPORTER_SKIP && !atomic_exchange(&reporter->has_skipped, true)) {
		output_add_path(&reporter->skipped, path, false);
	}
	list_left(report, &skipped, path, reason);
}

void reporter_kept(struct report *report, const struct reporter_path *path, const char *reason)
{
	static const struct output_outcome kept = { "kept", "Kept ", OUTPUT_FAINT };

	output_show_progress(&report->buffer, path, &report->counts);
	list_left(report, &kept, path, reason);
}

/* ---- The end -------------------------------------------------------------------------------- */

void reporter_elsewhere(struct reporter *reporter, const char *path)
{
	strbuf_add_string(&reporter->elsewhere, path[0] == '-' ? " ./" : " ");
	quote_path(&reporter->elsewhere, path, QUOTE_ARGUMENT);
}

static void say_hints(struct reporter *reporter)
{
	struct strbuf *text = &reporter->last_words;

	summary_add_hints(text, reporter->hints, reporter->output.error_colours);
	output_sync(&reporter->output);
	platform_write(STDERR_FILENO, text->text, text->length);
	strbuf_reset(text);
}

/** @return A whole text, or NULL if it is empty. */
static const char *text_of(const struct strbuf *text)
{
	return text->length > 0 && !text->failed ? text->text : NULL;
}

static void say_summary(struct reporter *reporter, bool interrupted)
{
	const struct reporter_style *style = &reporter->output.style;
	struct strbuf *text = &reporter->last_words;
	struct summary summary = {
		.counts = reporter->counts,
		.chosen = text_of(&reporter->chosen),
		.skipped = text_of(&reporter->skipped),
		.elsewhere = text_of(&reporter->elsewhere),
		.dry_run = style->dry_run,
		.interrupted = interrupted,
	};

	if (style->json) {
		json_add_summary(text, &summary);
	} else {
		/* Each has its own line. */
		if (style->detail >= REPORTER_ALL) {
			summary.counts.environments = summary.counts.skipped = 0;
		}
		summary_add(text, &summary);
	}
	output_write(&reporter->output, text);
}

void reporter_finish(struct reporter *reporter, bool interrupted)
{
	progress_clear(&reporter->output.progress);
	if (reporter->hints != 0) {
		say_hints(reporter);
	}
	if (reporter_wants_sizes(reporter)) {
		say_summary(reporter, interrupted);
	}
	if (output_finish(&reporter->output) != 0) {
		reporter->counts.errors++;
	}
}

int reporter_print(const char *text)
{
	int failed = platform_write(STDOUT_FILENO, text, strlen(text));

	return output_close_stdout(failed ? errno : 0);
}

/** Adds `PROBLEM 'TEXT' (did you mean 'MEANT'?)`, without TEXT or MEANT where that is NULL. */
static void add_problem(struct strbuf *out, const char *problem, const char *text,
			const char *meant)
{
	strbuf_add_string(out, problem);
	if (text) {
		strbuf_add_char(out, ' ');
		quote_path(out, text, QUOTE_ALWAYS);
	}
	if (meant) {
		strbuf_add_string(out, " (did you mean ");
		quote_path(out, meant, QUOTE_ALWAYS);
		strbuf_add_string(out, "?)");
	}
}

void reporter_note(const char *problem, const char *text, const char *meant)
{
	struct strbuf words = STRBUF_INIT;

	add_problem(&words, problem, text, meant);
	fprintf(stderr, "pyclean: %s\n", words.failed ? problem : words.text);
	strbuf_free(&words);
}

void reporter_usage(const struct reporter_style *style, const char *problem, const char *text,
		    const char *meant)
{
	static const struct reporter_path no_path;
	struct strbuf words = STRBUF_INIT;
	struct strbuf record = STRBUF_INIT;

	if (style->json && !style->null) {
		add_problem(&words, problem, text, meant);
		json_add_record(
			&record,
			&(const struct output_line){ .outcome = &failure, .error = words.text },
			&no_path, NULL);
		if (!words.failed && !record.failed) {
			(void)reporter_print(record.text);
		}
		strbuf_free(&record);
		strbuf_free(&words);
	}
	reporter_note(problem, text, meant);
	fputs("Try 'pyclean --help' for more information.\n", stderr);
}

void reporter_fatal(void)
{
	fprintf(stderr, "pyclean: %s\n", platform_strerror(errno));
}
