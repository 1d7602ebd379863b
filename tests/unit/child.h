/**
 * Code under test in a process of its own, where it may write to stdout, close it, set limits,
 * start threads or crash, without any of that reaching cmocka.
 */

#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include "program.h"

#include <stddef.h>

/**
 * Calls a function in a new process, which ends with what it returns.
 *
 * @param act Must use neither cmocka nor scratch.h: a test must not go on in two processes.
 * @return What it wrote, and how it ended.
 */
const struct outcome *in_child(int (*act)(void *context), void *context);

/** Zeroed memory that a child shares with its parent, until the test ends. */
void *shared_alloc(size_t size);

/** How many descriptors this process has open. */
size_t count_descriptors(void);

/** Sets the limit on descriptors in this process; ends it where that fails. */
void limit_descriptors(size_t limit);

#endif
