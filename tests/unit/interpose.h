/**
 * Stands between the code under test and the C library: a test can have calls of its own made in
 * place of some functions, which may fail, lie, or change the tree meanwhile.
 *
 * The unit tests are linked with ld's --wrap for each of these functions (see the Makefile). A
 * call goes straight through unless a test has asked for something else. Calls that the C library
 * makes itself, nftw's for one, are not seen.
 *
 * Threads may call an interposed function at the same time, and neither cmocka nor scratch.h knows
 * of threads: what stands in must use neither.
 */

#ifndef TESTS_INTERPOSE_H
#define TESTS_INTERPOSE_H

#include <ftw.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

typedef int nftw_visit(const char *path, const struct stat *st, int type, struct FTW *ftw);

/** What is called in place of a function; NULL for the function itself. */
struct interposed {
	int (*nftw)(const char *path, nftw_visit *visit, int max_open, int flags);
	/** getdents64(2), by whichever name the C library calls it. */
	ssize_t (*getdents)(int fd, void *buffer, size_t size);
	int (*openat)(int dirfd, const char *name, int flags);
	int (*unlinkat)(int dirfd, const char *name, int flags);
	int (*fstat)(int fd, struct stat *st);
	int (*fstatat)(int dirfd, const char *name, struct stat *st, int flags);
	int (*clock_gettime)(clockid_t clock, struct timespec *time);
	int (*pthread_create)(pthread_t *thread, const pthread_attr_t *attributes,
			      void *(*start)(void *), void *context);
	/** Whether malloc, calloc, realloc, strdup, strndup or realpath gets its memory. */
	bool (*may_allocate)(void);
};

/** Puts functions in place until the test ends; NULL for none. */
void interpose(const struct interposed *functions);

/** The functions themselves. */
int real_nftw(const char *path, nftw_visit *visit, int max_open, int flags);
ssize_t real_getdents(int fd, void *buffer, size_t size);
int real_openat(int dirfd, const char *name, int flags);
int real_unlinkat(int dirfd, const char *name, int flags);
int real_fstat(int fd, struct stat *st);
int real_fstatat(int dirfd, const char *name, struct stat *st, int flags);
int real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
			void *context);
void *real_realloc(void *old, size_t size);

/** Has one call of what strikes fail, after so many others, with an errno. For one thread at a time. */
void strike_after(int before, int error);

/** Counts a call, a child's as well. @return Whether it is the one; then errno is set. */
bool strikes(void);

/** Whether it has come to that. */
bool has_struck(void);

/** Functions of which the one call fails. */
int striking_openat(int dirfd, const char *name, int flags);
int striking_unlinkat(int dirfd, const char *name, int flags);
int striking_fstat(int fd, struct stat *st);
int striking_fstatat(int dirfd, const char *name, struct stat *st, int flags);
ssize_t striking_getdents(int fd, void *buffer, size_t size);
bool striking_allocation(void);

/** Interposes on the allocations so that one of them fails, after so many others. */
void interpose_failing_allocation(int before);

#endif
