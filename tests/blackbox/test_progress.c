/* The line that tells how far a run is: when there is one, and what is left of it on the screen. */

#include "screen.h"
#include "slow.h"
#include "supervise.h"
#include "tests.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/** How each drawing begins and ends. */
#define DRAWN_FROM "\r"
#define DRAWN_TO   "\033[J\r"
#define CLEARED    "\r \033[J\r"

/** A run with removals that take so many milliseconds each, and by a clock that counts only these. */
struct slow_run {
	int slowness;
	const char *arguments;
	const char *variable;
	enum program_stream out;
	enum program_stream err;
};

static struct program slow_program(const struct tree *tree, const struct slow_run *slow)
{
	return (struct program){
		.cwd = tree->path,
		.arguments = split(slow->arguments),
		.environment = slow_environment(slow->slowness, slow->variable),
		.out = slow->out,
		.err = slow->err,
	};
}

static const struct outcome *run_slowly(const struct tree *tree, const struct slow_run *slow)
{
	const struct program program = slow_program(tree, slow);

	return program_run(&program);
}

/** So many directories with a file to be removed in each. */
static const struct tree *tree_of(int directories)
{
	const struct tree *tree = TREE(NULL);

	for (int i = 0; i < directories; i++) {
		tree_add(tree, scratch_format("d%d/x.pyc", i));
	}
	return tree;
}

static size_t count_drawings(const struct outcome *outcome)
{
	size_t count = 0;

	for (const char *at = outcome->err; (at = strstr(at, DRAWN_TO)) != NULL; at++) {
		count++;
	}
	return count;
}

/* Half a second without a word is fine; then a line comes, and goes at the end. */
static void a_long_run_shows_a_line_and_clears_it(void **state)
{
	enum {
		REMOVALS = 40,
		SLOWNESS = 40
	};
	const struct outcome *outcome;

	(void)state;
	slow_need();
	outcome = run_slowly(tree_of(REMOVALS),
			     &(const struct slow_run){ SLOWNESS, "-j1", NULL, PROGRAM_CAPTURED,
						       PROGRAM_TERMINAL });
	assert_outcome(outcome, 0, "Removed 40 files (*).\n", outcome->err);
	assert_string_equal(screen_after(outcome->err, outcome->err_length), "");
	/* Ten times a second at most. */
	assert_in_range(count_drawings(outcome), 3, (REMOVALS * SLOWNESS - 500) / 100 + 1);
	assert_non_null(strstr(outcome->err, " directories seen, "));
	assert_non_null(strstr(outcome->err, " files found ("));
	assert_non_null(strstr(outcome->err, "): d"));
}

/* The many that are done at once flash nothing. */
static void a_short_run_shows_none(void **state)
{
	(void)state;
	slow_need();
	assert_outcome(
		run_slowly(tree_of(12), &(const struct slow_run){ 40, "-j1", NULL, PROGRAM_CAPTURED,
								  PROGRAM_TERMINAL }),
		0, "Removed 12 files (*).\n", "");
}

/* A log has no use for it, nor has who wants to be left alone. */
static void there_is_none_where_nobody_would_see_it(void **state)
{
	static const struct slow_run runs[] = {
		{ 70, "-j1", NULL, PROGRAM_TERMINAL, PROGRAM_CAPTURED },
		{ 70, "-j1 -q", NULL, PROGRAM_CAPTURED, PROGRAM_TERMINAL },
		{ 70, "-j1 --progress=never", NULL, PROGRAM_CAPTURED, PROGRAM_TERMINAL },
		{ 70, "-j1", "TERM=dumb", PROGRAM_CAPTURED, PROGRAM_TERMINAL },
		/* Of a list in a pipe the reader writes to the terminal. */
		{ 70, "-j1 -v", NULL, PROGRAM_CAPTURED, PROGRAM_TERMINAL },
		/* And a path with a NUL is no finished line. */
		{ 70, "-j1 -0", NULL, PROGRAM_TERMINAL, PROGRAM_TERMINAL },
	};

	(void)state;
	slow_need();
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		const struct outcome *outcome = run_slowly(tree_of(15), &runs[i]);

		assert_int_equal(outcome->status, 0);
		assert_string_equal(outcome->err, "");
	}
}

/** Asserts that a line was drawn at once, and that nothing is left of it. */
static void assert_drawn_at_once(const struct outcome *outcome, const char *line)
{
	const char *drawn = scratch_format(DRAWN_FROM "%s" DRAWN_TO, line);
	size_t cleared = strlen(CLEARED);

	assert_int_equal(outcome->status, 0);
	assert_string_equal(outcome->out, "");
	assert_true(outcome->err_length >= strlen(drawn) + cleared);
	/* Where a directory takes a tenth of a second it is drawn again meanwhile. */
	assert_memory_equal(outcome->err, drawn, strlen(drawn));
	assert_string_equal(outcome->err + outcome->err_length - cleared, CLEARED);
}

/* --progress=always: from the start, wherever it goes, even with -q. */
static void it_can_be_had_always(void **state)
{
	const struct tree *tree = tree_of(1);

	(void)state;
	assert_drawn_at_once(run(tree, "-n -q --progress=always"),
			     "1 directory seen, 0 files found (0 B): ./");
	assert_drawn_at_once(run(tree, "-n -q --progress=always d0"),
			     "1 directory seen, 0 files found (0 B): d0/");
	assert_outcome(run(tree, "--progress=never -q"), 0, "", "");
	assert_outcome(run(tree, "--progress=maybe"), 2, "",
		       "pyclean: --progress takes auto, always or never, not 'maybe'\n"
		       "Try 'pyclean --help' for more information.\n");
}

/** What is shown of a directory's name, with 80 columns of which the counts take 41. */
static const char *shown(const char *name)
{
	const struct tree *tree = TREE(NULL);
	const struct outcome *outcome;
	char *end;

	tree_add_directory(tree, name);
	outcome = RUN(tree, "-n", "-q", "--progress=always", name);
	assert_memory_equal(outcome->err, DRAWN_FROM "1 directory seen, 0 files found (0 B): ", 40);
	end = strstr(outcome->err, DRAWN_TO);
	assert_non_null(end);
	*end = '\0';
	return outcome->err + 40;
}

/* Of a long path the end is shown. Wide characters take two columns, combining ones none, and what
 * would command the terminal is quoted as everywhere. */
static void a_path_is_cut_to_the_width_of_the_terminal(void **state)
{
#define HAN   "\xe6\xbc\xa2"
#define ACUTE "\xcc\x81"
	locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	(void)state;
	if (!locale) {
		skip_because("the locale C.UTF-8 is not installed");
	}
	freelocale(locale);
	/* 39 columns are counts, 40 are left: 39 and the slash, and one more to be cut. */
	assert_string_equal(shown("123456789 123456789 123456789 123456789"),
			    "123456789 123456789 123456789 123456789/");
	assert_string_equal(shown("123456789 123456789 123456789 1234567890"),
			    "...56789 123456789 123456789 1234567890/");
	assert_string_equal(
		shown(HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN
			      HAN),
		"..." HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN HAN "/");
	assert_string_equal(shown("e" ACUTE "e" ACUTE "e" ACUTE "e" ACUTE
				  " 123456789 123456789 123456789 1234"),
			    "e" ACUTE "e" ACUTE "e" ACUTE "e" ACUTE
			    " 123456789 123456789 123456789 1234/");
	/* What is combined with a character that was cut off goes with it. */
	assert_string_equal(shown("1234" ACUTE "56789 123456789 123456789 1234567890"),
			    "...56789 123456789 123456789 1234567890/");
	assert_string_equal(shown("a\033[2Jb"), "$'a\\e[2Jb/'");
}

/* With -v each line is whole, and nothing of the progress is left between them. */
static void lines_and_progress_do_not_tangle(void **state)
{
	const struct tree *tree = TREE(NULL);
	const char *lines = "Removed 16 files (*); 1 error.\n";
	const struct outcome *outcome;
	struct outcome seen;

	(void)state;
	slow_need();
	for (int i = 0; i < 16; i++) {
		tree_add(tree, scratch_format("d%d/x%d.pyc", i / 8, i));
		lines = scratch_format("Removed d%d/x%d.pyc\n%s", i / 8, i, lines);
	}
	outcome =
		run_slowly(tree, &(const struct slow_run){ 80, "--color=never -v -j1 . gone", NULL,
							   PROGRAM_TERMINAL, PROGRAM_AS_OUT });
	assert_non_null(strstr(outcome->out, DRAWN_TO));
	seen = *outcome;
	seen.out = scratch_format("%s", screen_after(outcome->out, outcome->out_length));
	seen.out_length = strlen(seen.out);
	assert_outcome(
		&seen, 1,
		scratch_format("pyclean: cannot read 'gone': No such file or directory\n%s", lines),
		"");
}

enum {
	INTERRUPTED_AT = 20
};

static int interrupt_judge(void *context, const struct supervised_call *call)
{
	(void)context;
	if (call->number == INTERRUPTED_AT) {
		kill(call->pid, SIGINT);
	}
	return 0;
}

/* ^C leaves the summary, and nothing else. */
static void an_interrupted_run_clears_it(void **state)
{
	struct supervision supervision = { .calls = CALLS_REMOVE, .judge = interrupt_judge };
	const struct outcome *outcome;
	struct program program;

	(void)state;
	slow_need();
	program = slow_program(
		tree_of(50),
		&(const struct slow_run){ 100, "-j1", NULL, PROGRAM_TERMINAL, PROGRAM_AS_OUT });
	outcome = supervise(&program, &supervision);
	assert_int_equal(outcome->signal, SIGINT);
	assert_non_null(strstr(outcome->out, DRAWN_TO));
	assert_non_null(strstr(outcome->out, "; interrupted.\n"));
	assert_memory_equal(screen_after(outcome->out, outcome->out_length), "Removed ", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_long_run_shows_a_line_and_clears_it),
		TEST(a_short_run_shows_none),
		TEST(there_is_none_where_nobody_would_see_it),
		TEST(it_can_be_had_always),
		TEST(a_path_is_cut_to_the_width_of_the_terminal),
		TEST(lines_and_progress_do_not_tangle),
		TEST(an_interrupted_run_clears_it),
	};

	return RUN_TESTS(tests);
}
