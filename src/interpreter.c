#include "interpreter.h"

#include "environment.h"
#include "platform.h"
#include "pyc.h"
#include "reporter.h"
#include "strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PYTHON3    "python3"
#define NO_VERSION "cannot tell the version of the environment"

/* POSIX leaves the declaration to the program. */
extern char **environ;

enum {
	/** The timeout in milliseconds. */
	PATIENCE = 10000,
};

/* ---- Running a Python ----------------------------------------------------------------------- */

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

/**
 * Waits for a process, and kills it after a time or once `stop` is set.
 *
 * @return Whether it exited with status 0; errno is as interpreter_ask_tag()'s.
 */
static bool ends_well(pid_t pid, unsigned milliseconds, const atomic_int *stop)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	uint64_t deadline = platform_milliseconds() + milliseconds;
	int error = 0;
	int status = -1;

	while (waitpid(pid, &status, error != 0 ? 0 : WNOHANG) == 0) {
		nanosleep(&pause, NULL);
		if (stop && atomic_load(stop) != 0) {
			error = EINTR;
		} else if (platform_milliseconds() >= deadline) {
			error = ETIMEDOUT;
		}
		if (error != 0) {
			kill(pid, SIGKILL);
		}
	}
	errno = error;
	return error == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int interpreter_ask_tag(const char *path, char *out, size_t size, unsigned milliseconds,
			const atomic_int *stop)
{
	/*
	 * Isolated (-I), so that it runs no file of the current directory; writing no bytecode
	 * (-B), since -I ignores PYTHONDONTWRITEBYTECODE; and fast (-S).
	 */
	char *argv[] = { (char[]){ PYTHON3 }, (char[]){ "-IBS" }, (char[]){ "-c" },
			 (char[]){ "import sys; print(sys.implementation.cache_tag or '')" },
			 NULL };
	ssize_t length = -1;
	int ends[2];
	pid_t pid;

	/* macOS has no pipe2(2). No other thread runs yet that could start a process. */
	if (pipe(ends) != 0) {
		return -1;
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	/* A process that outlives the Python may hold the other end open. */
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	pid = start(path, argv, ends[1]);
	platform_close(ends[1]);
	/* A tag fits in any pipe, so it can be read once all of it is there. */
	if (pid >= 0 && ends_well(pid, milliseconds, stop)) {
		length = read(ends[0], out, size);
	}
	platform_close(ends[0]);
	if (length < 2 || out[length - 1] != '\n') {
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
	const char *variable = getenv("PATH");
	char *directories = strdup(variable ? variable : "/bin:/usr/bin");
	char *rest = directories;
	struct strbuf path = STRBUF_INIT;
	char *found = NULL;

	for (const char *directory; !found && (directory = strsep(&rest, ":"));) {
		strbuf_reset(&path);
		strbuf_printf(&path, "%s/" PYTHON3, directory[0] != '\0' ? directory : ".");
		found = is_program(path.text) ? lookup_absolute(path.text) : NULL;
	}
	strbuf_free(&path);
	free(directories);
	return found;
}

/**
 * Whether a program, or its directory, lies in an operand: as named, or where links lead to. Also
 * true if that cannot be told.
 */
static bool lies_in_operand(const struct lookup *lookup, char *path)
{
	char *program = realpath(path, NULL);
	char *name = strrchr(path, '/');
	char *directory;
	bool result;

	*name = '\0';
	directory = realpath(path, NULL);
	*name = '/';
	result = !program || !directory || lookup_contains(lookup, path) ||
		 lookup_contains(lookup, program) || lookup_contains(lookup, directory);
	free(program);
	free(directory);
	return result;
}

/* ---- What `auto` stands for ----------------------------------------------------------------- */

/** A search for the tags of all operands. */
struct search {
	const struct reporter_style *style;
	const atomic_int *stop;
	const struct lookup *lookup;
	/** The option with `auto`. */
	const char *option;
	/** The tag for operands without an environment. */
	struct operand_tag common;
};

/** Reports why there is no tag, and what to do. @param text For reporter_usage(). @return -1. */
static int refuse(const struct search *search, const char *problem, const char *text)
{
	struct strbuf words = STRBUF_INIT;

	strbuf_printf(&words, "%s; name a version, e.g. %s=3.13%s", problem, search->option,
		      text ? ":" : "");
	reporter_usage(search->style, words.failed ? problem : words.text, text, NULL);
	strbuf_free(&words);
	return -1;
}

/** Asks python3, unless it lies in an operand. @return 0, or -1, as interpreter_find_tags(). */
static int ask_python3(struct search *search)
{
	struct operand_tag *tag = &search->common;
	char *path = find_python3();
	int result = -1;

	tag->origin = PYTHON3;
	if (path && lies_in_operand(search->lookup, path)) {
		refuse(search, "python3 is not run, since it lies in a PATH to clean", path);
	} else if (path && interpreter_ask_tag(path, tag->text, sizeof(tag->text), PATIENCE,
					       search->stop) == 0) {
		result = 0;
	} else if (!path || errno != EINTR) {
		refuse(search,
		       path && errno == ETIMEDOUT
			       ? "python3 did not tell its tag within ten seconds"
			       : "cannot ask python3 for its tag",
		       NULL);
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
		return refuse(search, "VIRTUAL_ENV does not name an environment", environment);
	default:
		return refuse(search, NO_VERSION, environment);
	}
}

/**
 * Looks for an environment: a directory, or `.venv` or `venv` in it. An error is reported.
 *
 * @param prefix As an operand's.
 */
static enum environment_answer look_in(const struct search *search, const char *prefix,
				       struct operand_tag *tag)
{
	static const char *const origins[] = { "its environment", ".venv", "venv" };
	enum environment_answer answer = ENVIRONMENT_NONE;

	for (size_t i = 0; i < 3 && answer == ENVIRONMENT_NONE; i++) {
		const char *name = i > 0 ? origins[i] : prefix[0] == '\0' ? "." : "";
		char *path;

		if (asprintf(&path, "%s%s", prefix, name) < 0) {
			reporter_fatal();
			return ENVIRONMENT_UNTOLD;
		}
		answer = environment_read(path, tag->text);
		tag->origin = origins[i];
		if (answer == ENVIRONMENT_UNTOLD) {
			refuse(search, NO_VERSION, path);
		}
		free(path);
	}
	return answer;
}

/** Finds the tag of an operand. @return As ask_python3(). */
static int find_tag(struct search *search, struct operand *operand)
{
	struct operand_tag *tag = &operand->automatic;
	char *prefix = strdup(operand->prefix);
	enum environment_answer answer = ENVIRONMENT_UNTOLD;

	if (!prefix) {
		reporter_fatal();
		return -1;
	}
	/* In its directory, and in those above as far as the current one. */
	while ((answer = look_in(search, prefix, tag)) == ENVIRONMENT_NONE &&
	       lookup_is_below(prefix, ".")) {
		char *slash;

		prefix[strlen(prefix) - 1] = '\0';
		slash = strrchr(prefix, '/');
		*(slash ? slash + 1 : prefix) = '\0';
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
	bool keeps = options->selection.except.automatic;
	struct search search = { .style = &options->style,
				 .stop = stop,
				 .lookup = lookup,
				 .option = keeps ? "--keep-tag" : "--tag" };

	if (!keeps && !options->selection.only.automatic) {
		return 0;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		struct operand *operand = &lookup->all[i];

		if (operand->use > OPERAND_MODULE) {
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
