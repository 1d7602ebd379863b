/**
 * What becomes of each entry of a directory that goes, where not all of it does: asks the matcher
 * and the selection, and reports what stays.
 */

#ifndef PYCLEAN_CHOOSER_H
#define PYCLEAN_CHOOSER_H

#include "deleter.h"
#include "scene.h"

/**
 * Decides about a bytecode file, and reports it where it stays.
 *
 * @param beside The sources in the place, where it was read and the file is in it; or NULL.
 * @param reason Receives why it goes, or stays NULL.
 * @return DELETER_GO or DELETER_KEEP.
 */
enum deleter_choice chooser_choose_file(struct scene *scene, const struct deleter_entry *entry,
					struct sources *beside, const char **reason);

/** Decides about what is in a directory that goes; deleter_choose_fn. @param context A scene. */
enum deleter_choice chooser_choose(void *context, const struct deleter_entry *entry,
				   const char **reason);

#endif
