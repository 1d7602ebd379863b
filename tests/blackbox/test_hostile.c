/* Trees that were made to do harm: names, links, attributes, depths; and trees that go away. */

#include "large.h"
#include "supervise.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Names ---------------------------------------------------------------------------------- */

/** Whether a text has nothing that a terminal might obey, and is UTF-8 as far as that tells. */
static bool is_harmless(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		bool c1 = byte == 0xc2 && i + 1 < length && (unsigned char)text[i + 1] < 0xa0;

		if ((byte < ' ' && byte != '\n') || byte == 0x7f || c1 ||
		    strncmp(text + i, "\xe2\x80\xae", 3) == 0) {
			return false;
		}
	}
	return !memchr(text, 0xff, length) && !memchr(text, 0x9b, length);
}

/** Makes everything that an error or a line can name, of a name that is all but a command. */
static void add_hostile(const struct tree *tree, const char *evil)
{
	tree_add_file(tree, scratch_format("%s/%s.pyc", evil, evil));
	tree_add_file(tree, scratch_format("%s/__pycache__/%s.pyc", evil, evil));
	tree_add_file(tree, scratch_format("%s/__pycache__/%s/%s", evil, evil, evil));
	tree_add_file(tree, scratch_format("%s/%s/x.py", evil, evil));
	tree_add_file(tree, scratch_format("%s/venv%s/pyvenv.cfg", evil, evil));
}

/** A clear screen, a C1 control as UTF-8 and as a byte, DEL, an override, not UTF-8, a new line. */
static const char *const evil_names[] = {
	"\x1b[2J",
	"a\xc2\x9b"
	"2J",
	"b\x9b"
	"2J",
	"c\x7f",
	"\xe2\x80\xae"
	"d",
	"\xff",
	"e\nRemoved f",
};

/** Runs with all calls of a kind failing from some call on. */
static void assert_errors_are_harmless(const char *arguments, unsigned calls, unsigned long at)
{
	const struct tree *tree = TREE(NULL);
	struct strike strike = { at, true, EIO };
	struct supervision supervision = {
		.calls = calls,
		.judge = strike_judge,
		.context = &strike,
	};
	const struct outcome *outcome;

	for (size_t i = 0; i < sizeof(evil_names) / sizeof(*evil_names); i++) {
		add_hostile(tree, evil_names[i]);
	}
	outcome = supervise(
		&(const struct program){ .cwd = tree->path, .arguments = split(arguments) },
		&supervision);
	assert_int_equal(outcome->status, 1);
	assert_true(outcome->err_length > 0);
	assert_true(is_harmless(outcome->out, outcome->out_length));
	assert_true(is_harmless(outcome->err, outcome->err_length));
	for (const char *line = outcome->err; *line; line = strchr(line, '\n') + 1) {
		assert_int_equal(strncmp(line, "pyclean: cannot re", 18), 0);
	}
}

TEST(no_error_sends_a_terminal_a_command)
{
	assert_errors_are_harmless("-v", CALLS_REMOVE, 1);
	assert_errors_are_harmless("-v -j1", CALLS_OPEN, 2);
	assert_errors_are_harmless("-v -j1", CALLS_LIST, 2);
	assert_errors_are_harmless("-n -j1", CALLS_STAT, 10);
	assert_errors_are_harmless("-v -j1", CALLS_FILE, 12);
}

/* With -0 the raw bytes are wanted, but on stderr they are not. */
TEST(null_leaves_errors_quoted)
{
	const struct tree *tree = TREE("\x1b[2J.pyc", "keep.py");
	const struct outcome *outcome = RUN(tree, "-0", ".", "gone\x1b[2J", "keep.py\x9b");

	assert_int_equal(outcome->status, 1);
	assert_paths(outcome, "\x1b[2J.pyc");
	assert_true(is_harmless(outcome->err, outcome->err_length));
}

/* ---- Links ---------------------------------------------------------------------------------- */

TEST(links_inside_a_cache_go_and_lead_nowhere)
{
	const struct tree *tree = TREE(
		"outside/a.pyc", "outside/__pycache__/b.pyc", "project/p/__pycache__/c.pyc",
		"project/p/__pycache__/out -> ../../../outside", "project/p/__pycache__/root -> /",
		"project/p/__pycache__/up -> ..", "project/p/__pycache__/self -> .",
		"project/p/__pycache__/loop -> loop", "project/p/__pycache__/none -> gone",
		"project/p/__pycache__/file -> ../../../outside/a.pyc",
		"project/p/__pycache__/__pycache__ -> ../../../outside/__pycache__");

	assert_outcome(run(tree, "project"), 0, "Removed 9 files and 1 directory (*).\n", "");
	assert_tree(tree, "outside/a.pyc", "outside/__pycache__/b.pyc", "project/p/");
}

/* Links to each other, and an operand that is the first of a chain of them. */
TEST(links_in_circles_end)
{
	const struct tree *tree =
		TREE("a/x -> ../b", "a/1.pyc", "b/x -> ../c", "b/2.pyc", "c/x -> ../a", "c/3.pyc",
		     "first -> second", "second -> c", "round -> about", "about -> round");

	assert_outcome(run(tree, "first round"), 1, "Removed 1 file (*); 1 error.\n",
		       "pyclean: 'round' is neither a directory nor bytecode\n");
	assert_outcome(run(tree, ""), 0, "Removed 2 files (*).\n", "");
	assert_tree(tree, "a/x -> ../b", "b/x -> ../c", "c/x -> ../a", "first -> second",
		    "second -> c", "round -> about", "about -> round");
}

/* ---- Attributes ----------------------------------------------------------------------------- */

/** A file or directory that has an attribute of chattr(1), until the test ends. */
struct marked {
	int fd;
	int flags;
};

static void unmark(void *object)
{
	const struct marked *marked = object;

	ioctl(marked->fd, FS_IOC_SETFLAGS, &marked->flags);
	close(marked->fd);
}

/** Gives an entry an attribute; skips the test where that is not to be had. */
static void mark(const struct tree *tree, const char *path, int flag)
{
	struct marked *marked = scratch_alloc(sizeof(*marked));
	int flags;

	marked->fd = openat(tree->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (marked->fd < 0) {
		broken("cannot open '%s'", path);
	}
	if (ioctl(marked->fd, FS_IOC_GETFLAGS, &marked->flags) != 0) {
		close(marked->fd);
		skip_because("this file system has no attributes");
	}
	flags = marked->flags | flag;
	scratch_defer(unmark, marked);
	if (ioctl(marked->fd, FS_IOC_SETFLAGS, &flags) != 0) {
		skip_because("this user or file system sets no attributes");
	}
}

TEST(immutable_files_are_errors_and_the_rest_goes)
{
	const struct tree *tree =
		TREE("a.pyc", "fixed.pyc", "p/__pycache__/b.pyc", "p/__pycache__/fixed.pyc",
		     "p/__pycache__/z.pyc", "q/__pycache__/c.pyc");

	mark(tree, "fixed.pyc", FS_IMMUTABLE_FL);
	mark(tree, "p/__pycache__/fixed.pyc", FS_APPEND_FL);
	assert_outcome(
		run(tree, ""), 1, "Removed 4 files and 1 directory (*); 2 errors.\n",
		"pyclean: cannot remove 'fixed.pyc': Operation not permitted\n"
		"pyclean: cannot remove 'p/__pycache__/fixed.pyc': Operation not permitted\n");
	assert_tree(tree, "fixed.pyc", "p/__pycache__/fixed.pyc", "q/");
}

TEST(immutable_directories_are_errors_and_the_rest_goes)
{
	const struct tree *tree = TREE("fixed/__pycache__/a.pyc", "fixed/b.pyc",
				       "p/__pycache__/c.pyc", "p/__pycache__/deep/d.pyc");

	mark(tree, "fixed", FS_IMMUTABLE_FL);
	mark(tree, "p/__pycache__", FS_APPEND_FL);
	assert_outcome(run(tree, ""), 1, "Removed 2 files (*); 4 errors.\n",
		       "pyclean: cannot remove 'fixed/__pycache__': Operation not permitted\n"
		       "pyclean: cannot remove 'fixed/b.pyc': Operation not permitted\n"
		       "pyclean: cannot remove 'p/__pycache__/c.pyc': Operation not permitted\n"
		       "pyclean: cannot remove 'p/__pycache__/deep': Operation not permitted\n");
	assert_tree(tree, "fixed/__pycache__/", "fixed/b.pyc", "p/__pycache__/c.pyc",
		    "p/__pycache__/deep/");
}

/* An immutable file stays even for root, who need not be told to become its owner. */
TEST(root_is_told_of_immutable_files)
{
	const struct tree *tree = TREE("a.pyc");

	mark(tree, "a.pyc", FS_IMMUTABLE_FL);
	assert_outcome(
		run(tree, ""), 1, "Nothing removed; 1 error.\n",
		"pyclean: cannot remove 'a.pyc': Operation not permitted\n"
		"pyclean: hint: 'lsattr' shows whether it is immutable or append-only; 'chattr "
		"-ia' clears both\n");
}

/* ---- Depths --------------------------------------------------------------------------------- */

static void furnish_bottom(int fd, int level)
{
	if (level % 5000 == 0) {
		mkdirat(fd, "__pycache__", 0755);
		mknodat(fd, "__pycache__/a.pyc", S_IFREG | 0644, 0);
		mknodat(fd, "b.pyc", S_IFREG | 0644, 0);
		mkdirat(fd, "sibling", 0755);
		mknodat(fd, "sibling/c.pyc", S_IFREG | 0644, 0);
		mknodat(fd, "stays.py", S_IFREG | 0644, 0);
	}
}

/** Cleans a tree with a stack of 256 KiB, or with the usual one below a wrapper. */
static const struct outcome *run_on_small_stack(const struct tree *tree, const char *arguments)
{
	return RUN_PROGRAM(.cwd = tree->path, .arguments = split(arguments),
			   .max_stack = program_is_wrapped() ? 0 : (rlim_t)256 * 1024);
}

/* As mkdir and chdir in a loop make it: neither a path nor the stack reaches the bottom. */
TEST(ten_thousand_levels_are_cleaned)
{
	const struct tree *tree = TREE(NULL);

	tree_add_chain(tree, "d", 10000, furnish_bottom);
	assert_last_line(run_on_small_stack(tree, "--check -j1"), 1,
			 "Would remove 6 files and 2 directories (*).\n", "");
	assert_outcome(run_on_small_stack(tree, ""), 0, "Removed 6 files and 2 directories (*).\n",
		       "");
	assert_outcome(run_on_small_stack(tree, "--check"), 0, "Nothing to remove.\n", "");
}

TEST(ten_thousand_levels_inside_a_cache_go)
{
	const struct tree *tree = TREE("keep.py");

	tree_add_chain(tree, "__pycache__", 10000, NULL);
	assert_outcome(run_on_small_stack(tree, ""), 0, "Removed 10000 directories (*).\n", "");
	assert_tree(tree, "keep.py");
}

/* ---- Streams -------------------------------------------------------------------------------- */

static void close_input(const char *cwd)
{
	(void)cwd;
	close(STDIN_FILENO);
}

/* The descriptors of directories are then 0, 1 and 2, and what is said must not go there. */
TEST(any_of_the_streams_may_be_closed)
{
	if (program_is_wrapped()) {
		skip_because("the wrapper needs its standard error");
	}
	for (int closed = 1; closed < 8; closed++) {
		const struct tree *tree = TREE("a/b/c.pyc", "a/__pycache__/d/e.pyc", "f.py");
		const struct outcome *outcome =
			RUN_PROGRAM(.cwd = tree->path, .arguments = split("-v . gone"),
				    .prepare = closed & 1 ? close_input : NULL,
				    .out = closed & 2 ? PROGRAM_CLOSED : PROGRAM_CAPTURED,
				    .err = closed & 4 ? PROGRAM_CLOSED : PROGRAM_CAPTURED);

		assert_int_equal(outcome->status, 1);
		assert_tree(tree, "a/b/", "f.py");
		if (!(closed & 4)) {
			assert_non_null(strstr(outcome->err, "cannot read 'gone'"));
		}
		if (!(closed & 2)) {
			assert_non_null(strstr(outcome->out, "Removed 2 files and 2 directories"));
		}
	}
}

/* ---- Trees that go away --------------------------------------------------------------------- */

struct demolition {
	const char *path;
	unsigned long at;
};

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int demolish_judge(void *context, const struct supervised_call *call)
{
	const struct demolition *demolition = context;

	if (call->number == demolition->at) {
		nftw(demolition->path, remove_entry, 16, FTW_PHYS | FTW_DEPTH);
	}
	return 0;
}

/* By somebody else, before any call: there is then nothing left to do, and nothing to complain of. */
TEST(an_operand_may_be_removed_while_it_is_walked)
{
	unsigned long step = program_is_sanitized() ? 5 : 1;
	unsigned long calls = 1;

	for (unsigned long at = 1; at <= calls; at += step) {
		const struct tree *tree =
			TREE("gone/a.pyc", "gone/b/__pycache__/c.pyc", "gone/b/d/e.pyc",
			     "gone/f/__pycache__/g/h.pyc", "gone/b/i.py", "other/j.pyc");
		struct demolition demolition = { tree_path(tree, "gone"), at };
		struct supervision supervision = {
			.calls = CALLS_OPEN | CALLS_LIST | CALLS_REMOVE,
			.judge = demolish_judge,
			.context = &demolition,
		};
		const struct outcome *outcome =
			supervise(&(const struct program){ .cwd = tree->path,
							   .arguments = split("-j1 gone other") },
				  &supervision);

		assert_outcome(outcome, 0, outcome->out, "");
		assert_tree(tree, "other/");
		calls = supervision.count;
		scratch_clear(NULL);
	}
	assert_true(calls > 10);
}

BEFORE_TESTS
{
	large_prefer_memory();
}
