#include "match/siphash.h"

#include <string.h>
#include <unistd.h>

enum {
	/** How many bytes to read at once. */
	CHUNK = 16 * 1024,
	/** The size of a word. */
	WORD = 8,
};

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4], unsigned rounds)
{
	for (unsigned i = 0; i < rounds; i++) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void add_word(uint64_t v[4], uint64_t word, unsigned rounds)
{
	v[3] ^= word;
	mix(v, rounds);
	v[0] ^= word;
}

/** Reads a little-endian word; compilers make it one load on little-endian machines. */
static uint64_t word_at(const unsigned char *bytes)
{
	return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
	       (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
	       (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

int siphash_file(int fd, unsigned c, unsigned d, const uint64_t key[2], uint64_t *out)
{
	/* "somepseudorandomlygeneratedbytes" */
	uint64_t v[4] = { key[0] ^ UINT64_C(0x736f6d6570736575),
			  key[1] ^ UINT64_C(0x646f72616e646f6d),
			  key[0] ^ UINT64_C(0x6c7967656e657261),
			  key[1] ^ UINT64_C(0x7465646279746573) };
	/* An incomplete word, and what is read after it. */
	unsigned char bytes[WORD + CHUNK];
	size_t rest = 0;
	uint64_t total = 0;
	ssize_t length;

	while ((length = read(fd, bytes + rest, CHUNK)) > 0) {
		size_t end = rest + (size_t)length;

		rest = end % WORD;
		for (size_t at = 0; at < end - rest; at += WORD) {
			add_word(v, word_at(bytes + at), c);
		}
		memmove(bytes, bytes + end - rest, rest);
		total += (uint64_t)length;
	}
	/* The last word ends in the low byte of the length. */
	memset(bytes + rest, 0, WORD - rest);
	add_word(v, word_at(bytes) | total << 56, c);
	v[2] ^= 0xff;
	mix(v, d);
	*out = v[0] ^ v[1] ^ v[2] ^ v[3];
	return length == 0 ? 0 : -1;
}
