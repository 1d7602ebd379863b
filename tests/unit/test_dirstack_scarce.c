/* The way down with few descriptors or none, without memory, and with directories that answer not. */

#include "child.h"
#include "chain.h"
#include "interpose.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* ---- Descriptors ---------------------------------------------------------------------------- */

/** Goes down and up with a limit on descriptors. @return 0, or at which level it went wrong. */
static int go_with_few_descriptors(void *context)
{
	const struct chain *chain = context;
	struct dirstack stack = { 0 };
	struct stat st;

	dirstack_start(&stack, chain->tree->fd);
	/* Of those, three are the standard streams, one is the tree's. */
	limit_descriptors(count_descriptors() + 4);
	while (stack.depth < (size_t)chain->depth) {
		int fd = dirstack_open(&stack, "d");

		if (fd < 0 || !dirstack_push(&stack, fd, "d")) {
			perror("dirstack_open");
			return 1;
		}
	}
	while (stack.depth > 0) {
		int fd;

		dirstack_pop(&stack);
		fd = dirstack_fd(&stack);
		if (fd < 0 || fstat(fd, &st) != 0 || st.st_ino != chain->inodes[stack.depth]) {
			perror("dirstack_fd");
			return 2;
		}
	}
	dirstack_free(&stack);
	return 0;
}

/* As in a process that has opened all that it may: outer levels are given up instead of failing. */
TEST(four_descriptors_are_enough_for_any_depth)
{
	struct chain chain = chain_make(tests_are_slow() ? 100 : 250);
	const struct outcome *outcome = in_child(go_with_few_descriptors, &chain);

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
TEST(running_out_of_descriptors_on_the_way_is_survived)
{
	struct chain chain = chain_make(200);
	static const int errors[] = { EMFILE, ENFILE };

	interpose(&(const struct interposed){ .openat = openat_running_out });
	for (int i = 0; i < 2; i++) {
		struct dirstack *stack = chain_start(chain.tree);

		refusal_errno = errors[i];
		while (stack->depth < 200) {
			refusals = stack->depth % 40 == 25 ? 1 : 0;
			chain_go_down(stack);
			assert_innermost(stack, &chain);
		}
		while (stack->depth > 0) {
			dirstack_pop(stack);
			assert_innermost(stack, &chain);
		}
	}
}

/* With nothing left to give up it is an error like any other; and all it gave up is found again. */
TEST(without_any_descriptor_opening_fails)
{
	struct chain chain = chain_make(100);
	struct dirstack *stack = chain_start(chain.tree);

	chain_go_down_and_back(stack, 99, 99);
	interpose(&(const struct interposed){ .openat = openat_running_out });
	refusals = 1000000;
	refusal_errno = EMFILE;
	assert_int_equal(dirstack_open(stack, "d"), -1);
	assert_int_equal(errno, EMFILE);
	refusals = 0;
	assert_innermost(stack, &chain);
	chain_go_down_and_back(stack, 0, 0);
}

/* The least that is left to hold is one directory; a name that is not there changes nothing. */
TEST(a_run_of_one_is_kept)
{
	struct chain chain = chain_make(8);
	struct dirstack *stack = chain_start(chain.tree);

	interpose(&(const struct interposed){ .openat = openat_running_out });
	refusal_errno = EMFILE;
	chain_go_down_and_back(stack, 6, 6);
	/* Until there is nothing left to give up; the last one succeeds. */
	for (refusals = 6; stack->max_open > 1; refusals = 1) {
		assert_true(dirstack_open(stack, "gone") < 0);
	}
	refusals = 0;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(dirstack_open(stack, "gone"), -1);
		assert_int_equal(errno, ENOENT);
		assert_innermost(stack, &chain);
	}
	chain_go_down(stack);
	while (stack->depth > 0) {
		assert_innermost(stack, &chain);
		dirstack_pop(stack);
	}
}

/* ---- Questions ------------------------------------------------------------------------------ */

static int fstat_failing(int fd, struct stat *st)
{
	(void)fd;
	(void)st;
	errno = EIO;
	return -1;
}

static int fstat_of_elsewhere(int fd, struct stat *st)
{
	int result = real_fstat(fd, st);

	st->st_dev++;
	return result;
}

/* Of what was closed without being known nothing is opened again: it might be another one. */
TEST(a_directory_that_could_not_be_asked_is_stale)
{
	struct chain chain = chain_make(120);
	struct dirstack *stack = chain_start(chain.tree);
	int stale = 0;

	interpose(&(const struct interposed){ .fstat = fstat_failing });
	chain_go_down_and_back(stack, 120, 120);
	interpose(NULL);
	for (; stack->depth > 0; dirstack_pop(stack)) {
		if (dirstack_fd(stack) >= 0) {
			assert_innermost(stack, &chain);
		} else {
			assert_int_equal(errno, ESTALE);
			stale++;
		}
	}
	assert_in_range(stale, 20, 100);
}

/* Nor what cannot be asked on the way back, or lies on another file system than before. */
TEST(a_directory_that_answers_otherwise_is_stale)
{
	static const struct interposed answers[] = { { .fstat = fstat_failing },
						     { .fstat = fstat_of_elsewhere } };
	struct chain chain = chain_make(120);

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct dirstack *stack = chain_start(chain.tree);
		size_t before = count_descriptors();

		chain_go_down_and_back(stack, 120, 90);
		interpose(&answers[i]);
		chain_go_down_and_back(stack, 0, 20);
		assert_int_equal(dirstack_fd(stack), -1);
		assert_int_equal(errno, ESTALE);
		interpose(NULL);
		assert_innermost(stack, &chain);
		chain_go_down_and_back(stack, 0, 0);
		assert_int_equal(count_descriptors(), before);
	}
}

/* ---- Memory --------------------------------------------------------------------------------- */

/* The descriptor stays the caller's, so that it is closed once, and not never. */
TEST(without_memory_nothing_is_pushed)
{
	struct chain chain = chain_make(100);
	struct dirstack *stack = chain_start(chain.tree);
	int failures = 0;

	while (stack->depth < 100) {
		int fd = dirstack_open(stack, "d");
		size_t depth = stack->depth;
		const struct dirstack_level *level;

		assert_true(fd >= 0);
		interpose_failing_allocation(0);
		level = dirstack_push(stack, fd, "d");
		interpose(NULL);
		if (!level) {
			assert_int_equal(errno, ENOMEM);
			assert_int_equal(stack->depth, depth);
			assert_true(fcntl(fd, F_GETFD) >= 0);
			assert_non_null(dirstack_push(stack, fd, "d"));
			failures++;
		}
		assert_innermost(stack, &chain);
	}
	assert_in_range(failures, 1, 20);
}
