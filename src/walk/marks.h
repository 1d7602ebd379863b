/**
 * Finds out whether an entry is debris: reads its mark, and looks at what is near it.
 *
 * A mark is a regular file; anything else in its place is none, and no link is followed.
 */

#ifndef PYCLEAN_MARKS_H
#define PYCLEAN_MARKS_H

#include "walk/visit.h"

/** Sets the row of an entry below the place that may be debris, by its name. */
void marks_find_row(struct visit *visit, const struct deleter_entry *entry);

/**
 * Whether an entry has the mark of its row; reports it if not.
 *
 * @param dirfd The entry itself, a directory; or a file's parent.
 * @param trail, name As visit_path()'s.
 */
bool marks_has_mark(const struct visit *visit, int dirfd, const char *trail, const char *name);

/** Whether a directory that was read is debris of its row; reports it if not. */
bool marks_is_debris(struct visit *visit, const struct deleter_entry *entry);

#endif
