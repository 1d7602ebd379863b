#include "arguments.h"

#include <stdlib.h>
#include <string.h>

char *arguments_keep(struct arguments_text **texts, const char *text)
{
	size_t size = strlen(text) + 1;
	struct arguments_text *kept = malloc(sizeof(*kept) + size);

	if (!kept) {
		return NULL;
	}
	memcpy(kept->text, text, size);
	kept->next = *texts;
	*texts = kept;
	return kept->text;
}

void arguments_free(struct arguments_text *texts)
{
	while (texts) {
		struct arguments_text *next = texts->next;

		free(texts);
		texts = next;
	}
}

char *arguments_next(char **rest)
{
	char *start = *rest;
	char *at = start;

	while (*at != '\0' && *at != ',') {
		at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
	}
	*rest = *at == '\0' ? NULL : at + 1;
	*at = '\0';
	return start;
}

int arguments_add(struct arguments_list *list, const char *item)
{
	const char **items = realloc(list->items, (list->count + 1) * sizeof(*items));

	if (!items) {
		return -1;
	}
	items[list->count++] = item;
	list->items = items;
	return 0;
}
