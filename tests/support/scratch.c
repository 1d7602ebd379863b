#include "tests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct deferred {
	struct deferred *next;
	void (*undo)(void *);
	void *object;
};

/* cmocka leaves a failed test by longjmp: only a list outside it can know what it had. */
static struct deferred *deferred;

char *scratch_read(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t capacity = 1 << 17;
	char *text = scratch_alloc(capacity);
	size_t length = file ? fread(text, 1, capacity - 1, file) : 0;

	if (!file || length == 0 || length == capacity - 1) {
		broken("cannot read '%s'", path);
	}
	fclose(file);
	return text;
}

void scratch_defer(void (*undo)(void *), void *object)
{
	struct deferred *entry = malloc(sizeof(*entry));

	if (!entry) {
		undo(object);
		broken("cannot allocate");
	}
	*entry = (struct deferred){ deferred, undo, object };
	deferred = entry;
}

int scratch_clear(void **state)
{
	(void)state;
	while (deferred) {
		struct deferred *entry = deferred;

		deferred = entry->next;
		entry->undo(entry->object);
		free(entry);
	}
	return 0;
}

void *scratch_alloc(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory) {
		broken("cannot allocate %zu bytes", size);
	}
	scratch_defer(free, memory);
	return memory;
}

char *scratch_copy(const void *bytes, size_t length)
{
	char *copy = scratch_alloc(length + 1);

	if (length > 0) {
		memcpy(copy, bytes, length);
	}
	return copy;
}

char *scratch_repeat(char byte, size_t count)
{
	char *text = scratch_alloc(count + 1);

	memset(text, byte, count);
	return text;
}

char *scratch_format(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0) {
		broken("cannot format '%s'", format);
	}
	va_end(arguments);
	scratch_defer(free, text);
	return text;
}

void broken(const char *format, ...)
{
	int error = errno;
	va_list arguments;

	va_start(arguments, format);
	print_error("# ");
	vprint_error(format, arguments);
	print_error(" (errno: %s)\n", strerror(error));
	va_end(arguments);
	fail();
	abort();
}

void skip_because(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprint_message(format, arguments);
	print_message("\n");
	va_end(arguments);
	skip();
	abort();
}

int tests_are_slow(void)
{
	const char *slow = getenv("PYCLEAN_SLOW");

	return slow && *slow;
}
