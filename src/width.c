#include "width.h"

#include "utf8.h"

#include <locale.h>
#include <pthread.h>
#include <wchar.h>

static locale_t utf8;
static pthread_once_t utf8_once = PTHREAD_ONCE_INIT;

static void open_utf8(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

size_t width_of(uint32_t character)
{
	locale_t before;
	int columns;

	if (character < 0x80) {
		return 1;
	}
	pthread_once(&utf8_once, open_utf8);
	/* Without that locale this changes nothing, and wcwidth() knows ASCII alone. */
	before = uselocale(utf8);
	columns = wcwidth((wchar_t)character);
	uselocale(before);
	return columns >= 0 ? (size_t)columns : 2;
}

/** @return The length of the character at the start of a text, at least 1. */
static size_t step_of(const char *text, size_t *columns)
{
	uint32_t character;
	size_t step = utf8_decode(text, &character);

	*columns = step > 0 ? width_of(character) : 1;
	return step > 0 ? step : 1;
}

size_t width_of_text(const char *text)
{
	size_t columns;
	size_t sum = 0;

	for (; *text != '\0'; sum += columns) {
		text += step_of(text, &columns);
	}
	return sum;
}

const char *width_cut_start(const char *text, size_t columns)
{
	size_t left = width_of_text(text);
	size_t gone = 0;

	/* What combines with a character goes with it. */
	while (*text != '\0' && (left > columns || gone > 0)) {
		size_t own;
		size_t step = step_of(text, &own);

		if (left <= columns && own > 0) {
			break;
		}
		text += step;
		left -= own;
		gone += own;
	}
	return text;
}

size_t width_cut_end(const char *text, size_t columns)
{
	size_t at = 0;
	size_t used = 0;

	while (text[at] != '\0') {
		size_t own;
		size_t step = step_of(text + at, &own);

		if (used + own > columns) {
			break;
		}
		at += step;
		used += own;
	}
	return at;
}
