/**
 * The cache-prefix tree, in which Python keeps all caches if PYTHONPYCACHEPREFIX is set.
 */

#ifndef PYCLEAN_PREFIX_H
#define PYCLEAN_PREFIX_H

#include "lookup.h"
#include "platform.h"
#include "reporter.h"

/**
 * Finds the sources whose bytecode a directory of the tree holds.
 *
 * @param root    The root of the tree; all zero if there is none.
 * @param sources Receives their directory, with a '/' at the end, for free(); or NULL if the
 *                directory is not in the tree.
 * @return 0, or -1 with ENOMEM.
 */
int prefix_find_sources(struct platform_identity root, const char *directory, char **sources);

/**
 * If nothing was removed, or would be: reports the caches of operands in the variable's tree, unless
 * that was itself cleaned.
 */
void prefix_report(const struct lookup *lookup, struct reporter *reporter);

#endif
