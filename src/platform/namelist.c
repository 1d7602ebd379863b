#include "namelist.h"

#include <string.h>

enum {
	/** The initial size in bytes, and the most that namelist_clear() keeps. */
	SMALL = 1024,
	LARGE = 1024 * 1024,
	/** Flag added to the type of a taken name. */
	TAKEN = 64,
};

int namelist_add(struct namelist *list, const char *name, enum entry_type type, unsigned char mark)
{
	size_t length = strlen(name) + 1;
	char *entry;

	if (list->bytes.size == 0 && strbuf_reserve(&list->bytes, SMALL) != 0) {
		return -1;
	}
	entry = strbuf_extend(&list->bytes, length + 2);
	if (!entry) {
		return -1;
	}
	entry[0] = (char)type;
	entry[1] = (char)mark;
	memcpy(entry + 2, name, length);
	list->count++;
	return 0;
}

bool namelist_next(const struct namelist *list, size_t *at, struct listed *out)
{
	while (*at < list->bytes.length) {
		const char *entry = list->bytes.text + *at;

		*at += 2 + strlen(entry + 2) + 1;
		if (entry[0] < TAKEN) {
			out->type = (enum entry_type)entry[0];
			out->mark = (unsigned char)entry[1];
			out->name = entry + 2;
			return true;
		}
	}
	return false;
}

bool namelist_take(struct namelist *list, const char *name)
{
	size_t start = list->cursor;
	size_t at = start;
	struct listed entry;

	/* From the cursor to the end, then from the beginning to the cursor. */
	for (int pass = 0; pass < 2; pass++) {
		while ((pass == 0 || at < start) && namelist_next(list, &at, &entry)) {
			if (strcmp(entry.name, name) == 0) {
				list->last = (size_t)(entry.name - 2 - list->bytes.text);
				list->bytes.text[list->last] += TAKEN;
				list->cursor = at;
				list->count--;
				return true;
			}
		}
		at = 0;
	}
	return false;
}

void namelist_put_back(struct namelist *list)
{
	list->bytes.text[list->last] -= TAKEN;
	list->count++;
}

void namelist_clear(struct namelist *list)
{
	if (list->bytes.size > LARGE) {
		namelist_free(list);
	}
	strbuf_reset(&list->bytes);
	list->cursor = 0;
	list->count = 0;
}

void namelist_free(struct namelist *list)
{
	strbuf_free(&list->bytes);
	*list = (struct namelist){ 0 };
}
