/* Command lines that are wrong: nothing is guessed, and the text names what was typed. */

#include "command.h"
#include "interpose.h"
#include "options.h"
#include "tests.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

/* The word is named as the user typed it. */
TEST(an_unknown_option_is_refused)
{
	assert_refused("--bogus", "unknown option", "--bogus");
	assert_refused("--bogus=3", "unknown option", "--bogus=3");
	assert_refused("-z", "unknown option", "-z");
	assert_refused("-nz", "unknown option", "-z");
	assert_refused("-n a --nope b", "unknown option", "--nope");
}

/** What a mistyped option is taken for. */
static const char *meant_by(const char *words)
{
	int result;
	const struct options *options = parse_words(split(words), &result);

	assert_int_equal(result, -1);
	assert_non_null(options->problem);
	return options->meant ? options->meant : "";
}

/* A slip is told from another program's option, for which any guess would be wrong. */
TEST(a_mistyped_option_gets_the_nearest_one_named)
{
	assert_string_equal(meant_by("--dryrun"), "--dry-run");
	assert_string_equal(meant_by("--dry_run"), "--dry-run");
	assert_string_equal(meant_by("--dyr-run=x"), "--dry-run");
	assert_string_equal(meant_by("--ignroe=build"), "--ignore");
	assert_string_equal(meant_by("--verbsoe"), "--verbose");
	assert_string_equal(meant_by("--keep-sourcless"), "--keep-sourceless");
	assert_string_equal(meant_by("--one-filesystem"), "--one-file-system");
	assert_string_equal(meant_by("--jsonl"), "--json");
	assert_string_equal(meant_by("--qiuet a b"), "--quiet");
	assert_string_equal(meant_by("--bytecode"), "");
	assert_string_equal(meant_by("--yes"), "");
	assert_string_equal(meant_by("--ver"), "");
	assert_string_equal(meant_by("--x"), "");
	assert_string_equal(meant_by("-z"), "");
	assert_string_equal(meant_by("--all=x"), "");
	assert_string_equal(meant_by("--a-word-that-is-longer-than-any-option-of-any-program"), "");
}

/* People come with the options of PyPI's pyclean, cleanpy and py3clean. */
TEST(an_option_of_another_program_is_answered)
{
	static const char *const instead[][2] = {
		{ "--debug", "--verbose" },
		{ "--erase", "rm" },
		{ "--folders", "--prune" },
		{ "--git-clean", "git clean -dXi" },
		{ "--include-builds", "--debris=build" },
		{ "--include-envs", "rm -r .venv" },
		{ "--include-metadata", "--debris=build" },
		{ "--include-testing", "--debris=coverage" },
		{ "--interactive", "--dry-run" },
		{ "--list", "--dry-run" },
		{ "--package", "py3clean" },
	};

	for (size_t i = 0; i < sizeof(instead) / sizeof(instead[0]); i++) {
		const char *name = instead[i][0];
		const char *use = scratch_format("use %s instead of", instead[i][1]);
		const char *word = scratch_format("%s=x", name);

		assert_refused(name, use, name);
		assert_refused(word, use, word);
		assert_refused(scratch_format("-n . %s y", name), use, name);
		assert_null(strstr(parse("-h")->print, name));
		if (instead[i][1][0] == '-') {
			parse(instead[i][1]);
		}
	}
	assert_refused("--yes", "pyclean never asks; leave out", "--yes");
	assert_refused("--exclude-envs", "environments are skipped without --all; leave out",
		       "--exclude-envs");
	assert_refused("--follow-symlinks", "links are never followed, except a PATH; leave out",
		       "--follow-symlinks");
	/* git clean and fd have -e for other things. */
	assert_refused(". -e *.bak", "use --ignore to keep files, or rm to remove them, instead of",
		       "-e");
	assert_refused("-g", "use git clean -dXi instead of", "-g");
	assert_refused("-y .", "pyclean never asks; leave out", "-y");
	assert_refused("-ny .", "pyclean never asks; leave out", "-y");
	assert_refused("-n -delete", "unknown option", "-e");
	/* Not where it is only the beginning. */
	assert_refused("--eras", "unknown option", "--eras");
	assert_refused("--erased", "unknown option", "--erased");
	assert_true(parse("--fo")->force);
	assert_int_equal(parse("--e=b")->ignore.count, 1);
}

/* PyPI's pyclean takes topics so, and here they would be cleaned. */
TEST(a_topic_that_is_no_argument_is_refused)
{
	static const char *const topics[][2] = {
		{ "all", "all" },           { "build", "build" },   { "cache", "caches" },
		{ "caches", "caches" },     { "mypy", "caches" },   { "coverage", "coverage" },
		{ "package", "build" },     { "pytest", "caches" }, { "ruff", "caches" },
		{ "complexipy", "caches" }, { "jupyter", "TOPIC" }, { "pyright", "TOPIC" },
		{ "tox", "TOPIC" },
	};

	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		const char *word = topics[i][0];
		const char *problem =
			scratch_format("write --debris=%s for a topic, ./%s for a directory, not",
				       topics[i][1], word);

		assert_refused(scratch_format(". --debris %s", word), problem, word);
		assert_refused(scratch_format("-nd %s mypy -v", word), problem, word);
	}
	assert_refused(". --debris coverage,build",
		       "write --debris=coverage,build for a topic, ./coverage,build for a "
		       "directory, not",
		       "coverage,build");
	assert_refused("--debris=coverage,mypy",
		       "--debris takes caches, coverage, build or all, not", "mypy");
	parse("-d src");
	parse(". -d src");
	parse("-d ./build");
	parse("-d build/");
	parse("-d build2,all");
	parse("-d -- build");
	parse("build -d");
	parse("-dn build");
	parse("-d . build");
	parse("--debris=caches build");
}

/* `pyclean -i -n p`: the run would be real. */
TEST(an_option_is_not_taken_for_the_argument_of_another)
{
	assert_refused("-i -n p", "--ignore needs an argument, not the option", "-n");
	assert_string_equal(meant_by("-i -n p"), "--ignore=-n");
	assert_string_equal(meant_by("--exclude -n p"), "--exclude=-n");
	assert_refused("--ignore --dry-run", "--ignore needs an argument, not the option",
		       "--dry-run");
	assert_refused("--keep-t --dr", "--keep-tag needs an argument, not the option", "--dr");
	assert_refused("-k -nv", "--keep-tag needs an argument, not the option", "-nv");
	assert_refused("-nt -ibuild", "--tag needs an argument, not the option", "-ibuild");
	assert_refused("-j -j4", "--jobs needs an argument, not the option", "-j4");
	assert_refused("--color --json", "--color needs an argument, not the option", "--json");
	assert_refused("--progress -h", "--progress needs an argument, not the option", "-h");
	assert_refused("--prefix --", "--prefix needs an argument, not the option", "--");
	assert_refused("-i -Z", "--ignore needs an argument, not the option", "-Z");
	assert_refused("-j -1", "--jobs needs an argument, not the option", "-1");
	assert_string_equal(meant_by("-j -1"), "");
	assert_refused("-i --ver", "--ignore needs an argument, not the option", "--ver");
	assert_refused("-i --jobs=2", "--ignore needs an argument, not the option", "--jobs=2");
}

/* There are files of such names. */
TEST(what_looks_like_an_option_can_be_attached)
{
	static const char *const words[] = { "-i-n", "--ignore=-n", "--ign=--all", "-ni-n",
					     "--ignore=--" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(parse(words[i])->ignore.count, 1);
	}
}

/* PyPI's pyclean is called so: what it would leave would be cleaned. */
TEST(an_operand_that_was_meant_for_a_list_is_refused)
{
	static const char takes[] =
		"separate the arguments of --ignore with commas; this would be cleaned:";

	assert_refused(". -i build .venv .git", takes, ".venv");
	assert_string_equal(meant_by(". -i build .venv .git"), "--ignore=build,.venv,.git");
	assert_string_equal(meant_by(". --exclude build .venv"), "--exclude=build,.venv");
	assert_string_equal(meant_by("/dev -a -i build /dev/x y -n z"), "--ignore=build,/dev/x,y");
	assert_string_equal(meant_by("/usr /dev -i c,d /dev//e -- f"), "--ignore=c,d,/dev//e");
	assert_string_equal(meant_by(". --keep-t 3.11 3.12"), "--keep-tag=3.11,3.12");
	assert_string_equal(meant_by("./../. -nt 3.11 3.12"), "--tag=3.11,3.12");
	assert_refused("/ -i build .venv", takes, ".venv");
	assert_refused("/usr/bin -i c /usr/../usr/bin/d", takes, "/usr/../usr/bin/d");
	assert_refused(".. -i c d", takes, "d");
	/* The operand that has it may come later. */
	assert_refused("-i build .venv .", takes, ".venv");
	assert_string_equal(meant_by("-i build .venv .git ."), "--ignore=build,.venv,.git");
	assert_string_equal(meant_by("-i build .venv -n -- /dev ."), "--ignore=build,.venv");
	assert_string_equal(meant_by("-i a /dev -k 3.11 3.12 ."), "--keep-tag=3.11,3.12");
}

/* Everything else is what it says. */
TEST(an_operand_behind_a_list_can_be_one)
{
	static const char *const words[] = {
		"-i build .venv",
		". -i build -- .venv",
		". -ibuild .venv",
		". --ignore=build .venv",
		". -i build -n .venv",
		"/usr -i build /dev",
		"/usr -i build /usr/.",
		"/dev -i build /devs",
		"/usr -i build /usr/x/../../y",
		"/usr/bin -i build /usr",
		". -j 2 x",
		". -i build ../x",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		parse(words[i]);
	}
}

/* A byte that is not ASCII is passed on as it is, for the reporter to quote. */
TEST(an_unknown_byte_is_refused)
{
	assert_refused("-\xc3\xa9", "unknown option", "-\xc3");
	assert_refused("-\xff", "unknown option", "-\xff");
}

/* --ver could be --verbose or --version: to guess would be to remove. */
TEST(an_ambiguous_abbreviation_is_refused)
{
	assert_refused("--ver", "ambiguous option", "--ver");
	assert_refused("--v", "ambiguous option", "--v");
	assert_refused("--ver=1", "ambiguous option", "--ver=1");
}

/* The option is named in full, also where it was abbreviated. */
TEST(a_missing_argument_is_refused)
{
	assert_refused("-i", "--ignore needs an argument", "");
	assert_refused("-ni", "--ignore needs an argument", "");
	assert_refused("--ignore", "--ignore needs an argument", "");
	assert_refused("--ig", "--ignore needs an argument", "");
	assert_refused("--ex", "--exclude needs an argument", "");
	assert_refused("-j", "--jobs needs an argument", "");
}

TEST(an_argument_too_many_is_refused)
{
	assert_refused("--dry-run=yes", "--dry-run takes no argument", "");
	assert_refused("--check=", "--check takes no argument", "");
	assert_refused("--all=x", "--all takes no argument", "");
	assert_refused("--help=x", "--help takes no argument", "");
}

TEST(any_other_time_is_refused)
{
	assert_refused("--color=yes", "--color takes auto, always or never, not", "yes");
	assert_refused("--progress=", "--progress takes auto, always or never, not", "");
	assert_refused("--progress=alway", "--progress takes auto, always or never, not", "alway");
	assert_refused("--color", "--color needs an argument", "");
}

/* Neither is what a reader of the other wants; -q takes both back. */
TEST(null_and_json_are_refused_together)
{
	assert_refused("-0 --json", "--null and --json cannot be combined", "");
	assert_refused("--json -v0", "--null and --json cannot be combined", "");
}

/* -j takes a whole number from 1 to 64; strtol(3) alone would take " 2", "+2", "2x" and 2^64+2. */
TEST(a_number_of_jobs_that_is_none_is_refused)
{
	static const char *const numbers[] = { "0",         "65",  "+2",  "",
					       " 2",        "2 ",  "2x",  "x2",
					       "0x2",       "1.5", "1e1", "18446744073709551618",
					       "4294967298" };
	int result;

	assert_int_equal(parse("-j1")->jobs, 1);
	assert_int_equal(parse("-j64")->jobs, 64);
	assert_int_equal(parse("-j2 -j5")->jobs, 5);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct options *options = parse_words(WORDS("-j", numbers[i]), &result);

		assert_int_equal(result, -1);
		assert_string_equal(options->problem, "--jobs takes a number from 1 to 64, not");
		assert_string_equal(options->problem_text, numbers[i]);
	}
}

/* -1 without a problem is how the caller knows that it was memory. */
TEST(out_of_memory_is_no_usage_error)
{
	int failures = 0;

	for (int before = 0;; before++) {
		char *argv[] = { scratch_copy("pyclean", 7),
				 scratch_copy("-ia,b,c", 7),
				 scratch_copy("-i/dev/d", 8),
				 scratch_copy("-k3.11", 6),
				 scratch_copy("--deb=all", 9),
				 scratch_copy("p", 1),
				 NULL };
		struct options options;
		int result;

		optind = 0;
		interpose_failing_allocation(before);
		result = options_parse(&options, 6, argv);
		interpose(NULL);
		if (!has_struck()) {
			assert_int_equal(result, 0);
			options_free(&options);
			break;
		}
		assert_int_equal(result, -1);
		assert_int_equal(errno, ENOMEM);
		assert_null(options.problem);
		options_free(&options);
		failures++;
	}
	assert_in_range(failures, 10, 40);
}

/* An empty pattern is a slip (a variable that is not set); silently none would delete more. */
TEST(an_empty_pattern_is_refused)
{
	static const char *const lists[] = {
		"", ",", "a,", ",a", "a,,b", "/", "///", "a,/", ".//,"
	};
	int result;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct options *options = parse_words(WORDS("-i", lists[i]), &result);

		assert_int_equal(result, -1);
		assert_string_equal(options->problem, "a pattern is empty:");
	}
}
