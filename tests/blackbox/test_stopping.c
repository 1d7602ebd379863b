/*
 * How long a run goes on after a signal, in trees of very many entries.
 *
 * By a clock on the wall it would depend on what else the machine does. A program that makes no more
 * calls, does not sleep and takes no time of a processor is at its end as soon as it is let.
 */

#include "large.h"
#include "post.h"
#include "tests.h"

#include <signal.h>

/** What is promised, in seconds; a sanitizer has its own pace. */
static double patience(void)
{
	return program_is_sanitized() ? 1.0 : 0.1;
}

/** Has a run stopped, and asserts that it does nothing more. @return How much time that took. */
static double stop_once(const struct tree *tree, const char *arguments, unsigned long walkers,
			unsigned calls, unsigned long at)
{
	struct post post = { .at = at, .first = SIGINT, .wait = true };
	struct supervision supervision = { .calls = calls | CALLS_SLEEP };
	const struct outcome *outcome = post_signals(
		tree, scratch_format("-j%lu %s", walkers, arguments), &post, &supervision, NULL);

	assert_died_of(outcome, SIGINT);
	/* What was under way is done, and musl's nftw reads a directory before it asks again. */
	assert_in_range(supervision.count, at, at + 2 * walkers);
	assert_int_equal(post.sleeps, 0);
	assert_true(post.cpu_seconds > 0);
	return outcome->cpu_seconds - post.cpu_seconds;
}

/** Has a run in a large tree stopped, and asserts that it takes no time. */
static void assert_stops_soon(const struct tree *tree, const char *arguments, unsigned long walkers,
			      unsigned calls, unsigned long at)
{
	double seconds = 0;

	/* Even that varies, where others have the caches, or the host the processor. */
	for (int i = 0; i < 5; i++) {
		seconds = stop_once(tree, arguments, walkers, calls, at);
		print_message("# stopped in %.1f ms: -j%lu %s\n", 1e3 * seconds, walkers,
			      arguments);
		if (seconds < patience()) {
			return;
		}
	}
	assert_true(seconds < patience());
}

/** Makes directories "d0", "d1", …, each with fifty packages, whose caches have 38 files. */
static const struct tree *tree_of_packages(unsigned long directories)
{
	const struct tree *tree = TREE(NULL);

	large_need_room(tree, directories * 50 * 40);
	for (unsigned long i = 0; i < 50 * directories; i++) {
		const char *path = scratch_format("d%lu/p%lu/__pycache__", i / 50, i % 50);

		tree_add_directory(tree, path);
		large_add_files(tree, path, "m", 38, ".pyc");
	}
	return tree;
}

/* A million entries, or a tenth of that where all is slow. */
TEST(a_large_tree_is_left_within_a_moment)
{
	unsigned long directories = tests_are_slow() || program_is_sanitized() ? 50 : 500;
	const struct tree *tree;

	supervise_need();
	tree = tree_of_packages(directories);
	assert_stops_soon(tree, "-nv", 1, CALLS_LIST, 500);
	assert_stops_soon(tree, "-n", 8, CALLS_LIST, 50 * directories);
	assert_stops_soon(tree, "", 1, CALLS_REMOVE, 1000);
	assert_stops_soon(tree, "", 8, CALLS_REMOVE, 5000);
	assert_true(tree_has(tree, "d0") && tree_has(tree, "d49"));
}

TEST(a_directory_of_very_many_names_is_left_within_a_moment)
{
	const struct tree *tree = TREE("pkg/", "cache/__pycache__/");

	supervise_need();
	large_need_room(tree, 100000);
	large_add_files(tree, "pkg", "a_rather_long_module_name_", 50000, ".pyc");
	large_add_files(tree, "cache/__pycache__", "a_rather_long_module_name_", 50000, ".pyc");
	/* While it is read: nothing has been removed. */
	assert_stops_soon(tree, "pkg", 1, CALLS_LIST, 10);
	assert_stops_soon(tree, "cache", 1, CALLS_LIST, 10);
	assert_int_equal(large_count(tree, "pkg", ".pyc"), 50000);
	assert_int_equal(large_count(tree, "cache/__pycache__", ".pyc"), 50000);
	/* While it is emptied. */
	assert_stops_soon(tree, "pkg", 1, CALLS_REMOVE, 100);
	assert_stops_soon(tree, "cache", 1, CALLS_REMOVE, 100);
	assert_in_range(large_count(tree, "pkg", ".pyc"), 50000 - 101, 50000 - 99);
	assert_in_range(large_count(tree, "cache/__pycache__", ".pyc"), 50000 - 101, 50000 - 99);
}

BEFORE_TESTS
{
	large_prefer_memory();
}
