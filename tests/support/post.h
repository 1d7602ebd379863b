/**
 * Runs the program and sends it signals: before a certain system call, so that it is known what may
 * follow.
 */

#ifndef TESTS_POST_H
#define TESTS_POST_H

#include "program.h"
#include "supervise.h"
#include "tree.h"

#include <stdbool.h>

/** Which signals come before which call. */
struct post {
	unsigned long at;
	int first;
	/** Sent once the first one has been taken, the program being held in its call; 0 for none. */
	int second;
	/** Hold the call until the first one has been taken. */
	bool wait;
	/** How much time of processors the program had taken before, in seconds. */
	double cpu_seconds;
	/** How often the program has slept. */
	unsigned sleeps;
};

/**
 * Runs the program in a tree, and sends signals before a call of the supervised kinds.
 *
 * @param arguments   Divided by blanks.
 * @param supervision Its `calls` are counted; judge and context are set here.
 * @param prepare     As in struct program, or NULL.
 */
const struct outcome *post_signals(const struct tree *tree, const char *arguments,
				   struct post *post, struct supervision *supervision,
				   void (*prepare)(const char *cwd));

/** Asserts that a signal ended a run in good order. */
void assert_died_of(const struct outcome *outcome, int signal);

#endif
