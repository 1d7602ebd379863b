#include "quote.h"

#include "utf8.h"

#include <string.h>

struct range {
	uint32_t first, last;
};

/** Characters outside ASCII that do something, or show nothing, or look like a plain space. */
static const struct range unsafe[] = {
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

bool quote_is_misleading(uint32_t character)
{
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		if (character >= unsafe[i].first && character <= unsafe[i].last) {
			return true;
		}
	}
	return false;
}

/** @return The length of the character at `s` where it can be shown as it is, or 0. */
static size_t safe_length(const char *s)
{
	uint32_t character;
	size_t length = utf8_decode(s, &character);

	if (length == 0 || character < 0x20 || character == 0x7f || character == '\'' ||
	    character == '\\') {
		return 0;
	}
	return length > 1 && quote_is_misleading(character) ? 0 : length;
}

/** Whether a byte is a character that can be shown as it is: what nearly all paths are made of. */
static bool is_plain(char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '\'' && byte != '\\';
}

/** Whether a path is one word to any shell. */
static bool is_word(const char *path)
{
	return strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "_@%+:,./-") == strlen(path);
}

static bool is_safe(const char *path, size_t length, enum quote_style style)
{
	if (length == 0) {
		return style != QUOTE_BARE;
	}
	if (path[0] == ' ' || path[length - 1] == ' ') {
		return false;
	}
	for (size_t at = 0; at < length;) {
		size_t step = is_plain(path[at]) ? 1 : safe_length(path + at);

		if (step == 0) {
			return false;
		}
		at += step;
	}
	return true;
}

/** Writes one byte as an escape sequence. @return Where to write on. */
static char *escape(char *out, unsigned char byte)
{
	static const char named[] = "\aa\bb\tt\nn\vv\ff\rr\033e\\\\''";

	*out++ = '\\';
	for (const char *pair = named; *pair; pair += 2) {
		if ((unsigned char)pair[0] == byte) {
			*out++ = pair[1];
			return out;
		}
	}
	*out++ = (char)('0' + (byte >> 6));
	*out++ = (char)('0' + (byte >> 3 & 7));
	*out++ = (char)('0' + (byte & 7));
	return out;
}

/** Writes a path's bytes, escaping what cannot be shown. @return Where to write on. */
static char *escape_path(char *out, const char *path, size_t length)
{
	for (size_t at = 0; at < length;) {
		size_t step = safe_length(path + at);

		if (step == 0) {
			out = escape(out, (unsigned char)path[at++]);
		} else {
			out = mempcpy(out, path + at, step);
			at += step;
		}
	}
	return out;
}

size_t quote_path(char *out, const char *path, enum quote_style style)
{
	size_t length = strlen(path);
	bool safe = is_safe(path, length, style);
	bool bare = safe && (style == QUOTE_BARE ||
			     (style == QUOTE_ARGUMENT && length > 0 && is_word(path)));
	const char *quotes = bare ? "" : "'";
	char *end = stpcpy(stpcpy(out, safe ? "" : "$"), quotes);

	end = safe ? mempcpy(end, path, length) : escape_path(end, path, length);
	end = stpcpy(end, quotes);
	return (size_t)(end - out);
}
