/**
 * What the kernel tells of a process: its /proc/PID/status.
 */

#ifndef TESTS_PROCESSES_H
#define TESTS_PROCESSES_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	PROCESS_VALUE_SIZE = 64
};

/**
 * Reads a field: "State:", "Tgid:", "VmHWM:", … Safe in any thread and in a child.
 *
 * @param pid   The process, or one of its threads.
 * @param value Where what stands behind the name goes, cut to the size; "" where there is none.
 * @return Whether there is one.
 */
bool process_field(pid_t pid, const char *field, char value[PROCESS_VALUE_SIZE]);

/** Whether the process has a handler for a signal. */
bool process_catches(pid_t pid, int signal);

/** Whether a signal that it was sent has not come to it yet. */
bool process_awaits(pid_t pid, int signal);

/** Whether it sleeps: it waits in the kernel for something. */
bool process_sleeps(pid_t pid);

#endif
