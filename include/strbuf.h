/**
 * A growing string. Once an allocation fails, `failed` is set and all further additions do nothing,
 * so that they need not be checked one by one. The text always ends in a NUL.
 */

#ifndef PYCLEAN_STRBUF_H
#define PYCLEAN_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

/** Initialize with STRBUF_INIT, free with strbuf_free(). Members are read-only for callers. */
struct strbuf {
	/** Never NULL; moves when the buffer grows. */
	char *text;
	/** Without the NUL. */
	size_t length;
	/** Allocated bytes; 0 if `text` is strbuf_empty. */
	size_t size;
	bool failed;
};

extern char strbuf_empty[1];
#define STRBUF_INIT ((struct strbuf){ .text = strbuf_empty })

/** Makes room for `length` more bytes. @return 0, or -1 with ENOMEM; `failed` is not set then. */
int strbuf_reserve(struct strbuf *buffer, size_t length);
/** Adds `length` bytes for the caller to write. @return The first, or NULL if that fails. */
char *strbuf_extend(struct strbuf *buffer, size_t length);

/** Adds bytes, which may include NULs but must not be part of the buffer itself. */
void strbuf_add(struct strbuf *buffer, const char *bytes, size_t length);
void strbuf_add_string(struct strbuf *buffer, const char *string);
void strbuf_add_char(struct strbuf *buffer, char byte);
__attribute__((format(printf, 2, 3))) void strbuf_printf(struct strbuf *buffer, const char *format,
							 ...);

/** Shortens the text to `length` bytes; it must have at least as many. */
void strbuf_truncate(struct strbuf *buffer, size_t length);
/** Empties the text, keeps the memory and clears `failed`. */
void strbuf_reset(struct strbuf *buffer);
/** Frees the memory and resets the buffer to STRBUF_INIT. */
void strbuf_free(struct strbuf *buffer);

#endif
