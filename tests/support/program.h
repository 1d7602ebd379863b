/**
 * Runs programs, the one under test and others, and keeps what they said.
 *
 * The program under test is the one that the environment variable PYCLEAN names; PYCLEAN_WRAPPER
 * is put in front of it (valgrind, say).
 */

#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include "tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/** What a program's standard output or error is connected with. */
enum program_stream {
	/** A pipe that the test reads: `out` or `err` of the outcome. */
	PROGRAM_CAPTURED,
	/** Such a pipe, which does not block and is not read until the program waits for that. */
	PROGRAM_UNREAD,
	/** Nothing: the descriptor is closed. */
	PROGRAM_CLOSED,
	/** /dev/full, where every write fails with ENOSPC. */
	PROGRAM_FULL,
	/** A terminal of 24 lines, whose output the test reads. */
	PROGRAM_TERMINAL,
	/** Standard error alone: what the standard output is connected with, and in its outcome. */
	PROGRAM_AS_OUT,
};

/** What to run, and how; what is left out is as usual. */
struct program {
	/** Found along PATH, the test is skipped without it; NULL for the program under test. */
	const char *name;
	/** What follows the name, ended by NULL. */
	const char *const *arguments;
	/** Where to run. */
	const char *cwd;
	/** Changes to the environment, ended by NULL: "NAME=VALUE" to set, "NAME" to remove. */
	const char *const *environment;
	/** What it reads from its standard input, which is otherwise empty. */
	const char *input;
	/** Run as the user of program_ordinary_user(). */
	bool as_ordinary_user;
	enum program_stream out;
	enum program_stream err;
	/** Columns of a terminal; 0 for 80. */
	unsigned short columns;
	/** Limits of descriptors and of the stack, where not 0. */
	rlim_t max_open;
	rlim_t max_stack;
	/** Called in the new process before the program starts; ends it with _exit if it fails. */
	void (*prepare)(const char *cwd);
};

/** How a program ended, and what it said. */
struct outcome {
	/** Exit status, or -1 where a signal ended it. */
	int status;
	int signal;
	/** With a NUL after the last byte. */
	char *out;
	size_t out_length;
	char *err;
	size_t err_length;
	/** How much time of processors it took, in seconds. */
	double cpu_seconds;
	/** The command line, for messages. */
	const char *command;
};

/** Runs a program to its end. One that takes minutes is killed, and fails the test. */
const struct outcome *program_run(const struct program *program);

/** program_run() of the fields as arguments. */
#define RUN_PROGRAM(...) program_run(&(const struct program){ __VA_ARGS__ })

/** Runs the program under test in a tree, with arguments divided by blanks. */
const struct outcome *run(const struct tree *tree, const char *arguments);

/** The same in a directory of the tree. */
const struct outcome *run_at(const struct tree *tree, const char *directory, const char *arguments);

/** The same as an ordinary user, to whom the tree is given first. */
const struct outcome *run_as_ordinary_user(const struct tree *tree, const char *arguments);

/** The same while an entry has another mode; later, it is 0755. */
const struct outcome *run_with_mode(const struct tree *tree, const char *path, mode_t mode,
				    const char *arguments);

/** The same with the arguments one by one, as they are. */
#define RUN(tree, ...) RUN_PROGRAM(.cwd = (tree)->path, .arguments = WORDS(__VA_ARGS__))

/** Divides a text at its blanks. @return An array ended by NULL. */
const char *const *split(const char *text);

/** A user without privileges: oneself, or uid 65534 for root. */
uid_t program_ordinary_user(void);

/** Whether the program under test runs below a wrapper, which has needs of its own. */
bool program_is_wrapped(void);

/** The path of a library of tests/shim/ that has been built, for LD_PRELOAD; skips without one. */
const char *program_shim(const char *name);

#endif
