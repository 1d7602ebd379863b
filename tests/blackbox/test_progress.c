/* The line that tells how far a run is: when there is one, and what is left of it on the screen. */

#include "screen.h"
#include "slow.h"
#include "supervise.h"
#include "tests.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

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

/** So many directories with a source, and a file to be removed beside it, in each. */
static const struct tree *tree_of(int directories)
{
	const struct tree *tree = TREE(NULL);

	for (int i = 0; i < directories; i++) {
		tree_add(tree, scratch_format("d%d/x.py", i));
		tree_add(tree, scratch_format("d%d/x.pyc", i));
	}
	return tree;
}

/**
 * Asserts that after each drawing the line is alone on the screen, in one row.
 *
 * @return How often it was drawn.
 */
static size_t assert_drawn_in_one_row(const struct outcome *outcome, size_t columns)
{
	size_t count = 0;

	for (const char *at = outcome->err; (at = strstr(at, DRAWN_TO)) != NULL;) {
		const char *screen;

		at += strlen(DRAWN_TO);
		screen = screen_of_width(columns, outcome->err, (size_t)(at - outcome->err));
		if (*screen) {
			assert_non_null(strstr(screen, " directories seen, "));
			assert_string_equal(strchr(screen, '\n'), "\n");
			count++;
		}
	}
	return count;
}

/* Half a second without a word is fine; then a line comes, and goes at the end. */
TEST(a_long_run_shows_a_line_and_clears_it)
{
	enum {
		REMOVALS = 40,
		SLOWNESS = 40
	};
	const struct outcome *outcome;

	slow_need();
	outcome = run_slowly(tree_of(REMOVALS),
			     &(const struct slow_run){ SLOWNESS, "-j1", NULL, PROGRAM_CAPTURED,
						       PROGRAM_TERMINAL });
	assert_outcome(outcome, 0, "Removed 40 files (*).\n", outcome->err);
	assert_string_equal(screen_after(outcome->err, outcome->err_length), "");
	/* Ten times a second at most. */
	assert_in_range(assert_drawn_in_one_row(outcome, 80), 3,
			(REMOVALS * SLOWNESS - 500) / 100 + 1);
	assert_non_null(strstr(outcome->err, " directories seen, "));
	assert_non_null(strstr(outcome->err, " files found ("));
	assert_non_null(strstr(outcome->err, "): d"));
}

/* The many that are done at once flash nothing. */
TEST(a_short_run_shows_none)
{
	slow_need();
	assert_outcome(
		run_slowly(tree_of(12), &(const struct slow_run){ 40, "-j1", NULL, PROGRAM_CAPTURED,
								  PROGRAM_TERMINAL }),
		0, "Removed 12 files (*).\n", "");
}

/* A log has no use for it, nor has who wants to be left alone. */
TEST(there_is_none_where_nobody_would_see_it)
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
TEST(it_can_be_had_always)
{
	const struct tree *tree = tree_of(1);

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
TEST(a_path_is_cut_to_the_width_of_the_terminal)
{
#define HAN   "\xe6\xbc\xa2"
#define ACUTE "\xcc\x81"
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

/* What is left of a name that needs quotes is quoted anew, if it still needs them. */
TEST(the_end_of_a_path_has_both_its_quotes)
{
	assert_string_equal(shown("it's 1 123456789 123456789 123456789 123456789"),
			    "...456789 123456789 123456789 123456789/");
	assert_string_equal(shown("123456789 123456789 123456789 it's 1234567890"),
			    "...$'456789 123456789 it\\'s 1234567890/'");
	assert_string_equal(shown("it's\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n1"),
			    "...$'\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n1/'");
	/* With a space at its start it would need them. */
	assert_string_equal(shown("12345678 123456789 123456789 123456789012345"),
			    "...123456789 123456789 123456789012345/");
}

/** So many directories with long names, narrow and wide characters in them, and bytecode in each. */
static const struct tree *tree_of_long_names(int directories)
{
	const struct tree *tree = TREE(NULL);

	for (int i = 0; i < directories; i++) {
		const char *name =
			scratch_format("name-e" ACUTE "-%d-" HAN HAN HAN HAN HAN HAN HAN HAN, i);

		tree_add(tree, scratch_format("%s/x.py", name));
		tree_add(tree, scratch_format("%s/x.pyc", name));
	}
	return tree;
}

/* It never takes two rows, whatever the characters are. */
TEST(it_is_cut_where_the_terminal_ends)
{
	slow_need();
	for (unsigned short columns = 48; columns <= 72; columns++) {
		struct program program =
			slow_program(tree_of_long_names(20),
				     &(const struct slow_run){ 40, "-j1", NULL, PROGRAM_CAPTURED,
							       PROGRAM_TERMINAL });
		const struct outcome *outcome;

		program.columns = columns;
		outcome = program_run(&program);
		assert_outcome(outcome, 0, "Removed 20 files (*).\n", outcome->err);
		assert_true(assert_drawn_in_one_row(outcome, columns) > 0);
		assert_string_equal(screen_of_width(columns, outcome->err, outcome->err_length),
				    "");
	}
}

/** What happens at the terminal before a removal. */
struct incident {
	unsigned long at;
	/** What it shows then. */
	const char *shown;
	/** How many columns it has from then on, and what signal it sends; 0 for none. */
	unsigned short columns;
	int signal;
	bool happened;
};

static int incident_judge(void *context, const struct supervised_call *call)
{
	struct incident *incident = context;
	const struct winsize size = { .ws_row = 24, .ws_col = incident->columns };
	char path[64];
	int terminal;

	if (call->number != incident->at) {
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%d/fd/2", (int)call->pid);
	terminal = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	incident->happened = (incident->columns == 0 || ioctl(terminal, TIOCSWINSZ, &size) == 0) &&
			     dprintf(terminal, "%s", incident->shown) > 0 &&
			     (incident->signal == 0 || kill(call->pid, incident->signal) == 0);
	close(terminal);
	return 0;
}

/** Runs a program at a terminal of 70 columns, where something happens. */
static const struct outcome *run_program_with_incident(struct program *program,
						       struct incident *incident)
{
	struct supervision supervision = {
		.calls = CALLS_REMOVE,
		.judge = incident_judge,
		.context = incident,
	};
	const struct outcome *outcome;

	program->columns = 70;
	outcome = supervise(program, &supervision);
	assert_true(incident->happened);
	assert_non_null(strstr(outcome->out, incident->shown));
	return outcome;
}

/** Cleans a tree slowly at such a terminal. */
static const struct outcome *run_with_incident(const struct tree *tree, struct incident *incident)
{
	struct program program =
		slow_program(tree, &(const struct slow_run){ 100, "-j1", NULL, PROGRAM_TERMINAL,
							     PROGRAM_AS_OUT });

	return run_program_with_incident(&program, incident);
}

/** What is on that screen when what an incident shows has just been shown. */
static const char *screen_then(const struct outcome *outcome, const struct incident *incident)
{
	const char *shown = strstr(outcome->out, incident->shown);

	return screen_of_width(70, outcome->out,
			       (size_t)(shown - outcome->out) + strlen(incident->shown));
}

/** Asserts that all there is on that screen in the end is one row. */
static void assert_row_is_left(const struct outcome *outcome, const char *begins, const char *ends)
{
	const char *screen = screen_of_width(70, outcome->out, outcome->out_length);

	assert_string_equal(strchr(screen, '\n'), "\n");
	assert_memory_equal(screen, begins, strlen(begins));
	assert_string_equal(screen + strlen(screen) - strlen(ends), ends);
}

/* A window that is made narrower breaks the line in two; both go. */
TEST(nothing_is_left_when_the_terminal_gets_narrower)
{
	struct incident incident = { .at = 20, .shown = SCREEN_RESIZED(40), .columns = 40 };
	const struct outcome *outcome;
	const char *screen;

	slow_need();
	outcome = run_with_incident(tree_of_long_names(40), &incident);
	screen = screen_then(outcome, &incident);
	assert_non_null(strstr(screen, " directories seen, "));
	assert_string_not_equal(strchr(screen, '\n'), "\n");
	assert_row_is_left(outcome, "Removed 40 files (", ").\n");
}

/* ^C: the terminal shows it when it has sent the signal. What was done is left, and nothing else. */
TEST(an_interrupted_run_clears_it)
{
	struct incident incident = { .at = 20, .shown = "^C", .signal = SIGINT };
	const struct outcome *outcome;

	slow_need();
	outcome = run_with_incident(tree_of(50), &incident);
	assert_int_equal(outcome->signal, SIGINT);
	assert_non_null(strstr(screen_then(outcome, &incident), " directories seen, "));
	assert_row_is_left(outcome, "Removed ", "; interrupted.\n");
}

static void begin_session(const char *cwd)
{
	(void)cwd;
	if (setsid() < 0) {
		_exit(127);
	}
}

/** The program, slow, in a shell with job control. @param end Of the command: "" or "& wait". */
static struct program job(const char *end)
{
	const char **command = scratch_alloc(3 * sizeof(*command));
	struct program program =
		slow_program(tree_of(15), &(const struct slow_run){ 70, "", NULL, PROGRAM_TERMINAL,
								    PROGRAM_AS_OUT });

	/* Whoever begins a session and opens a terminal is controlled by it. */
	command[0] = "-c";
	command[1] = scratch_format("exec 3<>/proc/self/fd/1; set -m; \"$PYCLEAN\" -j1 %s", end);
	command[2] = NULL;
	program.name = "sh";
	program.arguments = command;
	program.prepare = begin_session;
	return program;
}

static const struct outcome *run_as_job(const char *end)
{
	const struct program program = job(end);

	return program_run(&program);
}

/* In the background the screen is somebody else's, who may be typing; with `stty tostop` it would
 * stop the run. */
TEST(in_the_background_there_is_no_line)
{
	const struct outcome *outcome;

	slow_need();
	outcome = run_as_job("");
	assert_non_null(strstr(outcome->out, " directories seen, "));
	assert_non_null(strstr(outcome->out, "Removed 15 files ("));
	outcome = run_as_job("& wait");
	assert_null(strstr(outcome->out, " seen, "));
	assert_non_null(strstr(outcome->out, "Removed 15 files ("));
}

/* ^Z: the terminal shows it over the line, which goes, and comes again when the run goes on. */
TEST(a_stopped_run_clears_it)
{
	struct incident incident = { .at = 10, .shown = "^Z", .signal = SIGTSTP };
	struct program program = job("; echo \"stopped: $?\"; fg >/dev/null");
	const char *shell = scratch_format(CLEARED "stopped: %d\n", 128 + SIGTSTP);
	const struct outcome *outcome;
	const char *stopped;

	slow_need();
	outcome = run_program_with_incident(&program, &incident);
	assert_non_null(strstr(screen_then(outcome, &incident), " seen, "));
	stopped = strstr(outcome->out, incident.shown) + strlen(incident.shown);
	assert_memory_equal(stopped, shell, strlen(shell));
	assert_non_null(strstr(stopped, " seen, "));
	assert_non_null(strstr(stopped, "Removed 15 files ("));
}

/* With -v each line is whole, and nothing of the progress is left between them. */
TEST(lines_and_progress_do_not_tangle)
{
	const struct tree *tree = TREE(NULL);
	const char *lines = "Removed 16 files (*); 1 error.\n";
	const struct outcome *outcome;
	struct outcome seen;

	slow_need();
	for (int i = 0; i < 16; i++) {
		tree_add(tree, scratch_format("d%d/x%d.py", i / 8, i));
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
