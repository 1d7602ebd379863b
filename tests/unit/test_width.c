/* Columns on a terminal: the library's own opinion is the measure, and where a text is cut. */

#include "quote.h"
#include "tests.h"
#include "width.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

#define HAN    "\xe6\xbc\xa2"
#define ACUTE  "\xcc\x81"
#define SMILEY "\xf0\x9f\x98\x80"

static void each_kind_of_character_has_its_width(void **state)
{
	static const struct {
		uint32_t character;
		size_t width;
	} cases[] = {
		{ 'a', 1 },     { 0xe9, 1 },     { 0x2ff, 1 },   { 0x300, 0 },   { 0x301, 0 },
		{ 0x36f, 0 },   { 0x370, 1 },    { 0x5d0, 1 },   { 0x5b0, 0 },   { 0x93f, 1 },
		{ 0x94d, 0 },   { 0xe33, 1 },    { 0xe34, 0 },   { 0x1100, 2 },  { 0x2026, 1 },
		{ 0x20ac, 1 },  { 0x20d0, 0 },   { 0x231a, 2 },  { 0x2713, 1 },  { 0x3042, 2 },
		{ 0x6f22, 2 },  { 0xac00, 2 },   { 0xd7a3, 2 },  { 0xfe20, 0 },  { 0xff01, 2 },
		{ 0xff61, 1 },  { 0x1f600, 2 },  { 0x1f1e6, 1 }, { 0x20000, 2 }, { 0x1d167, 0 },
		{ 0x1e94a, 0 }, { 0x10fffd, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (width_of(cases[i].character) != cases[i].width) {
			print_error("# U+%04X\n", (unsigned)cases[i].character);
		}
		assert_int_equal(width_of(cases[i].character), cases[i].width);
	}
}

/* Of all that can be shown. Another version of Unicode than the table's has a few hundred more. */
static void the_widths_are_those_of_the_library(void **state)
{
	size_t others = 0;
	size_t compared = 0;

	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		skip_because("there is no locale C.UTF-8");
	}
	for (uint32_t character = 0x20; character < 0x110000; character++) {
		int width = wcwidth((wchar_t)character);

		if (width < 0 || (character >= 0x80 && quote_is_misleading(character))) {
			continue;
		}
		compared++;
		others += width_of(character) != (size_t)width;
	}
	setlocale(LC_CTYPE, "C");
	assert_true(compared > 200000);
	assert_in_range(others, 0, 500);
}

static void a_text_has_the_columns_of_its_characters(void **state)
{
	(void)state;
	assert_int_equal(width_of_text(""), 0);
	assert_int_equal(width_of_text("abc"), 3);
	assert_int_equal(width_of_text("a" HAN "e" ACUTE SMILEY), 6);
	assert_int_equal(width_of_text("\xff"), 1);
}

/* A wide character that would stand across the edge is left out, and so is what combines with it. */
static void a_cut_divides_no_character(void **state)
{
	(void)state;
	assert_string_equal(width_cut_start("abc", 3), "abc");
	assert_string_equal(width_cut_start("abc", 2), "bc");
	assert_string_equal(width_cut_start("abc", 0), "");
	assert_string_equal(width_cut_start("a" HAN HAN "b", 5), HAN HAN "b");
	assert_string_equal(width_cut_start("a" HAN HAN "b", 4), HAN "b");
	assert_string_equal(width_cut_start("ae" ACUTE ACUTE "z", 1), "z");
	assert_string_equal(width_cut_start("e" ACUTE, 1), "e" ACUTE);
	assert_int_equal(width_cut_end("abc", 3), 3);
	assert_int_equal(width_cut_end("abc", 2), 2);
	assert_int_equal(width_cut_end("a" HAN "b", 2), 1);
	assert_int_equal(width_cut_end("a" HAN "b", 3), 4);
	assert_int_equal(width_cut_end("e" ACUTE "b", 1), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_kind_of_character_has_its_width),
		TEST(the_widths_are_those_of_the_library),
		TEST(a_text_has_the_columns_of_its_characters),
		TEST(a_cut_divides_no_character),
	};

	return RUN_TESTS(tests);
}
