#include "report/summary.h"

#include "report/output.h"
#include "report/quote.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* ---- Hints ---------------------------------------------------------------------------------- */

/** The first one that fits an error is given. */
static const struct hint {
	/** An errno, or 0 for any; and another one, or 0. */
	int error;
	int other_error;
	/** The circumstances that are needed. */
	unsigned needs;
	const char *text;
} hints[] = {
	{ ENOTEMPTY, EEXIST, 0,
	  "a Python process may be writing files there; try again when it has ended" },
	{ EMFILE, ENFILE, 0,
	  "raise the limit on open files ('ulimit -n'), or use fewer threads with --jobs" },
	{ 0, 0, SUMMARY_CROSSES,
	  "it is on another file system than the PATH; --one-file-system skips those" },
	{ 0, 0, SUMMARY_OPERAND, "a PATH is a directory, a *.pyc or *.pyo file, or a *.py source" },
	/* Root may remove anything else. */
	{ EPERM, 0, SUMMARY_REMOVAL | SUMMARY_ROOT,
	  "'lsattr' shows whether it is immutable or append-only; 'chattr -ia' clears both" },
	{ EPERM, EACCES, SUMMARY_REMOVAL,
	  "removal requires write permission for the directory; run pyclean as its owner, or exclude "
	  "it with --ignore" },
	{ EPERM, EACCES, 0,
	  "run pyclean as the owner of what cannot be read, or exclude it with --ignore" },
	{ EBUSY, 0, 0, "something may be mounted there; unmount it, or exclude it with --ignore" },
	{ EROFS, 0, 0, "mount the file system writable, or exclude it with --ignore" },
};

enum {
	HINTS = sizeof(hints) / sizeof(hints[0])
};

unsigned summary_hint_for(int error, unsigned circumstances)
{
	for (unsigned i = 0; i < HINTS; i++) {
		const struct hint *hint = &hints[i];

		if ((hint->error == 0 || hint->error == error || hint->other_error == error) &&
		    (hint->needs & ~circumstances) == 0) {
			return 1U << i;
		}
	}
	return 0;
}

void summary_add_hints(struct strbuf *out, unsigned set, bool colours)
{
	for (unsigned i = 0; i < HINTS; i++) {
		if (set & 1U << i) {
			strbuf_printf(out, "%spyclean: hint:%s %s\n", colours ? OUTPUT_CYAN : "",
				      colours ? OUTPUT_PLAIN : "", hints[i].text);
		}
	}
}

/* ---- Counts and sizes ----------------------------------------------------------------------- */

void summary_add_counts(struct reporter_counts *sum, const struct reporter_counts *counts)
{
	sum->files += counts->files;
	sum->directories += counts->directories;
	sum->bytes += counts->bytes;
	sum->errors += counts->errors;
	sum->environments += counts->environments;
	sum->skipped += counts->skipped;
	sum->sourceless += counts->sourceless;
}

void summary_add_size(struct strbuf *out, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	const char *unit = units;
	double value = (double)bytes / 1024;

	if (bytes < 1024) {
		strbuf_printf(out, "%" PRIu64 " B", bytes);
		return;
	}
	/* 1023.95 would be shown as 1024.0. */
	while (value >= 1023.95 && unit[1] != '\0') {
		value /= 1024;
		unit++;
	}
	strbuf_printf(out, "%.1f %ciB", value, *unit);
}

void summary_add_count(struct strbuf *out, uint64_t count, const char *one, const char *many)
{
	strbuf_printf(out, "%" PRIu64 " %s", count, count == 1 ? one : many);
}

/* ---- The summary ---------------------------------------------------------------------------- */

/** Adds the two counts that are not 0. */
static void add_counts(struct strbuf *out, uint64_t first, const char *const first_words[2],
		       uint64_t second, const char *const second_words[2])
{
	if (first > 0) {
		summary_add_count(out, first, first_words[0], first_words[1]);
	}
	strbuf_add_string(out, first > 0 && second > 0 ? " and " : "");
	if (second > 0) {
		summary_add_count(out, second, second_words[0], second_words[1]);
	}
}

/** Adds the counts of removed files and directories, or that there were none. */
static void add_removed(struct strbuf *out, const struct summary *summary)
{
	const struct reporter_counts *counts = &summary->counts;
	static const char *const files[] = { "file", "files" };
	static const char *const directories[] = { "directory", "directories" };
	const char *nothing = "Nothing to remove";

	if (counts->files > 0 || counts->directories > 0) {
		strbuf_add_string(out, summary->dry_run ? "Would remove " : "Removed ");
		add_counts(out, counts->files, files, counts->directories, directories);
		strbuf_add_string(out, " (");
		summary_add_size(out, counts->bytes);
		strbuf_add_char(out, ')');
		return;
	}
	if (summary->interrupted || (counts->errors > 0 && !summary->dry_run)) {
		nothing = summary->dry_run ? "Nothing found" : "Nothing removed";
	}
	strbuf_add_string(out, nothing);
}

/**
 * Adds the command that cleans a skipped directory, within quotes unless it contains some.
 *
 * @param options Its options, with a final space.
 * @return false if nothing was added: the path is unknown or too long, or memory has run out.
 */
static bool add_command(struct strbuf *out, const char *options, const char *path)
{
	struct strbuf quoted = STRBUF_INIT;
	bool known = path && strlen(path) < PATH_MAX;

	if (known) {
		quote_path(&quoted, path, QUOTE_ARGUMENT);
		known = !quoted.failed;
	}
	if (known) {
		const char *quote = strcmp(quoted.text, path) == 0 ? "'" : "";

		strbuf_printf(out, " (%spyclean %s%s%s%s cleans it)", quote, options,
			      path[0] == '-' ? "./" : "", quoted.text, quote);
	}
	strbuf_free(&quoted);
	return known;
}

/** Adds the directories skipped by default. */
static void add_skipped(struct strbuf *out, const struct summary *summary)
{
	static const char *const environments[] = { "virtual environment", "virtual environments" };
	static const char *const directories[] = { "directory", "directories" };
	static const char *const others[] = { "other directory", "other directories" };
	const struct reporter_counts *counts = &summary->counts;
	bool several = counts->environments + counts->skipped > 1;

	if (counts->environments == 0 && counts->skipped == 0) {
		return;
	}
	strbuf_add_string(out, "; skipped ");
	add_counts(out, counts->environments, environments, counts->skipped,
		   counts->environments > 0 ? others : directories);
	/* The other directories (.tox and the like) contain environments, which need -a. */
	if (several || !add_command(out, counts->skipped > 0 ? "-a " : "", summary->skipped)) {
		strbuf_add_string(out, several ? " (-v lists them)" : " (-v lists it)");
	}
}

void summary_add(struct strbuf *out, const struct summary *summary)
{
	const struct reporter_counts *counts = &summary->counts;
	const char *elsewhere = summary->elsewhere;

	add_removed(out, summary);
	if (summary->chosen) {
		strbuf_printf(out, "; %s", summary->chosen);
	}
	if (counts->errors > 0) {
		strbuf_add_string(out, "; ");
		summary_add_count(out, counts->errors, "error", "errors");
	}
	add_skipped(out, summary);
	if (counts->sourceless > 0) {
		strbuf_printf(out,
			      "; %" PRIu64 " without a source beside it (see --keep-sourceless)",
			      counts->sourceless);
	}
	if (elsewhere) {
		const char *quote = strchr(elsewhere, '\'') ? "" : "'";

		strbuf_printf(out,
			      "; the caches are below PYTHONPYCACHEPREFIX (%spyclean%s%s removes "
			      "them)",
			      quote, elsewhere, quote);
	}
	strbuf_add_string(out, summary->interrupted ? "; interrupted.\n" : ".\n");
	/* Without memory for the paths, the reserved bytes suffice for the rest. */
	if (out->failed && (summary->chosen || summary->skipped || elsewhere)) {
		struct summary rest = *summary;

		rest.chosen = rest.skipped = rest.elsewhere = NULL;
		strbuf_reset(out);
		summary_add(out, &rest);
	}
}
