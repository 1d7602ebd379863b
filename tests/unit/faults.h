/**
 * Ready-made stand-ins for interpose.h: directories that do not tell types, or fail half-way, and
 * names that are refused. What they do is set beforehand; a forked child inherits it.
 */

#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include "interpose.h"
#include "tree.h"

#include <stddef.h>
#include <sys/types.h>

/** getdents that gives DT_UNKNOWN for every entry, as some file systems do. */
ssize_t typeless_getdents(int fd, void *buffer, size_t size);

/** Has half_way_getdents() fail on one directory, with an errno, after its first entries. */
void fail_half_way(const struct tree *tree, const char *path, int error);

ssize_t half_way_getdents(int fd, void *buffer, size_t size);

/** getdents that gives an entry called `last_name` after all others. */
ssize_t last_getdents(int fd, void *buffer, size_t size);
extern const char *last_name;

/** Has mounted_fstat() and mounted_fstatat() tell that an entry is on another file system. */
void pretend_mount(const struct tree *tree, const char *path);

int mounted_fstat(int fd, struct stat *st);
int mounted_fstatat(int dirfd, const char *name, struct stat *st, int flags);

/** nftw that reports nothing and fails, with this errno. */
int failing_nftw(const char *path, nftw_visit *visit, int max_open, int flags);
extern int failing_nftw_error;

/** What the refusing functions refuse, with the errno: names, ended by NULL. */
void refuse(const char *const *names, int error);

/** refuse() of the names as arguments. */
#define REFUSE(error, ...) refuse(WORDS(__VA_ARGS__), error)

int refusing_openat(int dirfd, const char *name, int flags);
int refusing_unlinkat(int dirfd, const char *name, int flags);
int refusing_fstatat(int dirfd, const char *name, struct stat *st, int flags);

#endif
