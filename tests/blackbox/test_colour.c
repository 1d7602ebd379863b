/* Colours: on a terminal, sparing, and nowhere that has not asked for them. */

#include "tests.h"

#include <string.h>

#define RED    "\033[1;31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define CYAN   "\033[36m"
#define FAINT  "\033[2m"
#define PLAIN  "\033[0m"

/** What lines and errors are connected with. */
struct streams {
	enum program_stream out;
	enum program_stream err;
};

static const struct streams terminals = { PROGRAM_TERMINAL, PROGRAM_TERMINAL };
static const struct streams pipes = { PROGRAM_CAPTURED, PROGRAM_CAPTURED };

/** Runs the program without the progress line of a slow run. @param variable An environment change, or NULL. */
static const struct outcome *run_on(struct streams streams, const char *variable,
				    const struct tree *tree, const char *arguments)
{
	return RUN_PROGRAM(.cwd = tree->path,
			   .arguments = split(scratch_format("--progress=never %s", arguments)),
			   .environment = WORDS(variable), .out = streams.out, .err = streams.err);
}

static const struct tree *project(void)
{
	return TREE("a.pyc", "a.py", "env/pyvenv.cfg");
}

static const char plain_lines[] = "Would remove a.pyc\n"
				  "Skipped env/ (virtual environment)\n"
				  "Would remove 1 file (*); 1 error.\n";
static const char coloured_lines[] = YELLOW "Would remove " PLAIN "a.pyc\n" FAINT "Skipped " PLAIN
					    "env/" FAINT " (virtual environment)" PLAIN "\n"
					    "Would remove 1 file (*); 1 error.\n";
static const char plain_errors[] =
	"pyclean: 'env/pyvenv.cfg' is neither a directory nor bytecode\n"
	"pyclean: hint: a PATH is a directory, a *.pyc or *.pyo file, or a *.py source\n";
static const char coloured_errors[] = RED
	"pyclean: " PLAIN "'env/pyvenv.cfg' is neither a directory nor bytecode\n" CYAN
	"pyclean: hint:" PLAIN " a PATH is a directory, a *.pyc or *.pyo file, or a *.py source\n";
static const char arguments[] = "-nv . env/pyvenv.cfg";

TEST(a_terminal_gets_colours)
{
	assert_outcome(run_on(terminals, NULL, project(), arguments), 1, coloured_lines,
		       coloured_errors);
	assert_outcome(run_on(terminals, NULL, TREE("a.pyc", "a.py"), "-v"), 0,
		       GREEN "Removed " PLAIN "a.pyc\nRemoved 1 file (*).\n", "");
}

/* A log, a mail, a pager that shows them as ^[[33m. */
TEST(a_pipe_gets_none)
{
	assert_outcome(run_on(pipes, NULL, project(), arguments), 1, plain_lines, plain_errors);
}

/* `pyclean -nv >list`: the list has none, the errors on the terminal have. */
TEST(each_stream_is_looked_at_by_itself)
{
	assert_outcome(run_on((struct streams){ PROGRAM_CAPTURED, PROGRAM_TERMINAL }, NULL,
			      project(), arguments),
		       1, plain_lines, coloured_errors);
	assert_outcome(run_on((struct streams){ PROGRAM_TERMINAL, PROGRAM_CAPTURED }, NULL,
			      project(), arguments),
		       1, coloured_lines, plain_errors);
}

/* https://no-color.org: set, and not empty. */
TEST(the_environment_can_forbid_them)
{
	static const char *const forbids[] = { "NO_COLOR=1", "NO_COLOR=0", "TERM=dumb",
					       "TERM=", "TERM" };

	for (size_t i = 0; i < sizeof(forbids) / sizeof(*forbids); i++) {
		assert_outcome(run_on(terminals, forbids[i], project(), arguments), 1, plain_lines,
			       plain_errors);
	}
	assert_outcome(run_on(terminals, "NO_COLOR=", project(), arguments), 1, coloured_lines,
		       coloured_errors);
}

TEST(the_option_decides_over_all_else)
{
	assert_outcome(
		run_on(terminals, NULL, project(), scratch_format("--color=never %s", arguments)),
		1, plain_lines, plain_errors);
	assert_outcome(run_on(pipes, "NO_COLOR=1", project(),
			      scratch_format("--color=always %s", arguments)),
		       1, coloured_lines, coloured_errors);
	assert_outcome(run_on(terminals, "NO_COLOR=1", project(),
			      scratch_format("--color=always --color=auto %s", arguments)),
		       1, plain_lines, plain_errors);
}

/* What programs read is never coloured. */
TEST(paths_and_objects_have_none)
{
	static const char *const forms[] = { "-n0 --color=always", "-n --json --color=always" };

	for (size_t i = 0; i < 2; i++) {
		const struct outcome *outcome = run_on(terminals, NULL, project(), forms[i]);

		assert_int_equal(outcome->status, 0);
		assert_true(outcome->out_length > 0);
		assert_null(memchr(outcome->out, '\033', outcome->out_length));
	}
}

TEST(any_other_word_is_refused)
{
	const struct tree *tree = project();

	assert_outcome(run_on(pipes, NULL, tree, "--color=yes"), 2, "",
		       "pyclean: --color takes auto, always or never, not 'yes'\n"
		       "Try 'pyclean --help' for more information.\n");
	assert_true(tree_has(tree, "a.pyc"));
}
