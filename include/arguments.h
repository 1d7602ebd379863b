/**
 * Arguments of options that are lists: split at commas, gathered, and kept as long as they are used.
 */

#ifndef PYCLEAN_ARGUMENTS_H
#define PYCLEAN_ARGUMENTS_H

#include <stddef.h>

/** Texts that are kept, the latest first; NULL for none. */
struct arguments_text {
	struct arguments_text *next;
	char text[];
};

/** What one option has gathered; the items belong to somebody else. All zero is an empty one. */
struct arguments_list {
	const char **items;
	size_t count;
};

/** @return A copy of a text that lives until arguments_free(), or NULL with ENOMEM. */
char *arguments_keep(struct arguments_text **texts, const char *text);

/** Frees all that was kept. */
void arguments_free(struct arguments_text *texts);

/**
 * Splits off what stands before the first comma without a backslash; the backslash stays.
 *
 * @param rest What is left to split, which is changed; NULL after the last item.
 */
char *arguments_next(char **rest);

/** Adds an item to a list. @return 0, or -1 with ENOMEM. */
int arguments_add(struct arguments_list *list, const char *item);

#endif
