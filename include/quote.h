/**
 * Paths as they may be shown: no file name can send a terminal a command or look like another.
 */

#ifndef PYCLEAN_QUOTE_H
#define PYCLEAN_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Whether a character outside ASCII does something, shows nothing, or looks like a plain space.
 */
bool quote_is_misleading(uint32_t character);

/** How a path stands in its line. */
enum quote_style {
	/** As it is, where that is safe. */
	QUOTE_BARE,
	/** Within '…', where that is safe. */
	QUOTE_ALWAYS,
	/** As it is where a shell takes it for one word, and within '…' where that is safe. */
	QUOTE_ARGUMENT,
};

/** How many bytes quote_path() can need for a path of `length` bytes. */
#define QUOTE_SIZE(length) (4 * (length) + 4)

/**
 * Writes a path so that it can be shown, and is still what was meant.
 *
 * Written as $'…', which bash, zsh, ksh and POSIX.1-2024 read back to the same bytes, is a path that
 * begins or ends with a space, is empty and not within '…', or holds a control character (C0, DEL,
 * C1), a character that is invisible or changes the direction of writing, a space other than U+0020,
 * bytes that are not UTF-8, a quote or a backslash.
 *
 * @param out QUOTE_SIZE(strlen(path)) bytes.
 * @return How many bytes were written, without the terminating zero.
 */
size_t quote_path(char *out, const char *path, enum quote_style style);

#endif
