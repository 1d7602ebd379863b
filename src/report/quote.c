#include "report/internal.h"

#include "platform.h"

#include <stdbool.h>
#include <string.h>

size_t quote_decode(const char *text, uint32_t *character)
{
	static const uint32_t least[] = { [2] = 0x80, [3] = 0x800, [4] = 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t length;

	*character = s[0];
	if (s[0] < 0x80) {
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4) {
		return 0;
	}
	length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	*character &= 0x7fU >> length;
	for (size_t i = 1; i < length; i++) {
		/* The final NUL ends this too. */
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

/** Non-ASCII characters that control the terminal, are invisible, or look like a space. */
static const uint32_t unsafe[][2] = {
	{ 0x80, 0xa0 },       /* C1, no-break space */
	{ 0xad, 0xad },       /* soft hyphen */
	{ 0x34f, 0x34f },     /* combining grapheme joiner */
	{ 0x61c, 0x61c },     /* Arabic letter mark */
	{ 0x115f, 0x1160 },   /* Hangul fillers */
	{ 0x1680, 0x1680 },   /* Ogham space */
	{ 0x17b4, 0x17b5 },   /* invisible Khmer vowels */
	{ 0x180b, 0x180f },   /* Mongolian selectors and separator */
	{ 0x2000, 0x200f },   /* spaces, zero width, direction marks */
	{ 0x2028, 0x202f },   /* separators, embeddings, overrides */
	{ 0x205f, 0x206f },   /* spaces, invisible operators, isolates */
	{ 0x2800, 0x2800 },   /* blank Braille pattern */
	{ 0x3000, 0x3000 },   /* ideographic space */
	{ 0x3164, 0x3164 },   /* Hangul filler */
	{ 0xfe00, 0xfe0f },   /* variation selectors */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xffa0, 0xffa0 },   /* Hangul filler */
	{ 0xfff0, 0xfffb },   /* annotations */
	{ 0xfffe, 0xffff },   /* no characters */
	{ 0x1bca0, 0x1bca3 }, /* shorthand format */
	{ 0x1d173, 0x1d17a }, /* musical format */
	{ 0xe0000, 0xe0fff }, /* tags, selectors */
};

/** Whether a non-ASCII character is unsafe. */
static bool is_misleading(uint32_t character)
{
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		if (character >= unsafe[i][0] && character <= unsafe[i][1]) {
			return true;
		}
	}
	return false;
}

size_t quote_safe_run(const char *text, char quote)
{
	const char *end = text;

	for (;;) {
		uint32_t character;
		size_t step;

		/* Fast path for almost all characters. */
		while (*end >= 0x20 && *end < 0x7f && *end != quote && *end != '\\') {
			end++;
		}
		step = quote_decode(end, &character);
		if (step < 2 || is_misleading(character)) {
			return (size_t)(end - text);
		}
		end += step;
	}
}

/** Whether a path is one word to any shell. */
static bool is_word(const char *path)
{
	return strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "_@%+:,./-") == strlen(path);
}

/** Adds one byte as an escape sequence. */
static void add_escaped(struct strbuf *out, unsigned char byte)
{
	/* Each byte is followed by its letter. */
	const char *named = strchr("\aa\bb\tt\nn\vv\ff\rr\033e\\\\''", byte);

	if (named) {
		strbuf_printf(out, "\\%c", named[1]);
	} else {
		strbuf_printf(out, "\\%03o", byte);
	}
}

void quote_path(struct strbuf *out, const char *path, enum quote_style style)
{
	bool bare = path[0] != '\0' &&
		    (style == QUOTE_BARE || (style == QUOTE_ARGUMENT && is_word(path)));
	const char *quote = bare ? "" : "'";
	size_t run = quote_safe_run(path, '\'');
	bool safe = path[run] == '\0' && path[0] != ' ' && (run == 0 || path[run - 1] != ' ');

	strbuf_add_string(out, safe ? quote : "$'");
	for (;;) {
		strbuf_add(out, path, run);
		path += run;
		if (*path == '\0') {
			break;
		}
		add_escaped(out, (unsigned char)*path++);
		run = quote_safe_run(path, '\'');
	}
	strbuf_add_string(out, safe ? quote : "'");
}

/** @return The columns of the first character of a text. @param length Receives its bytes. */
static size_t first_width(const char *text, size_t *length)
{
	uint32_t character;
	int columns;

	*length = quote_decode(text, &character);
	if (*length > 1) {
		columns = platform_wcwidth((wchar_t)character);
		return columns >= 0 ? (size_t)columns : 2;
	}
	/* A byte that is not UTF-8 is shown as an escape sequence, which is cut again. */
	*length = 1;
	return 1;
}

size_t quote_width(const char *text)
{
	size_t sum = 0;
	size_t length;

	for (; *text != '\0'; text += length) {
		sum += first_width(text, &length);
	}
	return sum;
}

const char *quote_cut_start(const char *text, size_t columns)
{
	size_t left = quote_width(text);
	size_t length;
	size_t width;

	for (; *text != '\0'; text += length, left -= width) {
		width = first_width(text, &length);
		if (left <= columns && width > 0) {
			break;
		}
	}
	return text;
}
