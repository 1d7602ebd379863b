/**
 * Standard output and standard error: the lock on both, and each thread's buffer of lines.
 */

#ifndef PYCLEAN_OUTPUT_H
#define PYCLEAN_OUTPUT_H

#include "report/progress.h"
#include "reporter.h"
#include "strbuf.h"

#include <pthread.h>
#include <stdbool.h>

/** Terminal control sequences; OUTPUT_PLAIN ends each of the others. */
#define OUTPUT_RED    "\033[1;31m"
#define OUTPUT_GREEN  "\033[32m"
#define OUTPUT_YELLOW "\033[33m"
#define OUTPUT_CYAN   "\033[36m"
#define OUTPUT_FAINT  "\033[2m"
#define OUTPUT_PLAIN  "\033[0m"

/** The two streams, shared by all threads. */
struct output {
	struct reporter_style style;
	pthread_mutex_t lock;
	/** Text for stdout, buffered so that small directories share a system call. */
	struct strbuf pending;
	/** True if there was any text for stdout. */
	bool written;
	/** True if stdout is a terminal, to which text is written at once. */
	bool terminal;
	/** True for lines in colour. */
	bool list_colours;
	bool error_colours;
	/** The first errno of a write to stdout, or 0. */
	int error;
	struct progress progress;
};

/** A thread's lines. */
struct output_buffer {
	struct output *output;
	struct strbuf lines;
	/** The path of the line that is being added. */
	struct strbuf path;
	/** True if this buffer holds the output's lock; output_flush() releases it. */
	bool locked;
	struct progress_share share;
};

/** The name of an outcome in JSON, and the words before the path in text. */
struct output_outcome {
	const char *event;
	const char *words;
	const char *colour;
};

/** A line about a path. */
struct output_line {
	const struct output_outcome *outcome;
	/** The disk space freed, or NULL. */
	const uint64_t *bytes;
	/** Or NULL. */
	const char *reason;
	/** What failed, or without a reason what is wrong with the path; NULL if nothing. */
	const char *error;
};

/** Sets up the streams. @return 0, or -1 with ENOMEM. */
int output_init(struct output *output, const struct reporter_style *style);

/** Writes the pending text for stdout, and frees the memory of output_init(). */
void output_destroy(struct output *output);

/** Adds text for stdout. The output must be locked or not shared. */
void output_write(struct output *output, const struct strbuf *text);

/** Writes all pending text for stdout, before a write to stderr. */
void output_sync(struct output *output);

/** Closes stdout. @param error An earlier errno, or 0. @return 0, or -1 after an error, reported. */
int output_close_stdout(int error);

/** Writes pending text, closes stdout if any was written. @return As output_close_stdout(). */
int output_finish(struct output *output);

/** Sets up a buffer, with room for any path below PATH_MAX. @return 0, or -1 with ENOMEM. */
int output_open(struct output_buffer *buffer, struct output *output);

/** Frees a buffer that has been flushed. */
void output_close(struct output_buffer *buffer);

/** Writes the lines of the buffer in one piece, and unlocks the output. */
void output_flush(struct output_buffer *buffer);

/**
 * Adds a line for stdout, in the style's format. If there are very many, those so far are written,
 * and the output stays locked.
 *
 * @return false if there is no memory for the line. (A truncated path could name another file.)
 */
bool output_list(struct output_buffer *buffer, const struct output_line *line,
		 const struct reporter_path *path);

/**
 * Writes an error to stderr in one piece, after the lines before it; for JSON, to stdout, too. If
 * memory runs out, only the end of the path is shown.
 */
void output_say(struct output_buffer *buffer, const struct output_line *line,
		const struct reporter_path *path);

/** Draws the progress line, with the directory that a path is in, if it is due. */
void output_show_progress(struct output_buffer *buffer, const struct reporter_path *path,
			  const struct reporter_counts *counts);

/** Adds a path; an empty one becomes ".". @param slash Whether a directory ends in a '/'. */
void output_add_path(struct strbuf *out, const struct reporter_path *path, bool slash);

#endif
