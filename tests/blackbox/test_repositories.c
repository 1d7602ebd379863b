/*
 * A PATH that stores a repository, or lies in what does: bytecode comes back, a branch does not. What
 * is met on the way through a tree is in test_skips.c.
 */

#include "tests.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** A work tree with a submodule, a linked worktree and a hook; beside it a bare repository. */
static const struct tree *repositories(void)
{
	return TREE("w/.git/HEAD", "w/.git/objects/", "w/.git/refs/heads/fix.pyc",
		    "w/.git/refs/heads/d/x.pyc", "w/.git/logs/refs/heads/fix.pyc",
		    "w/.git/refs/heads/__pycache__/b", "w/.git/m.pyc",
		    "w/.git/hooks/__pycache__/h.pyc", "w/.git/hooks/lib/h.pyc", "w/.git/hooks/h.py",
		    "w/.git/hooks/h.pyc", "w/.git/modules/sub/HEAD", "w/.git/modules/sub/objects/",
		    "w/.git/modules/sub/refs/heads/fix.pyc", "w/.git/worktrees/x/logs/HEAD.pyc",
		    "w/a.pyc", "w/sub/.git", "w/sub/b.pyc", "w/sub/p/c.pyc", "x/.git", "x/d.pyc",
		    "r.git/HEAD", "r.git/objects/", "r.git/refs/heads/fix.pyc");
}

/** Asserts that each of several PATHs, divided by blanks, is refused, and that all stays. */
static void assert_refused(const struct tree *tree, const char *cwd, const char *paths)
{
	struct tree_listing before = tree_list(tree);
	const char *const *path = split(paths);

	for (; *path; path++) {
		const char *const arguments[] = { "-a", *path, NULL };

		assert_outcome(
			RUN_PROGRAM(.cwd = tree_path(tree, cwd), .arguments = arguments), 1,
			"Nothing removed; 1 error.\n",
			scratch_format("pyclean: cannot clean '%s': a repository is stored there\n",
				       *path));
		assert_listing(before, tree_list(tree));
	}
}

/* Whatever the PATH is, and however it leads there. */
TEST(what_stores_a_repository_is_refused)
{
	const struct tree *tree = repositories();

	tree_add(tree, "link -> w/.git/refs");
	tree_add(tree, "w/refs.d -> .git/refs/heads");
	assert_refused(tree, ".",
		       "w/.git w/.git/ w/.git/. w/.git/hooks/.. w/.git/refs w/.git/refs/heads "
		       "w/.git/refs/heads/fix.pyc w/.git/refs/heads/fix.py w/.git/m.py "
		       "w/.git/refs/heads/__pycache__ w/.git/objects w/.git/logs "
		       "w/.git/modules w/.git/modules/sub w/.git/modules/sub/refs "
		       "w/.git/worktrees/x w/.git/worktrees/x/logs/HEAD.pyc "
		       "r.git r.git/ r.git/refs r.git/refs/heads/fix.pyc link link/heads w/refs.d");
	assert_refused(tree, "w/.git", ". ./refs ../.git refs/heads/fix.pyc m.py");
	assert_refused(tree, "w/.git/refs/heads", ". .. ../.. d fix.pyc ./fix.pyc");
	assert_refused(tree, "r.git/refs", ". .. heads");
}

/* What was found of one PATH must not be taken for what is true of the next. */
TEST(each_path_is_looked_at)
{
	static const char *const orders[] = {
		"w/.git/hooks/lib w/.git/hooks w/.git/refs",
		"w/.git/refs w/.git/hooks/lib w/.git/hooks",
		"w w/.git/hooks w/.git w/.git/hooks/lib",
		"w/.git/hooks/lib w/.git/refs/heads/d w/.git/hooks",
	};

	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		const struct tree *tree = repositories();
		const struct outcome *outcome = run(tree, orders[i]);

		assert_int_equal(outcome->status, 1);
		assert_non_null(strstr(outcome->out, "; 1 error"));
		assert_false(tree_has(tree, "w/.git/hooks/lib/h.pyc"));
		assert_false(tree_has(tree, "w/.git/hooks/h.pyc"));
		assert_true(tree_has(tree, "w/.git/m.pyc"));
		assert_true(tree_has(tree, "w/.git/refs/heads/d/x.pyc"));
	}
}

/* `find . -type d -exec pyclean {} +` passes all of them at once. */
TEST(the_rest_is_done)
{
	const struct tree *tree = repositories();

	assert_outcome(run(tree, "w/.git/refs w/.git/m.py w w/.git/n.py r.git x"), 1,
		       "Removed 4 files (*); 4 errors.\n",
		       "pyclean: cannot clean 'w/.git/refs': a repository is stored there\n"
		       "pyclean: cannot clean 'w/.git/m.py': a repository is stored there\n"
		       "pyclean: cannot clean 'w/.git/n.py': a repository is stored there\n"
		       "pyclean: cannot clean 'r.git': a repository is stored there\n");
	assert_true(tree_has(tree, "w/.git/m.pyc"));
	assert_true(tree_has(tree, "r.git/refs/heads/fix.pyc"));
	assert_outcome(run(tree, "--check r.git"), 2, "Nothing to remove; 1 error.\n",
		       "pyclean: cannot clean 'r.git': a repository is stored there\n");
}

/* Each of the names, with nothing else to tell. */
TEST(each_kind_is_known_by_its_name)
{
	static const char *const names[] = { ".git", ".hg",    ".svn",   ".bzr", ".jj",
					     ".sl",  ".pijul", "_darcs", "CVS" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct tree *tree = TREE("elsewhere/a.pyc");
		const char *name = names[i];

		tree_add(tree, scratch_format("p/%s/store/a.pyc", name));
		tree_add_directory(tree, "q");
		tree_add_link(tree, scratch_format("q/%s", name), "../elsewhere");
		assert_refused(tree, "p",
			       scratch_format("%s %s/store %s/store/a.pyc", name, name, name));
		assert_refused(tree, "q", scratch_format("%s %s/", name, name));
		assert_outcome(run(tree, "elsewhere"), 0, "Removed 1 file (*).\n", "");
	}
}

/* By HEAD, objects and refs, whatever it is called: `git init --bare`, --separate-git-dir. */
TEST(a_repository_without_a_name_is_known_by_what_is_in_it)
{
	const struct tree *tree = TREE("a/HEAD -> refs/heads/main", "a/objects -> ../o", "o/",
				       "a/refs -> ../r", "r/", "a/x/y.pyc");

	assert_refused(tree, ".", "a a/x a/x/y.pyc");
	assert_cleans("a", "a/HEAD", "a/objects/", "- a/refs.pyc");
	assert_cleans("a", "a/HEAD/", "a/objects/", "a/refs/", "- a/x.pyc");
	assert_cleans("a", "a/HEAD", "a/objects", "a/refs/", "- a/x.pyc");
}

/* Hooks are programs, and may be in Python. */
TEST(hooks_are_cleaned)
{
	assert_cleans("r/hooks s/.git/hooks/lib t/.git/hooks/h.py t/.git/hooks/__pycache__",
		      "r/HEAD", "r/objects/", "r/refs/", "r/hooks/", "- r/hooks/a.pyc",
		      "s/.git/hooks/lib/x/", "- s/.git/hooks/lib/x/b.pyc", "t/.git/hooks/h.py",
		      "- t/.git/hooks/h.pyc", "- t/.git/hooks/__pycache__/x");
	assert_refused(TREE("r/HEAD", "r/objects/", "r/refs/hooks/a.pyc", "hooks/.git/b.pyc"), ".",
		       "r/refs/hooks hooks/.git");
}

/* Going up from the PATH, the work tree comes before the repository that it lies in. */
TEST(a_work_tree_within_a_repository_is_cleaned)
{
	/* A home directory that is a bare repository, for the files in it that begin with a dot. */
	assert_cleans("p p/src q/x.pyc", "HEAD", "objects/", "refs/heads/fix.pyc", "p/.git/a.pyc",
		      "p/src/", "- p/src/b.pyc", "q/.git", "- q/x.pyc");
	assert_refused(TREE("HEAD", "objects/", "refs/", "src/a.pyc"), ".", ". src src/a.pyc");
	/* The repository itself is none of its own work trees. */
	assert_refused(TREE("r/HEAD", "r/objects/", "r/refs/a.pyc", "r/.git/", "s/.git/.git/"), ".",
		       "r s/.git");
	/* A submodule's and a linked worktree's .git are files that lead elsewhere. */
	assert_cleans("w/sub x w/sub/p/c.pyc", "w/.git/HEAD", "w/.git/objects/", "w/.git/refs/",
		      "w/sub/.git", "w/sub/p/", "- w/sub/b.pyc", "- w/sub/p/c.pyc", "x/.git",
		      "- x/d.pyc");
}

/* What is beside a repository is no part of it, and a link there leads away from it. */
TEST(what_is_beside_a_repository_is_cleaned)
{
	assert_cleans("p p/HEAD.d p.git", "p/.git/HEAD", "- p/a.pyc", "p/HEAD.d/",
		      "- p/HEAD.d/b.pyc", "p.git/refs/", "- p.git/c.pyc");
	assert_cleans("p/.git/hooks/", "p/.git/HEAD", "p/.git/hooks -> ../../shared", "shared/",
		      "- shared/a.pyc");
	assert_cleans("p/__pycache__", "p/", "- p/__pycache__/.git/refs/heads/x",
		      "- p/__pycache__/r/HEAD", "- p/__pycache__/r/objects/",
		      "- p/__pycache__/r/refs/y");
}

/* That the directories above may not be read hides nothing, as long as they may be searched. */
TEST(unreadable_parents_hide_nothing)
{
	static const char *const unreadable[] = { "p/.git/refs", "p/.git", "p", "q" };
	const struct tree *tree = TREE("p/.git/refs/heads/fix.pyc", "q/src/a.pyc");

	for (size_t i = 0; i < sizeof(unreadable) / sizeof(*unreadable); i++) {
		tree_chmod(tree, unreadable[i], 0311);
	}
	assert_outcome(run_as_ordinary_user(tree, "p/.git/refs/heads q/src"), 1,
		       "Removed 1 file (*); 1 error.\n",
		       "pyclean: cannot clean 'p/.git/refs/heads': a repository is stored there\n");
	assert_true(tree_has(tree, "p/.git/refs/heads/fix.pyc"));
}

static void close_parent(const char *cwd)
{
	(void)cwd;
	if (chmod("..", 0600) != 0) {
		_exit(126);
	}
}

/* Beyond one that may not be searched there is nothing to find. */
TEST(a_closed_parent_ends_the_way_up)
{
	const struct tree *tree = TREE("p/q/r/a.pyc", "p/q/HEAD", "p/q/objects/", "p/q/refs/");
	const struct tree *other = TREE("p/q/a.pyc");
	struct program program = { .arguments = split("."),
				   .as_ordinary_user = true,
				   .prepare = close_parent };

	tree_give(tree, program_ordinary_user(), getgid());
	tree_give(other, program_ordinary_user(), getgid());
	program.cwd = tree_path(other, "p/q");
	assert_outcome(program_run(&program), 0, "Removed 1 file (*).\n", "");
	program.cwd = tree_path(tree, "p/q");
	assert_outcome(program_run(&program), 1, "Nothing removed; 1 error.\n",
		       "pyclean: cannot clean '.': a repository is stored there\n");
	tree_chmod(tree, "p", 0700);
	assert_true(tree_has(tree, "p/q/r/a.pyc"));
}
