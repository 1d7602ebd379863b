/**
 * SipHash-c-d (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
 */

#ifndef PYCLEAN_SIPHASH_H
#define PYCLEAN_SIPHASH_H

#include <stdint.h>

/**
 * Hashes a file from its offset to its end.
 *
 * @param c The rounds per word: 2 in SipHash-2-4.
 * @param d The final rounds: 4 in SipHash-2-4.
 * @param key The two halves of the key, as little-endian words.
 * @param out Receives the hash; the paper writes it as little-endian bytes.
 * @return 0, or -1 with read(2)'s errno.
 */
int siphash_file(int fd, unsigned c, unsigned d, const uint64_t key[2], uint64_t *out);

#endif
