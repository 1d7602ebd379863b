/**
 * Things that live until the test that made them ends, whether it passes or fails.
 */

#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <stddef.h>

/** Allocates zeroed memory. Never NULL: fails the test instead. */
void *scratch_alloc(size_t size);

/** Copies `length` bytes and adds a NUL. */
char *scratch_copy(const void *bytes, size_t length);

/** A string of so many times a byte. */
char *scratch_repeat(char byte, size_t count);

/** Formats a string, as printf does. */
__attribute__((format(printf, 1, 2))) char *scratch_format(const char *format, ...);

/** Strings as an array, ended by NULL. */
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/** Reads a file of the sources, which is named from where the tests run. */
char *scratch_read(const char *path);

/** Has `undo(object)` called when the test ends; what was deferred last is undone first. */
void scratch_defer(void (*undo)(void *), void *object);

/** The teardown that does all that. @return 0, as cmocka wants it. */
int scratch_clear(void **state);

/** Ends the test, which cannot go on: prints the reason, and errno's text after it. */
__attribute__((format(printf, 1, 2), noreturn)) void broken(const char *format, ...);

/** Ends the test as skipped, and says why. */
__attribute__((format(printf, 1, 2), noreturn)) void skip_because(const char *format, ...);

/** Whether each run is so slow (valgrind) that a smaller tree has to do: PYCLEAN_SLOW is set. */
int tests_are_slow(void);

#endif
