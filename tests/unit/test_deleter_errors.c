/* One thing that fails is named, and costs only itself and the directories that lead to it. */

#include "child.h"
#include "faults.h"
#include "removal.h"
#include "tests.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const struct deleter_policy dry_run = { .dry_run = true };
static const struct deleter_policy with_sizes = { .sizes = true };
static const struct deleter_policy one_file_system = { .one_file_system = true };

static const struct interposed refuse_removal = { .unlinkat = refusing_unlinkat };
static const struct interposed refuse_opening = { .openat = refusing_openat };

/** Whether there was such an event. */
static bool was_said(const struct removal *removal, const char *line)
{
	for (size_t i = 0; i < removal->count; i++) {
		if (strcmp(removal->lines[i], line) == 0) {
			return true;
		}
	}
	return false;
}

/* ---- One entry ------------------------------------------------------------------------------ */

/* A read-only mount, an immutable file, a sticky directory, a bad disk. */
TEST(a_file_that_cannot_be_removed_is_left_alone)
{
	static const int errors[] = { EACCES, EPERM, EBUSY, EIO, EROFS };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const struct tree *tree =
			TREE("c/a", "c/b/stuck", "c/b/x", "c/b/d/x", "c/e/x", "keep");

		REFUSE(errors[i], "stuck");
		assert_removal(remove_under(&refuse_removal, tree, "c/", NULL),
			       scratch_format("cannot remove c/b/stuck: %s", strerror(errors[i])),
			       "removed c/a", "removed c/b/x", "removed c/b/d/x", "removed c/b/d/",
			       "removed c/e/x", "removed c/e/");
		assert_tree(tree, "c/b/stuck", "keep");
		assert_removal(remove_in(tree, "c/", NULL), "removed c/b/stuck", "removed c/b/",
			       "removed c/");
	}
}

/* A mount point, say: it is empty, and yet it stays, and so must what it is in. */
TEST(a_directory_that_cannot_be_removed_is_left_alone)
{
	const struct tree *tree = TREE("c/b/mnt/x", "c/b/y", "c/d/x");

	REFUSE(EBUSY, "mnt");
	assert_removal(remove_under(&refuse_removal, tree, "c/", NULL), "removed c/b/mnt/x",
		       scratch_format("cannot remove c/b/mnt/: %s", strerror(EBUSY)),
		       "removed c/b/y", "removed c/d/x", "removed c/d/");
	assert_tree(tree, "c/b/mnt/");
}

/* ---- NFS ------------------------------------------------------------------------------------ */

/* A process holds it open; when that ends, the file goes by itself. */
TEST(a_file_that_nfs_keeps_for_a_process_is_no_error)
{
	const struct tree *tree = TREE("c/.nfs01", "c/x", "c/b/.nfs02", "c/b/y", "c/d/.nfs03");

	REFUSE(EBUSY, ".nfs01", ".nfs02");
	assert_removal(remove_under(&refuse_removal, tree, "c/", NULL),
		       scratch_format("held open c/.nfs01: %s", strerror(EBUSY)),
		       scratch_format("held open c/b/.nfs02: %s", strerror(EBUSY)), "removed c/x",
		       "removed c/b/y", "removed c/d/.nfs03", "removed c/d/");
	assert_tree(tree, "c/.nfs01", "c/b/.nfs02");
}

TEST(any_other_file_or_error_of_nfs_is_one)
{
	const struct tree *tree = TREE("c/.nfs01", "c/.nf", "c/.NFS1");

	REFUSE(EBUSY, ".nf", ".NFS1");
	assert_removal(remove_under(&refuse_removal, tree, "c/", NULL), "removed c/.nfs01",
		       scratch_format("cannot remove c/.nf: %s", strerror(EBUSY)),
		       scratch_format("cannot remove c/.NFS1: %s", strerror(EBUSY)));
	tree_add(tree, "c/.nfs02");
	REFUSE(EACCES, ".nfs02", ".nf", ".NFS1");
	assert_removal(remove_under(&refuse_removal, tree, "c/", NULL),
		       "cannot remove c/.nfs02: Permission denied",
		       "cannot remove c/.nf: Permission denied",
		       "cannot remove c/.NFS1: Permission denied");
}

/* Only the attempt tells whether it is still open. */
TEST(a_dry_run_does_not_promise_what_nfs_may_keep)
{
	const struct tree *tree = TREE("c/.nfs01", "c/x", "c/b/y");

	assert_removal(remove_in(tree, "c/", &dry_run), "held open c/.nfs01", "removed c/x",
		       "removed c/b/y", "removed c/b/");
}

/* ---- One directory -------------------------------------------------------------------------- */

/* As rm -rf does it. Whether one is empty is not known before, so a dry run cannot promise it. */
TEST(an_empty_directory_that_may_not_be_opened_goes)
{
	static const struct deleter_policy policies[] = { { 0 }, { .sizes = true } };

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		const struct tree *tree = TREE("c/locked/", "c/b/locked/", "c/b/x");

		REFUSE(EACCES, "locked");
		assert_removal(remove_under(&refuse_opening, tree, "c/", &dry_run),
			       "cannot read c/locked/: Permission denied",
			       "cannot read c/b/locked/: Permission denied", "removed c/b/x");
		assert_removal(remove_under(&refuse_opening, tree, "c/", &policies[i]),
			       "removed c/locked/", "removed c/b/locked/", "removed c/b/x",
			       "removed c/b/", "removed c/");
		assert_tree(tree, NULL);
	}
}

static enum deleter_choice go(void *context, const struct deleter_entry *entry, const char **reason)
{
	(void)context;
	(void)entry;
	(void)reason;
	interpose(&refuse_opening);
	return DELETER_REMOVE;
}

/* Who decides about each entry might keep what is in it. */
TEST(an_empty_directory_that_does_not_go_whole_stays_unread)
{
	const struct tree *tree = TREE("c/locked/");

	REFUSE(EACCES, "locked");
	assert_removal(remove_chosen_in(tree, "c/", NULL, go),
		       "cannot read c/locked/: Permission denied");
	assert_tree(tree, "c/locked/");
}

/* Others' errors are not about permission, and a removal would not be the answer. */
TEST(an_empty_directory_that_fails_otherwise_stays)
{
	const struct tree *tree = TREE("c/locked/", "c/x");

	REFUSE(EIO, "locked");
	assert_removal(remove_under(&refuse_opening, tree, "c/", NULL),
		       scratch_format("cannot read c/locked/: %s", strerror(EIO)), "removed c/x");
	assert_tree(tree, "c/locked/");
}

/* POSIX has two errors for that. */
TEST(a_directory_that_never_gets_empty_is_named)
{
	static const int errors[] = { ENOTEMPTY, EEXIST };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const struct tree *tree = TREE("c/b/", "c/x");

		REFUSE(errors[i], "b");
		assert_removal(remove_under(&refuse_removal, tree, "c/", NULL),
			       scratch_format("cannot remove c/b/: %s", strerror(errors[i])),
			       "removed c/x");
		assert_tree(tree, "c/b/");
	}
}

/* What cannot be opened cannot be emptied; the name of the directory is what the user needs. */
TEST(a_directory_that_cannot_be_opened_is_left_alone)
{
	static const int errors[] = { EACCES, EIO, ENAMETOOLONG, ESTALE };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const struct tree *tree = TREE("c/b/locked/x", "c/b/y", "c/z");

		REFUSE(errors[i], "locked");
		assert_removal(remove_under(&refuse_opening, tree, "c/", NULL),
			       scratch_format("cannot read c/b/locked/: %s", strerror(errors[i])),
			       "removed c/b/y", "removed c/z");
		assert_tree(tree, "c/b/locked/x");
	}
}

/* A readdir that fails half-way is not the end of the directory, and it is said once. */
TEST(a_directory_that_fails_half_way_is_named)
{
	static const struct interposed fail_reading = { .getdents = half_way_getdents };
	const struct tree *tree = TREE("c/b/1", "c/b/2", "c/b/3", "c/b/4", "c/b/5", "c/z");
	const char *said = scratch_format("cannot read c/b/: %s", strerror(EIO));
	const struct removal *removal;

	fail_half_way(tree, "c/b", EIO);
	for (int i = 0; i < 2; i++) {
		removal = remove_under(&fail_reading, tree, "c/", i == 0 ? &dry_run : NULL);
		assert_int_equal(removal->errors, 1);
		assert_int_equal(removal->directories, 0);
		assert_true(was_said(removal, said));
		assert_true(was_said(removal, "removed c/z"));
	}
	assert_false(tree_has(tree, "c/z"));
	assert_true(tree_has(tree, "c/b"));
}

/* Even the stat may fail: where sizes are asked for, or the type is. Removing may still work. */
TEST(a_file_that_cannot_be_asked_about_is_removed)
{
	static const struct interposed refuse_stat = { .fstatat = refusing_fstatat,
						       .getdents = typeless_getdents };
	static const struct deleter_policy dry_run_with_sizes = { .dry_run = true, .sizes = true };
	const struct tree *tree = TREE("c/odd", "c/x", "odd");

	REFUSE(EACCES, "odd");
	/* A dry run takes the failure for the answer, since it cannot try. */
	assert_removal(remove_under(&refuse_stat, tree, "odd", &dry_run_with_sizes),
		       "cannot remove odd: Permission denied");
	assert_removal(remove_under(&refuse_stat, tree, "odd", &with_sizes), "removed odd");
	assert_removal(remove_under(&refuse_stat, tree, "c/", &with_sizes), "removed c/odd",
		       "removed c/x", "removed c/");
}

/* ---- What is gone --------------------------------------------------------------------------- */

/* Somebody else was faster: neither an error nor a removal. */
TEST(what_is_gone_is_silent)
{
	const struct tree *tree = TREE("c/gone", "c/x");

	REFUSE(ENOENT, "gone", "c");
	assert_removal(remove_under(&refuse_removal, tree, "gone", NULL), NULL);
	assert_removal(remove_under(&refuse_removal, tree, "c/", NULL), "removed c/x");
	assert_removal(remove_under(&refuse_opening, tree, "c/", NULL), NULL);
	assert_tree(tree, "c/gone");
}

/* ---- Other file systems --------------------------------------------------------------------- */

/* Somebody's mount in a cache, with -x: it stays, which is no error, and what leads to it. */
TEST(another_file_system_is_left_alone)
{
	static const struct interposed mount = { .fstat = mounted_fstat };
	const struct tree *tree = TREE("c/b/mnt/x", "c/b/y", "c/d/z");

	pretend_mount(tree, "c/b/mnt");
	assert_removal(remove_under(&mount, tree, "c/", &one_file_system),
		       "other file system c/b/mnt/", "removed c/b/y", "removed c/d/z",
		       "removed c/d/");
	assert_tree(tree, "c/b/mnt/x");
	/* And the tree itself may be a mount. */
	pretend_mount(tree, "c");
	assert_removal(remove_under(&mount, tree, "c/", &one_file_system), "other file system c/");
	/* Without -x it is a directory like any other. */
	assert_removal(remove_under(&mount, tree, "c/", &with_sizes), "removed c/b/mnt/x",
		       "removed c/b/mnt/", "removed c/b/", "removed c/");
}

/* ---- One call after another ----------------------------------------------------------------- */

/** A tree with 8 files and 5 directories to remove. */
static const struct tree *sample(void)
{
	return TREE("c/1", "c/2", "c/a/3", "c/a/b/4", "c/a/b/5", "c/d/6", "c/d/e/7", "c/8", "keep");
}

enum {
	SAMPLE = 13
};

/**
 * Removes samples with one call failing, the first, then the second, and so on to the last.
 *
 * @param errors How many errors each has to give.
 * @param leaves Whether what fails leaves something, or all goes nevertheless.
 * @return How many calls there were.
 */
static int fail_each_call(const struct interposed *functions, int error, size_t errors, bool leaves)
{
	for (int before = 0;; before++) {
		const struct tree *tree = sample();
		const struct removal *removal;
		size_t left;

		strike_after(before, error);
		removal = remove_under(functions, tree, "c/", &with_sizes);
		left = tree_list(tree).count - 1;
		if (!has_struck()) {
			assert_int_equal(left, 0);
			assert_int_equal(removal->count, SAMPLE);
			return before;
		}
		if (removal->errors != errors || (left > 0) != leaves ||
		    removal->files + removal->directories + left != SAMPLE) {
			print_error("# call %d: %zu errors, %zu left\n", before, removal->errors,
				    left);
			fail();
		}
		/* What is left is whole, and goes without the fault. */
		assert_int_equal(remove_in(tree, "c/", NULL)->count, left);
		assert_tree(tree, "keep");
		scratch_clear(NULL);
	}
}

/* Each call there is, failing once: exactly one error, and all else is done. */
TEST(any_call_that_fails_costs_one_error)
{
	assert_int_equal(fail_each_call(&(const struct interposed){ .openat = striking_openat },
					EIO, 1, true),
			 5);
	assert_int_equal(fail_each_call(&(const struct interposed){ .unlinkat = striking_unlinkat },
					EIO, 1, true),
			 SAMPLE);
	assert_int_equal(
		fail_each_call(&(const struct interposed){ .fstat = striking_fstat }, EIO, 1, true),
		5);
	/* Twice a directory: the entries, then the end. */
	assert_int_equal(fail_each_call(&(const struct interposed){ .getdents = striking_getdents },
					EIO, 1, true),
			 10);
	/* Without a size it still goes. */
	assert_int_equal(fail_each_call(&(const struct interposed){ .fstatat = striking_fstatat },
					EIO, 0, false),
			 8);
}

/* Where nobody can tell which file system it is on, -x leaves it, and says so. */
TEST(a_file_system_that_cannot_be_told_is_not_crossed)
{
	static const struct interposed failing = { .fstat = striking_fstat };
	const struct tree *tree = TREE("c/a");

	strike_after(0, EIO);
	assert_removal(remove_under(&failing, tree, "c/", &one_file_system),
		       scratch_format("cannot read c/: %s", strerror(EIO)));
	assert_tree(tree, "c/a");
}

/* "Gone", said of something that is there: it is found again, since the directory is not empty. */
TEST(any_call_that_says_gone_costs_nothing)
{
	static const struct interposed calls[] = { { .openat = striking_openat },
						   { .getdents = striking_getdents } };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (int before = 1;; before++) {
			const struct tree *tree = sample();
			const struct removal *removal;

			strike_after(before, ENOENT);
			removal = remove_under(&calls[i], tree, "c/", NULL);
			assert_int_equal(removal->count, SAMPLE);
			assert_int_equal(removal->errors, 0);
			assert_tree(tree, "keep");
			if (!has_struck()) {
				break;
			}
			scratch_clear(NULL);
		}
	}
}

/* ---- Memory --------------------------------------------------------------------------------- */

/* Whichever allocation fails: an error, and nothing else; never silence. */
TEST(out_of_memory_is_an_error_like_any_other)
{
	static const struct interposed striking = { .may_allocate = striking_allocation };

	assert_in_range(fail_each_call(&striking, ENOMEM, 1, true), 3, 40);
}

/* ---- Descriptors ---------------------------------------------------------------------------- */

struct limited {
	int fd;
	size_t spare;
};

static void count_errors(void *context, const struct deleter_event *event)
{
	int *errors = context;

	*errors += event->outcome != DELETER_REMOVED;
}

static int remove_with_few_descriptors(void *context)
{
	const struct limited *limited = context;
	struct deleter deleter = { .policy = with_sizes };
	int errors = 0;

	limit_descriptors(count_descriptors() + limited->spare);
	deleter_remove(&deleter, limited->fd, "d", ENTRY_DIRECTORY,
		       &(const struct deleter_callbacks){ count_errors, NULL, &errors });
	deleter_free(&deleter);
	return errors;
}

static int read_entry(void *context, const char *name, enum entry_type type)
{
	(void)context;
	(void)name;
	(void)type;
	return 0;
}

/** Whether the reading of a directory opens a descriptor of its own. */
static int reading_opens(void *context)
{
	limit_descriptors(count_descriptors());
	return platform_read_directory(*(const int *)context, read_entry, NULL) != 0;
}

/* A deep tree, and three descriptors to remove it with; one is not enough, and is said. */
TEST(three_descriptors_are_enough)
{
	int empty = TREE(NULL)->fd;
	size_t least = 3 + (size_t)in_child(reading_opens, &empty)->status;

	for (size_t spare = least; spare < 8; spare++) {
		const struct tree *tree = TREE("keep");
		struct limited limited = { tree->fd, spare };

		tree_add_chain(tree, "d", 100, NULL);
		assert_int_equal(in_child(remove_with_few_descriptors, &limited)->status, 0);
		assert_tree(tree, "keep");
	}
}
