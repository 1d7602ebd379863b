/**
 * Asks the Python that the user has for the tag of its caches.
 */

#ifndef PYCLEAN_INTERPRETER_H
#define PYCLEAN_INTERPRETER_H

#include <stddef.h>

/** What is run. */
#define INTERPRETER_NAME "python3"

/**
 * Runs the `python3` in PATH, without a shell, and takes its sys.implementation.cache_tag (PEP 421).
 *
 * @return 0, or -1 where there is none, or it fails, has no tag, or one that does not fit.
 */
int interpreter_ask_tag(char *out, size_t size);

#endif
