/* What cannot be read or removed: it is named, counted, and keeps nothing else from being done. */

#include "tests.h"

#include <sys/stat.h>
#include <unistd.h>

/** A directory between two others. */
static const struct tree *three_directories(void)
{
	return TREE("a/x.pyc", "a/__pycache__/y.pyc", "m/x.pyc", "m/sub/y.pyc",
		    "m/__pycache__/z.pyc", "z/x.pyc", "z/__pycache__/y.pyc");
}

/* A directory that cannot be read does not end the walk (nor does what nftw makes of it). */
TEST(an_unreadable_directory_is_named_and_the_rest_is_done)
{
	static const mode_t modes[] = { 0, 0111, 0333 };

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		const struct tree *tree = three_directories();

		assert_outcome(run_with_mode(tree, "m", modes[i], "-n"), 1,
			       "Would remove a/x.pyc\nWould remove a/__pycache__/\n"
			       "Would remove z/x.pyc\nWould remove z/__pycache__/\n"
			       "Would remove 4 files and 2 directories (*); 1 error.\n",
			       "pyclean: cannot read 'm': Permission denied\n");
		assert_outcome(run_with_mode(tree, "m", modes[i], ""), 1,
			       "Removed 4 files and 2 directories (*); 1 error.\n",
			       "pyclean: cannot read 'm': Permission denied\n");
		assert_tree(tree, "a/", "m/x.pyc", "m/sub/y.pyc", "m/__pycache__/z.pyc", "z/");
	}
}

/* Names can be read, but nothing below can be reached. */
TEST(an_unsearchable_directory_is_named_and_the_rest_is_done)
{
	const struct tree *tree = three_directories();

	assert_outcome(run_with_mode(tree, "m", 0444, ""), 1,
		       "Removed 4 files and 2 directories (*); 3 errors.\n",
		       "pyclean: cannot remove 'm/x.pyc': Permission denied\n"
		       "pyclean: cannot read 'm/sub': Permission denied\n"
		       "pyclean: cannot read 'm/__pycache__': Permission denied\n");
	assert_tree(tree, "a/", "m/x.pyc", "m/sub/y.pyc", "m/__pycache__/z.pyc", "z/");
}

/* What is in the directory stays; what lies deeper, where one may write, goes. */
TEST(an_unwritable_directory_keeps_only_what_is_directly_in_it)
{
	const struct tree *tree = three_directories();

	assert_outcome(run_with_mode(tree, "m", 0555, ""), 1,
		       "Removed 6 files and 2 directories (*); 2 errors.\n",
		       "pyclean: cannot remove 'm/x.pyc': Permission denied\n"
		       "pyclean: cannot remove 'm/__pycache__': Permission denied\n");
	assert_tree(tree, "a/", "m/x.pyc", "m/sub/", "m/__pycache__/", "z/");
}

/* The error of what is inside is enough: that its directories stay follows from it. */
TEST(a_cache_that_cannot_be_emptied_is_left_with_one_error)
{
	const struct tree *tree = TREE("__pycache__/a.pyc", "__pycache__/locked/b.pyc",
				       "__pycache__/open/c.pyc", "__pycache__/z.pyc", "y.pyc");

	assert_outcome(run_with_mode(tree, "__pycache__/locked", 0555, ""), 1,
		       "Removed 4 files and 1 directory (*); 1 error.\n",
		       "pyclean: cannot remove '__pycache__/locked/b.pyc': Permission denied\n");
	assert_tree(tree, "__pycache__/locked/b.pyc");
}

TEST(a_cache_that_cannot_be_read_is_left_with_one_error)
{
	const struct tree *tree = TREE("p/__pycache__/a.pyc", "p/__pycache__/q/b.pyc", "y.pyc");

	assert_outcome(run_with_mode(tree, "p/__pycache__", 0, ""), 1,
		       "Removed 1 file (*); 1 error.\n",
		       "pyclean: cannot read 'p/__pycache__': Permission denied\n");
	assert_outcome(run_with_mode(tree, "p/__pycache__/q", 0, ""), 1,
		       "Removed 1 file (*); 1 error.\n",
		       "pyclean: cannot read 'p/__pycache__/q': Permission denied\n");
	assert_tree(tree, "p/__pycache__/q/b.pyc");
}

TEST(with_only_errors_the_summary_says_that_nothing_was_removed)
{
	const struct tree *tree = TREE("m/x.pyc", "m/y.pyc", "a.py");

	assert_outcome(run_with_mode(tree, "m", 0555, ""), 1, "Nothing removed; 2 errors.\n",
		       "pyclean: cannot remove 'm/x.pyc': Permission denied\n"
		       "pyclean: cannot remove 'm/y.pyc': Permission denied\n");
	assert_outcome(run_with_mode(tree, "m", 0555, "-q"), 1, "",
		       "pyclean: cannot remove 'm/x.pyc': Permission denied\n"
		       "pyclean: cannot remove 'm/y.pyc': Permission denied\n");
	assert_outcome(run_with_mode(tree, "m", 0, "-n"), 1, "Nothing to remove; 1 error.\n",
		       "pyclean: cannot read 'm': Permission denied\n");
	assert_outcome(run_with_mode(tree, "m", 0, "--check"), 2, "Nothing to remove; 1 error.\n",
		       "pyclean: cannot read 'm': Permission denied\n");
	assert_tree(tree, "m/x.pyc", "m/y.pyc", "a.py");
}

/* What was not removed must not be listed as removed. */
TEST(what_stays_is_not_listed)
{
	const struct tree *tree = TREE("m/x.pyc", "m/__pycache__/y.pyc", "a.pyc");
	const struct outcome *outcome;

	outcome = run_with_mode(tree, "m", 0555, "-v");
	assert_outcome(
		outcome, 1,
		"Removed a.pyc\nRemoved m/__pycache__/y.pyc\nRemoved 2 files (*); 2 errors.\n",
		"pyclean: cannot remove 'm/x.pyc': Permission denied\n"
		"pyclean: cannot remove 'm/__pycache__': Permission denied\n");
	outcome = run_with_mode(tree, "m", 0555, "-0");
	assert_int_equal(outcome->status, 1);
	assert_int_equal(outcome->out_length, 0);
}

TEST(an_operand_that_cannot_be_read_is_an_error)
{
	const struct tree *tree = TREE("m/x.pyc", "m/sub/y.pyc", "z/x.pyc");

	assert_outcome(run_with_mode(tree, "m", 0, "m m/sub m/x.pyc z"), 1,
		       "Removed 1 file (*); 3 errors.\n",
		       "pyclean: cannot read 'm': Permission denied\n"
		       "pyclean: cannot read 'm/sub': Permission denied\n"
		       "pyclean: cannot read 'm/x.pyc': Permission denied\n");
	assert_tree(tree, "m/x.pyc", "m/sub/y.pyc", "z/");
}

TEST(a_named_file_that_cannot_be_removed_is_an_error)
{
	const struct tree *tree = TREE("m/x.pyc", "m/__pycache__/", "z.pyc");

	assert_outcome(run_with_mode(tree, "m", 0555, "m/x.pyc m/__pycache__ z.pyc"), 1,
		       "Removed 1 file (*); 2 errors.\n",
		       "pyclean: cannot remove 'm/x.pyc': Permission denied\n"
		       "pyclean: cannot remove 'm/__pycache__': Permission denied\n");
	assert_tree(tree, "m/x.pyc", "m/__pycache__/");
}

/* In a sticky directory (/tmp) another user's files cannot be removed, one's own can. */
TEST(other_peoples_files_in_a_sticky_directory_stay)
{
	const struct tree *tree = TREE("tmp/theirs.pyc", "tmp/mine.pyc", "tmp/a/__pycache__/b.pyc");

	if (getuid() != 0) {
		skip_because("only root can make another user's files");
	}
	tree_give(tree, program_ordinary_user(), (gid_t)-1);
	if (fchownat(tree->fd, "tmp", 0, 0, 0) != 0 ||
	    fchownat(tree->fd, "tmp/theirs.pyc", 0, 0, 0) != 0) {
		broken("cannot give away");
	}
	tree_chmod(tree, "tmp", 01777);
	assert_outcome(
		RUN_PROGRAM(.cwd = tree->path, .arguments = split("tmp"), .as_ordinary_user = true),
		1, "Removed 2 files and 1 directory (*); 1 error.\n",
		"pyclean: cannot remove 'tmp/theirs.pyc': Operation not permitted\n");
	assert_true(tree_has(tree, "tmp/theirs.pyc"));
	assert_false(tree_has(tree, "tmp/mine.pyc"));
}

/* Hundreds of errors: each is reported, and the status is still 1, not their number modulo 256. */
TEST(many_errors_are_all_reported)
{
	const struct tree *tree = TREE("m/");
	const char *errors = "";

	for (int i = 0; i < 256; i++) {
		tree_add_file(tree, scratch_format("m/%d.pyc", i));
		errors = scratch_format("%spyclean: cannot remove 'm/%d.pyc': Permission denied\n",
					errors, i);
	}
	assert_outcome(run_with_mode(tree, "m", 0555, ""), 1, "Nothing removed; 256 errors.\n",
		       errors);
}

/* Where a tree has nothing to remove, a file's permissions are nobody's business. */
TEST(an_unreadable_file_is_no_error)
{
	const struct tree *tree = TREE("secret.txt", "secret.pyc", "p/__pycache__/a.pyc");

	tree_chmod(tree, "secret.txt", 0);
	tree_chmod(tree, "secret.pyc", 0);
	tree_chmod(tree, "p/__pycache__/a.pyc", 0);
	assert_outcome(run_as_ordinary_user(tree, ""), 0, "Removed 2 files and 1 directory (*).\n",
		       "");
	assert_true(tree_has(tree, "secret.txt"));
}

/* rm -rf removes it; of what is in it nothing is known, so only the attempt can tell. */
TEST(an_empty_cache_that_may_not_be_read_goes)
{
	const struct tree *tree = TREE("p/__pycache__/", "p/m.pyc", "q/__pycache__/m.pyc");

	tree_chmod(tree, "p/__pycache__", 0);
	assert_outcome(run_with_mode(tree, "q/__pycache__", 0, "-n p"), 1,
		       "Would remove p/m.pyc\nWould remove 1 file (*); 1 error.\n",
		       "pyclean: cannot read 'p/__pycache__': Permission denied\n");
	assert_outcome(run_with_mode(tree, "q/__pycache__", 0, "-v"), 1,
		       "Removed p/__pycache__/\nRemoved p/m.pyc\n"
		       "Removed 1 file and 1 directory (*); 1 error.\n",
		       "pyclean: cannot read 'q/__pycache__': Permission denied\n");
	assert_tree(tree, "p/", "q/__pycache__/m.pyc");
}
