#include "interpreter.h"

#include "bytecode.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/** Starts it, its output going to a descriptor. @return Its process, or -1. */
static pid_t start(int out)
{
	static char name[] = INTERPRETER_NAME;
	/* Isolated (-I), so that no file of the current directory is run, and quick (-S). */
	static char isolated[] = "-IS";
	static char command[] = "-c";
	static char program[] = "import sys; print(sys.implementation.cache_tag or '')";
	char *argv[] = { name, isolated, command, program, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	if (posix_spawn_file_actions_init(&actions) != 0) {
		return -1;
	}
	if (posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) !=
		    0 ||
	    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) != 0 ||
	    posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0) {
		pid = -1;
	}
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/** Reads to the end, or as much as there is room for. @return How many bytes, or -1. */
static ssize_t read_all(int fd, char *out, size_t size)
{
	size_t used = 0;
	ssize_t length;

	while (used < size && (length = read(fd, out + used, size - used)) != 0) {
		if (length < 0) {
			return -1;
		}
		used += (size_t)length;
	}
	return (ssize_t)used;
}

/** @return Whether a process has ended well. */
static bool ends_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int interpreter_ask_tag(char *out, size_t size)
{
	int ends[2];
	ssize_t length = -1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		return -1;
	}
	pid = start(ends[1]);
	close(ends[1]);
	if (pid >= 0) {
		length = read_all(ends[0], out, size);
	}
	close(ends[0]);
	if (pid < 0 || !ends_well(pid) || length < 2 || out[length - 1] != '\n') {
		return -1;
	}
	out[length - 1] = '\0';
	return bytecode_could_be_tag((struct bytecode_part){ out, strlen(out) }) ? 0 : -1;
}
