#include "process.h"

#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* POSIX leaves the declaration to the program. */
extern char **environ;

enum {
	/** How often to look for a signal, in milliseconds. */
	PAUSE = 20,
};

/** Starts a program with a descriptor as its stdout. @return Its process ID, or -1. */
static pid_t start(const char *path, char *const argv[], int out)
{
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
	    posix_spawn(&pid, path, &actions, NULL, argv, environ) != 0) {
		pid = -1;
	}
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/** How long to wait for an answer. */
struct patience {
	uint64_t deadline;
	const atomic_int *stop;
};

/** @return True, with errno, if the time is over (ETIMEDOUT) or a signal came (EINTR). */
static bool is_over(const struct patience *patience)
{
	errno = patience->stop && atomic_load(patience->stop) ? EINTR : ETIMEDOUT;
	return errno == EINTR || platform_milliseconds() >= patience->deadline;
}

/** Reads to the end, or until `out` is full. @return The number of bytes, or -1 with errno. */
static ssize_t read_all(int fd, char *out, size_t size, const struct patience *patience)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	ssize_t length = 1;

	while (used < size && length != 0) {
		if (is_over(patience)) {
			return -1;
		}
		/* A signal may come just before the poll. */
		if (poll(&readable, 1, PAUSE) <= 0) {
			continue;
		}
		length = read(fd, out + used, size - used);
		if (length < 0) {
			return -1;
		}
		used += (size_t)length;
	}
	return (ssize_t)used;
}

/** Waits for a process. @return Whether it exited with status 0 in time; it has ended anyway. */
static bool ends_well(pid_t pid, const struct patience *patience)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int status;
	pid_t ended;

	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		if (is_over(patience)) {
			int error = errno;

			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			errno = error;
			return false;
		}
		nanosleep(&pause, NULL);
	}
	errno = 0;
	return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

ssize_t process_read(const char *path, char *const argv[], char *out, size_t size,
		     unsigned milliseconds, const atomic_int *stop)
{
	const struct patience patience = { platform_milliseconds() + milliseconds, stop };
	int ends[2];
	ssize_t length = -1;
	bool well = false;
	pid_t pid;

	/* macOS has no pipe2(2). No other thread runs yet that could start a process. */
	if (pipe(ends) != 0) {
		return -1;
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	pid = start(path, argv, ends[1]);
	platform_close(ends[1]);
	if (pid >= 0) {
		length = read_all(ends[0], out, size, &patience);
		well = ends_well(pid, &patience);
	}
	platform_close(ends[0]);
	return well ? length : -1;
}
