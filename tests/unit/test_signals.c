/* Signals that end the program in good order: noted, then died of; a second one kills at once. */

#include "child.h"
#include "platform.h"
#include "processes.h"
#include "tests.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

enum {
	COUNT = sizeof(numbers) / sizeof(numbers[0]),
	NOT_NOTED = 99
};

/** Starts as a shell would start it. */
static void reset_signals(void)
{
	for (size_t i = 0; i < COUNT; i++) {
		signal(numbers[i], SIG_DFL);
	}
}

static int note_and_die(void *context)
{
	int number = *(int *)context;
	const atomic_int *stop;

	reset_signals();
	stop = signals_install();
	if (atomic_load(stop) != 0) {
		return NOT_NOTED;
	}
	/* Where none has come there is nothing to die of. */
	signals_die();
	raise(number);
	if (atomic_load(stop) != number) {
		return NOT_NOTED;
	}
	puts("summary");
	fflush(stdout);
	signals_die();
	return NOT_NOTED;
}

/* The caller learns of it, says what was done, and the shell sees a program that died of it. */
TEST(each_signal_is_noted_and_died_of)
{
	for (size_t i = 0; i < COUNT; i++) {
		int number = numbers[i];
		const struct outcome *outcome = in_child(note_and_die, &number);

		assert_int_equal(outcome->signal, number);
		assert_string_equal(outcome->out, "summary\n");
	}
}

static int raise_two(void *context)
{
	const int *both = context;

	reset_signals();
	signals_install();
	raise(both[0]);
	raise(both[1]);
	return NOT_NOTED;
}

/* Who presses ^C again, or sends another one, does not want to wait for a disk that hangs. */
TEST(the_second_signal_kills_at_once)
{
	for (size_t i = 0; i < COUNT; i++) {
		for (size_t j = 0; j < COUNT; j++) {
			int both[] = { numbers[i], numbers[j] };

			assert_int_equal(in_child(raise_two, both)->signal, numbers[j]);
		}
	}
}

static int ignore_and_raise(void *context)
{
	int number = *(int *)context;
	const atomic_int *stop;

	reset_signals();
	signal(number, SIG_IGN);
	stop = signals_install();
	raise(number);
	signals_die();
	return atomic_load(stop) == 0 ? 0 : NOT_NOTED;
}

/* As nohup(1) has SIGHUP, and a shell SIGINT for what it runs in the background. */
TEST(a_signal_that_is_ignored_stays_ignored)
{
	for (size_t i = 0; i < COUNT; i++) {
		int number = numbers[i];

		assert_int_equal(in_child(ignore_and_raise, &number)->status, 0);
	}
}

static bool has_taken_sigterm(pid_t pid)
{
	return !process_awaits(pid, SIGTERM);
}

/** Waits until something is true of a process. @return Whether it became true. */
static bool comes_to(bool (*state)(pid_t pid), pid_t pid)
{
	for (int i = 0; i < 60000 && !state(pid); i++) {
		nanosleep(&(const struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return state(pid);
}

/** Interrupts a process that is about to read from a pipe. @return What it is to read: 'x'. */
static char interrupt_reader(pid_t reader)
{
	if (!comes_to(process_sleeps, reader)) {
		return 's';
	}
	kill(reader, SIGTERM);
	return comes_to(has_taken_sigterm, reader) ? 'x' : 't';
}

static int read_while_interrupted(void *context)
{
	int ends[2];
	char byte = 0;
	ssize_t length;
	pid_t other;

	(void)context;
	reset_signals();
	signals_install();
	if (pipe(ends) != 0 || (other = fork()) < 0) {
		return 1;
	}
	if (other == 0) {
		byte = interrupt_reader(getppid());
		_exit(write(ends[1], &byte, 1) == 1 ? 0 : 1);
	}
	/* Would be EINTR, which is not the kind of error that a user can do anything about. */
	length = read(ends[0], &byte, 1);
	if (length < 0) {
		perror("read");
	}
	return length == 1 && byte == 'x' ? 0 : 1;
}

TEST(calls_that_were_waiting_are_taken_up_again)
{
	const struct outcome *outcome = in_child(read_while_interrupted, NULL);

	assert_string_equal(outcome->err, "");
	assert_int_equal(outcome->status, 0);
}
