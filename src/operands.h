/** The PATHs: what each is, found out before anything is removed, and what is done with it. */

#ifndef PYCLEAN_OPERANDS_H
#define PYCLEAN_OPERANDS_H

#include "options.h"

enum operand_use {
	/** A directory, or a link to one: its contents are cleaned. */
	OPERAND_ENTER,
	/** Bytecode, a `__pycache__` or any file in one, or what may be debris: itself removed. */
	OPERAND_REMOVE,
	/** A Python source, which need not exist: its bytecode is removed. */
	OPERAND_MODULE,
	/** Refused: a repository's storage or in it; a `__pycache__` that is a link; all else. */
	OPERAND_REPOSITORY,
	OPERAND_CACHE_LINK,
	OPERAND_UNFIT,
};

struct operand_tag {
	char text[64];
	/** Where it was found, as shown; static storage. NULL if it was not looked for. */
	const char *origin;
};

struct operand {
	const char *given;
	/** The same without final slashes (except the root), and its last component. */
	char *path;
	const char *name;
	enum entry_type type;
	enum operand_use use;
	/** The errno of a failed lookup (OPERAND_UNFIT), or 0. */
	int error;
	/** The directory that is entered, otherwise the parent; and its path: "", "/" or "a/b/". */
	struct platform_identity place;
	char *prefix;
	/** The place is a `__pycache__`, by its name in its parent. */
	bool in_cache;
	/** An earlier operand also cleans this one: the same, or a module in the same directory. */
	bool covered;
	/** OPERAND_MODULE: all modules that it covers, itself too. */
	struct filter_sources modules;
	/** What `auto` stands for, by interpreter_find_tags(). */
	struct operand_tag automatic;
};

/** All operands, in the order given. */
struct lookup {
	struct operand *all;
	size_t count;
	/** The places of all, and the current directory: one more. */
	struct platform_identity *places;
	/** A path that leads to the root directory, as given, or NULL. */
	const char *root;
};

/** Looks up operands, which must outlive it. @return 0, or -1 with ENOMEM; free it in each case. */
int lookup_init(struct lookup *lookup, const char *const *given, size_t count, unsigned debris);
void lookup_free(struct lookup *lookup);

/** @return What follows a directory on a path, "" or "a/b"; NULL if it is not on the path. */
const char *lookup_below(const char *path, struct platform_identity directory);
/** Whether a path, which need not exist, lies below a directory. */
bool lookup_is_below(const char *path, const char *directory);
/** Whether an absolute path leads to or through an operand. */
bool lookup_contains(const struct lookup *lookup, const char *path);

/**
 * If `auto` is selected, finds and reports the interpreter of each operand that is cleaned: of the
 * environment that it is or has (`.venv`, `venv`), or one above it up to the current directory; of
 * the activated one (VIRTUAL_ENV); or `python3`, run at most once, unless an operand contains it.
 *
 * @return 0, or -1 after a usage error or once `stop` (deleter_policy's) is set.
 */
int interpreter_find_tags(struct lookup *lookup, const struct options *options,
			  struct reporter *reporter, const atomic_int *stop);

#define INTERPRETER_TAG_SIZE 16
/** Parses a `pyvenv.cfg` (PEP 405) in place. @param tags Receives a glob: "*313", "cpython-313". */
void interpreter_parse_config(char *text, char tags[INTERPRETER_TAG_SIZE]);

/** Cleans all operands; reports errors. @return 0, or -1 if nothing was touched because of one. */
int operands_clean(const struct options *options, struct reporter *reporter,
		   const atomic_int *stop);

#endif
