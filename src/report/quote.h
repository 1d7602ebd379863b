/**
 * Quotes paths for display, so that no file name can control the terminal or look like another one;
 * and computes display widths.
 */

#ifndef PYCLEAN_QUOTE_H
#define PYCLEAN_QUOTE_H

#include "strbuf.h"

#include <stddef.h>
#include <stdint.h>

/** How to quote a path. */
enum quote_style {
	/** Unquoted if safe. */
	QUOTE_BARE,
	/** Within '…' if safe. */
	QUOTE_ALWAYS,
	/** Unquoted if it is one word to a shell, otherwise within '…' if safe. */
	QUOTE_ARGUMENT,
};

/**
 * Adds a path in a form that is safe to show and identifies the file.
 *
 * A path is unsafe if it begins or ends with a space, is empty and not within '…', or contains a
 * quote, a backslash, or what is not safe for quote_safe_run(). It is then written as $'…', which
 * bash, zsh, ksh and POSIX.1-2024 read back as the same bytes.
 */
void quote_path(struct strbuf *out, const char *path, enum quote_style style);

/**
 * Decodes the character at the start of a string: UTF-8 (RFC 3629), no overlong form, no surrogate.
 *
 * @param character Receives the character, or the final NUL.
 * @return Its length in bytes, or 0 if the bytes are not UTF-8.
 */
size_t quote_decode(const char *text, uint32_t *character);

/**
 * Returns the length of the longest prefix of a string that is UTF-8 and safe to show: without
 * control characters (C0, DEL, C1), spaces other than U+0020, and characters that are invisible or
 * change the writing direction.
 *
 * @param special Two ASCII characters that end the prefix too.
 */
size_t quote_safe_run(const char *text, const char special[2]);

/**
 * Returns the most columns that a text without control characters takes: 2 for each character from
 * U+1100 on, where the wide ones begin; 0 for the combining ones of U+0300 to U+036F; else 1.
 */
size_t quote_width(const char *text);

/** @return The longest end of a text that fits into `columns`. */
const char *quote_cut_start(const char *text, size_t columns);

#endif
