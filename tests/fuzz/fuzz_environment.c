/*
 * interpreter_parse_config(): the result is a glob for tags, it does not tell a version that is not
 * in the text, and the same text twice says the same.
 */

#include "fuzz.h"
#include "operands.h"

/** Whether a glob is an implementation and a version, or "*" for what is not known. */
static bool is_glob(const char *tags)
{
	size_t length = strcspn(tags + 1, "*!23456789") + 1;
	const char *version = tags + length;

	return (strncmp(tags, "*", length) == 0 || strncmp(tags, "cpython-", length) == 0 ||
		strncmp(tags, "pypy", length) == 0 || strncmp(tags, "!", length) == 0) &&
	       (strcmp(version, "*") == 0 || strcmp(version, "!") == 0 ||
		(strspn(version, "0123456789") == strlen(version) && strlen(version) >= 2 &&
		 strlen(version) <= 3));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char tags[INTERPRETER_TAG_SIZE];
	char again[INTERPRETER_TAG_SIZE];
	char *text = take_string(&data, &size);
	char *twice = malloc(2 * strlen(text) + 4);
	bool has_version = strstr(text, "version") != NULL;
	bool has_implementation = strstr(text, "implementation") != NULL;

	if (!twice) {
		abort();
	}
	stpcpy(stpcpy(stpcpy(twice, text), "\n=\r"), text);
	memset(tags, 0xa5, sizeof(tags));
	interpreter_parse_config(text, tags);
	HOLDS(memchr(tags, '\0', sizeof(tags)) && is_glob(tags));
	HOLDS(has_version || tags[strlen(tags) - 1] == '*');
	HOLDS(has_implementation || tags[0] == '*');
	interpreter_parse_config(twice, again);
	HOLDS(strcmp(tags, again) == 0);
	free(text);
	free(twice);
	return 0;
}
