/* Mount points, with and without -x. They are made in a mount namespace of the test's own. */

#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void unmount(void *path)
{
	umount2(path, MNT_DETACH);
}

/* Why the test has no mount namespace of its own; 0 if it has. */
static int refusal;

/** Before any tree is made: its descriptor would else lead into the namespace that was left. */
BEFORE_TESTS
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		refusal = errno;
	}
}

/** Mounts an empty file system on a directory of a tree; skips the test where that is forbidden. */
static void mount_on(const struct tree *tree, const char *path)
{
	if (refusal) {
		skip_because("this process may not mount (%s)", strerror(refusal));
	}
	tree_add_directory(tree, path);
	if (mount("pyclean-test", tree_path(tree, path), "tmpfs", 0, "size=1m,mode=755") != 0) {
		skip_because("this process may not mount (%s)", strerror(errno));
	}
	scratch_defer(unmount, tree_path(tree, path));
}

/** A tree with a file system mounted inside, another one below that, and work in all of them. */
static const struct tree *tree_with_mounts(void)
{
	const struct tree *tree = TREE("a.pyc", "z/b.pyc");

	mount_on(tree, "mnt");
	ADD(tree, "mnt/c.pyc", "mnt/__pycache__/d.pyc", "mnt/sub/e.pyc");
	mount_on(tree, "mnt/sub/inner");
	tree_add(tree, "mnt/sub/inner/f.pyc");
	return tree;
}

TEST(without_the_option_file_systems_are_crossed)
{
	const struct tree *tree = tree_with_mounts();

	assert_outcome(run(tree, ""), 0, "Removed 6 files and 1 directory (*).\n", "");
	assert_tree(tree, "z/", "mnt/sub/inner/");
}

/* `pyclean -x /` in a container must not clean what the host has mounted into it. */
TEST(with_it_other_file_systems_are_left)
{
	const struct tree *tree = tree_with_mounts();

	assert_outcome(run(tree, "-x -v"), 0,
		       "Removed a.pyc\nRemoved z/b.pyc\n"
		       "Skipped mnt/ (another file system)\n"
		       "Removed 2 files (*).\n",
		       "");
	assert_tree(tree, "z/", "mnt/c.pyc", "mnt/__pycache__/d.pyc", "mnt/sub/e.pyc",
		    "mnt/sub/inner/f.pyc");
}

TEST(an_operand_on_another_file_system_is_cleaned)
{
	const struct tree *tree = tree_with_mounts();

	assert_outcome(run(tree, "-x mnt"), 0, "Removed 3 files and 1 directory (*).\n", "");
	assert_tree(tree, "a.pyc", "z/b.pyc", "mnt/sub/inner/f.pyc");
	assert_outcome(run(tree, "-x . mnt/sub/inner"), 0, "Removed 3 files (*).\n", "");
	assert_tree(tree, "z/", "mnt/sub/inner/");
}

/* rmdir(2) fails on it; a dry run, too, knows that it stays. */
TEST(a_mount_point_is_not_pruned)
{
	const struct tree *tree = tree_with_mounts();

	assert_dry_run_tells(tree, "-p");
	assert_tree(tree, "mnt/sub/inner/");
	tree = tree_with_mounts();
	assert_outcome(run(tree, "-xp"), 0, "Removed 2 files and 1 directory (*).\n", "");
	assert_tree(tree, "mnt/c.pyc", "mnt/__pycache__/d.pyc", "mnt/sub/e.pyc",
		    "mnt/sub/inner/f.pyc");
}

/* Directories of two file systems may have one inode number, as the roots of two tmpfs do. */
TEST(the_same_inode_elsewhere_is_another_directory)
{
	const struct tree *tree = TREE("z");
	struct stat one;
	struct stat two;

	mount_on(tree, "one");
	mount_on(tree, "two");
	tree_add(tree, "one/a.pyc");
	tree_add(tree, "two/b.pyc");
	assert_int_equal(stat(tree_path(tree, "one"), &one), 0);
	assert_int_equal(stat(tree_path(tree, "two"), &two), 0);
	assert_int_equal(one.st_ino, two.st_ino);
	assert_outcome(run(tree, "one two"), 0, "Removed 2 files (*).\n", "");
	assert_tree(tree, "z", "one/", "two/");
}

/* A mount point that is called __pycache__ is another file system as well. */
TEST(a_cache_that_is_a_mount_point_is_left)
{
	const struct tree *tree = TREE("a.pyc");

	mount_on(tree, "p/__pycache__");
	tree_add(tree, "p/__pycache__/x.pyc");
	assert_outcome(run(tree, "-x -v"), 0,
		       "Removed a.pyc\nSkipped p/__pycache__/ (another file system)\n"
		       "Removed 1 file (*).\n",
		       "");
	assert_tree(tree, "p/__pycache__/x.pyc");
}

/* The deleter has to hold to -x as the walker does. */
TEST(a_mount_point_inside_a_cache_is_left)
{
	const struct tree *tree = TREE("p/__pycache__/a.pyc", "p/__pycache__/sub/b");

	mount_on(tree, "p/__pycache__/mnt");
	tree_add(tree, "p/__pycache__/mnt/precious.txt");
	assert_outcome(run(tree, "-x -v"), 0,
		       "Removed p/__pycache__/a.pyc\n"
		       "Removed p/__pycache__/sub/b\n"
		       "Removed p/__pycache__/sub/\n"
		       "Skipped p/__pycache__/mnt/ (another file system)\n"
		       "Removed 2 files and 1 directory (*).\n",
		       "");
	assert_tree(tree, "p/__pycache__/mnt/precious.txt");
	/* As an operand it is cleaned, even beside one that leaves it. */
	tree_add(tree, "p/__pycache__/mnt/b.pyc");
	assert_outcome(run(tree, "-x . p/__pycache__/mnt"), 0, "Removed 1 file (*).\n", "");
	assert_tree(tree, "p/__pycache__/mnt/precious.txt");
}

/** Binds a directory of a tree to another one; skips the test where that is forbidden. */
static void bind_to(const struct tree *tree, const char *from, const char *to)
{
	if (refusal ||
	    mount(tree_path(tree, from), tree_path(tree, to), NULL, MS_BIND, NULL) != 0) {
		skip_because("this process may not mount (%s)",
			     strerror(refusal ? refusal : errno));
	}
	scratch_defer(unmount, tree_path(tree, to));
}

/* No path tells that it is the same directory. */
TEST(a_prefix_tree_is_known_by_its_inode)
{
	static const char *const operands[] = { "", "bound", "bound/a" };

	for (size_t i = 0; i < sizeof(operands) / sizeof(*operands); i++) {
		const struct tree *tree =
			TREE("cache/a/.tox/x.cpython-311.pyc", "cache/a/y.txt", "bound/");

		bind_to(tree, "cache", "bound");
		assert_outcome(
			run(tree, scratch_format("-s -i cache --prefix cache %s", operands[i])), 0,
			"Removed 1 file and 1 directory (*).\n", "");
		assert_true(tree_has(tree, "cache/a/y.txt"));
	}
}

/* It is no part of the tree, as far as -x goes. */
TEST(with_the_option_a_prefix_tree_ends_where_its_file_system_does)
{
	const struct tree *tree = TREE("cache/a/x.cpython-311.pyc");

	mount_on(tree, "cache/mnt");
	tree_add(tree, "cache/mnt/x.cpython-311.pyc");
	assert_outcome(run(tree, "-sx --prefix cache cache"), 0,
		       "Removed 1 file and 1 directory (*).\n", "");
	assert_tree(tree, "cache/mnt/x.cpython-311.pyc");
}

/* A mount point cannot be removed: an error, once, and all that can go goes. */
TEST(a_mount_point_inside_a_cache_is_an_error_without_it)
{
	const struct tree *tree = TREE("p/__pycache__/a.pyc", "b.pyc");

	mount_on(tree, "p/__pycache__/mnt");
	tree_add(tree, "p/__pycache__/mnt/x.pyc");
	assert_outcome(run(tree, ""), 1, "Removed 3 files (*); 1 error.\n",
		       "pyclean: cannot remove 'p/__pycache__/mnt': Device or resource busy\n");
	assert_tree(tree, "p/__pycache__/mnt/");
}

/* A read-only file system: every file is named, none is counted. */
TEST(a_read_only_file_system_is_an_error_for_each_file)
{
	const struct tree *tree = TREE("a.pyc");

	mount_on(tree, "mnt");
	tree_add(tree, "mnt/b.pyc");
	tree_add(tree, "mnt/__pycache__/c.pyc");
	if (mount(NULL, tree_path(tree, "mnt"), NULL, MS_REMOUNT | MS_RDONLY, "size=1m,mode=755") !=
	    0) {
		skip_because("this process may not remount (%s)", strerror(errno));
	}
	assert_outcome(run(tree, ""), 1, "Removed 1 file (*); 2 errors.\n",
		       "pyclean: cannot remove 'mnt/b.pyc': Read-only file system\n"
		       "pyclean: cannot remove 'mnt/__pycache__/c.pyc': Read-only file system\n");
	assert_tree(tree, "mnt/b.pyc", "mnt/__pycache__/c.pyc");
}

#define OTHER_FILE_SYSTEM                                                                          \
 "pyclean: hint: it is on another file system than the PATH; --one-file-system skips those\n"
#define MOUNTED                                                                                    \
 "pyclean: hint: something may be mounted there; unmount it, or exclude it with --ignore\n"
#define READ_ONLY "pyclean: hint: mount the file system writable, or exclude it with --ignore\n"

/* -x is what helps where something else is mounted, and only there. */
TEST(one_file_system_is_suggested_where_it_helps)
{
	static const char busy[] =
		"pyclean: cannot remove 'p/__pycache__/mnt': Device or resource busy\n";
	static const char read_only[] =
		"pyclean: cannot remove '%s/__pycache__/c.pyc': Read-only file system\n%s";
	const struct tree *tree = TREE("p/__pycache__/");

	mount_on(tree, "p/__pycache__/mnt");
	assert_outcome(run(tree, ""), 1, "Nothing removed; 1 error.\n",
		       scratch_format("%s%s", busy, OTHER_FILE_SYSTEM));
	mount_on(tree, "mnt");
	tree_add(tree, "mnt/__pycache__/c.pyc");
	if (mount(NULL, tree_path(tree, "mnt"), NULL, MS_REMOUNT | MS_RDONLY, "size=1m,mode=755") !=
	    0) {
		skip_because("this process may not remount (%s)", strerror(errno));
	}
	assert_outcome(run(tree, ". -i p"), 1, "Nothing removed; 1 error.\n",
		       scratch_format(read_only, "mnt", OTHER_FILE_SYSTEM));
	assert_outcome(run(tree, "mnt"), 1, "Nothing removed; 1 error.\n",
		       scratch_format(read_only, "mnt", READ_ONLY));
	assert_outcome(run(tree, "-x mnt"), 1, "Nothing removed; 1 error.\n",
		       scratch_format(read_only, "mnt", READ_ONLY));
}

/* A directory of the same file system mounted there is entered with -x, too, which would not help. */
TEST(a_bind_mount_is_not_another_file_system)
{
	static const char *const arguments[] = { ".", "-x ." };
	const struct tree *tree = TREE("p/__pycache__/bound/", "outside/");
	const char *where = tree_path(tree, "p/__pycache__/bound");

	if (refusal || mount(tree_path(tree, "outside"), where, NULL, MS_BIND, NULL) != 0) {
		skip_because("this process may not mount");
	}
	scratch_defer(unmount, scratch_copy(where, strlen(where)));
	for (size_t i = 0; i < 2; i++) {
		assert_outcome(
			run(tree, arguments[i]), 1, "Nothing removed; 1 error.\n",
			"pyclean: cannot remove 'p/__pycache__/bound': Device or resource busy\n" MOUNTED);
	}
}

/* To be their owner does not help with what belongs to other users' processes. */
TEST(errors_below_proc_suggest_to_leave_it_out)
{
	const struct tree *tree = TREE("a.pyc", "proc/");
	const char *where = tree_path(tree, "proc");
	const struct outcome *outcome;

	if (refusal || mount("proc", where, "proc", 0, NULL) != 0) {
		skip_because("this process may not mount a /proc");
	}
	scratch_defer(unmount, scratch_copy(where, strlen(where)));
	outcome =
		RUN_PROGRAM(.cwd = tree->path, .arguments = split("-n"), .as_ordinary_user = true);
	assert_int_equal(outcome->status, 1);
	assert_non_null(strstr(outcome->err, "pyclean: cannot read 'proc/1/"));
	assert_string_equal(strstr(outcome->err, "pyclean: hint:"), OTHER_FILE_SYSTEM);
}

/* The same for a mount point that nftw has led to: there is no other file that it would stat. */
TEST(a_mount_point_that_may_not_be_read_can_be_left_out)
{
	const struct tree *tree = TREE("d/e/f/", "d/g/");

	mount_on(tree, "d/mnt");
	tree_chmod(tree, "d/mnt", 0);
	assert_outcome(
		RUN_PROGRAM(.cwd = tree->path, .arguments = split("-n"), .as_ordinary_user = true),
		1, "Nothing to remove; 1 error.\n",
		"pyclean: cannot read 'd/mnt': Permission denied\n" OTHER_FILE_SYSTEM);
}

/* With the option there already, it is no advice. */
TEST(one_file_system_is_not_suggested_where_it_is_given)
{
	const struct tree *tree = TREE("d/__pycache__/");

	mount_on(tree, "d/__pycache__");
	tree_chmod(tree, "d/__pycache__", 0);
	assert_outcome(
		RUN_PROGRAM(.cwd = tree->path, .arguments = split("-nx"), .as_ordinary_user = true),
		1, "Nothing to remove; 1 error.\n",
		"pyclean: cannot read 'd/__pycache__': Permission denied\n"
		"pyclean: hint: run pyclean as the owner of what cannot be read, or exclude it "
		"with --ignore\n");
}

/** Mounts a FUSE file system whose server has died, as a lost sshfs leaves it. */
static void mount_dead_fuse_on(const struct tree *tree, const char *path)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	const char *options = scratch_format("fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	const char *where = tree_path(tree, path);

	tree_add_directory(tree, path);
	if (refusal || fd < 0 || mount("pyclean-test", where, "fuse", 0, options) != 0) {
		skip_because("this process may not mount a FUSE file system");
	}
	scratch_defer(unmount, scratch_copy(where, strlen(where)));
	close(fd);
}

/* Its stat fails with ENOTCONN, for which glibc's nftw and musl's give up the whole walk. */
TEST(a_file_system_that_has_died_costs_only_itself)
{
	const struct tree *tree = TREE("a/__pycache__/x.pyc", "m/a/b.pyc", "m/dead/", "m/z/c.pyc",
				       "z/__pycache__/y.pyc", "z/sub/w.pyc");

	mount_dead_fuse_on(tree, "m/dead");
	mount_dead_fuse_on(tree, "dead.d");
	mount_dead_fuse_on(tree, "z/__pycache__/dead");
	assert_outcome(
		run(tree, ""), 1, "Removed 5 files and 1 directory (*); 3 errors.\n",
		"pyclean: cannot read 'dead.d': Transport endpoint is not connected\n"
		"pyclean: cannot read 'm/dead': Transport endpoint is not connected\n"
		"pyclean: cannot read 'z/__pycache__/dead': Transport endpoint is not connected\n");
	assert_false(tree_has(tree, "a/__pycache__"));
	assert_false(tree_has(tree, "m/a/b.pyc"));
	assert_false(tree_has(tree, "m/z/c.pyc"));
	assert_false(tree_has(tree, "z/__pycache__/y.pyc"));
	assert_false(tree_has(tree, "z/sub/w.pyc"));
}

/** Hides /proc from the program: its namespace is a copy of the test's, where it is unmounted. */
static void hide_proc(const char *cwd)
{
	(void)cwd;
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("pyclean-test", "/proc", "tmpfs", 0, "size=4k") != 0) {
		_exit(126);
	}
}

static void furnish_every_fiftieth(int fd, int level)
{
	if (level % 50 == 0) {
		mkdirat(fd, "__pycache__", 0755);
		mknodat(fd, "__pycache__/a.pyc", S_IFREG | 0644, 0);
	}
}

/* In a chroot or a bare container there is no /proc: nftw then has no path to begin with. */
TEST(without_proc_a_tree_is_cleaned)
{
	const struct tree *tree = TREE("a.pyc", "p/q/__pycache__/b.pyc");
	const struct outcome *outcome;

	if (program_is_wrapped()) {
		skip_because("the wrapper needs /proc");
	}
	/* Beyond PATH_MAX, too. */
	tree_add_chain(tree, scratch_repeat('d', 100), 100, furnish_every_fiftieth);
	outcome = RUN_PROGRAM(.cwd = tree->path, .arguments = split("."), .prepare = hide_proc);
	if (outcome->status == 126) {
		skip_because("this process may not mount");
	}
	if (strstr(outcome->err, "Sanitizer")) {
		skip_because("the sanitizer needs /proc");
	}
	assert_outcome(outcome, 0, "Removed 4 files and 3 directories (*).\n", "");
	assert_true(tree_has(tree, "p/q"));
	assert_false(tree_has(tree, "p/q/__pycache__"));
}

/* They would wait in vain. */
TEST(without_proc_no_tests_are_run)
{
	const struct outcome *outcome = RUN_PROGRAM(.name = "tests/support/run",
						    .arguments = WORDS("x"), .prepare = hide_proc);

	if (outcome->status == 126) {
		skip_because("this process may not mount");
	}
	assert_outcome(outcome, 1, "", "The tests need /proc, which is not mounted.\n");
}

/* Device and inode tell, where no path does. */
TEST(a_directory_is_the_same_by_a_bind_mount)
{
	const struct tree *tree = TREE("p/a.pyc", "p/__pycache__/b.pyc", "p/m.py", "p/m.pyc", "q/");

	if (refusal ||
	    mount(tree_path(tree, "p"), tree_path(tree, "q"), NULL, MS_BIND, NULL) != 0) {
		skip_because("this process may not mount");
	}
	scratch_defer(unmount, tree_path(tree, "q"));
	assert_last_line(run(tree, "--check p q"), 1, "Would remove 3 files and 1 directory (*).\n",
			 "");
	assert_last_line(run(tree, "--check p/m.py q/m.py p/a.pyc q/a.pyc"), 1,
			 "Would remove 2 files (*).\n", "");
	assert_outcome(run(tree, "q p"), 0, "Removed 3 files and 1 directory (*).\n", "");
}

/** Mounts all read-only for the program, so that it cannot do any harm, right or wrong. */
static void make_read_only(const char *cwd)
{
	/* mount_setattr(2), which not every C library has; MOUNT_ATTR_RDONLY is 1. */
	enum {
		MOUNT_SETATTR = 442,
		RECURSIVE = 0x8000,
	};
	const uint64_t attributes[4] = { 1 };

	(void)cwd;
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    syscall(MOUNT_SETATTR, AT_FDCWD, "/", RECURSIVE, attributes, sizeof(attributes)) != 0) {
		_exit(126);
	}
}

/* The root directory is too much to clean by mistake. */
TEST(the_root_directory_alone_is_a_usage_error)
{
	const struct tree *tree = TREE("a.pyc");
	const struct outcome *outcome;

	if (getenv("GCOV_PREFIX")) {
		skip_because("gcov could not write its counters");
	}
	if (program_is_wrapped()) {
		skip_because("the wrapper could not write its files");
	}
	outcome = RUN_PROGRAM(.cwd = tree->path, .arguments = split(". /"),
			      .prepare = make_read_only);
	if (outcome->status == 126) {
		skip_because("this process may not mount everything read-only");
	}
	assert_outcome(outcome, 2, "",
		       "pyclean: -x, -n or --check is required to clean the root directory '/'\n"
		       "Try 'pyclean --help' for more information.\n");
	assert_tree(tree, "a.pyc");
}
