/*
 * environment_parse(): a version that it finds is one, there is none in a text without the word, and
 * the same text twice says the same.
 */

#include "environment.h"
#include "fuzz.h"

#include <ctype.h>

static bool same(const struct environment_python *a, const struct environment_python *b)
{
	return a->implementation == b->implementation && a->contradictory == b->contradictory &&
	       strcmp(a->version, b->version) == 0;
}

static void check_version(const char *version)
{
	size_t length = strnlen(version, sizeof(((struct environment_python *)0)->version));

	HOLDS(length == 0 || (length >= 2 && length <= 4));
	for (size_t i = 0; i < length; i++) {
		HOLDS(isdigit((unsigned char)version[i]));
	}
	HOLDS(length == 0 || version[0] >= '2');
	HOLDS(length <= 2 || version[1] != '0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct environment_python python;
	struct environment_python again;
	char *text = take_string(&data, &size);
	char *twice = malloc(2 * strlen(text) + 4);
	bool has_version = strcasestr(text, "version") != NULL;

	if (!twice) {
		abort();
	}
	stpcpy(stpcpy(stpcpy(twice, text), "\n=\r"), text);
	memset(&python, 0xa5, sizeof(python));
	environment_parse(text, &python);
	check_version(python.version);
	HOLDS(python.implementation <= ENVIRONMENT_OTHER);
	HOLDS(has_version || python.version[0] == '\0');
	HOLDS(python.version[0] != '\0' || !python.contradictory);
	environment_parse(twice, &again);
	HOLDS(same(&python, &again));
	free(text);
	free(twice);
	return 0;
}
