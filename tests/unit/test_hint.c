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

static const char *line_of(enum hint hint)
{
	struct strbuf out = STRBUF_INIT;
	const char *line;

	hint_add(&out, hint, false);
	line = scratch_copy(out.text, out.length);
	strbuf_free(&out);
	return line;
}

/* Each is one line of its own. */
static void each_advice_has_its_words(void **state)
{
	(void)state;
	for (enum hint a = 0; a < HINT_NONE; a++) {
		const char *line = line_of(a);

		assert_int_equal(strncmp(line, "pyclean: hint: ", 15), 0);
		assert_int_equal(strcspn(line, "\n"), strlen(line) - 1);
		assert_null(strstr(line, "(null)"));
		for (enum hint b = 0; b < a; b++) {
			assert_string_not_equal(line_of(b), line);
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
