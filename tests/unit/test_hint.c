/* Which errors something can be done about, and what. */

#include "report/summary.h"
#include "tests.h"

#include <errno.h>
#include <string.h>

/** What is said of an error. */
static const char *hint_for(int error, unsigned circumstances)
{
	struct strbuf out = STRBUF_INIT;
	const char *hint;

	summary_add_hints(&out, summary_hint_for(error, circumstances), false);
	hint = scratch_copy(out.text, out.length);
	strbuf_free(&out);
	return hint;
}

static void each_error_has_the_advice_that_helps(void **state)
{
	static const struct {
		int errors[6];
		unsigned circumstances;
		const char *hint;
	} cases[] = {
		{ { EACCES, EPERM }, SUMMARY_REMOVAL, "removal requires write permission" },
		{ { EACCES, EPERM }, 0, "owner of what cannot be read" },
		{ { ENOTEMPTY, EEXIST }, SUMMARY_REMOVAL, "a Python process may be" },
		{ { EBUSY }, SUMMARY_REMOVAL, "something may be mounted there" },
		{ { EROFS }, SUMMARY_REMOVAL, "mount the file system writable" },
		{ { EMFILE, ENFILE }, 0, "raise the limit on open files" },
		{ { ENOENT, EIO, ENAMETOOLONG }, SUMMARY_REMOVAL | SUMMARY_ROOT, NULL },
		/* To be the owner does not help root; NFS squashes it, so that EACCES may. */
		{ { EPERM }, SUMMARY_REMOVAL | SUMMARY_ROOT, "immutable or append-only" },
		{ { EACCES }, SUMMARY_REMOVAL | SUMMARY_ROOT, "removal requires write permission" },
		{ { EPERM }, SUMMARY_ROOT, "owner of what cannot be read" },
		/* Nobody has to own /proc. */
		{ { EACCES, EPERM, EBUSY, EROFS, EIO, EINVAL },
		  SUMMARY_CROSSES,
		  "on another file system" },
		{ { ENFILE }, SUMMARY_CROSSES, "raise the limit on open files" },
		{ { ENOTEMPTY }, SUMMARY_REMOVAL | SUMMARY_CROSSES, "a Python process" },
		{ { 0 }, SUMMARY_OPERAND, "a PATH is a directory" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int j = 0; j == 0 || (j < 6 && cases[i].errors[j] != 0); j++) {
			const char *hint = hint_for(cases[i].errors[j], cases[i].circumstances);

			if (cases[i].hint) {
				assert_non_null(strstr(hint, cases[i].hint));
			} else {
				assert_string_equal(hint, "");
			}
		}
	}
}

static void each_advice_is_one_line(void **state)
{
	const char *hint = hint_for(EROFS, 0);

	(void)state;
	assert_int_equal(strncmp(hint, "pyclean: hint: ", 15), 0);
	assert_int_equal(strcspn(hint, "\n"), strlen(hint) - 1);
}

/* When memory has run out, all of them still come out. */
static void all_of_them_fit_into_what_is_reserved(void **state)
{
	struct strbuf out = STRBUF_INIT;
	size_t lines = 0;

	(void)state;
	summary_add_hints(&out, ~0U, true);
	for (const char *at = out.text; *at != '\0'; at++) {
		lines += *at == '\n';
	}
	assert_int_equal(lines, 9);
	assert_in_range(out.length, 1, SUMMARY_SIZE);
	strbuf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_error_has_the_advice_that_helps),
		TEST(each_advice_is_one_line),
		TEST(all_of_them_fit_into_what_is_reserved),
	};

	return RUN_TESTS(tests);
}
