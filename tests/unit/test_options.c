/* The command line: every option in each form that GNU conventions give it. */

#include "command.h"
#include "walk/pool.h"
#include "debris.h"
#include "options.h"
#include "tests.h"

#include <string.h>

/* ---- Options -------------------------------------------------------------------------------- */

/* What a bare `pyclean` does: clean ".", and say a summary. */
TEST(without_arguments_the_current_directory_is_cleaned)
{
	const struct options *options = parse("");

	assert_null(options->print);
	assert_int_equal(options->operand_count, 1);
	assert_string_equal(options->operands[0], ".");
	assert_int_equal(options->style.detail, REPORTER_SUMMARY);
	assert_false(options->style.dry_run || options->style.null);
	assert_false(options->check || options->one_file_system || options->rules.all);
	assert_int_equal(options->ignore.count, 0);
	assert_int_equal(options->jobs, WALKER_DEFAULT_THREADS);
	assert_null(options->problem);
}

/** What an option is for. */
#define SETS(name, condition)                                                                      \
 static bool sets_##name(const struct options *o)                                                  \
 {                                                                                                 \
  return condition;                                                                                \
 }

SETS(dry_run, o->style.dry_run && !o->check && o->style.detail == REPORTER_LIST)
SETS(check, o->style.dry_run && o->check && o->style.detail == REPORTER_LIST)
SETS(ignore, o->ignore.count == 1 && strcmp(o->ignore.all[0].glob, "x") == 0)
SETS(all, o->rules.all)
SETS(one_file_system, o->one_file_system)
SETS(force, o->force)
SETS(debris, o->rules.debris == DEBRIS_CACHES)
SETS(two_topics, o->rules.debris == (DEBRIS_CACHES | DEBRIS_COVERAGE))
SETS(all_debris, o->rules.debris == DEBRIS_ALL)
SETS(jobs, o->jobs == 3)
SETS(verbose, o->style.detail == REPORTER_ALL && !o->style.dry_run)
SETS(quiet, o->style.detail == REPORTER_ERRORS)
SETS(null, o->style.null && o->style.detail == REPORTER_LIST && !o->style.dry_run)
SETS(json, o->style.json && o->style.detail == REPORTER_LIST && !o->style.dry_run)
SETS(colour_always, o->style.colour == REPORTER_ALWAYS)
SETS(colour_never, o->style.colour == REPORTER_NEVER)
SETS(progress_always, o->style.progress == REPORTER_ALWAYS)
SETS(progress_never, o->style.progress == REPORTER_NEVER)
SETS(help, o->print != NULL && strstr(o->print, "Usage: ") == o->print)
SETS(version, o->print != NULL && strcmp(o->print, "pyclean " PYCLEAN_VERSION "\n") == 0)

static const struct {
	const char *words;
	bool (*sets)(const struct options *options);
} forms[] = {
	{ "-n", sets_dry_run },
	{ "--dry-run", sets_dry_run },
	{ "--dry", sets_dry_run },
	{ "--dr", sets_dry_run },
	{ "-d", sets_debris },
	{ "--debris", sets_debris },
	{ "--de", sets_debris },
	{ "--debris=caches", sets_debris },
	{ "--debris=caches,caches", sets_debris },
	{ "--debris=all", sets_all_debris },
	{ "-d --debris=coverage", sets_two_topics },
	{ "--debris=coverage,caches", sets_two_topics },
	{ "--debris=build,coverage,caches", sets_all_debris },
	{ "--check", sets_check },
	{ "--ch", sets_check },
	{ "-i x", sets_ignore },
	{ "-ix", sets_ignore },
	{ "--ignore=x", sets_ignore },
	{ "--ignore x", sets_ignore },
	{ "--ig=x", sets_ignore },
	{ "--exclude=x", sets_ignore },
	{ "--exclude x", sets_ignore },
	{ "--ex=x", sets_ignore },
	{ "-a", sets_all },
	{ "--all", sets_all },
	{ "--al", sets_all },
	{ "-x", sets_one_file_system },
	{ "--one-file-system", sets_one_file_system },
	{ "--one", sets_one_file_system },
	{ "-f", sets_force },
	{ "--force", sets_force },
	{ "--fo", sets_force },
	{ "-j3", sets_jobs },
	{ "-j 3", sets_jobs },
	{ "--jobs=3", sets_jobs },
	{ "--jobs 3", sets_jobs },
	{ "--jo 03", sets_jobs },
	{ "-v", sets_verbose },
	{ "--verbose", sets_verbose },
	{ "--verb", sets_verbose },
	{ "-q", sets_quiet },
	{ "--quiet", sets_quiet },
	{ "--q", sets_quiet },
	{ "-0", sets_null },
	{ "--null", sets_null },
	{ "--nu", sets_null },
	{ "--json", sets_json },
	{ "--progress=always", sets_progress_always },
	{ "--progress never", sets_progress_never },
	{ "--pro=never", sets_progress_never },
	{ "--color=always", sets_colour_always },
	{ "--color never", sets_colour_never },
	{ "--col=always", sets_colour_always },
	{ "--js", sets_json },
	{ "-0q --json", sets_json },
	{ "-h", sets_help },
	{ "--help", sets_help },
	{ "--he", sets_help },
	{ "-V", sets_version },
	{ "--version", sets_version },
	{ "--vers", sets_version },
};

/* Short, long, abbreviated; an argument attached or apart. */
TEST(each_option_has_all_its_forms)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct options *options = parse(forms[i].words);

		if (!forms[i].sets(options)) {
			print_error("# %s does not do what it is for\n", forms[i].words);
			fail();
		}
		/* Nor does it take the place of the operand. */
		assert_string_equal(options->operands[0], ".");
		/* None does what another one is for. */
		assert_int_equal(sets_all(options), forms[i].sets == sets_all);
		assert_int_equal(options->force, forms[i].sets == sets_force);
		assert_int_equal(sets_one_file_system(options),
				 forms[i].sets == sets_one_file_system);
		assert_int_equal(options->check, forms[i].sets == sets_check);
	}
}

/* -q silences what stands before it; a later -v or -0 lifts it. */
TEST(the_last_of_quiet_verbose_and_null_wins)
{
	static const struct {
		const char *words;
		enum reporter_detail detail;
		bool null;
	} cases[] = {
		{ "-v -q", REPORTER_ERRORS, false },    { "-q -v", REPORTER_ALL, false },
		{ "-0 -q", REPORTER_ERRORS, false },    { "-q -0", REPORTER_LIST, true },
		{ "-v -0", REPORTER_ALL, true },        { "-0 -v", REPORTER_ALL, true },
		{ "-v0", REPORTER_ALL, true },          { "-v0q", REPORTER_ERRORS, false },
		{ "-0qv", REPORTER_ALL, false },        { "-vq0", REPORTER_LIST, true },
		{ "-n -q", REPORTER_ERRORS, false },    { "-q -n", REPORTER_ERRORS, false },
		{ "-n -v", REPORTER_ALL, false },       { "-v -n", REPORTER_ALL, false },
		{ "-n -0", REPORTER_LIST, true },       { "--check -q", REPORTER_ERRORS, false },
		{ "--check -n", REPORTER_LIST, false }, { "-n --check", REPORTER_LIST, false },
		{ "--check", REPORTER_LIST, false },    { "-q --check", REPORTER_ERRORS, false },
		{ "--check -v", REPORTER_ALL, false },  { "--check -0", REPORTER_LIST, true },
		{ "-v -v", REPORTER_ALL, false },       { "-q -q", REPORTER_ERRORS, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct options *options = parse(cases[i].words);

		if (options->style.detail != cases[i].detail ||
		    options->style.null != cases[i].null) {
			print_error("# %s: detail %d, null %d\n", cases[i].words,
				    options->style.detail, options->style.null);
			fail();
		}
	}
}

/* Whoever asks for help gets it, whatever else the line has, even an error behind it. */
TEST(help_and_version_end_the_parsing)
{
	assert_true(sets_help(parse("-h --bogus -j0")));
	assert_true(sets_version(parse("-V -h")));
	assert_true(sets_help(parse("-n --help a b")));
	assert_refused("--bogus -h", "unknown option", "--bogus");
}

/* ---- Operands ------------------------------------------------------------------------------- */

/* An empty operand is a mistake to be reported, not the current directory. */
TEST(an_empty_operand_is_kept)
{
	int result;
	const struct options *options = parse_words(WORDS("", " a\n"), &result);

	assert_int_equal(result, 0);
	assert_int_equal(options->operand_count, 2);
	assert_string_equal(options->operands[0], "");
	assert_string_equal(options->operands[1], " a\n");
}

/* ---- Patterns ------------------------------------------------------------------------------- */

static void assert_patterns(const char *words, const char *const *expected)
{
	const struct options *options = parse(words);
	size_t count = 0;

	while (expected[count]) {
		count++;
	}
	if (options->ignore.count != count) {
		print_error("# %s gives %zu patterns\n", words, options->ignore.count);
		fail();
	}
	for (size_t i = 0; i < count; i++) {
		const struct ignore_pattern *pattern = &options->ignore.all[i];
		const char *component = pattern->glob;
		const char *glob = component;

		while ((component += strlen(component) + 1) < pattern->end) {
			glob = scratch_format("%s/%s", glob, component);
		}
		assert_string_equal(glob, expected[i]);
	}
}

#define ASSERT_PATTERNS(words, ...) assert_patterns(words, WORDS(__VA_ARGS__))

/* -i a,b -i c is three patterns, in that order. */
TEST(a_list_of_patterns_is_split_and_repeated)
{
	ASSERT_PATTERNS("-ia", "a");
	ASSERT_PATTERNS("-ia,b,c", "a", "b", "c");
	ASSERT_PATTERNS("-ia,b -i c --ignore=d,e --exclude f,g", "a", "b", "c", "d", "e", "f", "g");
}

/* The backslash stays, and the comparison takes it off. */
TEST(a_comma_behind_a_backslash_does_not_split)
{
	ASSERT_PATTERNS("-ia\\,b", "a\\,b");
	ASSERT_PATTERNS("-ia\\\\,b", "a\\\\", "b");
	ASSERT_PATTERNS("-i\\,", "\\,");
}

/* What completion and habit add must not keep a pattern from matching. */
TEST(slashes_behind_and_dots_before_a_pattern_are_dropped)
{
	ASSERT_PATTERNS("-ibuild/", "build");
	ASSERT_PATTERNS("-i./build", "build");
	ASSERT_PATTERNS("-i././build/", "build");
	ASSERT_PATTERNS("-i/build/", "build");
	ASSERT_PATTERNS("-ia/b/,./c", "a/b", "c");
	ASSERT_PATTERNS("-i.build", ".build");
}

/* ---- Help ----------------------------------------------------------------------------------- */
