/*
 * A real terminal, tmux's: what is on its screen during a run and after it, when it is made narrower
 * meanwhile, and when ^C is typed.
 */

#include "slow.h"
#include "tests.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/** How often it is looked whether the screen shows something, and with what pause. */
enum {
	LOOKS = 1200,
	PAUSE = 50000000,
};

/** A terminal with a shell whose prompt is ">>". */
struct terminal {
	const struct tree *tree;
	const char *socket;
};

static const struct outcome *tmux(const struct terminal *terminal, const char *const words[])
{
	const char *arguments[16] = { "-S", terminal->socket, "-f", "/dev/null" };
	size_t count = 4;

	for (; *words; words++) {
		arguments[count++] = *words;
	}
	return program_run(&(const struct program){
		.name = "tmux",
		.cwd = terminal->tree->path,
		.arguments = arguments,
		/* Names in UTF-8 are shown as they are. */
		.environment = (const char *const[]){ "LC_ALL=C.UTF-8", "TMUX", NULL },
	});
}

#define TMUX(terminal, ...) tmux(terminal, (const char *const[]){ __VA_ARGS__, NULL })

static void end(void *terminal)
{
	TMUX(terminal, "kill-server");
}

/** Opens a terminal of so many columns and ten lines in a tree. */
static struct terminal *open_terminal(const struct tree *tree, const char *columns)
{
	struct terminal *terminal = scratch_alloc(sizeof(*terminal));

	need_tool("tmux");
	if (program_is_wrapped()) {
		skip_because("the wrapper takes its time");
	}
	*terminal = (struct terminal){ tree, tree_path(TREE(NULL), "socket") };
	scratch_defer(end, terminal);
	assert_outcome(TMUX(terminal, "new-session", "-d", "-x", columns, "-y", "10",
			    "PS1='>>' ENV= exec sh"),
		       0, "", "");
	return terminal;
}

/** What is on the screen, and what has been before that. */
static const char *screen_of(const struct terminal *terminal)
{
	return TMUX(terminal, "capture-pane", "-p", "-S", "-")->out;
}

static void pause_briefly(void)
{
	nanosleep(&(const struct timespec){ .tv_nsec = PAUSE }, NULL);
}

/** Waits until the screen shows a text. @return What it shows then. */
static const char *await(const struct terminal *terminal, const char *text)
{
	const char *screen = "";

	for (int i = 0; i < LOOKS; i++) {
		screen = screen_of(terminal);
		if (strstr(screen, text)) {
			return screen;
		}
		pause_briefly();
	}
	print_error("# the screen should show %s, but shows\n%s", visible(text), screen);
	fail();
	return screen;
}

static void type(const struct terminal *terminal, const char *line)
{
	await(terminal, ">>");
	assert_outcome(TMUX(terminal, "send-keys", line, "Enter"), 0, "", "");
}

/** Waits until the terminal is so wide for the programs in it, too: tmux tells them later. */
static void await_width(const struct terminal *terminal, unsigned short columns)
{
	const struct outcome *outcome = TMUX(terminal, "display-message", "-p", "#{pane_tty}");
	int fd = open(scratch_copy(outcome->out, strcspn(outcome->out, "\n")),
		      O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct winsize size = { 0 };

	if (fd < 0) {
		broken("cannot open the terminal %s", outcome->out);
	}
	for (int i = 0; i < LOOKS && size.ws_col != columns; i++) {
		if (i > 0) {
			pause_briefly();
		}
		ioctl(fd, TIOCGWINSZ, &size);
	}
	close(fd);
	assert_int_equal(size.ws_col, columns);
}

enum {
	/** So long each removal takes, in milliseconds, by the program's clock. */
	SLOWNESS = 40,
	/** And before that one a program waits, the line being drawn after half a second. */
	GATE_AT = 20,
};

/** Types a command that runs the program slowly, up to a gate. @param line "sh run", or "sh run &". */
static struct slow_gate run_to_gate_by(const struct terminal *terminal, const char *line,
				       const char *arguments)
{
	const char *command = scratch_format("exec %s %s\n", getenv("PYCLEAN"), arguments);
	struct slow_gate gate = slow_gate_before(GATE_AT);

	for (const char *const *variable = slow_environment(SLOWNESS, gate.variable); *variable;
	     variable++) {
		command = scratch_format("export '%s'\n%s", *variable, command);
	}
	tree_write(terminal->tree, "run", command, strlen(command));
	type(terminal, line);
	return gate;
}

static struct slow_gate run_to_gate(const struct terminal *terminal, const char *arguments)
{
	return run_to_gate_by(terminal, "sh run", arguments);
}

#define HAN "\xe6\xbc\xa2"

/** So many directories with long names, and bytecode in each. */
static const struct tree *tree_of(int directories)
{
	const struct tree *tree = TREE(NULL);

	for (int i = 0; i < directories; i++) {
		tree_add(tree,
			 scratch_format("name-e\xcc\x81-%d-" HAN HAN HAN HAN HAN HAN "/x.pyc", i));
	}
	return tree;
}

/* The screen as a person sees it: one line while it runs, none of it afterwards. */
static void the_line_is_on_the_screen_and_goes(void **state)
{
	const struct terminal *terminal;
	struct slow_gate gate;
	const char *screen;

	(void)state;
	slow_need();
	terminal = open_terminal(tree_of(40), "80");
	gate = run_to_gate(terminal, "-j1");
	screen = await(terminal, " directories seen, ");
	assert_null(strstr(strstr(screen, " directories seen, ") + 1, " directories seen, "));
	assert_non_null(strstr(screen, "found ("));
	slow_gate_open(&gate);
	screen = await(terminal, "Removed 40 files (");
	assert_null(strstr(screen, "found"));
	assert_memory_equal(screen, ">>sh run\nRemoved 40 files (", 27);
}

/** Waits until there are so many entries left in a tree. */
static void await_entries(const struct tree *tree, size_t count)
{
	for (int i = 0; i < LOOKS && tree_list(tree).count != count; i++) {
		pause_briefly();
	}
	assert_int_equal(tree_list(tree).count, count);
}

/* In the background the screen is somebody else's, who may be typing; with `stty tostop` it would
 * stop the run. */
static void in_the_background_there_is_no_line(void **state)
{
	const struct terminal *terminal;
	struct slow_gate gate;

	(void)state;
	slow_need();
	terminal = open_terminal(tree_of(40), "80");
	gate = run_to_gate_by(terminal, "sh run &", "-j1");
	/* The directories, what is behind the gate, and the command. */
	await_entries(terminal->tree, 40 + 40 - (GATE_AT - 1) + 1);
	assert_null(strstr(screen_of(terminal), "seen"));
	slow_gate_open(&gate);
	await(terminal, "Removed 40 files (");
}

/* It is cut so that it never takes two lines, whatever the characters in it are. */
static void it_is_cut_where_the_terminal_ends(void **state)
{
	static const char *const widths[] = { "50", "61", "62", "63", "64", "65", "70", "71" };

	(void)state;
	slow_need();
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i += tests_are_slow() ? 7 : 1) {
		struct terminal *terminal = open_terminal(tree_of(30), widths[i]);
		struct slow_gate gate = run_to_gate(terminal, "-j1");
		const char *screen;

		screen = await(terminal, " directories seen, ");
		screen = strchr(strstr(screen, " directories seen, "), '\n');
		assert_non_null(screen);
		assert_int_equal(strspn(screen, "\n"), strlen(screen));
		slow_gate_open(&gate);
		await(terminal, "Removed 30 files (");
		end(terminal);
	}
}

/* A window that is made narrower breaks the line in two; both go. */
static void nothing_is_left_when_the_terminal_gets_narrower(void **state)
{
	const struct terminal *terminal;
	struct slow_gate gate;
	const char *screen;

	(void)state;
	slow_need();
	terminal = open_terminal(tree_of(60), "70");
	gate = run_to_gate(terminal, "-j1");
	await(terminal, " directories seen, ");
	assert_outcome(TMUX(terminal, "resize-window", "-x", "40"), 0, "", "");
	await_width(terminal, 40);
	slow_gate_open(&gate);
	screen = await(terminal, "Removed 60 files (");
	assert_null(strstr(screen, "seen"));
	assert_null(strstr(screen, "name"));
	assert_memory_equal(screen, ">>sh run\nRemoved 60 files (", 27);
}

/* ^C: what is typed is shown, then what was done; the shell's prompt begins a line. */
static void control_c_leaves_a_clean_line(void **state)
{
	const struct terminal *terminal;
	struct slow_gate gate;
	const char *screen;

	(void)state;
	slow_need();
	terminal = open_terminal(tree_of(100), "80");
	gate = run_to_gate(terminal, "-j1");
	await(terminal, " directories seen, ");
	assert_outcome(TMUX(terminal, "send-keys", "C-c"), 0, "", "");
	/* The terminal shows it when it has sent the signal. */
	await(terminal, "^C");
	slow_gate_open(&gate);
	screen = await(terminal, "; interrupted.\n");
	assert_null(strstr(screen, "seen"));
	assert_non_null(strstr(screen, "\nRemoved "));
	type(terminal, "clear");
	tmux(terminal, (const char *const[]){ "send-keys", "echo $?", "Enter", NULL });
	await(terminal, "\n>>");
}

/* Lines with -v, and the progress below them. */
static void verbose_lines_stay_whole(void **state)
{
	const struct tree *tree = TREE(NULL);
	const struct terminal *terminal;
	struct slow_gate gate;
	const char *screen;

	(void)state;
	slow_need();
	for (int i = 0; i < 24; i++) {
		tree_add(tree, scratch_format("%d/x%d.pyc", i / 24, i));
	}
	tree_add(tree, "gone.txt");
	terminal = open_terminal(tree, "80");
	assert_outcome(TMUX(terminal, "resize-window", "-y", "40"), 0, "", "");
	gate = run_to_gate(terminal, "-v -j1");
	await(terminal, " seen, ");
	slow_gate_open(&gate);
	screen = await(terminal, "Removed 24 files (");
	assert_null(strstr(screen, "seen"));
	for (int i = 0; i < 24; i++) {
		assert_non_null(strstr(screen, scratch_format("\nRemoved 0/x%d.pyc\n", i)));
	}
}

/* The colours are those of the terminal. */
static void colours_are_on_the_screen(void **state)
{
	const struct terminal *terminal = open_terminal(TREE("a.pyc"), "80");
	const char *screen;

	(void)state;
	type(terminal, scratch_format("%s -n", getenv("PYCLEAN")));
	await(terminal, "Would remove 1 file");
	screen = TMUX(terminal, "capture-pane", "-p", "-e")->out;
	assert_non_null(strstr(screen, "\033[33mWould remove \033[39m a.pyc") ||
					strstr(screen, "\033[33mWould remove \033[39ma.pyc") ||
					strstr(screen, "\033[33mWould remove \033[0ma.pyc")
				? screen
				: NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_line_is_on_the_screen_and_goes),
		TEST(in_the_background_there_is_no_line),
		TEST(it_is_cut_where_the_terminal_ends),
		TEST(nothing_is_left_when_the_terminal_gets_narrower),
		TEST(control_c_leaves_a_clean_line),
		TEST(verbose_lines_stay_whole),
		TEST(colours_are_on_the_screen),
	};

	return RUN_TESTS(tests);
}
