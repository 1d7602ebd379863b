/**
 * A growing string that remembers a failed allocation.
 *
 * Additions need no check of their own: after an allocation has failed, all further additions do
 * nothing, and `failed` tells. The text ends in a NUL at all times, so it can be used as a string
 * even then.
 */

#ifndef PYCLEAN_STRBUF_H
#define PYCLEAN_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

/** Set up with STRBUF_INIT, freed with strbuf_free(). Members are for reading. */
struct strbuf {
	/** Never NULL; moves when the buffer grows. */
	char *text;
	/** In bytes, without the NUL that ends it. */
	size_t length;
	/** How many bytes are allocated, 0 for none. */
	size_t size;
	/** True if an addition has found no memory since the last strbuf_reset(). */
	bool failed;
};

/** What `text` points to as long as nothing was allocated: "". */
extern char strbuf_empty[1];

#define STRBUF_INIT                                                                                \
 {                                                                                                 \
  .text = strbuf_empty                                                                             \
 }

/**
 * Makes room for `length` more bytes, so that adding these cannot fail.
 *
 * @return 0, or -1 with ENOMEM; then the buffer is as it was, and `failed` is not set.
 */
int strbuf_reserve(struct strbuf *buffer, size_t length);

/**
 * Adds `length` bytes for the caller to write.
 *
 * @return The first of them, until the next addition; or NULL with ENOMEM, as strbuf_reserve().
 */
char *strbuf_extend(struct strbuf *buffer, size_t length);

/** Adds `length` bytes, NULs among them included. They must not be part of the buffer itself. */
void strbuf_add(struct strbuf *buffer, const char *bytes, size_t length);

/** Adds a string. */
void strbuf_add_string(struct strbuf *buffer, const char *string);

/** Adds one byte. */
void strbuf_add_char(struct strbuf *buffer, char byte);

/** Adds what printf(3) would print. */
__attribute__((format(printf, 2, 3))) void strbuf_printf(struct strbuf *buffer, const char *format,
							 ...);

/** @return The last byte, or NUL for an empty text. */
char strbuf_last(const struct strbuf *buffer);

/** Cuts the text off after `length` bytes, of which it has at least as many. */
void strbuf_truncate(struct strbuf *buffer, size_t length);

/** Empties the text, keeps the memory, and forgets that an allocation has failed. */
void strbuf_reset(struct strbuf *buffer);

/** Frees the memory; the buffer is as after STRBUF_INIT. */
void strbuf_free(struct strbuf *buffer);

#endif
