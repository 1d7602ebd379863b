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
	/** Whether it lies within another one. */
	bool nested;
	/** Whether it was handed out, or was covered by another one. */
	atomic_bool done;
};

struct operands {
	/** As on the command line, and how many of them have been handed out. */
	struct operand *all;
	size_t count;
	size_t at;
	/** Those that lie within another one, or were given before; an outer one first. */
	struct operand **nested;
	size_t nested_count;
	size_t nested_at;
};

/**
 * Takes the operands in. Where there are several it looks up where each of them is.
 *
 * @param given Paths; they must outlive the operands.
 * @return 0, or -1 with ENOMEM.
 */
int operands_init(struct operands *operands, const char *const *given, size_t count);

/** Frees what operands_init() allocated. */
void operands_free(struct operands *operands);

/**
 * Hands out each operand once: those that lie within another one last, and only if they have
 * not been covered by then.
 *
 * @return NULL when all are done.
 */
struct operand *operands_next(struct operands *operands);

/** Whether any operand lies within another, so that operands_cover() needs to be told. */
bool operands_nest(const struct operands *operands);

/** What operands_cover() covers. */
enum operands_extent {
	/** The directory or file itself. */
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

#endif
