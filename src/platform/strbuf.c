#include "strbuf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char strbuf_empty[1];

int strbuf_reserve(struct strbuf *buffer, size_t length)
{
	size_t size = 2 * buffer->size + length + 1;
	char *text;

	/* '<' leaves a byte for the NUL. */
	if (length < buffer->size - buffer->length) {
		return 0;
	}
	text = realloc(buffer->size > 0 ? buffer->text : NULL, size);
	if (!text) {
		return -1;
	}
	text[buffer->length] = '\0';
	buffer->text = text;
	buffer->size = size;
	return 0;
}

char *strbuf_extend(struct strbuf *buffer, size_t length)
{
	char *added;

	if (buffer->failed || strbuf_reserve(buffer, length) != 0) {
		buffer->failed = true;
		return NULL;
	}
	added = buffer->text + buffer->length;
	buffer->length += length;
	added[length] = '\0';
	return added;
}

void strbuf_add(struct strbuf *buffer, const char *bytes, size_t length)
{
	char *added = strbuf_extend(buffer, length);

	if (added) {
		memcpy(added, bytes, length);
	}
}

void strbuf_add_string(struct strbuf *buffer, const char *string)
{
	strbuf_add(buffer, string, strlen(string));
}

void strbuf_add_char(struct strbuf *buffer, char byte)
{
	strbuf_add(buffer, &byte, 1);
}

void strbuf_printf(struct strbuf *buffer, const char *format, ...)
{
	va_list arguments;
	int length;
	char *added;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	assert(length >= 0);
	added = strbuf_extend(buffer, (size_t)length);
	if (added) {
		va_start(arguments, format);
		vsnprintf(added, (size_t)length + 1, format, arguments);
		va_end(arguments);
	}
}

void strbuf_truncate(struct strbuf *buffer, size_t length)
{
	assert(length <= buffer->length);
	/* Never write to strbuf_empty, which all threads share. */
	if (length < buffer->length) {
		buffer->length = length;
		buffer->text[length] = '\0';
	}
}

void strbuf_reset(struct strbuf *buffer)
{
	strbuf_truncate(buffer, 0);
	buffer->failed = false;
}

void strbuf_free(struct strbuf *buffer)
{
	if (buffer->size > 0) {
		free(buffer->text);
	}
	*buffer = STRBUF_INIT;
}
