/**
 * Lines in memory, until they are written: words, and a path between them.
 */

#ifndef PYCLEAN_LINES_H
#define PYCLEAN_LINES_H

#include "quote.h"

#include <stdbool.h>
#include <stddef.h>

/** Lines that were gathered. Set up with lines_open(). */
struct lines {
	char *text;
	size_t used;
	size_t size;
};

/** What becomes of the end of a path when its pieces are joined. */
enum lines_end {
	/** Nothing. */
	LINES_AS_IS,
	/** No '/' at the end; "." for an empty path. */
	LINES_WITHOUT_SLASH,
	/** One '/' at the end. */
	LINES_WITH_SLASH,
};

/** A path, in pieces that are joined as they are; NULL is an empty one. */
struct lines_path {
	const char *pieces[3];
	enum lines_end end;
};

/**
 * What gathered lines start with, in bytes: room for any path up to PATH_MAX as a line, and for any
 * file name as a record.
 */
enum {
	LINES_SIZE = 32 * 1024
};

/** @return 0, or -1 with ENOMEM. */
int lines_open(struct lines *lines);

/** Frees what was gathered. */
void lines_close(struct lines *lines);

/** How many bytes lines_join() can need for a path, the terminating zero included. */
size_t lines_path_size(const struct lines_path *path);

/** @return What is shown of a path where there is no memory for it: its end. */
struct lines_path lines_end_of(const struct lines_path *path);

/** Makes room for `length` more bytes. @return false where there is no memory. */
bool lines_reserve(struct lines *lines, size_t length);

/** Joins the pieces of a path. @return Its length. */
size_t lines_join(char *out, const struct lines_path *path);

/** How many bytes lines_put_path() needs, beside those of its words, for a path of that size. */
#define LINES_QUOTED_SIZE(size) (QUOTE_SIZE(size) + (size))

/** Adds a text; there has to be room. */
void lines_put(struct lines *lines, const char *text);

/** Adds a path, quoted; there has to be room for LINES_QUOTED_SIZE(lines_path_size()). */
void lines_put_path(struct lines *lines, const struct lines_path *path, enum quote_style style);

/** Adds a path as it is, and a NUL; there has to be room. */
void lines_put_raw_path(struct lines *lines, const struct lines_path *path);

#endif
