/* Paths as they may be shown: what each character becomes, and that a shell reads it back. */

#include "report/internal.h"
#include "tests.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char *quoted(const char *path, enum quote_style style)
{
	struct strbuf out = STRBUF_INIT;
	const char *copy;

	/* Behind other text, as in a line. */
	strbuf_add_string(&out, "x");
	quote_path(&out, path, style);
	assert_int_equal(strlen(out.text), out.length);
	copy = scratch_copy(out.text + 1, out.length - 1);
	strbuf_free(&out);
	return copy;
}

/** Asserts that a path is shown as it is. */
static void assert_plain(const char *path)
{
	assert_string_equal(quoted(path, QUOTE_BARE), path);
	assert_string_equal(quoted(path, QUOTE_ALWAYS), scratch_format("'%s'", path));
}

/** Asserts that a path becomes $'…' in each style. */
static void assert_escaped(const char *path, const char *expected)
{
	assert_string_equal(quoted(path, QUOTE_BARE), expected);
	assert_string_equal(quoted(path, QUOTE_ALWAYS), expected);
	assert_string_equal(quoted(path, QUOTE_ARGUMENT), expected);
}

/* What is special to some shell somewhere in a word is not left to it. */
TEST(an_argument_is_bare_where_any_shell_takes_it_for_one_word)
{
	static const char special[] = " !\"#$&()*;<=>?[]^`{|}~";

	assert_string_equal(quoted("a/B-9_x.y,z:@%+", QUOTE_ARGUMENT), "a/B-9_x.y,z:@%+");
	assert_string_equal(quoted("", QUOTE_ARGUMENT), "''");
	assert_string_equal(quoted("\xc3\xa9", QUOTE_ARGUMENT), "'\xc3\xa9'");
	for (const char *c = special; *c; c++) {
		const char *path = scratch_format("a%cb", *c);

		assert_string_equal(quoted(path, QUOTE_ARGUMENT), scratch_format("'%s'", path));
	}
}

/* ---- Classes -------------------------------------------------------------------------------- */

/* What people call their files is not disfigured, blanks and other scripts included. */
TEST(ordinary_paths_are_shown_as_they_are)
{
	static const char *const paths[] = {
		"a",
		".",
		"pkg/__pycache__/",
		"a b/c d.pyc",
		"-n",
		"$(id) `id` !1 ~ * ? [x] {a,b} # ; & | < > \" ( ) % ^ = +",
		"caf\xc3\xa9.pyc",                          /* é, precomposed */
		"cafe\xcc\x81.pyc",                         /* e and a combining accent */
		"\xe6\xbc\xa2\xe5\xad\x97.pyc",             /* CJK */
		"\xd7\xa2\xd7\x91\xd7\xa8\xd7\x99\xd7\xaa", /* Hebrew, which needs no marks */
		"\xf0\x9f\x90\x8d.pyc",                     /* a snake */
		"\xc2\xa1",         /* U+00A1, the first after C1 and NBSP */
		"\xef\xbf\xbd",     /* U+FFFD, a character like any other */
		"\xf4\x80\x80\x80", /* U+100000 */
		"\xed\x9f\xbf",     /* U+D7FF, the last before the surrogates */
		"\xee\x80\x80",     /* U+E000, the first after them */
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_plain(paths[i]);
	}
}

/* A path that cannot be seen, or whose end cannot, has to be marked. */
TEST(an_empty_path_and_blanks_at_the_ends_are_quoted)
{
	assert_string_equal(quoted("", QUOTE_BARE), "''");
	assert_string_equal(quoted("", QUOTE_ALWAYS), "''");
	assert_escaped(" ", "$' '");
	assert_escaped(" a", "$' a'");
	assert_escaped("a ", "$'a '");
	assert_plain("a b");
}

/* Each control character: ESC alone can recolour, rename or type into a terminal. */
TEST(control_characters_are_escaped)
{
	for (int byte = 1; byte < 0x20; byte++) {
		const char named[] = "abtnvfr";
		const char *expected = byte >= 7 && byte <= 13
					       ? scratch_format("$'x\\%cy'", named[byte - 7])
					       : scratch_format("$'x\\%03oy'", (unsigned)byte);

		assert_escaped(scratch_format("x%cy", byte), byte == 0x1b ? "$'x\\ey'" : expected);
	}
	assert_escaped("x\x7fy", "$'x\\177y'");
}

/* Three octal digits a byte: fewer would swallow a digit that follows. */
TEST(a_digit_after_an_escape_stays_a_digit)
{
	assert_escaped("\x01"
		       "1",
		       "$'\\0011'");
	assert_escaped("\xff"
		       "7",
		       "$'\\3777'");
}

/* A quote would end the quoting, a backslash would begin an escape. */
TEST(quotes_and_backslashes_are_escaped)
{
	assert_escaped("it's", "$'it\\'s'");
	assert_escaped("'", "$'\\''");
	assert_escaped("a\\b", "$'a\\\\b'");
	assert_escaped("\\", "$'\\\\'");
	assert_escaped("$'x'", "$'$\\'x\\''");
}

/** Encodes a character as RFC 3629 has it, or as it would if it went further. */
static const char *utf8(unsigned long c)
{
	if (c < 0x80) {
		return scratch_format("%c", (int)c);
	}
	if (c < 0x800) {
		return scratch_format("%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 0x3f)));
	}
	if (c < 0x10000) {
		return scratch_format("%c%c%c", (int)(0xe0 | c >> 12),
				      (int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
	}
	return scratch_format("%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 0x3f)),
			      (int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
}

static void assert_unsafe(const char *text)
{
	const char *expected = "";

	for (const char *at = text; *at; at++) {
		expected = scratch_format("%s\\%03o", expected, (unsigned)(unsigned char)*at);
	}
	assert_escaped(scratch_format("x%sy", text), scratch_format("$'x%sy'", expected));
}

/* C1 (a terminal may take U+009B for ESC [), spaces, marks of direction, what shows nothing. */
TEST(unsafe_characters_are_escaped_byte_by_byte)
{
	static const unsigned long unsafe[] = {
		0x80,   0x85,    0x9b,    0x9f,    0xa0,    0xad,    0x34f,   0x61c,   0x115f,
		0x1160, 0x1680,  0x17b4,  0x17b5,  0x180b,  0x180e,  0x180f,  0x2000,  0x2003,
		0x200a, 0x200b,  0x200c,  0x200d,  0x200e,  0x200f,  0x2028,  0x2029,  0x202a,
		0x202e, 0x202f,  0x205f,  0x2060,  0x2064,  0x2066,  0x2069,  0x206f,  0x2800,
		0x3000, 0x3164,  0xfeff,  0xffa0,  0xfff9,  0xfffb,  0xfffe,  0xffff,  0xfe00,
		0xfe0f, 0x1bca0, 0x1bca3, 0x1d173, 0x1d17a, 0xe0001, 0xe007f, 0xe01ef,
	};

	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		assert_unsafe(utf8(unsafe[i]));
	}
}

/* What is not UTF-8 shows as nothing that could be typed; RFC 3629 says what that is. */
TEST(invalid_utf8_is_escaped_byte_by_byte)
{
	static const char *const invalid[] = {
		"\x80",     /* a continuation alone */
		"\xbf\xbf", /* two */
		"\xff",     /* never a byte of UTF-8 */
		"\xfe",
		"\xc3", /* cut off */
		"\xe2\x82",
		"\xf0\x9f\x90",
		"\xc0\x80",         /* overlong NUL */
		"\xc0\xaf",         /* overlong '/' */
		"\xc1\xbf",         /* overlong U+007F */
		"\xe0\x80\xaf",     /* overlong '/', in three */
		"\xe0\x9f\xbf",     /* overlong U+07FF */
		"\xf0\x80\x80\xaf", /* overlong '/', in four */
		"\xf0\x8f\xbf\xbf", /* overlong U+FFFF */
		"\xed\xa0\x80",     /* the first surrogate */
		"\xed\xbf\xbf",     /* the last */
		"\xf4\x90\x80\x80", /* beyond U+10FFFF */
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
	};

	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		assert_unsafe(invalid[i]);
	}
}

/* A sequence cut off by the end of the path must not be read beyond it. */
TEST(a_sequence_cut_off_by_the_end_is_escaped)
{
	assert_escaped("\xe2", "$'\\342'");
	assert_escaped("a\xf0\x9f\x90", "$'a\\360\\237\\220'");
}

/* Where one byte is bad, the good characters beside it stay readable. */
TEST(safe_characters_stay_readable_beside_unsafe_ones)
{
	assert_escaped("caf\xc3\xa9\xff", "$'caf\xc3\xa9\\377'");
	assert_escaped("a b\n", "$'a b\\n'");
	assert_escaped("\xc3\xc3\xa9", "$'\\303\xc3\xa9'");
}

/* ---- Width --------------------------------------------------------------------------------- */

#define HAN   "\xe6\xbc\xa2"
#define ACUTE "\xcc\x81"

/** Skips a test where the C library has no UTF-8 to ask for: widths are its own data. */
static void need_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	if (!locale) {
		skip_because("the locale C.UTF-8 is not installed");
	}
	freelocale(locale);
}

/* Whatever the locale, which stays as it was: fnmatch(3) goes by it. */
TEST(a_text_has_the_columns_of_its_characters)
{
	need_utf8();
	assert_int_equal(quote_width(""), 0);
	assert_int_equal(quote_width("abc"), 3);
	assert_int_equal(quote_width("\xc3\xa9"), 1);
	assert_int_equal(quote_width("\xd7\x90"), 1);
	assert_int_equal(quote_width(ACUTE), 0);
	assert_int_equal(quote_width("\xe2\x80\x93"), 1);
	assert_int_equal(quote_width("\xe3\x81\x82"), 2);
	assert_int_equal(quote_width("\xf0\x9f\x90\x8d"), 2);
	assert_int_equal(quote_width("a" HAN "e" ACUTE "b"), 5);
	assert_ptr_equal(uselocale((locale_t)0), LC_GLOBAL_LOCALE);
	assert_string_equal(setlocale(LC_ALL, NULL), "C");
}

/* A wide character that would stand across the edge is left out, and so is what combines with it. */
TEST(a_cut_divides_no_character)
{
	need_utf8();
	assert_string_equal(quote_cut_start("abc", 3), "abc");
	assert_string_equal(quote_cut_start("abc", 2), "bc");
	assert_string_equal(quote_cut_start("abc", 0), "");
	assert_string_equal(quote_cut_start("a" HAN HAN "b", 5), HAN HAN "b");
	assert_string_equal(quote_cut_start("a" HAN HAN "b", 4), HAN "b");
	assert_string_equal(quote_cut_start("ae" ACUTE ACUTE "z", 1), "z");
	assert_string_equal(quote_cut_start("e" ACUTE, 1), "e" ACUTE);
}

/* ---- Properties ----------------------------------------------------------------------------- */

/** A random path of bytes that are often the troublesome ones. */
static char *random_path(void)
{
	static const char *const piece[] = { "a", " ",    "'",    "\\", "$",    "\n",   "\x1b[31m",
					     "0", "\xc3", "\xa9", "\"", "\xe2", "\x80", "\xae",
					     "7", "\xf0", "\x9f", "!",  "`",    "/",    "\xff" };
	size_t count = (size_t)rand() % 12;
	char *path = scratch_alloc(64);

	for (size_t i = 0; i < count; i++) {
		if (rand() % 2) {
			strcat(path, piece[(size_t)rand() % (sizeof(piece) / sizeof(piece[0]))]);
		} else {
			path[strlen(path)] = (char)(1 + rand() % 255);
		}
	}
	return path;
}

/** Whether a text is valid UTF-8 without control characters, by a decoder of its own. */
static bool is_harmless(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		int more = *s < 0x80 ? 0 : *s >= 0xf0 ? 3 : *s >= 0xe0 ? 2 : 1;

		if (*s < 0x20 || *s == 0x7f || (*s >= 0x80 && *s < 0xc2) || *s > 0xf4 ||
		    (s[0] == 0xc2 && s[1] <= 0xa0) ||
		    (s[0] == 0xe2 && s[1] == 0x80 && s[2] == 0xae)) {
			return false;
		}
		for (s++; more > 0; more--, s++) {
			if ((*s & 0xc0) != 0x80) {
				return false;
			}
		}
	}
	return true;
}

/* The promise to the terminal, for any bytes at all. */
TEST(no_path_gives_unsafe_output)
{
	srand(1);
	for (int i = 0; i < 20000; i++) {
		const char *path = random_path();

		if (!is_harmless(quoted(path, QUOTE_BARE)) ||
		    !is_harmless(quoted(path, QUOTE_ALWAYS))) {
			print_error("# %s is shown as %s\n", visible(path),
				    visible(quoted(path, QUOTE_BARE)));
			fail();
		}
		if (i % 1000 == 0) {
			scratch_clear(NULL);
		}
	}
}
