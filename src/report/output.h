/**
 * Standard output and standard error: the lock on both, and each thread's buffer of lines.
 */

#ifndef PYCLEAN_OUTPUT_H
#define PYCLEAN_OUTPUT_H

#include "report/json.h"
#include "report/progress.h"
#include "report/quote.h"
#include "reporter.h"
#include "strbuf.h"

#include <pthread.h>
#include <stdbool.h>

/** Control sequences for a terminal; OUTPUT_PLAIN ends each of the others. */
#define OUTPUT_RED    "\033[1;31m"
#define OUTPUT_GREEN  "\033[32m"
#define OUTPUT_YELLOW "\033[33m"
#define OUTPUT_CYAN   "\033[36m"
#define OUTPUT_FAINT  "\033[2m"
#define OUTPUT_PLAIN  "\033[0m"

/** The two streams, shared by all threads. */
struct output {
	pthread_mutex_t lock;
	/** Text for stdout, so that not each small directory takes a system call. */
	struct strbuf pending;
	/** True if there was anything for stdout. */
	bool written;
	/** True if stdout is a terminal, which shows each text at once. */
	bool terminal;
	/** The errno of the first failure to write to stdout, or 0. */
	int error;
	struct progress progress;
};

/** Per-thread output buffer. */
struct output_buffer {
	struct output *output;
	struct strbuf lines;
	/** The path of the line that is being added. */
	struct strbuf path;
	/** True if this buffer holds the output's lock, which lasts until output_flush(). */
	bool locked;
	struct progress_share share;
};

enum output_format {
	/** For people. */
	OUTPUT_TEXT,
	/** A JSON object. */
	OUTPUT_JSON,
	/** The path as it is, and a NUL. */
	OUTPUT_NULL,
};

/** A line about a path. */
struct output_line {
	enum output_format format;
	/** OUTPUT_TEXT: the words before and after the path, in pieces that are joined, or NULL. */
	const char *before[3];
	const char *after[3];
	/** Of these words, or NULL. */
	const char *before_colour;
	const char *after_colour;
	enum quote_style quote;
	/** OUTPUT_JSON: lacks its path and tag. */
	struct json_record record;
};

/** Whether a descriptor gets colours; REPORTER_AUTO obeys NO_COLOR (https://no-color.org). */
bool output_takes_colour(enum reporter_when when, int fd);

/** Sets up the streams, without a progress line. @return 0, or -1 with ENOMEM. */
int output_init(struct output *output);

/** Writes the text for stdout that is left, and frees what output_init() has allocated. */
void output_destroy(struct output *output);

/** Adds text to what goes to stdout. The output is locked, or not shared. */
void output_write(struct output *output, const struct strbuf *text);

/** Has all text for stdout arrive there, before something is written to stderr. */
void output_sync(struct output *output);

/**
 * Closes stdout.
 *
 * @param error An earlier failure to write to it, an errno, or 0.
 * @return 0, or -1 if not everything could be written, as an error on stderr says.
 */
int output_close_stdout(int error);

/** Writes all text for stdout and closes that, unless there was none. @return As the one above. */
int output_finish(struct output *output);

/**
 * Sets up a buffer with room for a line about any path that is shorter than PATH_MAX.
 *
 * @return 0, or -1 with ENOMEM.
 */
int output_open(struct output_buffer *buffer, struct output *output);

/** Frees a buffer that has been flushed. */
void output_close(struct output_buffer *buffer);

/** Writes the lines of the buffer in one piece, and unlocks the output. */
void output_flush(struct output_buffer *buffer);

/**
 * Adds a line for stdout. A directory is shown with a '/' at its end.
 *
 * Of a very large directory the lines so far are written, and the output stays locked.
 *
 * @return false if there is no memory for the line: a path that is cut could name another file.
 */
bool output_list(struct output_buffer *buffer, const struct output_line *line,
		 const struct reporter_path *path);

/**
 * Writes a line to stderr, in one piece and after the lines before it. A directory is shown without
 * a '/' at its end. Without memory for it only the end of its path is shown.
 */
void output_say(struct output_buffer *buffer, const struct output_line *line,
		const struct reporter_path *path);

/**
 * Draws the progress line if it is time for that.
 *
 * @param prefix, trail The directory to show, as in a reporter_path.
 */
void output_show_progress(struct output_buffer *buffer, const char *prefix, const char *trail,
			  const struct reporter_counts *counts);

/** Adds a path. @param slash What ends a directory: one '/', or none; an empty path becomes ".". */
void output_add_path(struct strbuf *out, const struct reporter_path *path, bool slash);

#endif
