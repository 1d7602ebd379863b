/**
 * How many columns of a terminal a text takes: wide characters two, combining ones none.
 */

#ifndef PYCLEAN_WIDTH_H
#define PYCLEAN_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/**
 * How many columns a character takes: 0, 1 or 2. Those of wcwidth(3) in the locale C.UTF-8, whatever
 * the user's locale is, which stays as it is; 2 for a character that the C library does not know,
 * so that a line is cut too early rather than too late. Safe in any thread.
 */
size_t width_of(uint32_t character);

/** How many columns a text takes, of which no character does anything; a byte that is none, one. */
size_t width_of_text(const char *text);

/** @return The longest end of a text that takes no more than so many columns. */
const char *width_cut_start(const char *text, size_t columns);

/** @return How many bytes the longest beginning has that takes no more than so many columns. */
size_t width_cut_end(const char *text, size_t columns);

#endif
