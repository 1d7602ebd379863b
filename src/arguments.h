/**
 * Parses the arguments of options.
 *
 * On failure a function returns -1 or NULL, either with `problem` set in the options (a usage
 * error) or with ENOMEM.
 */

#ifndef PYCLEAN_ARGUMENTS_H
#define PYCLEAN_ARGUMENTS_H

#include "options.h"

/** @return A formatted text, valid until options_free(); or NULL with ENOMEM. */
__attribute__((format(printf, 2, 3))) char *arguments_format(struct options *options,
							     const char *format, ...);

/** Sets a usage error: the problem, and the text that it is about or NULL. @return -1. */
int arguments_refuse(struct options *options, const char *problem, const char *text);

/* The arguments of options. @return 0 or -1. */

/** Adds the items of a comma-separated list, to those of -d, -i, -k or -t. */
int arguments_add(struct options *options, int letter, const char *list);
int arguments_set_jobs(struct options *options, const char *argument);
int arguments_set_prefix(struct options *options, const char *directory);
int arguments_set_when(struct options *options, enum reporter_when *when, const char *name,
		       const char *argument);

#endif
