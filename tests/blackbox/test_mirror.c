/* PYTHONPYCACHEPREFIX and --prefix: a tree of bytecode that mirrors the sources', without caches. */

#include "pyc.h"
#include "tests.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** How the program is told of the mirror. */
static const struct outcome *run_with(const struct tree *tree, const char *variable,
				      const char *arguments)
{
	return program_run(&(const struct program){
		.cwd = tree->path,
		.arguments = split(arguments),
		.environment =
			(const char *const[]){ scratch_format("PYTHONPYCACHEPREFIX=%s", variable),
					       NULL },
	});
}

/** Where the mirror `mirror/` has what is made of a source of the tree. */
static const char *mirrored(const struct tree *tree, const char *path)
{
	char *real = realpath(tree->path, NULL);
	const char *result;

	if (!real) {
		broken("cannot resolve '%s'", tree->path);
	}
	result = scratch_format("mirror%s/%s", real, path);
	free(real);
	return result;
}

/** Sources, and a mirror with bytecode that is up to date, out of date, and without a source. */
static const struct tree *tree_with_mirror(void)
{
	const struct tree *tree = TREE("src/m.py", "src/sub/n.py", "mirror/");

	PYC(tree, mirrored(tree, "src/m.cpython-311.pyc"), .version = "3.11", .source = "src/m.py");
	PYC(tree, mirrored(tree, "src/m.cpython-312.opt-1.pyc"), .version = "3.12",
	    .source = "src/m.py", .later = 1);
	PYC(tree, mirrored(tree, "src/sub/n.cpython-311.pyc"), .version = "3.11",
	    .source = "src/sub/n.py", .longer = 1);
	PYC(tree, mirrored(tree, "gone/g.cpython-311.pyc"), .version = "3.11");
	return tree;
}

/* ---- Everything ----------------------------------------------------------------------------- */

/* What the README says of `pyclean "$PYTHONPYCACHEPREFIX"`; the root itself stays. */
static void all_goes_and_directories_left_empty_go_too(void **state)
{
	static const char *const arguments[] = { "mirror", "mirror/", "./mirror", "-j 1 mirror" };

	(void)state;
	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree = tree_with_mirror();

		assert_int_equal(run_with(tree, "mirror", arguments[i])->status, 0);
		assert_tree(tree, "src/m.py", "src/sub/n.py", "mirror/");
		tree = tree_with_mirror();
		assert_int_equal(
			run(tree, scratch_format("--prefix mirror %s", arguments[i]))->status, 0);
		assert_tree(tree, "src/m.py", "src/sub/n.py", "mirror/");
	}
}

static void each_directory_that_goes_is_told(void **state)
{
	const struct tree *tree = TREE("mirror/a/b/m.cpython-311.pyc", "mirror/a/n.cpython-311.pyc",
				       "mirror/c/x.cpython-311.opt-2.pyc", "mirror/c/notes.txt");
	static const char lines[] = "%s mirror/a/b/m.cpython-311.pyc\n"
				    "%s mirror/a/b/\n"
				    "%s mirror/a/n.cpython-311.pyc\n"
				    "%s mirror/a/\n"
				    "%s mirror/c/x.cpython-311.opt-2.pyc\n";
	static const char would[] = "Would remove";
	static const char did[] = "Removed";
	const char *expected = scratch_format(lines, would, would, would, would, would);

	(void)state;
	assert_outcome(run(tree, "-n --prefix=mirror mirror"), 0,
		       scratch_format("%sWould remove 3 files and 2 directories (*).\n", expected),
		       "");
	expected = scratch_format(lines, did, did, did, did, did);
	assert_outcome(run(tree, "-v --prefix=mirror mirror"), 0,
		       scratch_format("%sKept mirror/c/notes.txt (not bytecode)\n"
				      "Removed 3 files and 2 directories (*).\n",
				      expected),
		       "");
	assert_tree(tree, "mirror/c/notes.txt");
}

/* Without the variable it is a tree like any other, as it was before there was --prefix. */
static void without_a_prefix_the_directories_stay(void **state)
{
	(void)state;
	assert_cleans("mirror", "mirror/a/b/", "- mirror/a/b/m.cpython-311.pyc");
}

/* Nobody asked for these: a mount point, or what somebody has made to be filled later. */
static void directories_that_were_empty_before_stay(void **state)
{
	(void)state;
	assert_cleans("--prefix mirror mirror", "mirror/empty/", "mirror/a/empty/",
		      "- mirror/a/m.pyc", "- mirror/b/c/m.pyc", "mirror/d/e/f/");
}

static void what_is_not_bytecode_stays_and_what_leads_to_it(void **state)
{
	(void)state;
	assert_cleans("--prefix mirror mirror", "mirror/a/notes.txt",
		      "- mirror/a/m.cpython-311.pyc", "mirror/b/link -> ../a",
		      "- mirror/b/link.pyc -> ../a/notes.txt", "mirror/c/pipe.pyc|",
		      "- mirror/c/d/m.pyc.12", "- mirror/f.py/m.cpython-311.pyc", "outside.pyc");
}

/* It mirrors the whole file system: an environment's name, or its pyvenv.cfg, says nothing there. */
static void environments_are_entered_and_repositories_are_not(void **state)
{
	const struct tree *tree =
		TREE("mirror/home/.git/hooks/h.cpython-311.pyc", "mirror/.git/x.pyc",
		     "mirror/home/node_modules/gyp/g.cpython-311.pyc",
		     "mirror/home/.tox/py/t.cpython-311.pyc", "mirror/home/ignored/i.pyc");

	(void)state;
	assert_outcome(run(tree, "-v -i ignored --prefix mirror mirror"), 0,
		       "Skipped mirror/home/.git/ (version control)\n"
		       "Skipped mirror/.git/ (version control)\n"
		       "Removed mirror/home/node_modules/gyp/g.cpython-311.pyc\n"
		       "Removed mirror/home/node_modules/gyp/\n"
		       "Removed mirror/home/node_modules/\n"
		       "Removed mirror/home/.tox/py/t.cpython-311.pyc\n"
		       "Removed mirror/home/.tox/py/\n"
		       "Removed mirror/home/.tox/\n"
		       "Skipped mirror/home/ignored/ (ignored)\n"
		       "Removed 2 files and 4 directories (*).\n",
		       "");
	assert_tree(tree, "mirror/home/.git/hooks/h.cpython-311.pyc", "mirror/.git/x.pyc",
		    "mirror/home/ignored/i.pyc");
}

/* ---- Less than everything ------------------------------------------------------------------- */

/* The path below the prefix is that of the source's directory. */
static void stale_finds_the_sources_by_the_path_below_the_prefix(void **state)
{
	const struct tree *tree = tree_with_mirror();
	const char *below = mirrored(tree, "");

	(void)state;
	assert_outcome(run_with(tree, tree_path(tree, "mirror"), "-v --stale mirror"), 0,
		       scratch_format("Kept %ssrc/m.cpython-311.pyc (matches its source)\n"
				      "Removed %ssrc/m.cpython-312.opt-1.pyc (source has changed)\n"
				      "Removed %ssrc/sub/n.cpython-311.pyc (source has changed)\n"
				      "Removed %ssrc/sub/\n"
				      "Removed %sgone/g.cpython-311.pyc (source is gone)\n"
				      "Removed %sgone/\n"
				      "Removed 3 files and 2 directories (*).\n",
				      below, below, below, below, below, below),
		       "");
	assert_true(tree_has(tree, mirrored(tree, "src/m.cpython-311.pyc")));
}

static void the_tags_hold_in_a_mirror(void **state)
{
	(void)state;
	assert_cleans("--prefix mirror -k 3.11 mirror", "mirror/a/m.cpython-311.pyc",
		      "- mirror/a/m.cpython-312.pyc", "- mirror/b/m.pypy39.pyc",
		      "mirror/c/m.cpython-311.opt-1.pyc");
}

static void a_dry_run_lists_what_a_run_removes(void **state)
{
	static const char *const arguments[] = { "",        "-s",         "-s -j 1",
						 "-t 3.11", "-k 3.11 -s", "--keep-sourceless" };

	(void)state;
	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree = tree_with_mirror();

		tree_add(tree, "mirror/empty/");
		tree_add(tree, mirrored(tree, "src/notes.txt"));
		assert_dry_run_tells(tree,
				     scratch_format("--prefix mirror mirror %s", arguments[i]));
	}
}

/* A part of the mirror: its sources are still those of the path below the prefix. */
static void an_operand_below_the_prefix_is_a_part_of_the_mirror(void **state)
{
	const struct tree *tree = tree_with_mirror();
	const char *part = mirrored(tree, "src");

	(void)state;
	assert_outcome(RUN(tree, "-s", "--prefix", "mirror", part), 0,
		       "Removed 2 files and 1 directory (*).\n", "");
	assert_true(tree_has(tree, mirrored(tree, "src/m.cpython-311.pyc")));
	assert_true(tree_has(tree, mirrored(tree, "gone/g.cpython-311.pyc")));
	assert_outcome(RUN(tree, "-v", "-s", "--prefix", "mirror",
			   mirrored(tree, "src/m.cpython-311.pyc")),
		       0,
		       scratch_format("Kept %s (matches its source)\nNothing to remove.\n",
				      mirrored(tree, "src/m.cpython-311.pyc")),
		       "");
	/* Named itself, it stays: so does any operand that is a directory. */
	assert_outcome(RUN(tree, "--prefix", "mirror", mirrored(tree, "gone")), 0,
		       "Removed 1 file (*).\n", "");
	assert_true(tree_has(tree, mirrored(tree, "gone")));
}

/* The mirror is one thing, the sources' own caches are another. */
static void what_is_not_below_the_prefix_is_cleaned_as_ever(void **state)
{
	const struct tree *tree = tree_with_mirror();

	(void)state;
	PYC(tree, "src/__pycache__/m.cpython-311.pyc", .version = "3.11", .source = "src/m.py");
	PYC(tree, "src/gone.pyc", .version = "3.11");
	tree_add(tree, "src/empty/");
	assert_outcome(run_with(tree, "mirror", "-s src"), 0, "Removed 1 file (*).\n", "");
	assert_outcome(run_with(tree, "mirror", "src"), 0, "Removed 1 file and 1 directory (*).\n",
		       "");
	assert_true(tree_has(tree, mirrored(tree, "gone/g.cpython-311.pyc")));
	assert_true(tree_has(tree, "src/empty"));
}

static void the_prefix_may_be_relative_or_a_link(void **state)
{
	static const char *const prefixes[] = { "mirror", "./mirror/", "src/../mirror", "link" };

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		const struct tree *tree = tree_with_mirror();

		tree_add(tree, "link -> mirror");
		assert_outcome(run_with(tree, prefixes[i], "-s mirror"), 0,
			       "Removed 3 files and 2 directories (*).\n", "");
		tree = tree_with_mirror();
		tree_add(tree, "link -> mirror");
		assert_outcome(RUN(tree, "-s", "--prefix", prefixes[i], "link"), 0,
			       "Removed 3 files and 2 directories (*).\n", "");
	}
}

/* The command line has the last word, as everywhere. */
static void the_option_stands_above_the_variable(void **state)
{
	const struct tree *tree = TREE("one/a/m.pyc", "two/a/m.pyc");

	(void)state;
	assert_outcome(run_with(tree, "one", "--prefix two one two"), 0,
		       "Removed 2 files and 1 directory (*).\n", "");
	assert_tree(tree, "one/a/", "two/");
}

/* A directory there may have any name that a directory of sources has. */
static void a_directory_whose_name_ends_like_a_caches_is_none(void **state)
{
	const struct tree *tree = TREE("my__pycache__/m.py", "mirror/");

	(void)state;
	PYC(tree, mirrored(tree, "my__pycache__/m.cpython-311.pyc"), .version = "3.11",
	    .source = "my__pycache__/m.py");
	assert_outcome(run(tree, "-s --prefix mirror mirror"), 0, "Nothing to remove.\n", "");
}

/* PYTHONPYCACHEPREFIX=/tmp: what lies beside its sources is a project, and no mirror. */
static void sources_below_the_prefix_are_no_mirror(void **state)
{
	const struct tree *tree = TREE("p/m.py", "p/env/pyvenv.cfg", "p/env/a.pyc", "p/only/");

	(void)state;
	PYC(tree, "p/m.pyc", .version = "3.11", .source = "p/m.py");
	assert_outcome(
		run_with(tree, tree->path, "-s p"), 0,
		"Nothing to remove; skipped 1 virtual environment ('pyclean p/env' cleans it).\n",
		"");
	assert_outcome(
		run_with(tree, tree->path, "p"), 0,
		"Removed 1 file (*); skipped 1 virtual environment ('pyclean p/env' cleans it).\n",
		"");
	assert_tree(tree, "p/m.py", "p/env/pyvenv.cfg", "p/env/a.pyc", "p/only/");
}

/* However deep the first of what Python puts into no mirror lies, and above it as well. */
static void a_project_of_directories_alone_is_no_mirror(void **state)
{
	(void)state;
	assert_cleans("--prefix . .", "env/pyvenv.cfg", "env/lib/only_copy.pyc",
		      "node_modules/m/g.cpython-311.pyc", ".tox/py/z.cpython-311.pyc", "src/",
		      "- src/a.cpython-311.pyc");
	assert_cleans("--prefix . p", "p/src/a/m.py", "p/.tox/py/z.cpython-311.pyc", "p/b/",
		      "- p/b/m.cpython-311.pyc");
	assert_cleans("--prefix . p", "p/a/", "- p/a/__pycache__/m.cpython-311.pyc",
		      "p/node_modules/m/g.cpython-311.pyc", "p/b/", "- p/b/m.cpython-311.pyc");
	assert_cleans("--prefix . p/lib", "p/setup.py", "p/lib/a/", "- p/lib/a/m.pyc",
		      "p/lib/node_modules/m/g.cpython-311.pyc");
	assert_cleans("--prefix . -s p/lib/m.cpython-311.pyc p/lib/x", "p/setup.py",
		      "p/lib/m.cpython-311.pyc", "p/lib/x/m.cpython-311.pyc");
}

/* Its source is elsewhere: what is named is where that would be in the tree. */
static void a_module_of_a_mirror_can_be_named(void **state)
{
	(void)state;
	assert_cleans("--prefix mirror mirror/a/m.py", "- mirror/a/m.cpython-311.pyc",
		      "- mirror/a/m.pypy39.pyc", "mirror/a/n.cpython-311.pyc");
}

static void put_source_at_the_bottom(int fd, int level)
{
	if (level == 40 && symlinkat("t", fd, "m.py") != 0) {
		broken("cannot make a source at level %d", level);
	}
}

/* Some nftw(3) stop descending without a word: this has to be seen with any C library. */
static void a_source_forty_levels_down_makes_a_project(void **state)
{
	const struct tree *tree = TREE("pre/p/node_modules/x.cpython-311.pyc");
	const struct tree project = { tree_path(tree, "pre/p"),
				      openat(tree->fd, "pre/p", O_RDONLY | O_DIRECTORY) };

	(void)state;
	tree_add_chain(&project, "d", 40, put_source_at_the_bottom);
	close(project.fd);
	assert_outcome(run(tree, "--prefix pre pre/p"), 0,
		       "Nothing to remove; skipped 1 directory "
		       "('pyclean -a pre/p/node_modules' cleans it).\n",
		       "");
}

/* What a desktop or a tool leaves behind is no sign of a project. */
static void other_files_make_no_project_of_a_mirror(void **state)
{
	(void)state;
	assert_cleans("-s --prefix mirror mirror", "mirror/.DS_Store", "mirror/CACHEDIR.TAG",
		      "mirror/a/Thumbs.db", "- mirror/a/m.cpython-311.pyc",
		      "- mirror/b/c/m.cpython-311.pyc");
}

/* ---- What is no prefix ---------------------------------------------------------------------- */

/* The variable is Python's: what it says there is nobody's mistake here. */
static void a_variable_that_leads_nowhere_is_ignored(void **state)
{
	static const char *const variables[] = { "", "nowhere", "file.txt", "dangling" };

	(void)state;
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const struct tree *tree = TREE("p/__pycache__/m.cpython-311.pyc", "p/a/n.pyc",
					       "file.txt", "dangling -> nowhere");

		assert_outcome(run_with(tree, variables[i], "p"), 0,
			       "Removed 2 files and 1 directory (*).\n", "");
		assert_true(tree_has(tree, "p/a"));
	}
}

static void a_prefix_that_is_no_directory_is_a_usage_error(void **state)
{
	static const char *const prefixes[] = { "", "nowhere", "dangling", "file.txt",
						"file.txt/x" };

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		const struct tree *tree = TREE("a.pyc", "file.txt", "dangling -> nowhere");
		struct tree_listing before = tree_list(tree);
		const struct outcome *outcome = RUN(tree, "--prefix", prefixes[i]);

		assert_int_equal(outcome->status, 2);
		assert_int_equal(outcome->out_length, 0);
		assert_non_null(strstr(outcome->err, "--prefix"));
		assert_listing(before, tree_list(tree));
	}
}

/* ---- Depth ---------------------------------------------------------------------------------- */

static void put_bytecode(int fd, int level)
{
	if (level % 100 == 0 && (mkdirat(fd, "x", 0755) != 0 || symlinkat("t", fd, "m.pyc") != 0 ||
				 symlinkat("t", fd, "x/m.cpython-311.pyc") != 0)) {
		broken("cannot make bytecode at level %d", level);
	}
}

static int open_mirror(const struct tree *tree)
{
	int fd = openat(tree->fd, "mirror", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		broken("cannot open the mirror");
	}
	return fd;
}

/* No path leads there, and none to a source: none is there, or it cannot be told. */
static void a_mirror_may_be_deeper_than_any_path(void **state)
{
	const int levels = tests_are_slow() ? 400 : 1200;
	const struct tree *tree = TREE("mirror/");
	const struct tree mirror = { tree_path(tree, "mirror"), open_mirror(tree) };
	const struct outcome *outcome;

	(void)state;
	tree_add_chain(&mirror, "seven77", levels, put_bytecode);
	outcome = run(tree, "-q -s --prefix mirror mirror");
	assert_int_equal(outcome->signal, 0);
	assert_in_range(outcome->status, 0, 1);
	outcome = program_run(&(const struct program){ .cwd = tree->path,
						       .arguments = split("--prefix mirror mirror"),
						       .max_stack = 256 * 1024 });
	assert_int_equal(outcome->status, 0);
	assert_int_equal(outcome->err_length, 0);
	assert_tree(tree, "mirror/");
	close(mirror.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_goes_and_directories_left_empty_go_too),
		TEST(each_directory_that_goes_is_told),
		TEST(without_a_prefix_the_directories_stay),
		TEST(directories_that_were_empty_before_stay),
		TEST(what_is_not_bytecode_stays_and_what_leads_to_it),
		TEST(environments_are_entered_and_repositories_are_not),
		TEST(stale_finds_the_sources_by_the_path_below_the_prefix),
		TEST(the_tags_hold_in_a_mirror),
		TEST(a_dry_run_lists_what_a_run_removes),
		TEST(an_operand_below_the_prefix_is_a_part_of_the_mirror),
		TEST(what_is_not_below_the_prefix_is_cleaned_as_ever),
		TEST(the_prefix_may_be_relative_or_a_link),
		TEST(the_option_stands_above_the_variable),
		TEST(a_directory_whose_name_ends_like_a_caches_is_none),
		TEST(sources_below_the_prefix_are_no_mirror),
		TEST(a_project_of_directories_alone_is_no_mirror),
		TEST(a_module_of_a_mirror_can_be_named),
		TEST(a_source_forty_levels_down_makes_a_project),
		TEST(other_files_make_no_project_of_a_mirror),
		TEST(a_variable_that_leads_nowhere_is_ignored),
		TEST(a_prefix_that_is_no_directory_is_a_usage_error),
		TEST(a_mirror_may_be_deeper_than_any_path),
	};

	return RUN_TESTS(tests);
}
