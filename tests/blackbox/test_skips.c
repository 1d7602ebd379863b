/* What is not entered by default, what -a changes about it, and how -v tells. */

#include "tests.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A branch fix.pyc is a file .git/refs/heads/fix.pyc, and there is no other copy of it: not with -a. */
TEST(version_control_is_never_entered)
{
	static const char *const options[] = { "", "-a", "-j1", "-aj1", "-k 3.11" };

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		assert_cleans(options[i], ".git/refs/heads/fix.pyc", ".git/__pycache__/a.pyc",
			      ".hg/a.pyc", ".svn/a.pyc", ".bzr/a.pyc", ".jj/a.pyc", ".sl/a.pyc",
			      ".pijul/a.pyc", "_darcs/patches/a.pyc", "CVS/a.pyc",
			      "sub/.git/a.cpython-310.pyc", "sub/_darcs/__pycache__/a.pyc", "sub/",
			      "- sub/__pycache__/a.cpython-310.pyc");
	}
}

/* git init --bare, --separate-git-dir, --mirror: no name says what these are. */
TEST(a_git_repository_is_known_by_its_structure)
{
	static const char *const options[] = { "", "-a", "-j1", "-aj1", "-x" };

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		assert_cleans(options[i], "r.git/HEAD", "r.git/objects/", "r.git/hooks/h.pyc",
			      "r.git/refs/heads/fix.pyc", "r.git/logs/refs/heads/fix.pyc",
			      "r.git/__pycache__/a.pyc", "deep/er/linked/HEAD -> refs/heads/main",
			      "deep/er/linked/refs -> ../r/refs", "deep/er/linked/b.pyc",
			      "deep/er/linked/objects -> ../r/objects", "- deep/er/c.pyc",
			      "- deep/d.pyc", "- e.pyc");
	}
}

/* Two of the three, or others of these names, are any project's. */
TEST(what_lacks_a_part_of_a_repository_is_entered)
{
	assert_cleans("", "a/HEAD", "a/objects/", "- a/a.pyc", "b/HEAD", "b/refs/", "- b/a.pyc",
		      "c/objects/", "c/refs/", "- c/a.pyc", "d/HEAD/", "d/objects/", "d/refs/",
		      "- d/a.pyc", "e/HEAD", "e/objects", "e/refs/", "- e/a.pyc", "f/HEAD",
		      "f/objects/", "f/refs", "- f/a.pyc", "g/head", "g/objects/", "g/refs/",
		      "- g/a.pyc", "h/HEAD|", "h/objects/", "h/refs/", "- h/a.pyc");
}

/* A cache is Python's, whatever somebody has put there; but with a selection it is looked into. */
TEST(a_cache_goes_whole_unless_a_selection_enters_it)
{
	assert_cleans("", "- __pycache__/r/HEAD", "- __pycache__/r/objects/",
		      "- __pycache__/r/refs/", "- __pycache__/.git/config");
	assert_cleans("-t 3.10", "__pycache__/r/HEAD", "__pycache__/r/objects/",
		      "__pycache__/r/refs/heads/a.cpython-310.pyc", "__pycache__/.git/",
		      "__pycache__/.git/b.cpython-310.pyc", "- __pycache__/s/c.cpython-310.pyc");
}

/* Each of the three may be the last that the directory tells. */
TEST(a_repository_is_recognised_before_anything_goes)
{
	const struct tree *tree = TREE(NULL);
	struct tree_listing before;

	for (int i = 0; i < 40; i++) {
		ADD(tree, scratch_format("r-%d/first-%d.pyc", i, i),
		    scratch_format("r-%d/%s", i, i % 2 ? "HEAD" : "refs/heads/a.pyc"),
		    scratch_format("r-%d/objects/pack/", i));
		for (int j = 0; j < i; j++) {
			tree_add(tree, scratch_format("r-%d/z%d.pyc", i, j));
		}
		tree_add(tree, scratch_format("r-%d/%s", i, i % 2 ? "refs/heads/a.pyc" : "HEAD"));
	}
	before = tree_list(tree);
	assert_outcome(run(tree, ""), 0, "Nothing to remove.\n", "");
	assert_outcome(run(tree, "-a"), 0, "Nothing to remove.\n", "");
	assert_listing(before, tree_list(tree));
}

/* Nor where it was asked for: a typo must not cost a branch. The rest is done. */
TEST(a_repository_that_is_a_path_is_an_error)
{
	const struct tree *tree =
		TREE("r/HEAD", "r/objects/", "r/refs/heads/fix.pyc", "r/sub/a.pyc", "b.pyc");

	assert_outcome(run(tree, "-a r b.pyc"), 1, "Removed 1 file (*); 1 error.\n",
		       "pyclean: cannot clean 'r': a repository is stored there\n");
	assert_tree(tree, "r/HEAD", "r/objects/", "r/refs/heads/fix.pyc", "r/sub/a.pyc");
}

TEST(dependencies_and_environments_of_tools_are_not_entered)
{
	assert_cleans("", "node_modules/gyp/a.pyc", "web/node_modules/gyp/__pycache__/a.pyc",
		      ".tox/py311/a.pyc", ".nox/tests/a.pyc", ".direnv/python-3.11/a.pyc",
		      "- web/a.pyc");
}

/* Only directories with exactly these names are meant. */
TEST(names_that_only_look_like_skipped_ones_are_entered)
{
	assert_cleans("", "git/", "- git/a.pyc", ".gitlab/", "- .gitlab/a.pyc", ".github/",
		      "- .github/a.pyc", ".GIT/", "- .GIT/a.pyc", "x.git/", "- x.git/a.pyc", "tox/",
		      "- tox/a.pyc", "Node_modules/", "- Node_modules/a.pyc", "venv/",
		      "- venv/a.pyc", ".venv/", "- .venv/__pycache__/a.pyc", "env/", "- env/a.pyc",
		      ".git2/.git", "- .git2/a.pyc");
}

/* -a: they are directories like any other, but for repositories. */
TEST(all_enters_what_is_skipped)
{
	assert_cleans("-a", ".git/config", ".git/a.pyc", "node_modules/",
		      "- node_modules/__pycache__/a.pyc", ".tox/", "- .tox/a.pyc", ".nox/",
		      "- .nox/a.pyc", ".direnv/", "- .direnv/a.pyc", "env/pyvenv.cfg",
		      "- env/a.pyc", "conda/conda-meta/history", "- conda/conda-meta/a.pyc",
		      "- conda/a.pyc");
}

/* By its pyvenv.cfg, whatever its name; caches of an environment cost minutes to make again. */
TEST(a_virtual_environment_is_known_by_pyvenv_cfg)
{
	assert_cleans("", ".venv/pyvenv.cfg", ".venv/lib/python3.11/site-packages/a.pyc",
		      ".venv/lib/python3.11/site-packages/__pycache__/b.pyc",
		      "deep/inside/my project's env/pyvenv.cfg",
		      "deep/inside/my project's env/b.pyc", "- deep/inside/b.pyc", "- deep/b.pyc",
		      "not-an-env/sub/pyvenv.cfg", "not-an-env/sub/c.pyc", "- not-an-env/c.pyc",
		      "similar/pyvenv.cfg.bak", "- similar/d.pyc");
}

/* Nothing in it may go before it is recognised, wherever the directory's order puts the marker. */
TEST(an_environment_is_recognised_before_anything_goes)
{
	const struct tree *tree = TREE(NULL);
	struct tree_listing before;

	for (int i = 0; i < 40; i++) {
		for (int j = 0; j < 5; j++) {
			tree_add(tree, scratch_format("env-%d/before-%d.pyc", i, j));
			tree_add(tree, scratch_format("env-%d/%d/__pycache__/x.pyc", i, j));
		}
		tree_add(tree, scratch_format("env-%d/__pycache__/x.pyc", i));
		tree_add(tree, scratch_format("env-%d/%s", i,
					      i % 2 ? "pyvenv.cfg" : "conda-meta/history"));
		for (int j = 0; j < i; j++) {
			tree_add(tree, scratch_format("env-%d/z%d.pyc", i, j));
		}
	}
	before = tree_list(tree);
	assert_outcome(run(tree, ""), 0,
		       "Nothing to remove; skipped 40 virtual environments (-v lists them).\n", "");
	assert_listing(before, tree_list(tree));
}

TEST(a_conda_environment_is_known_by_conda_meta)
{
	assert_cleans("", "conda/conda-meta/", "conda/a.pyc", "conda/__pycache__/a.pyc",
		      "conda/lib/b.pyc", "file/conda-meta", "- file/a.pyc");
}

/* virtualenv up to 19 wrote no pyvenv.cfg; what it wrote tells all the same. */
TEST(an_old_virtual_environment_is_known_by_what_is_in_it)
{
	assert_cleans("", "a/bin/activate", "a/lib/python2.7/orig-prefix.txt",
		      "a/lib/python2.7/x.pyc", "a/x.pyc", "b/bin/activate -> /gone",
		      "b/lib/python3.10/site.py -> /gone", "b/lib/python3.10/site.pyc",
		      "c/Scripts/activate", "c/Lib/site.py", "c/Lib/__pycache__/x.pyc",
		      "d/Scripts/activate", "d/Lib/orig-prefix.txt", "d/x.pyc");
	assert_cleans("-a", "a/bin/activate", "a/lib/python2.7/site.py", "- a/lib/python2.7/x.pyc");
	assert_cleans("a", "a/bin/activate", "a/lib/python2.7/site.py", "- a/lib/python2.7/x.pyc");
}

/* /usr has a bin and a lib with a site.py in it, and so have a checkout and a build of Python. */
TEST(what_lacks_a_part_of_an_old_environment_is_entered)
{
	assert_cleans("", "a/bin/", "a/lib/python2.7/site.py", "- a/x.pyc", "b/bin/activate/",
		      "b/lib/python2.7/site.py", "- b/x.pyc", "c/bin/activate",
		      "c/lib/python2.7/site.py/", "- c/x.pyc", "d/bin/activate",
		      "d/lib/python2.7/os.py", "- d/x.pyc", "e/bin/activate", "e/lib/site.py",
		      "- e/x.pyc", "f/bin/activate", "f/lib/", "f/python2.7/site.py", "- f/x.pyc",
		      "g/bin/activate", "g/lib -> python", "g/python/python2.7/site.py",
		      "- g/x.pyc");
	assert_cleans("", "a/bin/activate", "a/lib/python2/site.py", "a/lib/python2./site.py",
		      "a/lib/python.7/site.py", "a/lib/python2.7.1/site.py", "a/lib/python/site.py",
		      "a/lib/python2.x/site.py", "a/lib/pythonx.7/site.py", "a/lib/pypy2.7/site.py",
		      "- a/x.pyc");
}

/* An operand is what the user asked for, even one that is skipped below another; no repository. */
TEST(an_operand_is_always_entered)
{
	const struct tree *tree =
		TREE(".tox/a.pyc", "env/pyvenv.cfg", "env/lib/a.pyc", "env/inner/pyvenv.cfg",
		     "env/inner/a.pyc", "env/.git/a.pyc", "node_modules/x/a.pyc");

	assert_outcome(run(tree, ".tox env node_modules/x"), 0,
		       "Removed 3 files (*); skipped 1 virtual environment "
		       "('pyclean env/inner' cleans it).\n",
		       "");
	assert_tree(tree, ".tox/", "env/pyvenv.cfg", "env/lib/", "env/inner/pyvenv.cfg",
		    "env/inner/a.pyc", "env/.git/a.pyc", "node_modules/x/");
}

/* `pyclean` within an environment: the current directory is an operand, too. */
TEST(the_current_directory_is_entered_even_if_an_environment)
{
	const struct tree *tree = TREE("pyvenv.cfg", "a.pyc", "lib/__pycache__/b.pyc");

	assert_outcome(run(tree, ""), 0, "Removed 2 files and 1 directory (*).\n", "");
	assert_tree(tree, "pyvenv.cfg", "lib/");
}

/* What an outer operand skips, an inner one can still name. */
TEST(a_skipped_directory_can_be_named_beside_its_parent)
{
	static const char *const orders[] = { ". env", "env .", ". ./env env" };

	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		const struct tree *tree = TREE("a.pyc", "env/pyvenv.cfg", "env/a.pyc", ".hg/a.pyc");

		assert_outcome(run(tree, orders[i]), 0,
			       "Removed 2 files (*); skipped 1 virtual environment "
			       "('pyclean env' cleans it).\n",
			       "");
		assert_tree(tree, "env/pyvenv.cfg", ".hg/a.pyc");
	}
}

/* Nobody should wonder why .venv kept its caches. */
TEST(verbose_names_what_is_skipped_and_why)
{
	const struct tree *tree =
		TREE(".git/a", ".hg/a", ".svn/a", ".bzr/a", ".jj/a", "node_modules/a", ".tox/a",
		     ".nox/a", ".direnv/a", ".venv/pyvenv.cfg", "sub/conda/conda-meta/",
		     "sub/.git/a", "x/a.py");
	static const char lines[] = "Skipped .git/ (version control)\n"
				    "Skipped .hg/ (version control)\n"
				    "Skipped .svn/ (version control)\n"
				    "Skipped .bzr/ (version control)\n"
				    "Skipped .jj/ (version control)\n"
				    "Skipped node_modules/ (dependencies)\n"
				    "Skipped .tox/ (test environments)\n"
				    "Skipped .nox/ (test environments)\n"
				    "Skipped .direnv/ (environment of direnv)\n"
				    "Skipped .venv/ (virtual environment)\n"
				    "Skipped sub/conda/ (virtual environment)\n"
				    "Skipped sub/.git/ (version control)\n"
				    "Skipped x/ (ignored)\n"
				    "Nothing to remove.\n";

	assert_outcome(run(tree, "-v -i x"), 0, lines, "");
	assert_outcome(run(tree, "-n -v -i x"), 0, lines, "");
	assert_outcome(run(tree, "-n -v -a -i sub"), 0,
		       "Skipped .git/ (version control)\n"
		       "Skipped .hg/ (version control)\n"
		       "Skipped .svn/ (version control)\n"
		       "Skipped .bzr/ (version control)\n"
		       "Skipped .jj/ (version control)\n"
		       "Skipped sub/ (ignored)\n"
		       "Nothing to remove.\n",
		       "");
}

/* Who has not asked with -v hears of it as well, once, and how to clean it. */
TEST(the_summary_tells_of_an_environment_that_was_skipped)
{
	static const char clean[] = "skipped 1 virtual environment ('pyclean .venv' cleans it).\n";
	const struct tree *tree = TREE("a.pyc", ".venv/pyvenv.cfg", ".venv/a.pyc", ".git/a.pyc",
				       "r/HEAD", "r/objects/", "r/refs/", "x/a.pyc");

	assert_outcome(run(tree, "-n -i x"), 0,
		       scratch_format("Would remove a.pyc\nWould remove 1 file (*); %s", clean),
		       "");
	assert_outcome(run(tree, "-i x"), 0, scratch_format("Removed 1 file (*); %s", clean), "");
	assert_outcome(run(tree, "-i x,.venv"), 0, "Nothing to remove.\n", "");
	assert_outcome(run(tree, "-ix gone ."), 1,
		       scratch_format("Nothing removed; 1 error; %s", clean),
		       "pyclean: cannot read 'gone': No such file or directory\n");
	tree_add(tree, "a.pyc");
	assert_outcome(run(tree, "-qn -i x"), 0, "", "");
	assert_paths(run(tree, "-n0 -i x"), "a.pyc");
	assert_outcome(run(tree, "-v -i x"), 0,
		       "Removed a.pyc\n"
		       "Skipped .git/ (version control)\n"
		       "Skipped .venv/ (virtual environment)\n"
		       "Skipped r/ (version control)\n"
		       "Skipped x/ (ignored)\n"
		       "Removed 1 file (*).\n",
		       "");
	assert_outcome(run(tree, "-a -i x"), 0, "Removed 1 file (*).\n", "");
}

/* Stale bytecode below .tox: "Nothing to remove." alone would be a riddle. */
TEST(the_summary_tells_of_all_that_is_skipped_by_default)
{
	const struct tree *tree = TREE("a/.tox/py/pyvenv.cfg", "a/.tox/py/a.pyc");

	assert_outcome(run(tree, ""), 0,
		       "Nothing to remove; skipped 1 directory ('pyclean -a a/.tox' cleans it).\n",
		       "");
	tree_add(tree, "node_modules/a.pyc");
	assert_outcome(run(tree, ""), 0,
		       "Nothing to remove; skipped 2 directories (-v lists them).\n", "");
	tree_add(tree, "env/pyvenv.cfg");
	assert_outcome(run(tree, "-i node_modules"), 0,
		       "Nothing to remove; skipped 1 virtual environment and 1 other directory "
		       "(-v lists them).\n",
		       "");
	ADD(tree, ".nox/", ".direnv/", "env2/conda-meta/");
	for (int i = 1; i < 64; i *= 2) {
		assert_outcome(run(tree, scratch_format("-j%d", i)), 0,
			       "Nothing to remove; skipped 2 virtual environments and 4 other "
			       "directories (-v lists them).\n",
			       "");
	}
	assert_outcome(run(tree, "-a a/.tox"), 0, "Removed 1 file (*).\n", "");
}

/* With a walker of its own for each of many directories, too, the one that was skipped is named. */
TEST(the_one_that_was_skipped_is_named_whoever_met_it)
{
	const struct tree *tree = TREE("d/61/env/pyvenv.cfg");

	for (int i = 0; i < 200; i++) {
		tree_add(tree, scratch_format("d/%d/%d/x.py", i % 100, i));
	}
	for (int i = 0; i < 20; i++) {
		assert_outcome(run(tree, ""), 0,
			       "Nothing to remove; skipped 1 virtual environment "
			       "('pyclean d/61/env' cleans it).\n",
			       "");
	}
}

/** Asserts on how the summary names a directory, and that a shell then cleans that directory. */
static void assert_named(const char *directory, const char *options, const char *command)
{
	const struct tree *tree = TREE(NULL);
	const char *const as_user = "pyclean() { $PYCLEAN_WRAPPER \"$PYCLEAN\" \"$@\"; }; ";

	tree_add_file(tree, scratch_format("%s/pyvenv.cfg", directory));
	tree_add_file(tree, scratch_format("%s/a.pyc", directory));
	assert_outcome(run(tree, options), 0,
		       scratch_format("Nothing to remove; skipped 1 virtual environment (%s cleans "
				      "it).\n",
				      command),
		       "");
	if (command[0] == '\'') {
		command = scratch_format("%.*s", (int)strlen(command) - 2, command + 1);
	}
	assert_outcome(
		RUN_PROGRAM(.name = "bash",
			    .arguments = WORDS("-c", scratch_format("%s%s", as_user, command)),
			    .cwd = tree->path),
		0, "Removed 1 file (*).\n", "");
}

/* What is pasted into a shell must be that directory, whatever its name. */
TEST(the_command_is_one_that_a_shell_takes)
{
	assert_named("env", "", "'pyclean env'");
	assert_named("a/b+c,d@e%f:g_h", ".", "'pyclean a/b+c,d@e%f:g_h'");
	assert_named("my env", "", "pyclean 'my env'");
	assert_named("it's", "", "pyclean $'it\\'s'");
	assert_named("new\nline", "", "pyclean $'new\\nline'");
	assert_named("$(x)", "", "pyclean '$(x)'");
	assert_named("~", "", "pyclean '~'");
	assert_named("a=b", "", "pyclean 'a=b'");
	assert_named("-a", "", "'pyclean ./-a'");
	assert_named("-a b", "", "pyclean ./'-a b'");
	assert_named("-d/env", "-- -d", "'pyclean ./-d/env'");
	assert_named("caf\xc3\xa9", "", "pyclean 'caf\xc3\xa9'");
	assert_named("caf\xe9", "", "pyclean $'caf\\351'");
}

/* No shell can hand over a path that is longer than PATH_MAX. */
TEST(a_path_that_is_too_long_is_not_named)
{
	const struct tree *tree = TREE(NULL);
	int fd;

	tree_add_chain(tree, "a-name-of-fifty-bytes-or-so-to-get-there-more-soon", 90, NULL);
	fd = openat(tree->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 90; i++) {
		int below = openat(fd, "a-name-of-fifty-bytes-or-so-to-get-there-more-soon",
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		assert_true(below >= 0);
		close(fd);
		fd = below;
	}
	assert_int_equal(mkdirat(fd, ".tox", 0755), 0);
	close(fd);
	assert_outcome(run(tree, ""), 0, "Nothing to remove; skipped 1 directory (-v lists it).\n",
		       "");
}

/* A skipped directory that cannot even be read is no error: nobody wanted to. */
TEST(a_skipped_directory_is_not_read)
{
	const struct tree *tree = TREE(".git/a.pyc", "ignored/a.pyc", "b.pyc");
	const struct outcome *outcome;

	tree_chmod(tree, ".git", 0);
	tree_chmod(tree, "ignored", 0);
	outcome = run_as_ordinary_user(tree, "-i ignored");
	tree_chmod(tree, ".git", 0755);
	tree_chmod(tree, "ignored", 0755);
	assert_outcome(outcome, 0, "Removed 1 file (*).\n", "");
	assert_tree(tree, ".git/a.pyc", "ignored/a.pyc");
}
