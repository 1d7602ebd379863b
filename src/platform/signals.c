#include "signals.h"

#include "platform.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

enum {
	COUNT = sizeof(numbers) / sizeof(numbers[0])
};

static atomic_int received;
/** How they were handled before. */
static struct sigaction before[COUNT];
/** The last argument of signals_write_on_stop(). */
static _Atomic(const char *) stop_text;

/** Sets the handler of a signal, unless that is ignored. */
static void set_handler(int number, void (*handler)(int), int flags, struct sigaction *old)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART | flags };

	sigemptyset(&action.sa_mask);
	if (sigaction(number, NULL, old) == 0 && old->sa_handler != SIG_IGN) {
		sigaction(number, &action, NULL);
	}
}

static void on_signal(int number)
{
	atomic_store(&received, number);
	/* The next signal of any kind kills. */
	for (size_t i = 0; i < COUNT; i++) {
		sigaction(numbers[i], &before[i], NULL);
	}
}

const atomic_int *signals_install(void)
{
	for (size_t i = 0; i < COUNT; i++) {
		set_handler(numbers[i], on_signal, 0, &before[i]);
	}
	return &received;
}

void signals_die(void)
{
	int number = atomic_load(&received);

	if (number != 0) {
		raise(number);
	}
}

/** Handles SIGTSTP, once: while it runs, the signal is neither handled nor blocked. */
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
	struct sigaction old;

	atomic_store(&stop_text, text);
	if (text) {
		set_handler(SIGTSTP, on_stop, (int)(SA_RESETHAND | SA_NODEFER), &old);
	}
}
