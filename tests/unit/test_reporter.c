/* How lines get out: together, in full, without memory, and onto a disk that is full. Who sees a summary. */

#include "child.h"
#include "interpose.h"
#include "reporter.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** What a child does with a report, and the style that it has. */
struct session {
	struct reporter_style style;
	void (*act)(struct report *report);
	/** What stdout is, where not a file that takes all. */
	const char *output;
	/** Shared: all that was counted in the end. */
	struct reporter_counts *counts;
};

/** The reporter of the session, in its process. */
static struct reporter *reporter;

static int hold_session(void *context)
{
	const struct session *session = context;
	struct report *report;
	int fd = session->output ? open(session->output, O_WRONLY | O_CLOEXEC) : -1;

	if (session->output && dup2(fd, STDOUT_FILENO) < 0) {
		return 1;
	}
	reporter = reporter_new(&session->style);
	report = reporter ? reporter_open(reporter) : NULL;
	if (!report) {
		return 1;
	}
	session->act(report);
	reporter_close(report);
	reporter_finish(reporter, false);
	*session->counts = *reporter_counts(reporter);
	reporter_free(reporter);
	return 0;
}

/** Acts, closes the report, and finishes the reporter. */
static const struct outcome *hold(struct session *session)
{
	session->counts = shared_alloc(sizeof(*session->counts));
	return in_child(hold_session, session);
}

/* ---- Lines ---------------------------------------------------------------------------------- */

static void remove_entry(struct report *report, const char *prefix, const char *name)
{
	reporter_removed(report, &(const struct reporter_path){ .prefix = prefix, .name = name }, 1,
			 NULL);
}

static void interleave_reports(struct report *report)
{
	struct report *other = reporter_open(reporter);

	if (!other) {
		abort();
	}
	remove_entry(report, "a/", "1.pyc");
	remove_entry(other, "b/", "1.pyc");
	remove_entry(report, "a/", "2.pyc");
	remove_entry(other, "b/", "2.pyc");
	reporter_flush(other);
	reporter_flush(report);
	remove_entry(other, "b/", "3.pyc");
	reporter_close(other);
}

/* The lines of one directory stay together, and all walkers are counted. */
TEST(the_lines_of_a_report_stay_together)
{
	struct session session = { .style = { .detail = REPORTER_LIST },
				   .act = interleave_reports };
	const struct outcome *outcome = hold(&session);

	assert_string_equal(outcome->out, "Removed b/1.pyc\n"
					  "Removed b/2.pyc\n"
					  "Removed a/1.pyc\n"
					  "Removed a/2.pyc\n"
					  "Removed b/3.pyc\n"
					  "Removed 5 files (5 B).\n");
}

enum {
	LONG_PATH = 64 * 1024
};

/** The worst path there is: each byte becomes four. */
static const char *long_prefix(void)
{
	static char prefix[LONG_PATH];

	memset(prefix, '\x01', LONG_PATH - 2);
	prefix[LONG_PATH - 2] = '/';
	return prefix;
}

static void show_long_paths(struct report *report)
{
	for (int i = 0; i < 3; i++) {
		reporter_removed(report,
				 &(const struct reporter_path){
					 .prefix = long_prefix(), .trail = "t/", .name = "a.pyc" },
				 0, NULL);
		reporter_error(report, "cannot read",
			       &(const struct reporter_path){ .prefix = long_prefix(),
							      .trail = "t/",
							      .name = "b",
							      .directory = true },
			       EROFS);
	}
}

/* Far beyond PATH_MAX, and beyond what a report starts with: whole lines, nothing overrun. */
TEST(paths_of_64_kib_are_shown_in_full)
{
	struct session session = { .style = { .detail = REPORTER_ALL }, .act = show_long_paths };
	const struct outcome *outcome = hold(&session);
	size_t shown = 4 * (LONG_PATH - 2);
	size_t removed = strlen("Removed $''\n") + shown + strlen("/t/a.pyc");
	size_t error = strlen("pyclean: cannot read $'': Read-only file system\n") + shown +
		       strlen("/t/b");

	assert_int_equal(outcome->status, 0);
	assert_int_equal(outcome->out_length,
			 3 * removed + strlen("Removed 3 files (0 B); 3 errors.\n"));
	assert_int_equal(strlen(without_hints(outcome->err)), 3 * error);
	assert_memory_equal(outcome->out + removed - 14, "\\001/t/a.pyc'\n", 14);
	assert_memory_equal(outcome->out + 2 * removed, "Removed $'\\001", 14);
	assert_memory_equal(outcome->err + 2 * error, "pyclean: cannot read $'\\001", 27);
}

static bool never(void)
{
	return false;
}

static void show_long_paths_without_memory(struct report *report)
{
	interpose(&(const struct interposed){ .may_allocate = never });
	show_long_paths(report);
	interpose(NULL);
}

/* A path that is cut could be another file's, which `pyclean -n0 | xargs -0 rm` would remove. */
TEST(without_memory_no_list_has_part_of_a_path)
{
	static const struct {
		struct reporter_style style;
		const char *out;
	} cases[] = {
		{ { .detail = REPORTER_LIST }, "Removed 3 files (0 B); 6 errors.\n" },
		{ { .detail = REPORTER_LIST, .null = true }, "" },
	};

	for (size_t i = 0; i < 2; i++) {
		struct session session = { .style = cases[i].style,
					   .act = show_long_paths_without_memory };
		const struct outcome *outcome = hold(&session);
		const char *both = scratch_format("pyclean: cannot list 'a.pyc': %s\n"
						  "pyclean: cannot read 'b': %s\n",
						  strerror(ENOMEM), strerror(EROFS));

		assert_int_equal(outcome->out_length, strlen(cases[i].out));
		assert_string_equal(outcome->out, cases[i].out);
		assert_string_equal(without_hints(outcome->err),
				    scratch_format("%s%s%s", both, both, both));
		assert_int_equal(session.counts->files, 3);
		assert_int_equal(session.counts->errors, 6);
	}
}

static void list_around_a_long_path(struct report *report)
{
	static char directory[LONG_PATH];

	/* Ordinary paths fit into what was reserved, whatever else is there. */
	memset(directory, 'd', 4000);
	interpose(&(const struct interposed){ .may_allocate = never });
	for (int i = 0; i < 20; i++) {
		remove_entry(report, directory, "/a.pyc");
	}
	interpose(NULL);
}

TEST(ordinary_paths_are_listed_without_memory)
{
	struct session session = { .style = { .detail = REPORTER_LIST },
				   .act = list_around_a_long_path };
	const struct outcome *outcome = hold(&session);

	assert_int_equal(session.counts->errors, 0);
	assert_int_equal(outcome->out_length, 20 * strlen("Removed /a.pyc\n") + 20 * 4000 +
						      strlen("Removed 20 files (20 B).\n"));
}

static void show_a_long_name_without_memory(struct report *report)
{
	static char name[LONG_PATH];

	memset(name, '\x01', LONG_PATH - 1);
	interpose(&(const struct interposed){ .may_allocate = never });
	reporter_error(report, "cannot read", &(const struct reporter_path){ .name = name },
		       ENAMETOOLONG);
	interpose(NULL);
}

/* An operand may be as long as the command line. In JSON, nothing is written, rather than another
 * path. */
TEST(without_memory_a_long_name_overruns_nothing)
{
	for (int json = 0; json < 2; json++) {
		struct session session = { .style = { .detail = REPORTER_ERRORS,
						      .json = json == 1 },
					   .act = show_a_long_name_without_memory };
		const struct outcome *outcome = hold(&session);

		assert_int_equal(outcome->status, 0);
		assert_int_equal(session.counts->errors, 1);
		assert_string_equal(outcome->err, scratch_format("pyclean: cannot read '...': %s\n",
								 strerror(ENAMETOOLONG)));
		assert_null(strstr(outcome->out, "\"path\""));
	}
}

static void open_without_memory(struct report *report)
{
	(void)report;
	for (int before = 0; before < 3; before++) {
		interpose_failing_allocation(before);
		errno = 0;
		if (reporter_open(reporter) || errno != ENOMEM || !has_struck()) {
			fputs("not refused\n", stderr);
		}
		interpose(NULL);
	}
}

TEST(a_report_cannot_be_opened_without_memory)
{
	struct session session = { .style = { .detail = REPORTER_SUMMARY },
				   .act = open_without_memory };

	assert_string_equal(hold(&session)->err, "");
}

static void remove_one(struct report *report)
{
	remove_entry(report, "", "a.pyc");
}

static void remove_many(struct report *report)
{
	for (int i = 0; i < 2000; i++) {
		remove_one(report);
		reporter_flush(report);
	}
}

/** Has stdout full for a while only. */
static void remove_many_and_make_room(struct report *report)
{
	int good = open("/dev/null", O_WRONLY | O_CLOEXEC);

	remove_many(report);
	if (dup2(good, STDOUT_FILENO) < 0) {
		abort();
	}
	close(good);
	/* By then nobody else knows why. */
	errno = 0;
}

/* A full disk behind `pyclean -0 > list` is an error, however little was written, and even if
 * there is room again when the rest is. */
TEST(a_write_error_is_counted_and_said)
{
	static void (*const acts[])(struct report *) = { remove_one, remove_many,
							 remove_many_and_make_room };

	for (int i = 0; i < 3; i++) {
		struct session session = { .style = { .detail = REPORTER_LIST },
					   .act = acts[i],
					   .output = "/dev/full" };
		const struct outcome *outcome = hold(&session);

		assert_int_equal(outcome->status, 0);
		assert_string_equal(outcome->err, "pyclean: cannot write to standard output: "
						  "No space left on device\n");
		assert_int_equal(session.counts->errors, 1);
	}
}

/* With -q nothing is written, so that a full or closed stdout is nobody's business. */
TEST(without_output_a_bad_stdout_does_not_matter)
{
	struct session session = { .style = { .detail = REPORTER_ERRORS },
				   .act = remove_one,
				   .output = "/dev/full" };

	assert_string_equal(hold(&session)->err, "");
	assert_int_equal(session.counts->errors, 0);
}

/* ---- Errors --------------------------------------------------------------------------------- */

/** Makes stderr the same file as stdout. */
static void join_streams(void)
{
	fcntl(STDOUT_FILENO, F_SETFL, O_APPEND);
	dup2(STDOUT_FILENO, STDERR_FILENO);
}

static void fail_between_removals(struct report *report)
{
	join_streams();
	remove_entry(report, "", "a.pyc");
	reporter_error(report, "cannot remove", &(const struct reporter_path){ .name = "b.pyc" },
		       EACCES);
	remove_entry(report, "", "c.pyc");
}

/* In a terminal, an error stands where it happened; what can be done about it follows once, when
 * all is done. */
TEST(an_error_stands_between_the_lines_where_it_happened)
{
	struct session session = { .style = { .detail = REPORTER_LIST },
				   .act = fail_between_removals };

	assert_string_equal(
		hold(&session)->out,
		"Removed a.pyc\n"
		"pyclean: cannot remove 'b.pyc': Permission denied\n"
		"Removed c.pyc\n"
		"pyclean: hint: removal requires write permission for the directory; run pyclean "
		"as its owner, or exclude it with --ignore\n"
		"Removed 2 files (2 B); 1 error.\n");
}

static void fail_at_the_root(struct report *report)
{
	reporter_error(
		report, "cannot read",
		&(const struct reporter_path){ .prefix = "/", .name = "", .directory = true }, EIO);
}

/* It is no slash at the end of a name. */
TEST(the_root_directory_keeps_its_slash)
{
	struct session session = { .act = fail_at_the_root };

	assert_string_equal(hold(&session)->err,
			    scratch_format("pyclean: cannot read '/': %s\n", strerror(EIO)));
}

/* ---- Summary -------------------------------------------------------------------------------- */

static void remove_one_and_skip_another(struct report *report)
{
	remove_entry(report, "", "a.pyc");
	reporter_left(report,
		      &(const struct reporter_path){
			      .prefix = "", .trail = "b/", .name = "env", .directory = true },
		      "virtual environment", REPORTER_SKIPPED_ENVIRONMENT);
}

static void skip_without_memory(struct report *report)
{
	interpose(&(const struct interposed){ .may_allocate = never });
	remove_one_and_skip_another(report);
	interpose(NULL);
}

/* Half a path, or none, must not be named as one to clean. */
TEST(without_memory_no_path_is_named)
{
	struct session session = { .style.detail = REPORTER_SUMMARY, .act = skip_without_memory };

	assert_string_equal(hold(&session)->out, "Removed 1 file (1 B); skipped 1 virtual "
						 "environment (-v lists it).\n");
}

/* -q says nothing, -0 nothing but paths: then nobody need ask for sizes. */
TEST(sizes_are_for_those_who_see_them)
{
	for (enum reporter_detail detail = REPORTER_ERRORS; detail <= REPORTER_ALL; detail++) {
		for (int null = 0; null < 2; null++) {
			reporter = reporter_new(
				&(const struct reporter_style){ .detail = detail, .null = null });
			assert_non_null(reporter);
			assert_int_equal(reporter_wants_sizes(reporter),
					 detail >= REPORTER_SUMMARY && !null);
			reporter_free(reporter);
		}
	}
}

static int say_fatal(void *context)
{
	(void)context;
	errno = EACCES;
	reporter_fatal();
	return 0;
}

TEST(a_fatal_error_gives_the_reason)
{
	assert_string_equal(in_child(say_fatal, NULL)->err, "pyclean: Permission denied\n");
}
