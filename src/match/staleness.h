/**
 * --stale and --keep-sourceless: judges bytecode by its source, its header and its body.
 */

#ifndef PYCLEAN_STALENESS_H
#define PYCLEAN_STALENESS_H

#include "match/examination.h"

/** Judges a Numba file in a `__pycache__`: removed if its module is gone. */
void staleness_judge_numba(struct examination *e);

/** Judges a bytecode file that matches all other rules. */
void staleness_judge(struct examination *e);

#endif
