/* The closing line for every combination of what was done, its sizes, and the lines of main(). */

#include "child.h"
#include "reporter.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** What was done, and how it is to be summed up. */
struct sum {
	struct reporter_style style;
	uint64_t files;
	uint64_t directories;
	uint64_t bytes;
	uint64_t errors;
	uint64_t environments;
	uint64_t skipped;
	const char *path;
	bool interrupted;
};

static int sum_up(void *context)
{
	const struct sum *sum = context;
	struct reporter reporter;
	struct tally tally;

	reporter_init(&reporter, &sum->style);
	reporter.tally = (struct tally){ .files = sum->files,
					 .directories = sum->directories,
					 .bytes = sum->bytes,
					 .errors = sum->errors,
					 .environments = sum->environments,
					 .skipped = sum->skipped };
	reporter.skipped = sum->path ? strdup(sum->path) : NULL;
	tally = reporter_finish(&reporter, sum->interrupted);
	return tally.files != sum->files || tally.directories != sum->directories ||
	       tally.bytes != sum->bytes || tally.errors != sum->errors;
}

static const char *summary_of(struct sum sum)
{
	const struct outcome *outcome = in_child(sum_up, &sum);

	assert_int_equal(outcome->status, 0);
	assert_string_equal(outcome->err, "");
	return outcome->out;
}

/** Asserts on the summary of a run, then of a dry run. */
static void assert_summary(uint64_t files, uint64_t directories, uint64_t errors, const char *run,
			   const char *dry_run)
{
	struct sum sum = { .style.detail = REPORTER_SUMMARY,
			   .files = files,
			   .directories = directories,
			   .bytes = files || directories ? 4096 : 0,
			   .errors = errors };

	assert_string_equal(summary_of(sum), run);
	sum.style.dry_run = true;
	assert_string_equal(summary_of(sum), dry_run);
}

/* Singular and plural, one kind alone or both, with errors or without: a script may read them. */
static void each_combination_has_its_words(void **state)
{
	(void)state;
	assert_summary(0, 0, 0, "Nothing to remove.\n", "Nothing to remove.\n");
	assert_summary(0, 0, 1, "Nothing removed; 1 error.\n", "Nothing to remove; 1 error.\n");
	assert_summary(0, 0, 2, "Nothing removed; 2 errors.\n", "Nothing to remove; 2 errors.\n");
	assert_summary(1, 0, 0, "Removed 1 file (4.0 KiB).\n", "Would remove 1 file (4.0 KiB).\n");
	assert_summary(3, 0, 0, "Removed 3 files (4.0 KiB).\n",
		       "Would remove 3 files (4.0 KiB).\n");
	assert_summary(0, 1, 0, "Removed 1 directory (4.0 KiB).\n",
		       "Would remove 1 directory (4.0 KiB).\n");
	assert_summary(0, 2, 0, "Removed 2 directories (4.0 KiB).\n",
		       "Would remove 2 directories (4.0 KiB).\n");
	assert_summary(15, 1, 0, "Removed 15 files and 1 directory (4.0 KiB).\n",
		       "Would remove 15 files and 1 directory (4.0 KiB).\n");
	assert_summary(1, 2, 1, "Removed 1 file and 2 directories (4.0 KiB); 1 error.\n",
		       "Would remove 1 file and 2 directories (4.0 KiB); 1 error.\n");
	assert_summary(3, 0, 12, "Removed 3 files (4.0 KiB); 12 errors.\n",
		       "Would remove 3 files (4.0 KiB); 12 errors.\n");
	assert_summary(0, 1, 2, "Removed 1 directory (4.0 KiB); 2 errors.\n",
		       "Would remove 1 directory (4.0 KiB); 2 errors.\n");
}

static void assert_interrupted_summary(uint64_t files, uint64_t errors, bool dry_run,
				       const char *expected)
{
	assert_string_equal(summary_of((struct sum){
				    .style = { .detail = REPORTER_SUMMARY, .dry_run = dry_run },
				    .files = files,
				    .errors = errors,
				    .interrupted = true }),
			    expected);
}

/* Behind what was done; -v has its own lines for them. */
static void what_was_skipped_is_told_where_nothing_else_tells_of_it(void **state)
{
	struct sum sum = { .style.detail = REPORTER_SUMMARY, .environments = 1, .path = "a/env" };

	(void)state;
	assert_string_equal(summary_of(sum), "Nothing to remove; skipped 1 virtual environment "
					     "('pyclean a/env' cleans it).\n");
	sum.path = NULL;
	assert_string_equal(summary_of(sum), "Nothing to remove; skipped 1 virtual environment "
					     "(-v lists it).\n");
	sum.environments = 2;
	sum.files = 3;
	sum.errors = 1;
	sum.interrupted = true;
	sum.path = "env";
	assert_string_equal(summary_of(sum),
			    "Removed 3 files (0 B); 1 error; skipped 2 virtual environments "
			    "(-v lists them); interrupted.\n");
	sum.skipped = 2;
	assert_string_equal(summary_of(sum),
			    "Removed 3 files (0 B); 1 error; skipped 2 virtual environments and "
			    "2 other directories (-v lists them); interrupted.\n");
	sum.style.detail = REPORTER_ALL;
	assert_string_equal(summary_of(sum), "Removed 3 files (0 B); 1 error; interrupted.\n");
}

/* After ^C it must not read as if there were nothing more to remove. */
static void an_interrupted_run_says_so(void **state)
{
	(void)state;
	assert_interrupted_summary(2, 0, false, "Removed 2 files (0 B); interrupted.\n");
	assert_interrupted_summary(2, 0, true, "Would remove 2 files (0 B); interrupted.\n");
	assert_interrupted_summary(2, 1, false, "Removed 2 files (0 B); 1 error; interrupted.\n");
	assert_interrupted_summary(0, 0, false, "Nothing removed; interrupted.\n");
	assert_interrupted_summary(0, 0, true, "Nothing found; interrupted.\n");
	assert_interrupted_summary(0, 2, true, "Nothing found; 2 errors; interrupted.\n");
}

/* Counts are 64 bits wide. */
static void counts_may_be_large(void **state)
{
	(void)state;
	assert_summary(10000000000U, 5000000000U, 0,
		       "Removed 10000000000 files and 5000000000 directories (4.0 KiB).\n",
		       "Would remove 10000000000 files and 5000000000 directories (4.0 KiB).\n");
}

/* Never "1024.0 KiB": at the edge of what one digit can show, the next unit takes over. */
static void sizes_change_their_unit_where_they_should(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *shown;
	} sizes[] = {
		{ 0, "0 B" },
		{ 1, "1 B" },
		{ 512, "512 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KiB" },
		{ 1075, "1.0 KiB" },
		{ 1076, "1.1 KiB" },
		{ 10188, "9.9 KiB" },
		{ 218522, "213.4 KiB" },
		{ 1048524, "1023.9 KiB" },
		{ 1048525, "1.0 MiB" },
		{ 1048576, "1.0 MiB" },
		{ 5452595, "5.2 MiB" },
		{ 1073689395, "1023.9 MiB" },
		{ 1073689396, "1.0 GiB" },
		{ (uint64_t)1 << 30, "1.0 GiB" },
		{ (uint64_t)1 << 40, "1.0 TiB" },
		{ (uint64_t)1 << 50, "1.0 PiB" },
		{ (uint64_t)1 << 60, "1.0 EiB" },
		{ UINT64_MAX, "16.0 EiB" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_string_equal(summary_of((struct sum){ .style.detail = REPORTER_SUMMARY,
							     .files = 1,
							     .bytes = sizes[i].bytes }),
				    scratch_format("Removed 1 file (%s).\n", sizes[i].shown));
	}
}

/* -q says nothing, -0 nothing but paths; and then nobody need ask for sizes. */
static void a_summary_and_sizes_are_for_those_who_see_them(void **state)
{
	(void)state;
	for (int detail = REPORTER_ERRORS; detail <= REPORTER_ALL; detail++) {
		for (int null = 0; null < 2; null++) {
			const struct reporter_style style = { .detail =
								      (enum reporter_detail)detail,
							      .null = null };
			bool seen = detail >= REPORTER_SUMMARY && !null;
			struct reporter reporter;

			assert_string_equal(summary_of((struct sum){ .style = style, .files = 1 }),
					    seen ? "Removed 1 file (0 B).\n" : "");
			reporter_init(&reporter, &style);
			assert_int_equal(reporter_wants_sizes(&reporter), seen);
			pthread_mutex_destroy(&reporter.output.lock);
		}
	}
}

/* ---- What main() says ----------------------------------------------------------------------- */

static int say_usage(void *context)
{
	reporter_usage("unknown option", context, NULL);
	return 0;
}

static int say_meant(void *context)
{
	reporter_usage("unknown option", context, "--dry-run");
	return 0;
}

static void a_usage_error_names_what_was_meant(void **state)
{
	static char word[] = "--dryrun";

	(void)state;
	assert_string_equal(in_child(say_meant, word)->err,
			    "pyclean: unknown option '--dryrun' (did you mean '--dry-run'?)\n"
			    "Try 'pyclean --help' for more information.\n");
}

/* A usage error points to the help, and quotes what was typed. */
static void a_usage_error_names_the_word_and_the_help(void **state)
{
	static char plain[] = "--bogus";
	static char odd[] = "--\x1b[31m";
	const struct outcome *outcome = in_child(say_usage, plain);

	(void)state;
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

static void a_fatal_error_gives_the_reason(void **state)
{
	(void)state;
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
static void a_text_is_printed_or_the_failure_said(void **state)
{
	static char to_full[] = "";
	const struct outcome *outcome = in_child(print_text, NULL);

	(void)state;
	assert_int_equal(outcome->status, 0);
	assert_string_equal(outcome->out, "some help\n");
	outcome = in_child(print_text, to_full);
	assert_int_equal(outcome->status, 1);
	assert_string_equal(outcome->err, "pyclean: cannot write to standard output: "
					  "No space left on device\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_combination_has_its_words),
		TEST(what_was_skipped_is_told_where_nothing_else_tells_of_it),
		TEST(an_interrupted_run_says_so),
		TEST(counts_may_be_large),
		TEST(sizes_change_their_unit_where_they_should),
		TEST(a_summary_and_sizes_are_for_those_who_see_them),
		TEST(a_usage_error_names_the_word_and_the_help),
		TEST(a_usage_error_names_what_was_meant),
		TEST(a_fatal_error_gives_the_reason),
		TEST(a_text_is_printed_or_the_failure_said),
	};

	return RUN_TESTS(tests);
}
