/**
 * Tools that a test uses and a machine may lack: a shell, an interpreter, git, tmux.
 */

#ifndef TESTS_TOOL_H
#define TESTS_TOOL_H

#include <stdbool.h>

/** Whether a program of this name is in one of the directories of PATH. */
bool tool_is_installed(const char *name);

/**
 * Skips the test where a tool is not installed, and names the tool. program_run() does so for the
 * program it runs; what a script runs is named here.
 */
void need_tool(const char *name);

/** Skips the test where find(1) has not all that GNU's has. */
void need_gnu_find(void);

#endif
