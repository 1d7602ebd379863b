/* Magic numbers: which interpreters have which, from Python 1.5 on, and whose tag agrees. */

#include "header.h"
#include "tests.h"

#include <string.h>

/** A magic number, and how many bytes its header has. */
struct example {
	uint16_t magic;
	const char *tag;
	size_t length;
};

/**
 * Asserts that each number has its tag, that a byte less than its header is too short, and that its
 * header is enough.
 */
static void assert_magic(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct bytes bytes = header_with_magic(examples[i].magic);
		struct pyc_header header;

		header_append(&bytes, 0, 16);
		assert_int_equal(header_read(bytes.at, examples[i].length - 1, &header), PYC_SHORT);
		header_assert_tag(&header, examples[i].tag);
		assert_true(header_read(bytes.at, examples[i].length, &header) >= PYC_BY_TIME);
		header_assert_tag(&header, examples[i].tag);
		assert_int_equal(header.magic, examples[i].magic);
		assert_int_equal(header.length, examples[i].length);
	}
}

/* The first and the last number that CPython's sources list for each version. */
TEST(the_numbers_of_cpython_3_are_known)
{
	static const struct example examples[] = {
		{ 3000, "cpython-30", 8 },   { 3131, "cpython-30", 8 },
		{ 3141, "cpython-31", 8 },   { 3151, "cpython-31", 8 },
		{ 3160, "cpython-32", 8 },   { 3180, "cpython-32", 8 },
		{ 3190, "cpython-33", 8 },   { 3200, "cpython-33", 8 },
		{ 3210, "cpython-33", 12 },  { 3230, "cpython-33", 12 },
		{ 3250, "cpython-34", 12 },  { 3310, "cpython-34", 12 },
		{ 3320, "cpython-35", 12 },  { 3350, "cpython-35", 12 },
		{ 3351, "cpython-35", 12 },  { 3360, "cpython-36", 12 },
		{ 3379, "cpython-36", 12 },  { 3390, "cpython-37", 12 },
		{ 3391, "cpython-37", 12 },  { 3392, "cpython-37", 16 },
		{ 3394, "cpython-37", 16 },  { 3400, "cpython-38", 16 },
		{ 3413, "cpython-38", 16 },  { 3420, "cpython-39", 16 },
		{ 3425, "cpython-39", 16 },  { 3430, "cpython-310", 16 },
		{ 3439, "cpython-310", 16 }, { 3450, "cpython-311", 16 },
		{ 3495, "cpython-311", 16 }, { 3499, "cpython-311", 16 },
		{ 3500, "cpython-312", 16 }, { 3531, "cpython-312", 16 },
		{ 3549, "cpython-312", 16 }, { 3550, "cpython-313", 16 },
		{ 3571, "cpython-313", 16 }, { 3599, "cpython-313", 16 },
		{ 3600, "cpython-314", 16 }, { 3627, "cpython-314", 16 },
		{ 3649, "cpython-314", 16 }, { 3650, "cpython-315", 16 },
		{ 3666, "cpython-315", 16 }, { 3699, "cpython-315", 16 },
	};

	assert_magic(examples, sizeof(examples) / sizeof(examples[0]));
}

/* 50 for each version, so that those to come are known by the same rule. */
TEST(the_numbers_of_later_versions_follow_a_rule)
{
	static const struct example examples[] = {
		{ 3700, "cpython-316", 16 },
		{ 3749, "cpython-316", 16 },
		{ 3900, "cpython-320", 16 },
		{ 5399, "cpython-349", 16 },
	};

	assert_magic(examples, sizeof(examples) / sizeof(examples[0]));
}

/* Two are listed where `python -U` wrote a number of its own, one more than the other. */
TEST(the_numbers_of_python_1_and_2_are_known)
{
	static const struct example examples[] = {
		{ 20121, "cpython-15", 8 }, { 50428, "cpython-16", 8 }, { 50823, "cpython-20", 8 },
		{ 50824, "cpython-20", 8 }, { 60202, "cpython-21", 8 }, { 60717, "cpython-22", 8 },
		{ 62011, "cpython-23", 8 }, { 62021, "cpython-23", 8 }, { 62041, "cpython-24", 8 },
		{ 62061, "cpython-24", 8 }, { 62071, "cpython-25", 8 }, { 62131, "cpython-25", 8 },
		{ 62132, "cpython-25", 8 }, { 62151, "cpython-26", 8 }, { 62161, "cpython-26", 8 },
		{ 62171, "cpython-27", 8 }, { 62211, "cpython-27", 8 }, { 62212, "cpython-27", 8 },
	};

	assert_magic(examples, sizeof(examples) / sizeof(examples[0]));
}

TEST(the_numbers_of_pypy_are_known)
{
	static const struct example examples[] = {
		{ 62218, "pypy27", 8 }, { 48, "pypy32", 8 },    { 64, "pypy33", 12 },
		{ 112, "pypy35", 12 },  { 160, "pypy36", 12 },  { 192, "pypy36", 12 },
		{ 224, "pypy37", 16 },  { 240, "pypy37", 16 },  { 256, "pypy38", 16 },
		{ 304, "pypy39", 16 },  { 320, "pypy39", 16 },  { 336, "pypy39", 16 },
		{ 384, "pypy310", 16 }, { 400, "pypy311", 16 }, { 416, "pypy311", 16 },
		{ 432, "pypy311", 16 },
	};

	assert_magic(examples, sizeof(examples) / sizeof(examples[0]));
}

/* 21000 and ten times the version of its bytecode: graalpy-38 to graalpy250-312, not one to one. */
TEST(the_numbers_of_graalpy_have_no_tag)
{
	static const struct example examples[] = {
		{ 21150, "", 16 },
		{ 21260, "", 16 },
		{ 21290, "", 16 },
		{ 21330, "", 16 },
	};

	assert_magic(examples, sizeof(examples) / sizeof(examples[0]));
}

/* What a later version, or GraalPy, makes of its source may be another hash. */
TEST(hashes_of_later_versions_and_graalpy_are_unknown)
{
	static const uint16_t numbers[] = { 3700, 5399, 21290 };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		for (uint64_t flags = 1; flags <= 3; flags++) {
			struct bytes bytes = header_with_magic(numbers[i]);
			struct pyc_header header;

			header_append(&bytes, flags, 4);
			header_append(&bytes, 0, 8);
			assert_int_equal(header_read(bytes.at, bytes.length, &header), PYC_UNKNOWN);
		}
	}
}

/*
 * What is kept in doubt: numbers between two versions, of PyPys that were not released (448), of
 * Pyston (2657), of Python 1.4 (5892), of a Python 2.5 that somebody had changed (62135).
 */
TEST(other_numbers_are_unknown)
{
	static const uint16_t numbers[] = {
		0,     1,     47,    111,   335,   337,   448,   2657,  2999,  3132,  3140,  3152,
		3181,  3187,  3231,  3352,  3395,  3414,  3426,  3440,  3449,  5400,  5892,  9999,
		20122, 20990, 21151, 22000, 22138, 50430, 62135, 62213, 62217, 62219, 65535,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct bytes bytes = header_with_magic(numbers[i]);
		struct pyc_header header;

		header_append(&bytes, 0, 16);
		for (size_t length = 4; length <= bytes.length; length++) {
			assert_int_equal(header_read(bytes.at, length, &header), PYC_UNKNOWN);
			assert_int_equal(header.magic, numbers[i]);
			assert_string_equal(header.tag, "");
		}
	}
}

/* ---- Tags ----------------------------------------------------------------------------------- */

static bool agree(const char *name_tag, const char *header_tag)
{
	struct pyc_part part = { name_tag, strlen(name_tag) };

	return pyc_tags_agree(part, header_tag);
}

TEST(a_tag_agrees_with_its_own_number)
{
	assert_true(agree("cpython-311", "cpython-311"));
	assert_true(agree("cpython-311-pytest-8.4.2", "cpython-311"));
	assert_true(agree("pypy39", "pypy39"));
	/* The free-threaded build has the number of the other one. */
	assert_true(agree("cpython-313t", "cpython-313"));
	assert_true(agree("cpython-313t-pytest-8.4.2", "cpython-313"));
	/* Before PyPy 3.8 had a number, it had that of CPython 3.8. */
	assert_true(agree("pypy38", "cpython-38"));
}

TEST(a_tag_disagrees_with_the_number_of_another)
{
	assert_false(agree("cpython-311", "cpython-310"));
	assert_false(agree("cpython-31", "cpython-311"));
	assert_false(agree("cpython-311", "cpython-31"));
	assert_false(agree("cpython-39", "pypy39"));
	assert_false(agree("cpython-315", "cpython-314"));
	assert_false(agree("cpython-311", "cpython-316"));
	assert_false(agree("pypy39", "cpython-311"));
	assert_false(agree("pypy310", "pypy39"));
	assert_false(agree("cpython-311-pytest-8.4.2", "cpython-312"));
	assert_false(agree("cpython-313t", "cpython-312"));
	assert_false(agree("cpython-313t-pytest-8.4.2", "cpython-314"));
}

/* A file is in doubt where its tag, or its number, may be of anyone. */
TEST(what_is_not_known_agrees_with_all)
{
	struct pyc_part none = { NULL, 0 };

	assert_true(pyc_tags_agree(none, "cpython-311"));
	assert_true(pyc_tags_agree(none, ""));
	assert_true(agree("cpython-311", ""));
	assert_true(agree("cpython-316", "cpython-314"));
	assert_true(agree("cpython-", "cpython-314"));
	assert_true(agree("cpython-311.x", "cpython-314"));
	assert_true(agree("cpython-3110", "cpython-311"));
	assert_true(agree("cpython-313x", "cpython-312"));
	assert_true(agree("cpython-313tt", "cpython-312"));
	assert_true(agree("pyston-23", "cpython-38"));
	assert_true(agree("graalpy231-310", "cpython-310"));
	assert_true(agree("pypy3-71", "pypy36"));
}
