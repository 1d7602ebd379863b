#include "report/internal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* ---- Hints ---------------------------------------------------------------------------------- */

/** @return Advice to the user about an error, or NULL. @param error An errno, or 0. */
static const char *hint_for(const struct line *line, int error)
{
	bool removal = strcmp(line->error, "cannot remove") == 0;

	if (error == ENOTEMPTY || error == EEXIST) {
		return "a Python process may be writing files there; try again when it has ended";
	}
	if (error == EMFILE || error == ENFILE) {
		return "raise the limit on open files ('ulimit -n'), or use fewer threads with --jobs";
	}
	if (line->path->crosses) {
		return "it is on another file system than the PATH; --one-file-system skips those";
	}
	if (!line->reason) {
		/* An operand has the wrong type. */
		return "a PATH is a directory, a *.pyc or *.pyo file, or a *.py source";
	}
	if (error == EPERM && removal && geteuid() == 0) {
		/* Root may remove anything else. */
		return "'lsattr' shows whether it is immutable or append-only; 'chattr -ia' clears both";
	}
	if (error == EPERM || error == EACCES) {
		return removal ? "removal requires write permission for the directory; run pyclean as "
				 "its owner, or exclude it with --ignore"
			       : "run pyclean as the owner of what cannot be read, or exclude it with "
				 "--ignore";
	}
	if (error == EBUSY) {
		return "something may be mounted there; unmount it, or exclude it with --ignore";
	}
	return error == EROFS ? "mount the file system writable, or exclude it with --ignore"
			      : NULL;
}

void summary_note_error(struct summary *summary, const struct line *line, int error)
{
	const char *hint = hint_for(line, error);
	size_t at = 0;

	while (summary->hints[at] && summary->hints[at] != hint) {
		at++;
	}
	assert(at < SUMMARY_HINTS);
	summary->hints[at] = hint;
}

void summary_add_hints(struct strbuf *out, const struct summary *summary, bool colours)
{
	const char *label = colours ? "\033[36mpyclean: hint:\033[0m" : "pyclean: hint:";

	for (size_t i = 0; summary->hints[i]; i++) {
		strbuf_printf(out, "%s %s\n", label, summary->hints[i]);
	}
}

/* ---- Counts and sizes ----------------------------------------------------------------------- */

void summary_take_counts(struct summary *summary, struct reporter_counts *counts)
{
	struct reporter_counts *sum = &summary->counts;

	sum->visited += counts->visited;
	sum->files += counts->files;
	sum->directories += counts->directories;
	sum->bytes += counts->bytes;
	sum->errors += counts->errors;
	sum->environments += counts->environments;
	sum->skipped += counts->skipped;
	sum->sourceless += counts->sourceless;
	*counts = (struct reporter_counts){ 0 };
}

void summary_add_size(struct strbuf *out, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	double value = (double)bytes / 1024;
	size_t unit = 0;

	/* 1023.95 would be shown as 1024.0. */
	for (; value >= 1023.95; unit++) {
		value /= 1024;
	}
	if (bytes < 1024) {
		strbuf_printf(out, "%" PRIu64 " B", bytes);
	} else {
		strbuf_printf(out, "%.1f %ciB", value, units[unit]);
	}
}

/** Adds ", 1 file" or ", 15 files", but nothing for 0. @param before The text before the count. */
static void add_count(struct strbuf *out, const char *before, uint64_t count, const char *one,
		      const char *many)
{
	if (count > 0) {
		strbuf_printf(out, "%s%" PRIu64 " %s", before, count, count == 1 ? one : many);
	}
}

/* ---- The summary ---------------------------------------------------------------------------- */

void summary_add_argument(struct strbuf *out, const char *path)
{
	strbuf_add_string(out, path[0] == '-' ? " ./" : " ");
	quote_path(out, path, QUOTE_ARGUMENT);
}

/** Whether a text can be shown. */
static bool is_whole(const struct strbuf *text)
{
	return text->length > 0 && text->length <= PATH_MAX && !text->failed;
}

/** Adds ` ('pyclean ARGUMENTS' RESULT)`, without these quotes if the arguments have some. */
static void add_command(struct strbuf *out, const char *options, const char *arguments,
			const char *result)
{
	const char *quote = strchr(arguments, '\'') ? "" : "'";

	strbuf_printf(out, " (%spyclean%s%s%s %s)", quote, options, arguments, quote, result);
}

/** Adds the counts of removed files and directories, or that there were none. */
static void add_removed(struct strbuf *out, const struct summary *summary, bool dry_run)
{
	const struct reporter_counts *counts = &summary->counts;
	bool complete = !summary->interrupted && (counts->errors == 0 || dry_run);

	if (counts->files == 0 && counts->directories == 0) {
		const char *incomplete = dry_run ? "Nothing found" : "Nothing removed";

		strbuf_add_string(out, complete ? "Nothing to remove" : incomplete);
		return;
	}
	strbuf_add_string(out, dry_run ? "Would remove" : "Removed");
	add_count(out, " ", counts->files, "file", "files");
	add_count(out, counts->files > 0 ? " and " : " ", counts->directories, "directory",
		  "directories");
	strbuf_add_string(out, " (");
	summary_add_size(out, counts->bytes);
	strbuf_add_char(out, ')');
}

/** Adds the directories skipped by default. */
static void add_skipped(struct strbuf *out, const struct summary *summary)
{
	const uint64_t environments = summary->counts.environments;
	const uint64_t others = summary->counts.skipped;

	if (environments + others == 0) {
		return;
	}
	strbuf_add_string(out, "; skipped");
	add_count(out, " ", environments, "virtual environment", "virtual environments");
	if (environments > 0) {
		add_count(out, " and ", others, "other directory", "other directories");
	} else {
		add_count(out, " ", others, "directory", "directories");
	}
	if (environments + others > 1) {
		strbuf_add_string(out, " (-v lists them)");
	} else if (!is_whole(&summary->skipped)) {
		strbuf_add_string(out, " (-v lists it)");
	} else {
		/* The other directories (.tox and the like) contain environments, which need -a. */
		add_command(out, others > 0 ? " -a" : "", summary->skipped.text, "cleans it");
	}
}

/** Adds the summary as a JSON object. */
static void add_json(struct strbuf *out, const struct summary *summary, bool dry_run)
{
	const struct reporter_counts *counts = &summary->counts;

	strbuf_printf(out,
		      "{\"event\":\"summary\",\"dry_run\":%s,\"files\":%" PRIu64
		      ",\"directories\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"errors\":%" PRIu64
		      ",\"skipped_environments\":%" PRIu64 ",\"skipped\":%" PRIu64
		      ",\"sourceless\":%" PRIu64 ",\"interrupted\":%s}\n",
		      dry_run ? "true" : "false", counts->files, counts->directories, counts->bytes,
		      counts->errors, counts->environments, counts->skipped, counts->sourceless,
		      summary->interrupted ? "true" : "false");
}

void summary_add(struct strbuf *out, const struct summary *summary,
		 const struct reporter_style *style)
{
	const struct reporter_counts *counts = &summary->counts;

	if (style->json) {
		add_json(out, summary, style->dry_run);
		return;
	}
	add_removed(out, summary, style->dry_run);
	if (is_whole(&summary->chosen)) {
		strbuf_printf(out, "; %s", summary->chosen.text);
	}
	add_count(out, "; ", counts->errors, "error", "errors");
	/* With -v, each has a line. */
	if (style->detail < REPORTER_ALL) {
		add_skipped(out, summary);
	}
	if (counts->sourceless > 0) {
		strbuf_printf(out,
			      "; %" PRIu64 " without a source beside it (see --keep-sourceless)",
			      counts->sourceless);
	}
	if (is_whole(&summary->elsewhere)) {
		strbuf_add_string(out, "; the caches are below PYTHONPYCACHEPREFIX");
		add_command(out, "", summary->elsewhere.text, "removes them");
	}
	strbuf_add_string(out, summary->interrupted ? "; interrupted.\n" : ".\n");
}
