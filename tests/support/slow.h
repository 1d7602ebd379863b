/**
 * A slow disk, so that a small tree takes a while to be cleaned.
 */

#ifndef TESTS_SLOW_H
#define TESTS_SLOW_H

/**
 * What the environment of a program needs so that each removal takes so many milliseconds.
 *
 * @param variable One more variable, or NULL.
 * @return Changes as program.h's, ended by NULL.
 */
const char *const *slow_environment(int milliseconds, const char *variable);

/** Skips the test where the program under test cannot be slowed down: static, or wrapped. */
void slow_need(void);

#endif
