/**
 * Headers of bytecode files, made byte by byte and read.
 */

#ifndef TESTS_HEADER_H
#define TESTS_HEADER_H

#include "match/pyc_file.h"

/** The bytes of a header that a test makes. */
struct bytes {
	unsigned char at[32];
	size_t length;
};

/** Appends a number, its low byte first. */
void header_append(struct bytes *bytes, uint64_t number, size_t size);

/** Begins a header with a magic number, as each of them begins. */
struct bytes header_with_magic(uint16_t magic);

/** Reads bytes from memory of their own, so that valgrind and ASan see who reads beyond them. */
enum pyc_check header_read(const unsigned char *bytes, size_t length, struct pyc_header *out);

/** Reads a header that has to be a good one. */
struct pyc_header header_read_all(const struct bytes *bytes);

/** Asserts on a header's tag. */
void header_assert_tag(const struct pyc_header *header, const char *tag);

#endif
