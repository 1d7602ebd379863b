/* What can be named on the command line, and how paths below it are printed. */

#include "tests.h"

#include <string.h>
#include <unistd.h>

static const struct tree *two_packages(void)
{
	return TREE("one/a.pyc", "one/__pycache__/a.cpython-311.pyc", "one/a.py", "two/b.pyc",
		    "two/b.py", "c.pyc");
}

/* Without an operand: the current directory, and nothing above it. */
TEST(without_an_operand_the_current_directory_is_cleaned)
{
	const struct tree *tree = two_packages();

	assert_outcome(run_at(tree, "one", ""), 0, "Removed 2 files and 1 directory (*).\n", "");
	assert_tree(tree, "one/a.py", "two/b.pyc", "two/b.py", "c.pyc");
}

/* Only what is named is touched. */
TEST(only_the_operands_are_cleaned)
{
	const struct tree *tree = two_packages();

	assert_outcome(run(tree, "two"), 0, "Removed 1 file (*).\n", "");
	assert_tree(tree, "one/a.pyc", "one/__pycache__/a.cpython-311.pyc", "one/a.py", "two/b.py",
		    "c.pyc");
	assert_outcome(run(tree, "one two"), 0, "Removed 2 files and 1 directory (*).\n", "");
	assert_tree(tree, "one/a.py", "two/b.py", "c.pyc");
}

/* As the user would type them: they are pasted into other commands. */
TEST(paths_begin_with_the_operand_as_given)
{
	static const struct {
		const char *operand;
		const char *listed;
	} cases[] = {
		{ "", "one/x/__pycache__/" },
		{ ".", "one/x/__pycache__/" },
		{ "./", "one/x/__pycache__/" },
		{ ".//", "one/x/__pycache__/" },
		{ "one", "one/x/__pycache__/" },
		{ "one/", "one/x/__pycache__/" },
		{ "one//", "one/x/__pycache__/" },
		{ "./one", "./one/x/__pycache__/" },
		{ "one/.", "one/./x/__pycache__/" },
		{ "one/../one", "one/../one/x/__pycache__/" },
		{ "one/x/..", "one/x/../x/__pycache__/" },
		{ "one/x/__pycache__", "one/x/__pycache__/" },
		{ "one/x/__pycache__/", "one/x/__pycache__/" },
		{ "./one/x/__pycache__", "./one/x/__pycache__/" },
		{ "link", "link/x/__pycache__/" },
		{ "link/", "link/x/__pycache__/" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i += tests_are_slow() ? 3 : 1) {
		const struct tree *tree = TREE("one/x/__pycache__/a.pyc", "link -> one");

		assert_outcome(run(tree, scratch_format("-n %s", cases[i].operand)), 0,
			       scratch_format("Would remove %s\n"
					      "Would remove 1 file and 1 directory (*).\n",
					      cases[i].listed),
			       "");
		assert_outcome(run(tree, cases[i].operand), 0,
			       "Removed 1 file and 1 directory (*).\n", "");
		assert_tree(tree, "one/x/", "link -> one");
	}
}

TEST(an_absolute_operand_gives_absolute_paths)
{
	const struct tree *tree = two_packages();
	const char *path = tree_path(tree, "two");

	assert_outcome(RUN(tree, "-n", path), 0,
		       scratch_format("Would remove %s/b.pyc\nWould remove 1 file (*).\n", path),
		       "");
	assert_outcome(RUN_PROGRAM(.cwd = "/", .arguments = WORDS(path)), 0,
		       "Removed 1 file (*).\n", "");
	assert_false(tree_has(tree, "two/b.pyc"));
	assert_true(tree_has(tree, "one/a.pyc"));
}

TEST(the_parent_directory_can_be_named)
{
	const struct tree *tree = two_packages();

	assert_outcome(run_at(tree, "two", "-n .."), 0,
		       "Would remove ../one/a.pyc\n"
		       "Would remove ../one/__pycache__/\n"
		       "Would remove ../two/b.pyc\n"
		       "Would remove ../c.pyc\n"
		       "Would remove 4 files and 1 directory (*).\n",
		       "");
	assert_outcome(run_at(tree, "two", "../one"), 0, "Removed 2 files and 1 directory (*).\n",
		       "");
	assert_tree(tree, "one/a.py", "two/b.pyc", "two/b.py", "c.pyc");
}

/* The one link that is followed is the operand itself; those below it are not. */
TEST(an_operand_that_is_a_link_to_a_directory_is_followed)
{
	const struct tree *tree = TREE("real/a.pyc", "real/inner -> ../other", "other/b.pyc",
				       "link -> real", "chain -> link");

	assert_outcome(run(tree, "-n chain"), 0,
		       "Would remove chain/a.pyc\nWould remove 1 file (*).\n", "");
	assert_outcome(run(tree, "chain"), 0, "Removed 1 file (*).\n", "");
	assert_tree(tree, "real/inner -> ../other", "other/b.pyc", "link -> real", "chain -> link");
}

/* ---- Files ---------------------------------------------------------------------------------- */

TEST(a_bytecode_file_can_be_named)
{
	const struct tree *tree =
		TREE("old.pyc", "older.pyo", "half.pyc.12", "p/x.pyc",
		     "p/__pycache__/y.cpython-311.pyc", "p/__pycache__/z.pyc", "stay.pyc");

	assert_outcome(run(tree, "-n old.pyc ./p/x.pyc"), 0,
		       "Would remove old.pyc\nWould remove ./p/x.pyc\nWould remove 2 files (*).\n",
		       "");
	assert_outcome(run(tree, "old.pyc older.pyo half.pyc.12 p/x.pyc "
				 "p/__pycache__/y.cpython-311.pyc"),
		       0, "Removed 5 files (*).\n", "");
	assert_tree(tree, "p/__pycache__/z.pyc", "stay.pyc");
}

/* The link goes: following it would take a file that nobody named. */
TEST(a_link_to_bytecode_can_be_named)
{
	const struct tree *tree =
		TREE("target.pyc", "link.pyc -> target.pyc", "dangling.pyc -> nowhere");

	assert_outcome(run(tree, "link.pyc dangling.pyc"), 0, "Removed 2 files (*).\n", "");
	assert_tree(tree, "target.pyc");
}

/* Removing what was named by mistake cannot be undone. */
TEST(a_file_that_is_no_bytecode_is_left_with_an_error)
{
	const struct tree *tree = TREE("notes.txt", "a.txt", ".pyc", "__pycache__", "x.pyc|",
				       "link.txt -> notes.txt", "b.pyc");

	assert_outcome(run(tree, "notes.txt a.txt b.pyc .pyc __pycache__ x.pyc link.txt"), 1,
		       "Removed 1 file (*); 6 errors.\n",
		       "pyclean: 'notes.txt' is neither a directory nor bytecode\n"
		       "pyclean: 'a.txt' is neither a directory nor bytecode\n"
		       "pyclean: '.pyc' is neither a directory nor bytecode\n"
		       "pyclean: '__pycache__' is neither a directory nor bytecode\n"
		       "pyclean: 'x.pyc' is neither a directory nor bytecode\n"
		       "pyclean: 'link.txt' is neither a directory nor bytecode\n");
	assert_tree(tree, "notes.txt", "a.txt", ".pyc", "__pycache__", "x.pyc|",
		    "link.txt -> notes.txt");
}

/* A slash says that it must be a directory. */
TEST(a_file_with_a_slash_after_it_is_left)
{
	const struct tree *tree = TREE("old.pyc");
	const struct outcome *outcome = run(tree, "old.pyc/");

	assert_int_equal(outcome->status, 1);
	assert_ptr_equal(strstr(outcome->err, "pyclean: "), outcome->err);
	assert_non_null(strstr(outcome->err, "'old.pyc/'"));
	assert_tree(tree, "old.pyc");
}

TEST(a_directory_named_as_bytecode_is_entered)
{
	const struct tree *tree = TREE("x.pyc/a.pyc", "x.pyc/a.py");

	assert_outcome(run(tree, "x.pyc"), 0, "Removed 1 file (*).\n", "");
	assert_tree(tree, "x.pyc/a.py");
}

TEST(a_cache_can_be_named)
{
	const struct tree *tree = TREE("p/__pycache__/a.pyc", "p/__pycache__/sub/b", "p/a.pyc");
	const char *absolute = tree_path(tree, "p/__pycache__");

	assert_outcome(run(tree, "-n p/__pycache__"), 0,
		       "Would remove p/__pycache__/\nWould remove 2 files and 2 directories (*).\n",
		       "");
	assert_outcome(RUN(tree, absolute), 0, "Removed 2 files and 2 directories (*).\n", "");
	assert_tree(tree, "p/a.pyc");
}

/* ---- Names ---------------------------------------------------------------------------------- */

/* As all that is in a cache goes with it. */
TEST(any_file_in_a_cache_can_be_named)
{
	assert_cleans("p/__pycache__/x.nbi p/__pycache__//link", "- p/__pycache__/x.nbi",
		      "- p/__pycache__/link -> y.nbi", "p/__pycache__/y.nbi");
	assert_cleans("-s p/__pycache__/x.nbi", "p/__pycache__/x.nbi");
	assert_cleans("p/__pycache__/m.py", "- p/__pycache__/m.py", "p/__pycache__/m.pyc");
	assert_cleans("p/__pycache__/__pycache__ p/__pycache__/d", "p/__pycache__/d/",
		      "- p/__pycache__/__pycache__/x", "- p/__pycache__/d/m.pyc",
		      "p/__pycache__/d/x");
}

/* By where it is, however it is named: a link is not what it is called. */
TEST(what_lies_in_a_cache_is_known_by_its_place)
{
	const struct tree *tree = TREE("p/__pycache__/note", "src/main.c", "__pycache__ -> src");

	assert_outcome(run(tree, "-n __pycache__/main.c"), 1, "Nothing to remove; 1 error.\n",
		       "pyclean: '__pycache__/main.c' is neither a directory nor bytecode\n");
	assert_outcome(run_at(tree, "p/__pycache__", "note"), 0, "Removed 1 file (*).\n", "");
	assert_tree(tree, "p/__pycache__/", "src/main.c", "__pycache__ -> src");
}

TEST(operands_may_have_any_name)
{
	static const char *const names[] = { "a b", " ",     "a\nb",      "caf\xe9",
					     "-n",  "*",     "it's",      "\x1b[2J",
					     "\\",  "$(id)", "a\x01\x7f", "\xff\xfe" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i += tests_are_slow() ? 3 : 1) {
		const struct tree *tree = TREE("a.pyc");

		tree_add_file(tree, scratch_format("%s/b.pyc", names[i]));
		assert_paths(RUN(tree, "-n0", "--", names[i]),
			     scratch_format("%s/b.pyc", names[i]));
		assert_outcome(RUN(tree, "--", names[i]), 0, "Removed 1 file (*).\n", "");
		assert_true(tree_has(tree, "a.pyc"));
		assert_true(tree_has(tree, names[i]));
		assert_int_equal(tree_list(tree).count, 2);
	}
}

/* ---- What is not there ---------------------------------------------------------------------- */

/* A name mistyped must not pass for clean, and must not keep the others from being cleaned. */
TEST(an_operand_that_is_not_there_is_an_error_and_the_others_are_done)
{
	const struct tree *tree = TREE("a/x.pyc", "b/y.pyc", "c");

	assert_outcome(run(tree, "a gone b gone.pyc c/x gone/__pycache__"), 1,
		       "Removed 2 files (*); 4 errors.\n",
		       "pyclean: cannot read 'gone': No such file or directory\n"
		       "pyclean: cannot read 'gone.pyc': No such file or directory\n"
		       "pyclean: cannot read 'c/x': Not a directory\n"
		       "pyclean: cannot read 'gone/__pycache__': No such file or directory\n");
	assert_tree(tree, "a/", "b/", "c");
}

/* Once the current directory has gone, a relative PATH may have no absolute one any more. */
TEST(an_operand_that_cannot_be_found_again_is_an_error)
{
	const struct tree *tree = TREE("a/__pycache__/here/", "b/x.pyc", "c/");

	assert_outcome(run_at(tree, "a/__pycache__/here",
			      "--prefix=../../../c ../.. . ../../../b ../../../b/x.py"),
		       1, "Removed 2 directories (*); 2 errors.\n",
		       "pyclean: cannot read '../../../b': No such file or directory\n"
		       "pyclean: cannot read '../../../b/x.py': No such file or directory\n");
	assert_tree(tree, "a/", "b/x.pyc", "c/");
}

/* A `clean` target may be run twice. */
TEST(with_force_a_missing_path_is_no_error)
{
	const struct tree *tree = TREE("a/x.pyc", "b/y.pyc", "c", "link -> nowhere");

	assert_outcome(run(tree, "-f a gone b gone.pyc c/x c/ gone/__pycache__ gone/m.py link/"), 0,
		       "Removed 2 files (*).\n", "");
	assert_outcome(run(tree, "-fv gone"), 0, "Nothing to remove.\n", "");
	assert_outcome(run(tree, "--check --force gone"), 0, "Nothing to remove.\n", "");
	assert_tree(tree, "a/", "b/", "c", "link -> nowhere");
}

/* What is there and is not cleaned is an error still, and what is marked is still marked. */
TEST(force_lifts_nothing_else)
{
	const struct tree *tree =
		TREE("r.git/HEAD", "r.git/objects/", "r.git/refs/a.pyc", "notes.txt",
		     "link -> nowhere", "loop -> loop", "v/pyvenv.cfg", "v/b.pyc", "m/c.pyc");
	struct tree_listing before = tree_list(tree);

	assert_outcome(run(tree, "-f r.git/refs notes.txt link loop/ gone"), 1,
		       "Nothing removed; 4 errors.\n",
		       "pyclean: cannot clean 'r.git/refs': a repository is stored there\n"
		       "pyclean: 'notes.txt' is neither a directory nor bytecode\n"
		       "pyclean: 'link' is neither a directory nor bytecode\n"
		       "pyclean: cannot read 'loop/': Too many levels of symbolic links\n");
	assert_int_equal(run(tree, "-f --prefix=gone .")->status, 2);
	assert_paths(run(tree, "-fn0"), "m/c.pyc");
	assert_outcome(run(tree, "-fn m"), 0,
		       "Would remove m/c.pyc (no source beside it)\n"
		       "Would remove 1 file (*); 1 without a source beside it "
		       "(see --keep-sourceless).\n",
		       "");
	assert_outcome(run_with_mode(tree, "m", 0, "-f m/gone"), 1, "Nothing removed; 1 error.\n",
		       "pyclean: cannot read 'm/gone': Permission denied\n");
	assert_listing(before, tree_list(tree));
}

TEST(a_dangling_link_is_an_error)
{
	const struct tree *tree = TREE("dangling -> nowhere", "loop -> loop", "a.pyc");
	const struct outcome *outcome = run(tree, "dangling");

	assert_int_equal(outcome->status, 1);
	assert_non_null(strstr(outcome->err, "'dangling'"));
	outcome = run(tree, "loop");
	assert_int_equal(outcome->status, 1);
	assert_non_null(strstr(outcome->err, "'loop'"));
	assert_tree(tree, "dangling -> nowhere", "loop -> loop", "a.pyc");
}

/* `pyclean "$DIR"` with DIR unset must not clean the current directory. */
TEST(an_empty_operand_is_an_error)
{
	const struct tree *tree = TREE("a.pyc", "b/c.pyc");

	assert_outcome(RUN(tree, ""), 1, "Nothing removed; 1 error.\n",
		       "pyclean: cannot clean '': PATH is empty\n");
	assert_outcome(RUN(tree, "-n", ""), 1, "Nothing to remove; 1 error.\n",
		       "pyclean: cannot clean '': PATH is empty\n");
	assert_outcome(RUN(tree, "-f", ""), 1, "Nothing removed; 1 error.\n",
		       "pyclean: cannot clean '': PATH is empty\n");
	assert_outcome(RUN(tree, "", "b"), 1, "Removed 1 file (*); 1 error.\n",
		       "pyclean: cannot clean '': PATH is empty\n");
	assert_tree(tree, "a.pyc", "b/");
}

/* ---- Operands that overlap ------------------------------------------------------------------ */

/* By device and inode: whatever leads there, nothing is counted twice, in a dry run as well. */
TEST(the_same_directory_is_cleaned_once)
{
	static const char *const operands[] = {
		"p p",   "p/ ./p p//", "p link",       "link p/",
		"p p/.", "p p/sub/..", "p/sub/.. p x", "x p link p"
	};

	for (size_t i = 0; i < sizeof(operands) / sizeof(*operands);
	     i += tests_are_slow() ? 4 : 1) {
		const struct tree *tree =
			TREE("p/__pycache__/a.pyc", "p/sub/x.pyc", "p/a.py", "link -> p", "x/");

		assert_last_line(run(tree, scratch_format("--check %s", operands[i])), 1,
				 "Would remove 2 files and 1 directory (*).\n", "");
		assert_outcome(run(tree, operands[i]), 0, "Removed 2 files and 1 directory (*).\n",
			       "");
		assert_tree(tree, "p/sub/", "p/a.py", "link -> p", "x/");
	}
}

TEST(the_same_directory_goes_by_the_path_given_first)
{
	const struct tree *tree = TREE("p/x.pyc", "p/x.py", "a -> p", "z -> p");

	assert_paths(run(tree, "-n0 z p a"), "z/x.pyc");
	assert_paths(run(tree, "-n0 p a z"), "p/x.pyc");
}

/* As with rm and find: what the first has removed is no error for the second. */
TEST(overlapping_operands_are_done_in_order)
{
	static const char *const operands[] = {
		". p",
		"p .",
		". ./p p/__pycache__ p/sub/x.pyc",
		"p/sub/x.pyc p/__pycache__ p .",
		"p/sub p/__pycache__ p",
		"p p/__pycache__ p/__pycache__/a.pyc",
		"p/__pycache__/a.pyc p/__pycache__ p",
		"link p/sub",
		"p/sub link",
		"p/__pycache__ p/__pycache__/. p",
	};

	for (size_t i = 0; i < sizeof(operands) / sizeof(*operands);
	     i += tests_are_slow() ? 4 : 1) {
		const struct tree *tree =
			TREE("p/__pycache__/a.pyc", "p/sub/x.pyc", "p/a.py", "link -> p");

		assert_outcome(run(tree, operands[i]), 0, "Removed 2 files and 1 directory (*).\n",
			       "");
		assert_tree(tree, "p/sub/", "p/a.py", "link -> p");
	}
	assert_paths(run(TREE("a.pyc", "p/b.pyc"), "-n0 . p"), "a.pyc", "p/b.pyc", "p/b.pyc");
	assert_outcome(run(TREE("p/a.pyc", "q/"), "-v q p/a.pyc p"), 0,
		       "Removed p/a.pyc\nRemoved 1 file (*).\n", "");
}

/* Only what was there when the run began may be gone in its turn. */
TEST(operands_are_looked_up_before_the_first_removal)
{
	const struct tree *tree = TREE("p/__pycache__/sub/a.pyc", "b.pyc");

	assert_outcome(
		run(tree, "p p/__pycache__/sub p/__pycache__/sub/a.pyc p/__pycache__/no b.pyc"), 1,
		"Removed 2 files and 2 directories (*); 1 error.\n",
		"pyclean: cannot read 'p/__pycache__/no': No such file or directory\n");
	assert_tree(tree, "p/");
}

TEST(an_absolute_and_a_relative_operand_can_be_the_same)
{
	const struct tree *tree = TREE("p/a.pyc");
	const char *absolute = tree_path(tree, "p");

	assert_last_line(RUN(tree, "--check", "p", absolute), 1, "Would remove 1 file (*).\n", "");
	assert_outcome(RUN(tree, absolute, "p", ".", tree->path), 0, "Removed 1 file (*).\n", "");
	assert_tree(tree, "p/");
}

TEST(a_file_named_twice_is_counted_once)
{
	const struct tree *tree = TREE("a.pyc", "__pycache__/b.pyc");

	assert_last_line(run(tree, "--check a.pyc ./a.pyc"), 1, "Would remove 1 file (*).\n", "");
	assert_last_line(run(tree, "--check __pycache__ __pycache__/ ./__pycache__"), 1,
			 "Would remove 1 file and 1 directory (*).\n", "");
	assert_outcome(run(tree, "a.pyc a.pyc"), 0, "Removed 1 file (*).\n", "");
	assert_outcome(run(tree, "__pycache__ __pycache__/ ./__pycache__"), 0,
		       "Removed 1 file and 1 directory (*).\n", "");
	assert_tree(tree, NULL);
}

/* A second name of a file is a name that was given, too. */
TEST(hard_links_both_go)
{
	const struct tree *tree = TREE("a.pyc");

	assert_int_equal(linkat(tree->fd, "a.pyc", tree->fd, "b.pyc", 0), 0);
	assert_last_line(run(tree, "--check a.pyc b.pyc"), 1, "Would remove 2 files (*).\n", "");
	assert_outcome(run(tree, "a.pyc b.pyc"), 0, "Removed 2 files (*).\n", "");
	assert_tree(tree, NULL);
}

/* What is left on the way through an outer operand has a turn of its own: operands are entered. */
TEST(an_operand_in_what_another_one_leaves_is_done)
{
	assert_cleans("-t 3.11 -i sub pkg pkg/__pycache__/sub", "pkg/__pycache__/sub/",
		      "- pkg/__pycache__/sub/m.cpython-311.pyc",
		      "- pkg/__pycache__/a.cpython-311.pyc");
	assert_cleans("-t 3.11 -i sub pkg/__pycache__ pkg/__pycache__/sub/m.cpython-311.pyc",
		      "pkg/__pycache__/sub/n.cpython-311.pyc",
		      "- pkg/__pycache__/sub/m.cpython-311.pyc",
		      "- pkg/__pycache__/a.cpython-311.pyc");
	assert_cleans("-t 3.11 d d/__pycache__/conda-meta", "d/__pycache__/b.cpython-310.pyc",
		      "- d/__pycache__/conda-meta/a.cpython-311.pyc");
	assert_cleans("-s pkg pkg/__pycache__/.tox", "pkg/__pycache__/.tox/",
		      "- pkg/__pycache__/.tox/a.pyc");
	assert_cleans("--prefix m -i sub m m/a/sub", "m/a/sub/", "- m/a/sub/x/m.cpython-311.pyc",
		      "- m/a/n.cpython-311.pyc");
}

TEST(operands_that_only_begin_alike_are_both_done)
{
	const struct tree *tree = TREE("p/a.pyc", "pp/b.pyc", "p.q/c.pyc", "p-q/d.pyc");

	assert_outcome(run(tree, "p pp p.q p-q"), 0, "Removed 4 files (*).\n", "");
	assert_tree(tree, "p/", "pp/", "p.q/", "p-q/");
}
