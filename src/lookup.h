/**
 * What each PATH is, looked up before anything is removed.
 */

#ifndef PYCLEAN_LOOKUP_H
#define PYCLEAN_LOOKUP_H

#include "platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** What is done with an operand. */
enum operand_use {
	/** A directory, or a link to one: what is in it is cleaned. */
	OPERAND_ENTER,
	/** Bytecode, a `__pycache__` or any file in one: it is removed itself. */
	OPERAND_REMOVE,
	/** A Python source, there or gone: the bytecode made of it is removed. */
	OPERAND_MODULE,
	/** What stores a repository, or lies in what does: it stays. */
	OPERAND_REPOSITORY,
	/** A link named `__pycache__` to a directory: it stays, as it would inside a tree. */
	OPERAND_CACHE_LINK,
	/** Anything else. */
	OPERAND_UNFIT,
};

struct operand {
	/** As the user gave it; the caller's. */
	const char *given;
	/** The same without slashes at its end, but for the root's, and its last component. */
	char *path;
	const char *name;
	/** Why it could not be looked up, an errno, or 0; only where it is 0 is the rest set. */
	int error;
	enum operand_use use;
	enum entry_type type;
	/** The directory that is entered; otherwise the one that holds the operand. */
	dev_t dev;
	ino_t ino;
	/** True if it was handed out, or is the same as one given before it. */
	bool done;
	/** The modules of its directory, in the order of their names by strcmp(3). */
	struct operand *first;
	struct operand *next;
};

struct lookup {
	/** As on the command line, and how many of them have been handed out. */
	struct operand *all;
	size_t count;
	size_t at;
};

/**
 * Looks all operands up.
 *
 * @param given Paths; they must outlive the operands.
 * @return 0, or -1 with ENOMEM; lookup_free() is due in each case.
 */
int lookup_init(struct lookup *lookup, const char *const *given, size_t count);

/** Frees what lookup_init() allocated. */
void lookup_free(struct lookup *lookup);

/** @return The operand that is the root directory, however it is spelt; NULL if there is none. */
const struct operand *lookup_root(const struct lookup *lookup);

/**
 * Hands out each operand once, in the order given; with a module, all modules of its directory
 * count as handed out.
 *
 * @return NULL when all are done.
 */
const struct operand *lookup_next(struct lookup *lookup);

/** The path of the directory that holds an operand: "" or "a/b/". @return To be freed; or NULL. */
char *lookup_holder(const struct operand *operand);

/**
 * Whether a directory is a `__pycache__`: by its name in the directory above it, whatever path it
 * was opened by.
 */
bool lookup_is_cache(int fd);

#endif
