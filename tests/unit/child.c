#include "child.h"

#include "tests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	/** How long a child may take, in seconds. */
	TIME_LIMIT = 300,
	TIME_LIMIT_SLOW = 1200,
	/** What the child ends with where it cannot begin. */
	NOT_STARTED = 127,
};

/** @return The descriptor of a new file without a name. */
static int nameless_file(void)
{
	FILE *file = tmpfile();
	int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1;

	if (fd < 0) {
		broken("cannot make a file");
	}
	fclose(file);
	return fd;
}

/** Empties a file, which is made at the first time: one for each child would be slow. */
static int emptied(int *fd)
{
	if (*fd < 0) {
		*fd = nameless_file();
	}
	/* A child may have set other flags. */
	if (ftruncate(*fd, 0) != 0 || lseek(*fd, 0, SEEK_SET) != 0 || fcntl(*fd, F_SETFL, 0) != 0) {
		broken("cannot empty a file");
	}
	return *fd;
}

/** Reads a file. */
static char *read_all(int fd, size_t *length)
{
	struct stat st;
	char *text;

	if (fstat(fd, &st) != 0) {
		broken("cannot stat what a child wrote");
	}
	text = scratch_alloc((size_t)st.st_size + 1);
	if (pread(fd, text, (size_t)st.st_size, 0) != st.st_size) {
		broken("cannot read what a child wrote");
	}
	*length = (size_t)st.st_size;
	return text;
}

const struct outcome *in_child(int (*act)(void *context), void *context)
{
	static int out_file = -1;
	static int err_file = -1;
	struct outcome *outcome = scratch_alloc(sizeof(*outcome));
	int out = emptied(&out_file);
	int err = emptied(&err_file);
	int state = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		broken("cannot fork");
	}
	if (pid == 0) {
		if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0) {
			_exit(NOT_STARTED);
		}
		close(out);
		close(err);
		alarm(tests_are_slow() ? TIME_LIMIT_SLOW : TIME_LIMIT);
		exit(act(context));
	}
	while (waitpid(pid, &state, 0) != pid) {
		if (errno != EINTR) {
			broken("cannot wait for a child");
		}
	}
	outcome->command = "(in a child)";
	outcome->status = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
	outcome->signal = WIFSIGNALED(state) ? WTERMSIG(state) : 0;
	outcome->out = read_all(out, &outcome->out_length);
	outcome->err = read_all(err, &outcome->err_length);
	return outcome;
}

struct mapping {
	void *start;
	size_t size;
};

static void unmap(void *object)
{
	const struct mapping *mapping = object;

	munmap(mapping->start, mapping->size);
}

void *shared_alloc(size_t size)
{
	struct mapping *mapping = scratch_alloc(sizeof(*mapping));

	mapping->size = size;
	mapping->start =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (mapping->start == MAP_FAILED) {
		broken("cannot share %zu bytes", size);
	}
	scratch_defer(unmap, mapping);
	return mapping->start;
}

size_t count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	if (!dir) {
		fprintf(stderr, "cannot count descriptors\n");
		abort();
	}
	while (readdir(dir)) {
		count++;
	}
	closedir(dir);
	/* ".", ".." and the one of opendir(). */
	return count - 3;
}

void limit_descriptors(size_t limit)
{
	struct rlimit rlimit = { 0, 0 };
	int result = getrlimit(RLIMIT_NOFILE, &rlimit);

	rlimit.rlim_cur = limit;
	if (result != 0 || setrlimit(RLIMIT_NOFILE, &rlimit) != 0) {
		perror("cannot limit descriptors");
		abort();
	}
}
