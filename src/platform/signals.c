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
/** The last arguments of signals_write_on_stop(). */
static _Atomic(const char *) stop_text;
/** True for each signal that was not ignored. */
static volatile sig_atomic_t installed[COUNT];

static void on_signal(int number)
{
	atomic_store(&received, number);
	/* The next signal of any kind kills. */
	for (size_t i = 0; i < COUNT; i++) {
		if (installed[i]) {
			signal(numbers[i], SIG_DFL);
		}
	}
}

void signals_ignore_size_limit(void)
{
	signal(SIGXFSZ, SIG_IGN);
}

const atomic_int *signals_install(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < COUNT; i++) {
		struct sigaction before;

		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
			installed[i] = 1;
			sigaction(numbers[i], &action, NULL);
		}
	}
	return &received;
}

void signals_die(void)
{
	int number = atomic_load(&received);

	if (number != 0) {
		signal(number, SIG_DFL);
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
	struct sigaction action = {
		.sa_handler = on_stop,
		.sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_RESTART),
	};
	struct sigaction before;

	atomic_store(&stop_text, text);
	sigemptyset(&action.sa_mask);
	if (text && sigaction(SIGTSTP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
		sigaction(SIGTSTP, &action, NULL);
	}
}
