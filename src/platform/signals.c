#include "signals.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

enum {
	COUNT = sizeof(numbers) / sizeof(numbers[0])
};

static atomic_int received;
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
