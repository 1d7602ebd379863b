/**
 * Recognizes virtual environments, and debris by its mark and by what is near it.
 *
 * A mark is a regular file; anything else in its place is none, and no link is followed.
 */

#ifndef PYCLEAN_MARKS_H
#define PYCLEAN_MARKS_H

#include "walk/visit.h"

extern const char marks_virtual_environment[];

/**
 * Whether a directory is a virtual environment.
 *
 * One from before PEP 405 has no `pyvenv.cfg`. virtualenv up to version 19 made an `activate` in
 * `bin` or `Scripts`, and an `orig-prefix.txt` or a `site.py` in `lib/pythonX.Y` or `Lib`. A file
 * that cannot be looked up counts as missing.
 *
 * @param marks The marks of all its entries, by matcher_mark().
 */
bool marks_environment(unsigned marks, int fd);

/** @return The row of an entry of the place that may be debris, or NULL. */
const struct debris *marks_find_row(const struct visit *visit, const char *name,
				    enum entry_type type);

/** Whether the visit's `debris` has its mark; reports it if not. @param dirfd, trail Of the mark. */
bool marks_has_mark(const struct visit *visit, int dirfd, const char *trail);

/** Whether a directory that was read is the visit's `debris`; reports it if not. */
bool marks_is_debris(const struct visit *visit, const struct deleter_entry *entry);

/** Whether parts of the visit's `debris` go; reports it if not. @return The mark for it, or 0. */
unsigned char marks_find_parts(const struct visit *visit);

/** Notes what an entry of the place says about its `parts`. */
void marks_consider_part(struct visit *visit, const char *name, enum entry_type type);

/** Keeps the `parts` of the place, which was read, if there is a repository or environment in it. */
void marks_check_parts(struct visit *visit);

#endif
