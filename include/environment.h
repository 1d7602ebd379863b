/**
 * Recognises virtual environments from before PEP 405, which have no `pyvenv.cfg`: those of
 * virtualenv up to version 19.
 */

#ifndef PYCLEAN_ENVIRONMENT_H
#define PYCLEAN_ENVIRONMENT_H

#include <stdbool.h>

/**
 * Looks for an `activate` in `bin` or `Scripts`, and beside that for an `orig-prefix.txt` or a
 * `site.py` in `lib/pythonX.Y` or `Lib`. What cannot be looked up is not there.
 *
 * @param fd A descriptor of the directory.
 */
bool environment_is_old(int fd);

#endif
