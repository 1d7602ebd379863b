/* SipHash, held to the published vectors and to what Python's own computes. */

#include "match/siphash.h"
#include "tests.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/** A hash of the bytes 0, 1, 2, … under the key 00 01 … 0f, in hexadecimal, its low byte first. */
struct vector {
	size_t length;
	const char *hash;
};

/**
 * Hashes bytes that are read in three pieces.
 *
 * @param first,second Where the second and the third piece begin.
 */
static uint64_t hash_of_pieces(unsigned c, unsigned d, const uint64_t key[2],
			       const unsigned char *bytes, size_t length, size_t first,
			       size_t second)
{
	const size_t ends[] = { first, second, length };
	uint64_t hash = 0;
	int sockets[2];

	/* Each read gets one message; an empty one is the end. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets), 0);
	for (size_t i = 0, at = 0; i < 3; at = ends[i++]) {
		if (ends[i] > at) {
			assert_int_equal(send(sockets[0], bytes + at, ends[i] - at, 0),
					 ends[i] - at);
		}
	}
	assert_int_equal(send(sockets[0], "", 0, 0), 0);
	assert_int_equal(siphash_file(sockets[1], c, d, key, &hash), 0);
	close(sockets[0]);
	close(sockets[1]);
	return hash;
}

static const uint64_t reference_key[] = { UINT64_C(0x0706050403020100),
					  UINT64_C(0x0f0e0d0c0b0a0908) };

static const char *hexadecimal(uint64_t hash)
{
	char *text = scratch_alloc(17);

	for (size_t i = 0; i < 8; i++) {
		snprintf(text + 2 * i, 3, "%02x", (unsigned)(hash >> (8 * i) & 0xff));
	}
	return text;
}

static void assert_vectors(unsigned c, unsigned d, const struct vector *vectors, size_t count)
{
	unsigned char bytes[64];

	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (unsigned char)i;
	}
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(hexadecimal(hash_of_pieces(c, d, reference_key, bytes,
							       vectors[i].length, 0, 0)),
				    vectors[i].hash);
	}
}

/* Those of the reference implementation; that of 15 bytes is the paper's example. */
static void siphash_2_4_is_the_reference(void **state)
{
	static const struct vector vectors[] = {
		{ 0, "310e0edd47db6f72" },  { 1, "fd67dc93c539f874" },  { 2, "5a4fa9d909806c0d" },
		{ 3, "2d7efbd796666785" },  { 4, "b7877127e09427cf" },  { 5, "8da699cd64557618" },
		{ 6, "cee3fe586e46c9cb" },  { 7, "37d1018bf50002ab" },  { 8, "6224939a79f5f593" },
		{ 9, "b0e4a90bdf82009e" },  { 10, "f3b9dd94c5bb5d7a" }, { 11, "a7ad6b22462fb3f4" },
		{ 12, "fbe50e86bc8f1e75" }, { 13, "903d84c02756ea14" }, { 14, "eef27a8e90ca23f7" },
		{ 15, "e545be4961ca29a1" }, { 16, "db9bc2577fcc2a3f" }, { 63, "724506eb4c328a95" },
	};

	(void)state;
	assert_vectors(2, 4, vectors, sizeof(vectors) / sizeof(vectors[0]));
}

/* Those that the tests of Rust's SipHasher13 have. */
static void siphash_1_3_is_the_reference(void **state)
{
	static const struct vector vectors[] = {
		{ 0, "dcc40f055801acab" },  { 1, "93ca577df39bf4c9" },  { 2, "4dd4c74d029bcb82" },
		{ 3, "fbf7dde7b80af88b" },  { 4, "2883d388605775cf" },  { 5, "673b53492fd5f9de" },
		{ 6, "a7229fc5502b0dc5" },  { 7, "4011b19b987d92d3" },  { 8, "8e9a298d11959036" },
		{ 9, "e43d066cb38ea425" },  { 10, "7f09ff92ee85de79" }, { 11, "52c34df9c118c170" },
		{ 12, "a2d9b457b184a378" }, { 13, "a7ff29120c766f30" }, { 14, "345df9c011a15a60" },
		{ 15, "5699512a6dd820d3" }, { 16, "668b907d1add4fcc" }, { 63, "a8b3bbb76290199d" },
	};

	(void)state;
	assert_vectors(1, 3, vectors, sizeof(vectors) / sizeof(vectors[0]));
}

/* A read may return any number of bytes. */
static void pieces_make_the_same_hash_as_the_whole(void **state)
{
	enum {
		LENGTH = 40
	};
	unsigned char bytes[LENGTH];
	uint64_t whole;

	(void)state;
	for (size_t i = 0; i < LENGTH; i++) {
		bytes[i] = (unsigned char)(7 * i + 1);
	}
	whole = hash_of_pieces(1, 3, reference_key, bytes, LENGTH, 0, 0);
	for (size_t first = 0; first <= LENGTH; first++) {
		for (size_t second = first; second <= LENGTH; second++) {
			assert_int_equal(
				hash_of_pieces(1, 3, reference_key, bytes, LENGTH, first, second),
				whole);
		}
	}
}

static void a_file_that_cannot_be_read_has_no_hash(void **state)
{
	uint64_t hash;

	(void)state;
	assert_int_equal(siphash_file(-1, 1, 3, reference_key, &hash), -1);
	assert_int_equal(errno, EBADF);
}

/* The length takes part with its low byte, so 256 bytes are where it may go wrong. */
static void long_inputs_are_hashed_as_python_does(void **state)
{
	static const struct {
		unsigned c, d;
		size_t length;
		uint64_t hash;
	} computed[] = {
		/* By CPython 3.13 and 3.10: _imp.source_hash(0x0a0d0df3, bytes(i % 251 for i in range(n))) */
		{ 1, 3, 1000, UINT64_C(0x85cd46a1b4e816f8) },
		{ 1, 3, 256, UINT64_C(0x123cae95c9ad1f53) },
		{ 2, 4, 1000, UINT64_C(0x689fcb02c3166662) },
		{ 2, 4, 256, UINT64_C(0x1d59586ff6ec969a) },
	};
	static const uint64_t key[] = { 0x0a0d0df3, 0 };
	unsigned char bytes[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (unsigned char)(i % 251);
	}
	for (size_t i = 0; i < sizeof(computed) / sizeof(computed[0]); i++) {
		assert_int_equal(hash_of_pieces(computed[i].c, computed[i].d, key, bytes,
						computed[i].length, 0, 0),
				 computed[i].hash);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(siphash_2_4_is_the_reference),
		TEST(siphash_1_3_is_the_reference),
		TEST(pieces_make_the_same_hash_as_the_whole),
		TEST(a_file_that_cannot_be_read_has_no_hash),
		TEST(long_inputs_are_hashed_as_python_does),
	};

	return RUN_TESTS(tests);
}
