/* The harness itself: a test of what a machine lacks is skipped, and the reason is told once. */

#include "tests.h"

#include <stdlib.h>
#include <string.h>

/* A shell's 127, for a command that it did not find, is a status like any other. */
TEST(any_status_is_the_programs_own)
{
	const struct outcome *outcome =
		RUN_PROGRAM(.name = "sh", .arguments = WORDS("-c", "exit 127"));

	assert_int_equal(outcome->status, 127);
}

TEST(only_a_program_in_path_is_installed)
{
	const struct tree *tree = TREE("bin/plain", "bin/directory/", "bin/program");
	const char *path = scratch_format("%s", getenv("PATH"));
	bool found[3];

	tree_chmod(tree, "bin/program", 0755);
	setenv("PATH", scratch_format("/nowhere:%s", tree_path(tree, "bin")), 1);
	found[0] = tool_is_installed("plain");
	found[1] = tool_is_installed("directory");
	found[2] = tool_is_installed("program");
	setenv("PATH", path, 1);
	assert_false(found[0]);
	assert_false(found[1]);
	assert_true(found[2]);
	assert_true(tool_is_installed("sh"));
}

/** Adds a script that says what a test program would say. */
static const char *add_script(const struct tree *tree, const char *name, const char *content)
{
	tree_write(tree, name, content, strlen(content));
	tree_chmod(tree, name, 0755);
	return tree_path(tree, name);
}

/** Runs test programs one by one. */
#define RUN_SCRIPTS(...) run_scripts(WORDS(__VA_ARGS__), "")

/** @param times The file that keeps how long each took, or "". */
static const struct outcome *run_scripts(const char *const scripts[], const char *times)
{
	return RUN_PROGRAM(.name = "tests/support/run", .arguments = scripts,
			   .environment = WORDS("JOBS=1", "PYCLEAN_WRAPPER",
						scratch_format("PYCLEAN_TIMES=%s", times)));
}

/** The output without what tells of each program, which has a time in it. */
static const char *closing_lines(const struct outcome *outcome)
{
	const char *text = strstr(outcome->out, "skipped: ");

	return text ? text : outcome->out;
}

TEST(the_summary_tells_each_reason_once)
{
	const struct tree *tree = TREE("a/", "b/");
	const char *first =
		add_script(tree, "a/test_x",
			   "#!/bin/sh\n"
			   "printf '%s\\n' 1..4 'ok 1 - one' 'zsh is not installed' \\\n"
			   "'ok 2 # SKIP two' 'no room' 'ok 3 # SKIP three' \\\n"
			   "'zsh is not installed' 'not ok 4 # SKIP four'\n");
	const char *second =
		add_script(tree, "b/test_y",
			   "#!/bin/sh\n"
			   "printf '%s\\n' 1..1 'zsh is not installed' 'ok 1 - five # SKIP'\n");
	const struct outcome *outcome = RUN_SCRIPTS(first, second);

	assert_int_equal(outcome->status, 0);
	assert_string_equal(closing_lines(outcome), "skipped: zsh is not installed (3 tests)\n"
						    "skipped: no room (a/x three)\n"
						    "1 passed, 0 failed, 4 skipped\n");
}

/* The messages of cmocka 1 and of cmocka 2. */
TEST(a_failure_is_shown_with_its_messages)
{
	static const char shown[] = "before\nnot ok 2 - two\n# after\n"
				    "not ok 3 - three\n  ---\n  message: 'why'\n  ...\n"
				    "1 passed, 2 failed\n";
	const struct tree *tree = TREE("a/");
	const char *script = add_script(tree, "a/test_x",
					"#!/bin/sh\n"
					"printf '%s\\n' 1..3 'unshown' 'ok 1 - one' 'before' \\\n"
					"'not ok 2 - two' '# after' 'not ok 3 - three' '  ---' \\\n"
					"\"  message: 'why'\" '  ...'\n"
					"exit 2\n");
	const struct outcome *outcome = RUN_SCRIPTS(script);

	assert_int_equal(outcome->status, 1);
	assert_string_equal(strchr(outcome->out, '\n') + 1, shown);
}

TEST(a_script_without_its_interpreter_is_skipped)
{
	const struct tree *tree = TREE("a/");
	const char *passes = add_script(tree, "a/test_x",
					"#!/usr/bin/env sh\n"
					"printf '1..1\\nok 1 - one\\n'\n");
	const char *lacks = add_script(tree, "a/test_y", "#!/usr/bin/env no-such-interpreter\n");
	const struct outcome *outcome = RUN_SCRIPTS(passes, lacks);

	assert_int_equal(outcome->status, 0);
	assert_string_equal(closing_lines(outcome),
			    "skipped: no-such-interpreter is not installed (a/y all)\n"
			    "1 passed, 0 failed, 1 skipped\n");
}

/** The names of the programs in the order in which they ran. */
static const char *order_of(const struct outcome *outcome)
{
	const char *order = "";

	assert_int_equal(outcome->status, 0);
	for (const char *at = outcome->out; (at = strstr(at, "ok    a/")) != NULL; at++) {
		order = scratch_format("%s%.1s", order, at + strlen("ok    a/"));
	}
	return order;
}

/* So that none runs on alone at the end: the longest of the last run first, after the new ones. */
TEST(the_longest_program_starts_first)
{
	static const char passes[] = "#!/bin/sh\nprintf '1..1\\nok 1 - one\\n'\n";
	static const char known[] = "a/v/9\na/x/2\na/y/10\n";
	const struct tree *tree = TREE("a/");
	const char *const scripts[] = { add_script(tree, "a/test_w", passes),
					add_script(tree, "a/test_x", passes),
					add_script(tree, "a/test_y", passes),
					add_script(tree, "a/test_z", passes), NULL };
	const char *times = tree_path(tree, "times");

	assert_string_equal(order_of(run_scripts(scripts, times)), "wxyz");
	assert_non_null(strstr(scratch_read(times), "a/y/"));
	tree_write(tree, "times", known, strlen(known));
	assert_string_equal(order_of(run_scripts(scripts, times)), "wzyx");
	/* What did not run this time is remembered. */
	assert_non_null(strstr(scratch_read(times), "a/v/9\n"));
}

/** Where programs that are run with these variables make their trees. */
static const char *place_with(const char *first, const char *second)
{
	const struct tree *tree = TREE("a/");
	const char *script = add_script(tree, "a/test_x",
					"#!/bin/sh\n"
					"printf '1..1\\nnot ok 1 - <%s>\\n' \"${TMPDIR-none}\"\n");
	const struct outcome *outcome =
		RUN_PROGRAM(.name = "tests/support/run", .arguments = WORDS(script),
			    .environment =
				    WORDS(first, second, "PYCLEAN_TIMES", "PYCLEAN_WRAPPER"));
	const char *place = strchr(outcome->out, '<');

	assert_non_null(place);
	return scratch_copy(place, strcspn(place, ">") + 1);
}

/* Where somebody has named a place, the tests are there. */
TEST(the_tests_work_where_they_are_told)
{
	const struct tree *tree = TREE(NULL);
	const char *named = scratch_format("TMPDIR=%s", tree->path);
	const char *expected = scratch_format("<%s>", tree->path);

	assert_string_equal(place_with("IN_MEMORY=1", named), expected);
	assert_string_equal(place_with("IN_MEMORY", named), expected);
	assert_string_equal(place_with("IN_MEMORY", "TMPDIR"), "<none>");
}

TEST(an_unusable_place_is_an_error)
{
	const struct tree *tree = TREE("file");
	const char *script =
		add_script(tree, "test_x", "#!/bin/sh\nprintf '1..1\\nok 1 - one\\n'\n");
	const char *path = tree_path(tree, "file");

	assert_outcome(
		program_run(&(const struct program){
			.name = "tests/support/run",
			.arguments = (const char *const[]){ script, NULL },
			.environment =
				(const char *const[]){ scratch_format("TMPDIR=%s", path), NULL } }),
		1, "",
		scratch_format("The tests need a TMPDIR that has some space and where programs may "
			       "run, not '%s'.\n",
			       path));
}
