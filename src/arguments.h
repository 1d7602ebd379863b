/**
 * The arguments of options.
 *
 * What fails returns -1 or NULL, with `problem` set in the options on a usage error, otherwise with
 * ENOMEM.
 */

#ifndef PYCLEAN_ARGUMENTS_H
#define PYCLEAN_ARGUMENTS_H

#include "options.h"

#include <stdbool.h>

/** @return A formatted text that lives until arguments_free(), or NULL with ENOMEM. */
__attribute__((format(printf, 2, 3))) char *arguments_format(struct options_text **texts,
							     const char *format, ...);

/** Frees all texts. */
void arguments_free(struct options_text *texts);

/**
 * Notes a usage error: `problem` and the text that has it.
 *
 * @param text NULL if there was no memory for it: then there is no usage error.
 * @return -1.
 */
int arguments_refuse(struct options *options, const char *problem, const char *text);

/** Adds an item, which must outlive the list. @return 0, or -1 with ENOMEM. */
int arguments_add(struct options_list *list, const char *item);

/** Adds the patterns of one --ignore, a list with commas. @return 0 or -1. */
int arguments_add_patterns(struct options *options, const char *list);

/**
 * Adds the interpreters of one --tag or --keep-tag, a list with commas.
 *
 * @param tags One of the options' lists.
 * @return 0 or -1.
 */
int arguments_add_tags(struct options *options, struct options_list *tags, const char *list);

/** Takes the number of --jobs. @return 0 or -1. */
int arguments_set_jobs(struct options *options, const char *argument);

/** Takes the argument of --color or --progress. @param name The option's. @return 0 or -1. */
int arguments_set_when(struct options *options, enum reporter_when *when, const char *name,
		       const char *argument);

/** Takes the directory of --prefix. @return 0 or -1. */
int arguments_set_prefix(struct options *options, const char *directory);

/** @return The absolute path of a directory, without links, to be freed; NULL with errno. */
char *arguments_find_directory(const char *path);

/**
 * Whether a path lies within another one and is not the same. Both are compared as texts: neither
 * has to exist.
 */
bool arguments_is_within(const char *path, const char *directory);

#endif
