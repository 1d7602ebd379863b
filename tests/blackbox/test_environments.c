/* What `auto` stands for: the interpreter of a virtual environment, or python3. */

#include "tests.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** A python3 that leaves a mark where it is run. */
static const char script[] = "#!/bin/sh\necho asked >>\"${0%/*}/../log\"\necho cpython-310\n";

static void add_program(const struct tree *tree, const char *path, const char *text)
{
	tree_write(tree, path, text, strlen(text));
	tree_chmod(tree, path, 0755);
}

/** A tree with bin/python3, and what else is described. */
static const struct tree *tree_with(const char *const entries[])
{
	const struct tree *tree = tree_make(entries);

	tree_add(tree, "bin/");
	add_program(tree, "bin/python3", script);
	return tree;
}

#define TREE_WITH(...) tree_with(WORDS(__VA_ARGS__))

/** Adds an environment made by venv. */
static void add_environment(const struct tree *tree, const char *path, const char *version)
{
	const char *config = scratch_format("home = /usr/bin\nversion = %s.1\n", version);

	tree_add(tree, scratch_format("%s/lib/python%s/", path, version));
	tree_write(tree, scratch_format("%s/pyvenv.cfg", path), config, strlen(config));
}

/** Runs the program in a tree. @param path PATH's first directories. */
static const struct outcome *run_words_along(const struct tree *tree, const char *path,
					     const char *environment, const char *const arguments[])
{
	return RUN_PROGRAM(.cwd = tree->path, .arguments = arguments,
			   .environment =
				   WORDS(scratch_format("PATH=%s:/usr/bin:/bin", path),
					 environment ? scratch_format("VIRTUAL_ENV=%s", environment)
						     : "VIRTUAL_ENV"));
}

static const struct outcome *run_along(const struct tree *tree, const char *path,
				       const char *environment, const char *arguments)
{
	return run_words_along(tree, path, environment, split(arguments));
}

/** Runs the program in a tree with bin/python3. @param environment The activated one, or NULL. */
static const struct outcome *run_in(const struct tree *tree, const char *environment,
				    const char *arguments)
{
	return run_along(tree, tree_path(tree, "bin"), environment, arguments);
}

/** Asserts on what `auto` stood for, which the summary of a dry run tells. */
static void assert_auto(const struct outcome *outcome, const char *expected)
{
	assert_outcome(outcome, 0, scratch_format("Nothing to remove; only %s.\n", expected), "");
}

/** Asserts that nothing was run, that a path was named, and that nothing was touched. */
static void assert_refused(const struct tree *tree, struct tree_listing before,
			   const struct outcome *outcome, const char *named)
{
	assert_int_equal(outcome->status, 2);
	assert_string_equal(outcome->out, "");
	assert_ptr_equal(strstr(outcome->err, "pyclean: "), outcome->err);
	assert_non_null(strstr(outcome->err, "; name a version, e.g. --"));
	if (!strstr(outcome->err, scratch_format("'%s'\n", named))) {
		print_error("# '%s' is not named: %s\n", named, visible(outcome->err));
		fail();
	}
	assert_listing(before, tree_list(tree));
}

/* ---- What an environment tells -------------------------------------------------------------- */

/** An environment p/.venv, and its tag, or NULL if it does not tell one. */
struct example {
	const char *tag;
	/** The pyvenv.cfg, or NULL. */
	const char *config;
	const char *entries[4];
};

static const struct tree *tree_of(const struct example *example)
{
	const struct tree *tree = TREE_WITH("p/__pycache__/m.py");

	for (const char *const *entry = example->entries; *entry; entry++) {
		tree_add(tree, scratch_format("p/.venv/%s", *entry));
	}
	if (example->config) {
		tree_write(tree, "p/.venv/pyvenv.cfg", example->config, strlen(example->config));
	}
	/* Nothing in it is run. */
	if (tree_has(tree, "p/.venv")) {
		tree_add(tree, "p/.venv/bin/");
		add_program(tree, "p/.venv/bin/python3", script);
		add_program(tree, "p/.venv/bin/python", script);
	}
	return tree;
}

TEST(an_environment_tells_its_tag)
{
	static const struct example examples[] = {
		/* venv */
		{ "cpython-38", "home = /usr/bin\nversion = 3.8.20\n", { "lib/python3.8/" } },
		{ "cpython-313",
		  "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.13.1\n"
		  "executable = /usr/bin/python3.13\ncommand = /usr/bin/python3 -m venv /p/.venv\n",
		  { "lib/python3.13/", "lib64 -> lib" } },
		{ "cpython-314", "home = /x\nversion = 3.14.0\n", { "lib/python3.14t/" } },
		{ "cpython-315", "version = 3.15.0a1+\n", { NULL } },
		{ "pypy39", "home = /x\nversion = 3.9.16\n", { "lib/pypy3.9/" } },
		/* virtualenv */
		{ "cpython-311",
		  "home = /usr/bin\nimplementation = CPython\nversion_info = 3.11.2.final.0\n"
		  "virtualenv = 20.17.1\nversion = 3.11.2\nbase-prefix = /usr\n",
		  { "lib/python3.11/" } },
		{ "pypy310",
		  "home = /usr/bin\nimplementation = PyPy\nversion_info = 3.10.14.final.0\n",
		  { "lib/pypy3.10/" } },
		{ "pypy27", "implementation = PyPy\nversion_info = 2.7.18.final.0\n", { NULL } },
		{ "cpython-27", NULL, { "bin/activate", "lib/python2.7/site.py" } },
		/* uv */
		{ "cpython-312",
		  "home = /x\nimplementation = CPython\nuv = 0.5.1\n"
		  "version_info = 3.12\n",
		  { "lib/python3.12/" } },
		{ "cpython-313",
		  "implementation = CPython\nuv = 0.5.1\nversion_info = 3.13.0rc1\n",
		  { NULL } },
		/* conda */
		{ "cpython-312",
		  NULL,
		  { "conda-meta/history", "lib/python3.12/", "lib/python3.1 -> python3.12" } },
		/* Lines of all kinds. */
		{ "cpython-39", "home=/x\r\nversion=3.9.1\r\n", { NULL } },
		{ "cpython-39",
		  "\n = \n=\nversion\nversions = 3.1\nx = version = 3.2\n"
		  "\t version_info \t=\t 3.9 \nversion =\nversion = ?\n",
		  { NULL } },
		/* The version counts, whatever else there is. */
		{ "cpython-313", "version = 3.13.1\n", { "lib/python3.12/", "lib/python3.13/" } },
		{ "pypy310", "version = 3.10.14\n", { "lib/python3.12/", "lib/pypy3.10/" } },
		/* The directory alone. */
		{ "cpython-313", "home = /usr/bin\n", { "lib/python3.13/", "lib/python3.x/" } },
		{ "cpython-313", NULL, { "pyvenv.cfg|", "lib/python3.13/" } },
		{ "cpython-313", "", { "lib/python3.13t/", "lib/python3.13/", "lib/tcl8.6/" } },
		{ "cpython-314", "home = /usr/bin\n", { "lib/python3.14t/" } },
		{ "pypy310", "home = /usr/bin\n", { "lib/pypy3.10/" } },
		{ "cpython-312",
		  "implementation = CPython\n",
		  { "lib/pypy3.9/", "lib/python3.12/" } },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		const struct tree *tree = tree_of(&examples[i]);

		assert_auto(run_in(tree, NULL, "-nt auto p -i .venv"),
			    scratch_format("%s (auto: .venv)", examples[i].tag));
		assert_false(tree_has(tree, "log") || tree_has(tree, "p/.venv/log"));
	}
}

/* It would be wrong to go on with another interpreter. */
TEST(an_environment_that_does_not_tell_is_an_error)
{
	static const struct example examples[] = {
		{ NULL, "", { NULL } },
		{ NULL, "home = /usr/bin\n", { "lib/" } },
		{ NULL, "version = 3\n", { NULL } },
		{ NULL, "version = 3.\n", { NULL } },
		{ NULL, "version = 3.013\n", { NULL } },
		{ NULL, "version = 3.1234\n", { NULL } },
		{ NULL, "version = 03.13\n", { NULL } },
		{ NULL, "version = v3.13\n", { NULL } },
		{ NULL, "version_info = (3, 13, 0)\n", { NULL } },
		{ NULL, "home = /usr/bin\n", { "lib/python3.12/", "lib/python3.13/" } },
		{ NULL, "home = /usr/bin\n", { "lib/python3.9/", "lib/pypy3.9/" } },
		{ NULL, "home = /usr/bin\n", { "lib/python3.13" } },
		{ NULL, "home = /usr/bin\n", { "lib/python3.13 -> python3.12" } },
		/* It was made again with another Python, or the Python in `home` is another now. */
		{ NULL, "version = 3.12.1\n", { "lib/python3.13/" } },
		{ NULL, "version = 3.12.1\nversion_info = 3.13.1\n", { NULL } },
		{ NULL, "version = 3.12.1\nimplementation = PyPy\n", { "lib/python3.12/" } },
		/* The tag of these does not follow from the version. */
		{ NULL, "implementation = GraalVM\nversion_info = 3.11.7.final.0\n", { NULL } },
		{ NULL,
		  "implementation = GraalVM\nversion_info = 3.11.7\n",
		  { "lib/python3.11/" } },
		{ NULL, "version = 3.11.7\n", { "lib/python3.11/", "bin/graalpy" } },
		{ NULL, "version = 3.13.0\n", { "bin/rustpython" } },
		{ NULL, "version = 3.7.13\n", { "bin/pypy3" } },
		/* Its interpreter is gone. */
		{ NULL, "version = 3.7.13\n", { "bin/pypy3 -> nowhere/pypy3" } },
		/* What is no file. */
		{ NULL, NULL, { "pyvenv.cfg/" } },
		{ NULL, NULL, { "pyvenv.cfg -> nowhere", "lib/python3.13/" } },
		{ NULL, NULL, { "pyvenv.cfg -> real.cfg", "real.cfg", "lib/python3.13/" } },
		{ NULL, NULL, { "bin/activate", "lib/python2.7/", "lib/python3.6/" } },
		{ NULL, NULL, { "bin/activate" } },
		{ NULL, NULL, { "conda-meta/" } },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		const struct tree *tree = tree_of(&examples[i]);
		struct tree_listing before = tree_list(tree);

		assert_refused(tree, before, run_in(tree, "p/.venv", "-k auto p"), "p/.venv");
		assert_refused(tree, before, run_in(tree, NULL, "-t 3.9,auto ./p"), "./p/.venv");
		assert_refused(tree, before, run_in(tree, "p/.venv", "--check -k auto bin"),
			       "p/.venv");
		assert_refused(tree, before, run_in(tree, NULL, "-qk auto p/.venv"), "p/.venv/");
	}
}

TEST(an_environment_that_cannot_be_read_is_an_error)
{
	const struct tree *tree = TREE_WITH("p/m.pyc", "p/.venv -> .venv");

	assert_refused(tree, tree_list(tree), run_in(tree, NULL, "-k auto p"), "p/.venv");
}

TEST(an_environment_of_another_user_is_an_error)
{
	const struct tree *tree = TREE_WITH("p/m.pyc");
	struct tree_listing before;

	if (geteuid() == program_ordinary_user()) {
		skip_because("only root can be denied nothing");
	}
	add_environment(tree, "p/.venv", "3.13");
	tree_chmod(tree, "p/.venv", 0700);
	before = tree_list(tree);
	assert_refused(tree, before,
		       RUN_PROGRAM(.cwd = tree->path, .arguments = split("-k auto p"),
				   .as_ordinary_user = true),
		       "p/.venv");
}

/* ---- Which one ------------------------------------------------------------------------------ */

TEST(the_nearest_environment_counts)
{
	const struct tree *tree = TREE_WITH("p/");

	add_environment(tree, "active", "3.11");
	assert_auto(run_in(tree, "", "-nt auto p"), "cpython-310 (auto: python3)");
	assert_auto(run_in(tree, "active", "-nt auto p"), "cpython-311 (auto: VIRTUAL_ENV)");
	add_environment(tree, "p/venv", "3.12");
	assert_auto(run_in(tree, "active", "-nt auto p -i venv"), "cpython-312 (auto: venv)");
	add_environment(tree, "p/.venv", "3.13");
	assert_auto(run_in(tree, "active", "-nt auto p -i venv,.venv"),
		    "cpython-313 (auto: .venv)");
	add_environment(tree, "p", "3.14");
	assert_auto(run_in(tree, "active", "-nt auto p -i venv,.venv"),
		    "cpython-314 (auto: its environment)");
}

/* `pyclean -k auto src` in a project uses the project's, but nothing above the current directory. */
TEST(an_environment_above_counts_up_to_the_current_directory)
{
	static const char *const paths[] = { "src/pkg",      "./src/pkg/",  "src//pkg",
					     "src/pkg/m.py", "src/gone.py", "src/pkg/__pycache__",
					     "src",          "link" };
	const struct tree *tree =
		TREE_WITH("p/src/pkg/__pycache__/x.txt", "q/src/", "p/link -> src/pkg");
	const char *const inside[] = { "-nt", "auto", tree_path(tree, "p/src"), NULL };
	const char *const outside[] = { "-nt", "auto", tree_path(tree, "q/src"), NULL };
	const struct tree inner = { .path = tree_path(tree, "q"), .fd = tree->fd };
	const struct tree project = { .path = tree_path(tree, "p"), .fd = tree->fd };
	const char *path = tree_path(tree, "bin");

	add_environment(tree, ".venv", "3.11");
	add_environment(tree, "p/.venv", "3.13");
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		assert_auto(
			run_along(&project, path, NULL, scratch_format("-nt auto %s", paths[i])),
			"cpython-313 (auto: .venv)");
	}
	assert_auto(run_words_along(&project, path, NULL, inside), "cpython-313 (auto: .venv)");
	/* That of the PATH comes first. */
	add_environment(tree, "p/src/venv", "3.12");
	assert_auto(run_along(&project, path, NULL, "-nt auto src -i venv"),
		    "cpython-312 (auto: venv)");
	assert_auto(run_along(&project, path, NULL, "-nt auto src/pkg"),
		    "cpython-312 (auto: venv)");
	assert_auto(run_along(&project, path, NULL, "-nt auto src/venv"),
		    "cpython-312 (auto: its environment)");
	/* These do not lie in it. */
	assert_auto(run_along(&project, path, NULL, "-nt auto ../q/src"),
		    "cpython-310 (auto: python3)");
	assert_auto(run_along(&project, path, NULL, "-nt auto src/../../q/src"),
		    "cpython-310 (auto: python3)");
	assert_auto(run_words_along(&project, path, NULL, outside), "cpython-310 (auto: python3)");
	/* It may itself be one. */
	add_environment(tree, "q", "3.14");
	assert_auto(run_along(&inner, path, NULL, "-nt auto src"),
		    "cpython-314 (auto: its environment)");
	assert_auto(run_along(&inner, path, NULL, "-nt auto"),
		    "cpython-314 (auto: its environment)");
}

/* CPython's own library has a package venv, and some tools keep a file .venv. */
TEST(what_is_no_environment_does_not_count)
{
	static const char *const entries[] = {
		"p/venv/__init__.py",
		"p/.venv/",
		"p/.venv",
		"p/.venv -> ../bin/python3",
		"p/.venv -> nowhere",
		"p/.venv/lib/python3.13/",
		"p/venv|",
		"p/venv -> ../bin",
	};

	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		const struct tree *tree = TREE_WITH(entries[i]);

		assert_auto(run_in(tree, NULL, "-nt auto p"), "cpython-310 (auto: python3)");
	}
}

/* Only its files are read, so it does not matter where it is. */
TEST(an_environment_may_be_a_link)
{
	const struct tree *tree = TREE_WITH("p/.venv -> ../elsewhere");

	add_environment(tree, "elsewhere", "3.13");
	assert_auto(run_in(tree, NULL, "-nt auto p"), "cpython-313 (auto: .venv)");
}

TEST(an_activated_environment_must_be_one)
{
	const struct tree *tree = TREE_WITH("p/m.pyc", "empty/");
	struct tree_listing before = tree_list(tree);

	assert_refused(tree, before, run_in(tree, "gone", "-k auto p"), "gone");
	assert_refused(tree, before, run_in(tree, "empty", "-k auto p"), "empty");
	assert_refused(tree, before, run_in(tree, "p/m.pyc", "-k auto p"), "p/m.pyc");
}

/* `pyclean -k auto .venv`, too, must not drop what it uses. */
TEST(each_path_has_its_own)
{
	const struct tree *tree = TREE_WITH("c/__pycache__/");

	add_environment(tree, "a/.venv", "3.12");
	add_environment(tree, "b/venv", "3.13");
	for (int minor = 10; minor <= 13; minor++) {
		for (const char *path = "abc"; *path; path++) {
			tree_add(tree,
				 scratch_format("%c/__pycache__/m.cpython-3%d.pyc", *path, minor));
		}
		tree_add(tree, scratch_format("a/.venv/m/__pycache__/m.cpython-3%d.pyc", minor));
	}
	assert_last_line(run_in(tree, NULL, "-k auto -j4 a b c a/.venv a b/__pycache__"), 0,
			 "Removed 12 files (*); kept cpython-312 (auto: .venv), cpython-313 (auto: "
			 "venv), cpython-310 (auto: python3), cpython-312 (auto: its environment); "
			 "skipped 2 virtual environments (-v lists them).\n",
			 "");
	for (int minor = 10; minor <= 13; minor++) {
		static const struct {
			const char *directory;
			int minor;
		} kept[] = { { "a", 12 }, { "a/.venv/m", 12 }, { "b", 13 }, { "c", 10 } };

		for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
			assert_int_equal(
				tree_has(tree, scratch_format("%s/__pycache__/m.cpython-3%d.pyc",
							      kept[i].directory, minor)),
				minor == kept[i].minor);
		}
	}
}

/* That of the directory that it lies in. */
TEST(a_path_may_be_a_file_or_a_cache)
{
	static const char *const paths[] = { "p/__pycache__", "p/m.py", "p/m.pyc", "p/gone.py",
					     "./p/m.py" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const struct tree *tree = TREE_WITH("p/__pycache__/m.cpython-313.pyc", "p/m.py");

		add_environment(tree, "p/.venv", "3.13");
		tree_write(tree, "p/m.pyc", "\xf3\r\r\n0123456789ab\xe3", 17);
		assert_last_line(run_in(tree, NULL, scratch_format("-nk auto %s", paths[i])), 0,
				 "Nothing to remove; kept cpython-313 (auto: .venv).\n", "");
	}
}

/* The others have no need of it, and what is not cleaned has no environment. */
TEST(python3_is_run_once_at_most)
{
	const struct tree *tree = TREE_WITH("a/", "b/", "x/.git/", "x/.git/.venv/pyvenv.cfg");

	add_environment(tree, "p/.venv", "3.13");
	assert_int_equal(run_in(tree, NULL, "-nfk auto p gone p/.")->status, 0);
	assert_int_equal(run_in(tree, NULL, "-nk auto x/.git p gone")->status, 1);
	assert_false(tree_has(tree, "log"));
	assert_int_equal(run_in(tree, NULL, "-nk auto a p b")->status, 0);
	assert_string_equal(scratch_read(tree_path(tree, "log")), "asked\n");
}

/* ---- Nothing in a tree that is cleaned is run ----------------------------------------------- */

/** Asserts that a python3 in a tree is not run. @param path PATH, relative to the tree. */
static void assert_not_run(const struct tree *tree, const char *path, const char *arguments,
			   const char *python3)
{
	const char *along = path[0] == '/' ? tree_path(tree, path + 1) : path;

	assert_refused(tree, tree_list(tree), run_along(tree, along, NULL, arguments),
		       tree_path(tree, python3));
}

TEST(a_python3_in_a_path_is_not_run)
{
	const struct tree *tree = TREE_WITH(
		"p/m.pyc", "p/env/bin/", "p/links/python3 -> ../../bin/python3", "p/way -> ../bin",
		"to/python3 -> ../p/env/bin/python3", "dir -> p/env/bin", "in -> p/links",
		"link -> p", "q/__pycache__/", "loop/python3 -> ../loop/python3");

	add_program(tree, "p/env/bin/python3", script);
	add_program(tree, "q/__pycache__/python3", script);
	assert_not_run(tree, "/p/env/bin", "-k auto p", "p/env/bin/python3");
	assert_not_run(tree, "/p/env/bin", "-k auto bin p", "p/env/bin/python3");
	assert_not_run(tree, "/p/env/bin", "-t auto -a p/env/bin", "p/env/bin/python3");
	assert_not_run(tree, "/p/env/bin", "-k auto .", "p/env/bin/python3");
	assert_not_run(tree, "/p/env/bin/", "-nk auto link", "p/env/bin/python3");
	assert_not_run(tree, "p/env/bin", "-k auto p", "p/env/bin/python3");
	assert_not_run(tree, "./p/env/bin", "--check -k auto p", "p/env/bin/python3");
	/* What links in the tree lead to is the tree's choice as well. */
	assert_not_run(tree, "/p/links", "-k auto p", "p/links/python3");
	assert_not_run(tree, "/to", "-k auto p", "to/python3");
	assert_not_run(tree, "/in", "-k auto p", "p/links/python3");
	assert_not_run(tree, "/dir", "-k auto p", "p/env/bin/python3");
	assert_not_run(tree, "/dir", "-k auto p/env", "p/env/bin/python3");
	assert_not_run(tree, "/q/__pycache__", "-k auto q/__pycache__", "q/__pycache__/python3");
	/* Outside of it they do not matter. */
	assert_int_equal(run_in(tree, NULL, "-nk auto p q")->status, 0);
	assert_int_equal(run_along(tree, tree_path(tree, "dir"), NULL, "-nk auto q to")->status, 0);
	assert_int_equal(run_along(tree, tree_path(tree, "loop:bin"), NULL, "-nk auto q")->status,
			 0);
	assert_int_equal(run_along(tree, tree_path(tree, "p/way"), NULL, "-nk auto p")->status, 0);
}

/*
 * By the name "python3" it would find itself in PATH, and a pyvenv.cfg beside that directory, which
 * tells where the standard library is.
 */
TEST(a_python3_does_not_run_what_a_link_in_a_path_leads_to)
{
	static const char question[] = "import sys; print(sys.executable, end='\\0'); "
				       "print('python%d.%d' % sys.version_info[:2], end='')";
	const struct tree *tree = TREE_WITH("p/d/way -> ../../real", "p/d/evil/bin/");
	const char *config = scratch_format("home = %s\n", tree_path(tree, "p/d/evil/bin"));
	const char *library;
	const char *evil = "import posix; posix.mkdir('evil'); posix._exit(0)\n";
	const struct outcome *real;

	need_tool("python3");
	real = RUN_PROGRAM(.name = "python3", .cwd = tree->path,
			   .arguments = WORDS("-ISc", question));
	assert_int_equal(real->status, 0);
	library = scratch_format("p/d/evil/lib/%s", strchr(real->out, '\0') + 1);
	ADD(tree, scratch_format("%s/os.py", library), scratch_format("%s/lib-dynload/", library),
	    scratch_format("%s/encodings/", library));
	tree_write(tree, scratch_format("%s/encodings/__init__.py", library), evil, strlen(evil));
	tree_write(tree, "p/d/pyvenv.cfg", config, strlen(config));
	tree_add(tree, scratch_format("real/python3 -> %s", real->out));
	assert_int_equal(run_along(tree, tree_path(tree, "p/d/way"), NULL, "-nk auto p")->status,
			 0);
	assert_false(tree_has(tree, "evil"));
}

/* An empty entry of PATH, or ".", is the current directory: whatever project that is. */
TEST(a_python3_in_the_current_directory_is_not_run)
{
	static const char *const paths[] = { "", ".", "", "../p" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const struct tree *tree = TREE_WITH("p/m.pyc");
		struct tree_listing before;
		const struct outcome *outcome;

		add_program(tree, "p/python3", script);
		before = tree_list(tree);
		outcome = RUN_PROGRAM(.cwd = tree_path(tree, "p"), .arguments = split("-k auto"),
				      .environment = WORDS(
					      scratch_format("PATH=%s:/usr/bin:/bin", paths[i])));
		assert_int_equal(outcome->status, 2);
		assert_non_null(strstr(outcome->err, "python3'\n"));
		assert_listing(before, tree_list(tree));
	}
}

/* What cannot be run is passed over, as by a shell. */
TEST(the_first_python3_that_can_be_run_counts)
{
	const struct tree *tree = TREE_WITH("p/", "a/", "b/python3", "c/");

	tree_chmod(tree, "b/python3", 0644);
	assert_auto(run_along(tree,
			      scratch_format("%s:b:c:/nowhere:%s", tree_path(tree, "a"),
					     tree_path(tree, "bin")),
			      NULL, "-nt auto p"),
		    "cpython-310 (auto: python3)");
}

/* ---- Interruption --------------------------------------------------------------------------- */

/* As from a terminal, which sends it to both. */
TEST(a_signal_ends_the_question)
{
	static const char interrupting[] = "#!/bin/sh\nkill -INT $PPID $$\nexec sleep 1000\n";
	const struct tree *tree = TREE("p/m.pyc", "bin/");
	const struct outcome *outcome;

	if (program_is_wrapped()) {
		skip_because("the signal would go to the wrapper");
	}
	add_program(tree, "bin/python3", interrupting);
	outcome = run_in(tree, NULL, "-k auto p");
	assert_int_equal(outcome->signal, SIGINT);
	assert_string_equal(outcome->out, "Nothing removed; interrupted.\n");
	assert_string_equal(outcome->err, "");
	assert_true(tree_has(tree, "p/m.pyc"));
}
