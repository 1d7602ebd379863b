#include "platform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum entry_type platform_type_of_mode(mode_t mode)
{
	if (S_ISREG(mode)) {
		return ENTRY_FILE;
	}
	if (S_ISDIR(mode)) {
		return ENTRY_DIRECTORY;
	}
	return S_ISLNK(mode) ? ENTRY_LINK : ENTRY_OTHER;
}

int platform_open_directory(int dirfd, const char *name)
{
	return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int platform_open_parent(int dirfd, const char *path)
{
#if defined(O_PATH)
	return openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
#elif defined(O_SEARCH)
	return openat(dirfd, path, O_SEARCH | O_DIRECTORY | O_CLOEXEC);
#else
	return openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
#endif
}

struct platform_identity platform_identify(int fd)
{
	struct stat st = { 0 };

	return fstat(fd, &st) == 0 ? (struct platform_identity){ st.st_dev, st.st_ino }
				   : (struct platform_identity){ 0 };
}

struct platform_identity platform_identify_at(int dirfd, const char *name, int flags)
{
	struct stat st = { 0 };

	return fstatat(dirfd, name, &st, flags) == 0
		       ? (struct platform_identity){ st.st_dev, st.st_ino }
		       : (struct platform_identity){ 0 };
}

bool platform_is_same(struct platform_identity a, struct platform_identity b)
{
	return a.ino != 0 && a.ino == b.ino && a.dev == b.dev;
}

bool platform_is(int fd, struct platform_identity identity)
{
	return platform_is_same(platform_identify(fd), identity);
}

void platform_close(int fd)
{
	int error = errno;

	if (fd >= 0) {
		close(fd);
	}
	errno = error;
}

int platform_open_path(int dirfd, char *path)
{
	int fd = dirfd;

	for (char *name = path, *end; fd >= 0 && *name != '\0'; name = end + 1) {
		int above = fd;

		end = name + strcspn(name, "/");
		*end = '\0';
		fd = platform_open_directory(above, name);
		*end = '/';
		if (above != dirfd) {
			platform_close(above);
		}
	}
	return fd;
}

int platform_open_above(int fd, size_t steps, struct platform_identity identity)
{
	int above = platform_open_directory(fd, "..");

	while (above >= 0 && !platform_is(above, identity)) {
		int below = above;

		above = --steps > 0 ? platform_open_directory(below, "..") : -1;
		close(below);
	}
	return above;
}

bool platform_is_no_directory(int error)
{
	/* EMLINK: FreeBSD's ELOOP for O_NOFOLLOW. ESRCH: a process has ended, below /proc. */
	return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EMLINK ||
	       error == ESRCH;
}

/* ---- Directories ---------------------------------------------------------------------------- */

/** Passes an entry to `each`. @return As platform_entry_fn; 0 for an omitted entry. */
static int pass_on(int fd, const char *name, unsigned char d_type, platform_entry_fn *each,
		   void *context)
{
	enum entry_type type = ENTRY_UNKNOWN;
	struct stat st;

	if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'))) {
		return 0;
	}
	if (d_type != DT_UNKNOWN) {
		type = platform_type_of_mode((mode_t)DTTOIF(d_type));
	} else if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		type = platform_type_of_mode(st.st_mode);
	} else if (errno == ENOENT) {
		return 0;
	}
	return each(context, name, type);
}

#ifdef __linux__

# ifdef __GLIBC__
typedef struct dirent64 entry;
#  define read_entries getdents64
# else
typedef struct dirent entry;
#  define read_entries getdents
# endif

int platform_read_directory(int fd, platform_entry_fn *each, void *context)
{
	_Alignas(entry) char buffer[32 * 1024];
	ssize_t length;

	while ((length = read_entries(fd, (void *)buffer, sizeof(buffer))) > 0) {
		const entry *e;

		for (ssize_t at = 0; at < length; at += e->d_reclen) {
			e = (const void *)(buffer + at);
			if (pass_on(fd, e->d_name, e->d_type, each, context) != 0) {
				return -1;
			}
		}
	}
	/* A directory that was removed after it was opened has no entries. */
	return length == 0 || errno == ENOENT || errno == ESRCH ? 0 : -1;
}

#else

int platform_read_directory(int fd, platform_entry_fn *each, void *context)
{
	int copy = dup(fd);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *e;
	int error;

	if (!dir) {
		platform_close(copy);
		return -1;
	}
	rewinddir(dir);
	do {
		errno = 0;
		e = readdir(dir);
	} while (e && pass_on(fd, e->d_name, e->d_type, each, context) == 0);
	error = errno;
	closedir(dir);
	errno = error;
	return error == 0 ? 0 : -1;
}

#endif

bool platform_is_silly_name(const char *name)
{
	return strncmp(name, ".nfs", 4) == 0;
}

static int see_silly_name(void *seen, const char *name, enum entry_type type)
{
	(void)type;
	*(bool *)seen = true;
	return platform_is_silly_name(name) ? 0 : -1;
}

bool platform_has_only_silly_names(int fd)
{
	bool seen = false;

	return platform_read_directory(fd, see_silly_name, &seen) == 0 && seen;
}

int platform_write(int fd, const char *text, size_t length)
{
	struct pollfd writable = { .fd = fd, .events = POLLOUT };

	while (length > 0) {
		ssize_t written = write(fd, text, length);

		if (written >= 0) {
			text += written;
			length -= (size_t)written;
		} else if (errno == EAGAIN) {
			poll(&writable, 1, -1);
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

size_t platform_path_of(int fd, char out[PLATFORM_PATH_SIZE])
{
	return (size_t)snprintf(out, PLATFORM_PATH_SIZE, "/proc/self/fd/%d/.", fd);
}

uint64_t platform_milliseconds(void)
{
#ifdef CLOCK_MONOTONIC_COARSE
	static const clockid_t monotonic = CLOCK_MONOTONIC_COARSE;
#else
	static const clockid_t monotonic = CLOCK_MONOTONIC;
#endif
	struct timespec now = { 0 };

	clock_gettime(monotonic, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

const char *platform_strerror(int error)
{
#ifdef __GLIBC__
	const char *text = strerrordesc_np(error);

	return text ? text : "Unknown error";
#else
	return strerror(error);
#endif
}

/* ---- nftw ----------------------------------------------------------------------------------- */

#ifndef FTW_ACTIONRETVAL
# define FTW_ACTIONRETVAL  0
# define FTW_CONTINUE      0
# define FTW_SKIP_SUBTREE  0
# define FTW_SKIP_SIBLINGS 0
# define FTW_STOP          1
#endif

int platform_nftw(const char *path, platform_nftw_fn *visit, int max_open, bool one_file_system)
{
	int flags = FTW_PHYS | FTW_ACTIONRETVAL | (one_file_system ? FTW_MOUNT : 0);

	return nftw(path, visit, max_open, flags);
}

int platform_nftw_action(enum walk_action action)
{
	static const int results[] = {
		[WALK_CONTINUE] = FTW_CONTINUE,
		[WALK_PRUNE] = FTW_SKIP_SUBTREE,
		[WALK_PRUNE_SIBLINGS] = FTW_SKIP_SIBLINGS,
		[WALK_STOP] = FTW_STOP,
	};

	return results[action];
}
