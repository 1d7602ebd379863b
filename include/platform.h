/**
 * What differs between C libraries and kernels; no other part has an #ifdef.
 */

#ifndef PYCLEAN_PLATFORM_H
#define PYCLEAN_PLATFORM_H

#include <ftw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/** What a directory entry is. */
enum entry_type {
	ENTRY_UNKNOWN,
	ENTRY_FILE,
	ENTRY_DIRECTORY,
	ENTRY_LINK,
	ENTRY_OTHER,
};

/** @return The type for a mode of stat(2); never ENTRY_UNKNOWN. */
enum entry_type platform_type_of_mode(mode_t mode);

/**
 * Receives a directory entry, neither "." nor "..".
 *
 * @param type ENTRY_UNKNOWN, with fstatat(2)'s errno, if the entry cannot be asked about.
 * @return 0 to go on, -1 with errno set to stop.
 */
typedef int platform_entry_fn(void *context, const char *name, enum entry_type type);

/**
 * Reads a directory, asking about each entry whose type the directory does not tell; an entry that
 * is gone by then is left out.
 *
 * Linux: getdents64(2), which spares the allocation, the fstat and the fcntl of an fdopendir(3).
 *
 * @param fd A descriptor of the directory; it stays open, its offset is at the end afterwards.
 * @return 0, or -1 with errno: of the read, of the allocation, or as `each` left it.
 */
int platform_read_directory(int fd, platform_entry_fn *each, void *context);

/**
 * What the callback of platform_nftw() wants next, by glibc's FTW_ACTIONRETVAL. Without that (musl,
 * macOS, the BSDs) nothing is pruned, and the callback has to ignore what follows.
 */
enum walk_action {
	WALK_CONTINUE,
	/** Do not enter this directory. */
	WALK_PRUNE,
	/** Neither enter it nor report what comes after it in the same directory. */
	WALK_PRUNE_SIBLINGS,
	/** End the walk, which works everywhere. */
	WALK_STOP,
};

/** Whether a name is .nfsXXXX, NFS's for a file that was removed while a process held it open. */
bool platform_is_silly_name(const char *name);

/** Whether a directory has such files and nothing else. @param fd As platform_read_directory()'s. */
bool platform_has_only_silly_names(int fd);

/**
 * Writes all of a text to a descriptor, and waits with poll(2) where that does not block.
 *
 * @return 0, or -1 with errno.
 */
int platform_write(int fd, const char *text, size_t length);

/** Room for any path that platform_path_of() makes. */
enum {
	PLATFORM_PATH_SIZE = sizeof("/proc/self/fd//.") + 3 * sizeof(int)
};

/**
 * Makes a path that leads to an open directory, wherever that is and however long its own path.
 * Where the system has none (no /proc), the path leads nowhere, and nftw(3) fails at once.
 *
 * @return Its length.
 */
size_t platform_path_of(int fd, char out[PLATFORM_PATH_SIZE]);

/** nftw(3)'s callback; returns what platform_nftw_action() makes of a walk_action. */
typedef int platform_nftw_fn(const char *path, const struct stat *st, int type, struct FTW *ftw);

/**
 * nftw(3) that follows no link (FTW_PHYS) and reports a directory before its entries.
 *
 * @param max_open       How many directories it may hold open.
 * @param one_file_system Do not report what lies on another file system (FTW_MOUNT).
 * @return 0, or -1 where nftw abandoned the walk.
 */
int platform_nftw(const char *path, platform_nftw_fn *visit, int max_open, bool one_file_system);

/** The callback's return value for an action. */
int platform_nftw_action(enum walk_action action);

/**
 * Opens a directory by its name in another, without following a link.
 *
 * @return A descriptor for reading, closed on exec, or -1 with openat(2)'s errno.
 */
int platform_open_directory(int dirfd, const char *name);

/**
 * Opens a directory in which entries are looked up or removed, following links, even where it may
 * not be read.
 *
 * @param dirfd What a relative path starts from, or AT_FDCWD.
 * @return A descriptor for openat(2) and the like, closed on exec, or -1 with openat(2)'s errno.
 */
int platform_open_parent(int dirfd, const char *path);

/** Tells a directory from all others that exist at the same time; all zero is none. */
struct platform_identity {
	dev_t dev;
	ino_t ino;
};

/** @return What a descriptor is of, or none where fstat(2) fails. */
struct platform_identity platform_identify(int fd);

/** Whether a descriptor is of this directory; false for none. */
bool platform_is(int fd, struct platform_identity identity);

/** Closes a descriptor, unless it is -1, and keeps errno. */
void platform_close(int fd);

/** Whether an errno of platform_open_directory() says that the name is gone or no directory. */
bool platform_is_no_directory(int error);

/** A clock that is never set, in milliseconds; it costs little, and may lag by a few of them. */
uint64_t platform_milliseconds(void);

/** strerror(3), safe in threads. @return A text in static storage. */
const char *platform_strerror(int error);

#endif
