#include "namelist.h"

#include <string.h>

enum {
	/** The most bytes that namelist_clear() keeps. */
	LARGE = 1024 * 1024,
	/** Flag added to the type of a taken name. */
	TAKEN = 64,
};

int namelist_add(struct namelist *list, const char *name, enum entry_type type, unsigned char mark)
{
	size_t length = strlen(name) + 1;
	char *entry;

	if (strbuf_reserve(&list->bytes, length + 2) != 0) {
		return -1;
	}
	entry = strbuf_extend(&list->bytes, length + 2);
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

bool namelist_take(struct namelist *list, const char *name, struct listed *out)
{
	size_t at = list->cursor;

	for (size_t left = list->count; left > 0;) {
		if (!namelist_next(list, &at, out)) {
			at = 0;
		} else if (strcmp(out->name, name) != 0) {
			left--;
		} else {
			list->bytes.text[out->name - 2 - list->bytes.text] =
				(char)(out->type + TAKEN);
			list->cursor = at;
			list->count--;
			return true;
		}
	}
	return false;
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
