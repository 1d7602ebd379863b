#include "report/internal.h"

#include "platform.h"
#include "strbuf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	/** Milliseconds before the line appears, at the start and after other text. */
	DELAY = 500,
	/** Milliseconds between redraws. */
	REDRAW = 100,
	/** Columns if stderr is not a terminal. */
	COLUMNS = 80,
	/** With fewer columns left than this, no path is shown. */
	LEAST_PATH = 12,
};

/** The space stops tmux from saving the line in its history at the screen's top left. */
static const char clear_line[] = "\r \033[J\r";

static uint64_t milliseconds(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/** Whether a descriptor is a terminal that supports control sequences. */
static bool is_terminal(int fd)
{
	const char *kind = getenv("TERM");

	return kind && kind[0] != '\0' && strcmp(kind, "dumb") != 0 && isatty(fd);
}

bool progress_takes_colour(enum reporter_when when, int fd)
{
	const char *no_color = getenv("NO_COLOR");

	if (when != REPORTER_AUTO) {
		return when == REPORTER_ALWAYS;
	}
	return !(no_color && no_color[0] != '\0') && is_terminal(fd);
}

void progress_init(struct progress *progress, const struct reporter_style *style)
{
	struct stat out = { 0 };
	bool to_pipe;

	fstat(STDOUT_FILENO, &out);
	to_pipe = S_ISFIFO(out.st_mode) || S_ISSOCK(out.st_mode);
	*progress = (struct progress){ .enabled = style->progress == REPORTER_ALWAYS };
	if (style->progress == REPORTER_AUTO) {
		/* A pipe's reader may write to the terminal. A NUL does not end a line there. */
		progress->enabled = style->detail > REPORTER_ERRORS && !style->null &&
				    !(style->detail >= REPORTER_LIST && to_pipe) &&
				    is_terminal(STDERR_FILENO);
		progress->next = milliseconds() + DELAY;
	}
}

/** Adds a path, or its end that fits into `room` columns, or nothing if that is too little. */
static void add_path(struct strbuf *out, const char *path, size_t room)
{
	size_t start = out->length;

	if (room < LEAST_PATH) {
		return;
	}
	quote_path(out, path, QUOTE_BARE);
	/* Quote the end anew, which may need no quotes. */
	for (size_t columns = room; quote_width(out->text + start) > room; columns--) {
		strbuf_truncate(out, start);
		strbuf_add_string(out, "...");
		quote_path(out, quote_cut_start(path, columns), QUOTE_BARE);
	}
}

/** Whether the program is in the foreground; if not, the user may be typing. */
static bool has_screen(void)
{
	pid_t foreground = tcgetpgrp(STDERR_FILENO);

	/* Only the controlling terminal has a background. */
	return foreground == -1 || foreground == getpgrp();
}

static void draw(const struct reporter_counts *counts, const char *where)
{
	struct strbuf line = STRBUF_INIT;
	struct winsize size = { 0 };
	size_t room;

	ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	/* One less, since some terminals wrap after the last column. */
	room = (size.ws_col > 0 ? size.ws_col : (size_t)COLUMNS) - 1;
	strbuf_printf(&line, "%" PRIu64 " %s seen, %" PRIu64 " %s found (", counts->visited,
		      counts->visited == 1 ? "directory" : "directories", counts->files,
		      counts->files == 1 ? "file" : "files");
	summary_add_size(&line, counts->bytes);
	strbuf_add_string(&line, "): ");
	strbuf_truncate(&line, line.length < room ? line.length : room);
	add_path(&line, where, room - line.length);
	/* Leave the cursor at the start, where it stays if a resized terminal wraps the line. */
	fprintf(stderr, "\r%s\033[J\r", line.text);
	strbuf_free(&line);
}

void progress_show(struct progress *progress, const struct reporter_counts *counts,
		   const char *prefix, const char *trail)
{
	struct strbuf where = STRBUF_INIT;
	uint64_t now = milliseconds();

	if (now < progress->next) {
		return;
	}
	progress->next = now + REDRAW;
	progress->drawn = has_screen();
	signals_write_on_stop(progress->drawn ? clear_line : NULL);
	if (progress->drawn) {
		strbuf_printf(&where, "%s%s", prefix, trail ? trail : "");
		draw(counts, where.length > 0 ? where.text : "./");
		strbuf_free(&where);
	}
}

void progress_clear(struct progress *progress)
{
	if (progress->drawn && has_screen()) {
		fputs(clear_line, stderr);
	}
	signals_write_on_stop(NULL);
	progress->drawn = false;
	progress->next = milliseconds() + DELAY;
}
