#include "spelling.h"

#include <stdint.h>
#include <string.h>

enum {
	LONGEST = 31
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t spelling_distance(const char *word, size_t length, const char *other)
{
	/* The distances of the word's beginnings from the other's, for the last three of them. */
	size_t rows[3][LONGEST + 1] = { 0 };
	size_t other_length = strlen(other);

	if (length > LONGEST || other_length > LONGEST) {
		return SIZE_MAX;
	}
	for (size_t j = 0; j <= other_length; j++) {
		rows[0][j] = j;
	}
	for (size_t i = 1; i <= length; i++) {
		size_t *row = rows[i % 3];
		const size_t *before = rows[(i + 2) % 3];
		const size_t *two_before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= other_length; j++) {
			size_t changed = before[j - 1] + (word[i - 1] != other[j - 1]);

			row[j] = least(changed, least(before[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && word[i - 1] == other[j - 2] &&
			    word[i - 2] == other[j - 1]) {
				row[j] = least(row[j], two_before[j - 2] + 1);
			}
		}
	}
	return rows[length % 3][other_length];
}

bool spelling_is_slip(size_t distance, size_t length)
{
	return distance <= 1 + length / 4 && distance < length;
}
