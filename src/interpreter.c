#include "interpreter.h"

#include "platform.h"
#include "pyc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* POSIX leaves the declaration to the program. */
extern char **environ;

/** Starts the program with a descriptor as its stdout. @return Its process ID, or -1. */
static pid_t start(int out)
{
	static char name[] = INTERPRETER_NAME;
	/*
	 * Isolated (-I), so that it runs no file of the current directory; writing no bytecode
	 * (-B), since -I ignores PYTHONDONTWRITEBYTECODE; and fast (-S).
	 */
	static char options[] = "-IBS";
	static char command[] = "-c";
	static char program[] = "import sys; print(sys.implementation.cache_tag or '')";
	char *argv[] = { name, options, command, program, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	if (posix_spawn_file_actions_init(&actions) != 0) {
		return -1;
	}
	/* stdout first: if a standard stream is closed, `out` may have its number. */
	if (posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) != 0 ||
	    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) !=
		    0 ||
	    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) !=
		    0 ||
	    posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0) {
		pid = -1;
	}
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/** @return The milliseconds left, at least 0. */
static int left_until(uint64_t deadline)
{
	uint64_t now = platform_milliseconds();

	return now < deadline ? (int)(deadline - now) : 0;
}

/** Reads to the end, or until `out` is full. @return The number of bytes, or -1 with errno. */
static ssize_t read_all(int fd, char *out, size_t size, uint64_t deadline)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	ssize_t length = 1;

	while (used < size && length != 0) {
		int ready = poll(&readable, 1, left_until(deadline));

		if (ready == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		length = ready < 0 ? -1 : read(fd, out + used, size - used);
		if (length < 0) {
			return -1;
		}
		used += (size_t)length;
	}
	return (ssize_t)used;
}

/** Waits for a process, and kills it at the deadline. @return Whether it exited with status 0. */
static bool ends_well(pid_t pid, uint64_t deadline)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int status;
	pid_t ended;

	while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && left_until(deadline) > 0) {
		nanosleep(&pause, NULL);
	}
	if (ended == 0) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		errno = ETIMEDOUT;
		return false;
	}
	errno = 0;
	return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int interpreter_ask_tag(char *out, size_t size, unsigned milliseconds)
{
	uint64_t deadline = platform_milliseconds() + milliseconds;
	int ends[2];
	ssize_t length = -1;
	pid_t pid;

	/* macOS has no pipe2(2). No other thread runs yet that could start a process. */
	if (pipe(ends) != 0) {
		return -1;
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	pid = start(ends[1]);
	close(ends[1]);
	if (pid >= 0) {
		length = read_all(ends[0], out, size, deadline);
	}
	close(ends[0]);
	if (pid < 0 || !ends_well(pid, deadline) || length < 2 || out[length - 1] != '\n') {
		return -1;
	}
	out[length - 1] = '\0';
	return pyc_is_tag((struct pyc_part){ out, strlen(out) }) ? 0 : -1;
}
