#include "walk/environment.h"

#include "matcher.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

/** Whether there is something other than a directory. */
static bool has_file(int dirfd, const char *directory, const char *name)
{
	char path[NAME_MAX + sizeof("/orig-prefix.txt")];
	int length = snprintf(path, sizeof(path), "%s/%s", directory, name);
	struct stat st;

	/* untested: a longer name, which only FUSE has */
	return (size_t)length < sizeof(path) &&
	       fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode);
}

/** Whether it holds what virtualenv puts into the library of an environment. */
static bool is_library(int dirfd, const char *directory)
{
	return has_file(dirfd, directory, "orig-prefix.txt") ||
	       has_file(dirfd, directory, "site.py");
}

/** Whether a name is `pythonX.Y`. */
static bool is_version_name(const char *name)
{
	int end = 0;

	sscanf(name, "python%*[0-9].%*[0-9]%n", &end);
	return end > 0 && name[end] == '\0';
}

/** Ends the reading of `lib`, with EEXIST, at what shows that it is an environment's. */
static int consider(void *context, const char *name, enum entry_type type)
{
	const int *fd = context;

	(void)type;
	if (is_version_name(name) && is_library(*fd, name)) {
		errno = EEXIST;
		return -1;
	}
	return 0;
}

/** Whether a directory in `lib` is an environment's library. */
static bool has_versioned_library(int dirfd)
{
	int fd = platform_open_directory(dirfd, "lib");
	bool found = fd >= 0 && platform_read_directory(fd, consider, &fd) != 0 && errno == EEXIST;

	platform_close(fd);
	return found;
}

/** Whether a directory is an environment that virtualenv made before it wrote a `pyvenv.cfg`. */
static bool is_old(int fd)
{
	if (!has_file(fd, "bin", "activate") && !has_file(fd, "Scripts", "activate")) {
		return false;
	}
	return is_library(fd, "Lib") || has_versioned_library(fd);
}

bool environment_is(unsigned marks, int fd)
{
	return (marks & MATCHER_ENVIRONMENT) ||
	       ((marks & MATCHER_MAYBE_ENVIRONMENT) == MATCHER_MAYBE_ENVIRONMENT && is_old(fd));
}
