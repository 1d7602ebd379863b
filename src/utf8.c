#include "utf8.h"

/** @return How many bytes a sequence has that begins with this one, or 0 where none does. */
static size_t length_of(unsigned char first)
{
	if (first < 0x80) {
		return 1;
	}
	if (first < 0xc0 || first > 0xf4) {
		return 0;
	}
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t utf8_decode(const char *text, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t length = length_of(s[0]);

	if (length < 2) {
		*character = s[0];
		return length;
	}
	*character = s[0] & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		/* A string's terminating zero ends this as well. */
		if ((s[i] & 0xc0) != 0x80) {
			return 0;
		}
		*character = *character << 6 | (s[i] & 0x3f);
	}
	if (*character < least[length] || *character > 0x10ffff ||
	    (*character >= 0xd800 && *character <= 0xdfff)) {
		return 0;
	}
	return length;
}
