/** The differences between C libraries and kernels, and signals. Only platform.c has an #ifdef. */

#ifndef PYCLEAN_PLATFORM_H
#define PYCLEAN_PLATFORM_H

#include <dirent.h>
#include <ftw.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/** The type of a directory entry by readdir(3) and IFTODT(), which have further ones. */
enum entry_type {
	ENTRY_UNKNOWN = DT_UNKNOWN,
	ENTRY_FIFO = DT_FIFO,
	ENTRY_DIRECTORY = DT_DIR,
	ENTRY_FILE = DT_REG,
	ENTRY_LINK = DT_LNK,
};

struct timespec platform_mtime(const struct stat *st);

typedef int platform_entry_fn(void *context, const char *name, enum entry_type type);

/**
 * Reads a directory, without "." and "..". Outside Linux, a second descriptor is open meanwhile.
 *
 * @param fd   Stays open, with its offset at the end.
 * @param each Returns 0 to continue, -1 with errno to stop. The type is ENTRY_UNKNOWN, with
 *             fstatat(2)'s errno, if the entry exists but cannot be looked up.
 * @return 0, or -1 with errno: of the read, ENOMEM, or as set by `each`.
 */
int platform_read_directory(int fd, platform_entry_fn *each, void *context);

/** Writes a whole text; waits if the descriptor is non-blocking. @return 0, or -1 with errno. */
int platform_write(int fd, const char *text, size_t length);

/** Only glibc prunes (FTW_ACTIONRETVAL); elsewhere the callback must ignore pruned entries. */
enum walk_action {
	WALK_CONTINUE,
	/** Do not enter this directory. */
	WALK_PRUNE,
	/** Do not enter it, and do not report the rest of its parent. */
	WALK_PRUNE_SIBLINGS,
	WALK_STOP,
};

typedef int platform_nftw_fn(const char *path, const struct stat *st, int type, struct FTW *ftw);

/**
 * nftw(3) from an open directory, on one file system, without following links. Where open files
 * have no paths (Linux without /proc, most others), it fails at once.
 *
 * @param visit Returns a platform_nftw_action().
 * @return 0, or -1 if it abandoned the walk.
 */
int platform_nftw(int fd, platform_nftw_fn *visit, int max_open);
int platform_nftw_action(enum walk_action action);

/** Opens a directory for reading, unless it is a link. @return A descriptor, or -1 as openat(2). */
int platform_open_directory(int dirfd, const char *name);
/** The same to look up or remove entries; follows links, needs no permission to read. */
int platform_open_parent(int dirfd, const char *path);

/** Identifies a file among all that exist at the same time; all zero is none. */
struct platform_identity {
	dev_t dev;
	ino_t ino;
	enum entry_type type;
};

/** @return The identity of a name in `dirfd`, or of that if NULL; none with errno on failure. */
struct platform_identity platform_identify(int dirfd, const char *name, int flags);
/** Whether two files are the same; false for none. */
bool platform_is_same(struct platform_identity a, struct platform_identity b);

/** Opens a directory again, component by component of "" or "a/b/"; ESTALE if it is another. */
int platform_open_path(int dirfd, char *path, struct platform_identity identity);
/** Opens a directory at most `steps` levels above `fd` (or -1). @return Its descriptor, or -1. */
int platform_open_above(int fd, size_t steps, struct platform_identity identity);
/** Closes a descriptor, unless it is -1, and keeps errno. */
void platform_close(int fd);
/** Whether an errno of openat(2) means that the name is gone, or is now a file or a link. */
bool platform_is_no_directory(int error);

/** wcwidth(3) for a Unicode character, whatever the locale; -1 if the system does not know it. */
int platform_wcwidth(wchar_t character);

/**
 * Handles SIGINT, SIGTERM and SIGHUP, unless ignored (nohup(1)). A second one kills the program.
 *
 * @return A variable that is 0 until a signal arrives, then its number.
 */
const atomic_int *signals_install(void);

/** Ends the program by the signal that has arrived; returns if none has. */
void signals_die(void);
/** Writes a constant text, or nothing for NULL, to stderr when SIGTSTP (^Z) stops the program. */
void signals_write_on_stop(const char *text);

#endif
