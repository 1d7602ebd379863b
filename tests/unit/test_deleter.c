/* Removing: files and trees of any depth, what is said of each, and what each gives back. */

#include "faults.h"
#include "removal.h"
#include "tests.h"

#include <limits.h>
#include <string.h>

static const struct deleter_policy with_sizes = { .sizes = true };

/* ---- Files ---------------------------------------------------------------------------------- */

/* Gone is what was wanted. */
TEST(a_file_that_is_gone_gives_no_event)
{
	const struct tree *tree = TREE("b.pyc");

	assert_removal(remove_in(tree, "a.pyc", NULL), NULL);
	assert_removal(remove_in(tree, "a.pyc", &with_sizes), NULL);
	assert_tree(tree, "b.pyc");
}

/* Between listing and removal a directory took the name: it is not what was to be removed. */
TEST(a_directory_in_place_of_a_file_is_left)
{
	const struct tree *tree = TREE("a.pyc/x");

	assert_removal(remove_in(tree, "a.pyc", NULL), NULL);
	assert_tree(tree, "a.pyc/x");
}

/* ---- Trees ---------------------------------------------------------------------------------- */

/* The header's promise for a name that is not, or no longer, a directory. */
TEST(what_is_no_directory_is_no_tree)
{
	const struct tree *tree = TREE("file", "link -> d", "d/x", "fifo|");

	assert_removal(remove_in(tree, "file/", NULL), NULL);
	assert_removal(remove_in(tree, "link/", NULL), NULL);
	assert_removal(remove_in(tree, "fifo/", NULL), NULL);
	assert_removal(remove_in(tree, "gone/", NULL), NULL);
	assert_tree(tree, "file", "link -> d", "d/x", "fifo|");
}

/** Counts the events of a name, and asserts that each has the trail that it should have. */
struct trail_check {
	const char *name;
	const char *trail;
	int seen;
	bool wrong;
};

static void check_trail(void *context, const struct deleter_event *event)
{
	struct trail_check *check = context;

	if (strcmp(event->name, check->name) == 0) {
		check->seen++;
		check->wrong = check->wrong || strcmp(event->trail, check->trail) != 0;
	}
}

/* One deleter serves a whole run: what a tree leaves in it must not show in the next. */
TEST(one_deleter_removes_tree_after_tree)
{
	static const struct {
		const char *tree;
		const char *name;
		const char *trail;
	} cases[] = { { "a", "x", "a/b/c/d/e/f/g/" },
		      { "b", "y", "b/" },
		      { "c", "d", "c/" },
		      { "gone", "gone", "" },
		      { "e", "e", "" } };
	const struct tree *tree = TREE("a/b/c/d/e/f/g/x", "b/y", "c/d/z", "e/", "keep");
	struct trail_check check;
	struct deleter deleter = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check = (struct trail_check){ cases[i].name, cases[i].trail, 0, false };
		deleter_remove(&deleter, tree->fd, cases[i].tree, ENTRY_DIRECTORY,
			       &(const struct deleter_callbacks){ check_trail, NULL, &check });
		assert_int_equal(check.seen, strcmp(cases[i].tree, "gone") != 0);
		assert_false(check.wrong);
	}
	deleter_free(&deleter);
	assert_tree(tree, "keep");
}

/* Where no one tells the type, fstatat does: the same goes. */
TEST(a_tree_without_types_is_removed_all_the_same)
{
	const struct tree *tree = TREE("c/a.pyc", "c/b/c/d", "c/l -> b", "c/fifo|", "keep");

	assert_removal(remove_under(&(const struct interposed){ .getdents = typeless_getdents },
				    tree, "c/", NULL),
		       "removed c/a.pyc", "removed c/b/c/d", "removed c/b/c/", "removed c/b/",
		       "removed c/l", "removed c/fifo", "removed c/");
	assert_tree(tree, "keep");
}

static void furnish(int fd, int level)
{
	(void)level;
	tree_make_file(fd, "x.pyc");
}

/* A path beyond PATH_MAX is said in full, though the kernel would not take it. */
TEST(a_path_beyond_path_max_is_said_in_full)
{
	const struct tree *tree = TREE("keep");
	const struct removal *removal;
	const char *name = scratch_repeat('n', 250);
	size_t longest = 0;

	tree_add_chain(tree, name, 40, furnish);
	removal = remove_in(tree, scratch_format("%s/", name), NULL);
	assert_int_equal(removal->count, 80);
	for (size_t i = 0; i < removal->count; i++) {
		size_t length = strlen(removal->lines[i]);

		longest = length > longest ? length : longest;
	}
	assert_int_equal(longest, strlen("removed ") + 40 * 251 + strlen("x.pyc"));
	assert_true(40 * 251 > 2 * PATH_MAX);
	assert_tree(tree, "keep");
}

/* ---- Sizes ---------------------------------------------------------------------------------- */
