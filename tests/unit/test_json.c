/* JSON text by text: what stands as it is, what is escaped, and how bytes are told that are none. */

#include "json.h"
#include "tests.h"

#include <string.h>

/** An object with one text and, where that is not UTF-8, its bytes. */
static const char *object_of(const char *text)
{
	size_t length = text ? strlen(text) : 0;
	char *out = scratch_alloc(JSON_MEMBER_SIZE(length + 1) + 16);
	struct json json;

	json_open(&json, out);
	json_text(&json, "t", text);
	if (text) {
		json_bytes_unless_utf8(&json, "b", text);
	}
	length = json_close(&json);
	assert_int_equal(length, strlen(out));
	return out;
}

static void plain_text_stands_as_it_is(void **state)
{
	(void)state;
	assert_string_equal(object_of(NULL), "{\"t\":null}\n");
	assert_string_equal(object_of(""), "{\"t\":\"\"}\n");
	assert_string_equal(object_of("a/b 'c'.pyc"), "{\"t\":\"a/b 'c'.pyc\"}\n");
	assert_string_equal(object_of("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80"),
			    "{\"t\":\"\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80\"}\n");
}

/* What ends a string, or sends a terminal a command, or turns the direction of writing around. */
static void what_does_something_is_escaped(void **state)
{
	(void)state;
	assert_string_equal(object_of("\"\\"), "{\"t\":\"\\\"\\\\\"}\n");
	assert_string_equal(object_of("\x01\n\x1f\x7f"),
			    "{\"t\":\"\\u0001\\u000a\\u001f\\u007f\"}\n");
	assert_string_equal(object_of("\xc2\x9b"), "{\"t\":\"\\u009b\"}\n");
	assert_string_equal(object_of("\xe2\x80\xae"), "{\"t\":\"\\u202e\"}\n");
	/* Beyond the first 64 Ki characters, as a pair. */
	assert_string_equal(object_of("\xf3\xa0\x80\x81"), "{\"t\":\"\\udb40\\udc01\"}\n");
}

/* One U+FFFD for each byte, and the bytes with one, two and no '=' at their end. */
static void bytes_that_are_no_text_are_told_in_base64(void **state)
{
	(void)state;
	assert_string_equal(object_of("\xff"), "{\"t\":\"\xef\xbf\xbd\",\"b\":\"/w==\"}\n");
	assert_string_equal(object_of("\xfb\xff"),
			    "{\"t\":\"\xef\xbf\xbd\xef\xbf\xbd\",\"b\":\"+/8=\"}\n");
	assert_string_equal(object_of("a\xe9z"), "{\"t\":\"a\xef\xbf\xbdz\",\"b\":\"Yel6\"}\n");
	/* A character that is cut short, and a surrogate, which UTF-8 does not have. */
	assert_string_equal(object_of("\xc3"), "{\"t\":\"\xef\xbf\xbd\",\"b\":\"ww==\"}\n");
	assert_string_equal(object_of("\xed\xa0\x80"),
			    "{\"t\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"b\":\"7aCA\"}\n");
}

static void members_of_all_kinds_follow_each_other(void **state)
{
	char out[4 * JSON_MEMBER_SIZE(8)];
	struct json json;

	(void)state;
	json_open(&json, out);
	json_number(&json, "n", UINT64_MAX);
	json_boolean(&json, "yes", true);
	json_boolean(&json, "no", false);
	json_text_of(&json, "t", "abc", 2);
	json_close(&json);
	assert_string_equal(
		out, "{\"n\":18446744073709551615,\"yes\":true,\"no\":false,\"t\":\"ab\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_text_stands_as_it_is),
		TEST(what_does_something_is_escaped),
		TEST(bytes_that_are_no_text_are_told_in_base64),
		TEST(members_of_all_kinds_follow_each_other),
	};

	return RUN_TESTS(tests);
}
