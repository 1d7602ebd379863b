/* --tag and --keep-tag: whose bytecode goes, and how that is told. */

#include "make_pyc.h"
#include "tests.h"

/* ---- By the tag in the name ----------------------------------------------------------------- */

/* "I moved from 3.11 to 3.13, and the old caches stay for ever." */
TEST(tag_takes_only_that_interpreter)
{
	assert_cleans("-t cpython-311", "m.py", "- __pycache__/m.cpython-311.pyc",
		      "__pycache__/m.cpython-313.pyc", "__pycache__/m.pypy39.pyc",
		      "pkg/sub/__pycache__/m.cpython-310.pyc", "pkg/other/",
		      "- pkg/other/__pycache__/m.cpython-311.pyc");
}

TEST(keep_tag_leaves_only_that_interpreter)
{
	assert_cleans("-k cpython-313", "m.py", "- __pycache__/m.cpython-311.pyc",
		      "__pycache__/m.cpython-313.pyc", "- __pycache__/m.pypy39.pyc", "pkg/sub/",
		      "- pkg/sub/__pycache__/m.cpython-310.pyc");
}

/* PEP 488: a level belongs to its interpreter; importlib's unfinished writes do, too. */
TEST(all_levels_and_interrupted_writes_belong_to_their_interpreter)
{
	assert_cleans(
		"-t 3.11", "- __pycache__/m.cpython-311.pyc",
		"- __pycache__/m.cpython-311.opt-1.pyc", "- __pycache__/m.cpython-311.opt-2.pyc",
		"- __pycache__/m.cpython-311.pyc.140737", "__pycache__/m.cpython-312.pyc.140737",
		"__pycache__/m.cpython-312.opt-1.pyc");
	assert_cleans("-k 3.11", "__pycache__/m.cpython-311.opt-2.pyc",
		      "__pycache__/m.cpython-311.pyc.140737",
		      "- __pycache__/m.cpython-312.opt-1.pyc");
}

TEST(a_version_means_cpython)
{
	assert_cleans("-t 3.11", "- __pycache__/m.cpython-311.pyc", "__pycache__/m.pypy311.pyc",
		      "__pycache__/m.graalpy-311.pyc", "__pycache__/m.cpython-31.pyc");
	assert_cleans("-t 3.9", "- __pycache__/m.cpython-39.pyc", "__pycache__/m.cpython-390.pyc",
		      "__pycache__/m.pypy39.pyc");
	assert_cleans("--tag=pypy39", "__pycache__/m.cpython-39.pyc", "- __pycache__/m.pypy39.pyc",
		      "__pycache__/m.pypy310.pyc");
}

/* The free-threaded build has the cache tag of the other one, "cpython-313": -k has to keep that. */
TEST(a_free_threaded_interpreter_has_the_caches_of_the_other_build)
{
	assert_cleans("-k 3.13t", "__pycache__/m.cpython-313.pyc",
		      "- __pycache__/m.cpython-312.pyc");
	assert_cleans("-k cpython-313t", "__pycache__/m.cpython-313.pyc",
		      "- __pycache__/m.cpython-314.pyc");
	assert_cleans("-t 3.13t", "- __pycache__/m.cpython-313.pyc",
		      "__pycache__/m.cpython-312.pyc");
}

/* Whoever types `pypy3` to run it, and means to keep its caches, must not lose them. */
TEST(pypy3_stands_for_every_pypy_of_python_3)
{
	assert_cleans("-k pypy3", "__pycache__/m.pypy39.pyc", "__pycache__/m.pypy310.pyc",
		      "__pycache__/m.pypy311-pytest-8.4.2.pyc", "- __pycache__/m.cpython-39.pyc",
		      "- __pycache__/m.pypy27.pyc");
	assert_cleans("-t pypy3", "- __pycache__/m.pypy39.pyc", "- __pycache__/m.pypy310.pyc",
		      "__pycache__/m.cpython-39.pyc");
}

/* pytest puts its name and version behind the tag. */
TEST(what_a_tool_puts_behind_a_tag_belongs_to_the_interpreter)
{
	assert_cleans("-t 3.11", "- __pycache__/test_a.cpython-311-pytest-8.4.2.pyc",
		      "- __pycache__/test_a.cpython-311-pytest-9.0.0.dev7.pyc",
		      "__pycache__/test_a.cpython-312-pytest-8.4.2.pyc");
	assert_cleans("-k 3.11", "__pycache__/test_a.cpython-311-pytest-8.4.2.pyc",
		      "- __pycache__/test_a.cpython-312-pytest-8.4.2.pyc");
	assert_cleans("-t cpython-311-pytest-8.4.2", "__pycache__/m.cpython-311.pyc",
		      "- __pycache__/test_a.cpython-311-pytest-8.4.2.pyc",
		      "__pycache__/test_a.cpython-311-pytest-7.0.0.pyc");
}

TEST(tags_are_listed_with_commas_or_one_by_one)
{
	static const char *const arguments[] = { "-t 3.10,pypy39", "-t 3.10 -t pypy39",
						 "--tag=cpython-310 --tag pypy39" };
	static const char *const keeping[] = { "-k 3.11,3.12", "-k 3.11 -k 3.12",
					       "--keep-tag=3.11 --keep-tag cpython-312" };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		assert_cleans(arguments[i], "- __pycache__/m.cpython-310.pyc",
			      "- __pycache__/m.pypy39.pyc", "__pycache__/m.cpython-311.pyc");
		assert_cleans(keeping[i], "- __pycache__/m.cpython-310.pyc",
			      "__pycache__/m.cpython-311.pyc", "__pycache__/m.cpython-312.pyc");
	}
}

/* All selections that are given have to agree, so what is kept by one is kept. */
TEST(both_options_have_to_agree)
{
	assert_cleans("-t 3.10,3.11 -k 3.11,3.12", "- __pycache__/m.cpython-310.pyc",
		      "__pycache__/m.cpython-311.pyc", "__pycache__/m.cpython-312.pyc",
		      "__pycache__/m.cpython-313.pyc");
	assert_cleans("-t 3.11 -k 3.11", "__pycache__/m.cpython-311.pyc",
		      "__pycache__/m.cpython-310.pyc");
}

/* ---- By the magic number -------------------------------------------------------------------- */

/* A file without a tag is told by its header. */
TEST(a_legacy_file_is_told_by_its_magic_number)
{
	for (const struct pyc_version *version = pyc_versions; version->name;
	     version = pyc_next(version)) {
		const struct tree *tree = TREE("a.py", "none.py");
		const struct tree *other = TREE("a.py");

		PYC(tree, "a.pyc", .version = version->name);
		PYC(tree, "a.pyo", .version = version->name);
		PYC(tree, "__pycache__/a.pyc", .version = version->name);
		PYC(other, "a.pyc", .version = version->name);
		assert_outcome(RUN(tree, "-k", version->tag), 0, "Nothing to remove.\n", "");
		assert_outcome(RUN(tree, "-t", "cpython-299"), 0, "Nothing to remove.\n", "");
		assert_outcome(RUN(tree, "-t", version->tag), 0,
			       "Removed 3 files and 1 directory (*).\n", "");
		assert_tree(tree, "a.py", "none.py");
		assert_outcome(run(other, "-k cpython-299"), 0, "Removed 1 file (*).\n", "");
		assert_tree(other, "a.py");
	}
}

/* When in doubt it stays: a number from the future, a file that is no bytecode, one cut short. */
TEST(a_legacy_file_of_an_unknown_interpreter_stays)
{
	const struct tree *tree = TREE("text.pyc", "link.pyc -> a.pyc", "__pycache__/text.pyc");
	struct tree_listing before;

	PYC(tree, "future.pyc", .version = "3.14", .magic = 9876);
	PYC(tree, "short.pyc", .version = "3.11", .cut = 3);
	tree_write(tree, "empty.pyc", "", 0);
	before = tree_list(tree);
	assert_outcome(run(tree, "-t 3.11,3.14"), 0, "Nothing to remove.\n", "");
	assert_outcome(run(tree, "-k 3.11"), 0, "Nothing to remove.\n", "");
	assert_listing(before, tree_list(tree));
	assert_outcome(run(tree, "-v -k 3.11"), 0,
		       "Kept text.pyc (its interpreter is not known)\n"
		       "Kept link.pyc (its interpreter is not known)\n"
		       "Kept __pycache__/text.pyc (its interpreter is not known)\n"
		       "Kept future.pyc (its interpreter is not known)\n"
		       "Kept short.pyc (its interpreter is not known)\n"
		       "Kept empty.pyc (its interpreter is not known)\n"
		       "Nothing to remove.\n",
		       "");
}

/* 3.13 and 3.13t have one magic number: which of them made a legacy file cannot be told. */
TEST(a_legacy_file_may_be_of_the_free_threaded_interpreter)
{
	const struct tree *tree = TREE("a.py");

	PYC(tree, "a.pyc", .version = "3.13");
	assert_outcome(run(tree, "-k 3.13t"), 0, "Nothing to remove.\n", "");
	assert_outcome(run(tree, "-k 3.13"), 0, "Nothing to remove.\n", "");
	assert_true(tree_has(tree, "a.pyc"));
}

/* "a.b.py" makes "a.b.pyc": what only looks like a tag is a part of the module's name there. */
TEST(a_dotted_legacy_name_has_no_tag)
{
	const struct tree *tree = TREE("a.my-3d.py", "a.b.py");

	PYC(tree, "a.my-3d.pyc", .version = "3.11");
	PYC(tree, "a.b.pyc", .version = "3.12");
	assert_outcome(run(tree, "-v -t 3.11,my-3d,b-1"), 0,
		       "Removed a.my-3d.pyc (cpython-311)\n"
		       "Kept a.b.pyc (of another interpreter)\n"
		       "Removed 1 file (*).\n",
		       "");
	assert_false(tree_has(tree, "a.my-3d.pyc"));
	assert_true(tree_has(tree, "a.b.pyc"));
}

/* ---- Directories ---------------------------------------------------------------------------- */

/* A cache is removed whole only where all of it goes. */
TEST(what_is_not_bytecode_stays_and_keeps_the_cache)
{
	const struct tree *tree =
		TREE("p/__pycache__/m.cpython-311.pyc", "p/__pycache__/notes.txt",
		     "p/__pycache__/sub/file", "p/__pycache__/pipe.cpython-311.pyc|",
		     "q/__pycache__/m.cpython-311.pyc", "q/__pycache__/link.cpython-311.pyc -> x");
	static const char lines[] = "Removed p/__pycache__/m.cpython-311.pyc (cpython-311)\n"
				    "Kept p/__pycache__/notes.txt (not bytecode)\n"
				    "Kept p/__pycache__/sub/file (not bytecode)\n"
				    "Kept p/__pycache__/pipe.cpython-311.pyc (not bytecode)\n"
				    "Removed q/__pycache__/m.cpython-311.pyc (cpython-311)\n"
				    "Removed q/__pycache__/link.cpython-311.pyc (cpython-311)\n"
				    "Removed q/__pycache__/\n"
				    "Removed 3 files and 1 directory (*).\n";

	assert_outcome(run(tree, "-v -t 3.11"), 0, lines, "");
	assert_tree(tree, "p/__pycache__/notes.txt", "p/__pycache__/sub/file",
		    "p/__pycache__/pipe.cpython-311.pyc|", "q/");
}

TEST(what_is_skipped_by_default_is_skipped_still)
{
	assert_cleans("-t 3.11 -i i", "env/pyvenv.cfg", "env/__pycache__/m.cpython-311.pyc",
		      ".git/__pycache__/m.cpython-311.pyc", "i/__pycache__/m.cpython-311.pyc", "j/",
		      "- j/__pycache__/m.cpython-311.pyc");
	assert_cleans("-a -t 3.11", "env/pyvenv.cfg", "- env/__pycache__/m.cpython-311.pyc");
}

/* ---- What is said --------------------------------------------------------------------------- */

/** Bytecode of three interpreters, in two packages. */
static const struct tree *packages(void)
{
	const struct tree *tree =
		TREE("a/m.py", "a/__pycache__/m.cpython-311.pyc", "a/__pycache__/m.cpython-313.pyc",
		     "b/__pycache__/m.cpython-311.pyc", "b/__pycache__/m.pypy39.pyc");

	PYC(tree, "a/m.pyc", .version = "2.7");
	return tree;
}

TEST(a_dry_run_lists_what_a_run_removes)
{
	static const char *const arguments[] = { "-t 3.11", "-k 3.13", "-k 3.13 a/m.pyc",
						 "-t 3.11,pypy39 b/__pycache__ a", "-k 2.7 -v" };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		assert_dry_run_tells(packages(), arguments[i]);
	}
}

TEST(null_lists_raw_paths_and_no_reasons)
{
	const struct tree *tree = packages();

	assert_paths(run(tree, "-0 -v -k 3.11"), "a/__pycache__/m.cpython-313.pyc",
		     "b/__pycache__/m.pypy39.pyc", "a/m.pyc");
	assert_paths(run(tree, "-0 -t 3.11"), "a/__pycache__/m.cpython-311.pyc", "a/__pycache__/",
		     "b/__pycache__/m.cpython-311.pyc", "b/__pycache__/");
	assert_tree(tree, "a/m.py", "b/");
}

/* The reason is for who asks for more; without -v a line is as it always was. */
TEST(verbose_tells_the_reasons)
{
	const struct tree *tree = packages();
	static const char plain[] = "Would remove a/__pycache__/m.cpython-313.pyc\n"
				    "Would remove a/m.pyc\n"
				    "Would remove b/__pycache__/m.pypy39.pyc\n"
				    "Would remove 3 files (*).\n";
	static const char reasons[] =
		"%s a/__pycache__/m.cpython-313.pyc (of another interpreter)\n"
		"Kept a/__pycache__/m.cpython-311.pyc (cpython-311)\n"
		"%s a/m.pyc (of another interpreter)\n"
		"Kept b/__pycache__/m.cpython-311.pyc (cpython-311)\n"
		"%s b/__pycache__/m.pypy39.pyc (of another interpreter)\n"
		"%s 3 files (*).\n";
	static const char would[] = "Would remove";
	static const char did[] = "Removed";

	assert_outcome(run(tree, "-n -k 3.11"), 0, plain, "");
	assert_outcome(run(tree, "-n -v -k 3.11"), 0,
		       scratch_format(reasons, would, would, would, would), "");
	assert_outcome(run(tree, "-v -k 3.11"), 0, scratch_format(reasons, did, did, did, did), "");
}

/* --check answers the question for what is selected. */
TEST(check_looks_for_the_selected_alone)
{
	const struct tree *tree = packages();
	struct tree_listing before = tree_list(tree);

	assert_outcome(run(tree, "--check -t 3.12"), 0, "Nothing to remove.\n", "");
	assert_outcome(run(tree, "--check -q -t pypy39"), 1, "", "");
	assert_outcome(run(tree, "--check -n -t pypy39"), 1,
		       "Would remove b/__pycache__/m.pypy39.pyc\nWould remove 1 file (*).\n", "");
	assert_listing(before, tree_list(tree));
}

/* The same result, whoever shares the work. */
TEST(one_thread_and_eight_do_the_same)
{
	static const char *const arguments[] = { "-0v -k 3.11 -j 1", "-0v -k 3.11 -j 8" };
	const int count = tests_are_slow() ? 20 : 200;
	struct tree_listing left[2];

	for (int run_number = 0; run_number < 2; run_number++) {
		const struct tree *tree = TREE(NULL);

		for (int i = 0; i < count; i++) {
			tree_add(tree, scratch_format("p%d/s/__pycache__/m.cpython-310.pyc", i));
			tree_add(tree,
				 scratch_format("p%d/s/__pycache__/m.cpython-31%d.pyc", i, i % 3));
		}
		assert_int_equal(run(tree, arguments[run_number])->status, 0);
		left[run_number] = tree_list(tree);
	}
	assert_listing(left[0], left[1]);
	/* The directories p and s, and of each third a cache with a file. */
	assert_int_equal(left[0].count, 2 * count + 2 * ((count + 1) / 3));
}
