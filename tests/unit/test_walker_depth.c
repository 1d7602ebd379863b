/* Trees deeper than a walk goes, paths longer than PATH_MAX, and few descriptors for either. */

#include "child.h"
#include "faults.h"
#include "tests.h"
#include "walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** The deepest level of one walk (crew.c); a directory there is handed over. */
enum {
	HAND_OVER_LEVEL = 32
};

static int make_directory_at(int dirfd, const char *name)
{
	int fd;

	if (mkdirat(dirfd, name, 0755) != 0 ||
	    (fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		broken("cannot make directory '%s'", name);
	}
	return fd;
}

/** What there is to remove. */
static uint64_t due_files;
static uint64_t due_directories;

/** Two files and a directory to remove, and nothing that stays, so that nftw is let in. */
static void furnish(int dirfd)
{
	int cache = make_directory_at(dirfd, "__pycache__");

	tree_make_file(cache, "m.pyc");
	close(cache);
	tree_make_file(dirfd, "x.pyc");
	due_files += 2;
	due_directories++;
}

/** A directory with one in it, in which there is something to do. */
static void furnish_sibling(int dirfd, const char *name)
{
	int sibling = make_directory_at(dirfd, name);
	int inner = make_directory_at(sibling, "inner");

	tree_make_file(inner, "x.pyc");
	due_files++;
	close(inner);
	close(sibling);
}

/** Directories before and after the one that leads on, whose contents are due, too. */
static void furnish_siblings(int dirfd, int level)
{
	if (level % 3 == 1) {
		furnish(dirfd);
	}
	furnish_sibling(dirfd, level % 2 ? "a" : "z");
	furnish_sibling(dirfd, "0");
}

/** At and around the level where directories are handed over: two hundred, each with work in it. */
static void furnish_wide(int dirfd, int level)
{
	if (level < HAND_OVER_LEVEL - 1 || level > HAND_OVER_LEVEL) {
		return;
	}
	furnish(dirfd);
	for (int i = 0; i < 200; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		furnish_sibling(dirfd, name);
	}
}

/**
 * Asserts that all that was furnished would go, and then goes, once and without an error.
 *
 * @param max_descriptors 0 for as many as there are.
 */
static void assert_cleaned(const struct tree *tree, unsigned jobs, size_t max_descriptors)
{
	struct walk_request request = { .tree = tree,
					.jobs = jobs,
					.policy.dry_run = true,
					.max_descriptors = max_descriptors };

	for (int i = 0; i < 2; i++) {
		const struct walk_result *result = walk(&request);

		assert_string_equal(result->err, "");
		assert_int_equal(result->returned, 0);
		assert_int_equal(result->tally.files, due_files);
		assert_int_equal(result->tally.directories, due_directories);
		request.policy.dry_run = false;
	}
	assert_string_equal(walk(&request)->out, "");
}

static const struct tree *chain(const char *name, int levels, void (*each)(int fd, int level))
{
	const struct tree *tree = TREE(NULL);

	due_files = 0;
	due_directories = 0;
	tree_add_chain(tree, name, levels, each);
	return tree;
}

/* One level less, as many, one more, and many times as many as one walk takes. */
TEST(each_depth_is_cleaned)
{
	static const int depths[] = { 1,
				      HAND_OVER_LEVEL - 1,
				      HAND_OVER_LEVEL,
				      HAND_OVER_LEVEL + 1,
				      HAND_OVER_LEVEL + 2,
				      2 * HAND_OVER_LEVEL + 1,
				      150 };

	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		assert_cleaned(chain("d", depths[i], furnish_siblings), i % 2 ? 4 : 1, 0);
	}
}

/* What nftw has not reported when it is told to come back is still to be visited. */
TEST(many_siblings_where_directories_are_handed_over_are_cleaned)
{
	assert_cleaned(chain("d", HAND_OVER_LEVEL + 3, furnish_wide), 1, 0);
}

/* As in a shell with `ulimit -n 16`, or with less: the depth of a walk is cut, not the tree. */
TEST(few_descriptors_are_enough)
{
	static const size_t limits[] = { 12, 16, 20, 64 };

	if (program_is_wrapped()) {
		skip_because("the wrapper needs descriptors of its own");
	}
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		note_walks("%zu descriptors", limits[i]);
		assert_cleaned(chain("d", 40, furnish_siblings), i % 2 ? 8 : 1, limits[i]);
	}
	assert_cleaned(chain(scratch_repeat('n', 200), 25, furnish_siblings), 1, 16);
	assert_cleaned(chain("d", HAND_OVER_LEVEL + 3, furnish_wide), 8, 16);
}

/** Directories on a file system that has names longer than NAME_MAX, as FUSE may. */
static char endless_name[1001];

static int openat_with_long_names(int dirfd, const char *name, int flags)
{
	return real_openat(dirfd, strcmp(name, endless_name) == 0 ? "x" : name, flags);
}

static ssize_t getdents_with_long_names(int fd, void *buffer, size_t size)
{
	ssize_t length = real_getdents(fd, buffer, size - sizeof(endless_name));
	char *end = (char *)buffer + (length > 0 ? length : 0);

	for (char *at = buffer; at < end;) {
		struct dirent *entry = (struct dirent *)(void *)at;

		at += entry->d_reclen;
		if (strcmp(entry->d_name, "x") == 0) {
			size_t more = (sizeof(endless_name) + 7) / 8 * 8;

			memmove(at + more, at, (size_t)(end - at));
			memcpy(entry->d_name, endless_name, sizeof(endless_name));
			entry->d_reclen = (unsigned short)(entry->d_reclen + more);
			return length + (ssize_t)more;
		}
	}
	return length;
}

/* A directory that is opened step by step: no step may be longer than the memory for it. */
TEST(names_beyond_name_max_are_taken)
{
	static const struct interposed long_names = { .openat = openat_with_long_names,
						      .getdents = getdents_with_long_names,
						      .nftw = failing_nftw };
	const struct tree *tree = TREE(NULL);
	const struct walk_result *result;

	memset(endless_name, 'x', sizeof(endless_name) - 1);
	/* Made in the middle, it is neither the first nor the last name that is read. */
	for (int i = 0; i < 9; i++) {
		tree_add_file(tree,
			      scratch_format("%s/a.pyc", i == 4 ? "x" : scratch_format("%d", i)));
		tree_add_file(tree,
			      scratch_format("x/%s/a.pyc", i == 4 ? "x" : scratch_format("%d", i)));
	}
	result = WALK(.tree = tree, .functions = &long_names, .max_descriptors = 16);
	assert_string_equal(result->err, "");
	assert_int_equal(result->tally.files, 18);
}

/* Descriptors that a shell or a daemon has left open are none that pyclean can have. */
TEST(inherited_descriptors_are_allowed_for)
{
	if (program_is_wrapped()) {
		skip_because("the wrapper needs descriptors of its own");
	}
	for (size_t inherited = 1; inherited <= 5; inherited++) {
		struct walk_request request = { .tree = chain("d", 40, furnish_siblings),
						.policy.dry_run = true,
						.max_descriptors = 16,
						.inherited = inherited };
		const struct walk_result *result = walk(&request);

		assert_string_equal(result->err, "");
		assert_int_equal(result->tally.files, due_files);
	}
}
