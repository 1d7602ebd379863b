#include "operands.h"

#include "matcher.h"
#include "platform.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	/** How much of a `pyvenv.cfg` is read; usual ones have a few hundred bytes. */
	CONFIG_SIZE = 16384,
	/** How long python3 may take, in seconds. */
	TIMEOUT = 10,
	PATH_SIZE = PATH_MAX + sizeof("/python3"),
};

/** Reads a version. @param out Receives it without its dot: "313". @return The rest, or NULL. */
static const char *read_version(const char *text, char out[4])
{
	int length = 0;
	bool is_version = sscanf(text, "%1[2-9].%2[0-9]%n", out, out + 1, &length) == 2 &&
			  !isdigit((unsigned char)text[length]);

	return is_version ? text + length : NULL;
}

/* venv writes the version alone; virtualenv, uv and others also the rest. */
void interpreter_parse_config(char *text, char tags[INTERPRETER_TAG_SIZE])
{
	const char *implementation = "*";
	char version[4] = "*";
	char *rest = text;

	for (const char *line; (line = strsep(&rest, "\r\n"));) {
		char found[sizeof(version)];
		char value[16];

		if (sscanf(line, " implementation = %15s", value) == 1) {
			implementation = strcmp(value, "CPython") == 0 ? "cpython-"
					 : strcmp(value, "PyPy") == 0  ? "pypy"
								       : "!";
		} else if ((sscanf(line, " version = %15s", value) == 1 ||
			    sscanf(line, " version_info = %15s", value) == 1) &&
			   read_version(value, found)) {
			bool agrees = version[0] == '*' || strcmp(version, found) == 0;

			stpcpy(version, agrees ? found : "!");
		}
	}
	stpcpy(stpcpy(tags, implementation), version);
}

/** The interpreters of an environment. */
struct interpreters {
	/** As interpreter_parse_config's. */
	char tags[INTERPRETER_TAG_SIZE];
	/** The only one of these in `lib`; "!" for several, "" for none. */
	char tag[INTERPRETER_TAG_SIZE];
	/** `lib` has an interpreter's directory, of these or others. */
	bool any;
};

/** Adds an entry of `lib`; platform_entry_fn. conda's `python3.1` is a link. */
static int add_library(void *context, const char *name, enum entry_type type)
{
	struct interpreters *found = context;
	bool is_pypy = strncmp(name, "pypy", 4) == 0;
	char tag[INTERPRETER_TAG_SIZE];
	char *version = stpcpy(tag, is_pypy ? "pypy" : "cpython-");
	const char *end = NULL;

	if (type == ENTRY_DIRECTORY && (is_pypy || strncmp(name, "python", 6) == 0)) {
		end = read_version(name + (is_pypy ? 4 : 6), version);
	}
	/* The free-threaded build's is python3.13t, and its tag cpython-313. */
	if (!end || strcmp(end + (*end == 't'), "") != 0) {
		return 0;
	}
	found->any = true;
	if (fnmatch(found->tags, tag, 0) == 0) {
		bool agrees = found->tag[0] == '\0' || strcmp(found->tag, tag) == 0;

		stpcpy(found->tag, agrees ? tag : "!");
	}
	return 0;
}

static bool has(int dirfd, const char *path)
{
	return platform_identify(dirfd, path, AT_SYMLINK_NOFOLLOW).ino != 0;
}

/** Whether an environment is of an interpreter whose files are like CPython's. */
static bool is_like_cpython(int environment)
{
	/* PyPy up to version 7.3.7 has no lib/pypyX.Y. */
	return has(environment, "bin/pypy3") || has(environment, "bin/graalpy") ||
	       has(environment, "bin/graalpython") || has(environment, "bin/rustpython");
}

/** Reads an environment. @param tag Receives "" if it does not tell. @return Whether it is one. */
static bool read_environment(int fd, char tag[INTERPRETER_TAG_SIZE])
{
	struct interpreters found = { 0 };
	char text[CONFIG_SIZE] = { 0 };
	/* A FIFO must not block; a link could lead to a device, and opening some has effects. */
	int config =
		openat(fd, "pyvenv.cfg", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool has_config = config >= 0 || errno != ENOENT;
	bool is_read = !has_config || read(config, text, CONFIG_SIZE - 1) >= 0;
	int lib = platform_open_directory(fd, "lib");

	interpreter_parse_config(text, found.tags);
	is_read &= lib < 0 || platform_read_directory(lib, add_library, &found) == 0;
	platform_close(lib);
	platform_close(config);
	/* virtualenv up to version 19 writes no pyvenv.cfg. */
	if (!has_config && !has(fd, "conda-meta") && !has(fd, "bin/activate")) {
		return false;
	}
	if (!found.any) {
		/* venv does not name the implementation. */
		bool is_guess = found.tags[0] == '*';

		stpcpy(stpcpy(found.tag, is_guess ? "cpython-" : ""), found.tags + is_guess);
	}
	if (!is_read || !pyc_is_tag((struct pyc_part){ found.tag, strlen(found.tag) }) ||
	    (found.tag[0] == 'c' && is_like_cpython(fd))) {
		found.tag[0] = '\0';
	}
	stpcpy(tag, found.tag);
	return true;
}

/** Becomes a Python that writes its tag to a descriptor; never returns. */
static void run_python(const char *path, int out)
{
	int null = open("/dev/null", O_RDWR);

	/* stdout first: if standard streams are closed, `out` may have the number of another. */
	if (dup2(out, STDOUT_FILENO) >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(null, STDERR_FILENO) >= 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(TIMEOUT);
		/*
		 * Isolated (-I), so that it runs no file of the current directory; writing no
		 * bytecode (-B), since -I ignores PYTHONDONTWRITEBYTECODE; and fast (-S). With the
		 * path for a name it does not look for itself in PATH.
		 */
		execl(path, path, "-IBS", "-c",
		      "import sys; print(sys.implementation.cache_tag or '')", (char *)NULL);
	}
	_exit(127);
}

/** Runs a Python, without a shell, for its sys.implementation.cache_tag (PEP 421). */
static bool ask_tag(const char *path, struct operand_tag *tag)
{
	char *text = tag->text;
	ssize_t length = -1;
	int status = -1;
	int ends[2];
	pid_t pid;

	if (pipe(ends) != 0) {
		return false;
	}
	/* A process that outlives the Python may hold the other end open. */
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	pid = fork();
	if (pid == 0) {
		run_python(path, ends[1]);
	}
	platform_close(ends[1]);
	/* A tag fits in any pipe, so it can be read once all of it is there. */
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0) {
		length = read(ends[0], text, sizeof(tag->text));
	}
	platform_close(ends[0]);
	if (length < 1 || text[length - 1] != '\n') {
		return false;
	}
	text[length - 1] = '\0';
	return pyc_is_tag((struct pyc_part){ text, strlen(text) });
}

/** Finds the first python3 in PATH. @param path Receives it, without links to its directory. */
static bool find_python3(char path[PATH_SIZE])
{
	const char *variable = getenv("PATH");
	char *directories = strdup(variable ? variable : "/bin:/usr/bin");
	char *rest = directories;
	bool found = false;

	for (const char *entry; !found && (entry = strsep(&rest, ":"));) {
		if (realpath(entry[0] != '\0' ? entry : ".", path)) {
			stpcpy(path + strlen(path), "/python3");
			found = access(path, X_OK) == 0;
		}
	}
	free(directories);
	return found;
}

/** A search for the tags of all operands. */
struct search {
	const struct lookup *lookup;
	/** That of python3, once it was asked. */
	struct operand_tag python3;
	/** The last place, which an error names. */
	char path[PATH_SIZE];
};

/** Asks python3, once, unless it lies in an operand. @return NULL, or why there is no tag. */
static const char *ask_python3(struct search *search, struct operand_tag *out)
{
	struct operand_tag *tag = &search->python3;
	char program[PATH_MAX];

	if (!tag->origin) {
		tag->origin = "python3";
		if (!find_python3(search->path) || !realpath(search->path, program)) {
			stpcpy(search->path, "python3");
			return "cannot ask python3 for its tag";
		}
		if (lookup_contains(search->lookup, search->path) ||
		    lookup_contains(search->lookup, program)) {
			return "python3 is not run, since it lies in a PATH to clean";
		}
		if (!ask_tag(search->path, tag)) {
			return "cannot ask python3 for its tag";
		}
	}
	*out = *tag;
	return NULL;
}

/** Looks at a directory, which may be a link. @return As read_environment(). */
static bool look_at(struct search *search, const char *prefix, const char *name, char *tag)
{
	bool found;
	int fd;

	/* A path that is truncated is still too long. */
	snprintf(search->path, sizeof(search->path), "%s%s", prefix, name);
	fd = platform_open_parent(AT_FDCWD, search->path);
	if (fd < 0) {
		tag[0] = '\0';
		return errno != ENOENT && errno != ENOTDIR;
	}
	found = read_environment(fd, tag);
	platform_close(fd);
	return found;
}

/** Looks for the environment of a directory: the directory itself, or one in it. */
static bool look_in(struct search *search, const char *prefix, struct operand_tag *tag)
{
	static const char *const origins[] = { "its environment", ".venv", "venv" };
	bool found = false;

	for (size_t i = 0; i < sizeof(origins) / sizeof(*origins) && !found; i++) {
		const char *name = i > 0 ? origins[i] : prefix[0] == '\0' ? "." : "";

		tag->origin = origins[i];
		found = look_at(search, prefix, name, tag->text);
	}
	return found;
}

/** Finds the tag of an operand. @return NULL, or why there is none. */
static const char *find_tag(struct search *search, struct operand *operand)
{
	const char *active = getenv("VIRTUAL_ENV");
	struct operand_tag *tag = &operand->automatic;
	char prefix[PATH_MAX];
	bool found;

	/* It fits, since the place was looked up by it. */
	snprintf(prefix, sizeof(prefix), "%s", operand->prefix);
	/* In its directory, and in those above as far as the current one. */
	while (!(found = look_in(search, prefix, tag)) && lookup_is_below(prefix, ".")) {
		char *slash;

		prefix[strlen(prefix) - 1] = '\0';
		slash = strrchr(prefix, '/');
		*(slash ? slash + 1 : prefix) = '\0';
	}
	if (!found && active && active[0] != '\0') {
		tag->origin = "VIRTUAL_ENV";
		found = true;
		/* It names an environment, which may be gone. */
		if (!look_at(search, active, "", tag->text)) {
			tag->text[0] = '\0';
		}
	}
	if (found) {
		return tag->text[0] == '\0' ? "cannot tell the version of the environment" : NULL;
	}
	return ask_python3(search, tag);
}

/** Reports why there is no tag, and what to do. */
static void refuse(const struct options *options, const char *problem, const char *path)
{
	const char *option = options->selection.except.automatic ? "--keep-tag" : "--tag";
	char advice[128];

	snprintf(advice, sizeof(advice), "%s; name a version, e.g. %s=3.13:", problem, option);
	reporter_usage(&options->style, advice, path, NULL);
}

int interpreter_find_tags(struct lookup *lookup, const struct options *options,
			  struct reporter *reporter, const atomic_int *stop)
{
	bool keeps = options->selection.except.automatic;
	struct search search = { .lookup = lookup };

	if (!keeps && !options->selection.only.automatic) {
		return 0;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		struct operand *operand = &lookup->all[i];
		const char *problem;

		if (operand->use > OPERAND_MODULE) {
			continue;
		}
		problem = find_tag(&search, operand);
		if (problem) {
			if (!stop || atomic_load(stop) == 0) {
				refuse(options, problem, search.path);
			}
			return -1;
		}
		reporter_chose(reporter, keeps ? "kept" : "only", operand->automatic.text,
			       operand->automatic.origin);
	}
	return 0;
}
