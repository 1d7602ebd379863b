/**
 * The operands: their order, and which of them others have covered, so that nothing is done twice.
 */

#ifndef PYCLEAN_OPERAND_H
#define PYCLEAN_OPERAND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct operand {
	/** As the user gave it; the caller's. */
	const char *given;
	/** Its absolute path without links, or NULL where it has none or need not be known. */
	char *canonical;
	/**
	 * Whether it is a Python source, there or gone, and stands for the bytecode made of it; not
	 * what is there in a cache, which goes itself.
	 */
	bool module;
	/** Whether it is no directory, and there, right in a `__pycache__`. */
	bool in_cache;
	/** Whether it lies within another one, or might in part: a module. */
	bool nested;
	/** Whether it was handed out, or was covered by another one. */
	atomic_bool done;
	/** Whether it has gone in its turn, or would have; the caller's to note. */
	bool gone;
};

/** Operands in the order of their paths, so that what is in a directory follows it. */
struct operands_sorted {
	struct operand **all;
	size_t count;
};

struct operands {
	/** As on the command line, and how many of them have been handed out. */
	struct operand *all;
	size_t count;
	size_t at;
	/** Those whose paths are known. */
	struct operands_sorted located;
	/** Of them those that lie within another one, were given before, or are modules. */
	struct operands_sorted nested;
	size_t nested_at;
};

/**
 * Takes the operands in. Where there are several, or one that is no directory, it looks up where
 * each of them is.
 *
 * @param given  Paths; they must outlive the operands.
 * @param locate Look that up in any case.
 * @return 0, or -1 with ENOMEM; operands_free() is due in each case.
 */
int operands_init(struct operands *operands, const char *const *given, size_t count, bool locate);

/** Frees what operands_init() allocated. */
void operands_free(struct operands *operands);

/**
 * Hands out each operand once: those that lie within another one last, and only if they have
 * not been covered by then.
 *
 * @return NULL when all are done.
 */
struct operand *operands_next(struct operands *operands);

/**
 * Hands out the next module in the directory of one that operands_next() has handed out, so that
 * they are dealt with in one go: in the order of their names, by strcmp(3).
 *
 * @return NULL when there are no more.
 */
struct operand *operands_next_beside(struct operands *operands, const struct operand *module);

/**
 * Finds the operand that an entry was itself, if that has had its turn.
 *
 * @param beside An operand in whose directory it is.
 * @param trail  The path from that directory to what holds it: "" or "a/b/".
 * @return The operand, no module, or NULL.
 */
const struct operand *operands_had(const struct operands *operands, const struct operand *beside,
				   const char *trail, const char *name);

/** Whether any operand lies within another, so that operands_cover() needs to be told. */
bool operands_nest(const struct operands *operands);

/** @return What follows the absolute path `outer` in `path` ("" for itself), or NULL. */
const char *operand_path_below(const char *outer, const char *path);

/**
 * Whether a directory is an operand itself, which has a turn of its own.
 *
 * @param outer The operand below which it was reached.
 * @param path  The path below it.
 */
bool operands_include(const struct operands *operands, const struct operand *outer,
		      const char *path);

/** What operands_cover() covers. */
enum operands_extent {
	/** The directory or file itself, and with a directory the modules in it. */
	OPERANDS_ITSELF,
	/** It and all that is in it. */
	OPERANDS_WHOLE,
};

/**
 * Notes that a path was dealt with in its turn. Safe to call from several threads.
 *
 * @param outer The operand below which that path was reached.
 * @param path  The path below it.
 */
void operands_cover(struct operands *operands, const struct operand *outer, const char *path,
		    enum operands_extent extent);

/** Takes back that a directory was dealt with, and all that is in it: it was left after all. */
void operands_uncover(struct operands *operands, const struct operand *outer, const char *path);

#endif
