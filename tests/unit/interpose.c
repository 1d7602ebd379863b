#include "interpose.h"

#include "child.h"
#include "tests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * glibc's headers rename some functions where offsets have 64 bits, and again where times have on a
 * machine of 32 bits. The linker wraps the names that the objects have.
 */
#if defined(__GLIBC__) && defined(_FILE_OFFSET_BITS) && _FILE_OFFSET_BITS == 64
# define OPENAT  openat64
# define READDIR readdir64
# if __TIMESIZE == 32 && defined(_TIME_BITS) && _TIME_BITS == 64
#  define NFTW          __nftw64_time64
#  define FSTAT         __fstat64_time64
#  define FSTATAT       __fstatat64_time64
#  define CLOCK_GETTIME __clock_gettime64
# else
#  define NFTW          nftw64
#  define FSTAT         fstat64
#  define FSTATAT       fstatat64
#  define CLOCK_GETTIME clock_gettime
# endif
#else
# define OPENAT        openat
# define READDIR       readdir
# define NFTW          nftw
# define FSTAT         fstat
# define FSTATAT       fstatat
# define CLOCK_GETTIME clock_gettime
#endif

/* Before glibc 2.33 fstat and fstatat only call these, often inline. */
#if defined(__GLIBC__) && __GLIBC__ == 2 && __GLIBC_MINOR__ < 33
# if defined(_FILE_OFFSET_BITS) && _FILE_OFFSET_BITS == 64
#  define FXSTAT   __fxstat64
#  define FXSTATAT __fxstatat64
# else
#  define FXSTAT   __fxstat
#  define FXSTATAT __fxstatat
# endif
#endif

/* The name of the wrapped function, and of the one that replaces it. */
#define PASTE(a, b) a##b
#define REAL(name)  PASTE(__real_, name)
#define WRAP(name)  PASTE(__wrap_, name)

int REAL(NFTW)(const char *path, nftw_visit *visit, int max_open, int flags);
int REAL(OPENAT)(int dirfd, const char *name, int flags, ...);
int REAL(unlinkat)(int dirfd, const char *name, int flags);
int REAL(FSTAT)(int fd, struct stat *st);
int REAL(FSTATAT)(int dirfd, const char *name, struct stat *st, int flags);
int REAL(CLOCK_GETTIME)(clockid_t clock, struct timespec *time);
DIR *REAL(fdopendir)(int fd);
struct dirent *REAL(READDIR)(DIR *directory);
int REAL(pthread_create)(pthread_t *thread, const pthread_attr_t *attributes,
			 void *(*start)(void *), void *context);
void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *old, size_t size);
char *REAL(strdup)(const char *text);
char *REAL(strndup)(const char *text, size_t length);
char *REAL(realpath)(const char *path, char *resolved);

int WRAP(NFTW)(const char *path, nftw_visit *visit, int max_open, int flags);
int WRAP(OPENAT)(int dirfd, const char *name, int flags, ...);
int WRAP(unlinkat)(int dirfd, const char *name, int flags);
int WRAP(FSTAT)(int fd, struct stat *st);
int WRAP(FSTATAT)(int dirfd, const char *name, struct stat *st, int flags);
int WRAP(CLOCK_GETTIME)(clockid_t clock, struct timespec *time);
DIR *WRAP(fdopendir)(int fd);
struct dirent *WRAP(READDIR)(DIR *directory);
int WRAP(pthread_create)(pthread_t *thread, const pthread_attr_t *attributes,
			 void *(*start)(void *), void *context);
void *WRAP(malloc)(size_t size);
void *WRAP(calloc)(size_t count, size_t size);
void *WRAP(realloc)(void *old, size_t size);
char *WRAP(strdup)(const char *text);
char *WRAP(strndup)(const char *text, size_t length);
char *WRAP(realpath)(const char *path, char *resolved);
/* What fortified headers make of openat. */
int __wrap___openat_2(int dirfd, const char *name, int flags);
int __wrap___openat64_2(int dirfd, const char *name, int flags);
ssize_t __wrap_getdents(int fd, void *buffer, size_t size);
ssize_t __wrap_getdents64(int fd, void *buffer, size_t size);

static struct interposed interposed;

static void remove_all(void *object)
{
	(void)object;
	interposed = (struct interposed){ 0 };
}

void interpose(const struct interposed *functions)
{
	remove_all(NULL);
	if (functions) {
		scratch_defer(remove_all, NULL);
		interposed = *functions;
	}
}

int real_nftw(const char *path, nftw_visit *visit, int max_open, int flags)
{
	return REAL(NFTW)(path, visit, max_open, flags);
}

int WRAP(NFTW)(const char *path, nftw_visit *visit, int max_open, int flags)
{
	return (interposed.nftw ? interposed.nftw : REAL(NFTW))(path, visit, max_open, flags);
}

ssize_t real_getdents(int fd, void *buffer, size_t size)
{
	return syscall(SYS_getdents64, fd, buffer, size);
}

static ssize_t read_entries(int fd, void *buffer, size_t size)
{
	return (interposed.getdents ? interposed.getdents : real_getdents)(fd, buffer, size);
}

ssize_t __wrap_getdents(int fd, void *buffer, size_t size)
{
	return read_entries(fd, buffer, size);
}

ssize_t __wrap_getdents64(int fd, void *buffer, size_t size)
{
	return read_entries(fd, buffer, size);
}

/** What readdir gives of one directory at a time while getdents is interposed. */
static _Thread_local struct {
	DIR *directory;
	_Alignas(struct dirent) char buffer[4096];
	ssize_t length;
	ssize_t at;
} reading;

DIR *WRAP(fdopendir)(int fd)
{
	DIR *directory = REAL(fdopendir)(fd);

	reading.directory = directory;
	reading.length = reading.at = 0;
	return directory;
}

struct dirent *WRAP(READDIR)(DIR *directory)
{
	struct dirent *entry = NULL;

	if (!interposed.getdents) {
		return REAL(READDIR)(directory);
	}
	if (directory != reading.directory) {
		abort();
	}
	if (reading.at == reading.length) {
		reading.length =
			read_entries(dirfd(directory), reading.buffer, sizeof(reading.buffer));
		reading.at = 0;
	}
	if (reading.at < reading.length) {
		entry = (void *)(reading.buffer + reading.at);
		reading.at += entry->d_reclen;
	}
	return entry;
}

int real_openat(int dirfd, const char *name, int flags)
{
	return REAL(OPENAT)(dirfd, name, flags);
}

int WRAP(OPENAT)(int dirfd, const char *name, int flags, ...)
{
	if (flags & O_CREAT) {
		va_list arguments;
		mode_t mode;

		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
		return REAL(OPENAT)(dirfd, name, flags, mode);
	}
	return (interposed.openat ? interposed.openat : real_openat)(dirfd, name, flags);
}

int __wrap___openat_2(int dirfd, const char *name, int flags)
{
	return WRAP(OPENAT)(dirfd, name, flags);
}

int __wrap___openat64_2(int dirfd, const char *name, int flags)
{
	return WRAP(OPENAT)(dirfd, name, flags);
}

int real_unlinkat(int dirfd, const char *name, int flags)
{
	return REAL(unlinkat)(dirfd, name, flags);
}

int WRAP(unlinkat)(int dirfd, const char *name, int flags)
{
	return (interposed.unlinkat ? interposed.unlinkat : REAL(unlinkat))(dirfd, name, flags);
}

int WRAP(FSTAT)(int fd, struct stat *st)
{
	return (interposed.fstat ? interposed.fstat : real_fstat)(fd, st);
}

int WRAP(FSTATAT)(int dirfd, const char *name, struct stat *st, int flags)
{
	return (interposed.fstatat ? interposed.fstatat : real_fstatat)(dirfd, name, st, flags);
}

#ifdef FXSTAT

int REAL(FXSTAT)(int version, int fd, struct stat *st);
int REAL(FXSTATAT)(int version, int dirfd, const char *name, struct stat *st, int flags);
int WRAP(FXSTAT)(int version, int fd, struct stat *st);
int WRAP(FXSTATAT)(int version, int dirfd, const char *name, struct stat *st, int flags);

int real_fstat(int fd, struct stat *st)
{
	return REAL(FXSTAT)(_STAT_VER, fd, st);
}

int WRAP(FXSTAT)(int version, int fd, struct stat *st)
{
	(void)version;
	return WRAP(FSTAT)(fd, st);
}

int real_fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	return REAL(FXSTATAT)(_STAT_VER, dirfd, name, st, flags);
}

int WRAP(FXSTATAT)(int version, int dirfd, const char *name, struct stat *st, int flags)
{
	(void)version;
	return WRAP(FSTATAT)(dirfd, name, st, flags);
}

#else

int real_fstat(int fd, struct stat *st)
{
	return REAL(FSTAT)(fd, st);
}

int real_fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	return REAL(FSTATAT)(dirfd, name, st, flags);
}

#endif

int WRAP(CLOCK_GETTIME)(clockid_t clock, struct timespec *time)
{
	return (interposed.clock_gettime ? interposed.clock_gettime : REAL(CLOCK_GETTIME))(clock,
											   time);
}

int real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
			void *context)
{
	return REAL(pthread_create)(thread, attributes, start, context);
}

int WRAP(pthread_create)(pthread_t *thread, const pthread_attr_t *attributes,
			 void *(*start)(void *), void *context)
{
	return (interposed.pthread_create ? interposed.pthread_create : REAL(pthread_create))(
		thread, attributes, start, context);
}

/* ---- Memory --------------------------------------------------------------------------------- */

static bool may_allocate(void)
{
	if (interposed.may_allocate && !interposed.may_allocate()) {
		errno = ENOMEM;
		return false;
	}
	return true;
}

void *WRAP(malloc)(size_t size)
{
	return may_allocate() ? REAL(malloc)(size) : NULL;
}

void *WRAP(calloc)(size_t count, size_t size)
{
	return may_allocate() ? REAL(calloc)(count, size) : NULL;
}

void *real_realloc(void *old, size_t size)
{
	return REAL(realloc)(old, size);
}

void *WRAP(realloc)(void *old, size_t size)
{
	return may_allocate() ? REAL(realloc)(old, size) : NULL;
}

char *WRAP(strdup)(const char *text)
{
	return may_allocate() ? REAL(strdup)(text) : NULL;
}

char *WRAP(strndup)(const char *text, size_t length)
{
	return may_allocate() ? REAL(strndup)(text, length) : NULL;
}

char *WRAP(realpath)(const char *path, char *resolved)
{
	return may_allocate() ? REAL(realpath)(path, resolved) : NULL;
}

/* ---- One call ------------------------------------------------------------------------------- */

/** Shared with children. */
static struct {
	int left;
	int error;
	bool struck;
} * strike;

void strike_after(int before, int error)
{
	strike = shared_alloc(sizeof(*strike));
	strike->left = before;
	strike->error = error;
}

bool strikes(void)
{
	if (strike->left-- != 0) {
		return false;
	}
	strike->struck = true;
	errno = strike->error;
	return true;
}

bool has_struck(void)
{
	return strike->struck;
}

int striking_openat(int dirfd, const char *name, int flags)
{
	return strikes() ? -1 : real_openat(dirfd, name, flags);
}

int striking_unlinkat(int dirfd, const char *name, int flags)
{
	return strikes() ? -1 : real_unlinkat(dirfd, name, flags);
}

int striking_fstat(int fd, struct stat *st)
{
	return strikes() ? -1 : real_fstat(fd, st);
}

int striking_fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	return strikes() ? -1 : real_fstatat(dirfd, name, st, flags);
}

ssize_t striking_getdents(int fd, void *buffer, size_t size)
{
	return strikes() ? -1 : real_getdents(fd, buffer, size);
}

bool striking_allocation(void)
{
	return !strikes();
}

void interpose_failing_allocation(int before)
{
	strike_after(before, ENOMEM);
	interpose(&(const struct interposed){ .may_allocate = striking_allocation });
}
