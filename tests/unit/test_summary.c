/* The closing line for every combination of what was done, and its sizes. */

#include "interpose.h"
#include "report/internal.h"
#include "tests.h"

#include <limits.h>

static const struct reporter_style removes = { .detail = REPORTER_SUMMARY };
static const struct reporter_style dry_run = { .detail = REPORTER_LIST, .dry_run = true };

static const char *summary_of(const struct summary *sum, const struct reporter_style *style)
{
	struct strbuf out = STRBUF_INIT;
	const char *summary;

	summary_add(&out, sum, style);
	assert_false(out.failed);
	summary = scratch_copy(out.text, out.length);
	strbuf_free(&out);
	return summary;
}

/* Singular and plural, one kind alone or both, with errors or without: a script may read them. After
 * ^C it must not read as if there were nothing more to remove. */
TEST(each_combination_has_its_words)
{
	static const struct {
		struct summary sum;
		const char *of_run;
		const char *of_dry_run;
	} cases[] = {
		{ { .counts.files = 0 }, "Nothing to remove.\n", "Nothing to remove.\n" },
		{ { .counts.errors = 1 },
		  "Nothing removed; 1 error.\n",
		  "Nothing to remove; 1 error.\n" },
		{ { .counts.files = 1, .counts.directories = 2, .counts.errors = 2 },
		  "Removed 1 file and 2 directories (0 B); 2 errors.\n",
		  "Would remove 1 file and 2 directories (0 B); 2 errors.\n" },
		{ { .counts.files = 10000000000U, .counts.directories = 5000000000U },
		  "Removed 10000000000 files and 5000000000 directories (0 B).\n",
		  "Would remove 10000000000 files and 5000000000 directories (0 B).\n" },
		{ { .counts.directories = 1, .counts.errors = 1, .interrupted = true },
		  "Removed 1 directory (0 B); 1 error; interrupted.\n",
		  "Would remove 1 directory (0 B); 1 error; interrupted.\n" },
		{ { .interrupted = true },
		  "Nothing removed; interrupted.\n",
		  "Nothing found; interrupted.\n" },
		{ { .counts.errors = 2, .interrupted = true },
		  "Nothing removed; 2 errors; interrupted.\n",
		  "Nothing found; 2 errors; interrupted.\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_string_equal(summary_of(&cases[i].sum, &removes), cases[i].of_run);
		assert_string_equal(summary_of(&cases[i].sum, &dry_run), cases[i].of_dry_run);
	}
}

/* One is named, and how it is cleaned; -v lists several. */
TEST(what_was_skipped_is_told_behind_what_was_done)
{
	static const struct reporter_style all = { .detail = REPORTER_ALL };
	struct summary sum = { .counts.environments = 1, .skipped = STRBUF_INIT };

	assert_string_equal(summary_of(&sum, &removes),
			    "Nothing to remove; skipped 1 virtual environment (-v lists it).\n");
	summary_add_argument(&sum.skipped, "a/env");
	assert_string_equal(summary_of(&sum, &removes),
			    "Nothing to remove; skipped 1 virtual environment "
			    "('pyclean a/env' cleans it).\n");
	assert_string_equal(summary_of(&sum, &all), "Nothing to remove.\n");
	sum.counts.environments = 2;
	sum.counts.files = 3;
	sum.counts.errors = 1;
	sum.interrupted = true;
	assert_string_equal(summary_of(&sum, &removes),
			    "Removed 3 files (0 B); 1 error; skipped 2 virtual environments "
			    "(-v lists them); interrupted.\n");
	sum.counts.skipped = 2;
	assert_string_equal(summary_of(&sum, &removes),
			    "Removed 3 files (0 B); 1 error; skipped 2 virtual environments and "
			    "2 other directories (-v lists them); interrupted.\n");
	strbuf_free(&sum.skipped);
}

/* Never "1024.0 KiB": at the edge of what one digit can show, the next unit takes over. */
TEST(sizes_change_their_unit_where_they_should)
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

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct summary sum = { .counts = { .files = 1, .bytes = sizes[i].bytes } };

		assert_string_equal(summary_of(&sum, &removes),
				    scratch_format("Removed 1 file (%s).\n", sizes[i].shown));
	}
}

/* Behind all but the interruption, with -v, too. */
TEST(what_has_no_source_beside_it_is_counted)
{
	const struct summary sum = { .counts = { .files = 3, .errors = 1, .sourceless = 2 },
				     .interrupted = true };

	assert_string_equal(summary_of(&sum, &removes),
			    "Removed 3 files (0 B); 1 error; 2 without a source beside it "
			    "(see --keep-sourceless); interrupted.\n");
}

/* ---- Memory --------------------------------------------------------------------------------- */

/** Makes a text as long as one that is shown may be, and so many bytes longer. */
static void fill(struct strbuf *text, size_t more)
{
	while (text->length < PATH_MAX + more) {
		strbuf_add_char(text, 'a');
	}
}

/** Asserts that a summary needs no more memory than what is reserved for any. */
static void assert_fits(const struct summary *sum, const struct reporter_style *style)
{
	struct strbuf out = STRBUF_INIT;

	assert_int_equal(strbuf_reserve(&out, SUMMARY_SIZE), 0);
	interpose_failing_allocation(0);
	summary_add(&out, sum, style);
	interpose(NULL);
	assert_false(out.failed);
	assert_int_equal(out.text[out.length - 1], '\n');
	strbuf_free(&out);
}

TEST(the_longest_summary_fits_into_what_is_reserved)
{
	static const struct reporter_style json = { .json = true };
	struct summary sum = {
		.counts = { 0, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, 0, 1, UINT64_MAX },
		.chosen = STRBUF_INIT,
		.skipped = STRBUF_INIT,
		.elsewhere = STRBUF_INIT,
		.interrupted = true,
	};

	fill(&sum.chosen, 0);
	fill(&sum.skipped, 0);
	fill(&sum.elsewhere, 0);
	assert_fits(&sum, &dry_run);
	sum.counts.environments = UINT64_MAX - 1;
	assert_fits(&sum, &dry_run);
	assert_fits(&sum, &json);
	strbuf_free(&sum.chosen);
	strbuf_free(&sum.skipped);
	strbuf_free(&sum.elsewhere);
}

/* Nor is half a text, for lack of memory. */
TEST(a_text_that_is_too_long_is_left_out)
{
	struct summary sum = { .counts.skipped = 1,
			       .chosen = STRBUF_INIT,
			       .skipped = STRBUF_INIT,
			       .elsewhere = STRBUF_INIT };
	static const char rest[] = "Nothing to remove; skipped 1 directory (-v lists it).\n";

	fill(&sum.chosen, 1);
	fill(&sum.skipped, 1);
	fill(&sum.elsewhere, 1);
	assert_string_equal(summary_of(&sum, &removes), rest);
	strbuf_free(&sum.chosen);
	strbuf_reset(&sum.skipped);
	strbuf_add_char(&sum.skipped, 'a');
	sum.skipped.failed = true;
	strbuf_free(&sum.elsewhere);
	assert_string_equal(summary_of(&sum, &removes), rest);
	strbuf_free(&sum.skipped);
}
