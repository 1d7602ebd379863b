/**
 * SipHash-c-d, as its authors describe it (Aumasson and Bernstein, "SipHash: a fast short-input
 * PRF", 2012), fed piece by piece.
 */

#ifndef PYCLEAN_SIPHASH_H
#define PYCLEAN_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/** The state of a hash; private to siphash.c. */
struct siphash {
	/** The paper's v0 to v3. */
	uint64_t v[4];
	/** The bytes of an incomplete word, the first one lowest. */
	uint64_t pending;
	/** The bytes added so far; the hash takes the low eight bits of this number. */
	uint64_t length;
	unsigned compression_rounds;
	unsigned finalization_rounds;
};

/**
 * Begins a hash.
 *
 * @param c How many rounds follow each word, as 2 in SipHash-2-4.
 * @param d How many end the hash, as 4 in SipHash-2-4.
 * @param key0 The first half of the key, its first byte lowest; key1 is the second one.
 */
void siphash_start(struct siphash *hash, unsigned c, unsigned d, uint64_t key0, uint64_t key1);

/** Adds bytes; how they are divided among calls makes no difference. */
void siphash_add(struct siphash *hash, const void *bytes, size_t length);

/** Ends a hash. @return Its value; the paper writes it with the low byte first. */
uint64_t siphash_finish(struct siphash *hash);

#endif
