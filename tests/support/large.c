#include "large.h"

#include "tests.h"
#include "walker.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char memory[] = "/dev/shm";

/** What an entry takes, in bytes, inode and name. */
enum {
	BYTES_FOR_AN_ENTRY = 1024
};

/** Whether a file system has room for so many entries. */
static bool has_room(const struct statvfs *st, unsigned long entries)
{
	unsigned long long bytes = (unsigned long long)st->f_bavail * st->f_frsize;

	/* Some file systems (btrfs) do not count inodes. */
	return bytes / BYTES_FOR_AN_ENTRY > entries && (st->f_files == 0 || st->f_favail > entries);
}

void large_prefer_memory(void)
{
	struct statvfs st;

	/* Some tests run programs in their trees. */
	if (access(memory, W_OK | X_OK) == 0 && statvfs(memory, &st) == 0 &&
	    !(st.f_flag & ST_NOEXEC) && has_room(&st, 500000)) {
		setenv("TMPDIR", memory, 0);
	}
}

void large_need_room(const struct tree *tree, unsigned long entries)
{
	struct statvfs st;

	if (fstatvfs(tree->fd, &st) != 0 || !has_room(&st, entries)) {
		skip_because("there is no room for %lu files in %s", entries, tree->path);
	}
}

static int open_directory(const struct tree *tree, const char *path)
{
	int fd = openat(tree->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		broken("cannot open '%s'", path);
	}
	return fd;
}

void large_add_files(const struct tree *tree, const char *directory, const char *prefix,
		     unsigned long count, const char *suffix)
{
	int fd = open_directory(tree, directory);

	for (unsigned long i = 0; i < count; i++) {
		char name[256];

		snprintf(name, sizeof(name), "%s%lu%s", prefix, i, suffix);
		/* One call, where open and close are two. */
		if (mknodat(fd, name, S_IFREG | 0644, 0) != 0) {
			broken("cannot make file '%s'", name);
		}
	}
	close(fd);
}

void large_add_ballast(const struct tree *tree)
{
	large_add_files(tree, ".", "ballast", WALKER_SMALL_TREE + 1, "");
}

unsigned long large_count(const struct tree *tree, const char *directory, const char *suffix)
{
	DIR *dir = fdopendir(open_directory(tree, directory));
	unsigned long count = 0;
	struct dirent *entry;

	if (!dir) {
		broken("cannot read '%s'", directory);
	}
	while ((entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);

		count += length >= strlen(suffix) &&
			 strcmp(entry->d_name + length - strlen(suffix), suffix) == 0;
	}
	closedir(dir);
	return count;
}
