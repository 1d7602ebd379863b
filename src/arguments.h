/**
 * Parses the arguments of options.
 *
 * On failure a function returns -1 or NULL, either with `problem` set in the options (a usage
 * error) or with ENOMEM.
 */

#ifndef PYCLEAN_ARGUMENTS_H
#define PYCLEAN_ARGUMENTS_H

#include "options.h"

#include <stdbool.h>

/** @return A formatted text, valid until arguments_free(); or NULL with ENOMEM. */
__attribute__((format(printf, 2, 3))) char *arguments_format(struct options_text **texts,
							     const char *format, ...);

/** Frees all texts. */
void arguments_free(struct options_text *texts);

/**
 * Sets a usage error: the problem and the text that it is about.
 *
 * @param text NULL if there was no memory for it; then no usage error is set.
 * @return -1.
 */
int arguments_refuse(struct options *options, const char *problem, const char *text);

/** Adds an item to a list. The item must outlive the list. @return 0, or -1 with ENOMEM. */
int arguments_add(struct options_list *list, const char *item);

/** Adds the comma-separated patterns of an --ignore to the options'. @return 0 or -1. */
int arguments_add_patterns(struct options *options, const char *list);

/**
 * Adds the comma-separated interpreters of a --tag or --keep-tag.
 *
 * @param tags The list of that option.
 * @return 0 or -1.
 */
int arguments_add_tags(struct options *options, struct options_list *tags, const char *list);

/** Adds the comma-separated topics of a --debris. @return 0 or -1. */
int arguments_add_topics(struct options *options, const char *list);

/** Reads the argument of --jobs. @return 0 or -1. */
int arguments_set_jobs(struct options *options, const char *argument);

/** Reads the argument of --color or --progress. @param name The option's name. @return 0 or -1. */
int arguments_set_when(struct options *options, enum reporter_when *when, const char *name,
		       const char *argument);

/** Reads the directory of --prefix. @return 0 or -1. */
int arguments_set_prefix(struct options *options, const char *directory);

#endif
