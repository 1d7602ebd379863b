/* Something goes wrong in a walk: a directory cannot be opened or read, vanishes, or is swapped. */

#include "child.h"
#include "faults.h"
#include "command.h"
#include "tests.h"
#include "walk.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct interposed refuse_opening = { .openat = refusing_openat };

/** "bad" stands among directories with work in them, and has some of its own further in. */
static const struct tree *tree_with_bad(void)
{
	return TREE("a/__pycache__/x.pyc", "a/b/c/x.pyc", "m/bad/in/ner/x.pyc", "m/bad/y.pyc",
		    "m/a/x.pyc", "m/z/x.pyc", "m/x.pyc", "z/y/x.pyc");
}

static const char without_bad[] = "Removed a/__pycache__/\n"
				  "Removed a/__pycache__/x.pyc\n"
				  "Removed a/b/c/x.pyc\n"
				  "Removed m/a/x.pyc\n"
				  "Removed m/x.pyc\n"
				  "Removed m/z/x.pyc\n"
				  "Removed z/y/x.pyc\n";

static void assert_without_bad(const struct walk_result *result, const char *err)
{
	assert_int_equal(result->returned, 0);
	assert_string_equal(result->out, sort_lines(without_bad));
	assert_string_equal(result->err, err);
	assert_int_equal(result->tally.files, 6);
	assert_int_equal(result->tally.directories, 1);
	assert_int_equal(result->tally.errors, *err ? 1 : 0);
}

/* ---- One bad directory ---------------------------------------------------------------------- */

/* Each error that glibc's nftw ends the whole walk for, and EACCES, for which it does not. */
TEST(a_directory_that_cannot_be_opened_costs_itself_alone)
{
	static const int errors[] = { EACCES, EPERM, EIO, ENOMEM, ESTALE, ETIMEDOUT };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const struct tree *tree = tree_with_bad();

		REFUSE(errors[i], "bad");
		assert_without_bad(
			WALK(.tree = tree, .jobs = i % 2 ? 4 : 1, .functions = &refuse_opening),
			scratch_format("pyclean: cannot read 'm/bad': %s\n", strerror(errors[i])));
		assert_true(tree_has(tree, "m/bad/y.pyc") && tree_has(tree, "m/bad/in/ner/x.pyc"));
	}
}

/* Vanished, or no directory any more: that is nobody's error. */
TEST(a_directory_that_is_gone_is_silent)
{
	static const int errors[] = { ENOENT, ENOTDIR, ELOOP };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		REFUSE(errors[i], "bad");
		assert_without_bad(WALK(.tree = tree_with_bad(), .functions = &refuse_opening), "");
	}
}

/* Read to half, it might still be an environment: it stays, with all below it. */
TEST(a_directory_that_fails_half_way_stays_as_it_is)
{
	static const struct interposed failing = { .getdents = half_way_getdents };
	const struct tree *tree = tree_with_bad();

	fail_half_way(tree, "m/bad", EIO);
	assert_without_bad(WALK(.tree = tree, .functions = &failing),
			   scratch_format("pyclean: cannot read 'm/bad': %s\n", strerror(EIO)));
	assert_true(tree_has(tree, "m/bad/y.pyc") && tree_has(tree, "m/bad/in/ner/x.pyc"));
}

/* The same for the operand itself. */
TEST(an_operand_that_fails_half_way_stays_as_it_is)
{
	static const struct interposed failing = { .getdents = half_way_getdents };
	const struct tree *tree = TREE("a.pyc", "b.pyc", "c.pyc", "d/e.pyc", "f.pyc");
	struct tree_listing before = tree_list(tree);
	const struct walk_result *result;

	fail_half_way(tree, ".", EIO);
	result = WALK(.tree = tree, .functions = &failing);
	assert_int_equal(result->returned, 0);
	assert_string_equal(result->err,
			    scratch_format("pyclean: cannot read '.': %s\n", strerror(EIO)));
	assert_string_equal(result->out, "");
	assert_listing(before, tree_list(tree));
}

/* ---- Swapped -------------------------------------------------------------------------------- */

static const struct tree *raced;
static atomic_int *swapped;

/** When "bad" is opened for the first time it has just become a link to "../outside". */
static int openat_after_swap(int dirfd, const char *name, int flags)
{
	if (strcmp(name, "bad") == 0 && atomic_exchange(swapped, 1) == 0 &&
	    (renameat(raced->fd, "m/bad", raced->fd, "saved") != 0 ||
	     symlinkat("../outside", raced->fd, "m/bad") != 0)) {
		_exit(1);
	}
	return real_openat(dirfd, name, flags);
}

/** A callback's way to swap before nftw opens a directory that it has reported before. */
static _Thread_local nftw_visit *own_visit;

static int visit_and_swap(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	if (strcmp(path + ftw->base, "bad") == 0 && atomic_exchange(swapped, 1) == 0 &&
	    (renameat(raced->fd, "m", raced->fd, "saved") != 0 ||
	     symlinkat("outside", raced->fd, "m") != 0)) {
		_exit(1);
	}
	return own_visit(path, st, type, ftw);
}

static int nftw_with_swap(const char *path, nftw_visit *visit, int max_open, int flags)
{
	own_visit = visit;
	return real_nftw(path, visit_and_swap, max_open, flags);
}

/* The attack: a directory becomes a link between the scan that found it and the opening. */
TEST(a_directory_swapped_for_a_link_leads_nowhere)
{
	static const struct interposed races[] = { { .openat = openat_after_swap },
						   { .nftw = nftw_with_swap } };

	swapped = shared_alloc(sizeof(*swapped));
	for (size_t i = 0; i < 2; i++) {
		const struct tree *tree = tree_with_bad();
		struct tree outside = { .path = tree_path(tree, "outside") };
		struct tree_listing before;
		const struct walk_result *result;

		ADD(tree, "outside/precious.pyc", "outside/bad/__pycache__/precious.pyc",
		    "outside/a/precious.pyc");
		raced = tree;
		atomic_store(swapped, 0);
		/* The rest of the tree is walked; "outside" is not, and nothing may lead there. */
		before = tree_list_path(outside.path);
		result = WALK(.tree = tree, .ignore = PATTERNS("/outside", "/saved"),
			      .functions = &races[i]);
		assert_int_equal(atomic_load(swapped), 1);
		assert_string_equal(result->err, "");
		assert_listing(before, tree_list_path(outside.path));
	}
}

/* ---- One call after another ----------------------------------------------------------------- */

/**
 * Walks with one call failing, the first, then the second, and so on, `calls` of them.
 *
 * Each walk has to give one error, and of all else exactly what an undisturbed one gives.
 */
static void fail_each_call(const struct interposed *functions, int error, int calls)
{
	const struct tree *tree = tree_with_bad();
	struct walk_request request = { .tree = tree, .policy.dry_run = true };
	const struct walk_result *undisturbed = walk(&request);

	request.functions = functions;
	for (int before = 0; before < calls; before++) {
		const struct walk_result *result;

		strike_after(before, error);
		result = walk(&request);
		if (result->returned != 0) {
			/* Not even begun: then that is what the caller reports. */
			assert_int_equal(result->error, error);
			assert_string_equal(result->out, "");
			continue;
		}
		note_walks("call %d", before);
		assert_one_error_alone(undisturbed, result);
	}
	strike_after(calls, error);
	assert_same_walk(undisturbed, walk(&request));
}

/* Each opening and each reading, failing once: one error that names it, and no other harm. */
TEST(any_call_that_fails_costs_one_error)
{
	/* 12 directories below the operand, one of them a cache; each is read until its end is seen. */
	fail_each_call(&(const struct interposed){ .openat = striking_openat }, EIO, 12);
	fail_each_call(&(const struct interposed){ .getdents = striking_getdents }, EIO, 26);
}
