/**
 * Paths as they can be shown: no file name can send a terminal a command or look like another, and
 * each has its width on a terminal.
 */

#ifndef PYCLEAN_QUOTE_H
#define PYCLEAN_QUOTE_H

#include "strbuf.h"

#include <stddef.h>
#include <stdint.h>

/** How a path stands in its line. */
enum quote_style {
	/** As it is, where that is safe. */
	QUOTE_BARE,
	/** Within '…', where that is safe. */
	QUOTE_ALWAYS,
	/** As it is where a shell takes it for one word, and within '…' where that is safe. */
	QUOTE_ARGUMENT,
};

/**
 * Adds a path in a form that can be shown, and that still tells which file is meant.
 *
 * Written as $'…', which bash, zsh, ksh and POSIX.1-2024 read back to the same bytes, is a path
 * that begins or ends with a space, is empty and not within '…', or holds a control character (C0,
 * DEL, C1), a character that is invisible or changes the direction of writing, a space other than
 * U+0020, bytes that are not UTF-8, a quote or a backslash.
 */
void quote_path(struct strbuf *out, const char *path, enum quote_style style);

/**
 * Decodes the character at the start of a string: UTF-8 (RFC 3629), no overlong form, no surrogate.
 *
 * @param character Receives it; also the NUL at a string's end.
 * @return Its length in bytes, or 0 where the bytes are not UTF-8.
 */
size_t quote_decode(const char *text, uint32_t *character);

/**
 * Returns the length of the longest start of a string that can be shown as it is: its characters do
 * nothing, are visible, and do not look like a plain space.
 *
 * @param special Two ASCII characters that cannot.
 */
size_t quote_safe_run(const char *text, const char special[2]);

/**
 * Returns the display width of a text without control characters, in columns of a terminal.
 *
 * As wcwidth(3) has it in the locale C.UTF-8, whatever the user's locale is, which stays as it is.
 * It is 2 for a character that the C library does not know, so that a line is cut too early rather
 * than too late, and 1 for a byte that is not UTF-8. Safe in any thread.
 */
size_t quote_width(const char *text);

/** @return The longest end of a text that fits into so many columns. */
const char *quote_cut_start(const char *text, size_t columns);

#endif
