/**
 * Writes JSON objects (RFC 8259) whose strings hold any bytes, and that no terminal obeys.
 */

#ifndef PYCLEAN_JSON_H
#define PYCLEAN_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** An object that is being written. */
struct json {
	char *start;
	char *end;
};

/** How many bytes a member can take whose name and text have so many together. */
#define JSON_MEMBER_SIZE(length) (8 * (length) + 64)

/** Begins an object. @param out Room for all its members; nothing checks it. */
void json_open(struct json *json, char *out);

/** Adds a text of `length` bytes, or null where `text` is NULL. Bytes that are not UTF-8 become
 * U+FFFD. */
void json_text_of(struct json *json, const char *name, const char *text, size_t length);

/** Adds a text, or null for NULL. */
void json_text(struct json *json, const char *name, const char *text);

/**
 * Adds the bytes of a text as they are, in Base64 (RFC 4648), where they are not UTF-8, and nothing
 * where json_text() can tell them.
 */
void json_bytes_unless_utf8(struct json *json, const char *name, const char *text);

/** Adds a number, in full: some parsers round what is larger than 2^53. */
void json_number(struct json *json, const char *name, uint64_t number);

void json_boolean(struct json *json, const char *name, bool value);

/** Ends an object and its line. @return How many bytes were written. */
size_t json_close(struct json *json);

#endif
