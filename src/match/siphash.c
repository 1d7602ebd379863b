#include "match/siphash.h"

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

static void add_word(struct siphash *hash, uint64_t word)
{
	hash->v[3] ^= word;
	mix(hash->v, hash->compression_rounds);
	hash->v[0] ^= word;
}

void siphash_start(struct siphash *hash, unsigned c, unsigned d, uint64_t key0, uint64_t key1)
{
	*hash = (struct siphash){
		/* "somepseudorandomlygeneratedbytes" */
		.v = { key0 ^ UINT64_C(0x736f6d6570736575), key1 ^ UINT64_C(0x646f72616e646f6d),
		       key0 ^ UINT64_C(0x6c7967656e657261), key1 ^ UINT64_C(0x7465646279746573) },
		.compression_rounds = c,
		.finalization_rounds = d,
	};
}

/** Reads a little-endian word; compilers make it one load on little-endian machines. */
static uint64_t word_at(const unsigned char *bytes)
{
	return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
	       (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
	       (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

void siphash_add(struct siphash *hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	const unsigned char *end = at + length;

	while (at < end) {
		if (hash->length % 8 == 0 && end - at >= 8) {
			add_word(hash, word_at(at));
			hash->length += 8;
			at += 8;
			continue;
		}
		hash->pending |= (uint64_t)*at++ << (hash->length++ % 8 * 8);
		if (hash->length % 8 == 0) {
			add_word(hash, hash->pending);
			hash->pending = 0;
		}
	}
}

uint64_t siphash_finish(struct siphash *hash)
{
	add_word(hash, hash->pending | hash->length << 56);
	hash->v[2] ^= 0xff;
	mix(hash->v, hash->finalization_rounds);
	return hash->v[0] ^ hash->v[1] ^ hash->v[2] ^ hash->v[3];
}
