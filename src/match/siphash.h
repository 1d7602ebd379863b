/**
 * SipHash-c-d (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), computed
 * incrementally.
 */

#ifndef PYCLEAN_SIPHASH_H
#define PYCLEAN_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/** The state of a hash; private to siphash.c. */
struct siphash {
	/** The paper's v0 to v3. */
	uint64_t v[4];
	/** The bytes of an incomplete word, in little-endian order. */
	uint64_t pending;
	/** The number of bytes added; the hash uses its low eight bits. */
	uint64_t length;
	unsigned compression_rounds;
	unsigned finalization_rounds;
};

/**
 * Begins a hash.
 *
 * @param c The rounds per word: 2 in SipHash-2-4.
 * @param d The final rounds: 4 in SipHash-2-4.
 * @param key0 The first half of the key, little-endian; key1 is the second half.
 */
void siphash_start(struct siphash *hash, unsigned c, unsigned d, uint64_t key0, uint64_t key1);

/** Adds bytes. Several calls are the same as one with all bytes. */
void siphash_add(struct siphash *hash, const void *bytes, size_t length);

/** Ends a hash. @return Its value; the paper writes it as little-endian bytes. */
uint64_t siphash_finish(struct siphash *hash);

#endif
