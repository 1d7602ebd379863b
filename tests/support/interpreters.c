#include "interpreters.h"

#include "tests.h"

#include <dirent.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAX_FOUND = 32,
};

/** Looked for once: to start each takes longer than a test. */
static struct {
	bool looked;
	struct interpreter all[MAX_FOUND + 1];
	size_t count;
} found;

/** Its major and minor version, tag and full version, as lines. */
static const char question[] =
	"import sys\n"
	"print(sys.version_info[0])\n"
	"print(sys.version_info[1])\n"
	"print(getattr(getattr(sys, 'implementation', None), 'cache_tag', None) or '')\n"
	"print(sys.version.replace('\\n', ' '))\n";

static bool is_interpreters_name(const char *name)
{
	static const char *const patterns[] = { "python3",
						"python3.[0-9]",
						"python3.[0-9][0-9]",
						"python3.[0-9][0-9]t",
						"python2",
						"python2.[0-9]",
						"pypy3",
						"pypy3.[0-9]",
						"pypy3.[0-9][0-9]" };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		if (fnmatch(patterns[i], name, 0) == 0) {
			return true;
		}
	}
	return false;
}

/** Takes what follows a line off its end. @return The line. */
static const char *take_line(char **rest)
{
	char *line = *rest;
	size_t length = strcspn(line, "\n");

	*rest = line + length + (line[length] == '\n');
	line[length] = '\0';
	return line;
}

static bool is_known(const struct interpreter *interpreter)
{
	for (size_t i = 0; i < found.count; i++) {
		if (strcmp(found.all[i].path, interpreter->path) == 0 ||
		    (interpreter->version[0] != '\0' &&
		     strcmp(found.all[i].version, interpreter->version) == 0)) {
			return true;
		}
	}
	return false;
}

/** Adds a program that turns out to be a Python, and one that is not there yet. */
static void consider(const char *path)
{
	struct interpreter candidate = { .major = 0 };
	const struct outcome *outcome;
	char *rest;

	/* Where each run is slow, two have to do: those of PATH. */
	if (found.count == (tests_are_slow() ? 2 : MAX_FOUND) || access(path, X_OK) != 0 ||
	    !realpath(path, candidate.path) || is_known(&candidate)) {
		return;
	}
	/* What is there may be a script that only says that there is no such version: pyenv's. */
	outcome = RUN_PROGRAM(.name = "sh", .arguments = WORDS("-c", "\"$0\" -S -c \"$1\"",
							       candidate.path, question));
	if (outcome->status != 0) {
		return;
	}
	rest = outcome->out;
	candidate.major = (int)strtol(take_line(&rest), NULL, 10);
	candidate.minor = (int)strtol(take_line(&rest), NULL, 10);
	snprintf(candidate.tag, sizeof(candidate.tag), "%s", take_line(&rest));
	snprintf(candidate.version, sizeof(candidate.version), "%s", take_line(&rest));
	if (candidate.major > 0 && !is_known(&candidate)) {
		found.all[found.count++] = candidate;
	}
}

static void consider_directory(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		if (is_interpreters_name(entry->d_name)) {
			consider(scratch_format("%s/%s", path, entry->d_name));
		}
	}
	if (directory) {
		closedir(directory);
	}
}

/** Considers programs and directories, divided by colons. */
static void consider_paths(const char *paths)
{
	for (const char *at = paths; at && *at; at += *at == ':') {
		size_t length = strcspn(at, ":");
		const char *path = scratch_copy(at, length);
		struct stat st;

		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			consider_directory(path);
		} else if (length > 0) {
			consider(path);
		}
		at += length;
	}
}

static void look(void)
{
	const char *home = getenv("HOME");
	glob_t versions;

	found.looked = true;
	consider_paths(getenv("PYCLEAN_PYTHONS"));
	if (home &&
	    glob(scratch_format("%s/.pyenv/versions/*/bin", home), 0, NULL, &versions) == 0) {
		for (size_t i = 0; i < versions.gl_pathc; i++) {
			consider_directory(versions.gl_pathv[i]);
		}
		globfree(&versions);
	}
	consider_paths(getenv("PATH"));
}

const struct interpreter *interpreters(void)
{
	if (!found.looked) {
		look();
	}
	if (found.count == 0) {
		skip_because("no Python is installed");
	}
	return found.all;
}

bool interpreter_is_from(const struct interpreter *interpreter, int major, int minor)
{
	return interpreter->major > major ||
	       (interpreter->major == major && interpreter->minor >= minor);
}

const struct outcome *interpreter_run(const struct interpreter *interpreter,
				      const struct tree *tree, const char *variable,
				      const char *const arguments[])
{
	return RUN_PROGRAM(.name = interpreter->path, .cwd = tree->path, .arguments = arguments,
			   .environment = WORDS("PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH",
						"PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONSTARTUP",
						"PYTHONVERBOSE", "PYTHONWARNINGS=ignore",
						variable ? variable : "PYTHONPYCACHEPREFIX"));
}
