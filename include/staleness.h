/**
 * --stale and --keep-sourceless: judges bytecode by its source, its header and its body.
 */

#ifndef PYCLEAN_STALENESS_H
#define PYCLEAN_STALENESS_H

#include "examination.h"

/** Judges a file that all other rules would remove. @return OPEN where it goes without a reason. */
enum decision staleness_judge(struct examination *e);

#endif
