/*
 * Signals: the walk stops, the summary tells what has been done, and the program dies of the
 * signal. A supervisor sends them before a certain system call, so that it is known what may follow.
 */

#include "large.h"
#include "post.h"
#include "tests.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

static unsigned long files_in_summary(const struct outcome *outcome)
{
	static const char removed[] = "Removed ";
	const char *line = strstr(outcome->out, removed);

	return line ? strtoul(line + strlen(removed), NULL, 10) : 0;
}

/* ---- What follows a signal ------------------------------------------------------------------ */

enum {
	FILES = 300,
	SIGNAL_AT = 20
};

static const struct tree *tree_of_files(const char *directory)
{
	const struct tree *tree = TREE("keep.py");

	tree_add_directory(tree, directory);
	large_add_files(tree, directory, "m", FILES, ".pyc");
	return tree;
}

/** Has a run that removes files from a directory stopped by each signal. */
static void assert_stops_removing(const char *directory)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		const struct tree *tree = tree_of_files(directory);
		struct post post = { .at = SIGNAL_AT, .first = signals[i] };
		struct supervision supervision = { .calls = CALLS_REMOVE };
		const struct outcome *outcome =
			post_signals(tree, "-j1", &post, &supervision, NULL);
		unsigned long left = large_count(tree, directory, ".pyc");

		assert_died_of(outcome, signals[i]);
		/* The call that was under way is made once more, by the kernel; none after it. */
		assert_in_range(supervision.count, SIGNAL_AT, SIGNAL_AT + 1);
		assert_in_range(FILES - left, SIGNAL_AT - 1, SIGNAL_AT);
		assert_int_equal(files_in_summary(outcome), FILES - left);
	}
}

TEST(a_signal_stops_the_removal_of_files)
{
	assert_stops_removing("pkg");
}

TEST(a_signal_stops_the_removal_of_a_cache)
{
	assert_stops_removing("pkg/__pycache__");
	assert_stops_removing("pkg/__pycache__/deep");
}

/* Without its mark an empty directory would be debris for no later run. */
TEST(debris_goes_with_its_mark)
{
	static const char signature[] = "Signature: 8a477f597d28d172789f06886806bc55\n";
	const struct tree *tree = TREE(".mypy_cache/a", "keep.py");
	struct post post = { .at = 2, .first = SIGINT };
	struct supervision supervision = { .calls = CALLS_REMOVE };

	tree_write(tree, ".mypy_cache/CACHEDIR.TAG", signature, strlen(signature));
	assert_died_of(post_signals(tree, "-d -j1", &post, &supervision, NULL), SIGINT);
	assert_tree(tree, "keep.py");
}

/* A cache named as an operand takes another way. */
TEST(a_signal_stops_a_run_of_several_operands)
{
	const struct tree *tree = TREE("a/x.pyc", "b/x.pyc", "c/__pycache__/x.pyc", "d/x.pyc");
	struct post post = { .at = 2, .first = SIGTERM };
	struct supervision supervision = { .calls = CALLS_REMOVE };
	const struct outcome *outcome =
		post_signals(tree, "a b c/__pycache__ d", &post, &supervision, NULL);

	assert_died_of(outcome, SIGTERM);
	assert_false(tree_has(tree, "a/x.pyc"));
	assert_true(tree_has(tree, "c/__pycache__/x.pyc"));
	assert_true(tree_has(tree, "d/x.pyc"));
}

TEST(a_signal_stops_all_threads)
{
	const struct tree *tree = TREE(NULL);
	struct post post = { .at = 100, .first = SIGINT, .wait = true };
	struct supervision supervision = { .calls = CALLS_REMOVE };
	const struct outcome *outcome;
	unsigned long left = 0;

	for (int i = 0; i < 100; i++) {
		const char *path = scratch_format("p%d/__pycache__", i);

		tree_add_directory(tree, path);
		large_add_files(tree, path, "m", 10, ".pyc");
	}
	large_add_ballast(tree);
	outcome = post_signals(tree, "-j8", &post, &supervision, NULL);
	assert_died_of(outcome, SIGINT);
	assert_in_range(supervision.count, 100, 100 + 8 + 1);
	for (int i = 0; i < 100; i++) {
		const char *path = scratch_format("p%d/__pycache__", i);

		left += tree_has(tree, path) ? large_count(tree, path, ".pyc") : 0;
	}
	assert_int_equal(files_in_summary(outcome), 1000 - left);
}

TEST(a_second_signal_kills_at_once)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		const struct tree *tree = tree_of_files("pkg");
		struct post post = { .at = SIGNAL_AT, .first = signals[i], .second = SIGTERM };
		struct supervision supervision = { .calls = CALLS_REMOVE };
		const struct outcome *outcome =
			post_signals(tree, "-j1", &post, &supervision, NULL);

		assert_int_equal(outcome->signal, SIGTERM);
		assert_string_equal(outcome->out, "");
		assert_in_range(large_count(tree, "pkg", ".pyc"), FILES - SIGNAL_AT,
				FILES - SIGNAL_AT + 1);
	}
}

static void ignore_interrupt(const char *cwd)
{
	(void)cwd;
	signal(SIGINT, SIG_IGN);
}

static void ignore_hangup(const char *cwd)
{
	(void)cwd;
	signal(SIGHUP, SIG_IGN);
}

/* nohup(1), and the background jobs of a shell without job control. */
TEST(an_ignored_signal_stays_ignored)
{
	static const struct {
		int signal;
		void (*ignore)(const char *cwd);
	} cases[] = { { SIGINT, ignore_interrupt }, { SIGHUP, ignore_hangup } };

	for (size_t i = 0; i < 2; i++) {
		const struct tree *tree = tree_of_files("pkg");
		struct post post = { .at = SIGNAL_AT, .first = cases[i].signal };
		struct supervision supervision = { .calls = CALLS_REMOVE };

		assert_outcome(post_signals(tree, "-j1", &post, &supervision, cases[i].ignore), 0,
			       "Removed 300 files (*).\n", "");
		assert_tree(tree, "keep.py", "pkg/");
	}
}

/* Of an ignored SIGPIPE only the error remains: the list is lost, the work is done all the same. */
TEST(a_pipe_that_closes_is_an_error_where_sigpipe_is_ignored)
{
	const struct tree *tree = TREE("keep.py", "pkg/");
	const struct outcome *outcome;

	large_add_files(tree, "pkg", "a_rather_long_module_name_", 3000, ".pyc");
	outcome = RUN_PROGRAM(
			.name = "bash", .cwd = tree->path,
			.arguments = WORDS(
				"-c",
				"trap '' PIPE; $PYCLEAN_WRAPPER \"$PYCLEAN\" -v | head -n 1 >out; "
				"echo ${PIPESTATUS[0]}"));
	assert_string_equal(outcome->out, "1\n");
	assert_string_equal(outcome->err,
			    "pyclean: cannot write to standard output: Broken pipe\n");
	assert_int_equal(large_count(tree, "pkg", ".pyc"), 0);
}

BEFORE_TESTS
{
	large_prefer_memory();
}
