/**
 * A slow disk and a clock that goes by it (tests/shim/slow.c), so that a small tree takes a while to
 * be cleaned, as the program sees it, and always the same while.
 */

#ifndef TESTS_SLOW_H
#define TESTS_SLOW_H

#include "tree.h"

/**
 * What the environment of a program needs so that each removal takes so many milliseconds, and
 * nothing else any.
 *
 * @param variable One more variable, or NULL.
 * @return Changes as program.h's, ended by NULL.
 */
const char *const *slow_environment(int milliseconds, const char *variable);

/** Where a slow program waits until a test has seen, or done, what it wants to meanwhile. */
struct slow_gate {
	/** For slow_environment(). */
	const char *variable;
	/** A directory with two FIFOs, both open here for reading and writing. */
	const struct tree *tree;
	int reached;
	int shut;
};

/**
 * Makes a gate, shut, before the removal of that number, 1 for the first, and all later ones. It
 * opens at the end of the test at the latest.
 */
struct slow_gate *slow_gate_before(int removal);

/** Waits until a program is at the gate; fails the test when none comes for ten minutes. */
void slow_gate_await(const struct slow_gate *gate);

/** Opens it for good. */
void slow_gate_open(struct slow_gate *gate);

/** Skips the test where the program under test cannot be slowed down: static, or wrapped. */
void slow_need(void);

#endif
