/* Who sees a summary, and the lines of main(). */

#include "child.h"
#include "interpose.h"
#include "session.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void remove_one_and_skip_another(struct report *report)
{
	reporter_removed(report, &(const struct reporter_path){ .name = "a.pyc" }, 0, NULL);
	reporter_left(report,
		      &(const struct reporter_path){
			      .prefix = "", .trail = "b/", .name = "env", .directory = true },
		      "virtual environment", REPORTER_SKIPPED_ENVIRONMENT);
}

static const char *last_line_of(const struct reporter_style *style)
{
	struct session session = { .style = *style, .act = remove_one_and_skip_another };
	const struct outcome *outcome = hold(&session);
	char *end = outcome->out + outcome->out_length;

	while (end > outcome->out + 1 && end[-2] != '\n') {
		end--;
	}
	return outcome->out_length > 0 ? end - 1 : "";
}

static bool never(void)
{
	return false;
}

static void skip_without_memory(struct report *report)
{
	interpose(&(const struct interposed){ .may_allocate = never });
	remove_one_and_skip_another(report);
	interpose(NULL);
}

/* Half a path, or none, must not be named as one to clean. */
TEST(without_memory_no_path_is_named)
{
	struct session session = { .style.detail = REPORTER_SUMMARY, .act = skip_without_memory };

	assert_string_equal(hold(&session)->out, "Removed 1 file (0 B); skipped 1 virtual "
						 "environment (-v lists it).\n");
}

/* -q says nothing, -0 nothing but paths; and then nobody need ask for sizes. What was skipped has
 * its own line with -v. */
TEST(a_summary_and_sizes_are_for_those_who_see_them)
{
	static const char *const summaries[] = {
		[REPORTER_ERRORS] = "",
		[REPORTER_SUMMARY] = "Removed 1 file (0 B); skipped 1 virtual environment "
				     "('pyclean b/env' cleans it).\n",
		[REPORTER_LIST] = "Removed 1 file (0 B); skipped 1 virtual environment "
				  "('pyclean b/env' cleans it).\n",
		[REPORTER_ALL] = "Removed 1 file (0 B).\n",
	};

	for (enum reporter_detail detail = REPORTER_ERRORS; detail <= REPORTER_ALL; detail++) {
		for (int null = 0; null < 2; null++) {
			const struct reporter_style style = { .detail = detail, .null = null };
			struct reporter *reporter = reporter_new(&style);

			if (!null) {
				assert_string_equal(last_line_of(&style), summaries[detail]);
			}
			assert_non_null(reporter);
			assert_int_equal(reporter_wants_sizes(reporter),
					 detail >= REPORTER_SUMMARY && !null);
			reporter_free(reporter);
		}
	}
}

/* ---- What main() says ----------------------------------------------------------------------- */

static const struct reporter_style style;

static int say_usage(void *context)
{
	reporter_usage(&style, "unknown option", context, NULL);
	return 0;
}

static int say_meant(void *context)
{
	reporter_usage(&style, "unknown option", context, "--dry-run");
	return 0;
}

TEST(a_usage_error_names_what_was_meant)
{
	static char word[] = "--dryrun";

	assert_string_equal(in_child(say_meant, word)->err,
			    "pyclean: unknown option '--dryrun' (did you mean '--dry-run'?)\n"
			    "Try 'pyclean --help' for more information.\n");
}

/* A usage error points to the help, and quotes what was typed. */
TEST(a_usage_error_names_the_word_and_the_help)
{
	static char plain[] = "--bogus";
	static char odd[] = "--\x1b[31m";
	const struct outcome *outcome = in_child(say_usage, plain);

	assert_string_equal(outcome->out, "");
	assert_string_equal(outcome->err, "pyclean: unknown option '--bogus'\n"
					  "Try 'pyclean --help' for more information.\n");
	assert_string_equal(in_child(say_usage, odd)->err,
			    "pyclean: unknown option $'--\\e[31m'\n"
			    "Try 'pyclean --help' for more information.\n");
}

static int say_fatal(void *context)
{
	(void)context;
	errno = EACCES;
	reporter_fatal();
	return 0;
}

TEST(a_fatal_error_gives_the_reason)
{
	assert_string_equal(in_child(say_fatal, NULL)->err, "pyclean: Permission denied\n");
}

static int print_text(void *context)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (context && dup2(full, STDOUT_FILENO) < 0) {
		return 2;
	}
	return reporter_print("some help\n") == 0 ? 0 : 1;
}

/* `pyclean --help >/dev/full` has not shown any help. */
TEST(a_text_is_printed_or_the_failure_said)
{
	static char to_full[] = "";
	const struct outcome *outcome = in_child(print_text, NULL);

	assert_int_equal(outcome->status, 0);
	assert_string_equal(outcome->out, "some help\n");
	outcome = in_child(print_text, to_full);
	assert_int_equal(outcome->status, 1);
	assert_string_equal(outcome->err, "pyclean: cannot write to standard output: "
					  "No space left on device\n");
}
