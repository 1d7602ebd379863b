/* Which errors something can be done about, and what. */

#include "report/hint.h"
#include "report/summary.h"
#include "tests.h"

#include <errno.h>
#include <string.h>

/** What is said of a failure. */
#define HINT(...) hint_for(&(const struct hint_case){ __VA_ARGS__ })

static void each_error_has_its_own_advice(void **state)
{
	(void)state;
	assert_int_equal(HINT(.removal = true, .error = EACCES), HINT_NOT_PERMITTED);
	assert_int_equal(HINT(.removal = true, .error = EPERM), HINT_NOT_PERMITTED);
	assert_int_equal(HINT(.error = EACCES), HINT_UNREADABLE);
	assert_int_equal(HINT(.error = EPERM), HINT_UNREADABLE);
	assert_int_equal(HINT(.removal = true, .error = ENOTEMPTY), HINT_IN_USE);
	assert_int_equal(HINT(.removal = true, .error = EEXIST), HINT_IN_USE);
	assert_int_equal(HINT(.removal = true, .error = EBUSY), HINT_MOUNTED);
	assert_int_equal(HINT(.removal = true, .error = EROFS), HINT_READ_ONLY);
	assert_int_equal(HINT(.error = EMFILE), HINT_DESCRIPTORS);
	assert_int_equal(HINT(.error = ENFILE), HINT_DESCRIPTORS);
	assert_int_equal(HINT(.error = ENOENT), HINT_NONE);
	assert_int_equal(HINT(.error = EIO), HINT_NONE);
	assert_int_equal(HINT(.removal = true, .error = ENAMETOOLONG), HINT_NONE);
}

/* To be the owner does not help root, to whom only an immutable file is not permitted. */
static void to_root_a_file_that_may_not_be_removed_is_immutable(void **state)
{
	(void)state;
	assert_int_equal(HINT(.removal = true, .error = EPERM, .is_root = true), HINT_IMMUTABLE);
	/* NFS squashes root. */
	assert_int_equal(HINT(.removal = true, .error = EACCES, .is_root = true),
			 HINT_NOT_PERMITTED);
	assert_int_equal(HINT(.error = EPERM, .is_root = true), HINT_UNREADABLE);
}

/* Nobody has to own /proc. */
static void what_lies_elsewhere_can_be_left_out(void **state)
{
	static const int errors[] = { EACCES, EPERM, EBUSY, EROFS, EIO, EINVAL };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		assert_int_equal(HINT(.error = errors[i], .crosses = true), HINT_OTHER_FILE_SYSTEM);
	}
	assert_int_equal(HINT(.error = ENFILE, .crosses = true), HINT_DESCRIPTORS);
	assert_int_equal(HINT(.removal = true, .error = ENOTEMPTY, .crosses = true), HINT_IN_USE);
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
		assert_in_range(strlen(line), 1, SUMMARY_SIZE - 20);
		for (enum hint b = 0; b < a; b++) {
			assert_string_not_equal(line_of(b), line);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_error_has_its_own_advice),
		TEST(to_root_a_file_that_may_not_be_removed_is_immutable),
		TEST(what_lies_elsewhere_can_be_left_out),
		TEST(each_advice_has_its_words),
	};

	return RUN_TESTS(tests);
}
