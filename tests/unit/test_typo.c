/* How far apart two words are, and which distance is that of a slip. */

#include "typo.h"
#include "tests.h"

#include <string.h>

static size_t distance(const char *a, const char *b)
{
	size_t there = typo_distance(a, strlen(a), b);

	/* It is the same either way. */
	assert_int_equal(typo_distance(b, strlen(b), a), there);
	return there;
}

static void the_distance_counts_slips(void **state)
{
	(void)state;
	assert_int_equal(distance("", ""), 0);
	assert_int_equal(distance("quiet", "quiet"), 0);
	assert_int_equal(distance("", "abc"), 3);
	assert_int_equal(distance("dryrun", "dry-run"), 1);
	assert_int_equal(distance("chack", "check"), 1);
	/* Neighbours swapped, at either end and in between. */
	assert_int_equal(distance("qiuet", "quiet"), 1);
	assert_int_equal(distance("uqiet", "quiet"), 1);
	assert_int_equal(distance("quite", "quiet"), 1);
	assert_int_equal(distance("ca", "abc"), 3);
	assert_int_equal(distance("kitten", "sitting"), 3);
	assert_int_equal(distance("null", "all"), 2);
}

/* What follows the '=' is no part of it. */
static void a_word_need_not_be_terminated(void **state)
{
	(void)state;
	assert_int_equal(typo_distance("jbos=3", 4, "jobs"), 1);
}

static void very_long_words_are_like_nothing(void **state)
{
	static const char word[] = "0123456789012345678901234567890123456789";

	(void)state;
	assert_int_equal(typo_distance(word, 31, "a"), 31);
	assert_int_equal(typo_distance(word, 32, "a"), SIZE_MAX);
	assert_int_equal(typo_distance("a", 1, word), SIZE_MAX);
}

/* The longer the word, the more may be wrong with it; never all of it. */
static void a_slip_is_short_for_its_word(void **state)
{
	(void)state;
	assert_true(typo_is_slip(1, 2));
	assert_false(typo_is_slip(1, 1));
	assert_false(typo_is_slip(2, 3));
	assert_true(typo_is_slip(2, 4));
	assert_false(typo_is_slip(3, 7));
	assert_true(typo_is_slip(3, 8));
	assert_false(typo_is_slip(SIZE_MAX, 50));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_distance_counts_slips),
		TEST(a_word_need_not_be_terminated),
		TEST(very_long_words_are_like_nothing),
		TEST(a_slip_is_short_for_its_word),
	};

	return RUN_TESTS(tests);
}
