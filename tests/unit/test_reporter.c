/* What the user sees, line by line: removals, skips and errors. */

#include "session.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* ---- Lines ---------------------------------------------------------------------------------- */

static void remove_a_cache_and_a_stray_file(struct report *report)
{
	reporter_removed(
		report,
		&(const struct reporter_path){
			.prefix = "pkg/", .trail = "__pycache__/", .name = "a.pyc", .inner = true },
		1, NULL);
	reporter_removed(report,
			 &(const struct reporter_path){ .prefix = "pkg/",
							.trail = "__pycache__/",
							.name = "sub",
							.directory = true,
							.inner = true },
			 2, NULL);
	reporter_removed(
		report,
		&(const struct reporter_path){
			.prefix = "pkg/", .trail = "", .name = "__pycache__", .directory = true },
		4, NULL);
	reporter_removed(report,
			 &(const struct reporter_path){ .prefix = "pkg/", .name = "old.pyc" }, 8,
			 NULL);
}

/* A list names what goes as a whole; what is inside is for -v alone. */
TEST(a_list_names_stray_files_and_whole_directories)
{
	assert_says(REPORTER_LIST, false, false, remove_a_cache_and_a_stray_file,
		    "Removed pkg/__pycache__/\n"
		    "Removed pkg/old.pyc\n",
		    "");
	assert_says(REPORTER_LIST, true, false, remove_a_cache_and_a_stray_file,
		    "Would remove pkg/__pycache__/\n"
		    "Would remove pkg/old.pyc\n",
		    "");
}

TEST(verbose_names_everything_inside_first)
{
	assert_says(REPORTER_ALL, false, false, remove_a_cache_and_a_stray_file,
		    "Removed pkg/__pycache__/a.pyc\n"
		    "Removed pkg/__pycache__/sub/\n"
		    "Removed pkg/__pycache__/\n"
		    "Removed pkg/old.pyc\n",
		    "");
}

TEST(a_summary_or_errors_alone_give_no_lines)
{
	assert_says(REPORTER_SUMMARY, false, false, remove_a_cache_and_a_stray_file, "", "");
	assert_says(REPORTER_ERRORS, false, false, remove_a_cache_and_a_stray_file, "", "");
	assert_says(REPORTER_ERRORS, true, false, remove_a_cache_and_a_stray_file, "", "");
}

/** Asserts on all of stdout, with -0. */
static void assert_null_output(enum reporter_detail detail, void (*act)(struct report *report),
			       const char *bytes, size_t length)
{
	struct session session = { .style = { .detail = detail, .null = true, .dry_run = true },
				   .act = act };
	const struct outcome *outcome = hold(&session);

	assert_int_equal(outcome->out_length, length);
	assert_memory_equal(outcome->out, bytes, length);
	assert_string_equal(outcome->err, "");
}

/* For xargs -0: any byte more, a summary among them, would be taken for a path. */
TEST(null_gives_paths_and_nothing_else)
{
	static const char list[] = "pkg/__pycache__/\0pkg/old.pyc";
	static const char all[] = "pkg/__pycache__/a.pyc\0pkg/__pycache__/sub/\0pkg/__pycache__/\0"
				  "pkg/old.pyc";

	assert_null_output(REPORTER_LIST, remove_a_cache_and_a_stray_file, list, sizeof(list));
	assert_null_output(REPORTER_ALL, remove_a_cache_and_a_stray_file, all, sizeof(all));
	assert_null_output(REPORTER_ERRORS, remove_a_cache_and_a_stray_file, "", 0);
}

static void remove_odd_names(struct report *report)
{
	reporter_removed(report, &(const struct reporter_path){ .prefix = "a\n/", .name = "b.pyc" },
			 0, NULL);
	reporter_removed(
		report,
		&(const struct reporter_path){ .prefix = "", .name = "\xff", .directory = true }, 0,
		NULL);
	reporter_removed(
		report,
		&(const struct reporter_path){ .prefix = "it's/", .trail = "", .name = " " }, 0,
		NULL);
}

/* A newline in a name would otherwise be a line of its own, "Removed /etc/passwd". */
TEST(odd_names_are_quoted_in_lines_and_raw_with_null)
{
	static const char raw[] = "a\n/b.pyc\0\xff/\0it's/ ";

	assert_says(REPORTER_LIST, false, false, remove_odd_names,
		    "Removed $'a\\n/b.pyc'\n"
		    "Removed $'\\377/'\n"
		    "Removed $'it\\'s/ '\n",
		    "");
	assert_null_output(REPORTER_LIST, remove_odd_names, raw, sizeof(raw));
}

static void skip_directories(struct report *report)
{
	reporter_left(
		report,
		&(const struct reporter_path){ .prefix = "", .name = ".git", .directory = true },
		"version control", REPORTER_SKIPPED);
	reporter_left(
		report,
		&(const struct reporter_path){ .prefix = "a\nb/", .name = "", .directory = true },
		"virtual environment", REPORTER_SKIPPED_ENVIRONMENT);
}

/* Shown with -v alone, never to a reader of paths, and not counted. */
TEST(skips_are_listed_with_their_reason)
{
	static const char lines[] = "Skipped .git/ (version control)\n"
				    "Skipped $'a\\nb/' (virtual environment)\n";

	assert_says(REPORTER_ALL, false, false, skip_directories, lines, "");
	assert_says(REPORTER_ALL, true, false, skip_directories, lines, "");
	assert_says(REPORTER_ALL, true, true, skip_directories, "", "");
	assert_says(REPORTER_LIST, false, false, skip_directories, "", "");
	assert_says(REPORTER_SUMMARY, false, false, skip_directories, "", "");
}

static void remove_at_the_root(struct report *report)
{
	reporter_removed(report, &(const struct reporter_path){ .prefix = "/", .name = "x.pyc" }, 0,
			 NULL);
	reporter_removed(report,
			 &(const struct reporter_path){
				 .prefix = "/", .name = "__pycache__", .directory = true },
			 0, NULL);
	reporter_removed(
		report,
		&(const struct reporter_path){ .prefix = "./pkg/", .trail = "", .name = "a.pyc" },
		0, NULL);
	reporter_left(report, &(const struct reporter_path){ .prefix = "a/b/", .directory = true },
		      "ignored", REPORTER_SKIPPED);
}

/* Paths are joined as they are; a directory has one slash at its end. */
TEST(the_pieces_of_a_path_are_joined)
{
	assert_says(REPORTER_ALL, false, false, remove_at_the_root,
		    "Removed /x.pyc\n"
		    "Removed /__pycache__/\n"
		    "Removed ./pkg/a.pyc\n"
		    "Skipped a/b/ (ignored)\n",
		    "");
}

/* ---- Errors --------------------------------------------------------------------------------- */

static void fail_at_several(struct report *report)
{
	reporter_error(report, "cannot remove",
		       &(const struct reporter_path){
			       .prefix = "a/", .trail = "__pycache__/", .name = "x.pyc" },
		       EACCES);
	reporter_error(report, "cannot read",
		       &(const struct reporter_path){
			       .prefix = "a/", .trail = "", .name = "b", .directory = true },
		       EROFS);
	reporter_error(
		report, "cannot read",
		&(const struct reporter_path){ .prefix = "a/b/", .name = "", .directory = true },
		EROFS);
	reporter_error(report, "cannot read",
		       &(const struct reporter_path){ .prefix = "", .name = "", .directory = true },
		       EROFS);
	reporter_error(
		report, "cannot read",
		&(const struct reporter_path){ .prefix = "/", .name = "", .directory = true },
		EROFS);
	reporter_error(report, "cannot read", &(const struct reporter_path){ .name = "a\nb" },
		       ENOENT);
	reporter_error(report, "cannot read", &(const struct reporter_path){ .name = "" }, ENOENT);
	reporter_error(report, "cannot remove", &(const struct reporter_path){ .name = "y" },
		       ENOTEMPTY);
	reporter_refused(report, "is neither a directory nor bytecode",
			 &(const struct reporter_path){ .name = "notes.txt" }, NULL);
	reporter_refused(report, "is neither a directory nor bytecode",
			 &(const struct reporter_path){ .name = "it's" }, NULL);
}

/* Each error names the path, without a slash at its end, and the reason; -q and -0 show it too. */
TEST(errors_name_the_path_and_the_reason)
{
	static const char lines[] =
		"pyclean: cannot remove 'a/__pycache__/x.pyc': Permission denied\n"
		"pyclean: cannot read 'a/b': Read-only file system\n"
		"pyclean: cannot read 'a/b': Read-only file system\n"
		"pyclean: cannot read '.': Read-only file system\n"
		"pyclean: cannot read '/': Read-only file system\n"
		"pyclean: cannot read $'a\\nb': No such file or directory\n"
		"pyclean: cannot read '': No such file or directory\n"
		"pyclean: cannot remove 'y': Directory not empty\n"
		"pyclean: 'notes.txt' is neither a directory nor bytecode\n"
		"pyclean: $'it\\'s' is neither a directory nor bytecode\n";
	struct session session = { .style = { .detail = REPORTER_ERRORS }, .act = fail_at_several };

	assert_says(REPORTER_ERRORS, false, false, fail_at_several, "", lines);
	assert_says(REPORTER_LIST, true, true, fail_at_several, "", lines);
	assert_says(REPORTER_ALL, false, false, fail_at_several, "", lines);
	hold(&session);
	assert_int_equal(session.counts->errors, 10);
}

/** Makes stderr the same file as stdout. */
static void join_streams(void)
{
	fcntl(STDOUT_FILENO, F_SETFL, O_APPEND);
	dup2(STDOUT_FILENO, STDERR_FILENO);
}

static void fail_between_removals(struct report *report)
{
	join_streams();
	reporter_removed(report, &(const struct reporter_path){ .name = "a.pyc" }, 0, NULL);
	reporter_error(report, "cannot remove", &(const struct reporter_path){ .name = "b.pyc" },
		       EACCES);
	reporter_removed(report, &(const struct reporter_path){ .name = "c.pyc" }, 0, NULL);
}

/* In a terminal, an error stands where it happened; what can be done about it follows once, when
 * all is done. */
TEST(an_error_stands_between_the_lines_where_it_happened)
{
	assert_says(REPORTER_LIST, false, false, fail_between_removals,
		    "Removed a.pyc\n"
		    "pyclean: cannot remove 'b.pyc': Permission denied\n"
		    "Removed c.pyc\n"
		    "pyclean: hint: removal requires write permission for the directory; run "
		    "pyclean as its owner, or exclude it with --ignore\n",
		    "");
}
