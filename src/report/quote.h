/**
 * Quotes paths for display, so that no file name can control the terminal or look like another one;
 * and computes display widths.
 */

#ifndef PYCLEAN_QUOTE_H
#define PYCLEAN_QUOTE_H

#include "strbuf.h"

#include <stddef.h>
#include <stdint.h>

/** How to show a safe path. */
enum quote_style {
	QUOTE_BARE,
	/** Within '…'. */
	QUOTE_ALWAYS,
	/** Within '…' unless it is one word to a shell. */
	QUOTE_ARGUMENT,
};

/**
 * Adds a path. One that begins or ends with a space, or contains a quote, a backslash or what is not
 * safe for quote_safe_run(), is written as $'…', which bash, zsh, ksh and POSIX.1-2024 read back as
 * the same bytes.
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
 * @param special Two ASCII characters that end the prefix too.
 * @return The length of the longest prefix that is UTF-8 without control characters (C0, DEL, C1),
 *         spaces other than U+0020, and characters that are invisible or change the direction.
 */
size_t quote_safe_run(const char *text, const char special[2]);

/** @return The columns of a text without control characters, by platform_wcwidth(). */
size_t quote_width(const char *text);

/** @return The longest end of a text that fits into `columns`. */
const char *quote_cut_start(const char *text, size_t columns);

#endif
