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

#ifdef __GLIBC__
typedef struct dirent64 entry;
#else
typedef struct dirent entry;
#endif

/* A build with PORTABLE=1 reads with readdir, or readdir64 if files may be large. */
static void *read_by(const char *function, DIR *directory)
{
	entry *(*real)(DIR *) = NULL;
	entry *e;

	*(void **)&real = dlsym(RTLD_NEXT, function);
	e = real(directory);
	if (e) {
		e->d_type = DT_UNKNOWN;
		testify("x", 1);
	}
	return e;
}

static ssize_t read_entries(int fd, void *buffer, size_t length)
{
	ssize_t used = syscall(SYS_getdents64, fd, buffer, length);

	for (ssize_t at = 0; at < used;) {
		entry *e = (void *)((char *)buffer + at);

		e->d_type = DT_UNKNOWN;
		at += e->d_reclen;
		testify("x", 1);
	}
	return used;
}

/* On 32 bits glibc's headers make readdir64 of this. */
#if !defined(__GLIBC__) || !defined(_FILE_OFFSET_BITS)
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): only glibc has another */
struct dirent *readdir(DIR *directory)
{
	return read_by("readdir", directory);
}
#endif

#ifdef __GLIBC__
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): only glibc has another */
struct dirent64 *readdir64(DIR *directory)
{
	return read_by("readdir64", directory);
}

ssize_t getdents64(int fd, void *buffer, size_t length)
{
	return read_entries(fd, buffer, length);
}
#else
int getdents(int fd, struct dirent *buffer, size_t length)
{
	return (int)read_entries(fd, buffer, length);
}
#endif
