#include "walk/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/** Reads the beginning of a regular file. @return Its length, 0 for another file; -1 with errno. */
static ssize_t read_beginning(int fd, char *out, size_t size)
{
	size_t length = 0;
	ssize_t got = 1;
	struct stat st;

	/* untested: fstat fails */
	if (fstat(fd, &st) != 0) {
		return -1;
	}
	while (S_ISREG(st.st_mode) && got > 0 && length < size) {
		got = read(fd, out + length, size - length);
		/* untested: read fails */
		length += got > 0 ? (size_t)got : 0;
	}
	/* untested: read fails */
	return got < 0 ? -1 : (ssize_t)length;
}

int marks_find(const struct debris *row, int dirfd, const char *name)
{
	/* O_NONBLOCK: it may be a FIFO. */
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(dirfd, row->mark ? row->mark : name, flags);
	char bytes[DEBRIS_MARK_SIZE];
	ssize_t length;

	if (fd < 0) {
		/* ENXIO: a socket. */
		return platform_is_no_directory(errno) || errno == ENXIO ? 0 : -1;
	}
	length = read_beginning(fd, bytes, sizeof(bytes));
	platform_close(fd);
	/* untested: read fails */
	return length < 0 ? -1 : debris_is_mark(row, bytes, (size_t)length);
}
