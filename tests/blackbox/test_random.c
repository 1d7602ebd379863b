/*
 * Random trees: what -n lists, what a run removes and what the design's rules say must be the same,
 * for trees that nobody thought of. PYCLEAN_SEED names the first seed, to see a failure again.
 */

#include "random_tree.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>

/** Prints what one list has and the other has not. @return Whether there was any such path. */
static bool print_missing(const char *what, struct path_list from, struct path_list in)
{
	bool missing = false;

	for (size_t i = 0; i < from.count; i++) {
		bool found = false;

		for (size_t j = 0; j < in.count && !found; j++) {
			found = strcmp(from.paths[i], in.paths[j]) == 0;
		}
		if (!found) {
			print_error("# %s %s\n", what, visible(from.paths[i]));
			missing = true;
		}
	}
	return missing;
}

static void assert_same_paths(struct path_list expected, struct path_list found)
{
	bool missing = print_missing("not listed:", expected, found);
	bool too_much = print_missing("listed, but should stay:", found, expected);

	assert_false(missing || too_much);
	assert_int_equal(found.count, expected.count);
}

/** Cleans one random tree in all ways that have to agree. */
static void check_tree(uint64_t seed)
{
	const struct tree *tree = TREE(NULL);
	const bool all = seed % 3 == 0;
	const char *a = all ? "-a" : "";
	struct tree_listing before;
	struct path_list goes;
	const struct outcome *outcome;

	random_tree_grow(tree, seed);
	before = tree_list(tree);
	goes = oracle_of_tree(tree, all);

	/* The dry run lists what the oracle says, and changes nothing. */
	outcome = run(tree, scratch_format("-n0 %s", a));
	assert_int_equal(outcome->status, 0);
	assert_int_equal(outcome->err_length, 0);
	assert_same_paths(goes, paths_of_output(outcome->out, outcome->out_length));
	assert_listing(before, tree_list(tree));

	/* The run lists the same, and that is gone, and nothing else is. */
	outcome = run(tree, scratch_format("-0 %s", a));
	assert_int_equal(outcome->status, 0);
	assert_int_equal(outcome->err_length, 0);
	assert_same_paths(goes, paths_of_output(outcome->out, outcome->out_length));
	assert_listing(tree_listing_without(before, goes.paths, goes.count), tree_list(tree));

	/* What was skipped is still there. */
	outcome = run(tree, scratch_format("--check %s", a));
	assert_int_equal(outcome->status, 0);
	assert_memory_equal(outcome->out, "Nothing to remove", 17);
	assert_int_equal(outcome->err_length, 0);
}

static uint64_t seed_in_hand;

static void print_seed(void *unused)
{
	(void)unused;
	if (seed_in_hand != 0) {
		print_error("# failed with PYCLEAN_SEED=%ju\n", (uintmax_t)seed_in_hand);
	}
}

/* A fixed set, so that everybody sees the same trees. */
TEST(dry_run_run_and_rules_agree)
{
	const char *wish = getenv("PYCLEAN_SEED");
	uint64_t first = wish ? strtoull(wish, NULL, 10) : 1;
	uint64_t trees = wish ? 1 : tests_are_slow() ? 12 : 100;

	for (uint64_t seed = first; seed < first + trees; seed++) {
		seed_in_hand = seed;
		scratch_defer(print_seed, NULL);
		check_tree(seed);
		seed_in_hand = 0;
		scratch_clear(NULL);
	}
}

/* -v has a line for every file and directory that has gone, no more and no less. */
TEST(verbose_lists_all_that_has_gone)
{
	uint64_t trees = tests_are_slow() ? 3 : 20;

	for (uint64_t seed = 1000; seed < 1000 + trees; seed++) {
		const struct tree *tree = TREE(NULL);
		struct tree_listing before;
		struct path_list goes;
		struct path_list gone;
		const struct outcome *dry;
		const struct outcome *outcome;

		seed_in_hand = seed;
		scratch_defer(print_seed, NULL);
		random_tree_grow(tree, seed);
		before = tree_list(tree);
		goes = oracle_of_tree(tree, false);
		dry = run(tree, "-nv0");
		outcome = run(tree, "-v0");
		gone = paths_of_output(outcome->out, outcome->out_length);
		assert_same_paths(paths_of_output(dry->out, dry->out_length), gone);
		assert_int_equal(before.count - tree_list(tree).count, gone.count);
		assert_listing(tree_listing_without(before, gone.paths, gone.count),
			       tree_list(tree));
		assert_listing(tree_listing_without(before, goes.paths, goes.count),
			       tree_list(tree));
		seed_in_hand = 0;
		scratch_clear(NULL);
	}
}
