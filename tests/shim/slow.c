/*
 * A slow disk, and a clock that goes by it: each removal takes PYCLEAN_SLOWNESS milliseconds, and
 * nothing else takes any time, however busy the machine is.
 *
 * With PYCLEAN_GATE=N:PATH the N-th removal and those after it wait as long as there is a file PATH,
 * though not for ever. The file that PYCLEAN_WITNESS names is made when the library is loaded.
 */

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	/** How long the gate may be shut, in hundredths of a second. */
	PATIENCE = 60000
};

static atomic_long removals;
static atomic_long milliseconds;

__attribute__((constructor)) static void loaded(void)
{
	const char *witness = getenv("PYCLEAN_WITNESS");
	int fd = witness ? open(witness, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : -1;

	if (fd >= 0) {
		close(fd);
	}
}

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	long passed = atomic_load(&milliseconds);

	(void)clock_id;
	*tp = (struct timespec){ .tv_sec = passed / 1000, .tv_nsec = passed % 1000 * 1000000 };
	return 0;
}

/** A signal is taken meanwhile, but does not open the gate. */
static void wait_at_gate(long removal)
{
	const char *gate = getenv("PYCLEAN_GATE");
	const char *colon = gate ? strchr(gate, ':') : NULL;

	if (!colon || removal < strtol(gate, NULL, 10)) {
		return;
	}
	for (int i = 0; i < PATIENCE && access(colon + 1, F_OK) == 0; i++) {
		nanosleep(&(const struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
}

int unlinkat(int fd, const char *name, int flag)
{
	const char *slowness = getenv("PYCLEAN_SLOWNESS");

	wait_at_gate(atomic_fetch_add(&removals, 1) + 1);
	atomic_fetch_add(&milliseconds, slowness ? strtol(slowness, NULL, 10) : 0);
	return (int)syscall(SYS_unlinkat, fd, name, flag);
}
