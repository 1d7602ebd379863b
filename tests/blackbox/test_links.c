/* A PATH that is a symbolic link: followed, removed or left, by its own name. */

#include "tests.h"

/* `ln -s / x.pyc; pyclean *.pyc` must not clean the whole system. */
TEST(a_link_with_the_name_of_bytecode_is_removed)
{
	static const char *const names[] = { "x.pyc", "x.pyo", "x.pyc.12", "x$py.class" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct tree *tree = TREE("real/a.pyc", "real/__pycache__/b.pyc", "x.py");

		tree_add_link(tree, names[i], "real");
		assert_outcome(
			RUN(tree, "-n", names[i]), 0,
			scratch_format("Would remove %s\nWould remove 1 file (*).\n", names[i]),
			"");
		assert_outcome(RUN(tree, names[i]), 0, "Removed 1 file (*).\n", "");
		assert_tree(tree, "real/a.pyc", "real/__pycache__/b.pyc", "x.py");
	}
	assert_cleans("p/x.pyc ./p/y.pyc q/z.pyc", "real/a.pyc", "- p/x.pyc -> ../real",
		      "- p/y.pyc -> .", "q -> p", "- p/z.pyc -> x.pyc", "p/stay.pyc");
}

TEST(a_slash_after_it_cleans_what_it_leads_to)
{
	assert_cleans("x.pyc/", "x.pyc -> real", "real/", "- real/a.pyc",
		      "- real/__pycache__/b.pyc");
	assert_cleans("x.pyc//", "x.pyc -> y.pyc", "y.pyc -> real", "real/", "- real/a.pyc");
	assert_cleans("x.pyc/.", "x.pyc -> real", "real/", "- real/a.pyc");
	assert_cleans("__pycache__/", "__pycache__ -> real", "- real/a.pyc", "real/a.py");
	assert_cleans("m.py/", "m.py -> real", "real/", "- real/a.pyc", "m.pyc");
	assert_cleans("x.pyc/ x.pyc", "- x.pyc -> real", "real/", "- real/a.pyc");
}

TEST(a_slash_after_a_link_to_a_file_is_an_error)
{
	const struct tree *tree = TREE("x.pyc -> a.pyc", "a.pyc", "gone.pyc -> nowhere");

	assert_outcome(run(tree, "x.pyc/ gone.pyc/"), 1, "Nothing removed; 2 errors.\n",
		       "pyclean: cannot read 'x.pyc/': Not a directory\n"
		       "pyclean: cannot read 'gone.pyc/': No such file or directory\n");
	assert_tree(tree, "x.pyc -> a.pyc", "a.pyc", "gone.pyc -> nowhere");
}

/* Inside a tree it stays as well: it is no cache. */
TEST(a_link_with_the_name_of_a_cache_stays)
{
	const struct tree *tree =
		TREE("p/__pycache__ -> ../real", "real/a.pyc", "b.pyc", "__pycache__ -> nowhere");

	assert_outcome(run(tree, "p/__pycache__ b.pyc __pycache__"), 1,
		       "Removed 1 file (*); 2 errors.\n",
		       "pyclean: 'p/__pycache__' is a symbolic link; add a '/' to clean the "
		       "directory that it leads to\n"
		       "pyclean: '__pycache__' is neither a directory nor bytecode\n");
	assert_tree(tree, "p/__pycache__ -> ../real", "real/a.pyc", "__pycache__ -> nowhere");
}

/* `pyclean p/__pycache__/...` takes what lies there, a link itself and not what it leads to. */
TEST(a_link_in_a_cache_is_removed)
{
	assert_cleans("p/__pycache__/link p/__pycache__/m.py", "- p/__pycache__/link -> ../../real",
		      "- p/__pycache__/m.py -> ../../real", "real/a.pyc", "p/__pycache__/b.pyc");
	assert_cleans("p/__pycache__/link/", "p/__pycache__/link -> ../../real", "real/",
		      "- real/a.pyc", "p/__pycache__/b.pyc");
}

/* As any other link named so stands for the module of its own name: `pyclean *.py` follows none. */
TEST(a_link_with_the_name_of_a_source_is_a_module)
{
	assert_cleans("m.py", "m.py -> real", "real/a.pyc", "- m.pyc",
		      "- __pycache__/m.cpython-311.pyc");
}

TEST(any_other_link_to_a_directory_is_followed)
{
	assert_cleans("link", "link -> chain", "chain -> real", "real/", "- real/a.pyc", "b.pyc");
	assert_cleans("x.pyc.d", "x.pyc.d -> real", "real/", "- real/a.pyc");
}
