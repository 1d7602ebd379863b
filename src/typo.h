/**
 * Suggests corrections for mistyped words.
 */

#ifndef PYCLEAN_TYPO_H
#define PYCLEAN_TYPO_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Computes the optimal string alignment distance of two words: the letters to delete, insert or
 * replace, and the neighbours to swap, with no letter changed twice.
 *
 * @param length The length of `word`, which need not be terminated.
 * @return The distance; SIZE_MAX for words longer than any option.
 */
size_t typo_distance(const char *word, size_t length, const char *other);

/** Whether a distance is small enough for a typo in a word of that length. */
bool typo_is_slip(size_t distance, size_t length);

enum {
	TYPO_TAG_SIZE = 16
};

/**
 * Guesses the interpreter from a text that is neither a version nor a tag: "3.11" from 311, cp311,
 * python3.11, 3.11.7 and cpython-311d; "pypy310" from pypy3.10; "auto" from python3.
 *
 * @return Whether there is a guess.
 */
bool typo_guess_tag(const char *text, char out[TYPO_TAG_SIZE]);

#endif
