/*
 * Another process that cleans the same tree and is always a moment quicker: whatever is to be
 * removed has just gone.
 */

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int unlinkat(int fd, const char *name, int flag)
{
	if ((int)syscall(SYS_unlinkat, fd, name, flag) == 0) {
		errno = ENOENT;
	}
	return -1;
}
