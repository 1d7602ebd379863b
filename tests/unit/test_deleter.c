/* Removing: files and trees of any depth, what is said of each, and what each gives back. */

#include "deleter.h"
#include "faults.h"
#include "removal.h"
#include "tests.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct deleter_policy dry_run = { .dry_run = true };
static const struct deleter_policy with_sizes = { .sizes = true };

/* ---- Files ---------------------------------------------------------------------------------- */

TEST(a_file_is_removed)
{
	const struct tree *tree = TREE("a.pyc", "b.pyc");

	assert_removal(remove_in(tree, "a.pyc", NULL), "removed a.pyc");
	assert_tree(tree, "b.pyc");
}

/* A link goes, dangling or not; its target, even a directory, is somebody else's. */
TEST(a_link_is_removed_and_its_target_stays)
{
	const struct tree *tree = TREE("l.pyc -> t", "t", "m.pyc -> d", "d/x", "n.pyc -> gone");

	assert_removal(remove_in(tree, "l.pyc", NULL), "removed l.pyc");
	assert_removal(remove_in(tree, "m.pyc", NULL), "removed m.pyc");
	assert_removal(remove_in(tree, "n.pyc", NULL), "removed n.pyc");
	assert_tree(tree, "t", "d/x");
}

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

/* With all that a directory can hold; what is beside it stays. */
TEST(a_tree_is_removed_with_all_that_is_in_it)
{
	const struct tree *tree =
		TREE("c/a.pyc", "c/b/c/d", "c/b/e", "c/empty/", "c/fifo|",
		     "c/socket=", "c/link -> ../keep", "c/up -> ..", "c/ ", "keep/x", "d");

	tree_add_file(tree, "c/new\nline");
	tree_add_file(tree, "c/\xff");
	assert_removal(remove_in(tree, "c/", NULL), "removed c/a.pyc", "removed c/b/c/d",
		       "removed c/b/c/", "removed c/b/e", "removed c/b/", "removed c/empty/",
		       "removed c/fifo", "removed c/socket", "removed c/link", "removed c/up",
		       "removed c/ ", "removed c/new\nline", "removed c/\xff", "removed c/");
	assert_tree(tree, "keep/x", "d");
}

/* It says all the same, and does nothing. */
TEST(a_dry_run_says_the_same_and_removes_nothing)
{
	const struct tree *tree = TREE("c/a.pyc", "c/b/c/d", "c/b/e", "c/l -> b", "x.pyc");
	struct tree_listing before = tree_list(tree);
	const struct removal *dry = remove_in(tree, "c/", &dry_run);

	assert_removal(remove_in(tree, "x.pyc", &dry_run), "removed x.pyc");
	assert_listing(before, tree_list(tree));
	assert_int_equal(dry->count, 7);
	assert_removal(remove_in(tree, "c/", NULL), dry->lines[0], dry->lines[1], dry->lines[2],
		       dry->lines[3], dry->lines[4], dry->lines[5], dry->lines[6]);
	assert_tree(tree, "x.pyc");
}

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
	static const struct deleter_policy policy = { 0 };
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
	struct deleter deleter;

	deleter_init(&deleter, &policy);
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
	int file = openat(fd, "x.pyc", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (file < 0 || (level % 100 == 0 && mkdirat(fd, "sibling", 0755) != 0)) {
		broken("cannot furnish level %d", level);
	}
	close(file);
}

/* Depth costs neither stack nor descriptors nor a path: find(1) and rm(1) manage, so does this. */
TEST(a_tree_of_3000_levels_is_removed)
{
	const struct tree *tree = TREE("keep");
	int levels = tests_are_slow() ? 300 : 3000;
	const struct removal *removal;

	tree_add_chain(tree, "d", levels, furnish);
	removal = remove_in(tree, "d/", &dry_run);
	assert_int_equal(removal->files, levels);
	assert_int_equal(removal->directories, levels + levels / 100);
	assert_int_equal(removal->errors, 0);
	removal = remove_in(tree, "d/", &with_sizes);
	assert_int_equal(removal->files, levels);
	assert_int_equal(removal->directories, levels + levels / 100);
	assert_int_equal(removal->errors, 0);
	assert_tree(tree, "keep");
}

/* A path beyond PATH_MAX is said in full, though the kernel would not take it. */
TEST(a_path_beyond_path_max_is_said_in_full)
{
	const struct tree *tree = TREE("keep");
	const struct removal *removal;
	char name[251];
	size_t longest = 0;

	memset(name, 'n', 250);
	name[250] = '\0';
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

/* A directory's names are read in pieces, and removed only then. */
TEST(a_directory_of_many_names_is_removed)
{
	const struct tree *tree = TREE("c/", "keep");
	int names = tests_are_slow() ? 500 : 2000;
	int fd = openat(tree->fd, "c", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct removal *removal;

	for (int i = 0; i < names; i++) {
		char name[64];
		int file;

		snprintf(name, sizeof(name), "a_rather_long_module_name_%d.cpython-311.pyc", i);
		file = openat(fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		assert_true(file >= 0);
		close(file);
	}
	close(fd);
	removal = remove_in(tree, "c/", NULL);
	assert_int_equal(removal->files, names);
	assert_int_equal(removal->directories, 1);
	assert_tree(tree, "keep");
}

/* ---- Sizes ---------------------------------------------------------------------------------- */

/* What the file system gives back, directories included; nothing where nobody asked. */
TEST(sizes_are_those_of_the_file_system)
{
	const struct tree *tree = TREE("c/b/", "s.pyc", "l.pyc -> s.pyc");
	char *content = scratch_alloc(100000);
	uint64_t stray;
	uint64_t cache;

	memset(content, 'x', 100000);
	tree_write(tree, "c/a.pyc", content, 100000);
	tree_write(tree, "c/b/b.pyc", content, 5000);
	stray = tree_bytes(tree, "s.pyc");
	cache = tree_bytes(tree, "c/a.pyc") + tree_bytes(tree, "c/b/b.pyc") +
		tree_bytes(tree, "c/b") + tree_bytes(tree, "c");
	assert_true(cache >= 105000);
	assert_int_equal(remove_in(tree, "c/", &dry_run)->bytes, 0);
	assert_int_equal(remove_in(tree, "c/",
				   &(const struct deleter_policy){ .dry_run = true, .sizes = true })
				 ->bytes,
			 cache);
	/* A link's own size, and not that of the file behind it. */
	assert_int_equal(remove_in(tree, "l.pyc", &with_sizes)->bytes, 0);
	assert_int_equal(remove_in(tree, "s.pyc", &with_sizes)->bytes, stray);
	assert_int_equal(remove_in(tree, "c/", &with_sizes)->bytes, cache);
}

/* A file that another name keeps alive gives nothing back. */
TEST(a_hard_link_gives_nothing_back)
{
	const struct tree *tree = TREE("c/a.pyc", "b.pyc");
	uint64_t cache = tree_bytes(tree, "c");
	const struct removal *removal;

	assert_int_equal(linkat(tree->fd, "c/a.pyc", tree->fd, "kept", 0), 0);
	assert_int_equal(linkat(tree->fd, "b.pyc", tree->fd, "kept2", 0), 0);
	removal = remove_in(tree, "c/", &with_sizes);
	assert_int_equal(removal->bytes, cache);
	assert_int_equal(removal->files, 1);
	removal = remove_in(tree, "b.pyc", &with_sizes);
	assert_int_equal(removal->bytes, 0);
	assert_removal(removal, "removed b.pyc");
	assert_true(tree_has(tree, "kept") && tree_has(tree, "kept2"));
	/* The last of them does. */
	assert_int_equal(remove_in(tree, "kept2", &with_sizes)->bytes, tree_bytes(tree, "kept"));
}
