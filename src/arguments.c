#include "options.h"

#include "debris.h"
#include "matcher.h"
#include "platform.h"
#include "walker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGITS "0123456789"

char *arguments_format(struct options *o, const char *format, ...)
{
	char **texts = realloc(o->texts, (o->text_count + 1) * sizeof(*texts));
	va_list values;
	int length;

	if (!texts) {
		return NULL;
	}
	o->texts = texts;
	va_start(values, format);
	length = vasprintf(&texts[o->text_count], format, values);
	va_end(values);
	return length < 0 ? NULL : texts[o->text_count++];
}

int arguments_refuse(struct options *o, const char *problem, const char *text)
{
	o->problem = problem;
	o->problem_text = text;
	return -1;
}

/**
 * Copies the item of a list before the first comma without a backslash. Backslashes are kept.
 *
 * @param rest The list; set to what is behind the comma, or to NULL after the last item.
 * @return The item, or NULL with ENOMEM.
 */
static char *next_item(struct options *o, const char **rest)
{
	const char *start = *rest;
	const char *end = start;

	while (*end != '\0' && *end != ',') {
		end += end[0] == '\\' && end[1] != '\0' ? 2 : 1;
	}
	*rest = *end == ',' ? end + 1 : NULL;
	return arguments_format(o, "%.*s", (int)(end - start), start);
}

/**
 * Finds the directory that an absolute pattern begins with, as far as it exists: its path without
 * links, such as an operand has.
 *
 * @return 0, or -1 with ENOMEM.
 */
static int find_directory(struct options *o, struct ignore_pattern *pattern)
{
	/* Without a slash at the end. */
	char *path =
		arguments_format(o, "%.*s", (int)(pattern->end - pattern->glob), pattern->given);
	char *slash = path ? strrchr(path, '/') : path;
	char *found = NULL;

	for (; slash != path && !found; slash = strrchr(path, '/')) {
		*slash = '\0';
		pattern->rest = pattern->glob + (slash - path);
		found = realpath(path, NULL);
		if (!found && errno == ENOMEM) {
			return -1;
		}
	}
	if (!found) {
		return path ? 0 : -1;
	}
	o->ignore.has_absolute = true;
	pattern->directory = arguments_format(o, "%s", found[1] == '\0' ? "" : found);
	free(found);
	return pattern->directory ? 0 : -1;
}

static int add_pattern(struct options *o, const char *given, const char *list)
{
	struct ignore *ignore = &o->ignore;
	char *text = arguments_format(o, "%s", given);
	struct ignore_pattern *all;
	const char *problem;

	/* A literal '{a' alone in a list is a name. */
	if (strcmp(given, list) != 0 && !strchr(given, '{') != !strchr(given, '}')) {
		return arguments_refuse(o,
					"braces are not expanded; write each pattern out:", list);
	}
	all = text ? realloc(ignore->all, (ignore->count + 1) * sizeof(*all)) : NULL;
	if (!all) {
		return -1;
	}
	ignore->all = all;
	problem = ignore_parse(&all[ignore->count], text);
	if (problem) {
		return arguments_refuse(o, problem, given);
	}
	all += ignore->count++;
	all->given = given;
	return given[0] == '/' ? find_directory(o, all) : 0;
}

/**
 * Reads a tag, or a version, whose tag is CPython's. Suggests a version for a text that has one:
 * 3.11 for 3.11.7, 311, cp311 and python3.11; pypy310 for pypy3.10.
 *
 * @return The tag, or NULL after a usage error or with ENOMEM.
 */
static const char *read_tag(struct options *o, const char *text)
{
	const char *major = text + strspn(text, "cpythonvCPYTHONV-_");
	const char *minor = major[0] != '\0' && major[1] == '.' ? major + 2 : major + 1;
	int digits = *major >= '1' && *major <= '9' ? (int)strspn(minor, DIGITS) : 0;
	const char *end = minor + digits;
	bool is_pypy = strncasecmp(text, "pypy", 4) == 0;

	if (strcmp(text, filter_auto) == 0) {
		return filter_auto;
	}
	if (pyc_is_tag((struct pyc_part){ text, strlen(text) })) {
		return text;
	}
	if (digits == 1 || (digits == 2 && *minor != '0')) {
		/* As Python writes it: 3.11, or 3.13t, of which the tag has no 't'. */
		if (major == text && minor == text + 2 && strcmp(end + (*end == 't'), "") == 0) {
			return arguments_format(o, "cpython-%c%.*s", *major, digits, minor);
		}
		o->meant = arguments_format(o, is_pypy ? "pypy%c%.*s" : "%c.%.*s", *major, digits,
					    minor);
	}
	arguments_refuse(o, "write a version (3.11), a tag (cpython-311, pypy39) or auto, not",
			 text);
	return NULL;
}

static int add_tag(struct options *o, struct filter_tags *tags, const char *text)
{
	const char *tag = read_tag(o, text);
	const char **all = tag ? realloc(tags->all, (tags->count + 1) * sizeof(*all)) : NULL;

	if (!all) {
		return -1;
	}
	if (tag == filter_auto) {
		tags->automatic = tag;
	}
	all[tags->count++] = tag;
	tags->all = all;
	return 0;
}

static int add_topics(struct options *o, const char *name)
{
	unsigned topics = debris_topics(name);

	if (topics == 0) {
		return arguments_refuse(o, "--debris takes caches, coverage, build or all, not",
					name);
	}
	o->rules.debris |= topics;
	return 0;
}

int arguments_add(struct options *o, int letter, const char *list)
{
	const char *rest = list;
	int result = 0;

	while (rest && result == 0) {
		const char *item = next_item(o, &rest);

		if (!item) {
			return -1;
		}
		if (letter == 'd') {
			result = add_topics(o, item);
		} else if (letter == 'i') {
			result = add_pattern(o, item, list);
		} else {
			result = add_tag(
				o, letter == 'k' ? &o->selection.except : &o->selection.only, item);
		}
		if (result != 0 && item[0] == '\0') {
			o->problem_text = list;
		}
	}
	return result;
}

int arguments_set_jobs(struct options *o, const char *argument)
{
	unsigned long jobs = strtoul(argument, NULL, 10);

	/* strtoul() accepts white space and a sign. */
	if (argument[strspn(argument, DIGITS)] != '\0' || jobs < 1 || jobs > WALKER_MAX_THREADS) {
		return arguments_refuse(o, "--jobs takes a number from 1 to 64, not", argument);
	}
	o->jobs = (unsigned)jobs;
	return 0;
}

int arguments_set_when(struct options *o, enum reporter_when *when, const char *name,
		       const char *argument)
{
	static const char *const words[] = { "auto", "always", "never" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(argument, words[i]) == 0) {
			*when = (enum reporter_when)i;
			return 0;
		}
	}
	return arguments_refuse(
		o, arguments_format(o, "--%s takes auto, always or never, not", name), argument);
}

int arguments_set_prefix(struct options *o, const char *directory)
{
	o->cache_prefix = platform_identify(AT_FDCWD, directory, 0);
	if (o->cache_prefix.type != ENTRY_DIRECTORY) {
		return arguments_refuse(o, "--prefix takes an existing directory, not", directory);
	}
	return 0;
}

int arguments_read_environment(struct options *o)
{
	const char *directory = getenv("PYTHONPYCACHEPREFIX");

	if (!directory || o->cache_prefix.ino != 0) {
		return 0;
	}
	o->cache_prefix = platform_identify(AT_FDCWD, directory, 0);
	/* If it may exist, its debris must be kept, and nobody knows where. */
	if (o->cache_prefix.ino == 0 && errno != EACCES && !platform_is_no_directory(errno)) {
		return arguments_refuse(o,
					arguments_format(o, "cannot read PYTHONPYCACHEPREFIX (%s):",
							 strerror(errno)),
					directory);
	}
	return 0;
}
