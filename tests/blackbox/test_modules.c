/* An operand that is a Python source: the bytecode of that module goes, and nothing else. */

#include "make_pyc.h"
#include "tests.h"

#include <string.h>

/** A package with two modules, each of them with all that Python makes of one. */
static const struct tree *package(void)
{
	return TREE("p/mod.py", "p/mod.pyc", "p/mod.pyo", "p/mod.pyc.123", "p/mod$py.class",
		    "p/__pycache__/mod.cpython-311.pyc", "p/__pycache__/mod.cpython-311.opt-1.pyc",
		    "p/__pycache__/mod.cpython-313t.opt-2.pyc", "p/__pycache__/mod.pypy39.pyc",
		    "p/__pycache__/mod.cpython-311-pytest-8.4.2.pyc",
		    "p/__pycache__/mod.cpython-311.pyc.140245", "p/__pycache__/mod.pyc",
		    "p/other.py", "p/other.pyc", "p/__pycache__/other.cpython-311.pyc");
}

/** What of that stays. */
#define assert_other_stays(tree, ...)                                                              \
 assert_tree(tree, "p/other.py", "p/other.pyc", "p/__pycache__/other.cpython-311.pyc", __VA_ARGS__)

TEST(a_modules_bytecode_goes_all_of_it)
{
	static const char *const operands[] = { "p/mod.py", "./p/mod.py", "p//mod.py" };

	assert_dry_run_tells(package(), "p/mod.py");
	for (size_t i = 0; i < sizeof(operands) / sizeof(*operands); i++) {
		const struct tree *tree = package();

		assert_outcome(run(tree, operands[i]), 0, "Removed 11 files (*).\n", "");
		assert_other_stays(tree, "p/mod.py");
	}
}

/* `cd p; pyclean mod.py`, as an editor might run it. */
TEST(a_module_of_the_current_directory_can_be_named)
{
	const struct tree *tree = TREE("mod.py", "mod.pyc", "__pycache__/mod.cpython-311.pyc");

	assert_outcome(run(tree, "-n mod.py"), 0,
		       "Would remove mod.pyc\n"
		       "Would remove __pycache__/mod.cpython-311.pyc\n"
		       "Would remove __pycache__/\n"
		       "Would remove 2 files and 1 directory (*).\n",
		       "");
	assert_outcome(RUN(tree, tree_path(tree, "mod.py")), 0,
		       "Removed 2 files and 1 directory (*).\n", "");
	assert_tree(tree, "mod.py");
}

TEST(a_module_may_have_another_source_than_py)
{
	assert_cleans("h.hy p/w.pyw", "h.hy", "- h.pyc", "- __pycache__/h.cpython-311.pyc",
		      "p/w.pyw", "- p/__pycache__/w.cpython-311.pyc", "hy.pyc", "p/x.pyc", "h.py",
		      "h$py.class");
}

/* After `git rm`, the name is all that there is to go by. Jython's may be the only copy. */
TEST(the_bytecode_of_a_module_that_is_gone_goes)
{
	const struct tree *tree = TREE("p/gone.pyc", "p/__pycache__/gone.cpython-311.pyc",
				       "q/__pycache__/gone.cpython-311.pyc", "q/gone$py.class");

	assert_outcome(run(tree, "p/gone.py"), 0, "Removed 2 files and 1 directory (*).\n", "");
	assert_outcome(run(tree, "-v q/gone.py"), 0,
		       "Removed q/__pycache__/gone.cpython-311.pyc\n"
		       "Removed q/__pycache__/\n"
		       "Kept q/gone$py.class (no source beside it)\n"
		       "Removed 1 file and 1 directory (*).\n",
		       "");
	assert_tree(tree, "p/", "q/gone$py.class");
}

/* The user has not asked about it. */
TEST(other_files_in_the_cache_are_not_reported)
{
	const struct tree *tree =
		TREE("m.py", "__pycache__/m.cpython-311.pyc", "__pycache__/n.cpython-311.pyc",
		     "__pycache__/notes.txt", "__pycache__/n.f-12.py311.nbi");

	assert_outcome(run(tree, "-v m.py"), 0,
		       "Removed __pycache__/m.cpython-311.pyc\nRemoved 1 file (*).\n", "");
	assert_outcome(run(tree, "-v -s m.py"), 0, "Nothing to remove.\n", "");
}

TEST(a_source_without_bytecode_is_no_error)
{
	const struct tree *tree = TREE("mod.py", "__pycache__/other.cpython-311.pyc");
	struct tree_listing before = tree_list(tree);

	assert_outcome(run(tree, "mod.py"), 0, "Nothing to remove.\n", "");
	assert_outcome(run(tree, "--check mod.py"), 0, "Nothing to remove.\n", "");
	assert_listing(before, tree_list(tree));
}

/* `pyclean m.py` after `git rm` may be run twice. Where a directory is missing, it is a mistake. */
TEST(nothing_of_a_module_is_nothing_to_remove)
{
	const struct tree *tree =
		TREE("mod.pyc", "mod.py", "x.pyc", "__pycache__/other.cpython-311.pyc");

	assert_outcome(run(tree, "gone.py"), 0, "Nothing to remove.\n", "");
	assert_outcome(run(tree, "--check gone.py ./__pycache__/gone.py"), 0,
		       "Nothing to remove.\n", "");
	assert_outcome(run(tree, "gone.py mod.py nowhere/x.py mod.py/x.py"), 1,
		       "Removed 1 file (*); 2 errors.\n",
		       "pyclean: cannot read 'nowhere/x.py': No such file or directory\n"
		       "pyclean: cannot read 'mod.py/x.py': Not a directory\n");
	assert_outcome(run(tree, "mod.py/"), 1, "Nothing removed; 1 error.\n",
		       "pyclean: cannot read 'mod.py/': Not a directory\n");
	assert_outcome(run(tree, "--check nowhere/gone.py"), 2, "Nothing to remove; 1 error.\n",
		       "pyclean: cannot read 'nowhere/gone.py': No such file or directory\n");
	assert_tree(tree, "mod.py", "x.pyc", "__pycache__/other.cpython-311.pyc");
}

/* One letter too much, and another module's bytecode is gone. */
TEST(modules_whose_names_begin_alike_stay)
{
	assert_cleans("mod.py", "mod.py", "- mod.pyc", "mod2.pyc", "mo.pyc", "xmod.pyc", "Mod.pyc",
		      "mod.x.pyc", "mod.cpython-311.pyc", "sub/mod.pyc",
		      "sub/__pycache__/mod.cpython-311.pyc", "- __pycache__/mod.cpython-311.pyc",
		      "__pycache__/mod2.cpython-311.pyc", "__pycache__/mod.x.cpython-311.pyc",
		      "__pycache__/mo.cpython-311.pyc", "__pycache__/xmod.cpython-311.pyc",
		      "__pycache__/mod", "__pycache__/mod.py", "__pycache__/sub/mod.pyc",
		      "__pycache__/__pycache__/mod.cpython-311.pyc", "mod2$py.class");
	assert_cleans("mod.x.py", "mod.x.py", "- mod.x.pyc", "mod.pyc", "x.pyc",
		      "- __pycache__/mod.x.cpython-311.pyc", "__pycache__/mod.cpython-311.pyc");
}

/* What only has such a name is not bytecode of it. */
TEST(what_is_no_file_stays)
{
	assert_cleans("mod.py", "mod.py", "mod.pyc/x", "mod.pyo|", "__pycache__",
		      "mod$py.class=", "- mod.pyc.1");
}

/* A module's own cache that is a link leads elsewhere. */
TEST(a_cache_that_is_a_link_is_not_followed)
{
	assert_cleans("mod.py", "mod.py", "__pycache__ -> elsewhere",
		      "elsewhere/mod.cpython-311.pyc",
		      "- mod.pyc -> elsewhere/mod.cpython-311.pyc");
}

/* Python names the cache after the name that it imports, not after what that leads to. */
TEST(a_source_that_is_a_link_stands_for_its_own_name)
{
	assert_cleans("link.py", "real/mod.py", "real/mod.pyc", "real/link.pyc",
		      "link.py -> real/mod.py", "mod.pyc", "- link.pyc",
		      "- __pycache__/link.cpython-311.pyc");
	assert_cleans("link.py", "link.py -> nowhere", "- link.pyc");
}

TEST(a_directory_with_such_a_name_is_a_directory)
{
	assert_cleans("mod.py", "mod.py/", "- mod.py/a.pyc", "- mod.py/__pycache__/b.pyc",
		      "mod.pyc", "__pycache__/mod.cpython-311.pyc");
	assert_cleans("mod.py/", "mod.py/a.py", "- mod.py/a.pyc", "mod.pyc");
}

/* The user has named it; that a directory below another one would be skipped does not matter. */
TEST(a_module_of_an_environment_can_be_named)
{
	assert_cleans("env/mod.py", "env/pyvenv.cfg", "env/mod.py", "- env/mod.pyc",
		      "env/other.pyc");
}

/* ---- Several -------------------------------------------------------------------------------- */

/* Each alone would leave the cache with something in it, also in a dry run. */
TEST(modules_of_one_directory_leave_its_cache_empty_together)
{
	static const char *const arguments[] = { "p/a.py p/b.py", "p/a.py ./p/b.py",
						 "link/b.py p/a.py", "p/b.py q/c.py p/a.py" };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree =
			TREE("p/__pycache__/a.cpython-311.pyc", "p/__pycache__/b.cpython-312.pyc",
			     "link -> p", "q/c.py");

		assert_last_line(run(tree, scratch_format("--check %s", arguments[i])), 1,
				 "Would remove 2 files and 1 directory (*).\n", "");
		assert_outcome(run(tree, arguments[i]), 0, "Removed 2 files and 1 directory (*).\n",
			       "");
		assert_tree(tree, "p/", "link -> p", "q/c.py");
	}
}

TEST(a_cache_that_was_empty_before_stays)
{
	assert_cleans("mod.py", "mod.py", "- mod.pyc", "__pycache__/");
}

/* A module is known by its directory and its name. */
TEST(a_module_given_twice_is_done_once)
{
	static const char *const arguments[] = { "p/a.py p/a.py", "p/a.py ./p//a.py link/a.py",
						 "link/a.py q p/a.py" };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree = TREE("p/a.py", "p/a.pyc", "link -> p", "q/",
					       "p/__pycache__/a.cpython-311.pyc");

		assert_last_line(run(tree, scratch_format("--check %s", arguments[i])), 1,
				 "Would remove 2 files and 1 directory (*).\n", "");
		assert_outcome(run(tree, arguments[i]), 0, "Removed 2 files and 1 directory (*).\n",
			       "");
		assert_tree(tree, "p/a.py", "link -> p", "q/");
	}
}

/* Each does in its turn what is left to do: what has gone by then is no error. */
TEST(a_module_and_what_it_lies_in_or_is_made_of_it_are_done_in_order)
{
	static const struct {
		const char *arguments;
		const char *left;
	} cases[] = {
		{ "p p/a.py", NULL },
		{ "p/a.py p", NULL },
		{ ". p/a.py", NULL },
		{ "p/a.py p/a.pyc", NULL },
		{ "p/a.pyc p/a.py", NULL },
		{ "p/a.py p/__pycache__", NULL },
		{ "p/__pycache__ p/a.py", NULL },
		{ "p/a.py p/__pycache__/a.cpython-311.pyc", NULL },
		{ "p/__pycache__/a.cpython-311.pyc p/a.py", "p/__pycache__/" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct tree *tree =
			TREE("p/a.py", "p/a.pyc", "p/__pycache__/a.cpython-311.pyc");

		assert_int_equal(
			run(tree, scratch_format("--check %s", cases[i].arguments))->status, 1);
		assert_outcome(run(tree, cases[i].arguments), 0,
			       scratch_format("Removed 2 files%s (*).\n",
					      cases[i].left ? "" : " and 1 directory"),
			       "");
		assert_tree(tree, "p/a.py", cases[i].left);
	}
}

/* Each is found among the others, whichever way their names and their stems sort. */
TEST(many_modules_of_one_directory_are_all_found)
{
	assert_cleans("p/a.py p/a.b.py p/a-b.py p/ab.py p/A.py ./p/a_b.py p/sub/a.py p/\xc3\xa9.py",
		      "p/sub/", "- p/a.pyc", "- p/a.b.pyc", "- p/a-b.pyc", "- p/ab.pyc",
		      "- p/A.pyc", "- p/a_b.pyc", "- p/sub/a.pyc", "- p/\xc3\xa9.pyc", "p/b.pyc",
		      "p/a.py.pyc", "p/sub/b.pyc", "p/abc.pyc");
}

/* A dry run must not take for gone what the same selection has kept. */
TEST(a_module_and_its_own_bytecode_that_stays_agree)
{
	assert_cleans("-t 3.11 pkg/__pycache__/a.cpython-310.pyc pkg/a.py", "pkg/a.py",
		      "pkg/__pycache__/a.cpython-310.pyc", "- pkg/__pycache__/a.cpython-311.pyc");
	assert_cleans("-t 3.11 pkg/__pycache__ pkg/a.py", "pkg/a.py",
		      "pkg/__pycache__/a.cpython-310.pyc", "- pkg/__pycache__/a.cpython-311.pyc");
}

/* What lies in a cache is of the sources above it, however many operands there are. */
TEST(a_source_in_a_cache_is_another_module_than_that_above_it)
{
	static const char *const arguments[] = { "__pycache__/m.py", "__pycache__/m.py sub",
						 "-t 3.11 __pycache__/m.py" };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree = TREE("m.py", "__pycache__/m.cpython-311.pyc", "sub/");

		assert_outcome(run(tree, arguments[i]), 0, "Nothing to remove.\n", "");
		assert_tree(tree, "m.py", "__pycache__/m.cpython-311.pyc", "sub/");
	}
}

/* What an outer operand does not enter, its module can still name. */
TEST(a_module_within_what_is_skipped_can_be_named_beside_it)
{
	static const char *const arguments[] = { ". env/m.py", "env/m.py .",
						 "env/m.py . env/m.py" };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree = TREE("env/pyvenv.cfg", "env/m.pyc", "env/n.pyc", "a.pyc");

		assert_outcome(run(tree, arguments[i]), 0,
			       "Removed 2 files (*); skipped 1 virtual environment "
			       "('pyclean env' cleans it).\n",
			       "");
		assert_tree(tree, "env/pyvenv.cfg", "env/n.pyc");
	}
}

/* ---- With the selections -------------------------------------------------------------------- */

TEST(the_selections_hold_for_modules)
{
	const struct tree *tree = TREE("p/a.py", "p/b.py", "p/__pycache__/b.cpython-310.pyc");

	PYC(tree, "p/__pycache__/a.cpython-311.pyc", .version = "3.11", .source = "p/a.py");
	PYC(tree, "p/__pycache__/a.cpython-312.pyc", .version = "3.12");
	PYC(tree, "p/__pycache__/a.cpython-310.pyc", .version = "3.10");
	PYC(tree, "p/gone.pyc", .version = "2.7");
	assert_outcome(run(tree, "-v -s -k 3.10 p/a.py"), 0,
		       "Kept p/__pycache__/a.cpython-311.pyc (matches its source)\n"
		       "Removed p/__pycache__/a.cpython-312.pyc (source has changed)\n"
		       "Kept p/__pycache__/a.cpython-310.pyc (cpython-310)\n"
		       "Removed 1 file (*).\n",
		       "");
	assert_outcome(run(tree, "-v --keep-sourceless p/gone.py"), 0,
		       "Kept p/gone.pyc (no source beside it)\nNothing to remove.\n", "");
	assert_outcome(run(tree, "-v -s p/gone.py"), 0,
		       "Removed p/gone.pyc (no source beside it)\nRemoved 1 file (*)"
		       "; 1 without a source beside it (see --keep-sourceless).\n",
		       "");
	assert_outcome(run(tree, "-v -t 3.11 p/a.py"), 0,
		       "Removed p/__pycache__/a.cpython-311.pyc (cpython-311)\n"
		       "Kept p/__pycache__/a.cpython-310.pyc (of another interpreter)\n"
		       "Removed 1 file (*).\n",
		       "");
}

/* ---- Jython --------------------------------------------------------------------------------- */

/* In the way of a stray .pyc, but only with the source from which Jython can make it again. */
TEST(jythons_classes_go_beside_their_sources)
{
	assert_cleans("", "m.py", "- m$py.class", "p/n.py", "- p/n$py.class", "gone$py.class",
		      "m.class", "m$inner.class", "$py.class", "Py.class", "d.py/", "d$py.class",
		      "l.py -> m.py", "- l$py.class -> m.py", "x$py.class/");
	assert_cleans("--stale", "m.py", "m$py.class", "- gone$py.class");
	assert_cleans("-t 3.11", "m.py", "m$py.class");
	assert_cleans("m$py.class gone$py.class", "m.py", "- m$py.class", "gone$py.class");
}

/* Their names tell no tag, and there is but one interpreter that has such names. */
TEST(jythons_classes_are_jythons)
{
	assert_cleans("-k 3.13", "m.py", "- m$py.class", "gone$py.class");
	assert_cleans("-t jython", "m.py", "- m$py.class", "gone$py.class", "m.pyc");
	assert_cleans("-k jython", "m.py", "m$py.class");
	/* Of which version, nobody knows. */
	assert_cleans("-k 3.13,jython-27", "m.py", "m$py.class");
	assert_cleans("-t jython-27", "m.py", "m$py.class");
	assert_outcome(
		run(TREE("m.py", "m$py.class", "l.py", "l$py.class -> m.py"), "-nv -t jython"), 0,
		"Would remove m$py.class (jython)\n"
		"Would remove l$py.class (jython)\n"
		"Would remove 2 files (*).\n",
		"");
}

/* Jython compares the time of the source with one in the class, which lies before the class's own. */
TEST(a_class_that_is_older_than_its_source_is_stale)
{
	static const struct {
		time_t seconds;
		long nanoseconds;
		const char *reason;
	} sources[] = {
		{ 1000000000, 500000001, "source is newer" },
		{ 1000000001, 0, "source is newer" },
		{ 1000000000, 500000000, "not older than its source" },
		{ 999999999, 900000000, "not older than its source" },
		/* In the year 2100 no file has been written yet. */
		{ 4102444800, 0, "not older than its source" },
	};

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		const struct tree *tree =
			TREE("m.py", "m.hy", "m$py.class", "l.py", "l$py.class -> nowhere");
		bool goes = strcmp(sources[i].reason, "source is newer") == 0;

		pyc_touch(tree, "m.py", sources[i].seconds, sources[i].nanoseconds);
		pyc_touch(tree, "m$py.class", 1000000000, 500000000);
		assert_outcome(run(tree, "-nv -s"), 0,
			       scratch_format("%s m$py.class (%s)\n"
					      "Kept l$py.class (symbolic link)\n%s",
					      goes ? "Would remove" : "Kept", sources[i].reason,
					      goes ? "Would remove 1 file (*).\n"
						   : "Nothing to remove.\n"),
			       "");
	}
}

TEST(verbose_tells_which_class_stays)
{
	const struct tree *tree = TREE("m.py", "m$py.class", "gone$py.class");

	assert_outcome(run(tree, "-nv"), 0,
		       "Would remove m$py.class\n"
		       "Kept gone$py.class (no source beside it)\n"
		       "Would remove 1 file (*).\n",
		       "");
	assert_outcome(
		run(tree, "-nv -s"), 0,
		"Kept m$py.class (not older than its source)\n"
		"Would remove gone$py.class (no source beside it)\n"
		"Would remove 1 file (*); 1 without a source beside it (see --keep-sourceless).\n",
		"");
}
