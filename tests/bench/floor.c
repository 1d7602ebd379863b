/*
 * The floor of the benchmark: what the kernel alone asks for cleaning a tree.
 *
 *	floor DIR	removes every __pycache__ below DIR, whole, and every other *.pyc and *.pyo
 *	floor -n DIR	takes the same way, reads the same directories and removes nothing
 *
 * One thread; openat, getdents64, unlinkat and close, and next to nothing between them. It is a
 * yardstick and not a tool: it skips no version control and no virtual environment, counts and
 * prints nothing, takes d_type at its word (a file system without it is not cleaned), holds a
 * descriptor for each level, and gives up at the first failure.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	BUFFER_SIZE = 32 * 1024,
	LEVELS_MAX = 1000
};

/* What getdents64(2) fills in. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

static bool dry_run;

/* A buffer for each level, kept from one directory to the next of that level. */
static char *buffers[LEVELS_MAX];

/* Tells whether NAME is that of a stray bytecode file: STEM.pyc or STEM.pyo. */
static bool is_stray(const char *name)
{
	size_t length = strlen(name);
	const char *suffix;

	if (length <= strlen(".pyc")) {
		return false;
	}
	suffix = name + length - strlen(".pyc");
	return memcmp(suffix, ".py", 3) == 0 && (suffix[3] == 'c' || suffix[3] == 'o');
}

/* Tells whether NAME is the directory itself or its parent. */
static bool is_dot(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static void sweep(int parent, const char *name, int level, bool in_cache);

/*
 * Does what is to be done about E, an entry of FD, which stands LEVEL levels below the operand.
 * Within a cache everything goes, elsewhere caches and strays.
 */
static inline void visit(int fd, const struct entry *e, int level, bool in_cache)
{
	bool goes = in_cache;
	int flags = 0;

	if (e->type == DT_DIR) {
		if (is_dot(e->name)) {
			return;
		}
		goes = goes || strcmp(e->name, "__pycache__") == 0;
		flags = AT_REMOVEDIR;
		sweep(fd, e->name, level + 1, goes);
	} else {
		goes = goes || is_stray(e->name);
	}
	if (goes && !dry_run && unlinkat(fd, e->name, flags) < 0) {
		err(1, "unlinkat %s", e->name);
	}
}

/* Visits all that is in the directory NAME of the directory PARENT. */
static void sweep(int parent, const char *name, int level, bool in_cache)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	long length;

	if (fd < 0 || level >= LEVELS_MAX) {
		err(1, "openat %s", name);
	}
	if (!buffers[level] && !(buffers[level] = malloc(BUFFER_SIZE))) {
		err(1, "malloc");
	}
	while ((length = syscall(SYS_getdents64, fd, buffers[level], BUFFER_SIZE)) > 0) {
		const struct entry *e;

		for (long at = 0; at < length; at += e->length) {
			e = (const void *)(buffers[level] + at);
			visit(fd, e, level, in_cache);
		}
	}
	if (length < 0) {
		err(1, "getdents64 %s", name);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	dry_run = argc == 3 && strcmp(argv[1], "-n") == 0;
	if (argc != 2 + dry_run) {
		errx(2, "usage: floor [-n] DIR");
	}
	sweep(AT_FDCWD, argv[1 + dry_run], 0, false);
	return 0;
}
