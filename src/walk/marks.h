/**
 * Reads the marks by which debris is recognized.
 */

#ifndef PYCLEAN_MARKS_H
#define PYCLEAN_MARKS_H

#include "debris.h"

/**
 * Looks for a row's mark. A mark is a regular file; anything else in its place is none, and no
 * link is followed.
 *
 * @param dirfd A directory that matches the row, or the parent of a file.
 * @param name  The name of the file; not used for a directory.
 * @return 1 if there is one, 0 if not, or -1 with errno if it cannot be read.
 */
int marks_find(const struct debris *row, int dirfd, const char *name);

#endif
