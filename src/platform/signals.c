#include "platform.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static atomic_int received;
/** The last argument of signals_write_on_stop(). */
static _Atomic(const char *) stop_text;

/** Handles a signal, unless it is ignored. */
static void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART | flags };
	struct sigaction before;

	sigemptyset(&action.sa_mask);
	if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
		sigaction(number, &action, NULL);
	}
}

static void on_signal(int number)
{
	bool is_second = atomic_exchange(&received, number) != 0;

	/* The same one again kills at once, even in a system call that does not end. */
	signal(number, SIG_DFL);
	if (is_second) {
		raise(number);
	}
}

const atomic_int *signals_install(void)
{
	handle(SIGINT, on_signal, 0);
	handle(SIGTERM, on_signal, 0);
	handle(SIGHUP, on_signal, 0);
	return &received;
}

void signals_die(void)
{
	int number = atomic_load(&received);

	if (number != 0) {
		raise(number);
	}
}

static void on_stop(int number)
{
	const char *text = atomic_load(&stop_text);
	int error = errno;

	if (text) {
		platform_write(STDERR_FILENO, text, strlen(text));
	}
	raise(number);
	errno = error;
}

void signals_write_on_stop(const char *text)
{
	atomic_store(&stop_text, text);
	if (text) {
		/* Once, and not blocked, so that raise() stops the program. */
		handle(SIGTSTP, on_stop, (int)(SA_RESETHAND | SA_NODEFER));
	}
}
