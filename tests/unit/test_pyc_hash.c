/* The hash of a source is what Python's own computes, however it is read. */

#include "match/pyc_file.h"
#include "tests.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CPYTHON_310 = 3439,
	CPYTHON_313 = 3571,
};

/**
 * Hashes the bytes 0, 1, 2, … 250, 0, … as read in three pieces.
 *
 * @param first,second Where the second and the third piece begin.
 */
static uint64_t hash_of_pieces(uint16_t magic, size_t length, size_t first, size_t second)
{
	const struct pyc_header header = { .magic = magic };
	const size_t ends[] = { first, second, length };
	unsigned char bytes[1000];
	uint64_t hash = 0;
	int sockets[2];

	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (unsigned char)(i % 251);
	}
	/* Each read gets one message; an empty one is the end. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets), 0);
	for (size_t i = 0, at = 0; i < 3; at = ends[i++]) {
		if (ends[i] > at) {
			assert_int_equal(send(sockets[0], bytes + at, ends[i] - at, 0),
					 ends[i] - at);
		}
	}
	assert_int_equal(send(sockets[0], "", 0, 0), 0);
	assert_int_equal(pyc_hash_source(&header, sockets[1], &hash), 0);
	close(sockets[0]);
	close(sockets[1]);
	return hash;
}

/* The length takes part with its low byte, so 256 bytes are where it may go wrong. */
TEST(hashes_are_those_of_python)
{
	static const struct {
		size_t length;
		uint64_t siphash_2_4;
		uint64_t siphash_1_3;
	} computed[] = {
		/*
		 * By CPython 3.10 and 3.13:
		 * _imp.source_hash(0x0a0d0000 + magic, bytes(i % 251 for i in range(length)))
		 */
		{ 0, UINT64_C(0x27fde72525cdc08c), UINT64_C(0x14b8932f316dec27) },
		{ 1, UINT64_C(0x2a8de54abf4ce3b3), UINT64_C(0xf8371c7eeb8e3105) },
		{ 7, UINT64_C(0x2a868dadb7e40d05), UINT64_C(0x046468137133895d) },
		{ 8, UINT64_C(0x927143bd883ac5ad), UINT64_C(0xd569b241a207643e) },
		{ 9, UINT64_C(0x4629ccfc13167c32), UINT64_C(0x97b8a8aea162dc36) },
		{ 15, UINT64_C(0xaf2ccfb4d1816667), UINT64_C(0x049b2ec76b7b6772) },
		{ 16, UINT64_C(0xe226b0bf80da248c), UINT64_C(0x6168d1fb3155da19) },
		{ 256, UINT64_C(0x259819b56154b9f0), UINT64_C(0x123cae95c9ad1f53) },
		{ 1000, UINT64_C(0xe6b6e5dbe9af7e4a), UINT64_C(0x85cd46a1b4e816f8) },
	};

	for (size_t i = 0; i < sizeof(computed) / sizeof(computed[0]); i++) {
		assert_int_equal(hash_of_pieces(CPYTHON_310, computed[i].length, 0, 0),
				 computed[i].siphash_2_4);
		assert_int_equal(hash_of_pieces(CPYTHON_313, computed[i].length, 0, 0),
				 computed[i].siphash_1_3);
	}
}

/* A read may return any number of bytes. */
TEST(pieces_make_the_same_hash_as_the_whole)
{
	enum {
		LENGTH = 40
	};
	uint64_t whole = hash_of_pieces(CPYTHON_313, LENGTH, 0, 0);

	for (size_t first = 0; first <= LENGTH; first++) {
		for (size_t second = first; second <= LENGTH; second++) {
			assert_int_equal(hash_of_pieces(CPYTHON_313, LENGTH, first, second), whole);
		}
	}
}

TEST(a_file_that_cannot_be_read_has_no_hash)
{
	const struct pyc_header header = { .magic = CPYTHON_313 };
	uint64_t hash;

	assert_int_equal(pyc_hash_source(&header, -1, &hash), -1);
	assert_int_equal(errno, EBADF);
}
