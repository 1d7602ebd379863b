/* Columns on a terminal: the C library's own, whatever the locale, and where a text is cut. */

#include "child.h"
#include "interpose.h"
#include "report/quote.h"
#include "tests.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

#define HAN   "\xe6\xbc\xa2"
#define ACUTE "\xcc\x81"

static bool asked;

static locale_t no_locale(int mask, const char *name, locale_t base)
{
	(void)mask;
	(void)name;
	(void)base;
	asked = true;
	errno = ENOENT;
	return (locale_t)0;
}

/** @return 0 where everything outside ASCII counts as wide without the locale. */
static int measure_without_locale(void *context)
{
	(void)context;
	return quote_width("ab") == 2 && !asked && quote_width("a" ACUTE HAN) == 5 && asked ? 0 : 1;
}

/* The first of the tests: the locale is asked for once. */
static void without_the_locale_all_but_ascii_counts_as_wide(void **state)
{
	(void)state;
	interpose(&(const struct interposed){ .newlocale = no_locale });
	assert_int_equal(in_child(measure_without_locale, NULL)->status, 0);
}

/** Skips the test where the C library has no UTF-8 to ask for: widths are its own data. */
static void need_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	if (!locale) {
		skip_because("the locale C.UTF-8 is not installed");
	}
	freelocale(locale);
}

/* Whatever the version of the C library's tables. */
static void each_kind_of_character_has_its_width(void **state)
{
	(void)state;
	need_utf8();
	assert_int_equal(quote_width("a"), 1);
	assert_int_equal(quote_width("\xc3\xa9"), 1);
	assert_int_equal(quote_width("\xd7\x90"), 1);
	assert_int_equal(quote_width("\xcc\x81"), 0);
	assert_int_equal(quote_width("\xe3\x81\x82"), 2);
	assert_int_equal(quote_width("\xe6\xbc\xa2"), 2);
	assert_int_equal(quote_width("\xea\xb0\x80"), 2);
}

/* fnmatch(3) goes by it. */
static void the_locale_stays_as_it_was(void **state)
{
	locale_t own = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	locale_t before = uselocale(own);
	locale_t after;

	(void)state;
	quote_width("\xe6\xbc\xa2");
	after = uselocale(before);
	freelocale(own);
	assert_ptr_equal(after, own);
	assert_string_equal(setlocale(LC_ALL, NULL), "C");
}

static void a_text_has_the_columns_of_its_characters(void **state)
{
	(void)state;
	need_utf8();
	assert_int_equal(quote_width(""), 0);
	assert_int_equal(quote_width("abc"), 3);
	assert_int_equal(quote_width("a" HAN "e" ACUTE "b"), 5);
	assert_int_equal(quote_width("\xff"), 1);
}

/* A wide character that would stand across the edge is left out, and so is what combines with it. */
static void a_cut_divides_no_character(void **state)
{
	(void)state;
	need_utf8();
	assert_string_equal(quote_cut_start("abc", 3), "abc");
	assert_string_equal(quote_cut_start("abc", 2), "bc");
	assert_string_equal(quote_cut_start("abc", 0), "");
	assert_string_equal(quote_cut_start("a" HAN HAN "b", 5), HAN HAN "b");
	assert_string_equal(quote_cut_start("a" HAN HAN "b", 4), HAN "b");
	assert_string_equal(quote_cut_start("ae" ACUTE ACUTE "z", 1), "z");
	assert_string_equal(quote_cut_start("e" ACUTE, 1), "e" ACUTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_the_locale_all_but_ascii_counts_as_wide),
		TEST(each_kind_of_character_has_its_width),
		TEST(the_locale_stays_as_it_was),
		TEST(a_text_has_the_columns_of_its_characters),
		TEST(a_cut_divides_no_character),
	};

	return RUN_TESTS(tests);
}
