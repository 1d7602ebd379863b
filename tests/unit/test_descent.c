/* The way down: any depth with few descriptors, and on the way back the same directories or none. */

#include "child.h"
#include "descent.h"
#include "interpose.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** As many as are said to be held: 32 innermost, 32 further out. */
enum {
	MOST_DESCRIPTORS = 64
};

/** Directories "d", each in the one before, and which one is at which level (0: the tree's own). */
struct chain {
	const struct tree *tree;
	ino_t *inodes;
	int depth;
};

static struct chain *growing;

static void note_level(int fd, int level)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		broken("cannot stat level %d", level);
	}
	growing->inodes[level] = st.st_ino;
}

static struct chain make_chain(int depth)
{
	struct chain chain = { TREE(NULL), scratch_alloc((size_t)(depth + 1) * sizeof(ino_t)),
			       depth };

	growing = &chain;
	note_level(chain.tree->fd, 0);
	tree_add_chain(chain.tree, "d", depth, note_level);
	return chain;
}

static void end_descent(void *object)
{
	struct descent *descent = object;

	while (descent->depth > 0) {
		descent_pop(descent);
	}
	descent_free(descent);
}

/** A descent that ends, with all its descriptors, when the test does. */
static struct descent *start(const struct tree *tree)
{
	struct descent *descent = scratch_alloc(sizeof(*descent));

	descent_start(descent, tree->fd);
	scratch_defer(end_descent, descent);
	return descent;
}

/** Goes one level down. */
static void go_down(struct descent *descent)
{
	int fd = descent_open(descent, "d");

	if (fd < 0) {
		broken("cannot open level %zu", descent->depth + 1);
	}
	assert_int_equal(descent_push(descent, fd, "d"), 0);
}

/** Asserts that the innermost directory is the one that it should be. */
static void assert_innermost(struct descent *descent, const struct chain *chain)
{
	struct stat st;
	int fd = descent_innermost(descent);

	if (fd < 0 || fstat(fd, &st) != 0) {
		broken("no innermost directory at depth %zu", descent->depth);
	}
	assert_int_equal(st.st_ino, chain->inodes[descent->depth]);
}

/* ---- Down and up ---------------------------------------------------------------------------- */

static void at_its_start_a_descent_is_in_its_root(void **state)
{
	const struct tree *tree = TREE("d/");
	struct descent *descent = start(tree);

	(void)state;
	assert_int_equal(descent_innermost(descent), tree->fd);
	assert_int_equal(descent->depth, 0);
	go_down(descent);
	descent_pop(descent);
	assert_int_equal(descent_innermost(descent), tree->fd);
	/* The root stays the caller's. */
	assert_true(fcntl(tree->fd, F_GETFD) >= 0);
}

/* All the way down and up again: at each level it has to be the directory that it was. */
static void each_level_is_found_again_on_the_way_back(void **state)
{
	struct chain chain = make_chain(tests_are_slow() ? 300 : 2200);
	struct descent *descent = start(chain.tree);

	(void)state;
	while (descent->depth < (size_t)chain.depth) {
		go_down(descent);
		assert_innermost(descent, &chain);
	}
	while (descent->depth > 0) {
		descent_pop(descent);
		assert_innermost(descent, &chain);
	}
}

/* Whatever the depth, and wherever the way turns. */
static void descriptors_are_bounded_at_any_depth(void **state)
{
	struct chain chain = make_chain(tests_are_slow() ? 300 : 1000);
	struct descent *descent = start(chain.tree);
	size_t before = count_descriptors();
	size_t most = 0;
	size_t step = tests_are_slow() ? 40 : 31;

	(void)state;
	for (int round = 0; round < 2; round++) {
		while (descent->depth < (size_t)chain.depth) {
			go_down(descent);
			if (descent->depth % step == 0) {
				size_t held = count_descriptors() - before;

				most = held > most ? held : most;
			}
		}
		while (descent->depth > (round == 0 ? (size_t)chain.depth / 3 : 0)) {
			descent_pop(descent);
			assert_true(descent_innermost(descent) >= 0);
			if (descent->depth % step == 0) {
				size_t held = count_descriptors() - before;

				most = held > most ? held : most;
			}
		}
	}
	assert_in_range(most, 32, MOST_DESCRIPTORS + 2);
	assert_int_equal(count_descriptors(), before);
}

/* A deleter goes down and up in all ways that trees have. */
static void a_random_way_is_kept_track_of(void **state)
{
	struct chain chain = make_chain(300);
	struct descent *descent = start(chain.tree);
	size_t before = count_descriptors();
	int steps = tests_are_slow() ? 2000 : 40000;
	bool down = true;

	(void)state;
	srand(3);
	for (int i = 0; i < steps; i++) {
		if (rand() % 60 == 0) {
			down = !down;
		}
		if (descent->depth == 0 || (down && descent->depth < 300)) {
			go_down(descent);
		} else {
			descent_pop(descent);
		}
		if (rand() % 3 == 0) {
			assert_innermost(descent, &chain);
		}
		if (i % 100 == 0) {
			assert_in_range(count_descriptors() - before, 0, MOST_DESCRIPTORS + 2);
		}
	}
}

/* The deleter uses one descent for all trees. */
static void a_descent_can_be_started_again(void **state)
{
	struct chain chain = make_chain(200);
	struct descent *descent = start(chain.tree);
	size_t before = count_descriptors();

	(void)state;
	for (int round = 0; round < 3; round++) {
		descent_start(descent, chain.tree->fd);
		for (int i = 0; i < 200; i++) {
			go_down(descent);
		}
		for (int i = 0; i < 200; i++) {
			descent_pop(descent);
			assert_innermost(descent, &chain);
		}
		assert_int_equal(count_descriptors(), before);
	}
}

/* ---- What others do meanwhile --------------------------------------------------------------- */

/** Goes down a chain so far that its first levels are closed, then pops back to `depth`. */
static void go_down_and_back(struct descent *descent, int down, size_t depth)
{
	while (descent->depth < (size_t)down) {
		go_down(descent);
	}
	while (descent->depth > depth) {
		descent_pop(descent);
	}
}

/* The way back opens by name: a directory that took the name is not the one that was left. */
static void a_directory_replaced_meanwhile_is_stale(void **state)
{
	struct chain chain = make_chain(120);
	struct descent *descent = start(chain.tree);
	size_t before = count_descriptors();

	(void)state;
	go_down_and_back(descent, 120, 90);
	assert_int_equal(renameat(chain.tree->fd, "d/d/d", chain.tree->fd, "away"), 0);
	tree_add_directory(chain.tree, "d/d/d/d/d");
	go_down_and_back(descent, 0, 20);
	errno = 0;
	assert_int_equal(descent_innermost(descent), -1);
	assert_int_equal(errno, ESTALE);
	errno = 0;
	assert_int_equal(descent_open(descent, "d"), -1);
	assert_int_equal(errno, ESTALE);
	/* Further up all is as it was. */
	go_down_and_back(descent, 0, 2);
	assert_innermost(descent, &chain);
	go_down_and_back(descent, 0, 0);
	assert_int_equal(count_descriptors(), before);
}

/* Nor is a link followed that has taken the name, be it one to the very same directory. */
static void a_link_in_place_of_a_directory_is_not_followed(void **state)
{
	struct chain chain = make_chain(120);
	struct descent *descent = start(chain.tree);

	(void)state;
	go_down_and_back(descent, 120, 90);
	assert_int_equal(renameat(chain.tree->fd, "d/d/d", chain.tree->fd, "away"), 0);
	tree_add_link(chain.tree, "d/d/d", "../../away");
	go_down_and_back(descent, 0, 20);
	assert_int_equal(descent_innermost(descent), -1);
	assert_true(errno == ENOTDIR || errno == ELOOP);
	go_down_and_back(descent, 0, 2);
	assert_innermost(descent, &chain);
}

static void a_directory_removed_meanwhile_is_not_found(void **state)
{
	struct chain chain = make_chain(120);
	struct descent *descent = start(chain.tree);

	(void)state;
	go_down_and_back(descent, 120, 90);
	assert_int_equal(renameat(chain.tree->fd, "d/d", chain.tree->fd, "away"), 0);
	go_down_and_back(descent, 0, 20);
	assert_int_equal(descent_innermost(descent), -1);
	assert_int_equal(errno, ENOENT);
	/* Put back, it is found again: the failure has left nothing behind. */
	assert_int_equal(renameat(chain.tree->fd, "away", chain.tree->fd, "d/d"), 0);
	assert_innermost(descent, &chain);
}

/* What was moved while it is held open is still the same one: the descriptor decides. */
static void a_directory_moved_while_open_is_the_same(void **state)
{
	struct chain chain = make_chain(20);
	struct descent *descent = start(chain.tree);

	(void)state;
	go_down_and_back(descent, 20, 20);
	assert_int_equal(renameat(chain.tree->fd, "d/d/d", chain.tree->fd, "away"), 0);
	assert_innermost(descent, &chain);
	go_down_and_back(descent, 0, 5);
	assert_innermost(descent, &chain);
}

/* ---- Opening -------------------------------------------------------------------------------- */

/* Opening leads into directories alone, and changes nothing where it fails. */
static void what_is_no_directory_is_not_opened(void **state)
{
	const struct tree *tree = TREE("d/file", "d/link -> e", "d/e/");
	struct descent *descent = start(tree);
	size_t before = count_descriptors();

	(void)state;
	go_down(descent);
	assert_int_equal(descent_open(descent, "file"), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(descent_open(descent, "link"), -1);
	assert_true(errno == ENOTDIR || errno == ELOOP);
	assert_int_equal(descent_open(descent, "gone"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(descent->depth, 1);
	descent_pop(descent);
	assert_int_equal(count_descriptors(), before);
}

/** Goes down and up with a limit on descriptors. @return 0, or at which level it went wrong. */
static int go_with_few_descriptors(void *context)
{
	const struct chain *chain = context;
	struct descent descent = { 0 };
	struct stat st;

	descent_start(&descent, chain->tree->fd);
	/* Of those, three are the standard streams, one is the tree's. */
	limit_descriptors(count_descriptors() + 4);
	while (descent.depth < (size_t)chain->depth) {
		int fd = descent_open(&descent, "d");

		if (fd < 0 || descent_push(&descent, fd, "d") != 0) {
			perror("descent_open");
			return 1;
		}
	}
	while (descent.depth > 0) {
		int fd;

		descent_pop(&descent);
		fd = descent_innermost(&descent);
		if (fd < 0 || fstat(fd, &st) != 0 || st.st_ino != chain->inodes[descent.depth]) {
			perror("descent_innermost");
			return 2;
		}
	}
	descent_free(&descent);
	return 0;
}

/* As in a process that has opened all that it may: outer levels are given up instead of failing. */
static void four_descriptors_are_enough_for_any_depth(void **state)
{
	struct chain chain = make_chain(tests_are_slow() ? 100 : 250);
	const struct outcome *outcome = in_child(go_with_few_descriptors, &chain);

	(void)state;
	assert_string_equal(outcome->err, "");
	assert_int_equal(outcome->status, 0);
}

/** The next openat() calls that are to fail for want of descriptors. */
static int refusals;
static int refusal_errno;

static int openat_running_out(int dirfd, const char *name, int flags)
{
	if (refusals > 0) {
		refusals--;
		errno = refusal_errno;
		return -1;
	}
	return real_openat(dirfd, name, flags);
}

/* Others may take them at any moment, for the process or for the whole system. */
static void running_out_of_descriptors_on_the_way_is_survived(void **state)
{
	struct chain chain = make_chain(200);
	static const int errors[] = { EMFILE, ENFILE };

	(void)state;
	interpose(&(const struct interposed){ .openat = openat_running_out });
	for (int i = 0; i < 2; i++) {
		struct descent *descent = start(chain.tree);

		refusal_errno = errors[i];
		while (descent->depth < 200) {
			refusals = descent->depth % 40 == 25 ? 1 : 0;
			go_down(descent);
			assert_innermost(descent, &chain);
		}
		while (descent->depth > 0) {
			descent_pop(descent);
			assert_innermost(descent, &chain);
		}
	}
}

/* With nothing left to give up it is an error like any other; and all it gave up is found again. */
static void without_any_descriptor_opening_fails(void **state)
{
	struct chain chain = make_chain(100);
	struct descent *descent = start(chain.tree);

	(void)state;
	go_down_and_back(descent, 99, 99);
	interpose(&(const struct interposed){ .openat = openat_running_out });
	refusals = 1000000;
	refusal_errno = EMFILE;
	assert_int_equal(descent_open(descent, "d"), -1);
	assert_int_equal(errno, EMFILE);
	refusals = 0;
	assert_innermost(descent, &chain);
	go_down_and_back(descent, 0, 0);
}

/* ---- Memory --------------------------------------------------------------------------------- */

/* The descriptor stays the caller's, so that it is closed once, and not never. */
static void without_memory_nothing_is_pushed(void **state)
{
	struct chain chain = make_chain(100);
	struct descent *descent = start(chain.tree);
	int failures = 0;

	(void)state;
	while (descent->depth < 100) {
		int fd = descent_open(descent, "d");
		size_t depth = descent->depth;
		int result;

		assert_true(fd >= 0);
		interpose_failing_allocation(0);
		result = descent_push(descent, fd, "d");
		interpose(NULL);
		if (result != 0) {
			assert_int_equal(result, -1);
			assert_int_equal(errno, ENOMEM);
			assert_int_equal(descent->depth, depth);
			assert_true(fcntl(fd, F_GETFD) >= 0);
			assert_int_equal(descent_push(descent, fd, "d"), 0);
			failures++;
		}
		assert_innermost(descent, &chain);
	}
	assert_in_range(failures, 1, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(at_its_start_a_descent_is_in_its_root),
		TEST(each_level_is_found_again_on_the_way_back),
		TEST(descriptors_are_bounded_at_any_depth),
		TEST(a_random_way_is_kept_track_of),
		TEST(a_descent_can_be_started_again),
		TEST(a_directory_replaced_meanwhile_is_stale),
		TEST(a_link_in_place_of_a_directory_is_not_followed),
		TEST(a_directory_removed_meanwhile_is_not_found),
		TEST(a_directory_moved_while_open_is_the_same),
		TEST(what_is_no_directory_is_not_opened),
		TEST(four_descriptors_are_enough_for_any_depth),
		TEST(running_out_of_descriptors_on_the_way_is_survived),
		TEST(without_any_descriptor_opening_fails),
		TEST(without_memory_nothing_is_pushed),
	};

	return RUN_TESTS(tests);
}
