/*
 * --debris on what the tools themselves leave: it goes, nothing else does, and the tools make it
 * again. A tool that the python3 of PATH and that of the system lack skips its test.
 */

#include "tests.h"

#include <string.h>

/** Runs a script of sh in a tree, where $python is a Python that has a module. */
static const struct outcome *run_script(const struct tree *tree, const char *module,
					const char *script)
{
	static const char *const clean[] = { "PYTHONDONTWRITEBYTECODE=1",
					     "PYTHONPYCACHEPREFIX",
					     "PYTHONPATH",
					     "PYTHONHOME",
					     "COVERAGE_FILE",
					     "MYPY_CACHE_DIR",
					     "PYTEST_ADDOPTS",
					     NULL };
	const char *find = scratch_format("for python in python3 /usr/bin/python3; do\n"
					  "\"$python\" -c 'import %s' 2>/dev/null && break\n"
					  "python=\n"
					  "done\n"
					  "[ \"$python\" ] || exit 77\n"
					  "set -e\n"
					  "%s",
					  module, script);
	const struct outcome *outcome =
		RUN_PROGRAM(.name = "sh", .cwd = tree->path, .arguments = WORDS("-c", find),
			    .environment = clean);

	if (outcome->status == 77) {
		skip_because("%s for python3 is not installed", module);
	}
	if (outcome->status != 0) {
		print_error("%s\n%s\n%s\n", script, outcome->out, outcome->err);
	}
	assert_int_equal(outcome->status, 0);
	return outcome;
}

static void write_text(const struct tree *tree, const char *path, const char *text)
{
	tree_write(tree, path, text, strlen(text));
}

/** A project with a package and a test of it. */
static const struct tree *project(void)
{
	const struct tree *tree = TREE("README", "docs/build/index.html", "web/dist/app.js",
				       "web/build/lib/app.js", "web/package.json");

	write_text(tree, "shop/__init__.py", "def price(x: int) -> int:\n    return 2 * x\n");
	write_text(tree, "test_shop.py",
		   "import shop\ndef test_price():\n    assert shop.price(1) == 2\n");
	write_text(tree, "setup.py",
		   "from setuptools import setup\n"
		   "setup(name='shop', version='1.0', packages=['shop'])\n");
	return tree;
}

/**
 * Runs a tool, removes its debris, and runs it again.
 *
 * @param debris What the tool leaves, ended by NULL.
 */
static void check_tool(const char *module, const char *script, const char *option,
		       const char *const debris[])
{
	const struct tree *tree = project();
	struct tree_listing before = tree_list(tree);

	for (int i = 0; i < 2; i++) {
		run_script(tree, module, script);
		for (size_t at = 0; debris[at]; at++) {
			if (!tree_has(tree, debris[at])) {
				print_error("# %s left no %s\n", module, debris[at]);
			}
			assert_true(tree_has(tree, debris[at]));
		}
		expect_dry_run_tells(tree, option, __FILE__, __LINE__);
		assert_listing(before, tree_list(tree));
	}
}

#define DEBRIS(...) (WORDS(__VA_ARGS__))

TEST(the_cache_of_pytest)
{
	check_tool("pytest", "\"$python\" -m pytest -q", "-d", DEBRIS(".pytest_cache"));
}

TEST(the_cache_of_mypy)
{
	check_tool("mypy", "\"$python\" -m mypy shop", "-d", DEBRIS(".mypy_cache"));
}

TEST(the_data_and_reports_of_coverage)
{
	check_tool("coverage",
		   "\"$python\" -m coverage run test_shop.py\n"
		   "\"$python\" -m coverage run -p test_shop.py\n"
		   "\"$python\" -m coverage html\n"
		   "\"$python\" -m coverage xml\n"
		   "\"$python\" -m coverage json\n",
		   "--debris=coverage",
		   DEBRIS(".coverage", "htmlcov", "coverage.xml", "coverage.json"));
}

TEST(what_setuptools_builds)
{
	check_tool("setuptools, wheel", "\"$python\" setup.py -q sdist bdist_wheel",
		   "--debris=build",
		   DEBRIS("build/lib", "build", "dist/shop-1.0.tar.gz", "shop.egg-info"));
}
