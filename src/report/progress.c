#include "report/progress.h"

#include "platform.h"
#include "report/quote.h"
#include "report/summary.h"
#include "signals.h"
#include "strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/** Milliseconds before the line appears, at the start and after other text. */
	DELAY = 500,
	/** Milliseconds between redraws. */
	REDRAW = 100,
	/** Milliseconds between additions of a thread's counts. */
	TELL = 50,
	/** Columns if stderr is not a terminal. */
	COLUMNS = 80,
	/** With fewer columns left than this, no path is shown. */
	LEAST_PATH = 12,
};

/** The space stops tmux from saving the line in its history at the screen's top left. */
static const char clear_line[] = "\r \033[J\r";

bool progress_on_terminal(int fd)
{
	const char *kind = getenv("TERM");

	return kind && kind[0] != '\0' && strcmp(kind, "dumb") != 0 && isatty(fd);
}

void progress_init(struct progress *progress, const struct reporter_style *style)
{
	bool automatic = style->progress == REPORTER_AUTO;
	bool lists = style->detail >= REPORTER_LIST;
	struct stat out = { 0 };
	struct stat err = { 0 };

	*progress = (struct progress){ .yields = automatic };
	/* Paths that end in a NUL do not end the terminal's line. */
	if (style->progress == REPORTER_NEVER ||
	    (automatic && (style->detail == REPORTER_ERRORS || style->null ||
			   !progress_on_terminal(STDERR_FILENO)))) {
		return;
	}
	fstat(STDOUT_FILENO, &out);
	fstat(STDERR_FILENO, &err);
	/* The reader of a pipe may write to the terminal. */
	progress->enabled =
		!(automatic && lists && (S_ISFIFO(out.st_mode) || S_ISSOCK(out.st_mode)));
	progress->tangles =
		isatty(STDOUT_FILENO) || (out.st_dev == err.st_dev && out.st_ino == err.st_ino);
	progress->next = automatic ? platform_milliseconds() + DELAY : 0;
}

bool progress_tell(struct progress *progress, struct progress_share *share,
		   const struct reporter_counts *counts)
{
	uint64_t now = platform_milliseconds();

	if (now < share->next) {
		return false;
	}
	share->next = now + TELL;
	progress->visited += counts->visited - share->told.visited;
	progress->files += counts->files - share->told.files;
	progress->bytes += counts->bytes - share->told.bytes;
	share->told = *counts;
	return now >= progress->next;
}

static size_t columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
									       : COLUMNS;
}

/** Adds the counts so far. */
static void add_counts(struct strbuf *out, const struct progress *progress)
{
	summary_add_count(out, progress->visited, "directory", "directories");
	strbuf_add_string(out, " seen, ");
	summary_add_count(out, progress->files, "file", "files");
	strbuf_add_string(out, " found (");
	summary_add_size(out, progress->bytes);
	strbuf_add_string(out, "): ");
}

/** Adds a path, or its end that fits into `room` columns, or nothing if that is too little. */
static void add_path(struct strbuf *out, const char *path, size_t room)
{
	static const char left_out[] = "...";
	struct strbuf quoted = STRBUF_INIT;

	quote_path(&quoted, path, QUOTE_BARE);
	if (quote_width(quoted.text) > room) {
		if (room < LEAST_PATH) {
			goto out;
		}
		strbuf_add_string(out, left_out);
		room -= strlen(left_out);
	}
	/* Quote the end anew, which may need no quotes. */
	for (size_t columns = room; quote_width(quoted.text) > room; columns--) {
		path = quote_cut_start(path, columns);
		strbuf_reset(&quoted);
		quote_path(&quoted, path, QUOTE_BARE);
	}
	strbuf_add_string(out, quoted.text);
out:
	strbuf_free(&quoted);
}

/** Whether the program is in the foreground; if not, the user may be typing. */
static bool has_screen(const struct progress *progress)
{
	pid_t foreground = progress->yields ? tcgetpgrp(STDERR_FILENO) : -1;

	/* Only the controlling terminal has a background. */
	return foreground == -1 || foreground == getpgrp();
}

void progress_draw(struct progress *progress, const char *where)
{
	/* One less, since some terminals wrap after the last column. */
	size_t room = columns() - 1;
	struct strbuf line = STRBUF_INIT;

	if (platform_milliseconds() < progress->next) {
		return;
	}
	if (!has_screen(progress)) {
		progress_clear(progress);
		return;
	}
	add_counts(&line, progress);
	strbuf_truncate(&line, line.length < room ? line.length : room);
	add_path(&line, where, room - line.length);
	signals_write_on_stop(clear_line);
	/* Leave the cursor at the start, where it stays if a resized terminal wraps the line. */
	fprintf(stderr, "\r%s\033[J\r", line.text);
	strbuf_free(&line);
	progress->drawn = true;
	progress->next = platform_milliseconds() + REDRAW;
}

void progress_clear(struct progress *progress)
{
	if (progress->drawn && has_screen(progress)) {
		fputs(clear_line, stderr);
	}
	signals_write_on_stop(NULL);
	progress->drawn = false;
	progress->next = platform_milliseconds() + DELAY;
}
