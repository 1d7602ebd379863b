/**
 * A slow disk and a clock that goes by it (tests/shim/slow.c), so that a small tree takes a while to
 * be cleaned, as the program sees it, and always the same while.
 */

#ifndef TESTS_SLOW_H
#define TESTS_SLOW_H

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
	const char *path;
};

/** Makes a gate, shut, before the removal of that number, 1 for the first, and all later ones. */
struct slow_gate slow_gate_before(int removal);

/** Opens it for good. */
void slow_gate_open(const struct slow_gate *gate);

/** Skips the test where the program under test cannot be slowed down: static, or wrapped. */
void slow_need(void);

#endif
