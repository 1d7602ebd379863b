#include "screen.h"

#include "tests.h"

#include <stdlib.h>
#include <string.h>

/** What one column shows: a character and those combined with it; "" for the second half of one. */
struct cell {
	char bytes[16];
};

/** The rows that are finished, and the line that the cursor is in, which may take several rows. */
struct screen {
	size_t columns;
	const char *rows;
	struct cell *line;
	size_t count;
	size_t cursor;
};

/** @return The first column of the cursor's row; behind a full row it is still in that one. */
static size_t row_start(const struct screen *screen)
{
	size_t in_row = screen->cursor % screen->columns;
	bool is_behind = in_row == 0 && screen->cursor > 0 && screen->cursor == screen->count;

	return screen->cursor - (is_behind ? screen->columns : in_row);
}

/** @return How many columns are left of so many when the blanks at their end are not counted. */
static size_t length_without_blanks(const struct screen *screen, size_t length)
{
	while (length > 0 && strcmp(screen->line[length - 1].bytes, " ") == 0) {
		length--;
	}
	return length;
}

/** Moves a row of the line to those that are finished. */
static void finish_row(struct screen *screen)
{
	size_t length = screen->count < screen->columns ? screen->count : screen->columns;
	size_t shown = length_without_blanks(screen, length);
	char *row = scratch_alloc(shown * sizeof(*screen->line) + 1);
	char *end = row;

	for (size_t i = 0; i < shown; i++) {
		end = stpcpy(end, screen->line[i].bytes);
	}
	screen->rows = scratch_format("%s%s\n", screen->rows, row);
	screen->count -= length;
	memmove(screen->line, screen->line + length, screen->count * sizeof(*screen->line));
}

/** Moves the cursor to the next row. */
static void break_line(struct screen *screen)
{
	for (size_t rows = row_start(screen) / screen->columns + 1; rows > 0; rows--) {
		finish_row(screen);
	}
	screen->cursor = 0;
}

/** Shows a character where the cursor is. Half of a wide one that it covers becomes a blank. */
static void show(struct screen *screen, const char *bytes, size_t length, size_t width)
{
	struct cell *at = &screen->line[screen->cursor];

	if (screen->cursor < screen->count && at->bytes[0] == '\0') {
		strcpy(at[-1].bytes, " ");
	}
	if (screen->cursor + width < screen->count && at[width].bytes[0] == '\0') {
		strcpy(at[width].bytes, " ");
	}
	memset(at, 0, width * sizeof(*at));
	memcpy(at->bytes, bytes, length);
	screen->cursor += width;
	if (screen->count < screen->cursor) {
		screen->count = screen->cursor;
	}
}

/** Adds a combining character to the one in front of the cursor. */
static void combine(struct screen *screen, const char *bytes, size_t length)
{
	size_t column = screen->cursor;
	char *cell;

	while (column > 0 && screen->line[column - 1].bytes[0] == '\0') {
		column--;
	}
	cell = column > 0 ? screen->line[column - 1].bytes : NULL;
	if (!cell || strlen(cell) + length >= sizeof(screen->line->bytes)) {
		broken("a terminal was sent a combining character that it cannot show");
	}
	strncat(cell, bytes, length);
}

/** Shows a character, in UTF-8. @return Its length. */
static size_t write_character(struct screen *screen, const char *bytes, size_t length)
{
	unsigned char first = (unsigned char)bytes[0];
	size_t size = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if (size > length) {
		broken("a terminal was sent half a character");
	}
	if (size == 2 && (first == 0xcc || (first == 0xcd && (unsigned char)bytes[1] < 0xb0))) {
		combine(screen, bytes, size);
	} else {
		show(screen, bytes, size,
		     size == 3 && memcmp(bytes, "\xe2\xba\x80", 3) >= 0 ? 2 : 1);
	}
	return size;
}

/** Obeys a control sequence. @return Its length. */
static size_t obey(struct screen *screen, const char *bytes, size_t length)
{
	static const char resized[] = "\033[8;24;";
	size_t at = 2;

	while (at < length && strchr("0123456789;", bytes[at])) {
		at++;
	}
	if (at < length && bytes[1] == '[' && bytes[at] == 'm') {
		return at + 1;
	}
	if (at == 2 && at < length && bytes[1] == '[' && bytes[at] == 'J') {
		screen->count = screen->cursor;
	} else if (at < length && bytes[at] == 't' && strncmp(bytes, resized, 7) == 0) {
		screen->columns = strtoul(bytes + strlen(resized), NULL, 10);
	} else {
		broken("a terminal was sent %s", visible(scratch_copy(bytes, length)));
	}
	return at + 1;
}

const char *screen_of_width(size_t columns, const char *bytes, size_t length)
{
	struct screen screen = {
		.columns = columns,
		.rows = "",
		.line = scratch_alloc((2 * length + 1) * sizeof(struct cell)),
	};

	for (size_t at = 0; at < length;) {
		switch (bytes[at]) {
		case '\033':
			at += obey(&screen, bytes + at, length - at);
			break;
		case '\r':
			screen.cursor = row_start(&screen);
			at++;
			break;
		case '\n':
			break_line(&screen);
			at++;
			break;
		default:
			at += write_character(&screen, bytes + at, length - at);
		}
	}
	screen.count = length_without_blanks(&screen, screen.count);
	while (screen.count > 0) {
		finish_row(&screen);
	}
	return screen.rows;
}

const char *screen_after(const char *bytes, size_t length)
{
	return screen_of_width(80, bytes, length);
}
