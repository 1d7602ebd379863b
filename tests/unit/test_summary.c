/* The closing line for every combination of what was done, and its sizes. */

#include "interpose.h"
#include "report/json.h"
#include "report/quote.h"
#include "report/summary.h"
#include "tests.h"

#include <limits.h>
#include <string.h>

static const char *summary_of(struct summary sum)
{
	struct strbuf out = STRBUF_INIT;
	const char *summary;

	summary_add(&out, &sum);
	assert_false(out.failed);
	summary = scratch_copy(out.text, out.length);
	strbuf_free(&out);
	return summary;
}

/** Asserts on the summary of a run, then of a dry run. */
static void assert_summary(uint64_t files, uint64_t directories, uint64_t errors, const char *run,
			   const char *dry_run)
{
	struct summary sum = { .counts = { .files = files,
					   .directories = directories,
					   .bytes = files || directories ? 4096 : 0,
					   .errors = errors } };

	assert_string_equal(summary_of(sum), run);
	sum.dry_run = true;
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
	assert_string_equal(
		summary_of((struct summary){ .counts = { .files = files, .errors = errors },
					     .dry_run = dry_run,
					     .interrupted = true }),
		expected);
}

/* One is named, and how it is cleaned; -v lists several. */
static void what_was_skipped_is_told_behind_what_was_done(void **state)
{
	struct summary sum = { .counts.environments = 1, .skipped = "a/env" };

	(void)state;
	assert_string_equal(summary_of(sum), "Nothing to remove; skipped 1 virtual environment "
					     "('pyclean a/env' cleans it).\n");
	sum.skipped = NULL;
	assert_string_equal(summary_of(sum), "Nothing to remove; skipped 1 virtual environment "
					     "(-v lists it).\n");
	sum.counts.environments = 2;
	sum.counts.files = 3;
	sum.counts.errors = 1;
	sum.interrupted = true;
	sum.skipped = "env";
	assert_string_equal(summary_of(sum),
			    "Removed 3 files (0 B); 1 error; skipped 2 virtual environments "
			    "(-v lists them); interrupted.\n");
	sum.counts.skipped = 2;
	assert_string_equal(summary_of(sum),
			    "Removed 3 files (0 B); 1 error; skipped 2 virtual environments and "
			    "2 other directories (-v lists them); interrupted.\n");
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
		assert_string_equal(summary_of((struct summary){
					    .counts = { .files = 1, .bytes = sizes[i].bytes } }),
				    scratch_format("Removed 1 file (%s).\n", sizes[i].shown));
	}
}

/* Behind all but the interruption, with -v, too. */
static void what_has_no_source_beside_it_is_counted(void **state)
{
	(void)state;
	assert_string_equal(
		summary_of((struct summary){ .counts = { .files = 3, .errors = 1, .sourceless = 2 },
					     .interrupted = true }),
		"Removed 3 files (0 B); 1 error; 2 without a source beside it "
		"(see --keep-sourceless); interrupted.\n");
}

/* ---- Memory --------------------------------------------------------------------------------- */

/** Adds the longest summary there is to a buffer, without memory. */
static void add_longest(struct strbuf *out, const char *skipped, const char *elsewhere, bool json)
{
	static const struct reporter_counts most = {
		0,          UINT64_MAX, UINT64_MAX,     UINT64_MAX,
		UINT64_MAX, UINT64_MAX, UINT64_MAX - 1, UINT64_MAX,
	};
	static const struct reporter_counts one = {
		0, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, 0, 1, UINT64_MAX,
	};
	const struct summary longest = {
		.counts = skipped ? one : most,
		.skipped = skipped,
		.elsewhere = elsewhere,
		.dry_run = !json,
		.interrupted = true,
	};

	strbuf_reset(out);
	interpose_failing_allocation(skipped ? 1 : 0);
	if (json) {
		json_add_summary(out, &longest);
	} else {
		summary_add(out, &longest);
	}
	interpose(NULL);
	assert_false(out->failed);
	assert_int_equal(strbuf_last(out), '\n');
}

/* What has been reserved is enough, save for the path of what was skipped. */
static void a_summary_needs_no_memory_but_for_a_path(void **state)
{
	struct strbuf out = STRBUF_INIT;
	char path[2000];

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(strbuf_reserve(&out, SUMMARY_SIZE), 0);
	add_longest(&out, NULL, NULL, false);
	add_longest(&out, NULL, path, false);
	add_longest(&out, NULL, NULL, true);
	/* There is memory to quote it, then there is none to add it. */
	add_longest(&out, path, NULL, false);
	assert_non_null(strstr(out.text, "; skipped 1 directory (-v lists it); "
					 "18446744073709551615 without a source beside it "
					 "(see --keep-sourceless); interrupted.\n"));
	interpose_failing_allocation(0);
	strbuf_reset(&out);
	summary_add(&out, &(const struct summary){
				  .counts.skipped = 1, .skipped = path, .dry_run = true });
	interpose(NULL);
	assert_string_equal(out.text, "Nothing to remove; skipped 1 directory (-v lists it).\n");
	strbuf_free(&out);
}

/* No shell passes it on. */
static void a_path_that_is_too_long_is_no_operand(void **state)
{
	char path[PATH_MAX + 1];

	(void)state;
	memset(path, 'a', PATH_MAX);
	path[PATH_MAX] = '\0';
	assert_string_equal(summary_of((struct summary){ .counts.skipped = 1, .skipped = path }),
			    "Nothing to remove; skipped 1 directory (-v lists it).\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_combination_has_its_words),
		TEST(what_was_skipped_is_told_behind_what_was_done),
		TEST(an_interrupted_run_says_so),
		TEST(counts_may_be_large),
		TEST(sizes_change_their_unit_where_they_should),
		TEST(what_has_no_source_beside_it_is_counted),
		TEST(a_summary_needs_no_memory_but_for_a_path),
		TEST(a_path_that_is_too_long_is_no_operand),
	};

	return RUN_TESTS(tests);
}
