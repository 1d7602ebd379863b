/**
 * What one walker has to say until it is written, in one piece, to the output that all share.
 */

#ifndef PYCLEAN_PAGE_H
#define PYCLEAN_PAGE_H

#include "lines.h"
#include "progress.h"
#include "record.h"
#include "tally.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** How a terminal is told to show text, and to show what follows as before. */
#define PAGE_RED    "\033[1;31m"
#define PAGE_GREEN  "\033[32m"
#define PAGE_YELLOW "\033[33m"
#define PAGE_CYAN   "\033[36m"
#define PAGE_FAINT  "\033[2m"
#define PAGE_PLAIN  "\033[0m"

/** Room for a reason. */
enum {
	PAGE_REASON_SIZE = 128
};

/** The standard output and error. */
struct page_output {
	pthread_mutex_t lock;
	/** The standard output, whether anything was written to it, and the first failure's errno. */
	FILE *out;
	bool written;
	int write_error;
	struct progress progress;
};

/** One walker's lines. */
struct page {
	struct page_output *output;
	struct lines lines;
	/** Whether the output is locked for it until the directory in hand is done. */
	bool holds_output;
	struct progress_share share;
};

/** A line: words, a path, and a reason. */
struct page_line {
	const char *before;
	const char *after;
	/** Of the words before and after; NULL for none. */
	const char *before_colour;
	const char *after_colour;
	enum quote_style style;
};

/** Has what was written to stdout arrive there before something is written to stderr. */
void page_output_flush(struct page_output *output);

/** @return 0, or -1 with ENOMEM. */
int page_open(struct page *page, struct page_output *output);

/** Frees a page that has been written. */
void page_close(struct page *page);

/** Writes the lines gathered so far, and gives the output back. */
void page_flush(struct page *page);

/** Adds a line. */
void page_put_line(struct page *page, const struct page_line *line, struct lines_path path);

/** Adds a path as it is, and a NUL. */
void page_put_raw_path(struct page *page, struct lines_path path);

/** Adds an object. @param record Lacks its path; its reason has no more than PAGE_REASON_SIZE. */
void page_put_record(struct page *page, struct record record, struct lines_path path);

/** Writes what has been gathered of a very large directory; the output stays this page's. */
void page_spill(struct page *page);

/** Says one line on stderr, in one piece and after what was listed before it. */
void page_say(struct page *page, const struct page_line *line, struct lines_path path);

/** Draws the progress line if it is time for that. @param where A directory. */
void page_show_progress(struct page *page, struct lines_path where, const struct tally *tally);

#endif
