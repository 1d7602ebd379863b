/**
 * Removes the matching part of an entry of the directory that is being scanned, and decides for the
 * deleter what that is.
 */

#ifndef PYCLEAN_REMOVAL_H
#define PYCLEAN_REMOVAL_H

#include "walk/visit.h"

/** Removes the matching part of an entry of the place (a tree or a file), and reports it. */
void removal_remove(struct visit *visit, const char *name, enum entry_type type);

/** Removes an entry of the place that has the name of debris. @return Whether it is none, and kept. */
bool removal_remove_debris(struct visit *visit, const char *name, enum entry_type type);

#endif
