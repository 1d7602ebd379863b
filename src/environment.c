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
	int length = 0;

	if (sscanf(text, "%1[2-9].%3[0-9]%n", out, out + 1, &length) != 2 ||
	    (out[1] == '0' && out[2] != '\0') || (text[length] >= '0' && text[length] <= '9')) {
		return NULL;
	}
	return text + length;
}

/* ---- pyvenv.cfg ----------------------------------------------------------------------------- */

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
	char *rest = text;

	*out = (struct environment_python){ 0 };
	for (const char *line; (line = strsep(&rest, "\r\n"));) {
		char key[16];
		char value[16];

		if (sscanf(line, " %15[A-Za-z_] = %15[^ \t\v\f]", key, value) == 2) {
			set(out, key, value);
		}
	}
}

/** Reads a `pyvenv.cfg`. @return false if it cannot be read, is too long or is no text file. */
static bool read_config(int environment, struct environment_python *out)
{
	char text[CONFIG_SIZE] = { 0 };
	struct stat st;
	/* A FIFO must not block; a link could lead to a device, and opening some has effects. */
	int fd = openat(environment, "pyvenv.cfg",
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool is_text = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		       read(fd, text, sizeof(text) - 1) == st.st_size &&
		       strlen(text) == (size_t)st.st_size;

	platform_close(fd);
	environment_parse(text, out);
	return is_text;
}

/* ---- lib ------------------------------------------------------------------------------------ */

/** The `pythonX.Y` and `pypyX.Y` in `lib`. */
struct libraries {
	/** The interpreter by the `pyvenv.cfg`. */
	struct environment_python config;
	/** The last library that agrees with it; contradictory if several agree. */
	struct environment_python found;
	bool any;
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
		python.contradictory =
			libraries->found.contradictory || !agree(&libraries->found, &python);
		libraries->found = python;
	}
	return 0;
}

/* ---- Environments --------------------------------------------------------------------------- */

/** Writes the tag of an environment. @return false if it does not tell it. */
static bool tell(const struct libraries *libraries, int environment, char tag[ENVIRONMENT_TAG_SIZE])
{
	const struct environment_python *config = &libraries->config;
	const struct environment_python *python = libraries->any ? &libraries->found : config;
	bool is_pypy = python->implementation == ENVIRONMENT_PYPY;
	/* venv does not write it down, and PyPy up to version 7.3.7 has no lib/pypyX.Y. */
	bool is_other = config->implementation == ENVIRONMENT_ANY && !is_pypy &&
			(has(environment, "bin/pypy3") || has(environment, "bin/graalpy") ||
			 has(environment, "bin/graalpython") || has(environment, "bin/rustpython"));

	snprintf(tag, ENVIRONMENT_TAG_SIZE, "%s%s", is_pypy ? "pypy" : "cpython-", python->version);
	return !config->contradictory && !python->contradictory && python->version[0] != '\0' &&
	       python->implementation != ENVIRONMENT_OTHER && !is_other;
}

enum environment_answer environment_read(const char *path, char tag[ENVIRONMENT_TAG_SIZE])
{
	struct libraries libraries = { 0 };
	enum environment_answer answer = ENVIRONMENT_NONE;
	int fd = platform_open_parent(AT_FDCWD, path);
	int lib = -1;
	bool has_config;
	bool is_conda;

	if (fd < 0) {
		/* A link that leads nowhere was an environment. */
		return errno == ENOTDIR || (errno == ENOENT && !has(AT_FDCWD, path))
			       ? ENVIRONMENT_NONE
			       : ENVIRONMENT_UNTOLD;
	}
	has_config = has(fd, "pyvenv.cfg");
	is_conda = has(fd, "conda-meta");
	/* Without search permission nothing is found. */
	if (has(fd, ".") && !has_config && !is_conda && !has(fd, "bin/activate")) {
		goto out;
	}
	lib = platform_open_directory(fd, "lib");
	answer = ENVIRONMENT_UNTOLD;
	if ((has_config && !read_config(fd, &libraries.config)) ||
	    (lib >= 0 && platform_read_directory(lib, add_library, &libraries) != 0)) {
		goto out;
	}
	if (tell(&libraries, fd, tag)) {
		answer = ENVIRONMENT_TOLD;
	} else if (!has_config && !is_conda && !libraries.any && has(fd, ".")) {
		/* virtualenv up to version 19 has a library, and no pyvenv.cfg. */
		answer = ENVIRONMENT_NONE;
	}
out:
	platform_close(lib);
	platform_close(fd);
	return answer;
}
