#include "arguments.h"

#include "interpreter.h"
#include "options.h"
#include "typo.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIGITS "0123456789"

char *arguments_keep(struct arguments_text **texts, const char *text)
{
	size_t size = strlen(text) + 1;
	struct arguments_text *kept = malloc(sizeof(*kept) + size);

	if (!kept) {
		return NULL;
	}
	memcpy(kept->text, text, size);
	kept->next = *texts;
	*texts = kept;
	return kept->text;
}

char *arguments_format(struct arguments_text **texts, const char *format, ...)
{
	char *text = NULL;
	char *kept;
	va_list values;
	int length;

	va_start(values, format);
	length = vasprintf(&text, format, values);
	va_end(values);
	if (length < 0) {
		return NULL;
	}
	kept = arguments_keep(texts, text);
	free(text);
	return kept;
}

void arguments_free(struct arguments_text *texts)
{
	while (texts) {
		struct arguments_text *next = texts->next;

		free(texts);
		texts = next;
	}
}

char *arguments_next(char **rest)
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

int arguments_add(struct arguments_list *list, const char *item)
{
	const char **items = realloc(list->items, (list->count + 1) * sizeof(*items));

	if (!items) {
		return -1;
	}
	items[list->count++] = item;
	list->items = items;
	return 0;
}

static int refuse(struct options *o, const char *problem, const char *text)
{
	o->problem = problem;
	o->problem_text = text;
	return -1;
}

/** Cuts an --ignore pattern into the form that the matcher takes. @return It, or NULL if empty. */
static char *trim_pattern(char *pattern)
{
	size_t length = strlen(pattern);

	while (length > 1 && pattern[length - 1] == '/') {
		pattern[--length] = '\0';
	}
	while (strncmp(pattern, "./", 2) == 0) {
		pattern += 2;
	}
	return pattern[strspn(pattern, "/")] == '\0' ? NULL : pattern;
}

int arguments_add_patterns(struct options *o, const char *list)
{
	char *rest = arguments_keep(&o->texts, list);

	if (!rest) {
		return -1;
	}
	while (rest) {
		const char *pattern = trim_pattern(arguments_next(&rest));

		if (!pattern) {
			return refuse(o, "a pattern of --ignore is empty:", list);
		}
		if (arguments_add(&o->ignore, pattern) != 0) {
			return -1;
		}
	}
	return 0;
}

/** Whether a text is a version, "3.11" or "3.13t", and as Python writes it: not 03.11, nor 3.011. */
static bool is_version(const char *text)
{
	size_t major = strspn(text, DIGITS);
	size_t minor = text[major] == '.' ? strspn(text + major + 1, DIGITS) : 0;
	const char *end = text + major + 1 + minor;

	return major > 0 && minor > 0 && text[0] != '0' && (minor == 1 || text[major + 1] != '0') &&
	       strcmp(end + (*end == 't'), "") == 0;
}

/** @return The tag of a version of CPython; the free-threaded build has the same. NULL with ENOMEM. */
static const char *tag_of_version(struct options *o, const char *version)
{
	int major = (int)strcspn(version, ".");
	int minor = (int)strspn(version + major + 1, DIGITS);

	return arguments_format(&o->texts, "cpython-%.*s%.*s", major, version, minor,
				version + major + 1);
}

/** @return An interpreter's tag, or NULL with a usage error or with ENOMEM. */
static const char *tag_of(struct options *o, const char *text, const char *list)
{
	char meant[TYPO_TAG_SIZE];

	if (strcmp(text, "auto") == 0) {
		o->asks_interpreter = true;
		return o->auto_tag;
	}
	if (is_version(text)) {
		return tag_of_version(o, text);
	}
	if (interpreter_could_have_tag((struct pyc_part){ text, strlen(text) })) {
		return text;
	}
	if (typo_guess_tag(text, meant)) {
		o->meant = arguments_keep(&o->texts, meant);
	}
	refuse(o, "neither a version (3.11) nor a tag (cpython-311, pypy39):",
	       text[0] == '\0' ? list : text);
	return NULL;
}

int arguments_add_tags(struct options *o, struct arguments_list *tags, const char *list)
{
	char *rest = arguments_keep(&o->texts, list);

	if (!rest) {
		return -1;
	}
	while (rest) {
		const char *tag = tag_of(o, arguments_next(&rest), list);

		if (!tag || arguments_add(tags, tag) != 0) {
			return -1;
		}
	}
	return 0;
}

/** @return An absolute path without "." and "..", and without a slash at its end; or NULL. */
static char *normalize(const char *path)
{
	char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	char *all = NULL;
	char *end;

	if (asprintf(&all, "%s/%s", cwd ? cwd : "", path) < 0) {
		all = NULL;
	}
	free(cwd);
	end = all;
	for (char *at = all; at && *at != '\0';) {
		size_t length = strcspn(++at, "/");

		if (length == 2 && strncmp(at, "..", 2) == 0) {
			*end = '\0';
			end = strrchr(all, '/') ? strrchr(all, '/') : all;
		} else if (length > 1 || (length == 1 && *at != '.')) {
			*end++ = '/';
			memmove(end, at, length);
			end += length;
		}
		at += length;
	}
	if (all) {
		*end = '\0';
	}
	return all;
}

bool arguments_is_within(const char *path, const char *directory)
{
	char *inner = normalize(path);
	char *outer = normalize(directory);
	size_t length = outer ? strlen(outer) : 0;
	bool within = inner && outer && strncmp(inner, outer, length) == 0 && inner[length] == '/';

	free(inner);
	free(outer);
	return within;
}
