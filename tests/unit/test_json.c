/* JSON text by text: what stands as it is, what is escaped, and how bytes are told that are none. */

#include "report/internal.h"
#include "tests.h"

#include <string.h>

/** What is written of a line. */
static const char *written(const struct line *line)
{
	static const struct reporter_style style = { .json = true };
	struct strbuf out = STRBUF_INIT;
	const char *copy;

	line_add(&out, line, line->path->name, &style, false);
	assert_false(out.failed);
	copy = scratch_copy(out.text, out.length);
	strbuf_free(&out);
	return copy;
}

/** Asserts on a path's string, within its quotes, and on its bytes in Base64 or NULL. */
static void assert_string(const char *path, const char *string, const char *base64)
{
	const struct line line = { .outcome = LINE_KEPT,
				   .path = &(const struct reporter_path){ .name = path } };
	const char *bytes = base64 ? scratch_format(",\"path_base64\":\"%s\"", base64) : "";

	assert_string_equal(written(&line),
			    scratch_format("{\"event\":\"kept\",\"path\":\"%s\"%s,\"kind\":null,"
					   "\"tag\":null,\"bytes\":null,\"reason\":null,"
					   "\"error\":null}\n",
					   string, bytes));
}

TEST(plain_text_stands_as_it_is)
{
	assert_string("", "", NULL);
	assert_string("a/b 'c'.pyc", "a/b 'c'.pyc", NULL);
	assert_string("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80",
		      "\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80", NULL);
}

/* What ends a string, or sends a terminal a command, or turns the direction of writing around. */
TEST(what_does_something_is_escaped)
{
	assert_string("\"\\", "\\\"\\\\", NULL);
	assert_string("\x01\n\x1f\x7f", "\\u0001\\u000a\\u001f\\u007f", NULL);
	assert_string("\xc2\x9b", "\\u009b", NULL);
	assert_string("\xe2\x80\xae", "\\u202e", NULL);
	/* Beyond the first 64 Ki characters, as a pair. */
	assert_string("\xf3\xa0\x80\x81", "\\udb40\\udc01", NULL);
}

/* One U+FFFD for each byte, and the bytes with one, two and no '=' at their end. */
TEST(bytes_that_are_no_text_are_told_in_base64)
{
	assert_string("\xff", "\xef\xbf\xbd", "/w==");
	assert_string("\xfb\xff", "\xef\xbf\xbd\xef\xbf\xbd", "+/8=");
	assert_string("a\xe9z", "a\xef\xbf\xbdz", "Yel6");
	/* A character that is cut short, and a surrogate, which UTF-8 does not have. */
	assert_string("\xc3", "\xef\xbf\xbd", "ww==");
	assert_string("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "7aCA");
}

TEST(members_of_all_kinds_follow_each_other)
{
	const struct reporter_path path = {
		.prefix = "a/",
		.name = "a/b.cpython-311.pyc",
		.tag = "cpython-311.pyc",
		.tag_length = strlen("cpython-311"),
	};
	const struct line line = {
		.outcome = LINE_REMOVED,
		.path = &path,
		.bytes = &(const uint64_t){ UINT64_MAX },
		.reason = "why \"so\"",
		.error = "what",
	};

	assert_string_equal(
		written(&line),
		"{\"event\":\"removed\",\"path\":\"a/b.cpython-311.pyc\",\"kind\":\"file\","
		"\"tag\":\"cpython-311\",\"bytes\":18446744073709551615,"
		"\"reason\":\"why \\\"so\\\"\",\"error\":\"what\"}\n");
}

TEST(the_summary_has_all_counts)
{
	static const struct summary summary = {
		.counts = { .files = 1,
			    .directories = 2,
			    .bytes = UINT64_MAX,
			    .errors = 4,
			    .environments = 5,
			    .skipped = 6,
			    .sourceless = 7 },
	};
	static const struct reporter_style style = { .json = true, .dry_run = true };
	struct strbuf out = STRBUF_INIT;

	summary_add(&out, &summary, &style);
	assert_string_equal(
		out.text, "{\"event\":\"summary\",\"dry_run\":true,\"files\":1,\"directories\":2,"
			  "\"bytes\":18446744073709551615,\"errors\":4,\"skipped_environments\":5,"
			  "\"skipped\":6,\"sourceless\":7,\"interrupted\":false}\n");
	strbuf_free(&out);
}
