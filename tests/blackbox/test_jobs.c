/* The same tree gives the same result with one thread and with many. */

#include "large.h"
#include "random_tree.h"
#include "supervise.h"
#include "tests.h"

#include <string.h>

enum {
	/** Random trees side by side, so that there is something to share. */
	TREES = 10
};

static const char *const jobs[] = { "-j1", "-j2", "-j8", "-j64" };

enum {
	JOBS = sizeof(jobs) / sizeof(*jobs)
};

/** Makes a forest of an ordinary user, with directories in it that cannot be read or changed. */
static const struct tree *forest(uint64_t seed)
{
	const struct tree *tree = TREE("locked/a.pyc", "sealed/b.pyc", "sealed/__pycache__/c.pyc",
				       "blind/d.pyc", "blind/sub/e.pyc");

	large_add_ballast(tree);
	for (int i = 0; i < TREES; i++) {
		random_tree_grow(tree_below(tree, scratch_format("t%d", i)), seed + (uint64_t)i);
	}
	tree_give(tree, program_ordinary_user(), (gid_t)-1);
	tree_chmod(tree, "locked", 0);
	tree_chmod(tree, "sealed", 0555);
	tree_chmod(tree, "blind", 0444);
	return tree;
}

static const struct outcome *run_in_forest(const struct tree *tree, const char *arguments)
{
	return RUN_PROGRAM(.cwd = tree->path, .arguments = split(arguments),
			   .as_ordinary_user = true);
}

/** Lists a forest, whose locked directories are opened for that. */
static struct tree_listing list_forest(const struct tree *tree)
{
	tree_chmod(tree, "locked", 0755);
	tree_chmod(tree, "sealed", 0755);
	tree_chmod(tree, "blind", 0755);
	return tree_list(tree);
}

/** Calls a function for each forest; fewer where runs are slow. */
static void for_each_forest(void (*check)(uint64_t seed))
{
	int forests = tests_are_slow() || program_is_sanitized() ? 1 : 4;

	for (int i = 0; i < forests; i++) {
		check(2000 + 100 * (uint64_t)i);
		scratch_clear(NULL);
	}
}

/* ---- What is done --------------------------------------------------------------------------- */

static void check_result(uint64_t seed)
{
	const struct tree *trees[JOBS];
	const struct outcome *outcomes[JOBS];
	struct tree_listing first = { 0 };

	for (int i = 0; i < JOBS; i++) {
		struct tree_listing left;

		trees[i] = forest(seed);
		outcomes[i] = run_in_forest(trees[i], jobs[i]);
		assert_outcome(outcomes[i], outcomes[0]->status, outcomes[0]->out,
			       outcomes[0]->err);
		left = list_forest(trees[i]);
		if (i == 0) {
			first = left;
		}
		assert_listing(first, left);
	}
	assert_int_equal(outcomes[0]->status, 1);
}

TEST(any_number_of_threads_leaves_the_same_tree)
{
	for_each_forest(check_result);
}

/* ---- What is said --------------------------------------------------------------------------- */

static void check_lines(uint64_t seed)
{
	static const char *const forms[] = { "-n", "-nv", "-nva", "-nv . t1 t2/src gone" };
	const struct tree *tree = forest(seed);

	for (size_t form = 0; form < sizeof(forms) / sizeof(*forms); form++) {
		const struct outcome *first = NULL;

		for (int i = 0; i < JOBS; i++) {
			const struct outcome *outcome =
				run_in_forest(tree, scratch_format("%s %s", jobs[i], forms[form]));

			first = first ? first : outcome;
			assert_outcome(outcome, first->status, first->out, first->err);
		}
	}
}

TEST(any_number_of_threads_says_the_same)
{
	for_each_forest(check_lines);
}

/** @return The directory in whose sweep a path is listed: it holds the file or the whole cache. */
static const char *swept_directory(const char *path)
{
	static const char cache[] = "__pycache__/";
	const char *end = strrchr(path, '/');

	for (const char *at = strstr(path, cache); at; at = strstr(at + 1, cache)) {
		if (at == path || at[-1] == '/') {
			return scratch_copy(path, (size_t)(at - path));
		}
	}
	return scratch_copy(path, end ? (size_t)(end + 1 - path) : 0);
}

/** Whether the list has had a directory's lines before. */
static bool has_been(const struct path_list *seen, const char *directory)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (strcmp(seen->paths[i], directory) == 0) {
			return true;
		}
	}
	return false;
}

/** Asserts that no directory has lines in two places of a list. */
static void assert_together(const struct outcome *outcome)
{
	struct path_list seen = { scratch_alloc((outcome->out_length + 1) * sizeof(char *)), 0 };
	const char *last = "(none)";

	for (size_t at = 0; at < outcome->out_length; at += strlen(outcome->out + at) + 1) {
		const char *directory = swept_directory(outcome->out + at);

		if (strcmp(directory, last) == 0) {
			continue;
		}
		if (has_been(&seen, directory)) {
			print_error("# %s: lines of %s are apart\n", outcome->command,
				    visible(directory));
			fail();
		}
		seen.paths[seen.count++] = directory;
		last = directory;
	}
	assert_true(seen.count > TREES);
}

static void check_order(uint64_t seed)
{
	const struct tree *tree = forest(seed);

	for (int i = 1; i < JOBS; i++) {
		assert_together(run_in_forest(tree, scratch_format("-nv0 %s", jobs[i])));
	}
}

TEST(the_lines_of_a_directory_stay_together)
{
	for_each_forest(check_order);
}

BEFORE_TESTS
{
	large_prefer_memory();
}
