/**
 * Looks up what each PATH is, before anything is removed.
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
	/** A repository's storage, or what lies in it: it stays. */
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
	/** The errno of a failed lookup, after which the members below are not set; or 0. */
	int error;
	enum operand_use use;
	enum entry_type type;
	/** The directory that is entered, or else the one that holds the operand. */
	dev_t dev;
	ino_t ino;
	/** An operand before it cleans this one, too: the same, or a module of the same directory. */
	bool covered;
	/** OPERAND_MODULE: the names of all that it covers, sorted by strcmp(3); otherwise NULL. */
	const char *const *modules;
	size_t module_count;
};

/** All operands, in the order given. */
struct lookup {
	struct operand *all;
	size_t count;
	/** The operands' `modules`. */
	const char **names;
};

/**
 * Looks all operands up.
 *
 * @param given Paths, at least one; they must outlive the operands.
 * @return 0, or -1 with ENOMEM; lookup_free() is due in each case.
 */
int lookup_init(struct lookup *lookup, const char *const *given, size_t count);

/** Frees what lookup_init() allocated. */
void lookup_free(struct lookup *lookup);

/**
 * @return The path of the directory that is entered, or else of the one that holds the operand, such
 *         as "." or "a/b/"; to be freed. NULL with ENOMEM.
 */
char *lookup_place(const struct operand *operand);

/** Whether a directory is a `__pycache__`, by its name in the directory above it. */
bool lookup_is_cache(int fd);

#endif
