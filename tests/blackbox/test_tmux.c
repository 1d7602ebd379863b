/* A real terminal, tmux's: what a run leaves on its screen. test_progress.c has the rest. */

#include "slow.h"
#include "tests.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum {
	/** How long anything may take to show, in milliseconds. */
	TIME_LIMIT = 600000,
	/** And how long a look at what does not announce itself is put off. */
	PAUSE = 50,
};

/** A terminal with a shell whose prompt is ">>". */
struct terminal {
	const struct tree *tree;
	const char *socket;
	/** A FIFO to which whatever the terminal is sent goes as well. */
	int sent;
};

static const struct outcome *tmux(const struct terminal *terminal, const char *const words[])
{
	const char *arguments[16] = { "-S", terminal->socket, "-f", "/dev/null" };
	size_t count = 4;

	for (; *words; words++) {
		arguments[count++] = *words;
	}
	return RUN_PROGRAM(.name = "tmux", .cwd = terminal->tree->path, .arguments = arguments,
			   /* Names in UTF-8 are shown as they are. */
			   .environment = WORDS("LC_ALL=C.UTF-8", "TMUX"));
}

#define TMUX(terminal, ...) tmux(terminal, WORDS(__VA_ARGS__))

static void end(void *object)
{
	struct terminal *terminal = object;

	TMUX(terminal, "kill-server");
	close(terminal->sent);
}

/** Opens a terminal of so many columns and ten lines in a tree. */
static struct terminal *open_terminal(const struct tree *tree, const char *columns)
{
	struct terminal *terminal = scratch_alloc(sizeof(*terminal));
	const struct tree *aside = TREE("sent|");

	*terminal = (struct terminal){
		.tree = tree,
		.socket = tree_path(aside, "socket"),
		.sent = openat(aside->fd, "sent", O_RDWR | O_NONBLOCK | O_CLOEXEC),
	};
	if (terminal->sent < 0) {
		broken("cannot open a FIFO");
	}
	scratch_defer(end, terminal);
	assert_outcome(TMUX(terminal, "new-session", "-d", "-x", columns, "-y", "10",
			    "PS1='>>' ENV= exec sh"),
		       0, "", "");
	assert_outcome(TMUX(terminal, "pipe-pane",
			    scratch_format("exec cat >'%s'", tree_path(aside, "sent"))),
		       0, "", "");
	return terminal;
}

/** Waits until the terminal is sent something more, which it has on its screen by then. */
static bool await_more(const struct terminal *terminal)
{
	struct pollfd sent = { terminal->sent, POLLIN, 0 };
	char bytes[4096];

	if (poll(&sent, 1, TIME_LIMIT) != 1) {
		return false;
	}
	while (read(terminal->sent, bytes, sizeof(bytes)) > 0) {
	}
	return true;
}

/** Waits until the screen, or what has been above it, shows a text. @return What it shows then. */
static const char *await(const struct terminal *terminal, const char *text)
{
	const char *screen;

	do {
		screen = TMUX(terminal, "capture-pane", "-p", "-S", "-")->out;
		if (strstr(screen, text)) {
			return screen;
		}
	} while (await_more(terminal));
	print_error("# the screen should show %s, but shows\n%s", visible(text), screen);
	fail();
	return screen;
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
	/* Only the program is told, and it does not listen. */
	for (int i = 0; i < TIME_LIMIT / PAUSE && size.ws_col != columns; i++) {
		poll(NULL, 0, i > 0 ? PAUSE : 0);
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

/** Has the shell run the program slowly, and waits until it is at a gate. */
static struct slow_gate *run_to_gate(const struct terminal *terminal)
{
	const char *command = scratch_format("exec '%s' -j1\n", getenv("PYCLEAN"));
	struct slow_gate *gate = slow_gate_before(GATE_AT);

	for (const char *const *variable = slow_environment(SLOWNESS, gate->variable); *variable;
	     variable++) {
		command = scratch_format("export '%s'\n%s", *variable, command);
	}
	tree_write(terminal->tree, "run", command, strlen(command));
	await(terminal, ">>");
	assert_outcome(TMUX(terminal, "send-keys", "sh run", "Enter"), 0, "", "");
	slow_gate_await(gate);
	return gate;
}

/** So many directories with names that are long, in more than ASCII, and bytecode in each. */
static const struct tree *tree_of(int directories)
{
	const struct tree *tree = TREE(NULL);

	for (int i = 0; i < directories; i++) {
		tree_add(tree,
			 scratch_format("name-e\xcc\x81-%d-\xe6\xbc\xa2\xe6\xbc\xa2/x.pyc", i));
	}
	return tree;
}

/*
 * The line is there, is broken in two by a narrower window, and then ^C is typed. Of all that the
 * summary is left, and the prompt begins a line.
 */
TEST(an_interrupted_run_leaves_a_clean_screen)
{
	static const char left[] = ">>sh run\nRemoved ";
	const struct terminal *terminal;
	struct slow_gate *gate;
	const char *screen;

	need_tool("tmux");
	slow_need();
	terminal = open_terminal(tree_of(50), "70");
	gate = run_to_gate(terminal);
	await(terminal, " directories seen, ");
	assert_outcome(TMUX(terminal, "resize-window", "-x", "50"), 0, "", "");
	await_width(terminal, 50);
	assert_outcome(TMUX(terminal, "send-keys", "C-c"), 0, "", "");
	/* The terminal shows it when it has sent the signal. */
	await(terminal, "^C");
	slow_gate_open(gate);
	screen = await(terminal, "\n>>");
	assert_memory_equal(screen, left, strlen(left));
	assert_non_null(strstr(screen, "; interrupted.\n"));
	assert_null(strstr(screen, "seen"));
	assert_null(strstr(screen, "name"));
}
