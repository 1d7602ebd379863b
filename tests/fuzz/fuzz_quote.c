/*
 * quote_path(): whatever the path, what comes out has nothing that a terminal might obey or
 * that is no UTF-8, and is read back to the same bytes.
 */

#include "fuzz.h"
#include "report/internal.h"

#include <stdbool.h>

/** Reads what stands between $' and ' as a shell does. @return Whether it was well formed. */
static bool unescape(char *out, const char *text, size_t length)
{
	static const char named[] = "a\ab\bt\tn\nv\vf\fr\re\033\\\\''";

	for (size_t at = 0; at < length;) {
		const char *pair = named;

		if (text[at] != '\\') {
			*out++ = text[at++];
			continue;
		}
		at++;
		while (*pair && *pair != text[at]) {
			pair += 2;
		}
		if (*pair) {
			*out++ = pair[1];
			at++;
		} else if (at + 3 <= length && text[at] >= '0' && text[at] <= '3') {
			*out++ = (char)((text[at] - '0') << 6 | (text[at + 1] - '0') << 3 |
					(text[at + 2] - '0'));
			at += 3;
		} else {
			return false;
		}
	}
	*out = '\0';
	return true;
}

/** Whether a character's bytes follow; none of those that hide, move or reorder text. */
static size_t harmless_length(const unsigned char *s)
{
	uint32_t c = s[0] < 0xe0 ? s[0] & 0x1fU : s[0] < 0xf0 ? s[0] & 0xfU : s[0] & 7U;
	size_t length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] < 0x80) {
		return s[0] >= 0x20 && s[0] != 0x7f ? 1 : 0;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4) {
		return 0;
	}
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			return 0;
		}
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c <= 0xa0 || c == 0xad || c == 0x61c || (c >= 0x2000 && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 ||
	    c == 0xfeff || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff) {
		return 0;
	}
	return length;
}

static void check(const char *path, enum quote_style style)
{
	struct strbuf buffer = STRBUF_INIT;

	quote_path(&buffer, path, style);

	const char *out = buffer.text;
	size_t length = buffer.length;
	char *back = malloc(length + 1);

	HOLDS(back && !buffer.failed && strlen(out) == length);
	for (size_t at = 0; at < length;) {
		size_t step = harmless_length((const unsigned char *)out + at);

		HOLDS(step > 0);
		at += step;
	}
	if (strncmp(out, "$'", 2) == 0) {
		HOLDS(length >= 3 && out[length - 1] == '\'');
		HOLDS(unescape(back, out + 2, length - 3));
		HOLDS(strcmp(back, path) == 0);
	} else if (style == QUOTE_ALWAYS || path[0] == '\0') {
		HOLDS(length == strlen(path) + 2 && out[0] == '\'' && out[length - 1] == '\'');
		HOLDS(memcmp(out + 1, path, length - 2) == 0 && !strchr(path, '\''));
	} else {
		HOLDS(strcmp(out, path) == 0 && !strpbrk(path, "'\\"));
		HOLDS(out[0] != ' ' && out[length - 1] != ' ');
	}
	free(back);
	strbuf_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *path = take_string(&data, &size);

	check(path, QUOTE_BARE);
	check(path, QUOTE_ALWAYS);
	free(path);
	return 0;
}
