/**
 * Suggests corrections for mistyped words, and for options of similar programs.
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

/** An option that similar programs have. */
struct typo_foreign {
	/** 0 for none, or if the letter means something else here. */
	char letter;
	const char *name;
	/** What to use here; or NULL and the problem. */
	const char *meant;
	const char *problem;
};

/**
 * Finds an option of PyPI's pyclean, cleanpy or py3clean.
 *
 * @param letter The option's letter, or 0 for a long option.
 * @param word   The word before the next one that is read: the letter must end it. Or "--erase=x".
 * @return NULL if they have none.
 */
const struct typo_foreign *typo_find_foreign(int letter, const char *word);

/**
 * Finds the topic that means about the same as a topic of --debris, here or of PyPI's pyclean.
 *
 * @return The topic; "" if there is none; NULL if the word is no topic.
 */
const char *typo_find_topic(const char *word);

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
