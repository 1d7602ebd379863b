/* The facade over the C library and the kernel: what each function promises to the others. */

#include "child.h"
#include "faults.h"
#include "platform.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int open_path(const struct tree *tree, const char *path)
{
	int fd = openat(tree->fd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		broken("cannot open '%s'", path);
	}
	return fd;
}

/* ---- Reading -------------------------------------------------------------------------------- */

/** What a directory gave: "name:type" of each entry, sorted by nothing. */
struct reading {
	size_t count;
	size_t stop_after;
	char entries[32][64];
};

static int note(void *context, const char *name, enum entry_type type)
{
	struct reading *reading = context;

	if (reading->count < 32) {
		snprintf(reading->entries[reading->count], 64, "%s:%d", name, (int)type);
	}
	reading->count++;
	if (reading->count == reading->stop_after) {
		errno = EXDEV;
		return -1;
	}
	return 0;
}

static bool has_entry(const struct reading *reading, const char *name, enum entry_type type)
{
	const char *wanted = scratch_format("%s:%d", name, (int)type);

	for (size_t i = 0; i < reading->count; i++) {
		if (strcmp(reading->entries[i], wanted) == 0) {
			return true;
		}
	}
	return false;
}

/* "." and ".." would be swept, and removed. */
TEST(a_directory_gives_each_entry_with_its_type)
{
	const struct tree *tree =
		TREE("file", "directory/", "link -> file", "fifo|", "socket=", "...", "..a", ".b");
	struct reading reading = { 0 };

	assert_int_equal(platform_read_directory(tree->fd, note, &reading), 0);
	assert_int_equal(reading.count, 8);
	assert_true(has_entry(&reading, "file", ENTRY_FILE));
	assert_true(has_entry(&reading, "directory", ENTRY_DIRECTORY));
	assert_true(has_entry(&reading, "link", ENTRY_LINK));
	assert_true(has_entry(&reading, "fifo", ENTRY_FIFO));
	assert_true(has_entry(&reading, "socket", (enum entry_type)DT_SOCK));
	assert_true(has_entry(&reading, "...", ENTRY_FILE));
	assert_true(has_entry(&reading, "..a", ENTRY_FILE));
	assert_true(has_entry(&reading, ".b", ENTRY_FILE));
}

/* The deleter and the scan go on using the descriptor. */
TEST(reading_leaves_the_descriptor_open)
{
	const struct tree *tree = TREE("a", "b");
	struct reading reading = { 0 };
	size_t before = count_descriptors();

	assert_int_equal(platform_read_directory(tree->fd, note, &reading), 0);
	assert_int_equal(count_descriptors(), before);
	assert_true(fcntl(tree->fd, F_GETFD) >= 0);
	/* Its offset is at the end. */
	reading.count = 0;
	assert_int_equal(platform_read_directory(tree->fd, note, &reading), 0);
	assert_int_equal(reading.count, 0);
}

/* A directory larger than the buffer comes in pieces; none may be lost, none read twice. */
TEST(a_large_directory_is_read_in_full)
{
	const struct tree *tree = TREE(NULL);
	struct reading reading = { 0 };
	const char *name = scratch_repeat('n', 245);

	for (int i = 0; i < 1000; i++) {
		tree_add_file(tree, scratch_format("%s%04d", name, i));
	}
	assert_int_equal(platform_read_directory(tree->fd, note, &reading), 0);
	assert_int_equal(reading.count, 1000);
}

TEST(the_receiver_can_stop_the_reading)
{
	const struct tree *tree = TREE("a", "b", "c", "d");
	struct reading reading = { .stop_after = 2 };

	errno = 0;
	assert_int_equal(platform_read_directory(tree->fd, note, &reading), -1);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(reading.count, 2);
}

/** Reads a directory that fails half-way. @return What came of it. */
static int read_half_way(int error, struct reading *reading)
{
	const struct tree *tree = TREE("a/1", "a/2", "a/3", "a/4", "a/5", "a/6");
	int fd = open_path(tree, "a");
	int result;

	fail_half_way(tree, "a", error);
	interpose(&(const struct interposed){ .getdents = half_way_getdents });
	errno = 0;
	result = platform_read_directory(fd, note, reading);
	interpose(NULL);
	close(fd);
	return result;
}

/* An error half-way is no end of the directory: what follows might be a pyvenv.cfg. */
TEST(an_error_half_way_is_an_error)
{
	static const int errors[] = { EIO, ENOTDIR, ELOOP, ESTALE, ENOMEM };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct reading reading = { 0 };

		assert_int_equal(read_half_way(errors[i], &reading), -1);
		assert_int_equal(errno, errors[i]);
		assert_in_range(reading.count, 0, 5);
	}
}

TEST(a_closed_descriptor_cannot_be_read)
{
	const struct tree *tree = TREE("a/b");
	struct reading reading = { 0 };
	int fd = open_path(tree, "a");

	close(fd);
	assert_int_equal(platform_read_directory(fd, note, &reading), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(reading.count, 0);
}

/* Linux says ENOENT of a directory that was removed while it was open: it has no entries. */
TEST(a_directory_removed_meanwhile_is_empty)
{
	const struct tree *tree = TREE("a/");
	struct reading reading = { 0 };
	int fd = open_path(tree, "a");

	assert_int_equal(unlinkat(tree->fd, "a", AT_REMOVEDIR), 0);
	assert_int_equal(platform_read_directory(fd, note, &reading), 0);
	assert_int_equal(reading.count, 0);
	close(fd);
	/* And ESRCH of a process that has ended, below /proc. */
	assert_int_equal(read_half_way(ESRCH, &reading), 0);
}

/** What was read of a name: its type and, where that is unknown, errno. */
struct seen {
	enum entry_type types[256];
	int errors[256];
	size_t count;
};

static int see(void *context, const char *name, enum entry_type type)
{
	struct seen *seen = context;

	seen->types[(unsigned char)name[0]] = type;
	seen->errors[(unsigned char)name[0]] = errno;
	seen->count++;
	return 0;
}

/* XFS without ftype, some network file systems: each type has to be asked for. */
TEST(types_are_asked_for_where_the_directory_does_not_tell)
{
	const struct tree *tree = TREE("f", "d/", "l -> d", "p|", "s=");
	struct seen seen = { .types = { 0 } };

	interpose(&(const struct interposed){ .getdents = typeless_getdents });
	assert_int_equal(platform_read_directory(tree->fd, see, &seen), 0);
	assert_int_equal(seen.count, 5);
	assert_int_equal(seen.types['f'], ENTRY_FILE);
	assert_int_equal(seen.types['d'], ENTRY_DIRECTORY);
	/* The link itself, not what it leads to. */
	assert_int_equal(seen.types['l'], ENTRY_LINK);
	assert_int_equal(seen.types['p'], ENTRY_FIFO);
	assert_int_equal(seen.types['s'], DT_SOCK);
}

static int questions;

static int counting_fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	questions++;
	return real_fstatat(dirfd, name, st, flags);
}

/* nftw's stat of each entry is what pyclean avoids; where the type is known it costs nothing. */
TEST(types_that_are_known_are_not_asked_for)
{
	const struct tree *tree = TREE("f", "d/");
	struct seen seen = { .types = { 0 } };

	questions = 0;
	interpose(&(const struct interposed){ .fstatat = counting_fstatat });
	assert_int_equal(platform_read_directory(tree->fd, see, &seen), 0);
	interpose(NULL);
	assert_int_equal(questions, 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.types['f'], ENTRY_FILE);
	assert_int_equal(seen.types['d'], ENTRY_DIRECTORY);
}

/* Gone between the reading and the asking: that is what was wanted. */
TEST(an_entry_gone_meanwhile_is_left_out)
{
	const struct tree *tree = TREE("a", "b", "c");
	struct seen seen = { .types = { 0 } };

	REFUSE(ENOENT, "b");
	interpose(&(const struct interposed){ .getdents = typeless_getdents,
					      .fstatat = refusing_fstatat });
	assert_int_equal(platform_read_directory(tree->fd, see, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.types['b'], 0);
}

/* An error that is not passed on would be silent. */
TEST(an_entry_that_cannot_be_asked_about_is_passed_on)
{
	const struct tree *tree = TREE("a", "b", "c");
	struct seen seen = { .types = { 0 } };

	seen.types['b'] = ENTRY_FIFO;
	REFUSE(EACCES, "b");
	interpose(&(const struct interposed){ .getdents = typeless_getdents,
					      .fstatat = refusing_fstatat });
	assert_int_equal(platform_read_directory(tree->fd, see, &seen), 0);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.types['b'], ENTRY_UNKNOWN);
	assert_int_equal(seen.errors['b'], EACCES);
	assert_int_equal(seen.types['a'], ENTRY_FILE);
	assert_int_equal(seen.types['c'], ENTRY_FILE);
}

/* ---- Opening -------------------------------------------------------------------------------- */

/* The one thing that keeps a walk within its operand: no link is followed, even to a directory. */
TEST(a_directory_is_opened_and_nothing_else)
{
	const struct tree *tree =
		TREE("directory/", "file", "link -> directory", "loop -> loop", "fifo|");
	static const char *const others[] = { "file", "link", "loop", "fifo", "gone" };
	int fd = platform_open_directory(tree->fd, "directory");

	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(platform_open_directory(tree->fd, others[i]), -1);
		assert_true(platform_is_no_directory(errno));
	}
}

/* What is opened is the caller's to close, also if it is the directory where it began. */
TEST(a_path_is_opened_below_a_directory)
{
	const struct tree *tree = TREE("a/b/c", "a/link -> b");
	static const char *const paths[] = { "", "a/", "a/b/" };
	char link[] = "a/link/";

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *path = scratch_format("%s", paths[i]);
		struct platform_identity identity =
			platform_identify(tree->fd, i > 0 ? path : ".", 0);
		int fd = platform_open_path(tree->fd, path, identity);

		assert_true(fd >= 0 && fd != tree->fd);
		assert_string_equal(path, paths[i]);
		assert_true(platform_is_same(platform_identify(fd, NULL, 0), identity));
		assert_int_equal(close(fd), 0);
		identity.ino++;
		assert_int_equal(platform_open_path(tree->fd, path, identity), -1);
		assert_int_equal(errno, ESTALE);
	}
	assert_int_equal(platform_open_path(tree->fd, link, platform_identify(tree->fd, link, 0)),
			 -1);
	assert_true(platform_is_no_directory(errno));
}

/* Taken for "gone", an error would be silent. */
TEST(only_a_name_gone_or_changed_is_no_directory)
{
	static const int errors[] = { 0,   EACCES,       EPERM,  EMFILE, ENFILE,  ENOMEM,
				      EIO, ENAMETOOLONG, ESTALE, EINTR,  ENOTCONN };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		assert_false(platform_is_no_directory(errors[i]));
	}
	assert_true(platform_is_no_directory(ENOENT));
	assert_true(platform_is_no_directory(ENOTDIR));
	assert_true(platform_is_no_directory(ELOOP));
	assert_true(platform_is_no_directory(EMLINK));
	assert_true(platform_is_no_directory(ESRCH));
}

/** Opens a directory, its path given, as an ordinary user. */
static int open_as_ordinary_user(void *context)
{
	int fd;

	if (getuid() == 0 && setuid(program_ordinary_user()) != 0) {
		return 2;
	}
	fd = platform_open_parent(AT_FDCWD, context);
	return fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) && unlinkat(fd, "a.pyc", 0) == 0 ? 0
											     : 1;
}

/* `pyclean drop/old.pyc`, where drop can be written to and searched, but not read. */
TEST(a_parent_need_not_be_readable)
{
	const struct tree *tree = TREE("drop/a.pyc", "link -> drop", "file");

	tree_give(tree, program_ordinary_user(), (gid_t)-1);
	tree_chmod(tree, "drop", 0300);
#ifdef PYCLEAN_PORTABLE
	skip_because("PORTABLE=1 has no O_PATH");
#endif
	assert_int_equal(in_child(open_as_ordinary_user, tree_path(tree, "link"))->status, 0);
	assert_false(tree_has(tree, "drop/a.pyc"));
	assert_int_equal(platform_open_parent(AT_FDCWD, tree_path(tree, "gone")), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(platform_open_parent(AT_FDCWD, tree_path(tree, "file")), -1);
	assert_int_equal(errno, ENOTDIR);
}

/* ---- nftw ----------------------------------------------------------------------------------- */

/** The paths that nftw has reported below the start, each with a ' ' before it. */
static char reported[1024];
static const char *pruned_name;
static enum walk_action pruned_action;

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	if (ftw->level > 0) {
		/* Each name is one letter. */
		strcat(strcat(reported, " "), path + ftw->base);
		if (pruned_name && strcmp(path + ftw->base, pruned_name) == 0) {
			return platform_nftw_action(pruned_action);
		}
	}
	return platform_nftw_action(WALK_CONTINUE);
}

static bool was_reported(char name)
{
	return strchr(reported, name) != NULL;
}

static int walk(const struct tree *tree, const char *name, enum walk_action action)
{
	if (access("/proc/self/fd", X_OK) != 0) {
		skip_because("there is no /proc");
	}
	reported[0] = '\0';
	pruned_name = name;
	pruned_action = action;
	return platform_nftw(tree->fd, visit, 10);
}

/* A directory is reported before what is in it, and no link is followed. */
TEST(nftw_reports_a_directory_first_and_follows_no_link)
{
	const struct tree *tree = TREE("a/b/c", "l -> a");

	assert_int_equal(walk(tree, NULL, WALK_CONTINUE), 0);
	assert_int_equal(strlen(reported), 8);
	assert_true(strchr(reported, 'a') < strchr(reported, 'b'));
	assert_true(strchr(reported, 'b') < strchr(reported, 'c'));
	assert_true(was_reported('l'));
}

/* Where FTW_ACTIONRETVAL does not exist nothing may be pruned, but the walk has to go on. */
TEST(nftw_prunes_where_it_can_and_goes_on)
{
	const struct tree *tree = TREE("a/b/c", "a/d/e", "f/g");
	bool prunes = platform_nftw_action(WALK_PRUNE) != 0;

	assert_int_equal(platform_nftw_action(WALK_CONTINUE), 0);
	assert_int_equal(walk(tree, "b", WALK_PRUNE), 0);
	assert_int_equal(was_reported('c'), !prunes);
	assert_true(was_reported('e') && was_reported('g'));
	assert_int_equal(walk(tree, "b", WALK_PRUNE_SIBLINGS), 0);
	assert_int_equal(was_reported('c'), !prunes);
	assert_true(was_reported('f') && was_reported('g'));
}

TEST(an_abandoned_walk_is_an_error)
{
	const struct tree *tree = TREE("a");

	failing_nftw_error = ENOENT;
	interpose(&(const struct interposed){ .nftw = failing_nftw });
	assert_int_equal(walk(tree, NULL, WALK_CONTINUE), -1);
	assert_int_equal(errno, ENOENT);
}

static int flags_given;

static int nftw_noting_flags(const char *path, nftw_visit *visit_fn, int max_open, int flags)
{
	(void)visit_fn;
	(void)max_open;
	assert_non_null(strstr(path, "/fd/"));
	flags_given = flags;
	return 0;
}

/* Of FTW_MOUNT no file system at hand could tell whether it was asked for. */
TEST(nftw_stays_on_one_file_system)
{
	const struct tree *tree = TREE(NULL);

	interpose(&(const struct interposed){ .nftw = nftw_noting_flags });
	platform_nftw(tree->fd, visit, 10);
	assert_true((flags_given & FTW_MOUNT) && (flags_given & FTW_PHYS));
	assert_false(flags_given & (FTW_DEPTH | FTW_CHDIR));
	flags_given = 0;
	assert_int_equal(platform_nftw(-1, visit, 10), -1);
	assert_int_equal(flags_given, 0);
}
