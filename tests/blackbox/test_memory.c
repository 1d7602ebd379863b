/* Memory grows with the widest directory alone, not with the tree: measured at the program's end. */

#include "large.h"
#include "supervise.h"
#include "tests.h"

/** Runs the program and asserts how much memory it has had at most. */
static const struct outcome *run_within(const struct tree *tree, const char *arguments, long mib)
{
	struct supervision supervision = { 0 };
	const struct outcome *outcome = supervise(
		&(const struct program){ .cwd = tree->path, .arguments = split(arguments) },
		&supervision);

	print_message("# %ld KiB: %s\n", supervision.peak, outcome->command);
	assert_in_range(supervision.peak, 1, 1024 * mib);
	return outcome;
}

/** Skips a test where a figure would say nothing of the program. */
static void skip_if_not_its_own(void)
{
	if (program_is_sanitized() || program_is_wrapped() || tests_are_slow()) {
		skip_because("a sanitizer or wrapper has memory of its own");
	}
}

/* 200,000 entries in 20,000 directories, with all walkers at work. */
TEST(a_large_tree_needs_no_memory)
{
	const struct tree *tree = TREE(NULL);

	skip_if_not_its_own();
	large_need_room(tree, 220000);
	for (int i = 0; i < 10000; i++) {
		const char *package = scratch_format("d%d/p%d", i / 100, i % 100);

		tree_add_directory(tree, scratch_format("%s/__pycache__", package));
		large_add_files(tree, package, "module", 9, ".py");
		large_add_files(tree, scratch_format("%s/__pycache__", package), "module", 9,
				".cpython-311.pyc");
	}
	run_within(tree, "--check -j8", 8);
	assert_outcome(run_within(tree, "-j8", 8), 0,
		       "Removed 90000 files and 10000 directories (*).\n", "");
}

/* In one directory: its names are held, in little more than what they are. */
TEST(a_million_names_need_little_memory)
{
	const struct tree *tree = TREE("strays/");

	skip_if_not_its_own();
	large_need_room(tree, 1100000);
	large_add_files(tree, "strays", "a_rather_long_module_", 1000000, ".pyc");
	assert_outcome(run_within(tree, "", 128), 0, "Removed 1000000 files (*).\n", "");
	assert_tree(tree, "strays/");
}

BEFORE_TESTS
{
	large_prefer_memory();
}
