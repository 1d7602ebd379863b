/**
 * Characters out of bytes: UTF-8 as RFC 3629 has it.
 */

#ifndef PYCLEAN_UTF8_H
#define PYCLEAN_UTF8_H

#include <stddef.h>
#include <stdint.h>

/**
 * Decodes the character at the beginning of a string: no overlong form, no surrogate.
 *
 * @param character Receives it; also the NUL at a string's end.
 * @return Its length in bytes, or 0 where there is none.
 */
size_t utf8_decode(const char *text, uint32_t *character);

#endif
