/**
 * Stands between a program and the kernel: counts its system calls, makes one of them fail, or acts
 * just before one. By seccomp_unotify(2), so that it sees what the C library calls of its own
 * accord (nftw, stdio), and static programs as well, none of which a preloaded library does.
 *
 * Calls count from the moment when the program asks for SIGINT, its first act, until it closes its
 * standard output, its last one: what the dynamic linker and sanitizers do is left alone.
 */

#ifndef TESTS_SUPERVISE_H
#define TESTS_SUPERVISE_H

#include "program.h"

#include <stdbool.h>

/** What a call does; added up where several are meant. */
enum supervised_calls {
	/** Makes a descriptor: open(2), openat(2), fcntl(2) with F_DUPFD_CLOEXEC. */
	CALLS_OPEN = 1 << 0,
	/** Looks at a file: the family of stat(2). */
	CALLS_STAT = 1 << 1,
	/** Reads a directory: getdents64(2). */
	CALLS_LIST = 1 << 2,
	/** Removes: unlinkat(2) and its elders. */
	CALLS_REMOVE = 1 << 3,
	/** Writes: write(2), writev(2). */
	CALLS_WRITE = 1 << 4,
	/** Makes a thread: clone(2), clone3(2). */
	CALLS_THREAD = 1 << 5,
	/** Sleeps: clock_nanosleep(2), nanosleep(2). */
	CALLS_SLEEP = 1 << 6,
	CALLS_FILE = CALLS_OPEN | CALLS_STAT | CALLS_LIST | CALLS_REMOVE,
};

/** A call that is about to be made. */
struct supervised_call {
	/** What it does, one of those that are supervised. */
	enum supervised_calls kind;
	/** 1 for the first one. */
	unsigned long number;
	/** The process that makes it. */
	pid_t pid;
};

struct supervision {
	/** What is supervised. */
	unsigned calls;
	/**
	 * Called for each call, before it is made and in a thread that may not use scratch.h or
	 * cmocka; returns 0 to let it be made, or the errno with which it fails instead.
	 */
	int (*judge)(void *context, const struct supervised_call *call);
	void *context;

	/** How many calls there were. */
	unsigned long count;
	/** When the program ended by itself: how many descriptors it had made and not closed. */
	int left_open;
	/** And how much memory it had had at most, in KiB. -1 each where it was killed. */
	long peak;
};

/** Skips the test where no program can be supervised: below a wrapper. */
void supervise_need(void);

/** Runs a program, supervised. Skips the test where that cannot be done. */
const struct outcome *supervise(const struct program *program, struct supervision *supervision);

/** A judge's context: the one call that is to fail, and how. */
struct strike {
	/** 1 for the first one; later ones fail as well if `lasting`. */
	unsigned long at;
	bool lasting;
	int error;
};

/** A judge for that. */
int strike_judge(void *context, const struct supervised_call *call);

/** Whether tests and program were built with a sanitizer, which takes time and memory of its own. */
bool program_is_sanitized(void);

#endif
