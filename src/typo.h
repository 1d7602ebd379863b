/**
 * Guesses what a mistyped word was meant to be.
 */

#ifndef PYCLEAN_TYPO_H
#define PYCLEAN_TYPO_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Counts the letters to delete, insert or replace, and the neighbours to swap, to turn one word into
 * another (Damerau and Levenshtein's distance; no letter is changed twice).
 *
 * @param length The length of `word`, which need not be terminated.
 * @return The distance; SIZE_MAX for words that are longer than any option.
 */
size_t typo_distance(const char *word, size_t length, const char *other);

/** Whether a distance is small enough for a slip, in a word of that length. */
bool typo_is_slip(size_t distance, size_t length);

enum {
	TYPO_TAG_SIZE = 16
};

/**
 * Guesses which interpreter was meant by a text that is neither a version nor a tag: "3.11" by 311,
 * cp311, python3.11, 3.11.7 and cpython-311d, "pypy310" by pypy3.10, "auto" by python3.
 *
 * @return Whether there is a guess.
 */
bool typo_guess_tag(const char *text, char out[TYPO_TAG_SIZE]);

#endif
