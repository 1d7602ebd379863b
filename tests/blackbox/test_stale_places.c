/* --stale and --keep-sourceless: where the source is looked for, and what may stand in its place. */

#include "make_pyc.h"
#include "tests.h"

#include <string.h>

static const char cached[] = "__pycache__/m.cpython-311.pyc";

/** A tree in which the bytecode of m.py is up to date, were it there; the rest may be anything. */
#define TREE_WITH_CACHE(...) with_cache(TREE(__VA_ARGS__))
static const struct tree *with_cache(const struct tree *tree)
{
	PYC(tree, cached, .version = "3.11");
	return tree;
}

/* ---- What is no source ---------------------------------------------------------------------- */

/* importlib takes regular files for sources, and links that lead to them. */
TEST(what_is_no_file_is_no_source)
{
	static const char *const others[] = { "m.py/x",       "m.py/",      "m.py -> nowhere",
					      "m.py -> m.py", "m.py -> .",  "m.py|",
					      "m.py=",        "m.py -> x/y" };

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		const struct tree *tree = TREE_WITH_CACHE("x", others[i]);

		assert_outcome(run(tree, "-v -s"), 0,
			       "Removed __pycache__/m.cpython-311.pyc (source is gone)\n"
			       "Removed __pycache__/\n"
			       "Removed 1 file and 1 directory (*).\n",
			       "");
		assert_false(tree_has(tree, "__pycache__"));
		assert_true(tree_has(tree, "m.py"));
	}
}

TEST(a_link_to_a_source_is_a_source)
{
	const struct tree *tree = TREE("elsewhere/real", "m.py -> elsewhere/real");

	PYC(tree, cached, .version = "3.11", .source = "m.py");
	assert_outcome(run(tree, "-v -s"), 0,
		       "Kept __pycache__/m.cpython-311.pyc (matches its source)\n"
		       "Nothing to remove.\n",
		       "");
	pyc_touch(tree, "elsewhere/real", 5, 0);
	assert_outcome(run(tree, "-s"), 0, "Removed 1 file and 1 directory (*).\n", "");
}

/* Hy's loader, and that of Python on Windows, write what a .py would have. */
TEST(other_sources_than_py_are_compared)
{
	static const char *const sources[] = { "m.hy", "m.pyw" };

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		const struct tree *tree = TREE(sources[i]);

		PYC(tree, cached, .version = "3.11", .source = sources[i]);
		assert_outcome(run(tree, "-nv -s"), 0,
			       "Kept __pycache__/m.cpython-311.pyc (matches its source)\n"
			       "Nothing to remove.\n",
			       "");
		pyc_touch(tree, sources[i], 5, 0);
		assert_outcome(run(tree, "-v -s"), 0,
			       "Removed __pycache__/m.cpython-311.pyc (source has changed)\n"
			       "Removed __pycache__/\n"
			       "Removed 1 file and 1 directory (*).\n",
			       "");
	}
}

TEST(what_matches_one_of_several_sources_stays)
{
	static const char *const sources[] = { "m.py", "m.pyw", "m.hy" };

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		const struct tree *tree = TREE("m.py", "m.pyw", "m.hy");

		for (size_t j = 0; j < sizeof(sources) / sizeof(*sources); j++) {
			pyc_touch(tree, sources[j], 1000000000 + (time_t)j, 0);
		}
		PYC(tree, cached, .version = "3.11", .source = sources[i]);
		assert_outcome(run(tree, "-v -s"), 0,
			       "Kept __pycache__/m.cpython-311.pyc (matches its source)\n"
			       "Nothing to remove.\n",
			       "");
		pyc_touch(tree, sources[i], 5, 0);
		assert_outcome(run(tree, "-s"), 0, "Removed 1 file and 1 directory (*).\n", "");
	}
}

/* What it holds may be what the bytecode was made from. */
TEST(another_source_that_cannot_be_found_out_keeps_the_bytecode)
{
	const struct tree *tree = TREE_WITH_CACHE("m.py", "secret/m.hy", "m.hy -> secret/m.hy");

	assert_outcome(run_with_mode(tree, "secret", 0, "-s -i secret"), 1,
		       "Nothing removed; 1 error.\n",
		       "pyclean: cannot find the source of '__pycache__/m.cpython-311.pyc': "
		       "Permission denied\n");
	assert_true(tree_has(tree, cached));
}

/* Neither the only copy of its module, nor without a source. Jython knows .py alone. */
TEST(other_sources_than_py_are_beside_their_bytecode)
{
	assert_cleans("--keep-sourceless", "h.hy", "- h.pyc", "w.pyw", "- w.pyc", "l.hy -> h.hy",
		      "- l.pyc", "x.hyx", "x.pyc", "dir.hy/", "dir.pyc", "m.cpython-311.pyc",
		      "t.hy", "- t.cpython-311.pyc", "b.py/", "b.hy", "- b.pyc", "c.hy -> x.pyc",
		      "c.py", "- c.pyc");
	assert_cleans("", "j.hy", "j$py.class", "k.py", "- k$py.class");
	assert_outcome(run(TREE("h.hy", "h.pyc", "w.pyw", "w.pyc", "x.pyc"), "-n"), 0,
		       "Would remove h.pyc\n"
		       "Would remove w.pyc\n"
		       "Would remove x.pyc (no source beside it)\n"
		       "Would remove 3 files (*); 1 without a source beside it "
		       "(see --keep-sourceless).\n",
		       "");
}

/* ---- What cannot be looked at --------------------------------------------------------------- */

TEST(bytecode_that_cannot_be_read_stays_with_an_error)
{
	const struct tree *tree = TREE_WITH_CACHE("m.py", "p/n.py");
	const struct outcome *outcome;

	PYC(tree, "p/n.pyc", .version = "2.7");
	tree_chmod(tree, cached, 0);
	outcome = run_as_ordinary_user(tree, "-s");
	assert_outcome(outcome, 1, "Removed 1 file (*); 1 error.\n",
		       "pyclean: cannot read '__pycache__/m.cpython-311.pyc': Permission denied\n");
	assert_true(tree_has(tree, cached));
	assert_false(tree_has(tree, "p/n.pyc"));
	assert_int_equal(run_as_ordinary_user(tree, "--check -q -s")->status, 2);
	/* Without a source nothing has to be read. */
	assert_outcome(run_as_ordinary_user(tree, "-t 3.11"), 0,
		       "Removed 1 file and 1 directory (*).\n", "");
}

/* That it cannot be seen does not say that it has gone. */
TEST(a_source_that_cannot_be_found_out_keeps_the_bytecode)
{
	const struct tree *tree = TREE_WITH_CACHE("secret/m.py", "m.py -> secret/m.py");

	assert_outcome(run_with_mode(tree, "secret", 0, "-s -i secret"), 1,
		       "Nothing removed; 1 error.\n",
		       "pyclean: cannot find the source of '__pycache__/m.cpython-311.pyc': "
		       "Permission denied\n");
	assert_true(tree_has(tree, cached));
}

TEST(a_source_that_cannot_be_hashed_keeps_the_bytecode)
{
	const struct tree *tree = TREE("m.py");

	PYC(tree, cached, .version = "3.11", .flags = PYC_CHECKED);
	tree_chmod(tree, "m.py", 0);
	assert_outcome(run_as_ordinary_user(tree, "-s"), 1, "Nothing removed; 1 error.\n",
		       "pyclean: cannot read the source of '__pycache__/m.cpython-311.pyc': "
		       "Permission denied\n");
	assert_true(tree_has(tree, cached));
}

/* ---- Beside the source ---------------------------------------------------------------------- */

TEST(a_legacy_file_is_compared_with_the_source_beside_it)
{
	const struct tree *tree = TREE("same.py", "other.py", "a.b.py", "m.cpython-310.py");

	PYC(tree, "same.pyc", .version = "3.11", .source = "same.py");
	PYC(tree, "same.pyo", .version = "2.7", .source = "same.py", .later = 1);
	PYC(tree, "other.pyc", .version = "3.11", .source = "other.py", .longer = 1);
	PYC(tree, "gone.pyc", .version = "3.11");
	PYC(tree, "gone.pyo", .version = "2.7");
	/* Names have no tag there. */
	PYC(tree, "a.b.pyc", .version = "3.11", .source = "a.b.py");
	PYC(tree, "m.cpython-310.pyc", .version = "3.11", .source = "m.cpython-310.py");
	assert_outcome(
		run(tree, "-v -s"), 0,
		"Kept same.pyc (matches its source)\n"
		"Removed same.pyo (source has changed)\n"
		"Removed other.pyc (source has changed)\n"
		"Removed gone.pyc (no source beside it)\n"
		"Removed gone.pyo (no source beside it)\n"
		"Kept a.b.pyc (matches its source)\n"
		"Kept m.cpython-310.pyc (matches its source)\n"
		"Removed 4 files (*); 2 without a source beside it (see --keep-sourceless).\n",
		"");
}

/* The tree of a PYTHONPYCACHEPREFIX that nobody has told of looks like that. */
TEST(a_tagged_name_outside_a_cache_is_in_doubt)
{
	const struct tree *tree = TREE(NULL);

	PYC(tree, "home/me/m.cpython-311.pyc", .version = "3.11");
	PYC(tree, "home/me/m.cpython-311.opt-1.pyc", .version = "3.11");
	assert_outcome(run(tree, "-v -s"), 0,
		       "Kept home/me/m.cpython-311.pyc (cannot tell where its source is)\n"
		       "Kept home/me/m.cpython-311.opt-1.pyc (cannot tell where its source is)\n"
		       "Nothing to remove.\n",
		       "");
}

/* A program that is shipped without sources: it may be the only copy. */
TEST(keep_sourceless_leaves_what_has_no_source_beside_it)
{
	assert_cleans("--keep-sourceless", "only.pyc", "older.pyo", "p/only.pyc",
		      "link.pyc -> only.pyc", "dangling.pyc -> nowhere", "dir.py/", "dir.pyc",
		      "m.py", "- m.pyc", "- m.pyo", "- m.pyc.12", "- gone.pyc.12",
		      "- __pycache__/gone.cpython-311.pyc", "- __pycache__/gone.pyc",
		      "- __pycache__/m.cpython-311.pyc", "l.py -> m.py", "- l.pyc -> only.pyc",
		      "- m.cpython-311.pyc", "gone.cpython-311.pyc", "n.cpython-311.py",
		      "- n.cpython-311.pyc");
}

TEST(keep_sourceless_tells_what_it_leaves)
{
	const struct tree *tree = TREE("only.pyc", "m.py", "m.pyc");

	assert_outcome(run(tree, "-nv --keep-sourceless"), 0,
		       "Kept only.pyc (no source beside it)\n"
		       "Would remove m.pyc\n"
		       "Would remove 1 file (*).\n",
		       "");
	assert_outcome(run(tree, "--keep-sourceless only.pyc"), 0, "Nothing to remove.\n", "");
	assert_tree(tree, "only.pyc", "m.py", "m.pyc");
}

/* It goes by default, but who reads the dry run must see that nothing makes it again. */
TEST(what_has_no_source_beside_it_is_marked_and_counted)
{
	static const char *const verbs[][2] = { { "-n", "Would remove" }, { "-v", "Removed" } };

	for (size_t i = 0; i < 2; i++) {
		const char *verb = verbs[i][1];
		const struct tree *tree = TREE(
			"only.pyc", "older.pyo", "dir.py/", "dir.pyc", "m.py", "m.pyc", "m.pyo",
			"m.cpython-311.pyc", "moved.cpython-311.pyc", "gone.pyc.12", "l.py -> m.py",
			"l.pyc", "d.py -> dir.py", "d.pyc", "p/m.pyc", "p/__pycache__/");

		assert_outcome(
			run(tree, verbs[i][0]), 0,
			scratch_format("%s only.pyc (no source beside it)\n"
				       "%s older.pyo (no source beside it)\n"
				       "%s dir.pyc (no source beside it)\n"
				       "%s m.pyc\n%s m.pyo\n%s m.cpython-311.pyc\n"
				       "%s moved.cpython-311.pyc (no source beside it)\n"
				       "%s gone.pyc.12\n%s l.pyc\n"
				       "%s d.pyc (no source beside it)\n"
				       "%s p/m.pyc (no source beside it)\n"
				       "%s p/__pycache__/\n"
				       "%s 11 files and 1 directory (*); "
				       "6 without a source beside it (see --keep-sourceless).\n",
				       verb, verb, verb, verb, verb, verb, verb, verb, verb, verb,
				       verb, verb, verb),
			"");
	}
}

/* By the path of a PATH as by that of a walk; a file in a cache has its source above it. */
TEST(an_operand_without_a_source_beside_it_is_marked)
{
	const struct tree *tree =
		TREE("p/only.pyc", "p/m.py", "p/m.pyc", "p/l.pyc -> m.pyc", "p/l.py -> m.py",
		     "p/__pycache__/gone.pyc", "p/__pycache__/m.cpython-311.pyc");
	const struct tree cache = { tree_path(tree, "p/__pycache__"), -1 };

	assert_outcome(run(tree, "-n p/only.pyc p/m.pyc p/l.pyc p/__pycache__/gone.pyc"), 0,
		       "Would remove p/only.pyc (no source beside it)\n"
		       "Would remove p/m.pyc\n"
		       "Would remove p/l.pyc\n"
		       "Would remove p/__pycache__/gone.pyc\n"
		       "Would remove 4 files (*); 1 without a source beside it "
		       "(see --keep-sourceless).\n",
		       "");
	assert_null(strstr(run(&cache, "-n")->out, "source"));
	assert_string_equal(run(tree, "-q")->out, "");
}

/* Whatever else speaks for its removal: that it is the only copy is worth more to know. */
TEST(a_selection_marks_what_has_no_source_beside_it)
{
	const struct tree *tree = TREE("m.py");

	PYC(tree, "only.pyc", .version = "3.10", .source = "m.py");
	PYC(tree, "m.pyc", .version = "3.10", .source = "m.py");
	assert_outcome(run(tree, "-v -t 3.10"), 0,
		       "Removed only.pyc (no source beside it)\n"
		       "Removed m.pyc (cpython-310)\n"
		       "Removed 2 files (*); 1 without a source beside it "
		       "(see --keep-sourceless).\n",
		       "");
}

/* ---- Links and FIFOs ------------------------------------------------------------------------ */

/* What a link leads to is not judged for the link's name. */
TEST(a_link_stays_while_its_source_exists)
{
	const struct tree *tree = TREE("m.py", "__pycache__/m.cpython-311.pyc -> ../other",
				       "__pycache__/gone.cpython-311.pyc -> ../other", "other",
				       "m.pyc -> nowhere", "gone.pyc -> other");

	assert_outcome(
		run(tree, "-v -s"), 0,
		"Kept __pycache__/m.cpython-311.pyc (symbolic link)\n"
		"Removed __pycache__/gone.cpython-311.pyc (source is gone)\n"
		"Kept m.pyc (symbolic link)\n"
		"Removed gone.pyc (no source beside it)\n"
		"Removed 2 files (*); 1 without a source beside it (see --keep-sourceless).\n",
		"");
	assert_tree(tree, "m.py", "__pycache__/m.cpython-311.pyc -> ../other", "other",
		    "m.pyc -> nowhere");
}

/* Opening a FIFO would wait for ever. */
TEST(fifos_and_sockets_stay_and_are_not_opened)
{
	const struct tree *tree = TREE("m.py", "m.pyc|", "__pycache__/m.cpython-311.pyc|",
				       "__pycache__/gone.cpython-311.pyc=", "n.py|");
	struct tree_listing before = tree_list(tree);

	assert_outcome(run(tree, "-v -s"), 0,
		       "Kept __pycache__/m.cpython-311.pyc (not bytecode)\n"
		       "Kept __pycache__/gone.cpython-311.pyc (not bytecode)\n"
		       "Nothing to remove.\n",
		       "");
	assert_listing(before, tree_list(tree));
}

/* ---- Caches --------------------------------------------------------------------------------- */

/* Numba's, of functions in m.py, a.b.py and f.py; the names are as Numba makes them. */
TEST(caches_of_numba_go_with_their_module)
{
	assert_cleans("--stale", "m.py", "a.b.py", "f.py", "h.hy", "__pycache__/m.f-12.py311.nbi",
		      "__pycache__/m.f-12.py311.1.nbc", "__pycache__/m.f.locals.g-12.py311.nbi",
		      "__pycache__/a.b.K.f-7.py313t.2.nbc", "__pycache__/guf-m.f-12.py311.nbi",
		      "__pycache__/h.f-12.py311.nbi", "- __pycache__/gone.f-12.py311.nbi",
		      "- __pycache__/gone.f-12.py311.1.nbc", "- __pycache__/a.c.f-12.py311.nbi",
		      "- __pycache__/guf-gone.f-12.py311.nbi", "__pycache__/gone.nbi",
		      "__pycache__/gone.f-12.py311.nbx", "__pycache__/gone.f-12.python.nbi",
		      "gone.f-12.py311.nbi");
	assert_cleans("-s", "__pycache__/gone.f-12.py311.nbi|");
	assert_cleans("-s --prefix cache", "cache/a/b/gone.f-12.py311.nbi");
	assert_cleans("--prefix cache", "cache/a/b/gone.f-12.py311.nbi");
	assert_cleans("-s -k 3.12", "__pycache__/gone.f-12.py311.nbi");
	assert_cleans("-s gone.py", "__pycache__/gone.f-12.py311.nbi");
	assert_cleans("-t 3.11", "__pycache__/gone.f-12.py311.nbi");
	assert_cleans("", "gone.f-12.py311.nbi", "- __pycache__/",
		      "- __pycache__/m.f-12.py311.nbi");
	assert_outcome(
		run(TREE("m.py", "__pycache__/m.f-12.py311.nbi", "__pycache__/gone.f-12.py311.nbi"),
		    "-nv -s"),
		0,
		"Kept __pycache__/m.f-12.py311.nbi (its source exists)\n"
		"Would remove __pycache__/gone.f-12.py311.nbi (source is gone)\n"
		"Would remove 1 file (*).\n",
		"");
}

/* The source of x/__pycache__/__pycache__/m.TAG.pyc is x/__pycache__/m.py. */
TEST(a_cache_in_a_cache_has_its_sources_in_the_outer_one)
{
	const struct tree *tree = TREE("__pycache__/m.py", "n.py");

	PYC(tree, "__pycache__/__pycache__/m.cpython-311.pyc", .version = "3.11",
	    .source = "__pycache__/m.py");
	PYC(tree, "__pycache__/__pycache__/n.cpython-311.pyc", .version = "3.11", .source = "n.py");
	assert_outcome(run(tree, "-v -s"), 0,
		       "Kept __pycache__/__pycache__/m.cpython-311.pyc (matches its source)\n"
		       "Removed __pycache__/__pycache__/n.cpython-311.pyc (source is gone)\n"
		       "Kept __pycache__/m.py (not bytecode)\n"
		       "Removed 1 file (*).\n",
		       "");
}

/** A package with a cache in which one file is up to date, and one has no source. */
static const struct tree *package(void)
{
	const struct tree *tree = TREE("p/m.py", "link -> p/__pycache__");

	PYC(tree, "p/__pycache__/m.cpython-311.pyc", .version = "3.11", .source = "p/m.py");
	PYC(tree, "p/__pycache__/gone.cpython-311.pyc", .version = "3.11");
	return tree;
}

TEST(a_cache_as_an_operand_has_its_sources_above_it)
{
	static const char *const operands[] = {
		"p/__pycache__", "p/__pycache__/",       "link",
		"link/",         "./p/../p/__pycache__", "p/__pycache__/."
	};

	for (size_t i = 0; i < sizeof(operands) / sizeof(*operands); i++) {
		const struct tree *tree = package();

		assert_outcome(run(tree, scratch_format("-s %s", operands[i])), 0,
			       "Removed 1 file (*).\n", "");
		assert_true(tree_has(tree, "p/__pycache__/m.cpython-311.pyc"));
		assert_false(tree_has(tree, "p/__pycache__/gone.cpython-311.pyc"));
	}
}

/* `cd p/__pycache__; pyclean -s` */
TEST(a_cache_as_the_current_directory_has_its_sources_above_it)
{
	static const char *const operands[] = { "-v -s", "-v -s .", "-v -s ./" };

	for (size_t i = 0; i < sizeof(operands) / sizeof(*operands); i++) {
		const struct tree *tree = package();
		const char *directory = i == 0 ? "p/__pycache__" : "link";

		assert_outcome(run_at(tree, directory, operands[i]), 0,
			       "Kept m.cpython-311.pyc (matches its source)\n"
			       "Removed gone.cpython-311.pyc (source is gone)\n"
			       "Removed 1 file (*).\n",
			       "");
		assert_true(tree_has(tree, "p/__pycache__/m.cpython-311.pyc"));
	}
}

TEST(a_file_as_an_operand_is_judged_where_it_lies)
{
	const struct tree *tree = package();

	tree_add(tree, "p/gone.pyc");
	assert_outcome(
		run(tree, "-v -s p/__pycache__/m.cpython-311.pyc p/gone.pyc "
			  "p/__pycache__/gone.cpython-311.pyc"),
		0,
		"Kept p/__pycache__/m.cpython-311.pyc (matches its source)\n"
		"Removed p/gone.pyc (no source beside it)\n"
		"Removed p/__pycache__/gone.cpython-311.pyc (source is gone)\n"
		"Removed 2 files (*); 1 without a source beside it (see --keep-sourceless).\n",
		"");
	assert_outcome(run_at(tree, "p/__pycache__", "-v -s m.cpython-311.pyc"), 0,
		       "Kept m.cpython-311.pyc (matches its source)\nNothing to remove.\n", "");
}
