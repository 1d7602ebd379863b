/* Which errors something can be done about, and what. */

#include "interpose.h"
#include "report/internal.h"
#include "tests.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char cannot_read[] = "cannot read";
static const char cannot_remove[] = "cannot remove";

/** What is said of an error in the end. */
static const char *hint_for(const char *failed, bool crosses, int error)
{
	const struct reporter_path path = { .name = "a", .crosses = crosses };
	const struct line line = { .outcome = LINE_ERROR,
				   .path = &path,
				   .reason = error != 0 ? "why" : NULL,
				   .error = failed };
	struct summary summary = { 0 };
	struct strbuf out = STRBUF_INIT;
	const char *hint;

	summary_note_error(&summary, &line, error);
	summary_add_hints(&out, &summary, false);
	hint = scratch_copy(out.text, out.length);
	strbuf_free(&out);
	return hint;
}

TEST(each_error_has_the_advice_that_helps)
{
	static const struct {
		int errors[6];
		const char *failed;
		bool crosses;
		const char *hint;
	} cases[] = {
		{ { EACCES }, cannot_remove, false, "removal requires write permission" },
		{ { EACCES, EPERM }, cannot_read, false, "owner of what cannot be read" },
		{ { ENOTEMPTY, EEXIST }, cannot_remove, false, "a Python process may be" },
		{ { EBUSY }, cannot_remove, false, "something may be mounted there" },
		{ { EROFS }, cannot_remove, false, "mount the file system writable" },
		{ { EMFILE, ENFILE }, cannot_read, false, "raise the limit on open files" },
		{ { ENOENT, EIO, ENAMETOOLONG }, cannot_remove, false, NULL },
		/* Nobody has to own /proc. */
		{ { EACCES, EPERM, EBUSY, EROFS, EIO, EINVAL },
		  cannot_read,
		  true,
		  "on another file system" },
		{ { ENFILE }, cannot_read, true, "raise the limit on open files" },
		{ { ENOTEMPTY }, cannot_remove, true, "a Python process" },
		{ { 0 }, "is neither a directory nor bytecode", false, "a PATH is a directory" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int j = 0; j == 0 || (j < 6 && cases[i].errors[j] != 0); j++) {
			const char *hint =
				hint_for(cases[i].failed, cases[i].crosses, cases[i].errors[j]);

			if (cases[i].hint) {
				assert_non_null(strstr(hint, cases[i].hint));
			} else {
				assert_string_equal(hint, "");
			}
		}
	}
}

/* To be the owner does not help root; NFS squashes it, so that EACCES may. */
TEST(root_is_told_what_keeps_even_root)
{
	assert_non_null(strstr(hint_for(cannot_remove, false, EPERM),
			       geteuid() == 0 ? "immutable or append-only"
					      : "removal requires write permission"));
}

/* When memory has run out, all of them still come out, each once and as a line. */
TEST(all_of_them_fit_into_what_is_reserved)
{
	static const int errors[] = { EROFS, EBUSY,  EPERM, EACCES, ENOTEMPTY,
				      EROFS, EMFILE, EXDEV, EACCES };
	struct summary summary = { 0 };
	struct strbuf out = STRBUF_INIT;
	size_t lines = 0;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (int j = 0; j < 8; j++) {
			const struct reporter_path path = { .name = "a", .crosses = j / 2 % 2 };
			const struct line line = { .path = &path,
						   .reason = j / 4 ? "why" : NULL,
						   .error = j % 2 ? cannot_read : cannot_remove };

			summary_note_error(&summary, &line, errors[i]);
		}
	}
	assert_int_equal(strbuf_reserve(&out, SUMMARY_SIZE), 0);
	interpose_failing_allocation(0);
	summary_add_hints(&out, &summary, true);
	interpose(NULL);
	assert_false(out.failed);
	for (const char *at = out.text; (at = strstr(at, "pyclean: hint:\033[0m ")); at++) {
		lines++;
		at = strchr(at, '\n');
	}
	assert_int_equal(lines, geteuid() == 0 ? 9 : 8);
	strbuf_free(&out);
}
