/** A list of the names in one directory. */

#ifndef PYCLEAN_NAMELIST_H
#define PYCLEAN_NAMELIST_H

#include "platform.h"
#include "strbuf.h"

/** One name; valid until its list grows or is cleared. The mark is for the caller's use. */
struct listed {
	const char *name;
	enum entry_type type;
	unsigned char mark;
};

/** Names in the order of their addition. All zero is empty. */
struct namelist {
	struct strbuf bytes;
	/** Without the names that were taken; and where namelist_take() looks first. */
	size_t count;
	size_t cursor;
};

/** Adds a name. @return 0, or -1 with ENOMEM. */
int namelist_add(struct namelist *list, const char *name, enum entry_type type, unsigned char mark);
/** Steps through a list. @param at The position; 0 at first. @return false at the end. */
bool namelist_next(const struct namelist *list, size_t *at, struct listed *out);
/** Takes a name out; fast in about the order of addition. @return Whether it was there. */
bool namelist_take(struct namelist *list, const char *name, struct listed *out);

/** Empties a list; keeps its memory unless that has become large. */
void namelist_clear(struct namelist *list);
void namelist_free(struct namelist *list);

#endif
