/* Which errors something can be done about, and what. */

#include "hint.h"
#include "tests.h"

#include <errno.h>
#include <string.h>

static void each_error_has_its_own_advice(void **state)
{
	(void)state;
	assert_int_equal(hint_for(true, EACCES), HINT_NOT_PERMITTED);
	assert_int_equal(hint_for(true, EPERM), HINT_NOT_PERMITTED);
	assert_int_equal(hint_for(false, EACCES), HINT_UNREADABLE);
	assert_int_equal(hint_for(true, ENOTEMPTY), HINT_IN_USE);
	assert_int_equal(hint_for(true, EEXIST), HINT_IN_USE);
	assert_int_equal(hint_for(true, EBUSY), HINT_MOUNTED);
	assert_int_equal(hint_for(true, EROFS), HINT_READ_ONLY);
	assert_int_equal(hint_for(false, EMFILE), HINT_DESCRIPTORS);
	assert_int_equal(hint_for(false, ENFILE), HINT_DESCRIPTORS);
	assert_int_equal(hint_for(false, ENOENT), HINT_NONE);
	assert_int_equal(hint_for(false, EIO), HINT_NONE);
	assert_int_equal(hint_for(true, ENAMETOOLONG), HINT_NONE);
}

/* Each is one line of its own. */
static void each_advice_has_its_words(void **state)
{
	(void)state;
	for (enum hint a = 0; a < HINT_NONE; a++) {
		const char *text = hint_text(a);

		assert_non_null(text);
		assert_null(strchr(text, '\n'));
		for (enum hint b = 0; b < a; b++) {
			assert_string_not_equal(hint_text(b), text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_error_has_its_own_advice),
		TEST(each_advice_has_its_words),
	};

	return RUN_TESTS(tests);
}
