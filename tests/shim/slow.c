/*
 * A slow disk: each removal takes PYCLEAN_SLOWNESS milliseconds.
 */

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int unlinkat(int fd, const char *name, int flag)
{
	const char *slowness = getenv("PYCLEAN_SLOWNESS");
	long milliseconds = slowness ? strtol(slowness, NULL, 10) : 0;

	nanosleep(&(struct timespec){ .tv_sec = milliseconds / 1000,
				      .tv_nsec = milliseconds % 1000 * 1000000 },
		  NULL);
	return (int)syscall(SYS_unlinkat, fd, name, flag);
}
