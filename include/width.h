/**
 * How many columns of a terminal a text takes: wide characters two, combining ones none.
 */

#ifndef PYCLEAN_WIDTH_H
#define PYCLEAN_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/**
 * How many columns a character takes: 0, 1 or 2. As wcwidth(3) of a UTF-8 locale has it, which
 * would have to be loaded for that; a character that is not assigned counts as its neighbours.
 */
size_t width_of(uint32_t character);

/** How many columns a text takes, of which no character does anything; a byte that is none, one. */
size_t width_of_text(const char *text);

/** @return The longest end of a text that takes no more than so many columns. */
const char *width_cut_start(const char *text, size_t columns);

/** @return How many bytes the longest beginning has that takes no more than so many columns. */
size_t width_cut_end(const char *text, size_t columns);

#endif
