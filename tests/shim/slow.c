/*
 * A slow disk, and a clock that goes by it: each removal takes PYCLEAN_SLOWNESS milliseconds, and
 * nothing else takes any time, however busy the machine is.
 *
 * With PYCLEAN_GATE=N:PATH the N-th removal and those after it write a byte to the FIFO PATH/reached,
 * then read from the FIFO PATH/shut until nobody has it open for writing any more. The gate is open
 * for good when PATH/shut is gone. The file that PYCLEAN_WITNESS names is made when the library is
 * loaded.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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

/** Opens a FIFO. @return Its descriptor, or -1 where it is gone. */
static int open_fifo(const char *gate, const char *name, int flags)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", gate, name);
	do {
		fd = open(path, flags | O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	return fd;
}

/** A signal is taken meanwhile, but does not open the gate. */
static void wait_at_gate(long removal)
{
	const char *gate = getenv("PYCLEAN_GATE");
	const char *colon = gate ? strchr(gate, ':') : NULL;
	char byte = 0;
	int reached;
	int shut;

	if (!colon || removal < strtol(gate, NULL, 10)) {
		return;
	}
	shut = open_fifo(colon + 1, "shut", O_RDONLY);
	reached = shut < 0 ? -1 : open_fifo(colon + 1, "reached", O_WRONLY);
	if (reached < 0 || write(reached, &byte, 1) != 1) {
		return;
	}
	while (read(shut, &byte, 1) < 0 && errno == EINTR) {
	}
	close(reached);
	close(shut);
}

int unlinkat(int fd, const char *name, int flag)
{
	const char *slowness = getenv("PYCLEAN_SLOWNESS");

	wait_at_gate(atomic_fetch_add(&removals, 1) + 1);
	atomic_fetch_add(&milliseconds, slowness ? strtol(slowness, NULL, 10) : 0);
	return (int)syscall(SYS_unlinkat, fd, name, flag);
}
