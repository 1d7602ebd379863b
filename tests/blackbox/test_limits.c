/* Trees that are deeper, longer or wider than buffers, descriptors and stacks allow for. */

#include "large.h"
#include "tests.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** A cache with a file in it, a stray file, and files that stay. */
static void furnish(int fd, int level)
{
	(void)level;
	if (mkdirat(fd, "__pycache__", 0755) != 0) {
		broken("cannot make a cache");
	}
	tree_make_file(fd, "__pycache__/a.cpython-311.pyc");
	tree_make_file(fd, "stray.pyc");
	tree_make_file(fd, "stays.py");
}

static void furnish_every_tenth(int fd, int level)
{
	if (level % 10 == 0) {
		furnish(fd, level);
	}
}

/** Directories beside the chain, with work in them, so that a level has several to visit. */
static void furnish_siblings(int fd, int level)
{
	if (level % 7 != 0) {
		return;
	}
	for (int i = 0; i < 3; i++) {
		char name[16];
		int sibling;

		snprintf(name, sizeof(name), "%c%d", "az0"[i], level);
		sibling = mkdirat(fd, name, 0755) == 0 ? openat(fd, name, O_RDONLY | O_DIRECTORY)
						       : -1;
		if (sibling < 0) {
			broken("cannot make directory '%s'", name);
		}
		furnish(sibling, level);
		close(sibling);
	}
	furnish(fd, level);
}

/** How much of each is left. */
struct census {
	int caches;
	int strays;
	int sources;
	int directories;
};

/** Counts what is in a tree of any depth, by way of find(1), which was made for that. */
static struct census count(const struct tree *tree)
{
	struct census census = { 0 };
	const struct outcome *outcome;

	need_gnu_find();
	outcome = RUN_PROGRAM(.name = "find", .cwd = tree->path,
			      .arguments = split(". -mindepth 1 -printf %y%f\\n"));

	assert_int_equal(outcome->status, 0);
	for (const char *line = outcome->out; *line; line = strchr(line, '\n') + 1) {
		census.caches += strncmp(line, "d__pycache__\n", 13) == 0;
		census.strays += strncmp(line, "fstray.pyc\n", 11) == 0;
		census.sources += strncmp(line, "fstays.py\n", 10) == 0;
		census.directories += *line == 'd';
	}
	return census;
}

/** Cleans a tree that has `furnished` furnished directories, and asserts that all is clean. */
static void assert_all_cleaned(const struct tree *tree, int furnished)
{
	struct census before = count(tree);
	struct census after;

	assert_int_equal(before.caches, furnished);
	assert_int_equal(before.strays, furnished);
	assert_last_line(run(tree, "--check"), 1,
			 scratch_format("Would remove %d files and %d directories (*).\n",
					2 * furnished, furnished),
			 "");
	assert_outcome(run(tree, ""), 0,
		       scratch_format("Removed %d files and %d directories (*).\n", 2 * furnished,
				      furnished),
		       "");
	after = count(tree);
	assert_int_equal(after.caches, 0);
	assert_int_equal(after.strays, 0);
	assert_int_equal(after.sources, before.sources);
	assert_int_equal(after.directories, before.directories - furnished);
}

/* More levels than any fixed number of descriptors, hand-overs among them. */
TEST(a_deep_tree_is_cleaned_with_its_siblings)
{
	const struct tree *tree = TREE(NULL);

	tree_add_chain(tree, "d", 203, furnish_siblings);
	assert_all_cleaned(tree, 29 * 4);
}

/* nftw holds paths in PATH_MAX bytes; the kernel takes no longer ones. */
TEST(a_path_beyond_path_max_is_cleaned)
{
	const struct tree *tree = TREE(NULL);

	assert_true(60 * 200 > 2 * PATH_MAX);
	tree_add_chain(tree, scratch_repeat('x', 200), 60, furnish_every_tenth);
	assert_all_cleaned(tree, 6);
}

/* The path of what goes is printed in full, however long. */
TEST(a_path_beyond_path_max_is_listed)
{
	const struct tree *tree = TREE(NULL);
	const char *path = "";
	const char *name = scratch_repeat('y', 250);

	tree_add_chain(tree, name, 20, furnish_every_tenth);
	for (int level = 1; level <= 10; level++) {
		path = scratch_format("%s%s/", path, name);
	}
	assert_paths(run(tree, "-n0"), scratch_format("%s__pycache__/", path),
		     scratch_format("%sstray.pyc", path),
		     scratch_format("%s%s__pycache__/", path, path),
		     scratch_format("%s%sstray.pyc", path, path));
}

/* With several operands, of which some are that deep. */
TEST(a_deep_operand_leaves_the_others_alone)
{
	const struct tree *tree = TREE("a/x.pyc", "z/y.pyc");

	tree_add_chain(tree, "d", 150, furnish_every_tenth);
	assert_outcome(run(tree, "z d a"), 0, "Removed 32 files and 15 directories (*).\n", "");
	assert_int_equal(count(tree).strays, 0);
}

/* Inside a cache it is the deleter that goes down. */
TEST(a_deep_tree_inside_a_cache_goes)
{
	const struct tree *tree = TREE("keep.py");

	tree_add_chain(tree, "__pycache__", 300, NULL);
	assert_outcome(run(tree, ""), 0, "Removed 300 directories (*).\n", "");
	assert_tree(tree, "keep.py");
}

TEST(a_path_beyond_path_max_inside_a_cache_goes)
{
	const struct tree *tree = TREE("keep.py");

	tree_add_chain(tree_below(tree, "__pycache__"), scratch_repeat('x', 200), 60,
		       furnish_every_tenth);
	assert_outcome(run(tree, "-n"), 0,
		       "Would remove __pycache__/\n"
		       "Would remove 18 files and 67 directories (*).\n",
		       "");
	assert_outcome(run(tree, ""), 0, "Removed 18 files and 67 directories (*).\n", "");
	assert_tree(tree, "keep.py");
}

/* readdir comes in pieces: removing while reading loses names where a file system is weak. */
TEST(a_directory_of_many_names_is_cleaned)
{
	const struct tree *tree = TREE(NULL);
	int names = tests_are_slow() ? 1500 : 15000;

	large_add_files(tree, ".", "a_rather_long_module_name_", (unsigned long)names, ".pyc");
	large_add_files(tree, ".", "a_rather_long_module_name_", 500, ".py");
	assert_last_line(run(tree, "--check"), 1,
			 scratch_format("Would remove %d files (*).\n", names), "");
	assert_outcome(run(tree, ""), 0, scratch_format("Removed %d files (*).\n", names), "");
	assert_int_equal(tree_list(tree).count, 500);
}

TEST(a_cache_of_many_names_goes)
{
	const struct tree *tree = TREE("p/__pycache__/", "p/a.py");
	int names = tests_are_slow() ? 2000 : 20000;

	large_add_files(tree, "p/__pycache__", "a_rather_long_module_name_", (unsigned long)names,
			".cpython-311.pyc");
	assert_outcome(run(tree, ""), 0,
		       scratch_format("Removed %d files and 1 directory (*).\n", names), "");
	assert_tree(tree, "p/a.py");
}

TEST(a_directory_of_many_directories_is_cleaned)
{
	const struct tree *tree = TREE(NULL);
	int names = tests_are_slow() ? 200 : 2000;

	for (int i = 0; i < names; i++) {
		tree_add_file(tree, scratch_format("package_%d/__pycache__/a.pyc", i));
	}
	assert_outcome(run(tree, ""), 0,
		       scratch_format("Removed %d files and %d directories (*).\n", names, names),
		       "");
	assert_int_equal(tree_list(tree).count, names);
}

/* NAME_MAX, with the longest suffix. */
TEST(names_of_255_bytes_are_cleaned)
{
	const char *stem = scratch_repeat('n', 251);

	assert_cleans("", scratch_format("- %s.pyc", stem), scratch_format("%sxpyc", stem));
	assert_cleans("", scratch_format("- n.pyc.%s", scratch_repeat('1', 249)));
	assert_cleans("-v", scratch_format("- %s.pyc", scratch_repeat('\x01', 251)));
}

/* ---- What the process is given -------------------------------------------------------------- */

static void skip_if_wrapped(void)
{
	if (program_is_wrapped()) {
		skip_because("the wrapper cannot do with what the program can");
	}
}

/** Runs the program with limits. */
static const struct outcome *run_limited(const struct tree *tree, rlim_t open, rlim_t stack)
{
	skip_if_wrapped();
	return RUN_PROGRAM(.cwd = tree->path, .arguments = split(""), .max_open = open,
			   .max_stack = stack);
}

/* As in a shell with `ulimit -n 16`. */
TEST(sixteen_descriptors_are_enough)
{
	const struct tree *tree = TREE("p/__pycache__/a.pyc", "p/q/r/b.pyc");

	tree_add_chain(tree, "d", 70, furnish_siblings);
	assert_outcome(run_limited(tree, 16, 0), 0, "Removed 82 files and 41 directories (*).\n",
		       "");
	assert_int_equal(count(tree).strays, 0);
}

TEST(sixteen_descriptors_are_enough_inside_a_cache)
{
	const struct tree *tree = TREE("keep.py");

	tree_add_chain(tree, "__pycache__", 70, NULL);
	assert_outcome(run_limited(tree, 16, 0), 0, "Removed 70 directories (*).\n", "");
	assert_tree(tree, "keep.py");
}

/* Depth must not be paid for with stack. */
TEST(a_small_stack_is_enough)
{
	const struct tree *tree = TREE("keep.py");

	tree_add_chain(tree, "d", 1000, furnish_every_tenth);
	tree_add_chain(tree, "__pycache__", 1000, NULL);
	assert_outcome(run_limited(tree, 0, (rlim_t)256 * 1024), 0,
		       "Removed 200 files and 1100 directories (*).\n", "");
	assert_int_equal(count(tree).strays, 0);
}

/** Removes the current directory from under the program. */
static void remove_cwd(const char *cwd)
{
	if (rmdir(cwd) != 0) {
		_exit(127);
	}
}

/* A shell may stand in a directory that is gone: absolute operands work all the same. */
TEST(the_current_directory_may_be_gone)
{
	const struct tree *tree = TREE("project/a.pyc", "project/p/__pycache__/b.pyc", "cwd/");

	skip_if_wrapped();
	assert_outcome(RUN_PROGRAM(.cwd = tree_path(tree, "cwd"),
				   .arguments = WORDS(tree_path(tree, "project")),
				   .prepare = remove_cwd),
		       0, "Removed 2 files and 1 directory (*).\n", "");
	assert_tree(tree, "project/p/");
}

/* Without an operand there is nothing there, which is no reason to crash or to look elsewhere. */
TEST(a_current_directory_that_is_gone_is_empty)
{
	const struct tree *tree = TREE("a.pyc", "cwd/");

	skip_if_wrapped();
	assert_outcome(RUN_PROGRAM(.cwd = tree_path(tree, "cwd"), .prepare = remove_cwd), 0,
		       "Nothing to remove.\n", "");
	assert_tree(tree, "a.pyc");
}
