#include "page.h"

#include "platform.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void page_output_flush(struct page_output *output)
{
	if (output->written && fflush(output->out) != 0 && output->write_error == 0) {
		output->write_error = errno;
	}
}

int page_open(struct page *page, struct page_output *output)
{
	*page = (struct page){ .output = output };
	return lines_open(&page->lines);
}

void page_close(struct page *page)
{
	lines_close(&page->lines);
}

/** Makes the output this page's until release_output(). @return Whether it was already. */
static bool hold_output(struct page *page)
{
	bool held = page->holds_output;

	if (!held) {
		pthread_mutex_lock(&page->output->lock);
		page->holds_output = true;
	}
	return held;
}

static void release_output(struct page *page)
{
	page->holds_output = false;
	pthread_mutex_unlock(&page->output->lock);
}

/** Writes the lines gathered so far; the output is this page's. */
static void write_lines(struct page *page)
{
	struct page_output *output = page->output;

	if (page->lines.used == 0) {
		return;
	}
	if (output->progress.tangles) {
		progress_clear(&output->progress);
	}
	if (fwrite(page->lines.text, 1, page->lines.used, output->out) < page->lines.used &&
	    output->write_error == 0) {
		output->write_error = errno;
	}
	output->written = true;
	page->lines.used = 0;
}

void page_flush(struct page *page)
{
	if (page->lines.used > 0 || page->holds_output) {
		hold_output(page);
		write_lines(page);
		release_output(page);
	}
}

void page_spill(struct page *page)
{
	if (page->lines.used > LINES_SIZE) {
		hold_output(page);
		write_lines(page);
	}
}

/** Makes room for a line. @param path The path in it, of which only the end may be left. */
static void make_room(struct page *page, size_t needed, struct lines_path *path)
{
	if (!lines_reserve(&page->lines, needed)) {
		/* An empty page has room for that. */
		hold_output(page);
		write_lines(page);
		*path = lines_end_of(path);
	}
}

/** Adds words, for which there has to be room. @param colour NULL for none. */
static void put_words(struct page *page, const char *words, const char *colour)
{
	if (colour && words[0] != '\0') {
		lines_put(&page->lines, colour);
		lines_put(&page->lines, words);
		lines_put(&page->lines, PAGE_PLAIN);
	} else {
		lines_put(&page->lines, words);
	}
}

void page_put_line(struct page *page, const struct page_line *line, struct lines_path path)
{
	size_t words = strlen(line->before) + strlen(line->after) + 1;
	size_t colours = 2 * (sizeof(PAGE_RED) + sizeof(PAGE_PLAIN));

	make_room(page, words + colours + LINES_QUOTED_SIZE(lines_path_size(&path)), &path);
	put_words(page, line->before, line->before_colour);
	lines_put_path(&page->lines, &path, line->style);
	put_words(page, line->after, line->after_colour);
	lines_put(&page->lines, "\n");
}

void page_put_raw_path(struct page *page, struct lines_path path)
{
	make_room(page, lines_path_size(&path), &path);
	lines_put_raw_path(&page->lines, &path);
}

/** @return How many bytes the record of a path can need. */
static size_t record_size_of(const struct lines_path *path)
{
	return RECORD_SIZE(lines_path_size(path) + 2 * (size_t)PAGE_REASON_SIZE);
}

void page_put_record(struct page *page, struct record record, struct lines_path path)
{
	size_t record_size;
	char *raw;

	make_room(page, record_size_of(&path) + lines_path_size(&path), &path);
	/* Now, since only the end of the path may be left. */
	record_size = record_size_of(&path);
	raw = page->lines.text + page->lines.used + record_size;
	lines_join(raw, &path);
	record.path = raw;
	page->lines.used += record_write(page->lines.text + page->lines.used, &record);
}

void page_say(struct page *page, const struct page_line *line, struct lines_path path)
{
	struct page_output *output = page->output;
	bool held = hold_output(page);

	write_lines(page);
	page_put_line(page, line, path);
	page_output_flush(output);
	if (output->progress.enabled) {
		progress_clear(&output->progress);
	}
	platform_write(STDERR_FILENO, page->lines.text, page->lines.used);
	page->lines.used = 0;
	if (!held) {
		release_output(page);
	}
}

/** Draws the progress line; the output is this page's. */
static void draw_progress(struct page *page, const struct lines_path *where)
{
	struct lines *lines = &page->lines;
	size_t used = lines->used;

	if (page->output->progress.tangles) {
		page_output_flush(page->output);
	}
	if (lines_reserve(lines, LINES_QUOTED_SIZE(lines_path_size(where)) + 1)) {
		lines_put_path(lines, where, QUOTE_BARE);
		lines->text[lines->used] = '\0';
		lines->used = used;
		progress_draw(&page->output->progress, lines->text + used);
	}
}

void page_show_progress(struct page *page, struct lines_path where, const struct tally *tally)
{
	struct page_output *output = page->output;

	if (!progress_tell(&output->progress, &page->share, tally)) {
		return;
	}
	if (page->holds_output) {
		draw_progress(page, &where);
	} else if (pthread_mutex_trylock(&output->lock) == 0) {
		draw_progress(page, &where);
		pthread_mutex_unlock(&output->lock);
	}
}
