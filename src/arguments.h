/**
 * Arguments of options that are lists, of patterns and of interpreters' tags.
 */

#ifndef PYCLEAN_ARGUMENTS_H
#define PYCLEAN_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

struct options;

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

/** @return A formatted text that lives until arguments_free(), or NULL with ENOMEM. */
__attribute__((format(printf, 2, 3))) char *arguments_format(struct arguments_text **texts,
							     const char *format, ...);

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

/**
 * Adds the patterns of one --ignore, a list with commas.
 *
 * @return 0; -1 with `problem` set in the options on a usage error, or with ENOMEM.
 */
int arguments_add_patterns(struct options *options, const char *list);

/**
 * Adds the interpreters of one --tag or --keep-tag, a list with commas.
 *
 * @param tags One of the options' lists.
 * @return As arguments_add_patterns().
 */
int arguments_add_tags(struct options *options, struct arguments_list *tags, const char *list);

/**
 * Whether a path lies within another one and is not the same. Both are compared as texts, the file
 * system is not asked: neither has to exist.
 */
bool arguments_is_within(const char *path, const char *directory);

#endif
