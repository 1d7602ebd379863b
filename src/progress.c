#include "progress.h"

#include "platform.h"
#include "width.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/** In milliseconds: a run so short needs no line, nor one between other lines. */
	DELAY = 500,
	/** And so long the line stays as it is, and a walker keeps its share to itself. */
	REDRAW = 100,
	TELL = 50,
	/** Columns of what is no terminal. */
	COLUMNS = 80,
	/** A path with less room is left out. */
	LEAST_PATH = 12,
	/** Room for the counts. */
	COUNTS_SIZE = 256,
};

/** What stands for the part of a path that is left out. */
static const char left_out[] = "...";

/** Whether stdout is a pipe, whose reader may write to the terminal. */
static bool lists_to_pipe(void)
{
	struct stat st;

	return fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/** Whether what is written to stdout comes to where the line is. */
static bool streams_meet(void)
{
	struct stat out;
	struct stat err;

	return isatty(STDOUT_FILENO) ||
	       (fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 &&
		out.st_dev == err.st_dev && out.st_ino == err.st_ino);
}

void progress_init(struct progress *progress, enum terminal_when when, bool lists)
{
	*progress = (struct progress){ 0 };
	if (when == TERMINAL_AUTO) {
		progress->enabled =
			terminal_is_capable(STDERR_FILENO) && !(lists && lists_to_pipe());
	} else {
		progress->enabled = when == TERMINAL_ALWAYS;
	}
	progress->yields = when == TERMINAL_AUTO;
	if (progress->enabled) {
		progress->tangles = streams_meet();
		atomic_init(&progress->next,
			    when == TERMINAL_AUTO ? platform_milliseconds() + DELAY : 0);
	}
}

bool progress_tell(struct progress *progress, struct progress_share *share,
		   const struct tally *tally)
{
	uint64_t now = platform_milliseconds();

	if (now < share->next) {
		return false;
	}
	share->next = now + TELL;
	atomic_fetch_add_explicit(&progress->directories,
				  share->directories - share->told_directories,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&progress->files, tally->files - share->told_files,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&progress->bytes, tally->bytes - share->told_bytes,
				  memory_order_relaxed);
	share->told_directories = share->directories;
	share->told_files = tally->files;
	share->told_bytes = tally->bytes;
	return now >= atomic_load_explicit(&progress->next, memory_order_relaxed);
}

static size_t columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
									       : COLUMNS;
}

/** Writes "1 file" or, unlike tally_count(), "0 files". */
static void count(char out[TALLY_WORDS_SIZE], uint64_t number, const char *one, const char *many)
{
	snprintf(out, TALLY_WORDS_SIZE, "%" PRIu64 " %s", number, number == 1 ? one : many);
}

/** Writes how far the run is. */
static void write_counts(const struct progress *progress, char out[COUNTS_SIZE])
{
	char directories[TALLY_WORDS_SIZE];
	char files[TALLY_WORDS_SIZE];
	char bytes[TALLY_WORDS_SIZE];

	count(directories, atomic_load(&progress->directories), "directory", "directories");
	count(files, atomic_load(&progress->files), "file", "files");
	tally_bytes(bytes, atomic_load(&progress->bytes));
	snprintf(out, COUNTS_SIZE, "%s seen, %s found (%s): ", directories, files, bytes);
}

/** Whether the screen is ours: in the background it is somebody else's, who may be typing. */
static bool has_screen(const struct progress *progress)
{
	pid_t foreground = progress->yields ? tcgetpgrp(STDERR_FILENO) : -1;

	/* On a terminal that does not control us there is no background. */
	return foreground == -1 || foreground == getpgrp();
}

void progress_draw(struct progress *progress, const char *where)
{
	/* With one to spare: some terminals begin a new line behind the last column. */
	size_t room = columns() - 1;
	char counts[COUNTS_SIZE];
	const char *gap = "";
	size_t length;

	if (platform_milliseconds() < atomic_load(&progress->next)) {
		return;
	}
	if (!has_screen(progress)) {
		progress_clear(progress);
		return;
	}
	write_counts(progress, counts);
	length = width_cut_end(counts, room);
	room -= length;
	if (width_of_text(where) > room) {
		gap = room < LEAST_PATH ? "" : left_out;
		where = room < LEAST_PATH ? "" : width_cut_start(where, room - strlen(gap));
	}
	/* The cursor waits in front: there it stays when the terminal breaks the line anew. */
	fprintf(stderr, "\r%.*s%s%s\033[J\r", (int)length, counts, gap, where);
	progress->drawn = true;
	atomic_store(&progress->next, platform_milliseconds() + REDRAW);
}

void progress_clear(struct progress *progress)
{
	if (progress->drawn && has_screen(progress)) {
		/* From the very corner of the screen tmux would scroll it into its history instead. */
		fputs("\r \033[J\r", stderr);
	}
	progress->drawn = false;
	atomic_store(&progress->next, platform_milliseconds() + DELAY);
}
