#include "report/quote.h"

#include "platform.h"

#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wchar.h>

/* ---- Characters ----------------------------------------------------------------------------- */

/** @return The length of the UTF-8 sequence that starts with this byte, or 0 if none does. */
static size_t sequence_length(unsigned char first)
{
	if (first < 0x80) {
		return 1;
	}
	if (first < 0xc0 || first > 0xf4) {
		return 0;
	}
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t quote_decode(const char *text, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t length = sequence_length(s[0]);

	if (length < 2) {
		*character = s[0];
		return length;
	}
	*character = s[0] & (0xffU >> (length + 1));
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

struct range {
	uint32_t first, last;
};

/** Non-ASCII characters that control the terminal, are invisible, or look like a space. */
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

/** Whether a non-ASCII character is unsafe. */
static bool is_misleading(uint32_t character)
{
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		if (character >= unsafe[i].first && character <= unsafe[i].last) {
			return true;
		}
	}
	return false;
}

size_t quote_safe_run(const char *text, const char special[2])
{
	const char *end = text;
	size_t step = 0;

	do {
		uint32_t character;

		end += step;
		/* Fast path for almost all characters. */
		while (*end >= 0x20 && *end < 0x7f && *end != special[0] && *end != special[1]) {
			end++;
		}
		step = quote_decode(end, &character);
		step = step > 1 && !is_misleading(character) ? step : 0;
	} while (step > 0);
	return (size_t)(end - text);
}

/* ---- Quoting -------------------------------------------------------------------------------- */

/** These would end the quotes or begin an escape sequence. */
static const char special[2] = { '\'', '\\' };

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
	return path[0] != ' ' && path[length - 1] != ' ' && quote_safe_run(path, special) == length;
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
	size_t length = strlen(path);

	if (is_safe(path, length, style)) {
		bool bare = style == QUOTE_BARE ||
			    (style == QUOTE_ARGUMENT && length > 0 && is_word(path));
		const char *quote = bare ? "" : "'";

		strbuf_add_string(out, quote);
		strbuf_add(out, path, length);
		strbuf_add_string(out, quote);
		return;
	}
	strbuf_add_string(out, "$'");
	while (*path != '\0') {
		size_t run = quote_safe_run(path, special);

		strbuf_add(out, path, run);
		path += run;
		if (*path != '\0') {
			add_escaped(out, (unsigned char)*path++);
		}
	}
	strbuf_add_char(out, '\'');
}

/* ---- Width ---------------------------------------------------------------------------------- */

static locale_t utf8;
static pthread_once_t utf8_once = PTHREAD_ONCE_INIT;

static void open_utf8(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/** @return The width of a character in columns: 0, 1 or 2. */
static size_t character_width(uint32_t character)
{
	int columns;

	if (character < 0x80) {
		return 1;
	}
	pthread_once(&utf8_once, open_utf8);
	/* Without the C.UTF-8 locale, this knows only ASCII. */
	columns = platform_wcwidth((wchar_t)character, utf8);
	return columns >= 0 ? (size_t)columns : 2;
}

/** @return The length of the character at the start of a text, at least 1. */
static size_t step_of(const char *text, size_t *columns)
{
	uint32_t character;
	size_t step = quote_decode(text, &character);

	*columns = step > 0 ? character_width(character) : 1;
	return step > 0 ? step : 1;
}

size_t quote_width(const char *text)
{
	size_t columns;
	size_t sum = 0;

	for (; *text != '\0'; sum += columns) {
		text += step_of(text, &columns);
	}
	return sum;
}

const char *quote_cut_start(const char *text, size_t columns)
{
	size_t left = quote_width(text);
	const char *end = text;

	while (*end != '\0') {
		size_t own;
		size_t step = step_of(end, &own);

		/* Combining characters are cut with their base character. */
		if (left <= columns && (own > 0 || end == text)) {
			break;
		}
		end += step;
		left -= own;
	}
	return end;
}
