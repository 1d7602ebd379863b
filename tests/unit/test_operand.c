/* The operands: each is done once, outer ones first, and none is lost. */

#include "interpose.h"
#include "operand.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void go_back(void *object)
{
	int fd = *(int *)object;

	if (fchdir(fd) != 0) {
		abort();
	}
	close(fd);
}

/** Makes a tree the current directory until the test ends. */
static void enter_tree(const struct tree *tree)
{
	int *fd = scratch_alloc(sizeof(*fd));

	*fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0) {
		broken("cannot open the current directory");
	}
	scratch_defer(go_back, fd);
	if (fchdir(tree->fd) != 0) {
		broken("cannot enter '%s'", tree->path);
	}
}

static void free_operands(void *object)
{
	operands_free(object);
}

/** Takes operands in; they last until the test ends. */
static struct operands *take_in(const char *const *given)
{
	struct operands *operands = scratch_alloc(sizeof(*operands));
	size_t count = 0;

	while (given[count]) {
		count++;
	}
	assert_int_equal(operands_init(operands, given, count, false), 0);
	scratch_defer(free_operands, operands);
	return operands;
}

#define OPERANDS(...) take_in((const char *const[]){ __VA_ARGS__, NULL })

/** Asserts that the next operand is this one; NULL for none. */
static const struct operand *assert_next(struct operands *operands, const char *given)
{
	const struct operand *operand = operands_next(operands);

	if (!given) {
		assert_null(operand);
		return NULL;
	}
	assert_non_null(operand);
	assert_string_equal(operand->given, given);
	return operand;
}

/** Asserts that these are handed out, in this order, where nothing is covered meanwhile. */
static void assert_order(struct operands *operands, const char *const *expected)
{
	for (; *expected; expected++) {
		assert_next(operands, *expected);
	}
	assert_next(operands, NULL);
	/* And none again. */
	assert_next(operands, NULL);
}

#define ASSERT_ORDER(operands, ...)                                                                \
 assert_order(operands, (const char *const[]){ __VA_ARGS__, NULL })

/* ---- Order ---------------------------------------------------------------------------------- */

/* The usual case costs no realpath(3), which a directory without permission could make fail. */
static void a_single_operand_is_not_looked_up(void **state)
{
	struct operands *operands = OPERANDS("does/not/exist");

	(void)state;
	assert_null(operands->all[0].canonical);
	assert_false(operands_nest(operands));
	ASSERT_ORDER(operands, "does/not/exist");
}

static void operands_apart_keep_their_order(void **state)
{
	const struct tree *tree = TREE("c/", "a/", "b/x.pyc");

	(void)state;
	enter_tree(tree);
	ASSERT_ORDER(OPERANDS("c", "a", "b"), "c", "a", "b");
	ASSERT_ORDER(OPERANDS("b/x.pyc", "a", "c/"), "b/x.pyc", "a", "c/");
	assert_false(operands_nest(OPERANDS("c", "a", "b/x.pyc")));
}

/* `pyclean a/b a`: were a/b done first, a would meet it again, and count it twice. */
static void an_outer_operand_comes_before_those_in_it(void **state)
{
	const struct tree *tree = TREE("a/b/c/", "a/d/", "e/");

	(void)state;
	enter_tree(tree);
	ASSERT_ORDER(OPERANDS("a/b/c", "a/b", "e", "a"), "e", "a", "a/b", "a/b/c");
	ASSERT_ORDER(OPERANDS("a/d", "a/b", "."), ".", "a/b", "a/d");
	assert_true(operands_nest(OPERANDS("a/d", ".")));
}

/* In bytes '-' and '.' come before '/', so that a plain sort tears a and a/b apart. */
static void names_that_sort_before_a_slash_do_not_hide_nesting(void **state)
{
	const struct tree *tree = TREE("a/b/", "a-b/", "a.b/", "a b/", "ab/", "a/-/", "a-b/b/");
	struct operands *operands;

	(void)state;
	enter_tree(tree);
	operands = OPERANDS("a", "a-b", "a.b", "a b", "ab", "a/b", "a/-", "a-b/b");
	assert_int_equal(operands->nested.count, 3);
	ASSERT_ORDER(operands, "a", "a-b", "a.b", "a b", "ab", "a/-", "a/b", "a-b/b");
}

/* A name is not within another because it begins with the same letters. */
static void a_common_beginning_is_no_nesting(void **state)
{
	const struct tree *tree = TREE("src/", "src2/", "sr/", "src/x/");

	(void)state;
	enter_tree(tree);
	assert_false(operands_nest(OPERANDS("src2", "src", "sr")));
	ASSERT_ORDER(OPERANDS("src2", "src/x", "src", "sr"), "src2", "src", "sr", "src/x");
}

/* "/" ends with the slash that other paths have to be given. */
static void the_root_holds_all_others(void **state)
{
	const struct tree *tree = TREE("a/");
	struct operands *operands;

	(void)state;
	enter_tree(tree);
	operands = OPERANDS("a", "/");
	ASSERT_ORDER(operands, "/", "a");
	operands = OPERANDS("/", "a", "//");
	assert_next(operands, "/");
	operands_cover(operands, &operands->all[0], "", OPERANDS_WHOLE);
	assert_next(operands, NULL);
}

/* ---- The same one twice --------------------------------------------------------------------- */

/* However the same directory is spelled. */
static void the_same_operand_is_handed_out_once(void **state)
{
	const struct tree *tree = TREE("a/b/", "link -> a", "x.pyc");

	(void)state;
	enter_tree(tree);
	ASSERT_ORDER(OPERANDS("a", "a"), "a");
	ASSERT_ORDER(OPERANDS("a/", "a", "./a", "a/b/..", tree_path(tree, "a")), "a/");
	ASSERT_ORDER(OPERANDS("link", "a"), "link");
	ASSERT_ORDER(OPERANDS("a", "link/"), "a");
	ASSERT_ORDER(OPERANDS("x.pyc", "./x.pyc", "a/../x.pyc"), "x.pyc");
	ASSERT_ORDER(OPERANDS(".", tree->path, "a/.."), ".");
}

/* a/b lies in what was skipped in a, and has a turn of its own: one, though it was given twice. */
static void an_inner_operand_given_twice_has_one_turn(void **state)
{
	const struct tree *tree = TREE("a/b/", "l -> a/b");
	struct operands *operands;

	(void)state;
	enter_tree(tree);
	operands = OPERANDS("a/b", "a", "a/b/", "l");
	ASSERT_ORDER(operands, "a", "a/b");
}

/* A link to a file is what goes, and not the file that it leads to. */
static void a_link_to_a_file_is_not_its_target(void **state)
{
	const struct tree *tree = TREE("d/x.pyc", "y.pyc -> d/x.pyc", "z.pyc -> gone", "e -> d");

	(void)state;
	enter_tree(tree);
	ASSERT_ORDER(OPERANDS("d/x.pyc", "y.pyc", "z.pyc"), "d/x.pyc", "y.pyc", "z.pyc");
	/* Below a link to a directory it is the same file. */
	ASSERT_ORDER(OPERANDS("e/x.pyc", "d/x.pyc"), "e/x.pyc");
	/* A link within an operand belongs to it, wherever it leads. */
	ASSERT_ORDER(OPERANDS("z.pyc", "."), ".", "z.pyc");
}

/* What is not there has to be reported, each time with its own name. */
static void operands_that_do_not_exist_are_handed_out(void **state)
{
	const struct tree *tree = TREE("a/", "file");

	(void)state;
	enter_tree(tree);
	ASSERT_ORDER(OPERANDS("gone", "a", "no/such", "file/x"), "gone", "a", "no/such", "file/x");
	ASSERT_ORDER(OPERANDS("gone", "."), ".", "gone");
	ASSERT_ORDER(OPERANDS("no/such/", "."), "no/such/", ".");
}

/* "" is in no directory, nor is anything in it: it gets its turn, and its error, in its place. */
static void an_empty_operand_is_apart_from_all_others(void **state)
{
	const struct tree *tree = TREE("a/", "file");

	(void)state;
	enter_tree(tree);
	ASSERT_ORDER(OPERANDS("a", "", "file"), "a", "", "file");
	ASSERT_ORDER(OPERANDS(".", ""), ".", "");
	ASSERT_ORDER(OPERANDS("", "."), "", ".");
}

/* ---- Covering ------------------------------------------------------------------------------- */

/** Takes in "." with other operands in it, and hands "." out. */
static struct operands *take_in_below(const char *const *given)
{
	struct operands *operands = take_in(given);

	assert_next(operands, ".");
	return operands;
}

#define OPERANDS_BELOW(...) take_in_below((const char *const[]){ __VA_ARGS__, ".", NULL })

/** Covers a path below ".", the last operand. */
static void cover(struct operands *operands, const char *path, enum operands_extent extent)
{
	operands_cover(operands, &operands->all[operands->count - 1], path, extent);
}

/* The outer walk has swept the directory itself; what lies deeper may have been skipped. */
static void what_was_covered_itself_is_not_done_again(void **state)
{
	const struct tree *tree = TREE("a/b/c/", "ab/");
	struct operands *operands;

	(void)state;
	enter_tree(tree);
	operands = OPERANDS_BELOW("a", "a/b", "a/b/c", "ab");
	cover(operands, "a", OPERANDS_ITSELF);
	cover(operands, "a/b", OPERANDS_ITSELF);
	ASSERT_ORDER(operands, "a/b/c", "ab");
}

/* A cache that was removed took all in it with it. */
static void what_was_covered_as_a_whole_is_not_done_again(void **state)
{
	const struct tree *tree = TREE("a/b/c/", "ab/", "a-/", "x/");
	struct operands *operands;

	(void)state;
	enter_tree(tree);
	operands = OPERANDS_BELOW("a/b/c", "a", "a/b", "ab", "a-", "x");
	cover(operands, "a", OPERANDS_WHOLE);
	ASSERT_ORDER(operands, "a-", "ab", "x");
}

/* The operand itself as "", as the cleaner and the sweeper name it. */
static void the_empty_path_is_the_operand_itself(void **state)
{
	const struct tree *tree = TREE("a/b/");
	struct operands *operands;

	(void)state;
	enter_tree(tree);
	operands = OPERANDS_BELOW("a", "a/b");
	cover(operands, "", OPERANDS_ITSELF);
	ASSERT_ORDER(operands, "a", "a/b");
	operands = OPERANDS_BELOW("a", "a/b");
	cover(operands, "", OPERANDS_WHOLE);
	ASSERT_ORDER(operands, NULL);
}

/* Covered below another operand, by a path that merely reads the same: nothing to do with it. */
static void only_what_lies_in_the_outer_operand_is_covered(void **state)
{
	const struct tree *tree = TREE("one/a/", "two/a/");
	struct operands *operands;

	(void)state;
	enter_tree(tree);
	operands = OPERANDS("one", "two", "one/a", "two/a");
	assert_next(operands, "one");
	operands_cover(operands, &operands->all[0], "a", OPERANDS_WHOLE);
	ASSERT_ORDER(operands, "two", "two/a");
}

/* An operand in its turn covers as the outer one did. */
static void a_nested_operand_covers_those_in_it(void **state)
{
	const struct tree *tree = TREE("venv/lib/x/");
	struct operands *operands;

	(void)state;
	enter_tree(tree);
	operands = OPERANDS_BELOW("venv/lib/x", "venv");
	assert_next(operands, "venv");
	operands_cover(operands, &operands->all[1], "lib", OPERANDS_ITSELF);
	operands_cover(operands, &operands->all[1], "lib/x", OPERANDS_ITSELF);
	assert_next(operands, NULL);
}

/* A single operand has no path of its own, and nothing to be covered. */
static void covering_below_a_single_operand_does_nothing(void **state)
{
	struct operands *operands = OPERANDS("a");

	(void)state;
	assert_next(operands, "a");
	operands_cover(operands, &operands->all[0], "b", OPERANDS_WHOLE);
	assert_next(operands, NULL);
}

enum {
	THREADS = 8,
	EACH = 16
};

static struct operands *shared;

static void *cover_some(void *context)
{
	const size_t *first = context;

	for (size_t i = 0; i < EACH; i++) {
		char path[16];

		snprintf(path, sizeof(path), "d%zu", *first + i);
		cover(shared, path, i % 2 ? OPERANDS_ITSELF : OPERANDS_WHOLE);
	}
	return NULL;
}

/* Walkers tell of what they have done whenever they have; ThreadSanitizer watches this one. */
static void several_threads_may_cover_at_once(void **state)
{
	const struct tree *tree = TREE(NULL);
	const char **given = scratch_alloc((THREADS * EACH + 2) * sizeof(*given));
	pthread_t threads[THREADS];
	size_t firsts[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS * EACH; i++) {
		given[i] = scratch_format("d%zu", i);
		tree_add_directory(tree, given[i]);
	}
	given[THREADS * EACH] = ".";
	enter_tree(tree);
	shared = take_in_below(given);
	for (size_t i = 0; i < THREADS; i++) {
		firsts[i] = i * EACH;
		assert_int_equal(pthread_create(&threads[i], NULL, cover_some, &firsts[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
	}
	assert_next(shared, NULL);
}

/* ---- Memory --------------------------------------------------------------------------------- */

/* Half of the operands taken in would be half of them cleaned, without a word. */
static void out_of_memory_is_refused(void **state)
{
	static const char *const given[] = { ".", "a", "x.pyc", "gone" };
	const struct tree *tree = TREE("a/", "x.pyc");
	int failures = 0;

	(void)state;
	enter_tree(tree);
	for (int before = 0;; before++) {
		const struct countdown *countdown = interpose_failing_allocation(before);
		struct operands operands;
		int result = operands_init(&operands, given, 4, false);
		int error = errno;

		interpose(NULL);
		operands_free(&operands);
		if (!countdown->struck) {
			assert_int_equal(result, 0);
			break;
		}
		assert_int_equal(result, -1);
		assert_int_equal(error, ENOMEM);
		failures++;
	}
	assert_in_range(failures, 8, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_single_operand_is_not_looked_up),
		TEST(operands_apart_keep_their_order),
		TEST(an_outer_operand_comes_before_those_in_it),
		TEST(names_that_sort_before_a_slash_do_not_hide_nesting),
		TEST(a_common_beginning_is_no_nesting),
		TEST(the_root_holds_all_others),
		TEST(the_same_operand_is_handed_out_once),
		TEST(an_inner_operand_given_twice_has_one_turn),
		TEST(a_link_to_a_file_is_not_its_target),
		TEST(operands_that_do_not_exist_are_handed_out),
		TEST(an_empty_operand_is_apart_from_all_others),
		TEST(what_was_covered_itself_is_not_done_again),
		TEST(what_was_covered_as_a_whole_is_not_done_again),
		TEST(the_empty_path_is_the_operand_itself),
		TEST(only_what_lies_in_the_outer_operand_is_covered),
		TEST(a_nested_operand_covers_those_in_it),
		TEST(covering_below_a_single_operand_does_nothing),
		TEST(several_threads_may_cover_at_once),
		TEST(out_of_memory_is_refused),
	};

	return RUN_TESTS(tests);
}
