/* --keep-tag=auto, which asks the python3 in PATH, and what is refused as a tag. */

#include "tests.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** A tree in which bin/python3 is a script, and p is to be cleaned. */
static const struct tree *tree_with_python(const char *script)
{
	const struct tree *tree =
		TREE("p/__pycache__/m.cpython-311.pyc", "p/__pycache__/m.cpython-399.pyc", "bin/");

	if (script) {
		tree_write(tree, "bin/python3", script, strlen(script));
		tree_chmod(tree, "bin/python3", 0755);
	}
	return tree;
}

/** Runs the program in p, where bin is all that PATH leads to, or comes first. */
static const struct outcome *run_with_path(const struct tree *tree, const char *rest,
					   const char *arguments)
{
	if (program_is_wrapped() && !*rest) {
		skip_because("a wrapper has to be found in PATH");
	}
	return RUN_PROGRAM(.cwd = tree_path(tree, "p"), .arguments = split(arguments),
			   .input = "not for Python\n",
			   .environment = WORDS(
				   scratch_format("PATH=%s%s", tree_path(tree, "bin"), rest)));
}

static const char usual[] = ":/usr/bin:/bin";

TEST(auto_is_the_tag_of_the_python3_in_path)
{
	const struct tree *tree = tree_with_python("#!/bin/sh\necho cpython-399\n");

	assert_outcome(run_with_path(tree, usual, "-v --keep-tag=auto"), 0,
		       "Removed __pycache__/m.cpython-311.pyc (of another interpreter)\n"
		       "Kept __pycache__/m.cpython-399.pyc (cpython-399)\n"
		       "Removed 1 file (*); kept cpython-399 (auto: python3).\n",
		       "");
	assert_outcome(run_with_path(tree, usual, "-v -t auto"), 0,
		       "Removed __pycache__/m.cpython-399.pyc (cpython-399)\n"
		       "Removed __pycache__/\n"
		       "Removed 1 file and 1 directory (*); only cpython-399 (auto: python3).\n",
		       "");
}

TEST(auto_can_stand_in_a_list)
{
	const struct tree *tree = tree_with_python("#!/bin/sh\necho cpython-399\n");

	tree_add(tree, "p/__pycache__/m.cpython-310.pyc");
	assert_paths(run_with_path(tree, usual, "-n0 -k 3.10,auto"),
		     "__pycache__/m.cpython-311.pyc");
}

/* Starting Python takes longer than most of what the program does. */
TEST(the_interpreter_is_asked_once_and_only_for_auto)
{
	const struct tree *tree =
		tree_with_python("#!/bin/sh\necho asked >>../log\necho cpython-399\n");

	assert_int_equal(run_with_path(tree, usual, "-n -k 3.11 -t pypy39")->status, 0);
	assert_false(tree_has(tree, "log"));
	assert_int_equal(run_with_path(tree, usual, "-n -k auto,auto -t auto -k auto")->status, 0);
	assert_string_equal(
		RUN_PROGRAM(.name = "cat", .cwd = tree->path, .arguments = split("log"))->out,
		"asked\n");
}

/* No shell stands between: no quoting can go wrong, and no file of the project is run. */
TEST(the_question_is_put_without_a_shell_and_in_isolation)
{
	const struct tree *tree =
		tree_with_python("#!/bin/sh\n"
				 "[ $# = 3 ] && [ \"$2\" = -c ] || exit 1\n"
				 "case $1 in -*I*B*) ;; *) exit 1 ;; esac\n"
				 "case $3 in *implementation.cache_tag*) ;; *) exit 1 ;; esac\n"
				 "read -r line && exit 1\n"
				 "echo noise >&2\n"
				 "printf cpython-; echo 399\n");

	assert_outcome(run_with_path(tree, usual, "-nq -k auto"), 0, "", "");
	assert_paths(run_with_path(tree, usual, "-n0 -k auto"), "__pycache__/m.cpython-311.pyc");
}

static void close_input(const char *cwd)
{
	(void)cwd;
	close(STDIN_FILENO);
}

/* The pipe that its answer comes through has their numbers then. */
TEST(the_streams_may_be_closed)
{
	if (program_is_wrapped()) {
		skip_because("the wrapper needs its standard error");
	}
	for (int closed = 1; closed < 8; closed++) {
		const struct tree *tree = tree_with_python("#!/bin/sh\necho cpython-399\n");
		const struct outcome *outcome =
			RUN_PROGRAM(.cwd = tree_path(tree, "p"), .arguments = split("-q -k auto"),
				    .environment = WORDS(scratch_format(
					    "PATH=%s%s", tree_path(tree, "bin"), usual)),
				    .prepare = closed & 1 ? close_input : NULL,
				    .out = closed & 2 ? PROGRAM_CLOSED : PROGRAM_CAPTURED,
				    .err = closed & 4 ? PROGRAM_CLOSED : PROGRAM_CAPTURED);

		assert_int_equal(outcome->status, 0);
		assert_false(tree_has(tree, "p/__pycache__/m.cpython-311.pyc"));
	}
}

/* ---- Errors --------------------------------------------------------------------------------- */

/**
 * Asserts that the tag cannot be had, which touches nothing. The option in the message is the one
 * given: the other one would remove what is to be kept.
 */
static void assert_no_tag(const char *script, const char *rest)
{
	static const char *const arguments[] = { "-k auto", "--keep-tag=3.11,auto", "-t auto",
						 "--check -t auto", "-q -k auto" };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree = tree_with_python(script);
		struct tree_listing before = tree_list(tree);
		const struct outcome *outcome = run_with_path(tree, rest, arguments[i]);

		assert_int_equal(outcome->status, 2);
		assert_int_equal(outcome->out_length, 0);
		assert_ptr_equal(strstr(outcome->err, "pyclean: "), outcome->err);
		assert_string_equal(
			outcome->err,
			scratch_format("pyclean: cannot ask python3 for its tag; name a version, "
				       "e.g. %s=3.13: '%s'\n"
				       "Try 'pyclean --help' for more information.\n",
				       strstr(arguments[i], "-t ") ? "--tag" : "--keep-tag",
				       script ? tree_path(tree, "bin/python3") : "python3"));
		assert_listing(before, tree_list(tree));
	}
}

TEST(an_interpreter_that_fails_is_an_error)
{
	assert_no_tag("#!/bin/sh\necho cpython-311\nexit 3\n", usual);
	assert_no_tag("#!/bin/sh\necho cpython-311\nkill -9 $$\n", usual);
}

/* As one without a tag does (PEP 421 allows None). */
TEST(an_interpreter_that_prints_nothing_is_an_error)
{
	assert_no_tag("#!/bin/sh\n", usual);
	assert_no_tag("#!/bin/sh\necho\n", usual);
}

TEST(an_interpreter_that_prints_too_much_is_an_error)
{
	assert_no_tag("#!/bin/sh\nprintf '%0100d\\n' 1\n", usual);
}

/* A wrapper with a banner: taken for a tag, it would make --keep-tag take everything. */
TEST(what_is_printed_beside_the_tag_is_an_error)
{
	assert_no_tag("#!/bin/sh\necho Activated\necho cpython-311\n", usual);
	assert_no_tag("#!/bin/sh\nprintf 'cpython-311\\r\\n'\n", usual);
	assert_no_tag("#!/bin/sh\necho None at all\n", usual);
}

/* Help must not depend on a Python. */
TEST(help_needs_no_interpreter)
{
	const struct tree *tree = tree_with_python(NULL);

	assert_int_equal(run_with_path(tree, "", "-k auto --help")->status, 0);
	assert_int_equal(run_with_path(tree, "", "-k auto --version")->status, 0);
}

TEST(no_interpreter_is_an_error)
{
	assert_no_tag(NULL, "");
	assert_no_tag("#!/nowhere/sh\n", "");
}

/* What it leaves behind may hold its standard output open for ever. */
TEST(a_process_that_it_leaves_is_not_waited_for)
{
	const struct tree *tree = tree_with_python("#!/bin/sh\nsleep 1000 & echo $! >../left\n");
	pid_t left;

	assert_int_equal(run_with_path(tree, usual, "-k auto")->status, 2);
	left = (pid_t)strtol(scratch_read(tree_path(tree, "left")), NULL, 10);
	assert_true(left > 1);
	kill(left, SIGKILL);
}

/* A wrong tag that passed for one would make --keep-tag take everything. */
TEST(what_cannot_be_a_tag_is_refused)
{
	static const char *const arguments[][2] = {
		{ "-t", "" },
		{ "-k", "3.11," },
		{ "-k", ",3.11" },
		{ "-k", "3.11,,3.12" },
		{ "-k", "311" },
		{ "-k", "python-311" },
		{ "-k", "cpython-3" },
		{ "-k", "3." },
		{ "-k", "3.11x" },
		{ "-k", "cpython 311" },
		{ "-k", "../cpython-311" },
		{ "-k", "cpython-311*" },
		{ "--tag=", "." },
	};

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree = tree_with_python(NULL);
		struct tree_listing before = tree_list(tree);
		const struct outcome *outcome = RUN(tree, arguments[i][0], arguments[i][1]);

		assert_int_equal(outcome->status, 2);
		assert_int_equal(outcome->out_length, 0);
		assert_non_null(strstr(outcome->err, "write a version (3.11), a tag"));
		assert_listing(before, tree_list(tree));
	}
	assert_int_equal(run(TREE("a.pyc"), "-t")->status, 2);
}
