/**
 * Recognises virtual environments: by the matcher's marks, and those from before PEP 405, which have
 * no `pyvenv.cfg`, by what virtualenv up to version 19 put into them.
 */

#ifndef PYCLEAN_ENVIRONMENT_H
#define PYCLEAN_ENVIRONMENT_H

#include <stdbool.h>

/**
 * Whether a directory is a virtual environment.
 *
 * Without a mark of its own an environment has an `activate` in `bin` or `Scripts`, and beside that an
 * `orig-prefix.txt` or a `site.py` in `lib/pythonX.Y` or `Lib`. What cannot be looked up does not
 * exist.
 *
 * @param marks Of all entries of the directory, by matcher_mark().
 * @param fd    A descriptor of the directory.
 */
bool environment_is(unsigned marks, int fd);

#endif
