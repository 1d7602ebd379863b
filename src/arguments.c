#include "arguments.h"

#include "debris.h"
#include "pyc.h"
#include "typo.h"
#include "walker.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DIGITS "0123456789"

/** A list of allocated texts, the latest first. */
struct options_text {
	struct options_text *next;
	char *text;
};

char *arguments_format(struct options_text **texts, const char *format, ...)
{
	struct options_text *made = malloc(sizeof(*made));
	va_list values;
	int length;

	if (!made) {
		return NULL;
	}
	va_start(values, format);
	length = vasprintf(&made->text, format, values);
	va_end(values);
	if (length < 0) {
		free(made);
		return NULL;
	}
	made->next = *texts;
	*texts = made;
	return made->text;
}

void arguments_free(struct options_text *texts)
{
	while (texts) {
		struct options_text *next = texts->next;

		free(texts->text);
		free(texts);
		texts = next;
	}
}

int arguments_refuse(struct options *o, const char *problem, const char *text)
{
	o->problem = text ? problem : NULL;
	o->problem_text = text;
	return -1;
}

/* ---- Lists ---------------------------------------------------------------------------------- */

int arguments_add(struct options_list *list, const char *item)
{
	const char **items = realloc(list->items, (list->count + 1) * sizeof(*items));

	if (!items) {
		return -1;
	}
	items[list->count++] = item;
	list->items = items;
	return 0;
}

/**
 * Splits off the part before the first comma without a backslash. Backslashes are kept.
 *
 * @param rest The text to split, which is modified; set to NULL after the last item.
 */
static char *next_item(char **rest)
{
	char *start = *rest;
	char *at = start;

	while (*at != '\0' && *at != ',') {
		at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
	}
	*rest = *at == '\0' ? NULL : at + 1;
	*at = '\0';
	return start;
}

/** Adds one item of the list that it is from. @param to As add_each()'s. @return 0 or -1. */
typedef int add_item(struct options *o, struct options_list *to, char *item, const char *list);

/** Adds the items of an option's argument. @param to For add_item(), or NULL. @return 0 or -1. */
static int add_each(struct options *o, struct options_list *to, const char *list, add_item *add)
{
	char *rest = arguments_format(&o->texts, "%s", list);

	if (!rest) {
		return -1;
	}
	while (rest) {
		if (add(o, to, next_item(&rest), list) != 0) {
			return -1;
		}
	}
	return 0;
}

/* ---- Patterns ------------------------------------------------------------------------------- */

/** Whether braces are in pairs. */
static bool has_paired_braces(const char *text)
{
	int open = 0;

	for (; *text != '\0'; text++) {
		open += (*text == '{') - (*text == '}');
	}
	return open == 0;
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
	char *path = arguments_format(&o->texts, "%.*s", (int)(pattern->end - pattern->glob),
				      pattern->given);
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
	pattern->directory = arguments_format(&o->texts, "%s", found[1] == '\0' ? "" : found);
	free(found);
	return pattern->directory ? 0 : -1;
}

/** Adds a pattern to the options'. @return As add_item(). */
static int add_pattern(struct options *o, struct options_list *to, char *item, const char *list)
{
	struct ignore *ignore = &o->ignore;
	struct ignore_pattern *all = realloc(ignore->all, (ignore->count + 1) * sizeof(*all));
	struct ignore_pattern *added;
	const char *problem;
	char *text;

	(void)to;
	if (!all) {
		return -1;
	}
	ignore->all = all;
	added = &all[ignore->count];
	text = arguments_format(&o->texts, "%s", item);
	if (!text) {
		return -1;
	}
	/* A literal '{a' alone in a list is a name. */
	if (strlen(item) < strlen(list) && !has_paired_braces(item)) {
		return arguments_refuse(o,
					"braces are not expanded; write each pattern out:", list);
	}
	problem = ignore_parse(added, text);
	if (problem) {
		return arguments_refuse(o, problem, item[strspn(item, "./")] == '\0' ? list : item);
	}
	added->given = item;
	ignore->count++;
	return item[0] == '/' ? find_directory(o, added) : 0;
}

int arguments_add_patterns(struct options *o, const char *list)
{
	return add_each(o, NULL, list, add_pattern);
}

/* ---- Tags ----------------------------------------------------------------------------------- */

/** Whether a text is a version as Python writes it: 3.11 or 3.13t, not 03.11 or 3.011. */
static bool is_version(const char *text)
{
	size_t major = strspn(text, DIGITS);
	size_t minor = text[major] == '.' ? strspn(text + major + 1, DIGITS) : 0;
	const char *end = text + major + 1 + minor;

	return major > 0 && minor > 0 && text[0] != '0' && (minor == 1 || text[major + 1] != '0') &&
	       strcmp(end + (*end == 't'), "") == 0;
}

/** Adds the tag of a CPython version, without a free-threaded 't'. @return 0, or -1 with ENOMEM. */
static int add_version(struct options *o, struct options_list *to, const char *version)
{
	int major = (int)strcspn(version, ".");
	int minor = (int)strspn(version + major + 1, DIGITS);
	const char *tag = arguments_format(&o->texts, "cpython-%.*s%.*s", major, version, minor,
					   version + major + 1);

	return tag ? arguments_add(to, tag) : -1;
}

/** Adds a version or a tag. @return As add_item(). */
static int add_tag(struct options *o, struct options_list *to, char *text, const char *list)
{
	char meant[TYPO_TAG_SIZE];

	if (strcmp(text, filter_auto) == 0) {
		return arguments_add(to, filter_auto);
	}
	if (is_version(text)) {
		return add_version(o, to, text);
	}
	if (pyc_is_tag((struct pyc_part){ text, strlen(text) })) {
		return arguments_add(to, text);
	}
	if (typo_guess_tag(text, meant)) {
		o->meant = arguments_format(&o->texts, "%s", meant);
	}
	return arguments_refuse(o,
				"write a version (3.11), a tag (cpython-311, pypy39) or auto, not",
				text[0] == '\0' ? list : text);
}

int arguments_add_tags(struct options *o, struct options_list *tags, const char *list)
{
	return add_each(o, tags, list, add_tag);
}

/** Adds a topic to the options'. @return As add_item(). */
static int add_topic(struct options *o, struct options_list *to, char *text, const char *list)
{
	unsigned topics = debris_topics(text);
	const char *meant = typo_find_topic(text);

	(void)to;
	if (topics == 0) {
		o->meant = meant && meant[0] != '\0' ? meant : NULL;
		return arguments_refuse(o, "--debris takes caches, coverage, build or all, not",
					text[0] == '\0' ? list : text);
	}
	o->rules.debris |= topics;
	return 0;
}

int arguments_add_topics(struct options *o, const char *list)
{
	return add_each(o, NULL, list, add_topic);
}

/* ---- Others --------------------------------------------------------------------------------- */

int arguments_set_jobs(struct options *o, const char *argument)
{
	char *end;
	long jobs;

	/* strtol() would accept white space and a sign. */
	jobs = argument[0] >= '0' && argument[0] <= '9' ? strtol(argument, &end, 10) : 0;
	if (jobs < 1 || jobs > WALKER_MAX_THREADS || *end != '\0') {
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
		o, arguments_format(&o->texts, "--%s takes auto, always or never, not", name),
		argument);
}

int arguments_set_prefix(struct options *o, const char *directory)
{
	struct stat st;

	if (stat(directory, &st) != 0 || !S_ISDIR(st.st_mode)) {
		return arguments_refuse(o, "--prefix takes an existing directory, not", directory);
	}
	o->prefix = directory;
	return 0;
}
