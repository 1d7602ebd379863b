/* The way down: any depth with few descriptors, and on the way back the same directories or none. */

#include "child.h"
#include "chain.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

/** As many as are said to be held: the innermost ones. */
enum {
	MOST_DESCRIPTORS = 32
};

/* ---- Down and up ---------------------------------------------------------------------------- */

TEST(at_its_start_a_dirstack_is_in_its_root)
{
	const struct tree *tree = TREE("d/");
	struct dirstack *stack = chain_start(tree);

	assert_int_equal(dirstack_fd(stack), tree->fd);
	assert_int_equal(stack->depth, 0);
	chain_go_down(stack);
	dirstack_pop(stack);
	assert_int_equal(dirstack_fd(stack), tree->fd);
	/* The root stays the caller's. */
	assert_true(fcntl(tree->fd, F_GETFD) >= 0);
}

/* All the way down and up again: at each level it has to be the directory that it was. */
TEST(each_level_is_found_again_on_the_way_back)
{
	struct chain chain = chain_make(tests_are_slow() ? 300 : 2200);
	struct dirstack *stack = chain_start(chain.tree);

	while (stack->depth < (size_t)chain.depth) {
		chain_go_down(stack);
		assert_innermost(stack, &chain);
	}
	while (stack->depth > 0) {
		dirstack_pop(stack);
		assert_innermost(stack, &chain);
	}
}

/* Whatever the depth, and wherever the way turns. */
TEST(descriptors_are_bounded_at_any_depth)
{
	struct chain chain = chain_make(tests_are_slow() ? 300 : 1000);
	struct dirstack *stack = chain_start(chain.tree);
	size_t before = count_descriptors();
	size_t most = 0;
	size_t step = tests_are_slow() ? 40 : 31;

	for (int round = 0; round < 2; round++) {
		while (stack->depth < (size_t)chain.depth) {
			chain_go_down(stack);
			if (stack->depth % step == 0) {
				size_t held = count_descriptors() - before;

				most = held > most ? held : most;
			}
		}
		while (stack->depth > (round == 0 ? (size_t)chain.depth / 3 : 0)) {
			dirstack_pop(stack);
			assert_true(dirstack_fd(stack) >= 0);
			if (stack->depth % step == 0) {
				size_t held = count_descriptors() - before;

				most = held > most ? held : most;
			}
		}
	}
	assert_in_range(most, MOST_DESCRIPTORS, MOST_DESCRIPTORS + 2);
	assert_int_equal(count_descriptors(), before);
}

/* A deleter goes down and up in all ways that trees have. */
TEST(a_random_way_is_kept_track_of)
{
	struct chain chain = chain_make(300);
	struct dirstack *stack = chain_start(chain.tree);
	size_t before = count_descriptors();
	int steps = tests_are_slow() ? 2000 : 40000;
	bool down = true;

	srand(3);
	for (int i = 0; i < steps; i++) {
		if (rand() % 60 == 0) {
			down = !down;
		}
		if (stack->depth == 0 || (down && stack->depth < 300)) {
			chain_go_down(stack);
		} else {
			dirstack_pop(stack);
		}
		if (rand() % 3 == 0) {
			assert_innermost(stack, &chain);
		}
		if (i % 100 == 0) {
			assert_in_range(count_descriptors() - before, 0, MOST_DESCRIPTORS + 2);
		}
	}
}

/* The deleter uses one stack for all trees. */
TEST(a_dirstack_can_be_started_again)
{
	struct chain chain = chain_make(200);
	struct dirstack *stack = chain_start(chain.tree);
	size_t before = count_descriptors();

	for (int round = 0; round < 3; round++) {
		dirstack_start(stack, chain.tree->fd);
		for (int i = 0; i < 200; i++) {
			chain_go_down(stack);
		}
		for (int i = 0; i < 200; i++) {
			dirstack_pop(stack);
			assert_innermost(stack, &chain);
		}
		assert_int_equal(count_descriptors(), before);
	}
}

/* ---- What others do meanwhile --------------------------------------------------------------- */

/** Takes "d/d/d" away while it is closed, and "d" in it elsewhere, so that ".." misses it. */
static struct dirstack *with_missing_parent(const struct chain *chain)
{
	struct dirstack *stack = chain_start(chain->tree);

	chain_go_down_and_back(stack, 120, 4);
	assert_int_equal(renameat(chain->tree->fd, "d/d/d/d", chain->tree->fd, "below"), 0);
	assert_int_equal(renameat(chain->tree->fd, "d/d/d", chain->tree->fd, "away"), 0);
	return stack;
}

/* A directory that took the name is not the one that was left. */
TEST(a_directory_replaced_meanwhile_is_stale)
{
	struct chain chain = chain_make(120);
	size_t before = count_descriptors();
	struct dirstack *stack = with_missing_parent(&chain);

	tree_add_directory(chain.tree, "d/d/d");
	chain_go_down_and_back(stack, 0, 3);
	errno = 0;
	assert_int_equal(dirstack_fd(stack), -1);
	assert_int_equal(errno, ESTALE);
	errno = 0;
	assert_int_equal(dirstack_open(stack, "d"), -1);
	assert_int_equal(errno, ESTALE);
	/* Further up all is as it was. */
	chain_go_down_and_back(stack, 0, 2);
	assert_innermost(stack, &chain);
	chain_go_down_and_back(stack, 0, 0);
	assert_int_equal(count_descriptors(), before);
}

/* Nor is a link followed that has taken the name, be it one to the very same directory. */
TEST(a_link_in_place_of_a_directory_is_not_followed)
{
	struct chain chain = chain_make(120);
	struct dirstack *stack = with_missing_parent(&chain);

	tree_add_link(chain.tree, "d/d/d", "../../away");
	chain_go_down_and_back(stack, 0, 3);
	assert_int_equal(dirstack_fd(stack), -1);
	assert_true(errno == ENOTDIR || errno == ELOOP);
	chain_go_down_and_back(stack, 0, 2);
	assert_innermost(stack, &chain);
}

TEST(a_directory_removed_meanwhile_is_not_found)
{
	struct chain chain = chain_make(120);
	struct dirstack *stack = with_missing_parent(&chain);

	chain_go_down_and_back(stack, 0, 3);
	assert_int_equal(dirstack_fd(stack), -1);
	assert_int_equal(errno, ENOENT);
	/* Put back, it is found again: the failure has left nothing behind. */
	assert_int_equal(renameat(chain.tree->fd, "away", chain.tree->fd, "d/d/d"), 0);
	assert_innermost(stack, &chain);
}

/* What was moved while it is held open is still the same one: the descriptor decides. */
TEST(a_directory_moved_while_open_is_the_same)
{
	struct chain chain = chain_make(20);
	struct dirstack *stack = chain_start(chain.tree);

	chain_go_down_and_back(stack, 20, 20);
	assert_int_equal(renameat(chain.tree->fd, "d/d/d", chain.tree->fd, "away"), 0);
	assert_innermost(stack, &chain);
	chain_go_down_and_back(stack, 0, 5);
	assert_innermost(stack, &chain);
}

/* ---- Opening -------------------------------------------------------------------------------- */

/* Opening leads into directories alone, and changes nothing where it fails. */
TEST(what_is_no_directory_is_not_opened)
{
	const struct tree *tree = TREE("d/file", "d/link -> e", "d/e/");
	struct dirstack *stack = chain_start(tree);
	size_t before = count_descriptors();

	chain_go_down(stack);
	assert_int_equal(dirstack_open(stack, "file"), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(dirstack_open(stack, "link"), -1);
	assert_true(errno == ENOTDIR || errno == ELOOP);
	assert_int_equal(dirstack_open(stack, "gone"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(stack->depth, 1);
	dirstack_pop(stack);
	assert_int_equal(count_descriptors(), before);
}
