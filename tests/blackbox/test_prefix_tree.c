/* PYTHONPYCACHEPREFIX and --prefix: the cache-prefix tree, which has no caches. */

#include "make_pyc.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Runs the program with PYTHONPYCACHEPREFIX set. */
static const struct outcome *run_with(const struct tree *tree, const char *variable,
				      const char *arguments)
{
	return RUN_PROGRAM(.cwd = tree->path, .arguments = split(arguments),
			   .environment =
				   WORDS(scratch_format("PYTHONPYCACHEPREFIX=%s", variable)));
}

/** Where the prefix tree `cache/` has what is made of a source of the tree. */
static const char *cached(const struct tree *tree, const char *path)
{
	char *real = realpath(tree->path, NULL);
	const char *result;

	if (!real) {
		broken("cannot resolve '%s'", tree->path);
	}
	result = scratch_format("cache%s/%s", real, path);
	free(real);
	return result;
}

/** Sources, and a prefix tree with bytecode that is up to date, out of date, and without a source. */
static const struct tree *tree_with_prefix(void)
{
	const struct tree *tree = TREE("src/m.py", "src/sub/n.py", "cache/");

	PYC(tree, cached(tree, "src/m.cpython-311.pyc"), .version = "3.11", .source = "src/m.py");
	PYC(tree, cached(tree, "src/m.cpython-312.opt-1.pyc"), .version = "3.12",
	    .source = "src/m.py", .later = 1);
	PYC(tree, cached(tree, "src/sub/n.cpython-311.pyc"), .version = "3.11",
	    .source = "src/sub/n.py", .longer = 1);
	PYC(tree, cached(tree, "gone/g.cpython-311.pyc"), .version = "3.11");
	return tree;
}

/* ---- Everything ----------------------------------------------------------------------------- */

/* Or debris in it would not be kept. A tree that does not exist holds none. */
TEST(nothing_goes_if_the_tree_cannot_be_looked_up)
{
	const struct tree *tree = TREE("a.pyc", ".mypy_cache/CACHEDIR.TAG");
	const char *path = scratch_repeat('n', 5000);
	const struct outcome *refused;

	refused = run_with(tree, path, "--debris=all");
	assert_int_equal(refused->status, 2);
	assert_string_equal(refused->out, "");
	/* C libraries put the reason in different words. */
	assert_non_null(strstr(refused->err, scratch_format("): '%s'", path)));
	assert_tree(tree, "a.pyc", ".mypy_cache/CACHEDIR.TAG");
	assert_outcome(run_with(tree, "a.pyc/none", ""), 0, "Removed 1 file (*).\n", "");
}

/* What the README says of `pyclean "$PYTHONPYCACHEPREFIX"`; the root itself stays. */
TEST(all_goes_and_directories_left_empty_go_too)
{
	static const char *const arguments[] = { "cache", "cache/", "./cache", "-j 1 cache" };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree = tree_with_prefix();

		assert_int_equal(run_with(tree, "cache", arguments[i])->status, 0);
		assert_tree(tree, "src/m.py", "src/sub/n.py", "cache/");
		tree = tree_with_prefix();
		assert_int_equal(
			run(tree, scratch_format("--prefix cache %s", arguments[i]))->status, 0);
		assert_tree(tree, "src/m.py", "src/sub/n.py", "cache/");
	}
}

TEST(each_directory_that_goes_is_told)
{
	const struct tree *tree = TREE("cache/a/b/m.cpython-311.pyc", "cache/a/n.cpython-311.pyc",
				       "cache/c/x.cpython-311.opt-2.pyc", "cache/c/notes.txt");
	static const char lines[] = "%s cache/a/b/m.cpython-311.pyc\n"
				    "%s cache/a/b/\n"
				    "%s cache/a/n.cpython-311.pyc\n"
				    "%s cache/a/\n"
				    "%s cache/c/x.cpython-311.opt-2.pyc\n";
	static const char would[] = "Would remove";
	static const char did[] = "Removed";
	const char *expected = scratch_format(lines, would, would, would, would, would);

	assert_outcome(run(tree, "-n --prefix=cache cache"), 0,
		       scratch_format("%sWould remove 3 files and 2 directories (*).\n", expected),
		       "");
	expected = scratch_format(lines, did, did, did, did, did);
	assert_outcome(run(tree, "-v --prefix=cache cache"), 0,
		       scratch_format("%sRemoved 3 files and 2 directories (*).\n", expected), "");
	assert_tree(tree, "cache/c/notes.txt");
}

/* Without the variable it is a tree like any other, as it was before there was --prefix. */
TEST(without_a_prefix_the_directories_stay)
{
	assert_cleans("cache", "cache/a/b/", "- cache/a/b/m.cpython-311.pyc");
}

/* Nobody asked for these: a mount point, or what somebody has made to be filled later. */
TEST(directories_that_were_empty_before_stay)
{
	assert_cleans("--prefix cache cache", "cache/empty/", "cache/a/empty/", "- cache/a/m.pyc",
		      "- cache/b/c/m.pyc", "cache/d/e/f/");
}

TEST(what_is_not_bytecode_stays_and_what_leads_to_it)
{
	assert_cleans("--prefix cache cache", "cache/a/notes.txt", "- cache/a/m.cpython-311.pyc",
		      "cache/b/link -> ../a", "- cache/b/link.pyc -> ../a/notes.txt",
		      "cache/c/pipe.pyc|", "- cache/c/d/m.pyc.12", "- cache/f.py/m.cpython-311.pyc",
		      "outside.pyc");
}

/* It may hold caches of any directory: names say nothing there, save those of repositories. */
TEST(names_that_are_skipped_by_default_mean_nothing)
{
	const struct tree *tree =
		TREE("cache/home/.git/hooks/h.cpython-311.pyc", "cache/.git/x.pyc",
		     "cache/home/node_modules/gyp/g.cpython-311.pyc",
		     "cache/home/.tox/py/t.cpython-311.pyc", "cache/.direnv/d.cpython-311.pyc",
		     "cache/home/ignored/i.pyc", "cache/home/ignored.pyc");

	assert_outcome(run(tree, "-v -i ignored -i ignored.pyc --prefix cache cache"), 0,
		       "Skipped cache/home/.git/ (version control)\n"
		       "Skipped cache/.git/ (version control)\n"
		       "Removed cache/home/node_modules/gyp/g.cpython-311.pyc\n"
		       "Removed cache/home/node_modules/gyp/\n"
		       "Removed cache/home/node_modules/\n"
		       "Removed cache/home/.tox/py/t.cpython-311.pyc\n"
		       "Removed cache/home/.tox/py/\n"
		       "Removed cache/home/.tox/\n"
		       "Removed cache/.direnv/d.cpython-311.pyc\n"
		       "Removed cache/.direnv/\n"
		       "Skipped cache/home/ignored/ (ignored)\n"
		       "Kept cache/home/ignored.pyc (ignored)\n"
		       "Removed 3 files and 5 directories (*).\n",
		       "");
	assert_tree(tree, "cache/home/.git/hooks/h.cpython-311.pyc", "cache/.git/x.pyc",
		    "cache/home/ignored/i.pyc", "cache/home/ignored.pyc");
}

/* Somebody has made it there, for Python puts no pyvenv.cfg into the tree. */
TEST(an_environment_by_its_mark_is_skipped)
{
	assert_cleans("--prefix cache cache", "cache/a/pyvenv.cfg", "cache/a/lib/only_copy.pyc",
		      "cache/b/conda-meta/", "cache/b/m.cpython-311.pyc", "cache/c/bin/activate",
		      "cache/c/lib/python2.7/site.py", "cache/c/lib/python2.7/x.pyc",
		      "- cache/d/m.cpython-311.pyc");
	assert_cleans("--prefix cache -a cache", "cache/a/pyvenv.cfg", "- cache/a/lib/m.pyc");
	assert_cleans("--prefix cache cache", "cache/pyvenv.cfg", "- cache/d/m.cpython-311.pyc");
	assert_cleans("--prefix cache", "cache/pyvenv.cfg", "cache/d/m.cpython-311.pyc");
	assert_outcome(run(TREE("cache/a/pyvenv.cfg", "cache/a/lib/only_copy.pyc"),
			   "--prefix cache cache"),
		       0,
		       "Nothing to remove; skipped 1 virtual environment "
		       "('pyclean cache/a' cleans it).\n",
		       "");
}

/* A branch of a bare repository may have a name like bytecode. */
TEST(a_repository_by_its_structure_is_skipped)
{
	assert_cleans("-a --prefix cache cache", "cache/r/HEAD", "cache/r/objects/",
		      "cache/r/refs/heads/m.cpython-311.pyc", "- cache/d/m.cpython-311.pyc");
}

/* What somebody has put there goes, or stays, as it does anywhere else. */
TEST(the_ordinary_rules_hold_in_the_tree)
{
	assert_cleans("--prefix cache cache", "cache/a/m.py", "- cache/a/m.pyc",
		      "- cache/a/__pycache__/m.cpython-311.pyc", "- cache/a/__pycache__/notes.txt",
		      "- cache/a/__pycache__/.git/x", "cache/a/__pycache__x/notes.txt",
		      "cache/.DS_Store", "cache/a/m$py.clas", "cache/b/m$py.class");
	/* Without a tag in its name it is none of the tree: its source is beside it. */
	assert_cleans("-s --prefix cache cache", "cache/m.cpython-311.pyc.txt",
		      "- cache/a/gone.pyc", "cache/a/kept.txt",
		      "- cache/b/__pycache__/gone.cpython-311.pyc",
		      "cache/b/__pycache__/notes.txt");
	assert_cleans("--keep-sourceless --prefix cache cache", "cache/a/only.pyc",
		      "- cache/b/m.cpython-311.pyc");
	assert_cleans("-s --prefix cache cache/b/__pycache__", "cache/a/m.cpython-311.pyc",
		      "- cache/b/__pycache__/gone.cpython-311.pyc", "cache/b/");
}

/* In a cache there, what stays has a reason, as in any other. */
TEST(what_stays_in_a_cache_is_told)
{
	const struct tree *tree =
		TREE("cache/__pycache__/notes.txt", "cache/notes.txt", "cache/a/notes.txt");

	assert_outcome(run(tree, "-v -s --prefix cache cache"), 0,
		       "Kept cache/__pycache__/notes.txt (not bytecode)\nNothing to remove.\n", "");
}

/* ---- On the way ----------------------------------------------------------------------------- */

/* PYTHONPYCACHEPREFIX=$PWD/.pycache, and then `pyclean` in the project. */
TEST(the_tree_is_found_on_the_way)
{
	static const char *const arguments[] = { "-v -s", "-v -s -j 1", "-v -s ." };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree = tree_with_prefix();
		const char *below = cached(tree, "");

		tree_add(tree, "cache/empty/");
		assert_outcome(
			run_with(tree, tree_path(tree, "cache"), arguments[i]), 0,
			scratch_format(
				"Kept %ssrc/m.cpython-311.pyc (matches its source)\n"
				"Removed %ssrc/m.cpython-312.opt-1.pyc (source has changed)\n"
				"Removed %ssrc/sub/n.cpython-311.pyc (source has changed)\n"
				"Removed %ssrc/sub/\n"
				"Removed %sgone/g.cpython-311.pyc (source is gone)\n"
				"Removed %sgone/\n"
				"Removed 3 files and 2 directories (*).\n",
				below, below, below, below, below, below),
			"");
		assert_true(tree_has(tree, "cache/empty"));
	}
}

/* It begins there, and ends there: what lies beside it is cleaned as ever. */
TEST(only_what_is_below_the_prefix_is_the_tree)
{
	assert_cleans("--prefix a/cache", "a/cache/", "- a/cache/.tox/t.cpython-311.pyc",
		      "- a/cache/b/m.cpython-311.pyc", "a/.tox/t.cpython-311.pyc", "a/b/",
		      "- a/b/m.cpython-311.pyc", "z/", "- z/m.pyc");
	assert_cleans("-s --prefix a/cache", "a/cache/", "- a/cache/b/m.cpython-311.pyc",
		      "a/b/m.cpython-311.pyc");
}

/* They are not listed with what lies beside the bytecode. */
TEST(other_sources_than_py_are_found_by_the_path_below_the_prefix)
{
	const struct tree *tree = TREE("src/h.hy", "cache/");

	PYC(tree, cached(tree, "src/h.cpython-311.pyc"), .version = "3.11", .source = "src/h.hy");
	assert_outcome(run_with(tree, tree_path(tree, "cache"), "-v --stale cache"), 0,
		       scratch_format("Kept %s (matches its source)\nNothing to remove.\n",
				      cached(tree, "src/h.cpython-311.pyc")),
		       "");
}

/* The walk does not come there. */
TEST(a_tree_in_what_is_skipped_stays)
{
	assert_cleans("--prefix .tox/cache", ".tox/cache/b/m.cpython-311.pyc");
	assert_cleans("-i cache --prefix cache", "cache/b/m.cpython-311.pyc");
	assert_cleans("-a --prefix .tox/cache", ".tox/cache/", "- .tox/cache/b/m.cpython-311.pyc");
}

/* ---- Less than everything ------------------------------------------------------------------- */

/* The path below the prefix is that of the source's directory. */
TEST(stale_finds_the_sources_by_the_path_below_the_prefix)
{
	const struct tree *tree = tree_with_prefix();
	const char *below = cached(tree, "");

	assert_outcome(run_with(tree, tree_path(tree, "cache"), "-v --stale cache"), 0,
		       scratch_format("Kept %ssrc/m.cpython-311.pyc (matches its source)\n"
				      "Removed %ssrc/m.cpython-312.opt-1.pyc (source has changed)\n"
				      "Removed %ssrc/sub/n.cpython-311.pyc (source has changed)\n"
				      "Removed %ssrc/sub/\n"
				      "Removed %sgone/g.cpython-311.pyc (source is gone)\n"
				      "Removed %sgone/\n"
				      "Removed 3 files and 2 directories (*).\n",
				      below, below, below, below, below, below),
		       "");
	assert_true(tree_has(tree, cached(tree, "src/m.cpython-311.pyc")));
}

/* There will be others than those that are known here. */
TEST(an_implementation_that_is_not_known_is_in_doubt)
{
	const struct tree *tree = TREE("cache/a/plain.pyc", "cache/b/x.pyston-23.py");

	PYC(tree, "cache/a/m.pyston-23.pyc", .version = "3.8");
	PYC(tree, "cache/a/m.graalpython-38.opt-1.pyc", .version = "3.8");
	PYC(tree, "cache/b/x.pyston-23.pyc", .version = "3.8");
	assert_outcome(run(tree, "--prefix cache -v -s cache"), 0,
		       "Kept cache/a/m.pyston-23.pyc (cannot tell where its source is)\n"
		       "Kept cache/a/m.graalpython-38.opt-1.pyc "
		       "(cannot tell where its source is)\n"
		       "Removed cache/a/plain.pyc (no source beside it)\n"
		       "Removed cache/b/x.pyston-23.pyc (source has changed)\n"
		       "Removed 2 files (*); 1 without a source beside it "
		       "(see --keep-sourceless).\n",
		       "");
	/* GraalPy 20.3 had the number of CPython 3.8. */
	assert_outcome(run(tree, "--prefix cache -v -k graalpython-38 -t 3.8 cache"), 0,
		       "Kept cache/a/m.pyston-23.pyc (its interpreter is not known)\n"
		       "Kept cache/a/m.graalpython-38.opt-1.pyc (graalpython-38)\n"
		       "Nothing to remove.\n",
		       "");
	assert_outcome(run(tree, "--prefix cache -n -t pyston-23 cache"), 0,
		       "Would remove cache/a/m.pyston-23.pyc (no source beside it)\n"
		       "Would remove 1 file (*); 1 without a source beside it "
		       "(see --keep-sourceless).\n",
		       "");
}

TEST(the_tags_hold_in_the_tree)
{
	assert_cleans("--prefix cache -k 3.11 cache", "cache/a/m.cpython-311.pyc",
		      "- cache/a/m.cpython-312.pyc", "- cache/b/m.pypy39.pyc",
		      "cache/c/m.cpython-311.opt-1.pyc");
}

TEST(a_dry_run_lists_what_a_run_removes)
{
	static const char *const arguments[] = { "",        "-s",         "-s -j 1",
						 "-t 3.11", "-k 3.11 -s", "--keep-sourceless" };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const struct tree *tree = tree_with_prefix();

		tree_add(tree, "cache/empty/");
		tree_add(tree, cached(tree, "src/notes.txt"));
		assert_dry_run_tells(tree, scratch_format("--prefix cache cache %s", arguments[i]));
	}
}

/* A part of the tree: its sources are still those of the path below the prefix. */
TEST(an_operand_below_the_prefix_is_a_part_of_the_tree)
{
	const struct tree *tree = tree_with_prefix();
	const char *part = cached(tree, "src");

	assert_outcome(RUN(tree, "-s", "--prefix", "cache", part), 0,
		       "Removed 2 files and 1 directory (*).\n", "");
	assert_true(tree_has(tree, cached(tree, "src/m.cpython-311.pyc")));
	assert_true(tree_has(tree, cached(tree, "gone/g.cpython-311.pyc")));
	assert_outcome(
		RUN(tree, "-v", "-s", "--prefix", "cache", cached(tree, "src/m.cpython-311.pyc")),
		0,
		scratch_format("Kept %s (matches its source)\nNothing to remove.\n",
			       cached(tree, "src/m.cpython-311.pyc")),
		"");
	/* Named itself, it stays: so does any operand that is a directory. */
	assert_outcome(RUN(tree, "--prefix", "cache", cached(tree, "gone")), 0,
		       "Removed 1 file (*).\n", "");
	assert_true(tree_has(tree, cached(tree, "gone")));
}

/* The prefix tree is one thing, the sources' own caches are another. */
TEST(what_is_not_below_the_prefix_is_cleaned_as_ever)
{
	const struct tree *tree = tree_with_prefix();

	PYC(tree, "src/__pycache__/m.cpython-311.pyc", .version = "3.11", .source = "src/m.py");
	PYC(tree, "src/gone.pyc", .version = "3.11");
	tree_add(tree, "src/empty/");
	assert_outcome(run_with(tree, "cache", "-s src"), 0, "Removed 1 file (*).\n", "");
	assert_outcome(run_with(tree, "cache", "src"), 0, "Removed 1 file and 1 directory (*).\n",
		       "");
	assert_true(tree_has(tree, cached(tree, "gone/g.cpython-311.pyc")));
	assert_true(tree_has(tree, "src/empty"));
}

TEST(the_prefix_may_be_relative_or_a_link)
{
	static const char *const prefixes[] = { "cache", "./cache/", "src/../cache", "link" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		const struct tree *tree = tree_with_prefix();

		tree_add(tree, "link -> cache");
		assert_outcome(run_with(tree, prefixes[i], "-s cache"), 0,
			       "Removed 3 files and 2 directories (*).\n", "");
		tree = tree_with_prefix();
		tree_add(tree, "link -> cache");
		assert_outcome(RUN(tree, "-s", "--prefix", prefixes[i], "link"), 0,
			       "Removed 3 files and 2 directories (*).\n", "");
	}
}

/* The command line has the last word, as everywhere. */
TEST(the_option_stands_above_the_variable)
{
	const struct tree *tree = TREE("one/a/m.pyc", "two/a/m.pyc");

	assert_outcome(run_with(tree, "one", "--prefix two one two"), 0,
		       "Removed 2 files and 1 directory (*).\n", "");
	assert_tree(tree, "one/a/", "two/");
}

/* A directory there may have any name that a directory of sources has. */
TEST(a_directory_whose_name_ends_like_a_caches_is_none)
{
	const struct tree *tree = TREE("my__pycache__/m.py", "cache/");

	PYC(tree, cached(tree, "my__pycache__/m.cpython-311.pyc"), .version = "3.11",
	    .source = "my__pycache__/m.py");
	assert_outcome(run(tree, "-s --prefix cache cache"), 0, "Nothing to remove.\n", "");
}

/* Its source is elsewhere: what is named is where that would be in the tree. */
TEST(a_module_of_the_tree_can_be_named)
{
	assert_cleans("--prefix cache cache/a/m.py", "- cache/a/m.cpython-311.pyc",
		      "- cache/a/m.pypy39.pyc", "cache/a/n.cpython-311.pyc");
}

/* ---- What is no prefix ---------------------------------------------------------------------- */

/* The variable is Python's: what it says there is nobody's mistake here. */
TEST(a_variable_that_leads_nowhere_is_ignored)
{
	static const char *const variables[] = { "", "nowhere", "file.txt", "dangling" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const struct tree *tree = TREE("p/__pycache__/m.cpython-311.pyc", "p/a/n.pyc",
					       "file.txt", "dangling -> nowhere");

		assert_outcome(run_with(tree, variables[i], "p"), 0,
			       "Removed 2 files and 1 directory (*).\n", "");
		assert_true(tree_has(tree, "p/a"));
	}
}

TEST(a_prefix_that_is_no_directory_is_a_usage_error)
{
	static const char *const prefixes[] = { "", "nowhere", "dangling", "file.txt",
						"file.txt/x" };

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

/* No path leads there, and none to a source: none is there, or it cannot be told. */
TEST(the_tree_may_be_deeper_than_any_path)
{
	const int levels = tests_are_slow() ? 400 : 1200;
	const struct tree *tree = TREE(NULL);
	const struct outcome *outcome;

	tree_add_chain(tree_below(tree, "cache"), "seven77", levels, put_bytecode);
	outcome = run(tree, "-q -s --prefix cache cache");
	assert_int_equal(outcome->signal, 0);
	assert_in_range(outcome->status, 0, 1);
	outcome = RUN_PROGRAM(.cwd = tree->path, .arguments = split("--prefix cache cache"),
			      .max_stack = 256 * 1024);
	assert_int_equal(outcome->status, 0);
	assert_int_equal(outcome->err_length, 0);
	assert_tree(tree, "cache/");
}

/* ---- Caches that are elsewhere -------------------------------------------------------------- */

/** Runs the command that a summary names in a shell, as if pasted. */
static const struct outcome *paste(const struct tree *tree, const struct outcome *told)
{
	const char *start = strstr(told->out, "(");
	const char *end = strstr(told->out, " removes them)");
	bool quoted = start && start[1] == '\'';

	if (!end) {
		fail_msg("no command in: %s", told->out);
	}
	start += 1 + quoted;
	return RUN_PROGRAM(.name = "sh", .cwd = tree->path,
			   .arguments = WORDS(
				   "-c",
				   scratch_format(
					   "pyclean() { $PYCLEAN_WRAPPER \"$PYCLEAN\" \"$@\"; }; "
					   "%.*s",
					   (int)(end - quoted - start), start)),
			   .environment = WORDS("PYTHONPYCACHEPREFIX=cache"));
}

/** The summary that names a command for one PATH, or for two. Paths with a blank are quoted one by one. */
static const char *told_to_clean(const char *first, const char *second)
{
	bool blank = strchr(first, ' ') != NULL;
	const char *separator = !second ? "" : blank ? "' '" : " ";

	return scratch_format("Nothing to remove; the caches are below PYTHONPYCACHEPREFIX "
			      "(%s%s%s%s' removes them).\n",
			      blank ? "pyclean '" : "'pyclean ", first, separator,
			      second ? second : "");
}

/* Python writes no __pycache__ then: "Nothing to remove." alone would be a riddle. */
TEST(the_summary_tells_where_the_caches_are)
{
	static const char *const arguments[] = { "src", "-n src", "-s src/", "-v ./src",
						 "src src" };
	const struct tree *tree = tree_with_prefix();
	const struct outcome *told = NULL;

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		told = run_with(tree, "cache", arguments[i]);
		assert_outcome(told, 0, told_to_clean(cached(tree, "src"), NULL), "");
	}
	assert_outcome(paste(tree, told), 0, "Removed 3 files and 1 directory (*).\n", "");
	assert_false(tree_has(tree, cached(tree, "src/m.cpython-311.pyc")));
	assert_true(tree_has(tree, cached(tree, "gone/g.cpython-311.pyc")));
	/* The root of what was cleaned stays. */
	assert_outcome(run_with(tree, "cache", "src"), 0, "Nothing to remove.\n", "");
}

TEST(it_tells_where_the_bytecode_of_modules_is)
{
	const struct tree *tree = tree_with_prefix();
	const struct outcome *told =
		run_with(tree, "cache/", "src/m.py src/sub/n.py src/sub/none.py");
	const char *other = cached(tree, "src/mm.cpython-311.pyc");

	assert_outcome(told, 0,
		       told_to_clean(cached(tree, "src/m.py"), cached(tree, "src/sub/n.py")), "");
	tree_add(tree, other);
	assert_outcome(paste(tree, told), 0, "Removed 3 files (*).\n", "");
	assert_outcome(run_with(tree, "cache", "src/m.py"), 0, "Nothing to remove.\n", "");
	assert_true(tree_has(tree, other));
}

TEST(the_command_is_one_for_a_shell)
{
	const struct tree *tree = TREE("src [a]/m.py");
	const struct outcome *told;

	tree_add(tree, cached(tree, "src [a]/m.cpython-311.pyc"));
	told = RUN_PROGRAM(.cwd = tree->path, .arguments = WORDS("src [a]"),
			   .environment = WORDS("PYTHONPYCACHEPREFIX=cache"));
	assert_outcome(told, 0, told_to_clean(cached(tree, "src [a]"), NULL), "");
	assert_outcome(paste(tree, told), 0, "Removed 1 file (*).\n", "");
}

TEST(the_command_takes_no_path_for_an_option)
{
	const struct tree *tree = TREE("src/m.py");
	const char *path = scratch_format("-%s", cached(tree, "src/m.cpython-311.pyc"));

	tree_add(tree, path);
	assert_outcome(paste(tree, run_with(tree, "-cache", "src")), 0, "Removed 1 file (*).\n",
		       "");
	assert_false(tree_has(tree, path));
}

/* Nothing is told of what was seen, and nothing where nobody reads it. */
TEST(it_does_not_tell_of_other_caches)
{
	const struct tree *tree = tree_with_prefix();
	static const char nothing[] = "Nothing to remove.\n";

	assert_outcome(run_with(tree, "none", "src"), 0, nothing, "");
	assert_outcome(run_with(tree, "", "src"), 0, nothing, "");
	assert_outcome(run(tree, "--prefix cache src"), 0, nothing, "");
	assert_outcome(run_with(tree, "cache", "-i cache ."), 0, nothing, "");
	assert_outcome(run_with(tree, "cache", "-t 3.9 src cache"), 0, nothing, "");
	assert_outcome(run_with(tree, "cache", "-q src"), 0, "", "");
	assert_outcome(run_with(tree, "cache", "-n0 src"), 0, "", "");
	assert_null(strstr(run_with(tree, "cache", "-n --json src")->out, "cache"));
	assert_outcome(
		run_with(tree, "cache",
			 "src/m.py 2.py 3.py 4.py 5.py 6.py 7.py 8.py 9.py 10.py 11.py 12.py "
			 "13.py 14.py 15.py 16.py 17.py"),
		0, nothing, "");
	tree_add(tree, "src/a.pyc");
	assert_outcome(run_with(tree, "cache", "src"), 0, "Removed 1 file (*).\n", "");
}
