/* What is printed: list, lines, summary and sizes, -v, -q, -0, --check. */

#include "tests.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct tree *small_tree(void)
{
	return TREE("pkg/a.py", "pkg/__pycache__/a.cpython-311.pyc", "pkg/__pycache__/sub/b.txt",
		    "old.pyc", "keep.txt", ".git/x.pyc");
}

/* What -n lists is what would go: a cache as a whole, a stray file. */
TEST(dry_run_lists_and_removes_nothing)
{
	const struct tree *tree = small_tree();
	const struct tree_listing before = tree_list(tree);

	assert_outcome(run(tree, "-n"), 0,
		       "Would remove pkg/__pycache__/\n"
		       "Would remove old.pyc\n"
		       "Would remove 3 files and 2 directories (*).\n",
		       "");
	assert_listing(before, tree_list(tree));
}

TEST(a_run_prints_only_its_summary)
{
	assert_outcome(run(small_tree(), ""), 0, "Removed 3 files and 2 directories (*).\n", "");
}

TEST(verbose_has_a_line_for_everything_removed)
{
	const struct tree *tree = small_tree();
	const struct outcome *outcome = run(tree, "-v");

	assert_outcome(outcome, 0,
		       "Removed pkg/__pycache__/a.cpython-311.pyc\n"
		       "Removed pkg/__pycache__/sub/b.txt\n"
		       "Removed pkg/__pycache__/sub/\n"
		       "Removed pkg/__pycache__/\n"
		       "Removed old.pyc\n"
		       "Skipped .git/ (version control)\n"
		       "Removed 3 files and 2 directories (*).\n",
		       "");
	assert_before(outcome, "a.cpython-311.pyc\n", "pkg/__pycache__/\n");
	assert_before(outcome, "sub/b.txt\n", "sub/\n");
	assert_before(outcome, "pkg/__pycache__/sub/\n", "Removed pkg/__pycache__/\n");
}

TEST(a_verbose_dry_run_has_the_same_lines)
{
	const struct tree *tree = small_tree();
	const struct tree_listing before = tree_list(tree);
	const struct outcome *outcome = run(tree, "-nv");

	assert_outcome(outcome, 0,
		       "Would remove pkg/__pycache__/a.cpython-311.pyc\n"
		       "Would remove pkg/__pycache__/sub/b.txt\n"
		       "Would remove pkg/__pycache__/sub/\n"
		       "Would remove pkg/__pycache__/\n"
		       "Would remove old.pyc\n"
		       "Skipped .git/ (version control)\n"
		       "Would remove 3 files and 2 directories (*).\n",
		       "");
	assert_before(outcome, "sub/b.txt\n", "Would remove pkg/__pycache__/\n");
	assert_listing(before, tree_list(tree));
}

TEST(quiet_prints_nothing)
{
	const struct tree *tree = small_tree();

	assert_outcome(run(tree, "-n -q"), 0, "", "");
	assert_outcome(run(tree, "-q"), 0, "", "");
	assert_tree(tree, "pkg/a.py", "keep.txt", ".git/x.pyc");
	assert_outcome(run(tree, "-q"), 0, "", "");
}

/* A script that reads the list must get raw bytes, each path ended, and nothing that is no path. */
TEST(null_lists_what_goes_and_nothing_else)
{
	const struct tree *tree = small_tree();

	assert_paths(run(tree, "-n -0"), "pkg/__pycache__/", "old.pyc");
	assert_paths(run(tree, "-0"), "pkg/__pycache__/", "old.pyc");
	assert_tree(tree, "pkg/a.py", "keep.txt", ".git/x.pyc");
	assert_outcome(run(tree, "-0"), 0, "", "");
}

TEST(null_gives_raw_bytes)
{
	const struct tree *tree = TREE("a\nb.pyc", "caf\xe9/__pycache__/x.pyc", "\x1b[2J.pyc",
				       "quote's.pyc", "back\\slash.pyc");

	assert_paths(run(tree, "-n0"), "a\nb.pyc", "caf\xe9/__pycache__/", "\x1b[2J.pyc",
		     "quote's.pyc", "back\\slash.pyc");
	assert_paths(run(tree, "-0"), "a\nb.pyc", "caf\xe9/__pycache__/", "\x1b[2J.pyc",
		     "quote's.pyc", "back\\slash.pyc");
}

TEST(null_and_verbose_list_every_file)
{
	const struct tree *tree = small_tree();

	assert_paths(run(tree, "-n -v -0"), "pkg/__pycache__/a.cpython-311.pyc",
		     "pkg/__pycache__/sub/b.txt", "pkg/__pycache__/sub/", "pkg/__pycache__/",
		     "old.pyc");
	assert_paths(run(tree, "-v0"), "pkg/__pycache__/a.cpython-311.pyc",
		     "pkg/__pycache__/sub/b.txt", "pkg/__pycache__/sub/", "pkg/__pycache__/",
		     "old.pyc");
}

/* An alias may have -q or -v: what is typed after it wins. */
TEST(of_quiet_verbose_and_null_the_last_wins)
{
	const struct tree *tree = TREE("p/__pycache__/a.pyc");
	static const char lines[] = "Would remove p/__pycache__/a.pyc\n"
				    "Would remove p/__pycache__/\n"
				    "Would remove 1 file and 1 directory (*).\n";

	assert_outcome(run(tree, "-n -v -q"), 0, "", "");
	assert_outcome(run(tree, "-n -0 -q"), 0, "", "");
	assert_outcome(run(tree, "-n -v -0 -q"), 0, "", "");
	assert_outcome(run(tree, "-n -q -v"), 0, lines, "");
	assert_paths(run(tree, "-n -q -0"), "p/__pycache__/");
	assert_paths(run(tree, "-n -q -v -0"), "p/__pycache__/a.pyc", "p/__pycache__/");
}

/* What -q silenced stays so: only what comes after it speaks. */
TEST(quiet_silences_what_stands_before_it)
{
	const struct tree *tree = TREE("p/__pycache__/a.pyc");

	assert_paths(run(tree, "-n -v -q -0"), "p/__pycache__/");
	assert_outcome(run(tree, "-n -0 -q -v"), 0,
		       "Would remove p/__pycache__/a.pyc\n"
		       "Would remove p/__pycache__/\n"
		       "Would remove 1 file and 1 directory (*).\n",
		       "");
}

/* ---- --check -------------------------------------------------------------------------------- */

/* As a dry run, and as ruff, black and prettier list what they found. */
TEST(check_lists_and_tells_by_its_status)
{
	static const char *const listed[] = { "--check", "--check -n", "-n --check" };
	const struct tree *tree = small_tree();
	const struct tree_listing before = tree_list(tree);

	for (size_t i = 0; i < sizeof(listed) / sizeof(*listed); i++) {
		assert_outcome(run(tree, listed[i]), 1,
			       "Would remove pkg/__pycache__/\n"
			       "Would remove old.pyc\n"
			       "Would remove 3 files and 2 directories (*).\n",
			       "");
	}
	assert_outcome(run(tree, "--check -q"), 1, "", "");
	assert_outcome(run(tree, "-q --check"), 1, "", "");
	assert_listing(before, tree_list(tree));
}

TEST(check_lists_with_verbose_and_null)
{
	const struct tree *tree = TREE("p/__pycache__/a.pyc", ".git/");
	const struct outcome *outcome = run(tree, "--check -0");

	assert_int_equal(outcome->status, 1);
	assert_paths(outcome, "p/__pycache__/");
	assert_outcome(run(tree, "--check -v"), 1,
		       "Would remove p/__pycache__/a.pyc\n"
		       "Would remove p/__pycache__/\n"
		       "Skipped .git/ (version control)\n"
		       "Would remove 1 file and 1 directory (*).\n",
		       "");
}

TEST(check_of_a_clean_tree_is_0)
{
	const struct tree *tree = TREE("a.py", ".git/b.pyc");

	assert_outcome(run(tree, "--check"), 0, "Nothing to remove.\n", "");
	assert_outcome(run(tree, "--check -q"), 0, "", "");
	assert_outcome(run(tree, "--check -0"), 0, "", "");
}

/* Otherwise CI would take "could not look" for "clean" or for "dirty". */
TEST(check_that_meets_an_error_is_2)
{
	const struct tree *tree = TREE("a.pyc");
	static const char error[] = "pyclean: cannot read 'gone': No such file or directory\n";

	assert_outcome(run(tree, "--check . gone"), 2,
		       "Would remove a.pyc\nWould remove 1 file (*); 1 error.\n", error);
	assert_outcome(run(tree, "--check -q gone"), 2, "", error);
	assert_tree(tree, "a.pyc");
}

/* ---- Summary -------------------------------------------------------------------------------- */

/** Sizes in the words of the design, made without the program's own arithmetic. */
static const char *size_text(uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	uint64_t unit = 1;
	size_t power = 0;

	if (bytes < 1024) {
		return scratch_format("%ju B", (uintmax_t)bytes);
	}
	/* Rounded to a tenth, it must still be less than 1024.0 of its unit. */
	while (bytes / unit >= 1024 || (bytes * 10 + unit / 2) / unit >= 10240) {
		unit *= 1024;
		power++;
	}
	bytes = (bytes * 10 + unit / 2) / unit;
	return scratch_format("%ju.%ju %ciB", (uintmax_t)(bytes / 10), (uintmax_t)(bytes % 10),
			      units[power]);
}

/** Adds a file that really takes that much. */
static void add_large_file(const struct tree *tree, const char *path, size_t length)
{
	char *content = scratch_alloc(length);
	int fd;

	memset(content, 'x', length);
	tree_write(tree, path, content, length);
	/* Some file systems decide only then how much it takes. */
	fd = openat(tree->fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0 || close(fd) != 0) {
		broken("cannot write out '%s'", path);
	}
}

/* What the file system gives back, as stat tells it: files and directories. */
TEST(sizes_are_those_of_the_file_system)
{
	static const size_t lengths[] = { 1, 5000, 307200, 1048576, 6369233 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i += tests_are_slow() ? 4 : 1) {
		const struct tree *tree = TREE("p/__pycache__/small.pyc", "stay.py");
		const char *size;

		add_large_file(tree, "large.pyc", lengths[i]);
		size = size_text(tree_bytes(tree, "large.pyc") + tree_bytes(tree, "p/__pycache__") +
				 tree_bytes(tree, "p/__pycache__/small.pyc"));
		assert_last_line(
			run(tree, "--check"), 1,
			scratch_format("Would remove 2 files and 1 directory (%s).\n", size), "");
		assert_outcome(run(tree, ""), 0,
			       scratch_format("Removed 2 files and 1 directory (%s).\n", size), "");
	}
}

/* With another link its blocks stay in use. */
TEST(a_file_with_another_link_gives_back_nothing)
{
	const struct tree *tree = TREE("a.pyc");

	if (linkat(tree->fd, "a.pyc", tree->fd, "copy.txt", 0) != 0) {
		broken("cannot link");
	}
	assert_outcome(run(tree, "-n"), 0, "Would remove a.pyc\nWould remove 1 file (0 B).\n", "");
	assert_outcome(run(tree, ""), 0, "Removed 1 file (0 B).\n", "");
	assert_true(tree_has(tree, "copy.txt"));
}

/* The size of a link is its own, not that of what it leads to. */
TEST(a_link_gives_back_its_own_size)
{
	const struct tree *tree = TREE("link.pyc -> target", "target");

	assert_outcome(
		run(tree, ""), 0,
		scratch_format("Removed 1 file (%s).\n", size_text(tree_bytes(tree, "link.pyc"))),
		"");
}

/* ---- Streams -------------------------------------------------------------------------------- */

/* A list that was not written must not pass for an empty one. */
TEST(output_that_cannot_be_written_is_an_error)
{
	static const enum program_stream streams[] = { PROGRAM_FULL, PROGRAM_CLOSED };
	static const char *const arguments[] = { "-n", "", "-v", "-0" };

	for (size_t i = 0; i < 8; i++) {
		const struct tree *tree = TREE("a.pyc", "__pycache__/b.pyc", "c.py");
		const struct outcome *outcome =
			RUN_PROGRAM(.cwd = tree->path, .arguments = split(arguments[i / 2]),
				    .out = streams[i % 2]);

		if (outcome->status != 1 || strncmp(outcome->err, "pyclean: ", 9) != 0) {
			assert_outcome(outcome, 1, "", "pyclean: …\n");
		}
		if (i < 2) {
			assert_tree(tree, "a.pyc", "__pycache__/b.pyc", "c.py");
		} else {
			/* The work is done all the same. */
			assert_tree(tree, "c.py");
		}
	}
}

/* Who wants no output is not bothered by an output that does not work. */
TEST(quiet_needs_no_output)
{
	static const enum program_stream streams[] = { PROGRAM_FULL, PROGRAM_CLOSED };

	for (size_t i = 0; i < 2; i++) {
		const struct tree *tree = TREE("a.pyc", "c.py");

		assert_outcome(
			RUN_PROGRAM(.cwd = tree->path, .arguments = split("-q"), .out = streams[i]),
			0, "", "");
		assert_tree(tree, "c.py");
	}
}

/* No descriptor of the program's own must end up as 0, 1 or 2: messages would go into it. */
TEST(closed_streams_do_no_harm)
{
	const struct tree *tree = TREE("a.pyc", "p/__pycache__/b.pyc", "p/c.py");
	const struct outcome *outcome;

	if (program_is_wrapped()) {
		skip_because("the wrapper needs its standard error");
	}
	outcome = RUN_PROGRAM(.cwd = tree->path, .arguments = split("-v . gone"),
			      .out = PROGRAM_CLOSED, .err = PROGRAM_CLOSED);
	assert_int_equal(outcome->status, 1);
	assert_tree(tree, "p/c.py");
}

/* With -0 on a broken stderr, the list is still complete and the status tells of the error. */
TEST(a_broken_stderr_hides_no_error_from_the_status)
{
	const struct tree *tree = TREE("a.pyc");
	const struct outcome *outcome =
		RUN_PROGRAM(.cwd = tree->path, .arguments = split("-0 . gone"),
			    .err = PROGRAM_FULL);

	assert_int_equal(outcome->status, 1);
	assert_paths(outcome, "a.pyc");
}

/* Such a pipe comes from whoever shares it, ssh or an event loop: no line may be lost. */
TEST(a_pipe_that_does_not_block_gets_every_line)
{
	const struct tree *tree = TREE("x.txt");
	const char *words[2003] = { "-nv", "." };
	const struct outcome *outcome;
	size_t lines = 0;

	for (int i = 0; i < 2000; i++) {
		words[i + 2] = "no-such-path-but-one-with-a-name-that-fills-the-pipe";
	}
	for (int i = 0; i < 2000; i++) {
		tree_add(tree, scratch_format("a-name-that-fills-the-pipe-%d.pyc", i));
	}
	outcome = RUN_PROGRAM(.cwd = tree->path, .arguments = words, .out = PROGRAM_UNREAD,
			      .err = PROGRAM_AS_OUT);
	for (const char *at = outcome->out; (at = strchr(at, '\n')); at++) {
		lines++;
	}
	assert_int_equal(outcome->status, 1);
	assert_int_equal(lines, 2000 + 2000 + 1);
	assert_non_null(strstr(outcome->out, "Would remove 2000 files"));
}

/* SIGXFSZ would end the run half-way; the error is one like that of a full disk. */
TEST(a_file_size_limit_does_not_stop_the_work)
{
	const struct tree *tree = TREE("p/");

	/* More than 128 blocks, which are enough for what gcov writes. */
	for (int i = 0; i < 1500; i++) {
		tree_add(tree,
			 scratch_format("p/a-file-with-a-name-that-is-as-long-as-it-may-be-so-"
					"that-the-output-is-long-as-well-%d.pyc",
					i));
	}
	assert_outcome(
		RUN_PROGRAM(.name = "sh", .cwd = tree_path(tree, "p"),
			    .arguments = WORDS("-c", "ulimit -f 128; exec \"$0\" -v >../lines",
					       getenv("PYCLEAN"))),
		1, "", "pyclean: cannot write to standard output: File too large\n");
	assert_true(tree_has(tree, "lines"));
	assert_outcome(run(tree, "-n0"), 0, "", "");
}
