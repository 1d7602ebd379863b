#include "report/json.h"

#include "report/quote.h"

#include <inttypes.h>
#include <string.h>

/* ---- Strings -------------------------------------------------------------------------------- */

/** Adds a character as an escape sequence. */
static void add_escaped(struct strbuf *out, uint32_t character)
{
	static const uint32_t first_of_pairs = 0x10000;

	if (character == '"' || character == '\\') {
		strbuf_printf(out, "\\%c", (char)character);
	} else if (character < first_of_pairs) {
		strbuf_printf(out, "\\u%04" PRIx32, character);
	} else {
		character -= first_of_pairs;
		strbuf_printf(out, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd800 + (character >> 10),
			      0xdc00 + (character & 0x3ff));
	}
}

/** Adds a string without its quotes. @return false if not all of it is UTF-8. */
static bool add_characters(struct strbuf *out, const char *text, const char *end)
{
	static const char special[2] = { '"', '\\' };
	static const char replacement[] = "\xef\xbf\xbd";
	bool utf8 = true;

	while (text < end) {
		size_t left = (size_t)(end - text);
		size_t run = quote_safe_run(text, special);
		uint32_t character;
		size_t step;

		strbuf_add(out, text, run < left ? run : left);
		if (run >= left) {
			break;
		}
		text += run;
		step = quote_decode(text, &character);
		if (step > 0) {
			add_escaped(out, character);
			text += step;
		} else {
			strbuf_add_string(out, replacement);
			utf8 = false;
			text++;
		}
	}
	return utf8;
}

/** Adds the bytes of a string in Base64 (RFC 4648). */
static void add_base64(struct strbuf *out, const char *string)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/=";
	enum {
		PADDING = 64
	};
	const unsigned char *bytes = (const unsigned char *)string;
	size_t length = strlen(string);

	for (size_t at = 0; at < length; at += 3) {
		size_t left = length - at;
		uint32_t group = (uint32_t)bytes[at] << 16;

		group |= left > 1 ? (uint32_t)bytes[at + 1] << 8 : 0;
		group |= left > 2 ? bytes[at + 2] : 0;
		strbuf_add_char(out, digits[group >> 18]);
		strbuf_add_char(out, digits[group >> 12 & 63]);
		strbuf_add_char(out, digits[left > 1 ? group >> 6 & 63 : PADDING]);
		strbuf_add_char(out, digits[left > 2 ? group & 63 : PADDING]);
	}
}

/**
 * Adds a text of `length` bytes, or null for NULL. Bytes that are not UTF-8 become U+FFFD.
 *
 * @param name The text before it, such as `{"event":`.
 * @return false if not all of it is UTF-8.
 */
static bool add_text(struct strbuf *out, const char *name, const char *text, size_t length)
{
	bool utf8 = true;

	strbuf_add_string(out, name);
	if (text) {
		strbuf_add_char(out, '"');
		utf8 = add_characters(out, text, text + length);
		strbuf_add_char(out, '"');
	} else {
		strbuf_add_string(out, "null");
	}
	return utf8;
}

/** Adds a string, or null for NULL. @return false if not all of it is UTF-8. */
static bool add_string(struct strbuf *out, const char *name, const char *string)
{
	return add_text(out, name, string, string ? strlen(string) : 0);
}

/* ---- Objects -------------------------------------------------------------------------------- */

void json_add_record(struct strbuf *out, const struct json_record *record)
{
	static const char *const kinds[] = { NULL, "file", "directory" };

	add_string(out, "{\"event\":", record->event);
	if (!add_string(out, ",\"path\":", record->path)) {
		strbuf_add_string(out, ",\"path_base64\":\"");
		add_base64(out, record->path);
		strbuf_add_char(out, '"');
	}
	add_string(out, ",\"kind\":", kinds[record->kind]);
	add_text(out, ",\"tag\":", record->tag, record->tag_length);
	if (record->bytes) {
		strbuf_printf(out, ",\"bytes\":%" PRIu64, *record->bytes);
	} else {
		strbuf_add_string(out, ",\"bytes\":null");
	}
	add_string(out, ",\"reason\":", record->reason);
	add_string(out, ",\"error\":", record->error);
	strbuf_add_string(out, "}\n");
}

void json_add_summary(struct strbuf *out, const struct reporter_counts *counts, bool dry_run,
		      bool interrupted)
{
	strbuf_printf(out,
		      "{\"event\":\"summary\",\"dry_run\":%s,\"files\":%" PRIu64
		      ",\"directories\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"errors\":%" PRIu64
		      ",\"skipped_environments\":%" PRIu64 ",\"skipped\":%" PRIu64
		      ",\"sourceless\":%" PRIu64 ",\"interrupted\":%s}\n",
		      dry_run ? "true" : "false", counts->files, counts->directories, counts->bytes,
		      counts->errors, counts->environments, counts->skipped, counts->sourceless,
		      interrupted ? "true" : "false");
}
