#include "report/output.h"

#include "platform.h"
#include "report/json.h"
#include "report/quote.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** The most bytes of lines buffered for one directory. */
	LINES_KEPT = 32 * 1024,
	/** The most bytes buffered for stdout. */
	PENDING_SIZE = 4096,
};

/* ---- Streams -------------------------------------------------------------------------------- */

/** Whether a stream gets colours; REPORTER_AUTO obeys NO_COLOR (https://no-color.org). */
static bool takes_colour(enum reporter_when when, int fd)
{
	const char *no_color = getenv("NO_COLOR");

	if (when != REPORTER_AUTO) {
		return when == REPORTER_ALWAYS;
	}
	return !(no_color && no_color[0] != '\0') && progress_on_terminal(fd);
}

int output_init(struct output *output, const struct reporter_style *style)
{
	*output = (struct output){
		.style = *style,
		.pending = STRBUF_INIT,
		.terminal = isatty(STDOUT_FILENO),
		.list_colours = takes_colour(style->colour, STDOUT_FILENO),
		.error_colours = takes_colour(style->colour, STDERR_FILENO),
	};
	pthread_mutex_init(&output->lock, NULL);
	progress_init(&output->progress, style);
	return strbuf_reserve(&output->pending, PENDING_SIZE);
}

void output_destroy(struct output *output)
{
	output_sync(output);
	pthread_mutex_destroy(&output->lock);
	strbuf_free(&output->pending);
}

/** Writes a text to stdout, and remembers if that fails. */
static void write_out(struct output *output, const struct strbuf *text)
{
	if (platform_write(STDOUT_FILENO, text->text, text->length) != 0 && output->error == 0) {
		output->error = errno;
	}
}

void output_sync(struct output *output)
{
	write_out(output, &output->pending);
	strbuf_reset(&output->pending);
}

void output_write(struct output *output, const struct strbuf *text)
{
	output->written = true;
	if (output->pending.length + text->length > PENDING_SIZE) {
		output_sync(output);
	}
	if (text->length > PENDING_SIZE || output->terminal) {
		write_out(output, text);
	} else {
		strbuf_add(&output->pending, text->text, text->length);
	}
}

int output_close_stdout(int error)
{
	if (close(STDOUT_FILENO) != 0 && error == 0) {
		error = errno;
	}
	if (error == 0) {
		return 0;
	}
	fprintf(stderr, "pyclean: cannot write to standard output: %s\n", platform_strerror(error));
	return -1;
}

int output_finish(struct output *output)
{
	output_sync(output);
	return output->written ? output_close_stdout(output->error) : 0;
}

/* ---- Buffers -------------------------------------------------------------------------------- */

int output_open(struct output_buffer *buffer, struct output *output)
{
	*buffer = (struct output_buffer){ .output = output,
					  .lines = STRBUF_INIT,
					  .path = STRBUF_INIT };
	/* Reserve enough to show ordinary paths when memory runs out. */
	if (strbuf_reserve(&buffer->lines, LINES_KEPT) != 0 ||
	    strbuf_reserve(&buffer->path, PATH_MAX) != 0) {
		output_close(buffer);
		return -1;
	}
	return 0;
}

void output_close(struct output_buffer *buffer)
{
	strbuf_free(&buffer->lines);
	strbuf_free(&buffer->path);
}

/** Locks the output for the buffer until unlock(). @return True if it was locked already. */
static bool lock(struct output_buffer *buffer)
{
	bool locked = buffer->locked;

	if (!locked) {
		pthread_mutex_lock(&buffer->output->lock);
		buffer->locked = true;
	}
	return locked;
}

static void unlock(struct output_buffer *buffer)
{
	buffer->locked = false;
	pthread_mutex_unlock(&buffer->output->lock);
}

/** Writes the lines of a buffer. The output must be locked by it. */
static void write_lines(struct output_buffer *buffer)
{
	struct output *output = buffer->output;

	assert(buffer->locked);
	if (buffer->lines.length > 0) {
		if (output->progress.tangles) {
			progress_clear(&output->progress);
		}
		output_write(output, &buffer->lines);
	}
	strbuf_reset(&buffer->lines);
}

void output_flush(struct output_buffer *buffer)
{
	if (buffer->lines.length > 0 || buffer->locked) {
		lock(buffer);
		write_lines(buffer);
		unlock(buffer);
	}
}

/* ---- Lines ---------------------------------------------------------------------------------- */

void output_add_path(struct strbuf *out, const struct reporter_path *path, bool slash)
{
	size_t start = out->length;

	strbuf_add_string(out, path->prefix ? path->prefix : "");
	strbuf_add_string(out, path->trail ? path->trail : "");
	strbuf_add_string(out, path->name ? path->name : "");
	if (!path->directory) {
		return;
	}
	if (out->length == start) {
		strbuf_add_char(out, '.');
	}
	while (out->length > start + 1 && strbuf_last(out) == '/') {
		strbuf_truncate(out, out->length - 1);
	}
	if (slash && strbuf_last(out) != '/') {
		strbuf_add_char(out, '/');
	}
}

/** @return The end of a path, short enough for the reserved buffers. */
static struct reporter_path end_of(const struct reporter_path *path)
{
	size_t length = path->name ? strlen(path->name) : 0;

	return (struct reporter_path){
		.name = length > NAME_MAX ? path->name + length - NAME_MAX : path->name,
		.directory = path->directory,
	};
}

/** Adds `Removed PATH (REASON)`. */
static void add_listed(struct strbuf *out, const struct output_line *line, const char *path,
		       bool colours)
{
	strbuf_add_string(out, colours ? line->outcome->colour : "");
	strbuf_add_string(out, line->outcome->words);
	strbuf_add_string(out, colours ? OUTPUT_PLAIN : "");
	quote_path(out, path, QUOTE_BARE);
	if (line->reason) {
		strbuf_add_string(out, colours ? OUTPUT_FAINT " (" : " (");
		strbuf_add_string(out, line->reason);
		strbuf_add_string(out, colours ? ")" OUTPUT_PLAIN : ")");
	}
	strbuf_add_char(out, '\n');
}

/** Adds `pyclean: FAILED 'PATH': REASON` or `pyclean: 'PATH' PROBLEM`. */
static void add_error(struct strbuf *out, const struct output_line *line, const char *path,
		      bool colours)
{
	bool failed = line->reason != NULL;

	strbuf_printf(out, "%s%s%s%s%s", colours ? line->outcome->colour : "", line->outcome->words,
		      failed ? line->error : "", failed ? " " : "", colours ? OUTPUT_PLAIN : "");
	quote_path(out, path, QUOTE_ALWAYS);
	strbuf_printf(out, "%s%s\n", failed ? ": " : " ", failed ? line->reason : line->error);
}

/** Adds a line for stdout or stderr. @return false if there is no memory for it. */
static bool add_line(struct output_buffer *buffer, const struct output_line *line,
		     const struct reporter_path *path, int fd)
{
	const struct output *output = buffer->output;
	struct strbuf *lines = &buffer->lines;
	struct strbuf *whole = &buffer->path;

	strbuf_reset(whole);
	output_add_path(whole, path, fd == STDOUT_FILENO);
	if (fd == STDERR_FILENO) {
		add_error(lines, line, whole->text, output->error_colours);
	} else if (output->style.null) {
		strbuf_add(lines, whole->text, whole->length + 1);
	} else if (output->style.json) {
		json_add_record(lines, line, path, whole->text);
	} else {
		add_listed(lines, line, whole->text, output->list_colours);
	}
	return !lines->failed && !whole->failed;
}

bool output_list(struct output_buffer *buffer, const struct output_line *line,
		 const struct reporter_path *path)
{
	size_t start = buffer->lines.length;
	bool listed = add_line(buffer, line, path, STDOUT_FILENO);

	if (!listed) {
		/* There may be room when the lines before it are written. */
		strbuf_truncate(&buffer->lines, start);
		lock(buffer);
		write_lines(buffer);
		listed = add_line(buffer, line, path, STDOUT_FILENO);
	}
	if (!listed) {
		strbuf_reset(&buffer->lines);
	} else if (buffer->lines.length > LINES_KEPT) {
		lock(buffer);
		write_lines(buffer);
	}
	return listed;
}

void output_say(struct output_buffer *buffer, const struct output_line *line,
		const struct reporter_path *path)
{
	struct output *output = buffer->output;
	bool locked = lock(buffer);

	if (output->style.json) {
		/* If this fails for lack of memory, the line below must do. */
		(void)output_list(buffer, line, path);
	}
	write_lines(buffer);
	if (!add_line(buffer, line, path, STDERR_FILENO)) {
		const struct reporter_path end = end_of(path);
		bool fits;

		strbuf_reset(&buffer->lines);
		fits = add_line(buffer, line, &end, STDERR_FILENO);
		assert(fits);
	}
	output_sync(output);
	progress_clear(&output->progress);
	platform_write(STDERR_FILENO, buffer->lines.text, buffer->lines.length);
	strbuf_reset(&buffer->lines);
	if (!locked) {
		unlock(buffer);
	}
}

/* ---- Progress ------------------------------------------------------------------------------- */

/** Draws the progress line. The output must be locked by this thread. */
static void draw_progress(struct output_buffer *buffer, const struct reporter_path *where)
{
	struct output *output = buffer->output;

	if (output->progress.tangles) {
		output_sync(output);
	}
	strbuf_reset(&buffer->path);
	output_add_path(&buffer->path, where, true);
	if (!buffer->path.failed) {
		progress_draw(&output->progress, buffer->path.text);
	}
}

void output_show_progress(struct output_buffer *buffer, const struct reporter_path *path,
			  const struct reporter_counts *counts)
{
	const struct reporter_path where = {
		.prefix = path->prefix,
		.trail = path->trail,
		.directory = true,
	};
	struct output *output = buffer->output;

	if (!output->progress.enabled ||
	    (!buffer->locked && pthread_mutex_trylock(&output->lock) != 0)) {
		return;
	}
	if (progress_tell(&output->progress, &buffer->share, counts)) {
		draw_progress(buffer, &where);
	}
	if (!buffer->locked) {
		pthread_mutex_unlock(&output->lock);
	}
}
