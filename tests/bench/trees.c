/*
 * Makes the trees of the benchmark.
 *
 *	trees tiny DIR		a project of ten files
 *	trees sparse DIR	150,000 entries, 15,000 of them directories, a hundred of these caches
 *	trees wide DIR		one directory with a source and 200,000 *.pyc
 *	trees deep DIR		fifty chains of 200 levels, a cache at every level
 *	trees copies N FROM DIR	N copies of FROM, side by side
 *
 * DIR must not exist. Bytecode has contents, so that its removal gives memory or blocks back; all
 * other files, which no contender reads, are holes of their length. A directory is filled as in
 * life: sources first, in the order of their names, then what an interpreter added to them.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	BYTECODE_SIZE = 2048,
	SOURCE_SIZE = 6000,

	SPARSE_DIRECTORIES = 15000,
	SPARSE_CACHES = 100,
	SPARSE_FILES = 9, /* in each directory: 15,000 * (1 + 9) = 150,000 entries */
	SPARSE_FANOUT = 8,

	WIDE_FILES = 200000,

	DEEP_CHAINS = 50,
	DEEP_LEVELS = 200,
};

static bool is_bytecode(const char *name)
{
	const char *suffix = strrchr(name, '.');

	return suffix && (strcmp(suffix, ".pyc") == 0 || strcmp(suffix, ".pyo") == 0);
}

/* Makes the directory NAME of PARENT; returns its descriptor. */
static int make_directory(int parent, const char *name)
{
	int fd;

	if (mkdirat(parent, name, 0755) < 0) {
		err(1, "mkdir %s", name);
	}
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		err(1, "open %s", name);
	}
	return fd;
}

/* Makes the file NAME of PARENT; returns its descriptor. */
static int make_file(int parent, const char *name)
{
	int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0) {
		err(1, "create %s", name);
	}
	return fd;
}

static void write_all(int fd, const char *bytes, size_t length, const char *name)
{
	if (write(fd, bytes, length) != (ssize_t)length) {
		err(1, "write %s", name);
	}
}

static void set_length(int fd, off_t length, const char *name)
{
	if (ftruncate(fd, length) < 0) {
		err(1, "truncate %s", name);
	}
}

/* Makes a file that the name calls for: bytecode with contents, any other a hole. */
static void add_file(int parent, const char *name)
{
	static const char bytecode[BYTECODE_SIZE] = "\xa7\x0d\r\n";
	int fd = make_file(parent, name);

	if (is_bytecode(name)) {
		write_all(fd, bytecode, sizeof(bytecode), name);
	} else {
		set_length(fd, SOURCE_SIZE, name);
	}
	close(fd);
}

/* Makes COUNT files, numbered modules with the ENDING. */
static void add_modules(int parent, const char *ending, int count)
{
	for (int i = 0; i < count; i++) {
		char name[64];

		snprintf(name, sizeof(name), "module_%06d%s", i, ending);
		add_file(parent, name);
	}
}

static void add_cache(int parent, int count)
{
	int cache = make_directory(parent, "__pycache__");

	add_modules(cache, ".cpython-311.pyc", count);
	close(cache);
}

static void make_tiny(int top)
{
	int package = make_directory(top, "package");

	add_file(top, "setup.py");
	add_file(top, "old.pyc");
	add_modules(package, ".py", 4);
	add_cache(package, 4);
	close(package);
}

/*
 * Fills a directory of the sparse tree and makes those below it. NUMBER is that of a node in a tree
 * of SPARSE_FANOUT children a node, counted level by level from the operand, so its children follow
 * from it.
 */
static void fill_sparse(int fd, int number)
{
	const int plain = SPARSE_DIRECTORIES - SPARSE_CACHES;
	const int stride = plain / SPARSE_CACHES;

	if (number > 0) {
		add_modules(fd, ".py", SPARSE_FILES);
	}
	for (int i = 1; i <= SPARSE_FANOUT; i++) {
		int child = number * SPARSE_FANOUT + i;
		char name[32];
		int child_fd;

		if (child > plain) {
			break;
		}
		snprintf(name, sizeof(name), "part_%05d", child);
		child_fd = make_directory(fd, name);
		fill_sparse(child_fd, child);
		close(child_fd);
	}
	if (number % stride == 1 && number / stride < SPARSE_CACHES) {
		add_cache(fd, SPARSE_FILES);
	}
}

static void make_sparse(int top)
{
	fill_sparse(top, 0);
}

static void make_wide(int top)
{
	int wide = make_directory(top, "wide");

	add_file(wide, "module.py"); /* git sees only directories in which it tracks something */
	add_modules(wide, ".pyc", WIDE_FILES);
	close(wide);
}

/* Fills a directory of a chain that has LEVELS more below it, and makes these. */
static void fill_chain(int fd, int levels)
{
	add_modules(fd, ".py", 1);
	if (levels > 0) {
		int next = make_directory(fd, "part");

		fill_chain(next, levels - 1);
		close(next);
	}
	add_cache(fd, 1);
}

static void make_deep(int top)
{
	for (int i = 0; i < DEEP_CHAINS; i++) {
		char name[32];
		int chain;

		snprintf(name, sizeof(name), "chain_%02d", i);
		chain = make_directory(top, name);
		fill_chain(chain, DEEP_LEVELS - 1);
		close(chain);
	}
}

static bool is_made_last(const char *name)
{
	return is_bytecode(name) || strcmp(name, "__pycache__") == 0;
}

/* Orders two entries as they were made: bytecode after the rest, and both by name. */
static int by_making(const struct dirent **left, const struct dirent **right)
{
	const char *a = (*left)->d_name;
	const char *b = (*right)->d_name;

	if (is_made_last(a) != is_made_last(b)) {
		return is_made_last(a) ? 1 : -1;
	}
	return strcmp(a, b);
}

/* Leaves out the directory itself and its parent. */
static int is_below(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

/* Copies the contents of the file NAME, which has LENGTH bytes. */
static void copy_contents(int from, int out, off_t length, const char *name)
{
	static char buffer[256 * 1024];
	int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (in < 0) {
		err(1, "open %s", name);
	}
	while (length > 0) {
		ssize_t part = read(in, buffer, sizeof(buffer));

		if (part <= 0) {
			err(1, "read %s", name);
		}
		write_all(out, buffer, (size_t)part, name);
		length -= part;
	}
	close(in);
}

/* Copies the file NAME: its contents when it is bytecode, otherwise only its length. */
static void copy_file(int from, int to, const char *name)
{
	int out = make_file(to, name);
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		err(1, "stat %s", name);
	}
	if (is_bytecode(name)) {
		copy_contents(from, out, st.st_size, name);
	} else {
		set_length(out, st.st_size, name);
	}
	close(out);
}

/* Copies what is in the directory FROM into the directory TO. */
static void copy_directory(int from, int to)
{
	struct dirent **entries;
	int count = scandirat(from, ".", &entries, is_below, by_making);

	if (count < 0) {
		err(1, "scandir");
	}
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (entries[i]->d_type == DT_DIR) {
			int below =
				openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			int copy = make_directory(to, name);

			if (below < 0) {
				err(1, "open %s", name);
			}
			copy_directory(below, copy);
			close(below);
			close(copy);
		} else {
			copy_file(from, to, name);
		}
		free(entries[i]);
	}
	free(entries);
}

/* Makes the copy NUMBER of the directory FROM in TOP. */
static void make_copy(int top, const char *from, int number)
{
	int fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[32];

	if (fd < 0) {
		err(1, "open %s", from);
	}
	snprintf(name, sizeof(name), "copy_%02d", number);
	copy_directory(fd, make_directory(top, name));
}

/* Makes COUNT copies of the directory FROM in TOP, as many at a time as there are processors. */
static void make_copies(int top, const char *from, int count)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int started = 0;

	for (int ended = 0; ended < count; ended++) {
		int status;

		for (; started < count && started - ended < processors; started++) {
			pid_t child = fork();

			if (child < 0) {
				err(1, "fork");
			}
			if (child == 0) {
				make_copy(top, from, started + 1);
				_exit(0);
			}
		}
		if (wait(&status) < 0 || status != 0) {
			errx(1, "a copy failed");
		}
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*make)(int top);
	} kinds[] = {
		{ "tiny", make_tiny },
		{ "sparse", make_sparse },
		{ "wide", make_wide },
		{ "deep", make_deep },
	};

	if (argc == 5 && strcmp(argv[1], "copies") == 0) {
		make_copies(make_directory(AT_FDCWD, argv[4]), argv[3],
			    (int)strtol(argv[2], NULL, 10));
		return 0;
	}
	for (size_t i = 0; argc == 3 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(argv[1], kinds[i].name) == 0) {
			kinds[i].make(make_directory(AT_FDCWD, argv[2]));
			return 0;
		}
	}
	errx(2, "usage: trees tiny|sparse|wide|deep DIR, or: trees copies N FROM DIR");
}
