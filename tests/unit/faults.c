#include "faults.h"

#include "tests.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#ifdef __GLIBC__
typedef struct dirent64 entry;
#else
typedef struct dirent entry;
#endif

/** Where the next entry is. */
static entry *after(entry *e)
{
	return (entry *)(void *)((char *)e + e->d_reclen);
}

ssize_t typeless_getdents(int fd, void *buffer, size_t size)
{
	ssize_t length = real_getdents(fd, buffer, size);

	for (entry *e = buffer; length > 0 && (char *)e < (char *)buffer + length; e = after(e)) {
		e->d_type = DT_UNKNOWN;
	}
	return length;
}

static struct {
	dev_t dev;
	ino_t ino;
	int error;
} half_way;

void fail_half_way(const struct tree *tree, const char *path, int error)
{
	struct stat st;

	if (real_fstatat(tree->fd, path, &st, 0) != 0) {
		broken("cannot stat '%s'", path);
	}
	half_way.dev = st.st_dev;
	half_way.ino = st.st_ino;
	half_way.error = error;
}

ssize_t half_way_getdents(int fd, void *buffer, size_t size)
{
	static _Thread_local int begun_fd = -1;
	struct stat st;

	if (real_fstat(fd, &st) != 0 || st.st_dev != half_way.dev || st.st_ino != half_way.ino) {
		return real_getdents(fd, buffer, size);
	}
	if (begun_fd != fd) {
		begun_fd = fd;
		/* Room for a few entries only. */
		return real_getdents(fd, buffer, size < 96 ? size : 96);
	}
	begun_fd = -1;
	errno = half_way.error;
	return -1;
}

const char *last_name;

/** Takes an entry out of what getdents gave. @return The length without it. */
static ssize_t take_out(entry *first, ssize_t length, entry *out)
{
	char *end = (char *)first + length;

	for (entry *e = first; (char *)e < end; e = after(e)) {
		if (strcmp(e->d_name, last_name) == 0) {
			size_t reclen = e->d_reclen;

			memcpy(out, e, reclen);
			memmove(e, after(e), (size_t)(end - (char *)after(e)));
			return length - (ssize_t)reclen;
		}
	}
	return length;
}

ssize_t last_getdents(int fd, void *buffer, size_t size)
{
	static _Thread_local entry held;
	static _Thread_local bool holding;
	ssize_t length = real_getdents(fd, buffer, size);

	while (length > 0) {
		ssize_t left = take_out(buffer, length, &held);

		holding = holding || left < length;
		if (left > 0) {
			return left;
		}
		/* It was alone; 0 would be the end. */
		length = real_getdents(fd, buffer, size);
	}
	if (length == 0 && holding) {
		holding = false;
		memcpy(buffer, &held, held.d_reclen);
		return held.d_reclen;
	}
	return length;
}

static ino_t mounted;

void pretend_mount(const struct tree *tree, const char *path)
{
	struct stat st;

	if (real_fstatat(tree->fd, path, &st, 0) != 0) {
		broken("cannot stat '%s'", path);
	}
	mounted = st.st_ino;
}

int mounted_fstat(int fd, struct stat *st)
{
	int result = real_fstat(fd, st);

	st->st_dev += result == 0 && st->st_ino == mounted;
	return result;
}

int mounted_fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	int result = real_fstatat(dirfd, name, st, flags);

	st->st_dev += result == 0 && st->st_ino == mounted;
	return result;
}

int failing_nftw_error;

int failing_nftw(const char *path, nftw_visit *visit, int max_open, int flags)
{
	(void)path;
	(void)visit;
	(void)max_open;
	(void)flags;
	errno = failing_nftw_error;
	return -1;
}

static const char *const *refused;
static int refusal;

void refuse(const char *const *names, int error)
{
	size_t count = 0;
	const char **copy;

	while (names[count]) {
		count++;
	}
	copy = scratch_alloc((count + 1) * sizeof(*copy));
	memcpy(copy, names, count * sizeof(*copy));
	refused = copy;
	refusal = error;
}

static bool is_refused(const char *name)
{
	for (const char *const *at = refused; *at; at++) {
		if (strcmp(*at, name) == 0) {
			errno = refusal;
			return true;
		}
	}
	return false;
}

int refusing_openat(int dirfd, const char *name, int flags)
{
	return is_refused(name) ? -1 : real_openat(dirfd, name, flags);
}

int refusing_unlinkat(int dirfd, const char *name, int flags)
{
	return is_refused(name) ? -1 : real_unlinkat(dirfd, name, flags);
}

int refusing_fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	return is_refused(name) ? -1 : real_fstatat(dirfd, name, st, flags);
}
