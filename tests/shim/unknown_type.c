/*
 * A file system that does not tell the types of its entries: d_type is always DT_UNKNOWN.
 *
 * The file that PYCLEAN_WITNESS names is made when the library is loaded, and written to when it
 * has had something to hide, so that a test can tell whether it took part.
 */

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void testify(const char *text, size_t length)
{
	const char *path = getenv("PYCLEAN_WITNESS");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;

	if (fd >= 0) {
		if (write(fd, text, length) < 0) {
			abort();
		}
		close(fd);
	}
}

__attribute__((constructor)) static void loaded(void)
{
	testify("", 0);
}

/* A build with PORTABLE=1 reads with readdir, or readdir64 if files may be large. */
static void *read_by(const char *function, DIR *directory)
{
	struct dirent64 *(*real)(DIR *) = NULL;
	struct dirent64 *entry;

	*(void **)&real = dlsym(RTLD_NEXT, function);
	entry = real(directory);
	if (entry) {
		entry->d_type = DT_UNKNOWN;
		testify("x", 1);
	}
	return entry;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): only glibc has another */
struct dirent64 *readdir64(DIR *directory)
{
	return read_by("readdir64", directory);
}

/* On 32 bits the headers make readdir64 of this. */
#ifndef _FILE_OFFSET_BITS
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): only glibc has another */
struct dirent *readdir(DIR *directory)
{
	return read_by("readdir", directory);
}
#endif

ssize_t getdents64(int fd, void *buffer, size_t length)
{
	ssize_t used = syscall(SYS_getdents64, fd, buffer, length);

	for (ssize_t at = 0; at < used;) {
		struct dirent64 *entry = (void *)((char *)buffer + at);

		entry->d_type = DT_UNKNOWN;
		at += entry->d_reclen;
		testify("x", 1);
	}
	return used;
}
