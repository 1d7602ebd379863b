#include "environment.h"

#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/** The size of the longest `pyvenv.cfg`; usual ones have a few hundred bytes. */
	CONFIG_SIZE = 16384,
};

/** Whether a directory has an entry, which may be a link that leads nowhere. */
static bool has(int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/** Reads a version. @param out As environment_python's. @return The text after it, or NULL. */
static const char *read_version(const char *text, char out[5])
{
	char minor[4];
	int end = 0;

	sscanf(text, "%1[2-9].%3[0-9]%n", out, minor, &end);
	if (end == 0 || (minor[0] == '0' && minor[1] != '\0') ||
	    (text[end] >= '0' && text[end] <= '9')) {
		return NULL;
	}
	stpcpy(out + 1, minor);
	return text + end;
}

/* ---- pyvenv.cfg ----------------------------------------------------------------------------- */

/** @return The text without blanks at its ends, the latter of which are overwritten. */
static char *trim(char *text)
{
	static const char blanks[] = " \t\v\f";
	size_t length;

	text += strspn(text, blanks);
	length = strlen(text);
	while (length > 0 && strchr(blanks, text[length - 1])) {
		length--;
	}
	text[length] = '\0';
	return text;
}

static void set(struct environment_python *python, const char *key, const char *value)
{
	char version[sizeof(python->version)];

	if (strcasecmp(key, "implementation") == 0) {
		python->implementation = strcasecmp(value, "CPython") == 0 ? ENVIRONMENT_CPYTHON
					 : strcasecmp(value, "PyPy") == 0  ? ENVIRONMENT_PYPY
									   : ENVIRONMENT_OTHER;
	} else if ((strcasecmp(key, "version") == 0 || strcasecmp(key, "version_info") == 0) &&
		   read_version(value, version)) {
		python->contradictory |=
			python->version[0] != '\0' && strcmp(python->version, version) != 0;
		stpcpy(python->version, version);
	}
}

void environment_parse(char *text, struct environment_python *out)
{
	char *rest;

	*out = (struct environment_python){ 0 };
	for (char *line = strtok_r(text, "\r\n", &rest); line;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		char *equals = strchr(line, '=');

		if (equals) {
			*equals = '\0';
			set(out, trim(line), trim(equals + 1));
		}
	}
}

/**
 * Reads a `pyvenv.cfg`.
 *
 * @return 0, or -1 with errno: EFBIG if it is too long, EINVAL if it is not a file.
 */
static int read_config(int environment, struct environment_python *out)
{
	char text[CONFIG_SIZE];
	size_t used = 0;
	ssize_t length = -1;
	struct stat st;
	/* A FIFO must not block. */
	int fd = openat(environment, "pyvenv.cfg", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0) {
		return -1;
	}
	errno = EINVAL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		while (used < sizeof(text) &&
		       (length = read(fd, text + used, sizeof(text) - used)) > 0) {
			used += (size_t)length;
		}
	}
	platform_close(fd);
	if (length != 0) {
		errno = length > 0 ? EFBIG : errno;
		return -1;
	}
	text[used] = '\0';
	environment_parse(text, out);
	return 0;
}

/* ---- lib ------------------------------------------------------------------------------------ */

/** The `pythonX.Y` and `pypyX.Y` in `lib`. */
struct libraries {
	/** What the `pyvenv.cfg` says. */
	struct environment_python config;
	/** What the first says that agrees with it. */
	struct environment_python found;
	bool any;
	/** Another one agrees as well. */
	bool several;
};

/** Whether two descriptions can be of one interpreter. */
static bool agree(const struct environment_python *a, const struct environment_python *b)
{
	return (a->implementation == ENVIRONMENT_ANY || a->implementation == b->implementation) &&
	       (a->version[0] == '\0' || strcmp(a->version, b->version) == 0);
}

/** Adds an entry of `lib`; platform_entry_fn. conda's `python3.1` is a link. */
static int add_library(void *context, const char *name, enum entry_type type)
{
	struct libraries *libraries = context;
	bool is_pypy = strncmp(name, "pypy", 4) == 0;
	struct environment_python python = {
		.implementation = is_pypy ? ENVIRONMENT_PYPY : ENVIRONMENT_CPYTHON,
	};
	const char *end = NULL;

	if (type == ENTRY_DIRECTORY && (is_pypy || strncmp(name, "python", 6) == 0)) {
		end = read_version(name + (is_pypy ? 4 : 6), python.version);
	}
	/* The free-threaded build's is python3.13t, and its tag cpython-313. */
	if (!end || strcmp(end + (*end == 't'), "") != 0) {
		return 0;
	}
	libraries->any = true;
	if (agree(&libraries->config, &python)) {
		libraries->several |= !agree(&libraries->found, &python);
		libraries->found = python;
	}
	return 0;
}

/* ---- Environments --------------------------------------------------------------------------- */

/** @return The implementation whose program is in an environment made by venv. */
static enum environment_implementation find_program(int environment)
{
	static const struct {
		const char *path;
		enum environment_implementation implementation;
	} programs[] = {
		{ "bin/pypy3", ENVIRONMENT_PYPY },
		{ "bin/graalpy", ENVIRONMENT_OTHER },
		{ "bin/graalpython", ENVIRONMENT_OTHER },
		{ "bin/rustpython", ENVIRONMENT_OTHER },
	};
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		if (has(environment, programs[i].path)) {
			return programs[i].implementation;
		}
	}
	return ENVIRONMENT_CPYTHON;
}

/** Writes the tag of an environment. @return false if it does not tell it. */
static bool tell(const struct libraries *libraries, int environment, char tag[ENVIRONMENT_TAG_SIZE])
{
	struct environment_python python = libraries->any ? libraries->found : libraries->config;

	if (libraries->config.contradictory || libraries->several || python.version[0] == '\0') {
		return false;
	}
	/* venv does not write the implementation. */
	if (libraries->config.implementation == ENVIRONMENT_ANY &&
	    python.implementation != ENVIRONMENT_PYPY) {
		python.implementation = find_program(environment);
	}
	snprintf(tag, ENVIRONMENT_TAG_SIZE, "%s%s",
		 python.implementation == ENVIRONMENT_PYPY ? "pypy" : "cpython-", python.version);
	return python.implementation != ENVIRONMENT_OTHER;
}

enum environment_answer environment_read(const char *path, char tag[ENVIRONMENT_TAG_SIZE])
{
	struct libraries libraries = { 0 };
	enum environment_answer answer = ENVIRONMENT_NONE;
	int fd = platform_open_parent(AT_FDCWD, path);
	int lib = -1;
	bool has_config;

	if (fd < 0) {
		/* A link that leads nowhere was an environment. */
		return errno == ENOTDIR || (errno == ENOENT && !has(AT_FDCWD, path))
			       ? ENVIRONMENT_NONE
			       : ENVIRONMENT_UNTOLD;
	}
	has_config = has(fd, "pyvenv.cfg");
	/* What is in it cannot be looked up without search permission. */
	if (!has(fd, ".")) {
		answer = ENVIRONMENT_UNTOLD;
		goto out;
	}
	if (!has_config && !has(fd, "conda-meta") && !has(fd, "bin/activate")) {
		goto out;
	}
	lib = platform_open_directory(fd, "lib");
	answer = ENVIRONMENT_UNTOLD;
	if ((has_config && read_config(fd, &libraries.config) != 0) ||
	    (lib >= 0 && platform_read_directory(lib, add_library, &libraries) != 0)) {
		goto out;
	}
	/* virtualenv up to version 19 wrote no pyvenv.cfg. */
	if (!has_config && !libraries.any && !has(fd, "conda-meta")) {
		answer = ENVIRONMENT_NONE;
	} else if (tell(&libraries, fd, tag)) {
		answer = ENVIRONMENT_TOLD;
	}
out:
	platform_close(lib);
	platform_close(fd);
	return answer;
}
