/*
 * Real input: a slice of the standard library of the python3 on PATH, compiled as Python compiles.
 * Skipped, aloud, without one.
 */

#include "random_tree.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>

enum {
	/** A slice; compiling it takes a few seconds. */
	MODULES = 400,
	/** What one import needs. */
	FEW_MODULES = 150,
};

/** Runs python3 as if the user had set nothing; -B keeps it from writing into its own library. */
static const struct outcome *run_python(const struct tree *tree, const char *const arguments[])
{
	return RUN_PROGRAM(.name = "python3", .cwd = tree->path, .arguments = arguments,
			   .environment = WORDS("PYTHONDONTWRITEBYTECODE=1", "PYTHONPYCACHEPREFIX",
						"PYTHONPATH", "PYTHONHOME", "PYTHONOPTIMIZE",
						"PYTHONSTARTUP"));
}

#define PYTHON(tree, ...) run_python(tree, WORDS(__VA_ARGS__))

/** Prints how many modules it has copied: whole packages first, small modules, no caches. */
static const char copy_slice[] =
	"import os, shutil, sys, sysconfig\n"
	"source = sysconfig.get_path('stdlib')\n"
	"left = int(sys.argv[1])\n"
	"skipped = {'__pycache__', 'site-packages', 'dist-packages', 'test', 'tests', 'idlelib'}\n"
	"for top, directories, files in os.walk(source):\n"
	"    directories[:] = sorted(d for d in directories if d not in skipped)\n"
	"    target = os.path.join('lib', os.path.relpath(top, source))\n"
	"    for name in sorted(files):\n"
	"        path = os.path.join(top, name)\n"
	"        if name.endswith(('.so', '.a', '.pyc', '.pyo')) or os.path.getsize(path) > 60000:\n"
	"            continue\n"
	"        if name.endswith('.py'):\n"
	"            if left == 0:\n"
	"                continue\n"
	"            left -= 1\n"
	"        os.makedirs(target, exist_ok=True)\n"
	"        shutil.copyfile(path, os.path.join(target, name))\n"
	"print(int(sys.argv[1]) - left)\n";

/** Copies so many modules to lib/ in a new tree; skips the test where there is no python3. */
static const struct tree *tree_with_library(int modules)
{
	const struct tree *tree = TREE(NULL);
	const struct outcome *outcome =
		PYTHON(tree, "-c", copy_slice, scratch_format("%d", modules));

	if (outcome->status != 0) {
		broken("cannot copy the standard library: %s", outcome->err);
	}
	/* Some systems divide the library into packages. */
	if (strtol(outcome->out, NULL, 10) < modules) {
		skip_because("the whole of Python's standard library is not installed");
	}
	return tree;
}

/** Compiles the library, with two options: a level (-O, -OO) and a layout (-b), or -q for none. */
static void compile_library(const struct tree *tree, const char *level, const char *layout)
{
	const struct outcome *outcome =
		PYTHON(tree, level, "-m", "compileall", "-q", layout, "-j", "2", "lib");

	if (outcome->status != 0) {
		broken("cannot compile the standard library: %s%s", outcome->out, outcome->err);
	}
}

/** What find(1) takes for bytecode. */
static struct path_list found_bytecode(const struct tree *tree)
{
	const struct outcome *outcome =
		RUN_PROGRAM(.name = "find", .cwd = tree->path,
			    .arguments =
				    split("lib ( -name __pycache__ -o -name *.py[co] ) -print0"));

	assert_int_equal(outcome->status, 0);
	return paths_of_output(outcome->out, outcome->out_length);
}

/** Cleans a compiled library, and asserts that what find names has gone, and nothing else. */
static void assert_library_is_cleaned(const struct tree *tree, size_t least)
{
	struct tree_listing before = tree_list(tree);
	struct path_list bytecode = found_bytecode(tree);
	const struct outcome *dry = run(tree, "-nv0 lib");
	struct path_list listed = paths_of_output(dry->out, dry->out_length);
	const struct outcome *outcome;

	if (bytecode.count < least) {
		broken("only %zu bytecode files were made", bytecode.count);
	}
	assert_int_equal(dry->status, 0);
	assert_int_equal(dry->err_length, 0);
	assert_listing(before, tree_list(tree));
	/* find names what is in a cache as well: with -v, so does the program. */
	assert_int_equal(listed.count, bytecode.count);
	for (size_t i = 0; i < listed.count; i++) {
		assert_int_equal(
			strncmp(listed.paths[i], bytecode.paths[i], strlen(bytecode.paths[i])), 0);
	}
	outcome = run(tree, "-v0 lib");
	assert_int_equal(outcome->status, 0);
	assert_int_equal(outcome->err_length, 0);
	assert_int_equal(outcome->out_length, dry->out_length);
	assert_int_equal(found_bytecode(tree).count, 0);
	assert_listing(tree_listing_without(before, bytecode.paths, bytecode.count),
		       tree_list(tree));
	assert_outcome(run(tree, "--check lib"), 0, "Nothing to remove.\n", "");
}

/* All three levels in __pycache__: STEM.TAG.pyc, STEM.TAG.opt-1.pyc, STEM.TAG.opt-2.pyc. */
TEST(caches_of_all_levels_go)
{
	const struct tree *tree = tree_with_library(MODULES);

	compile_library(tree, "-q", "-q");
	compile_library(tree, "-O", "-q");
	compile_library(tree, "-OO", "-q");
	assert_library_is_cleaned(tree, (size_t)3 * MODULES);
}

/* compileall -b: the .pyc stands beside its source, as Python 2 had it. */
TEST(legacy_files_go)
{
	const struct tree *tree = tree_with_library(MODULES);

	compile_library(tree, "-q", "-b");
	assert_library_is_cleaned(tree, MODULES);
}

/* Nothing of worth is lost: Python makes a cache again when it imports. */
TEST(after_cleaning_an_import_makes_the_cache_again)
{
	/* colorsys imports nothing, so that nothing but its own cache is written. */
	static const char import_it[] = "import sys\n"
					"sys.path.insert(0, 'lib')\n"
					"sys.dont_write_bytecode = False\n"
					"import colorsys\n"
					"print(colorsys.__file__)\n";
	const struct tree *tree = tree_with_library(FEW_MODULES);
	struct tree_listing sources = tree_list(tree);
	const struct outcome *outcome;
	struct path_list bytecode;

	compile_library(tree, "-q", "-q");
	assert_int_equal(run(tree, "lib")->status, 0);
	assert_listing(sources, tree_list(tree));
	outcome = PYTHON(tree, "-S", "-c", import_it);
	assert_int_equal(outcome->status, 0);
	assert_non_null(strstr(outcome->out, "lib/colorsys.py\n"));
	bytecode = found_bytecode(tree);
	assert_int_equal(bytecode.count, 2);
	assert_string_equal(bytecode.paths[0], "lib/__pycache__");
	assert_ptr_equal(strstr(bytecode.paths[1], "lib/__pycache__/colorsys."), bytecode.paths[1]);
	assert_outcome(run(tree, "lib"), 0, "Removed 1 file and 1 directory (*).\n", "");
	assert_listing(sources, tree_list(tree));
}
