#include "typo.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	LONGEST = 31
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t typo_distance(const char *word, size_t length, const char *other)
{
	/* d[i][j] is the distance between the first i letters of one and the first j of the other. */
	size_t d[LONGEST + 1][LONGEST + 1];
	size_t other_length = strlen(other);

	if (length > LONGEST || other_length > LONGEST) {
		return SIZE_MAX;
	}
	for (size_t i = 0; i <= length; i++) {
		d[i][0] = i;
	}
	for (size_t j = 0; j <= other_length; j++) {
		d[0][j] = j;
	}
	for (size_t i = 1; i <= length; i++) {
		for (size_t j = 1; j <= other_length; j++) {
			d[i][j] = least(d[i - 1][j - 1] + (word[i - 1] != other[j - 1]),
					least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && word[i - 1] == other[j - 2] &&
			    word[i - 2] == other[j - 1]) {
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
			}
		}
	}
	return d[length][other_length];
}

bool typo_is_slip(size_t distance, size_t length)
{
	return distance <= 1 + length / 4 && distance < length;
}

static bool ends_in(const char *word, int letter)
{
	const char *last = strrchr(word, letter);

	return last && last[1] == '\0';
}

const struct typo_foreign *typo_find_foreign(int letter, const char *word)
{
	static const struct typo_foreign all[] = {
		/* PyPI's pyclean. */
		{ 'e', "erase", "rm", NULL },
		{ 0, "folders", "--prune", NULL },
		{ 'g', "git-clean", "git clean -dXi", NULL },
		{ 'y', "yes", NULL, "pyclean never asks; leave out" },
		/* cleanpy. */
		{ 0, "debug", "--verbose", NULL },
		{ 0, "exclude-envs", NULL, "environments are skipped without --all; leave out" },
		{ 0, "follow-symlinks", NULL,
		  "links are never followed, except a PATH; leave out" },
		{ 0, "include-builds", "--debris=build", NULL },
		{ 0, "include-envs", "rm -r .venv", NULL },
		{ 0, "include-metadata", "--debris=build", NULL },
		{ 0, "include-testing", "--debris=coverage", NULL },
		{ 0, "interactive", "--dry-run", NULL },
		{ 0, "list", "--dry-run", NULL },
		/* py3clean. */
		{ 0, "package", "py3clean --package", NULL },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		size_t length = strlen(all[i].name);

		/* Only at the end of a word: in `-delete` it is not one of these. */
		if (letter != 0 ? all[i].letter == letter && ends_in(word, letter)
				: strncmp(word + 2, all[i].name, length) == 0 &&
					  strchr("=", word[2 + length])) {
			return &all[i];
		}
	}
	return NULL;
}

const char *typo_find_topic(const char *word)
{
	static const char *const topics[][2] = {
		{ "all", "all" },       { "build", "build" },       { "cache", "caches" },
		{ "caches", "caches" }, { "complexipy", "caches" }, { "coverage", "coverage" },
		{ "jupyter", "" },      { "mypy", "caches" },       { "package", "build" },
		{ "pyright", "" },      { "pytest", "caches" },     { "ruff", "caches" },
		{ "tox", "" },
	};

	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++) {
		if (strcmp(word, topics[i][0]) == 0) {
			return topics[i][1];
		}
	}
	return NULL;
}

bool typo_guess_tag(const char *text, char out[TYPO_TAG_SIZE])
{
	/* A name comes before its beginnings; the last one always matches. */
	static const char *const names[] = { "pypy", "python", "py", "cpython", "cp", "v", "" };
	const char *const *name = names;
	const char *major;
	const char *minor;
	size_t digits;

	if (strcasecmp(text, "auto") == 0 || strcasecmp(text, "python") == 0 ||
	    strcasecmp(text, "python3") == 0) {
		stpcpy(out, "auto");
		return true;
	}
	while (strncasecmp(text, *name, strlen(*name)) != 0) {
		name++;
	}
	major = text + strlen(*name);
	major += *major == '-' || *major == '_';
	if (*major < '1' || *major > '9') {
		return false;
	}
	minor = major + 1 + (major[1] == '.');
	digits = strspn(minor, "0123456789");
	if (digits < 1 || digits > 2) {
		return false;
	}
	snprintf(out, TYPO_TAG_SIZE, name == names ? "pypy%c%.*s" : "%c.%.*s", *major, (int)digits,
		 minor);
	return true;
}
