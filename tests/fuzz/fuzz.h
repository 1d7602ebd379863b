/**
 * What the libFuzzer targets share. Each target is one program: `make fuzz` builds and runs them
 * all, from tests/fuzz/corpus/TARGET/ on; what they find is kept below $(BUILD)/fuzz.
 */

#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** libFuzzer's entry: does something with the input, and crashes where that goes wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Crashes where something that always holds does not. */
#define HOLDS(condition)                                                                           \
 do {                                                                                              \
  if (!(condition)) {                                                                              \
   fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                  \
   abort();                                                                                        \
  }                                                                                                \
 } while (0)

/**
 * Takes a string off the input, up to a NUL or its end.
 *
 * @return A copy in memory of exactly its size, so that a sanitizer sees who reads beyond it.
 */
static inline char *take_string(const uint8_t **data, size_t *size)
{
	size_t length = *size > 0 ? strnlen((const char *)*data, *size) : 0;
	char *copy = malloc(length + 1);

	if (!copy) {
		abort();
	}
	if (length > 0) {
		memcpy(copy, *data, length);
	}
	copy[length] = '\0';
	/* The NUL as well, where there is one. */
	length += length < *size;
	*data += length;
	*size -= length;
	return copy;
}

#endif
