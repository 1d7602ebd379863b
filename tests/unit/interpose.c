#include "interpose.h"

#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __GLIBC__
# define GETDENTS_WRAPPED __wrap_getdents64
# define GETDENTS_REAL    __real_getdents64
#else
/* musl has the one name for both. */
# define GETDENTS_WRAPPED __wrap_getdents
# define GETDENTS_REAL    __real_getdents
#endif

int __real_nftw(const char *path, nftw_visit *visit, int max_open, int flags);
ssize_t GETDENTS_REAL(int fd, void *buffer, size_t size);
int __real_openat(int dirfd, const char *name, int flags, ...);
int __real_unlinkat(int dirfd, const char *name, int flags);
int __real_fstat(int fd, struct stat *st);
int __real_fstatat(int dirfd, const char *name, struct stat *st, int flags);
int __real_clock_gettime(clockid_t clock, struct timespec *time);
locale_t __real_newlocale(int mask, const char *name, locale_t base);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *context);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t length);
char *__real_realpath(const char *path, char *resolved);

int __wrap_nftw(const char *path, nftw_visit *visit, int max_open, int flags);
ssize_t GETDENTS_WRAPPED(int fd, void *buffer, size_t size);
int __wrap_openat(int dirfd, const char *name, int flags, ...);
int __wrap_unlinkat(int dirfd, const char *name, int flags);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_fstatat(int dirfd, const char *name, struct stat *st, int flags);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
locale_t __wrap_newlocale(int mask, const char *name, locale_t base);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *context);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t length);
char *__wrap_realpath(const char *path, char *resolved);

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
	return __real_nftw(path, visit, max_open, flags);
}

int __wrap_nftw(const char *path, nftw_visit *visit, int max_open, int flags)
{
	return (interposed.nftw ? interposed.nftw : __real_nftw)(path, visit, max_open, flags);
}

ssize_t real_getdents(int fd, void *buffer, size_t size)
{
	return GETDENTS_REAL(fd, buffer, size);
}

ssize_t GETDENTS_WRAPPED(int fd, void *buffer, size_t size)
{
	return (interposed.getdents ? interposed.getdents : real_getdents)(fd, buffer, size);
}

int real_openat(int dirfd, const char *name, int flags)
{
	return __real_openat(dirfd, name, flags);
}

int __wrap_openat(int dirfd, const char *name, int flags, ...)
{
	if (flags & O_CREAT) {
		va_list arguments;
		mode_t mode;

		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
		return __real_openat(dirfd, name, flags, mode);
	}
	return (interposed.openat ? interposed.openat : real_openat)(dirfd, name, flags);
}

int real_unlinkat(int dirfd, const char *name, int flags)
{
	return __real_unlinkat(dirfd, name, flags);
}

int __wrap_unlinkat(int dirfd, const char *name, int flags)
{
	return (interposed.unlinkat ? interposed.unlinkat : __real_unlinkat)(dirfd, name, flags);
}

int real_fstat(int fd, struct stat *st)
{
	return __real_fstat(fd, st);
}

int __wrap_fstat(int fd, struct stat *st)
{
	return (interposed.fstat ? interposed.fstat : __real_fstat)(fd, st);
}

int real_fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	return __real_fstatat(dirfd, name, st, flags);
}

int __wrap_fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	return (interposed.fstatat ? interposed.fstatat : __real_fstatat)(dirfd, name, st, flags);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	return (interposed.clock_gettime ? interposed.clock_gettime : __real_clock_gettime)(clock,
											    time);
}

locale_t __wrap_newlocale(int mask, const char *name, locale_t base)
{
	return (interposed.newlocale ? interposed.newlocale : __real_newlocale)(mask, name, base);
}

int real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
			void *context)
{
	return __real_pthread_create(thread, attributes, start, context);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *context)
{
	return (interposed.pthread_create ? interposed.pthread_create : __real_pthread_create)(
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

void *__wrap_malloc(size_t size)
{
	return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *real_realloc(void *old, size_t size)
{
	return __real_realloc(old, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return may_allocate() ? __real_realloc(old, size) : NULL;
}

char *__wrap_strdup(const char *text)
{
	return may_allocate() ? __real_strdup(text) : NULL;
}

char *__wrap_strndup(const char *text, size_t length)
{
	return may_allocate() ? __real_strndup(text, length) : NULL;
}

char *__wrap_realpath(const char *path, char *resolved)
{
	return may_allocate() ? __real_realpath(path, resolved) : NULL;
}

bool countdown_strikes(struct countdown *countdown)
{
	if (countdown->left-- != 0) {
		return false;
	}
	countdown->struck = true;
	return true;
}

static struct countdown allocations;

static bool is_not_the_one(void)
{
	return !countdown_strikes(&allocations);
}

const struct countdown *interpose_failing_allocation(int before)
{
	interpose(&(const struct interposed){ .may_allocate = is_not_the_one });
	allocations = (struct countdown){ .left = before };
	return &allocations;
}
