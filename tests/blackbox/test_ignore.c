/* -i: which directories a pattern keeps the program out of, and which files it spares. */

#include "tests.h"

#include <string.h>

/* By name, at any depth. */
TEST(a_name_is_ignored_wherever_it_is)
{
	assert_cleans("-i build", "build/a.pyc", "src/build/__pycache__/b.pyc", "a/b/build/c/d.pyc",
		      "builds/", "- builds/a.pyc", "rebuild/", "- rebuild/a.pyc", "- build.pyc");
}

TEST(a_path_is_matched_from_the_operand)
{
	assert_cleans("-i src/build", "src/build/a.pyc", "build/", "- build/a.pyc", "x/src/build/",
		      "- x/src/build/a.pyc", "src/", "- src/a.pyc");
}

/* The path is that below the operand, not that from the current directory. */
TEST(the_operand_is_no_part_of_the_path)
{
	assert_cleans("-i src/build project", "project/src/build/a.pyc", "- project/a.pyc");
	assert_cleans("-i project/src,a project", "project/src/", "- project/src/b.pyc",
		      "project/a/a.pyc", "project/project/src/b.pyc");
	assert_cleans("-i src project/", "project/src/a.pyc", "- project/b.pyc");
}

/* '/' at the front ties a pattern to the operand, as in a .gitignore. */
TEST(a_leading_slash_ties_a_pattern_to_the_operand)
{
	assert_cleans("-i /build", "build/a.pyc", "src/build/", "- src/build/a.pyc");
	assert_cleans("-i /src/build", "src/build/a.pyc", "x/src/build/", "- x/src/build/a.pyc");
	assert_cleans("-i /b* project", "project/build/a.pyc", "project/x/build/",
		      "- project/x/build/b.pyc");
}

/* A shell completes `build/`, and people write ./build: neither may silently ignore nothing. */
TEST(a_trailing_slash_is_for_directories_and_a_leading_dot_is_the_path)
{
	assert_cleans("-i build/", "build/a.pyc", "x/build/b.pyc", "- b.pyc");
	assert_cleans("-i x.pyc/", "x.pyc/a.pyc", "d/", "- d/x.pyc", "- d/l.pyc -> ../x.pyc");
	assert_cleans("-i ./build", "build/a.pyc", "src/build/", "- src/build/b.pyc");
	assert_cleans("-i ./src/build/", "src/build/a.pyc", "- src/b.pyc");
}

TEST(the_option_is_repeatable_and_takes_commas)
{
	assert_cleans("-i a,b --ignore=c -id --ignore e --exclude=g,h", "a/x.pyc", "b/x.pyc",
		      "c/x.pyc", "d/x.pyc", "e/x.pyc", "g/x.pyc", "h/x.pyc", "f/", "- f/x.pyc",
		      "a,b/", "- a,b/x.pyc");
}

TEST(a_comma_can_be_meant)
{
	assert_cleans("-i a\\,b", "a,b/x.pyc", "a/", "- a/x.pyc", "b/", "- b/x.pyc");
	assert_cleans("-i x,a\\,b,y", "a,b/x.pyc", "x/x.pyc", "y/x.pyc", "a/", "- a/x.pyc");
}

TEST(an_ignored_cache_stays)
{
	assert_cleans("-i __pycache__", "__pycache__/a.pyc", "p/__pycache__/a.pyc", "- p/a.pyc");
	assert_cleans("-i p/__pycache__", "p/__pycache__/a.pyc", "q/", "- q/__pycache__/a.pyc");
}

/* As test data that is bytecode on purpose. */
TEST(files_are_spared)
{
	assert_cleans("-i test/data/magic.pyc", "test/data/magic.pyc", "- test/data/b.pyc", "data/",
		      "- data/magic.pyc");
	assert_cleans("-i a.pyc -i *.pyo", "a.pyc", "sub/b.pyo", "a.pyc1/a.pyc", "- sub/b.pyc");
	assert_cleans("-i l.pyc", "l.pyc -> x", "- m.pyc -> x");
}

/* The rest of the cache goes, whatever it is, and the directory stays with what was spared. */
TEST(files_in_a_cache_are_spared)
{
	assert_cleans("-i fixture*.pyc", "__pycache__/fixture_a.cpython-311.pyc",
		      "- __pycache__/b.cpython-311.pyc", "- __pycache__/README",
		      "- q/__pycache__/c.pyc", "q/");
	assert_cleans("-i q/__pycache__/a.pyc", "q/__pycache__/a.pyc", "- __pycache__/a.pyc");
	assert_cleans("-s -i a.pyc", "__pycache__/a.pyc", "- __pycache__/b.cpython-311.pyc");
	assert_cleans("-i fixture.pyc __pycache__", "__pycache__/fixture.pyc",
		      "- __pycache__/a.pyc");
	assert_cleans("-i a.cpython-311.pyc a.py", "__pycache__/a.cpython-311.pyc",
		      "- __pycache__/a.cpython-312.pyc", "__pycache__/b.cpython-311.pyc");
}

/* In it nothing is a repository or an environment: without patterns all of it would go. */
TEST(directories_in_a_cache_are_spared)
{
	assert_cleans("-i sub", "__pycache__/sub/x", "- __pycache__/y.pyc", "sub/z.pyc");
	assert_cleans("-i keep", "__pycache__/a/b/keep", "- __pycache__/a/b/c",
		      "- __pycache__/.git/HEAD", "- __pycache__/node_modules/x",
		      "- __pycache__/a/pyvenv.cfg", "- __pycache__/a/__pycache__/x",
		      "- __pycache__/a/fifo|");
	assert_cleans("-i keep/", "- __pycache__/a/keep", "keep/x.pyc");
}

/* Where nothing is spared, a cache is listed as a whole; otherwise, each file that goes. */
TEST(a_cache_is_listed_as_what_goes)
{
	const struct tree *tree = TREE("a/__pycache__/x.pyc", "a/__pycache__/fixture.pyc",
				       "b/__pycache__/x.pyc", "b/__pycache__/y.pyc");

	assert_paths(run(tree, "-n0 -i fixture.pyc"), "a/__pycache__/x.pyc", "b/__pycache__/");
	assert_outcome(run(tree, "-v -i fixture.pyc"), 0,
		       "Removed a/__pycache__/x.pyc\n"
		       "Kept a/__pycache__/fixture.pyc (ignored)\n"
		       "Removed b/__pycache__/x.pyc\n"
		       "Removed b/__pycache__/y.pyc\n"
		       "Removed b/__pycache__/\n"
		       "Removed 3 files and 1 directory (*).\n",
		       "");
}

TEST(an_operand_is_cleaned_even_if_ignored)
{
	assert_cleans("-i build build", "build/", "- build/a.pyc", "build/build/b.pyc");
	assert_cleans("-i b* . build", "build/", "- build/a.pyc", "bin/b.pyc");
	assert_cleans("-i a.pyc,b a.pyc d", "- a.pyc", "d/b/x.pyc");
	assert_cleans("-i __pycache__,x __pycache__", "- __pycache__/a.pyc", "__pycache__/x");
}

/* To ignore the directory that marks an environment must not lay the environment open. */
TEST(an_ignored_marker_still_marks_an_environment)
{
	assert_cleans("-i conda-meta", "env/conda-meta/", "env/lib/__pycache__/a.pyc",
		      "- __pycache__/b.pyc");
	assert_cleans("-i c*", "env/conda-meta/", "env/lib/__pycache__/a.pyc");
	assert_cleans("-i conda-meta env", "env/conda-meta/a.pyc", "env/lib/",
		      "- env/lib/__pycache__/b.pyc");
	assert_cleans("-a -i conda-meta", "env/conda-meta/a.pyc", "env/lib/",
		      "- env/lib/__pycache__/b.pyc");
}

/* -a is about what is skipped by default; what the user ignores stays ignored. */
TEST(all_does_not_undo_ignore)
{
	assert_cleans("-a -i build", "build/a.pyc", ".tox/", "- .tox/a.pyc");
}

/* Bytes are compared, whatever the encoding. */
TEST(names_that_are_not_utf8_can_be_ignored)
{
	assert_cleans("-i caf\xe9", "caf\xe9/a.pyc", "caf\xc3\xa9/", "- caf\xc3\xa9/a.pyc");
}

/* ---- Absolute paths ------------------------------------------------------------------------- */

/* As -i "$PWD/vendor", by whatever path: links on the way to the PATH do not count. */
TEST(an_absolute_path_is_matched)
{
	static const struct {
		const char *pattern;
		const char *path;
		bool spares_all;
	} cases[] = {
		{ "p/vendor", "p", false },        { "p/vendor/", "up/p/", false },
		{ "up/p/vendor", "p/.", false },   { "up/up/p/vendor", "up/p", false },
		{ "up/*/vendor/", "p", false },    { "**/vendor", "p", true },
		{ "p/**/vendor", "up/./p", true }, { "p/**/a.pyc", ".", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tree *tree = TREE("p/vendor/a.pyc", "p/q/vendor/b.pyc", "up -> .");
		const char *pattern = tree_path(tree, cases[i].pattern);

		assert_int_equal(RUN(tree, "-q", "-i", pattern, cases[i].path)->status, 0);
		assert_true(tree_has(tree, "p/vendor/a.pyc"));
		assert_int_equal(tree_has(tree, "p/q/vendor/b.pyc"), cases[i].spares_all);
	}
}

/* Its directories are no globs as far as they exist. */
TEST(an_absolute_path_may_look_like_a_glob)
{
	const struct tree *tree =
		TREE("[x]*?/vendor/a.pyc", "[x]*?/q/vendor/b.pyc", "[x]*?/vendor2/b.pyc");

	assert_int_equal(RUN(tree, "-q", "-i", tree_path(tree, "[x]*?/vendor"), "[x]*?")->status,
			 0);
	assert_tree(tree, "[x]*?/vendor/a.pyc", "[x]*?/q/vendor/", "[x]*?/vendor2/");
}

/* The path is that of each PATH, be it a cache or one of a prefix tree. */
TEST(an_absolute_path_is_matched_below_each_path)
{
	const struct tree *tree = TREE("a/keep.pyc", "a/x.pyc", "b/keep.pyc",
				       "__pycache__/keep.pyc", "__pycache__/x.pyc", "m.py", "m.pyc",
				       "pre/home/keep.pyc", "pre/home/x.cpython-311.pyc");

	assert_int_equal(RUN(tree, "-q", "-i", tree_path(tree, "a/keep.pyc"), "-i",
			     tree_path(tree, "__pycache__/keep.pyc"), "-i",
			     tree_path(tree, "m.pyc"), "-i", tree_path(tree, "pre/home/keep.pyc"),
			     "--prefix=pre", "pre/home", "a", "b", "__pycache__", "m.py")
				 ->status,
			 0);
	assert_tree(tree, "a/keep.pyc", "b/", "__pycache__/keep.pyc", "m.py", "m.pyc",
		    "pre/home/keep.pyc");
}

/* ---- Patterns that match nothing ------------------------------------------------------------ */

#define NOTHING "pyclean: nothing matches the pattern "

TEST(a_pattern_that_matches_nothing_is_named)
{
	const struct tree *tree = TREE("src/build/a.pyc", "b.py", "l -> src", ".tox/c/d.pyc");

	assert_string_equal(run(tree, "-n -i src/biuld/,build,/build,l/")->err,
			    NOTHING "'src/biuld/'\n" NOTHING "'/build'\n" NOTHING "'l/'\n");
	assert_string_equal(run(tree, "-v -i x*")->err, NOTHING "'x*'\n");
	assert_string_equal(run(tree, "--check -i x")->err, NOTHING "'x'\n");
	/* What stays anyway is something, too. */
	assert_string_equal(run(tree, "-n -i *.py,l,src/")->err, "");
	/* One PATH is enough. */
	assert_string_equal(run(tree, "-n -i build b.py src")->err, "");
}

/* What is skipped with and without the pattern is no slip. */
TEST(a_pattern_for_what_is_skipped_anyway_is_not_named)
{
	const struct tree *tree = TREE("env/pyvenv.cfg", "a.py");

	assert_string_equal(run(tree, "-n -i .git,.venv,venv,node_modules,/.tox,.hg/,env")->err,
			    "");
	assert_string_equal(run(tree, "-n -i .venv/lib,**/node_modules/*/x,a/.git/b")->err, "");
	assert_string_equal(run(tree, "-na -i .git,.venv,.tox")->err,
			    NOTHING "'.venv'\n" NOTHING "'.tox'\n");
}

/* Others than people read the list, or nobody looks for one. */
TEST(elsewhere_no_pattern_is_named)
{
	static const char *const options[] = { "",    "-q",        "-nq",      "-n0",
					       "-v0", "-n --json", "-v --json" };
	const struct tree *tree = TREE("a.py");

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		assert_string_equal(run(tree, scratch_format("%s -i x", options[i]))->err, "");
	}
}

/* ---- Usage errors --------------------------------------------------------------------------- */

static void assert_refused(const char *pattern, const char *why)
{
	const struct tree *tree = TREE("a.pyc");

	assert_outcome(
		RUN(tree, "-i", pattern), 2, "",
		scratch_format("pyclean: %s\nTry 'pyclean --help' for more information.\n", why));
	assert_tree(tree, "a.pyc");
}

TEST(what_can_never_match_is_refused)
{
	assert_refused("../a", "a pattern with a component '.' or '..' matches nothing: '../a'");
	assert_refused("x,a//b", "a pattern with '//' matches nothing: 'a//b'");
	assert_refused("!a", "patterns cannot be negated ('\\!' is an exclamation mark): '!a'");
	assert_refused("=a,b", "patterns cannot begin with '=' ('\\=' is an equals sign): '=a'");
	assert_refused("{a,b}", "braces are not expanded; write each pattern out: '{a,b}'");
	assert_refused("x/{a,b}/c", "braces are not expanded; write each pattern out: 'x/{a,b}/c'");
	assert_refused("x,a}", "braces are not expanded; write each pattern out: 'x,a}'");
}

/* As `-i=build`, which other programs take for `-i build`: the directory would be cleaned. */
TEST(an_equals_sign_after_a_letter_is_refused)
{
	const struct tree *tree = TREE("build/a.pyc");

	assert_int_equal(RUN(tree, "-i=build")->status, 2);
	assert_tree(tree, "build/a.pyc");
	assert_cleans("-i \\=build,a/=b", "=build/a.pyc", "a/=b/a.pyc", "- b.pyc");
}

TEST(braces_can_be_names)
{
	assert_cleans("-i {{cookiecutter.slug}},b", "{{cookiecutter.slug}}/a.pyc", "b/a.pyc",
		      "- a.pyc");
	assert_cleans("-i {a\\,b},c", "{a,b}/x.pyc", "c/x.pyc", "- a.pyc");
	assert_cleans("-i {a -i b", "{a/x.pyc", "b/x.pyc", "- a.pyc");
	assert_cleans("-i {a", "{a/x.pyc", "- a.pyc");
}

/* ---- git ------------------------------------------------------------------------------------ */

enum {
	ROUNDS = 60,
	SLOW_ROUNDS = 15,
};

/** Numbers that are the same everywhere. */
static unsigned next_number(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(*seed >> 33);
}

#define PICK(seed, ...)                                                                            \
 ((const char *const[]){                                                                           \
	 __VA_ARGS__ })[next_number(seed) %                                                        \
			(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))]

/** A pattern of one to four components. */
static const char *random_pattern(uint64_t *seed)
{
	const char *pattern = PICK(seed, "", "", "/", "**/");

	for (unsigned left = next_number(seed) % 3;; left--) {
		pattern = scratch_format(
			"%s%s%s", pattern,
			PICK(seed, "a", "b", "*", "**", "?", "[ab]", "[!a]", "[^b]", "__pycache__",
			     "a*", "\\a", "[[:alpha:]]", "*b", "**b"),
			PICK(seed, "", "", "", "b", "*b", ".pyc", "[a-b].pyc", "?pyc", "\\*"));
		if (left == 0) {
			return scratch_format("%s%s", pattern, PICK(seed, "", "", "/", "/**"));
		}
		pattern = scratch_format("%s/", pattern);
	}
}

/** Bytecode with names of few letters, to the third level. */
static const struct tree *lettered_tree(void)
{
	static const char *const directories[] = { "a", "b", "ab", "bb", "__pycache__" };
	const struct tree *tree = TREE(NULL);

	for (size_t i = 0; i < 125; i++) {
		const char *path =
			scratch_format("%s/%s", directories[i / 25], directories[i / 5 % 5]);

		if (i % 5 == 0) {
			tree_add(tree, scratch_format("%s.pyc", path));
			tree_add(tree, scratch_format("%s/l.pyc -> a", path));
		}
		tree_add(tree, scratch_format("%s/%s/a.pyc", path, directories[i % 5]));
		tree_add(tree, scratch_format("%s/%s/b.pyc", path, directories[i % 5]));
	}
	tree_add(tree, "a.pyc");
	return tree;
}

/** Whether an outcome's output has a line, or a text ended by a NUL. */
static bool tells(const struct outcome *outcome, const char *path, char end)
{
	size_t length = strlen(path);

	for (const char *at = outcome->out; at < outcome->out + outcome->out_length;
	     at = strchr(at, end) + 1) {
		if (strncmp(at, path, length) == 0 && at[length] == end) {
			return true;
		}
	}
	return false;
}

/** Asserts that what git does not ignore goes, and nothing else. */
static void check_with_git(const struct tree *tree, const struct tree *repository,
			   struct tree_listing listing, const char *paths,
			   const char *const patterns[3])
{
	const char *lines = scratch_format("%s\n%s\n%s\n", patterns[0], patterns[1], patterns[2]);
	const struct outcome *git;
	const struct outcome *outcome;

	tree_write(repository, "patterns", lines, strlen(lines));
	git = RUN_PROGRAM(.name = "git", .cwd = tree->path, .input = paths,
			  .arguments = WORDS(
				  scratch_format("--git-dir=%s", tree_path(repository, "git")),
				  "--work-tree=.", "-c",
				  scratch_format("core.excludesFile=%s",
						 tree_path(repository, "patterns")),
				  "-c", "core.ignoreCase=false", "check-ignore", "--no-index",
				  "--stdin"));
	assert_in_range(git->status, 0, 1);
	outcome = RUN(tree, "-nv0", "-i", patterns[0], "-i", patterns[1], "-i", patterns[2]);
	assert_int_equal(outcome->status, 0);
	for (size_t i = 0; i < listing.count; i++) {
		const struct tree_entry *entry = &listing.entries[i];

		if (entry->type != '/' &&
		    tells(git, entry->path, '\n') == tells(outcome, entry->path, '\0')) {
			print_error("# %s: git and the program differ about %s\n", visible(lines),
				    entry->path);
			fail();
		}
	}
}

TEST(the_rules_are_those_of_git)
{
	const struct tree *repository = TREE(NULL);
	const struct tree *tree = lettered_tree();
	struct tree_listing listing = tree_list(tree);
	int rounds = tests_are_slow() ? SLOW_ROUNDS : ROUNDS;
	const char *paths = "";
	uint64_t seed = 1;

	need_tool("git");
	for (size_t i = 0; i < listing.count; i++) {
		if (listing.entries[i].type != '/') {
			paths = scratch_format("%s%s\n", paths, listing.entries[i].path);
		}
	}
	assert_int_equal(RUN_PROGRAM(.name = "git", .cwd = repository->path,
				     .arguments = split("init -q --bare git"))
				 ->status,
			 0);
	for (int i = 0; i < rounds; i++) {
		check_with_git(tree, repository, listing, paths,
			       (const char *const[]){ random_pattern(&seed), random_pattern(&seed),
						      random_pattern(&seed) });
	}
}
