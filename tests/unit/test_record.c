/* Records of names that take the most room: what RECORD_SIZE() promises has to do. */

#include "record.h"
#include "tests.h"

#include <string.h>

/** The record of a file, which has all the texts that it can have, in just the room it may need. */
static const char *record_of(const char *path)
{
	static const char reason[] = "\x01\x01";
	size_t size = RECORD_SIZE(strlen(path) + 2 * strlen(reason));
	char *out = scratch_alloc(size);
	const struct record record = {
		.event = "removed",
		.path = path,
		.kind = RECORD_FILE,
		.has_bytes = true,
		.bytes = UINT64_MAX,
		.reason = reason,
		.error = reason,
	};
	size_t length = record_write(out, &record);

	assert_in_range(length, 1, size - 1);
	return scratch_copy(out, length);
}

/** A path of many times the same byte between two texts. */
static const char *path_of(const char *before, char byte, const char *after)
{
	char middle[2000];

	memset(middle, byte, sizeof(middle) - 1);
	middle[sizeof(middle) - 1] = '\0';
	return scratch_format("%s%s%s", before, middle, after);
}

static void the_largest_records_fit(void **state)
{
	(void)state;
	record_of(path_of("", '\x01', ".pyc"));
	record_of(path_of("", '\xff', "\x01.pyc"));
	record_of(path_of("a.cpython-3", '1', ".pyc"));
}

/* A tag is written once more, behind the path: its bytes must not count twice. */
static void what_could_be_no_tag_is_not_told_as_one(void **state)
{
	(void)state;
	assert_null(strstr(record_of(path_of("a.pypy", '\x01', ".pyc")), "\"tag\":\""));
	assert_null(strstr(record_of("a.cpython-3 11.pyc"), "\"tag\":\""));
	assert_non_null(strstr(record_of("a.cpython-311-pytest-8.4.2.pyc"),
			       "\"tag\":\"cpython-311-pytest-8.4.2\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_largest_records_fit),
		TEST(what_could_be_no_tag_is_not_told_as_one),
	};

	return RUN_TESTS(tests);
}
