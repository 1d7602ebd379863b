/* The question that is put to a Python, which may never answer. */

#include "interpreter.h"
#include "tests.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
	/** Long enough for any machine, and too short for nothing but what never ends. */
	PATIENCE = 300,
	SHORT_PATIENCE = 1,
};

static char tag[64];
static const struct tree *tree;

/** Asks a Python that is a script. @return As interpreter_ask_tag(). */
static int ask(const char *script, unsigned seconds)
{
	const char *text = scratch_format("#!/bin/sh\n%s\n", script);

	tree = TREE(NULL);
	tree_write(tree, "python3", text, strlen(text));
	tree_chmod(tree, "python3", 0755);
	tag[0] = '\0';
	return interpreter_ask_tag(tree_path(tree, "python3"), tag, sizeof(tag), seconds);
}

static void the_tag_is_what_it_prints(void **state)
{
	(void)state;
	assert_int_equal(ask("echo cpython-399", PATIENCE), 0);
	assert_string_equal(tag, "cpython-399");
	assert_int_equal(ask("printf cpython-; printf '399\\n'", PATIENCE), 0);
	assert_string_equal(tag, "cpython-399");
}

/* Whatever it says there, it is not asked for. */
static void its_stderr_and_stdin_lead_nowhere(void **state)
{
	(void)state;
	assert_int_equal(ask("[ ! -s /dev/stdin ] && [ ! -t 2 ] && echo noise >&2 && "
			     "[ \"$(readlink -f /proc/self/fd/2)\" = /dev/null ] && echo a-1",
			     PATIENCE),
			 0);
	assert_string_equal(tag, "a-1");
}

/* Its caches are none of ours, and -I alone would have them written. */
static void it_writes_no_bytecode_and_runs_no_file_of_the_directory(void **state)
{
	(void)state;
	assert_int_equal(ask("[ \"$1\" = -IBS ] && echo a-1", PATIENCE), 0);
	assert_string_equal(tag, "a-1");
}

/*
 * A network file system that is away, a wrapper that waits for a lock: the run must not hang, even
 * where the caller ignores alarms.
 */
static void one_that_hangs_is_killed(void **state)
{
	(void)state;
	signal(SIGALRM, SIG_IGN);
	assert_int_equal(ask("echo cpython-399; exec sleep 1000 >/dev/null", SHORT_PATIENCE), -1);
	signal(SIGALRM, SIG_DFL);
}

/* What it leaves behind may hold the pipe open for ever. */
static void a_process_that_it_leaves_is_not_waited_for(void **state)
{
	pid_t left;

	(void)state;
	assert_int_equal(ask("sleep 1000 & echo $! >\"${0%/*}/left\"", PATIENCE), -1);
	left = (pid_t)strtol(scratch_read(tree_path(tree, "left")), NULL, 10);
	assert_true(left > 1);
	kill(left, SIGKILL);
}

static void a_failure_has_no_tag(void **state)
{
	(void)state;
	assert_int_equal(ask("exit 1", PATIENCE), -1);
	assert_int_equal(ask("echo None", PATIENCE), -1);
	assert_int_equal(ask("kill -9 $$", PATIENCE), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_tag_is_what_it_prints),
		TEST(its_stderr_and_stdin_lead_nowhere),
		TEST(it_writes_no_bytecode_and_runs_no_file_of_the_directory),
		TEST(one_that_hangs_is_killed),
		TEST(a_process_that_it_leaves_is_not_waited_for),
		TEST(a_failure_has_no_tag),
	};

	return RUN_TESTS(tests);
}
