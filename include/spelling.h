/**
 * Which word a mistyped one was meant to be.
 */

#ifndef PYCLEAN_SPELLING_H
#define PYCLEAN_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Counts how many letters have to be left out, put in or exchanged, or neighbours swapped, to make
 * one word of another (Damerau and Levenshtein's distance; no letter is touched twice).
 *
 * @param length The length of `word`, which need not be terminated.
 * @return The distance; SIZE_MAX for words that are longer than any option.
 */
size_t spelling_distance(const char *word, size_t length, const char *other);

/** Whether so small a distance, of a word of that length, is that of a slip. */
bool spelling_is_slip(size_t distance, size_t length);

#endif
