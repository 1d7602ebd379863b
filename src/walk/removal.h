/**
 * Removes an entry of the directory that is being scanned, and decides for the deleter what of a
 * `__pycache__` or of debris is removed.
 */

#ifndef PYCLEAN_REMOVAL_H
#define PYCLEAN_REMOVAL_H

#include "walk/visit.h"

/** Removes the matching part of an entry of the place (a cache or a file). @return Whether it is gone. */
bool removal_remove(struct visit *visit, const char *name, enum entry_type type);

/** Removes the visit's `debris`; sets `unmarked` if it is none. @return Whether it is gone. */
bool removal_remove_debris(struct visit *visit);

#endif
