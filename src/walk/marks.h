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

/** Whether a file of the place has the mark of its row; reports it if not. */
bool marks_file(const struct visit *visit, const struct debris *row, const char *name);

/** Whether a directory of the place that was read is debris of its row; reports it if not. */
bool marks_directory(const struct visit *visit, const struct deleter_entry *entry);

/**
 * Finds out whether parts of a directory of the place are debris, and reports it if not.
 *
 * @return The directory's mark, or 0. The entries of the place are in the scan's `found`.
 */
unsigned char marks_find_parts(const struct visit *visit, const struct debris *row,
			       const char *name);

/** Notes what an entry of the place says about its `parts`. */
void marks_consider_part(struct visit *visit, const char *name, enum entry_type type);

/** Keeps the `parts` of the place, which was read, if there is a repository or environment in it. */
void marks_check_parts(struct visit *visit);

#endif
