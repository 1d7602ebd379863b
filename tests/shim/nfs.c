/*
 * NFS, and a process that holds files open: a file whose name begins with "open" gets a name .nfsXXXX
 * instead of being removed, and a file of such a name cannot be removed.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int unlinkat(int fd, const char *name, int flag)
{
	if (strncmp(name, ".nfs", 4) == 0) {
		errno = EBUSY;
		return -1;
	}
	if (strncmp(name, "open", 4) == 0) {
		return renameat(fd, name, fd, ".nfs-open");
	}
	return (int)syscall(SYS_unlinkat, fd, name, flag);
}
