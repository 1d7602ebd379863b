/* The question that is put to a Python, which may never answer. */

#include "interpreter.h"
#include "tests.h"

#include <errno.h>
#include <string.h>

enum {
	/** Long enough for any machine, and too short for nothing but what never ends. */
	PATIENCE = 300000,
	SHORT_PATIENCE = 20,
};

static char tag[64];
static atomic_int stop;

/** Asks a Python that is a script. @return As interpreter_ask_tag(). */
static int ask(const char *script, unsigned milliseconds)
{
	const struct tree *tree = TREE(NULL);
	const char *text = scratch_format("#!/bin/sh\n%s\n", script);

	tree_write(tree, "python3", text, strlen(text));
	tree_chmod(tree, "python3", 0755);
	tag[0] = '\0';
	errno = 0;
	return interpreter_ask_tag(tree_path(tree, "python3"), tag, sizeof(tag), milliseconds,
				   &stop);
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

/* A network file system that is away, a wrapper that waits for a lock: the run must not hang. */
static void one_that_hangs_is_killed(void **state)
{
	(void)state;
	assert_int_equal(ask("exec sleep 1000", SHORT_PATIENCE), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(ask("echo cpython-399; exec sleep 1000", SHORT_PATIENCE), -1);
	assert_int_equal(errno, ETIMEDOUT);
}

static void one_that_answers_and_does_not_end_is_killed(void **state)
{
	(void)state;
	assert_int_equal(ask("echo cpython-399; exec sleep 1000 >/dev/null", SHORT_PATIENCE), -1);
	assert_int_equal(errno, ETIMEDOUT);
}

static void one_that_hangs_is_killed_once_a_signal_came(void **state)
{
	(void)state;
	stop = 1;
	assert_int_equal(ask("exec sleep 1000", PATIENCE), -1);
	assert_int_equal(errno, EINTR);
	stop = 0;
}

/* What fails at once has not taken too long. */
static void another_failure_is_no_timeout(void **state)
{
	(void)state;
	assert_int_equal(ask("exit 1", PATIENCE), -1);
	assert_int_not_equal(errno, ETIMEDOUT);
	assert_int_equal(ask("echo None", PATIENCE), -1);
	assert_int_not_equal(errno, ETIMEDOUT);
	assert_int_equal(ask("kill -9 $$", PATIENCE), -1);
	assert_int_not_equal(errno, ETIMEDOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_tag_is_what_it_prints),
		TEST(its_stderr_and_stdin_lead_nowhere),
		TEST(it_writes_no_bytecode_and_runs_no_file_of_the_directory),
		TEST(one_that_hangs_is_killed),
		TEST(one_that_answers_and_does_not_end_is_killed),
		TEST(one_that_hangs_is_killed_once_a_signal_came),
		TEST(another_failure_is_no_timeout),
	};

	return RUN_TESTS(tests);
}
