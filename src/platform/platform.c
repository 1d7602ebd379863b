#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

/* With `make PORTABLE=1`, Linux takes the paths of systems that lack its own interfaces. */
#if defined(__linux__) && !defined(PYCLEAN_PORTABLE)
# define PATH_OF_DESCRIPTORS "/proc/self/fd"
# define OPEN_PARENT         O_PATH
# if !defined(__GLIBC__)
#  define read_entries getdents
# elif __GLIBC_PREREQ(2, 30)
#  define read_entries getdents64
# endif
#else
# define PATH_OF_DESCRIPTORS "/dev/fd"
# define OPEN_PARENT         O_SEARCH
#endif
#ifndef O_SEARCH
# define O_SEARCH O_RDONLY
#endif
#ifndef EFTYPE
# define EFTYPE (-1)
#endif

struct timespec platform_mtime(const struct stat *st)
{
#ifdef __APPLE__
	return st->st_mtimespec;
#else
	return st->st_mtim;
#endif
}

int platform_open_directory(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
#ifndef read_entries
	/* Reading it takes another descriptor. A caller without one can close others now. */
	int copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0) {
		platform_close(fd);
		return -1;
	}
	close(copy);
#endif
	return fd;
}

int platform_open_parent(int dirfd, const char *path)
{
	return openat(dirfd, path, OPEN_PARENT | O_DIRECTORY | O_CLOEXEC);
}

struct platform_identity platform_identify(int dirfd, const char *name, int flags)
{
	struct stat st = { 0 };
	int result = name ? fstatat(dirfd, name, &st, flags) : fstat(dirfd, &st);

	return result == 0 ? (struct platform_identity){ st.st_dev, st.st_ino, IFTODT(st.st_mode) }
			   : (struct platform_identity){ 0 };
}

bool platform_is_same(struct platform_identity a, struct platform_identity b)
{
	return a.ino != 0 && a.ino == b.ino && a.dev == b.dev;
}

void platform_close(int fd)
{
	int error = errno;

	if (fd >= 0) {
		close(fd);
	}
	errno = error;
}

int platform_open_path(int dirfd, char *path, struct platform_identity identity)
{
	int fd = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);

	for (char *name = path, *end; fd >= 0 && *name != '\0'; name = end + 1) {
		int above = fd;

		end = name + strcspn(name, "/");
		*end = '\0';
		fd = platform_open_directory(above, name);
		*end = '/';
		platform_close(above);
	}
	if (fd >= 0 && !platform_is_same(platform_identify(fd, NULL, 0), identity)) {
		close(fd);
		fd = -1;
		errno = ESTALE;
	}
	return fd;
}

int platform_open_above(int fd, size_t steps, struct platform_identity identity)
{
	int above = platform_open_directory(fd, "..");

	while (above >= 0 && !platform_is_same(platform_identify(above, NULL, 0), identity)) {
		int below = above;

		above = --steps > 0 ? platform_open_directory(below, "..") : -1;
		close(below);
	}
	return above;
}

bool platform_is_no_directory(int error)
{
	/* EMLINK, EFTYPE: a link on FreeBSD and NetBSD. ESRCH: an ended process, below /proc. */
	return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EMLINK ||
	       error == EFTYPE || error == ESRCH;
}

/* The Makefile sees to it on 32 bits. The kernel's directory entry is then also readdir's. */
_Static_assert(sizeof(off_t) == 8, "built without support for large files");

/** Passes an entry to `each`. @return As platform_entry_fn; 0 for an omitted entry. */
static int pass_on(int fd, const struct dirent *e, platform_entry_fn *each, void *context)
{
	const char *name = e->d_name;
	enum entry_type type = e->d_type;
	struct stat st;

	if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'))) {
		return 0;
	}
	if (type == ENTRY_UNKNOWN) {
		if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			type = IFTODT(st.st_mode);
		} else if (errno == ENOENT) {
			return 0;
		}
	}
	return each(context, name, type);
}

/** @return The result of a directory's last read: a removed directory has no entries. */
static int end_of_reading(bool failed)
{
	return !failed || errno == ENOENT || errno == ESRCH ? 0 : -1;
}

#ifdef read_entries

/* Without fdopendir(3)'s allocation, fstat and fcntl, which take 5 percent of a run. */
int platform_read_directory(int fd, platform_entry_fn *each, void *context)
{
	_Alignas(struct dirent) char buffer[32 * 1024];
	ssize_t length;

	while ((length = read_entries(fd, (void *)buffer, sizeof(buffer))) > 0) {
		const struct dirent *e;

		for (ssize_t at = 0; at < length; at += e->d_reclen) {
			e = (const void *)(buffer + at);
			if (pass_on(fd, e, each, context) != 0) {
				return -1;
			}
		}
	}
	return end_of_reading(length < 0);
}

#else

int platform_read_directory(int fd, platform_entry_fn *each, void *context)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *e;
	int result = 0;
	int error;

	if (!dir) {
		platform_close(copy);
		return -1;
	}
	while (result == 0 && (errno = 0, e = readdir(dir)) != NULL) {
		result = pass_on(fd, e, each, context);
	}
	if (result == 0) {
		result = end_of_reading(errno != 0);
	}
	error = errno;
	closedir(dir);
	errno = error;
	return result;
}

#endif

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

/* The results in the order of enum walk_action. */
#if defined(FTW_ACTIONRETVAL) && !defined(PYCLEAN_PORTABLE)
# define NFTW_FLAGS (FTW_PHYS | FTW_MOUNT | FTW_ACTIONRETVAL)
static const int results[] = { FTW_CONTINUE, FTW_SKIP_SUBTREE, FTW_SKIP_SIBLINGS, FTW_STOP };
#else
# define NFTW_FLAGS (FTW_PHYS | FTW_MOUNT)
static const int results[] = { 0, 0, 0, 1 };
#endif

int platform_nftw(int fd, platform_nftw_fn *visit, int max_open)
{
	char path[sizeof(PATH_OF_DESCRIPTORS "//.") + 3 * sizeof(fd)];
	int result = -1;

	/* musl looks up every entry by this path, and the caller may close its descriptor meanwhile. */
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0) {
		snprintf(path, sizeof(path), PATH_OF_DESCRIPTORS "/%d/.", fd);
		result = nftw(path, visit, max_open, NFTW_FLAGS);
		platform_close(fd);
	}
	return result;
}

int platform_nftw_action(enum walk_action action)
{
	return results[action];
}

int platform_wcwidth(wchar_t character)
{
	/* Where the system lacks this locale, wcwidth() knows only ASCII. */
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	int columns;

#ifdef __NetBSD__
	columns = wcwidth_l(character, utf8 ? utf8 : LC_GLOBAL_LOCALE);
#else
	locale_t before = uselocale(utf8);

	columns = wcwidth(character);
	uselocale(before);
#endif
	if (utf8) {
		freelocale(utf8);
	}
	return columns;
}
