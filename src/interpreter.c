#include "interpreter.h"

#include "environment.h"
#include "platform.h"
#include "pyc.h"
#include "reporter.h"
#include "strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* POSIX leaves the declaration to the program. */
extern char **environ;

#define PYTHON3    "python3"
#define NO_AUTO    "cannot tell what 'auto' is (name a version instead, such as 3.13): "
#define NO_VERSION NO_AUTO "no clear version in the environment"

enum {
	/** As many links as Linux follows. */
	MAX_LINKS = 40,
	/** The timeout in milliseconds. */
	PATIENCE = 10000,
	/** How often to look for a signal, in milliseconds. */
	PAUSE = 20,
};

/* ---- A question to a program ---------------------------------------------------------------- */

/** Starts a program with a descriptor as its stdout. @return Its process ID, or -1. */
static pid_t start(const char *path, int out)
{
	static char name[] = PYTHON3;
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

/** Kills a process. @return false, with this errno. */
static bool kill_for(pid_t pid, int error)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	errno = error;
	return false;
}

/** Waits for a process. @return Whether it exited with status 0 in time; it has ended anyway. */
static bool ends_well(pid_t pid, const struct patience *patience)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int status;
	pid_t ended;

	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		if (is_over(patience)) {
			return kill_for(pid, errno);
		}
		nanosleep(&pause, NULL);
	}
	errno = 0;
	return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int interpreter_ask_tag(const char *path, char *out, size_t size, unsigned milliseconds,
			const atomic_int *stop)
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
	pid = start(path, ends[1]);
	platform_close(ends[1]);
	if (pid >= 0) {
		length = read_all(ends[0], out, size, &patience);
		well = length < 0 ? kill_for(pid, errno) : ends_well(pid, &patience);
	}
	platform_close(ends[0]);
	if (!well || length < 2 || out[length - 1] != '\n') {
		return -1;
	}
	out[length - 1] = '\0';
	return pyc_is_tag((struct pyc_part){ out, strlen(out) }) ? 0 : -1;
}

/* ---- The user's python3 --------------------------------------------------------------------- */

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/** @return The absolute path of the first python3 in PATH, for free(); or NULL. */
static char *find_python3(void)
{
	const char *directory = getenv("PATH");
	char *cwd = getcwd(NULL, 0);
	char *found = NULL;

	directory = directory ? directory : "/bin:/usr/bin";
	do {
		size_t length = strcspn(directory, ":");
		const char *base = directory[0] == '/' ? "" : cwd;
		char *path = NULL;

		if (base && asprintf(&path, "%s%s%.*s/" PYTHON3, base,
				     base[0] == '\0' || length == 0 ? "" : "/", (int)length,
				     directory) < 0) {
			break;
		}
		if (path && is_program(path)) {
			found = path;
		} else {
			free(path);
		}
		directory += length;
	} while (!found && *directory++ == ':');
	free(cwd);
	return found;
}

/** Whether a directory is cleaned, or an entry in it removed as an operand. */
static bool is_operand(const struct lookup *lookup, struct platform_identity directory,
		       const char *name)
{
	for (size_t i = 0; i < lookup->count; i++) {
		const struct operand *operand = &lookup->all[i];

		if (platform_is_same(operand->place, directory) &&
		    (operand->use == OPERAND_ENTER || strcmp(operand->name, name) == 0)) {
			return true;
		}
	}
	return false;
}

/**
 * Whether the way along an absolute path enters an operand. Links are followed one by one: one in a
 * tree may lead out of it, and still it is the tree that says where to.
 */
static bool enters(const struct lookup *lookup, const char *path)
{
	struct strbuf way = STRBUF_INIT;
	char *rest = strdup(path);
	bool result = true;
	int links = 0;

	for (char *at = rest; at && at[0] != '\0';) {
		struct platform_identity directory =
			platform_identify_at(AT_FDCWD, way.length > 0 ? way.text : "/", 0);
		size_t end = way.length;
		char target[PATH_MAX];
		size_t length;
		ssize_t size;

		at += strspn(at, "/");
		length = strcspn(at, "/");
		strbuf_printf(&way, "/%.*s", (int)length, at);
		at += length;
		if (way.failed || is_operand(lookup, directory, way.text + end + 1)) {
			goto out;
		}
		size = readlink(way.text, target, sizeof(target));
		if (size >= 0) {
			char *next;

			/* A loop may have been made since the path was found. */
			if (++links > MAX_LINKS ||
			    asprintf(&next, "%.*s/%s", (int)size, target, at) < 0) {
				goto out;
			}
			free(rest);
			rest = next;
			at = next;
			strbuf_truncate(&way, next[0] == '/' ? 0 : end);
		}
	}
	result = !rest;
out:
	strbuf_free(&way);
	free(rest);
	return result;
}

/* ---- What `auto` stands for ----------------------------------------------------------------- */

/** A search for the tags of all operands. */
struct search {
	const struct reporter_style *style;
	const atomic_int *stop;
	const struct lookup *lookup;
	/** The tag for operands without an environment. */
	struct operand_tag common;
};

/** @return -1. */
static int refuse(const struct search *search, const char *problem, const char *text)
{
	reporter_usage(search->style, problem, text, NULL);
	return -1;
}

/** Asks python3, unless it lies in an operand. @return 0, or -1, as interpreter_find_tags(). */
static int ask_python3(struct search *search)
{
	struct operand_tag *tag = &search->common;
	char *path = find_python3();
	int result = -1;

	tag->origin = PYTHON3;
	if (path && enters(search->lookup, path)) {
		refuse(search, NO_AUTO "python3 lies in a PATH to clean and is not run:", path);
	} else if (path && interpreter_ask_tag(path, tag->text, sizeof(tag->text), PATIENCE,
					       search->stop) == 0) {
		result = 0;
	} else if (!path || errno != EINTR) {
		refuse(search,
		       path && errno == ETIMEDOUT ? NO_AUTO "no answer within ten seconds from"
						  : NO_AUTO "no tag from",
		       PYTHON3);
	}
	free(path);
	return result;
}

/** Finds the tag for operands without an environment, once. @return As ask_python3(). */
static int find_common(struct search *search)
{
	const char *environment = getenv("VIRTUAL_ENV");

	if (search->common.origin) {
		return 0;
	}
	if (!environment || environment[0] == '\0') {
		return ask_python3(search);
	}
	search->common.origin = "VIRTUAL_ENV";
	switch (environment_read(environment, search->common.text)) {
	case ENVIRONMENT_TOLD:
		return 0;
	case ENVIRONMENT_NONE:
		return refuse(search, NO_AUTO "VIRTUAL_ENV is no environment:", environment);
	default:
		return refuse(search, NO_VERSION, environment);
	}
}

/** Finds the tag of an operand. @return As ask_python3(). */
static int find_tag(struct search *search, struct operand *operand)
{
	static const char *const names[] = { ".", ".venv", "venv" };
	struct operand_tag *tag = &operand->automatic;
	char *prefix = lookup_prefix(operand);
	enum environment_answer answer = ENVIRONMENT_NONE;

	for (size_t i = 0; i < 3 && answer == ENVIRONMENT_NONE; i++) {
		char *path;

		if (!prefix || asprintf(&path, "%s%s", prefix, names[i]) < 0) {
			reporter_fatal();
			answer = ENVIRONMENT_UNTOLD;
			break;
		}
		answer = environment_read(path, tag->text);
		tag->origin = i == 0 ? "the PATH itself" : names[i];
		if (answer == ENVIRONMENT_UNTOLD) {
			refuse(search, NO_VERSION, i == 0 ? operand->given : path);
		}
		free(path);
	}
	free(prefix);
	if (answer == ENVIRONMENT_NONE && find_common(search) == 0) {
		*tag = search->common;
		return 0;
	}
	return answer == ENVIRONMENT_TOLD ? 0 : -1;
}

int interpreter_find_tags(struct lookup *lookup, const struct options *options,
			  struct reporter *reporter, const atomic_int *stop)
{
	struct search search = { .style = &options->style, .stop = stop, .lookup = lookup };
	bool keeps = filter_has_auto(&options->selection.except);

	if (!keeps && !filter_has_auto(&options->selection.only)) {
		return 0;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		struct operand *operand = &lookup->all[i];

		if (operand->error != 0 || operand->use > OPERAND_MODULE) {
			continue;
		}
		if (find_tag(&search, operand) != 0) {
			return -1;
		}
		reporter_chose(reporter, keeps ? "kept" : "only", operand->automatic.text,
			       operand->automatic.origin);
	}
	return 0;
}
