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

/** @return "pypy" for a name of PyPy, "" for one of CPython, otherwise NULL. */
static const char *beginning_of(const char *name, size_t length)
{
	static const char *const cpython[] = { "", "v", "py", "cp", "python", "cpython" };

	if (length == 4 && strncasecmp(name, "pypy", length) == 0) {
		return "pypy";
	}
	for (size_t i = 0; i < sizeof(cpython) / sizeof(*cpython); i++) {
		if (strlen(cpython[i]) == length && strncasecmp(name, cpython[i], length) == 0) {
			return "";
		}
	}
	return NULL;
}

bool typo_guess_tag(const char *text, char out[TYPO_TAG_SIZE])
{
	static const char digits[] = "0123456789";
	size_t length = strcspn(text, "0123456789-_. ");
	const char *beginning = beginning_of(text, length);
	const char *major = text + length + (text[length] == '-' || text[length] == '_');
	const char *minor = major + (major[0] != '\0') + (major[0] != '\0' && major[1] == '.');
	size_t minor_length = strspn(minor, digits);

	if (strcasecmp(text, "auto") == 0 || strcasecmp(text, "python") == 0 ||
	    strcasecmp(text, "python3") == 0) {
		stpcpy(out, "auto");
		return true;
	}
	if (!beginning || major[0] < '1' || major[0] > '9' || minor_length < 1 ||
	    minor_length > 2) {
		return false;
	}
	snprintf(out, TYPO_TAG_SIZE, "%s%c%s%.*s", beginning, major[0],
		 beginning[0] == '\0' ? "." : "", (int)minor_length, minor);
	return true;
}
