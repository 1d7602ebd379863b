/*
 * .pre-commit-hooks.yaml: run by the pre-commit framework where it is installed, and anyhow as the
 * framework says that it runs a hook: the entry, its arguments, then the names of the files.
 */

#include "tests.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MANIFEST ".pre-commit-hooks.yaml"

/** The value of a key of a hook, a line "key: value". @return It, or NULL where it is not given. */
static const char *value_of(const char *id, const char *key)
{
	char *hook = strstr(scratch_read(MANIFEST), scratch_format("\n- id: %s\n", id));
	char *end = hook ? strstr(hook + 1, "\n- id: ") : NULL;
	char *line;

	if (!hook) {
		broken("no hook '%s' in %s", id, MANIFEST);
	}
	if (end) {
		*end = '\0';
	}
	key = scratch_format("\n  %s: ", key);
	line = strstr(hook, key);
	return line ? scratch_copy(line + strlen(key), strcspn(line + strlen(key), "\n")) : NULL;
}

/** Runs a shell's commands in a tree, with the program under test as bin/pyclean in PATH. */
static const struct outcome *run_commands(const struct tree *tree, const char *commands)
{
	char program[PATH_MAX];
	const char *const environment[] = {
		scratch_format("PATH=%s:%s", tree_path(tree, "bin"), getenv("PATH")),
		scratch_format("HOME=%s", tree->path),
		scratch_format("PRE_COMMIT_HOME=%s", tree_path(tree, "cache")),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a",
		"GIT_AUTHOR_EMAIL=a@b.example",
		"GIT_COMMITTER_NAME=a",
		"GIT_COMMITTER_EMAIL=a@b.example",
		NULL,
	};
	const char *const arguments[] = { "-euc", commands, NULL };

	if (!tree_has(tree, "bin/pyclean")) {
		if (!realpath(getenv("PYCLEAN"), program)) {
			broken("cannot find the program under test");
		}
		tree_add(tree, scratch_format("bin/pyclean -> %s", program));
	}
	return RUN_PROGRAM(.name = "sh", .arguments = arguments, .cwd = tree->path,
			   .environment = environment);
}

/** Runs a hook as the framework documents it, in the directory project of a tree. */
static const struct outcome *run_hook(const struct tree *tree, const char *id, const char *files)
{
	const char *arguments = value_of(id, "args");
	char *words = scratch_format("%s", arguments ? arguments : "");

	for (char *at = words; (at = strpbrk(at, "[],")); at++) {
		*at = ' ';
	}
	return run_commands(tree, scratch_format("cd project; exec %s %s %s", value_of(id, "entry"),
						 words, files));
}

TEST(the_hook_cleans_the_working_tree)
{
	const struct tree *tree = TREE("project/a.py", "project/__pycache__/a.pyc");

	assert_string_equal(value_of("pyclean", "pass_filenames"), "false");
	assert_string_equal(value_of("pyclean", "always_run"), "true");
	assert_outcome(run_hook(tree, "pyclean", ""), 0, "", "");
	assert_true(tree_has(tree, "project/a.py"));
	assert_false(tree_has(tree, "project/__pycache__"));
}

/* Were the file not an operand, a cache that git ignores would fail each commit. */
TEST(the_check_looks_at_the_files_it_is_given)
{
	const struct tree *tree = TREE("project/a.pyc", "project/-x.pyc", "project/pkg/b.pyc");

	assert_null(value_of("pyclean-check", "pass_filenames"));
	assert_null(value_of("pyclean-check", "always_run"));
	assert_outcome(run_hook(tree, "pyclean-check", "a.pyc -x.pyc"), 1,
		       "Would remove a.pyc\nWould remove -x.pyc\nWould remove 2 files (*).\n", "");
	assert_true(tree_has(tree, "project/a.pyc"));
}

/* All of a __pycache__ is what a run would remove. */
TEST(the_check_knows_what_lies_in_a_cache)
{
	static const char *const names[] = { "x.nbi", "notes", "A.class", "x.py" };
	const struct tree *tree = TREE("project/pkg/README.md");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *file = scratch_format("pkg/__pycache__/%s", names[i]);

		tree_add(tree, scratch_format("project/%s", file));
		assert_outcome(run_hook(tree, "pyclean-check", file), 1,
			       scratch_format("Would remove %s\nWould remove 1 file (*).\n", file),
			       "");
	}
	assert_int_equal(run_hook(tree, "pyclean-check", "pkg/README.md")->status, 2);
}

/* The pattern has to find what the program removes, and nothing else. */
TEST(the_check_is_given_all_bytecode)
{
	static const char *const paths[] = {
		"a.pyc",
		"p/a.pyo",
		"a.pyc.12",
		"a$py.class",
		"p/__pycache__/x.txt",
		"__pycache__/x.txt",
		"a.py",
		".pyc",
		"p/.pyo",
		"a.pyo.12",
		"a.pyc.x",
		"my__pycache__/x.txt",
		"A.class",
		"$py.class",
	};
	const char *pattern = value_of("pyclean-check", "files");
	int removed = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const struct tree *tree = TREE("a.py", paths[i]);
		bool goes = RUN(tree, "--check", "-nq", "--", paths[i])->status == 1;
		const struct outcome *outcome =
			RUN_PROGRAM(.name = "grep", .arguments = WORDS("-Ec", pattern),
				    .input = paths[i]);

		assert_int_equal(outcome->status, goes ? 0 : 1);
		removed += goes;
	}
	assert_int_equal(removed, 6);
}

/** Skips the test without the framework; makes a repository of hooks, and one that uses them. */
static const struct tree *projects(void)
{
	const struct tree *tree = TREE("project/a.py", "project/pkg/__pycache__/b.pyc", "cache/");
	const char *manifest = scratch_read(MANIFEST);
	const struct outcome *outcome;

	need_tool("git");
	need_tool("pre-commit");
	tree_write(tree, "hooks/" MANIFEST, manifest, strlen(manifest));
	outcome = run_commands(
		tree, "for repository in hooks project; do git -C $repository init -q; done\n"
		      "cd hooks; git add -A; git commit -qm hooks; cd ../project\n"
		      "echo __pycache__ >.gitignore\n"
		      "cat >.pre-commit-config.yaml <<END\n"
		      "repos:\n"
		      "- repo: $HOME/hooks\n"
		      "  rev: $(git -C ../hooks rev-parse HEAD)\n"
		      "  hooks:\n"
		      "  - id: pyclean-check\n"
		      "  - id: pyclean\n"
		      "    stages: [post-checkout]\n"
		      "END\n"
		      "pre-commit validate-manifest ../hooks/" MANIFEST "\n"
		      "pre-commit install -t pre-commit -t post-checkout >/dev/null\n"
		      "git add -A; git commit -qm first");
	if (outcome->status != 0) {
		broken("the framework does not take the hooks: %s%s", outcome->out, outcome->err);
	}
	return tree;
}

/** Asserts that a commit of a file, forced into the index, is refused for it. */
static void assert_no_commit(const struct tree *tree, const char *make, const char *path)
{
	const struct outcome *outcome = run_commands(
		tree, scratch_format("cd project; %s; git add -f %s; git commit -m x", make, path));

	assert_int_equal(outcome->status, 1);
	assert_non_null(
		strstr(without_marks(outcome->err, ""), scratch_format("Would remove %s\n", path)));
	outcome = run_commands(tree,
			       scratch_format("cd project; git reset -q; git show HEAD:%s", path));
	assert_int_equal(outcome->status, 128);
}

TEST(the_framework_keeps_bytecode_out_of_a_commit)
{
	const struct tree *tree = projects();

	assert_no_commit(tree, ":", "pkg/__pycache__/b.pyc");
	assert_no_commit(tree, "echo >c.pyc", "c.pyc");
	assert_no_commit(tree, "ln -s a.py d.pyo", "d.pyo");
}

/* In `projects` the first commit has succeeded beside a __pycache__ that git ignores. */
TEST(the_framework_cleans_after_a_switch_of_branches)
{
	const struct tree *tree = projects();
	const struct outcome *outcome;

	assert_true(tree_has(tree, "project/pkg/__pycache__/b.pyc"));
	outcome = run_commands(tree, "cd project; git switch -c next");
	assert_int_equal(outcome->status, 0);
	assert_false(tree_has(tree, "project/pkg/__pycache__"));
	assert_true(tree_has(tree, "project/a.py"));
}
