/**
 * Trees for the program to work on: made from a short description below a directory of their own,
 * listed so that two states can be compared, and destroyed with the test.
 *
 * An entry of a description is a path, written as `ls -F` marks it; the directories that lead to it
 * are made as well:
 *
 *     "pkg/a.py"           a file; its content is its own path, so that no two files are alike
 *     "pkg/__pycache__/"   a directory
 *     "link -> target"     a symbolic link
 *     "x.pyc|"             a FIFO
 *     "x.pyc="             a socket
 */

#ifndef TESTS_TREE_H
#define TESTS_TREE_H

#include "scratch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** A tree; all its paths are relative to `path`. */
struct tree {
	char *path;
	int fd;
};

/** Makes a tree below $TMPDIR or /tmp; `entries` ends with NULL. It goes when the test ends. */
struct tree *tree_make(const char *const entries[]);

/** tree_make() of the entries as arguments. */
#define TREE(...) tree_make(WORDS(__VA_ARGS__))

/** A directory of a tree, made where there is none, as a tree that ends with the test. */
const struct tree *tree_below(const struct tree *tree, const char *path);

/** Adds one described entry. */
void tree_add(const struct tree *tree, const char *entry);

/** Adds the described entries, ended by NULL. */
void tree_add_all(const struct tree *tree, const char *const entries[]);

/** tree_add_all() of the entries as arguments. */
#define ADD(tree, ...) tree_add_all(tree, WORDS(__VA_ARGS__))

/** Adds a file with any name and content. */
void tree_write(const struct tree *tree, const char *path, const void *content, size_t length);

/** Adds a file with any name; its content is its path. */
void tree_add_file(const struct tree *tree, const char *path);

/** Adds a directory with any name. */
void tree_add_directory(const struct tree *tree, const char *path);

/** Adds a link with any name and target. */
void tree_add_link(const struct tree *tree, const char *path, const char *target);

/** Adds a FIFO ('|') or a socket ('=') with any name. */
void tree_add_special(const struct tree *tree, const char *path, char type);

/** Makes an empty file in a directory that is open. */
void tree_make_file(int dirfd, const char *name);

/** Changes the permissions of an entry. */
void tree_chmod(const struct tree *tree, const char *path, mode_t mode);

/** Makes all of the tree another user's. */
void tree_give(const struct tree *tree, uid_t uid, gid_t gid);

/** Whether there is such an entry; links are not followed. */
bool tree_has(const struct tree *tree, const char *path);

/** An absolute path below the tree. */
char *tree_path(const struct tree *tree, const char *path);

/** What the removal of an entry gives back by stat(2), in bytes. */
uint64_t tree_bytes(const struct tree *tree, const char *path);

/**
 * Makes `levels` directories, each in the one before, without ever using a path.
 *
 * @param name What each is called.
 * @param each Called with the descriptor of every level (1, 2, …) and its number; may be NULL.
 */
void tree_add_chain(const struct tree *tree, const char *name, int levels,
		    void (*each)(int fd, int level));

/** One entry of a listed tree. */
struct tree_entry {
	/** As in a description: '/', '|', '=', '@' for a link, '*' for a device, ' ' for a file. */
	char type;
	mode_t mode;
	const char *path;
	/** A hash of a file's content or a link's target. */
	uint64_t content;
};

/** A listed tree, sorted by path. */
struct tree_listing {
	struct tree_entry *entries;
	size_t count;
};

/** Lists all of a tree. */
struct tree_listing tree_list(const struct tree *tree);

/** Lists what is below any directory. */
struct tree_listing tree_list_path(const char *path);

/** A listing without the paths given, and without what is below them ("dir/" or "dir"). */
struct tree_listing tree_listing_without(struct tree_listing listing, const char *const paths[],
					 size_t count);

/** @return The lines in which two listings differ, or NULL where they are the same. */
char *tree_difference(struct tree_listing expected, struct tree_listing found);

#endif
