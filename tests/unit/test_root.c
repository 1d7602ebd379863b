/*
 * The root directory as an operand. Each run is in a root directory of its own, a tree: what goes
 * wrong here goes wrong there.
 */

#include "child.h"
#include "operands.h"
#include "tests.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** No root directory of its own for the child. */
	NO_ROOT = 100,
};

struct session {
	const struct tree *tree;
	const struct options *options;
};

/** Cleans with the tree as the root directory, and its subdirectory "p" as the current one. */
static int clean_in_tree(void *context)
{
	const struct session *session = context;
	struct reporter *reporter;
	int result;

	if (getuid() != 0 && unshare(CLONE_NEWUSER) != 0) {
		return NO_ROOT;
	}
	if (chroot(session->tree->path) != 0 || chdir("/p") != 0) {
		return NO_ROOT;
	}
	reporter = reporter_new(&session->options->style);
	result = operands_clean(session->options, reporter, NULL);
	if (result == 0) {
		reporter_finish(reporter, false);
	}
	reporter_free(reporter);
	return result == 0 ? 0 : 1;
}

/** Runs with operands, divided by blanks, in a tree of some bytecode. */
static const struct outcome *clean(const struct tree *tree, struct options options,
				   const char *operands)
{
	struct session session = { tree, &options };
	const struct outcome *outcome;
	const char *words[4];

	if (getenv("GCOV_PREFIX")) {
		skip_because("gcov would write its counters into the tree");
	}
	options.operands = words;
	for (const char *const *operand = split(operands); *operand; operand++) {
		words[options.operand_count++] = *operand;
	}
	options.jobs = 1;
	options.style.detail = REPORTER_SUMMARY;
	outcome = in_child(clean_in_tree, &session);
	if (outcome->status == NO_ROOT) {
		skip_because("this process may not change its root directory");
	}
	if (strstr(outcome->err, "Sanitizer")) {
		skip_because("the sanitizer needs /proc");
	}
	return outcome;
}

static const struct tree *system_tree(void)
{
	return TREE("a.pyc", "p/b.pyc", "p/link -> /", "p/x.pyc -> /", "q/__pycache__/c.pyc");
}

/* All operands are checked before anything is removed. */
TEST(the_root_directory_is_refused_however_it_is_spelt)
{
	static const char *const operands[] = {
		"/",        "//",       "/.",     "/q/..",         "..",   "../",
		"./..",     "link",     "link/",  "x.pyc/",        "../.", ". /",
		"b.pyc ..", "/p /q /.", "gone /", "notes.txt link"
	};

	for (size_t i = 0; i < sizeof(operands) / sizeof(*operands); i++) {
		const struct tree *tree = system_tree();
		struct tree_listing before = tree_list(tree);
		const char *last = strrchr(operands[i], ' ');

		assert_outcome(clean(tree, (struct options){ 0 }, operands[i]), 1, "",
			       scratch_format("pyclean: -x, -n or --check is required to clean the "
					      "root directory '%s'\n"
					      "Try 'pyclean --help' for more information.\n",
					      last ? last + 1 : operands[i]));
		assert_listing(before, tree_list(tree));
	}
}

TEST(force_does_not_lift_it)
{
	const struct tree *tree = system_tree();
	struct tree_listing before = tree_list(tree);

	assert_int_equal(clean(tree, (struct options){ .force = true }, "gone /")->status, 1);
	assert_listing(before, tree_list(tree));
}

/* `pyclean -x /` is for images. */
TEST(with_one_file_system_it_is_cleaned)
{
	const struct tree *tree = system_tree();

	assert_outcome(clean(tree, (struct options){ .one_file_system = true }, "/"), 0,
		       "Removed 4 files and 1 directory (*).\n", "");
	assert_tree(tree, "p/link -> /", "q/");
}

/* With --check as well, which is a dry run. */
TEST(a_dry_run_lists_what_is_in_it)
{
	const struct tree *tree = system_tree();
	struct tree_listing before = tree_list(tree);

	assert_outcome(clean(tree, (struct options){ .style.dry_run = true }, ".."), 0,
		       "Would remove 4 files and 1 directory (*).\n", "");
	assert_listing(before, tree_list(tree));
}

TEST(other_directories_and_links_to_the_root_are_no_root)
{
	const struct tree *tree = system_tree();

	assert_outcome(clean(tree, (struct options){ 0 }, "x.pyc /q /a.pyc"), 0,
		       "Removed 3 files and 1 directory (*).\n", "");
	assert_tree(tree, "p/b.pyc", "p/link -> /", "q/");
}

static void restore_path(void *path)
{
	setenv("PATH", path, 1);
}

/* `auto` would ask it, and it may be somebody else's image. */
TEST(no_python3_in_it_is_run)
{
	static const char script[] = "#!/bin/sh\n>/log\necho cpython-399\n";
	static const char *tags[] = { filter_auto };
	const struct tree *tree = TREE("p/a.pyc", "bin/");
	const char *path = getenv("PATH");

	if (!path) {
		broken("there is no PATH");
	}
	tree_write(tree, "bin/python3", script, strlen(script));
	tree_chmod(tree, "bin/python3", 0755);
	scratch_defer(restore_path, scratch_copy(path, strlen(path)));
	setenv("PATH", "/bin", 1);
	assert_outcome(
		clean(tree,
		      (struct options){ .selection.except = { .all = tags,
							      .count = 1,
							      .automatic = filter_auto },
					.one_file_system = true },
		      "/"),
		1, "",
		"pyclean: python3 is not run, since it lies in a PATH to clean; name a version, "
		"e.g. --keep-tag=3.13: '/bin/python3'\n"
		"Try 'pyclean --help' for more information.\n");
	assert_true(tree_has(tree, "p/a.pyc"));
}
