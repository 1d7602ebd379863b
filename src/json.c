#include "json.h"

#include "quote.h"
#include "utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void json_open(struct json *json, char *out)
{
	json->start = out;
	json->end = stpcpy(out, "{");
}

static void put(struct json *json, const char *text)
{
	json->end = stpcpy(json->end, text);
}

/** Begins a member. */
static void put_name(struct json *json, const char *name)
{
	put(json, json->end == json->start + 1 ? "\"" : ",\"");
	put(json, name);
	put(json, "\":");
}

/** Writes a character by its number. */
static void put_escaped(struct json *json, uint32_t character)
{
	static const uint32_t first_of_pairs = 0x10000;

	if (character == '"' || character == '\\') {
		*json->end++ = '\\';
		*json->end++ = (char)character;
	} else if (character < first_of_pairs) {
		json->end += sprintf(json->end, "\\u%04" PRIx32, character);
	} else {
		character -= first_of_pairs;
		json->end += sprintf(json->end, "\\u%04" PRIx32 "\\u%04" PRIx32,
				     0xd800 + (character >> 10), 0xdc00 + (character & 0x3ff));
	}
}

/** Whether a character stands in a string as it is. */
static bool is_plain(uint32_t character)
{
	if (character < 0x80) {
		return character >= 0x20 && character != 0x7f && character != '"' &&
		       character != '\\';
	}
	return !quote_is_misleading(character);
}

/** Writes a string, within its quotes. */
static void put_string(struct json *json, const char *text, size_t length)
{
	*json->end++ = '"';
	for (size_t at = 0; at < length;) {
		uint32_t character;
		size_t step = utf8_decode(text + at, &character);

		if (step == 0) {
			put(json, "\xef\xbf\xbd");
			step = 1;
		} else if (is_plain(character)) {
			json->end = mempcpy(json->end, text + at, step);
		} else {
			put_escaped(json, character);
		}
		at += step;
	}
	*json->end++ = '"';
}

void json_text_of(struct json *json, const char *name, const char *text, size_t length)
{
	put_name(json, name);
	if (text) {
		put_string(json, text, length);
	} else {
		put(json, "null");
	}
}

void json_text(struct json *json, const char *name, const char *text)
{
	json_text_of(json, name, text, text ? strlen(text) : 0);
}

static bool is_utf8(const char *text)
{
	uint32_t character;

	while (*text != '\0') {
		size_t step = utf8_decode(text, &character);

		if (step == 0) {
			return false;
		}
		text += step;
	}
	return true;
}

void json_bytes_unless_utf8(struct json *json, const char *name, const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/=";
	enum {
		PADDING = 64
	};
	const unsigned char *bytes = (const unsigned char *)text;
	size_t length = strlen(text);

	if (is_utf8(text)) {
		return;
	}
	put_name(json, name);
	*json->end++ = '"';
	for (size_t at = 0; at < length; at += 3) {
		size_t left = length - at;
		uint32_t group = (uint32_t)bytes[at] << 16;

		group |= left > 1 ? (uint32_t)bytes[at + 1] << 8 : 0;
		group |= left > 2 ? bytes[at + 2] : 0;
		*json->end++ = digits[group >> 18];
		*json->end++ = digits[group >> 12 & 63];
		*json->end++ = digits[left > 1 ? group >> 6 & 63 : PADDING];
		*json->end++ = digits[left > 2 ? group & 63 : PADDING];
	}
	*json->end++ = '"';
}

void json_number(struct json *json, const char *name, uint64_t number)
{
	put_name(json, name);
	json->end += sprintf(json->end, "%" PRIu64, number);
}

void json_boolean(struct json *json, const char *name, bool value)
{
	put_name(json, name);
	put(json, value ? "true" : "false");
}

size_t json_close(struct json *json)
{
	put(json, "}\n");
	return (size_t)(json->end - json->start);
}
