/* The command line: GNU's conventions, usage errors that touch nothing, --help and --version. */

#include "tests.h"

#include <string.h>

static const char try_help[] = "Try 'pyclean --help' for more information.\n";

/** Asserts that a command line is refused before anything is touched. */
static void assert_refused(const char *arguments)
{
	const struct tree *tree = TREE("a.pyc", "pkg/__pycache__/b.pyc");
	const struct tree_listing before = tree_list(tree);
	const struct outcome *outcome = run(tree, arguments);
	const char *second_line = strchr(outcome->err, '\n');

	assert_listing(before, tree_list(tree));
	if (outcome->status != 2 || outcome->out_length > 0 ||
	    strncmp(outcome->err, "pyclean: ", 9) != 0 || !second_line ||
	    strcmp(second_line + 1, try_help) != 0) {
		assert_outcome(outcome, 2, "", scratch_format("pyclean: …\n%s", try_help));
	}
}

/* unit/test_options_errors.c has what is said. */
TEST(a_wrong_command_line_touches_nothing)
{
	assert_refused("-Z");
	assert_refused("--frobnicate");
	assert_refused("-?");
	assert_refused("-:");
	/* The operands before it must not have been done by the time the option is seen. */
	assert_refused(". pkg -Z");
	assert_refused("--check a.pyc --frobnicate");
	assert_refused("--ignore");
	assert_refused("--dry-run=yes");
	/* Otherwise the run would be real. */
	assert_refused("-i -n pkg");
	assert_refused("--ignore=a,,b");
	assert_refused("--ver");
}

/* PyPI's pyclean takes several values after --ignore, and here they would be cleaned. */
TEST(several_values_after_a_list_option_are_refused)
{
	const struct tree *tree = TREE("a.pyc", "pkg/b.pyc");

	assert_refused(". -i build pkg");
	assert_refused(". -n -i build pkg/none");
	assert_refused("pkg --tag 3.11 pkg/__pycache__");
	assert_refused("-i build pkg -- .");
	assert_outcome(
		run(tree, ". -i build pkg x -n"), 2, "",
		scratch_format("pyclean: separate the arguments of --ignore with commas; this "
			       "would be cleaned: 'pkg' (did you mean '--ignore=build,pkg,x'?)\n%s",
			       try_help));
	assert_paths(run(tree, "-n0 . -i build -- pkg"), "a.pyc", "pkg/b.pyc", "pkg/b.pyc");
}

/* POSIX has every word behind the first operand for one. */
TEST(posixly_correct_ends_the_options_at_the_first_operand)
{
	const struct tree *tree = TREE("a.pyc", "pkg/b.pyc", "-n/c.pyc");

	assert_paths(RUN_PROGRAM(.cwd = tree->path, .arguments = split("-n0 -i build pkg -n"),
				 .environment = WORDS("POSIXLY_CORRECT=1")),
		     "pkg/b.pyc", "-n/c.pyc");
}

TEST(every_option_has_its_long_form)
{
	static const char skipped[] = "; skipped 1 directory ('pyclean -a .tox' cleans it).\n";
	const struct tree *tree = TREE("a.pyc", ".tox/b.pyc", "build/c.pyc");

	assert_outcome(run(tree, "--dry-run"), 0,
		       scratch_format("Would remove a.pyc\nWould remove build/c.pyc\n"
				      "Would remove 2 files (*)%s",
				      skipped),
		       "");
	assert_outcome(run(tree, "--dry-run --ignore=build"), 0,
		       scratch_format("Would remove a.pyc\nWould remove 1 file (*)%s", skipped),
		       "");
	assert_outcome(run(tree, "--dry-run --ignore build --all"), 0,
		       "Would remove a.pyc\nWould remove .tox/b.pyc\nWould remove 2 files (*).\n",
		       "");
	assert_outcome(run(tree, "--dry-run --quiet"), 0, "", "");
	assert_paths(run(tree, "--dry-run --null"), "a.pyc", "build/c.pyc");
	assert_last_line(run(tree, "--check --one-file-system"), 1,
			 scratch_format("Would remove 2 files (*)%s", skipped), "");
	assert_outcome(run(tree, "--verbose"), 0,
		       "Removed a.pyc\nRemoved build/c.pyc\nSkipped .tox/ (test environments)\n"
		       "Removed 2 files (*).\n",
		       "");
	assert_tree(tree, ".tox/b.pyc", "build/");
}

TEST(short_options_cluster)
{
	const struct tree *tree = TREE("a.pyc", ".tox/b.pyc", "build/c.pyc");

	assert_paths(run(tree, "-n0a"), "a.pyc", ".tox/b.pyc", "build/c.pyc");
	assert_paths(run(tree, "-n0aibuild"), "a.pyc", ".tox/b.pyc");
	assert_paths(run(tree, "-n0xibuild"), "a.pyc");
}

TEST(long_options_can_be_abbreviated)
{
	const struct tree *tree = TREE("a.pyc", "build/c.pyc");

	assert_paths(run(tree, "--dry --nul --ign=build"), "a.pyc");
	assert_paths(run(tree, "--dry --null --one-file --ign build"), "a.pyc");
}

/* As GNU's getopt_long permutes them. */
TEST(options_may_follow_operands)
{
	const struct tree *tree = TREE("x/a.pyc", "y/b.pyc", "z/c.pyc");

	assert_paths(run(tree, "x -n y -0"), "x/a.pyc", "y/b.pyc");
}

/* Otherwise a file named -n or -rf.pyc could not be removed, or would be an option. */
TEST(after_two_dashes_all_are_operands)
{
	const struct tree *tree = TREE("-n/a.pyc", "--help/b.pyc", "-x.pyc", "c.pyc");

	assert_outcome(run(tree, "-- -n --help -x.pyc"), 0, "Removed 3 files (*).\n", "");
	assert_tree(tree, "-n/", "--help/", "c.pyc");
}

TEST(an_option_may_be_given_twice)
{
	const struct tree *tree = TREE("a.pyc");

	assert_paths(run(tree, "-n -n -a -a -x -x -0 -0"), "a.pyc");
	assert_tree(tree, "a.pyc");
}

/* With -n and --check together, nothing is removed and the status tells. */
TEST(check_and_dry_run_combine)
{
	const struct tree *tree = TREE("a.pyc");

	assert_outcome(run(tree, "-n --check"), 1, "Would remove a.pyc\nWould remove 1 file (*).\n",
		       "");
	assert_tree(tree, "a.pyc");
}

TEST(help_goes_to_stdout)
{
	const struct tree *tree = TREE("a.pyc");
	const struct outcome *outcome = run(tree, "--help");

	assert_outcome(outcome, 0, outcome->out, "");
	assert_ptr_equal(strstr(outcome->out, "Usage: pyclean [OPTION]... [PATH]...\n"),
			 outcome->out);
	assert_string_equal(run(tree, "-h")->out, outcome->out);
	assert_tree(tree, "a.pyc");
}

/* The size of most terminals is 24 by 80, and a line that wraps cannot be read as a table. */
TEST(help_has_at_most_30_lines_of_80_columns)
{
	size_t lines = 0;

	for (const char *line = RUN(TREE("a.py"), "--help")->out; *line != '\0'; lines++) {
		size_t length = strcspn(line, "\n");

		assert_in_range(length, 0, 80);
		line += length + 1;
	}
	assert_in_range(lines, 20, 30);
}

TEST(version_goes_to_stdout)
{
	const struct tree *tree = TREE("a.pyc");
	const struct outcome *outcome = run(tree, "--version");

	assert_int_equal(outcome->status, 0);
	assert_int_equal(outcome->err_length, 0);
	assert_ptr_equal(strstr(outcome->out, "pyclean " PYCLEAN_VERSION "\n"), outcome->out);
	assert_string_equal(run(tree, "-V")->out, outcome->out);
	assert_string_equal(run(tree, "--vers")->out, outcome->out);
	assert_tree(tree, "a.pyc");
}

/* `pyclean . --help`: the question is answered, nothing is removed. */
TEST(help_and_version_remove_nothing)
{
	const struct tree *tree = TREE("a.pyc");

	assert_string_equal(run(tree, ". --help")->out, run(tree, "--help")->out);
	assert_string_equal(run(tree, ". -V")->out, run(tree, "-V")->out);
	assert_tree(tree, "a.pyc");
}

/* A full disk must not pass for a help text. */
TEST(help_that_cannot_be_written_is_an_error)
{
	static const char *const arguments[] = { "--help", "--version" };

	for (size_t i = 0; i < 2; i++) {
		const struct outcome *outcome =
			RUN_PROGRAM(.arguments = split(arguments[i]), .out = PROGRAM_FULL);

		assert_int_equal(outcome->status, 1);
		assert_ptr_equal(strstr(outcome->err, "pyclean: "), outcome->err);
		assert_non_null(strstr(outcome->err, "No space left on device\n"));
	}
}
