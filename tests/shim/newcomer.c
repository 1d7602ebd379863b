/*
 * A Python process that imports meanwhile: PYCLEAN_NEWCOMERS times, just before a directory is
 * removed, a new file appears in it.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int unlinkat(int fd, const char *name, int flag)
{
	static long count;
	const char *limit = getenv("PYCLEAN_NEWCOMERS");

	if ((flag & AT_REMOVEDIR) && limit && count < strtol(limit, NULL, 10)) {
		char file[64];
		int dir = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int new_file;

		snprintf(file, sizeof(file), "new%ld.cpython-311.pyc", count++);
		new_file = openat(dir, file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (new_file < 0) {
			abort();
		}
		close(new_file);
		close(dir);
	}
	return (int)syscall(SYS_unlinkat, fd, name, flag);
}
