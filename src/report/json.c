#include "report/json.h"

#include "report/output.h"
#include "report/quote.h"
#include "report/summary.h"

#include <inttypes.h>
#include <stdbool.h>
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
static bool add_characters(struct strbuf *out, const char *text)
{
	static const char special[2] = { '"', '\\' };
	static const char replacement[] = "\xef\xbf\xbd";
	bool utf8 = true;

	for (;;) {
		size_t run = quote_safe_run(text, special);
		uint32_t character;
		size_t step;

		strbuf_add(out, text, run);
		text += run;
		if (*text == '\0') {
			return utf8;
		}
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
 * Adds a string, or null for NULL. Bytes that are not UTF-8 become U+FFFD.
 *
 * @param name The text before it, such as `{"event":`.
 * @return false if not all of it is UTF-8.
 */
static bool add_string(struct strbuf *out, const char *name, const char *string)
{
	bool utf8 = true;

	strbuf_add_string(out, name);
	if (string) {
		strbuf_add_char(out, '"');
		utf8 = add_characters(out, string);
		strbuf_add_char(out, '"');
	} else {
		strbuf_add_string(out, "null");
	}
	return utf8;
}

/* ---- Objects -------------------------------------------------------------------------------- */

void json_add_record(struct strbuf *out, const struct output_line *line,
		     const struct reporter_path *path, const char *whole_path)
{
	const char *file = path->prefix ? "file" : NULL;

	add_string(out, "{\"event\":", line->outcome->event);
	if (!add_string(out, ",\"path\":", whole_path)) {
		strbuf_add_string(out, ",\"path_base64\":\"");
		add_base64(out, whole_path);
		strbuf_add_char(out, '"');
	}
	add_string(out, ",\"kind\":", path->directory ? "directory" : file);
	if (path->tag) {
		strbuf_printf(out, ",\"tag\":\"%.*s\"", (int)path->tag_length, path->tag);
	} else {
		strbuf_add_string(out, ",\"tag\":null");
	}
	if (path->topic) {
		add_string(out, ",\"topic\":", path->topic);
	}
	if (line->bytes) {
		strbuf_printf(out, ",\"bytes\":%" PRIu64, *line->bytes);
	} else {
		strbuf_add_string(out, ",\"bytes\":null");
	}
	add_string(out, ",\"reason\":", line->reason);
	add_string(out, ",\"error\":", line->error);
	strbuf_add_string(out, "}\n");
}

void json_add_summary(struct strbuf *out, const struct summary *summary)
{
	const struct reporter_counts *counts = &summary->counts;

	strbuf_printf(out,
		      "{\"event\":\"summary\",\"dry_run\":%s,\"files\":%" PRIu64
		      ",\"directories\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"errors\":%" PRIu64
		      ",\"skipped_environments\":%" PRIu64 ",\"skipped\":%" PRIu64
		      ",\"sourceless\":%" PRIu64 ",\"interrupted\":%s}\n",
		      summary->dry_run ? "true" : "false", counts->files, counts->directories,
		      counts->bytes, counts->errors, counts->environments, counts->skipped,
		      counts->sourceless, summary->interrupted ? "true" : "false");
}
