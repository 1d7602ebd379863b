#include "lines.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
	PIECES = sizeof(((struct lines_path *)0)->pieces) / sizeof(const char *),
	LAST = PIECES - 1,
};

int lines_open(struct lines *lines)
{
	*lines = (struct lines){ .text = malloc(LINES_SIZE), .size = LINES_SIZE };
	return lines->text ? 0 : -1;
}

void lines_close(struct lines *lines)
{
	free(lines->text);
}

static size_t length_of(const char *piece)
{
	return piece ? strlen(piece) : 0;
}

size_t lines_path_size(const struct lines_path *path)
{
	/* A '.', a '/' and a NUL may be added. */
	size_t size = 3;

	for (size_t i = 0; i < PIECES; i++) {
		size += length_of(path->pieces[i]);
	}
	return size;
}

struct lines_path lines_end_of(const struct lines_path *path)
{
	const char *last = path->pieces[LAST];
	size_t length = length_of(last);
	size_t left_out = length > NAME_MAX ? length - NAME_MAX : 0;

	return (struct lines_path){ .pieces = { last ? last + left_out : NULL }, .end = path->end };
}

bool lines_reserve(struct lines *lines, size_t length)
{
	if (lines->size - lines->used < length) {
		size_t size = 2 * (lines->used + length);
		char *text = realloc(lines->text, size);

		if (!text) {
			return false;
		}
		lines->text = text;
		lines->size = size;
	}
	return true;
}

size_t lines_join(char *out, const struct lines_path *path)
{
	char *end = out;

	for (size_t i = 0; i < PIECES; i++) {
		end = path->pieces[i] ? stpcpy(end, path->pieces[i]) : end;
	}
	if (path->end != LINES_AS_IS && end == out) {
		*end++ = '.';
	}
	while (path->end != LINES_AS_IS && end > out + 1 && end[-1] == '/') {
		end--;
	}
	if (path->end == LINES_WITH_SLASH && end[-1] != '/') {
		*end++ = '/';
	}
	*end = '\0';
	return (size_t)(end - out);
}

void lines_put(struct lines *lines, const char *text)
{
	size_t length = strlen(text);

	memcpy(lines->text + lines->used, text, length);
	lines->used += length;
}

void lines_put_path(struct lines *lines, const struct lines_path *path, enum quote_style style)
{
	/* Joined behind what its quoted form can take. */
	char *raw = lines->text + lines->used + QUOTE_SIZE(lines_path_size(path));

	lines_join(raw, path);
	lines->used += quote_path(lines->text + lines->used, raw, style);
}

void lines_put_raw_path(struct lines *lines, const struct lines_path *path)
{
	lines->used += lines_join(lines->text + lines->used, path) + 1;
}
