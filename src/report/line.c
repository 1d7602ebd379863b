#include "report/internal.h"

#include "platform.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Terminal control sequences; PLAIN ends each of the others. */
#define RED    "\033[1;31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define FAINT  "\033[2m"
#define PLAIN  "\033[0m"

static const struct outcome {
	/** In JSON. */
	const char *event;
	/** Before the path in text; NULL for an error. */
	const char *words;
	const char *colour;
} outcomes[] = {
	[LINE_REMOVED] = { "removed", "Removed ", GREEN },
	[LINE_WOULD_REMOVE] = { "would-remove", "Would remove ", YELLOW },
	[LINE_KEPT] = { "kept", "Kept ", FAINT },
	[LINE_SKIPPED] = { "skipped", "Skipped ", FAINT },
	[LINE_ERROR] = { "error", NULL, NULL },
};

/* ---- Text ----------------------------------------------------------------------------------- */

void line_join(struct strbuf *out, const struct reporter_path *path, bool slash)
{
	strbuf_reset(out);
	strbuf_add_string(out, path->prefix ? path->prefix : "");
	strbuf_add_string(out, path->trail ? path->trail : "");
	strbuf_add_string(out, path->name ? path->name : "");
	if (path->directory) {
		if (out->length == 0) {
			strbuf_add_char(out, '.');
		}
		while (out->length > 1 && out->text[out->length - 1] == '/') {
			strbuf_truncate(out, out->length - 1);
		}
		if (slash && strcmp(out->text, "/") != 0) {
			strbuf_add_char(out, '/');
		}
	}
}

/** Adds `Removed PATH (REASON)`. */
static void add_text(struct strbuf *out, const struct line *line, const char *whole, bool colours)
{
	const struct outcome *outcome = &outcomes[line->outcome];

	strbuf_add_string(out, colours ? outcome->colour : "");
	strbuf_add_string(out, outcome->words);
	strbuf_add_string(out, colours ? PLAIN : "");
	quote_path(out, whole, QUOTE_BARE);
	if (line->reason) {
		strbuf_add_string(out, colours ? FAINT " (" : " (");
		strbuf_add_string(out, line->reason);
		strbuf_add_string(out, colours ? ")" PLAIN : ")");
	}
	strbuf_add_char(out, '\n');
}

void line_add_error(struct strbuf *out, const struct line *line, const char *whole, bool colours)
{
	strbuf_printf(out, "%spyclean: ", colours ? RED : "");
	if (line->reason) {
		strbuf_printf(out, "%s ", line->error);
	}
	strbuf_add_string(out, colours ? PLAIN : "");
	quote_path(out, whole, QUOTE_ALWAYS);
	if (line->reason) {
		strbuf_printf(out, ": %s\n", line->reason);
	} else {
		strbuf_printf(out, " %s\n", line->error);
	}
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/** Adds a character as an escape sequence. */
static void add_escaped(struct strbuf *out, uint32_t character)
{
	if (character == '"' || character == '\\') {
		strbuf_printf(out, "\\%c", (char)character);
		return;
	}
	if (character > 0xffff) {
		/* As a surrogate pair. */
		strbuf_printf(out, "\\u%04" PRIx32, 0xd7c0 + (character >> 10));
		character = 0xdc00 + (character & 0x3ff);
	}
	strbuf_printf(out, "\\u%04" PRIx32, character);
}

/**
 * Adds `NAME"TEXT"`, or `NAMEnull` for NULL. Bytes that are not UTF-8 are written as U+FFFD.
 *
 * @return false if there are such bytes.
 */
static bool add_string(struct strbuf *out, const char *name, const char *text)
{
	bool utf8 = true;

	strbuf_add_string(out, name);
	if (!text) {
		strbuf_add_string(out, "null");
		return true;
	}
	strbuf_add_char(out, '"');
	while (*text != '\0') {
		uint32_t character;
		size_t run = quote_safe_run(text, '"');
		size_t step = run > 0 ? run : quote_decode(text, &character);

		if (run > 0) {
			strbuf_add(out, text, run);
		} else if (step > 0) {
			add_escaped(out, character);
		} else {
			strbuf_add_string(out, "\xef\xbf\xbd");
			utf8 = false;
			step = 1;
		}
		text += step;
	}
	strbuf_add_char(out, '"');
	return utf8;
}

/** Adds the bytes of a string in Base64 (RFC 4648). */
static void add_base64(struct strbuf *out, const char *string)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	uint32_t bits = 0;
	/** How many of them have not been added yet. */
	unsigned left = 0;

	for (const char *at = string; *at != '\0'; at++) {
		bits = bits << 8 | (unsigned char)*at;
		for (left += 8; left >= 6; left -= 6) {
			strbuf_add_char(out, digits[bits >> (left - 6) & 63]);
		}
	}
	if (left > 0) {
		strbuf_add_char(out, digits[bits << (6 - left) & 63]);
		strbuf_add_string(out, left == 2 ? "==" : "=");
	}
}

/** Adds `{"event":"removed","path":"a/b.pyc","kind":"file",...}`; the man page has all members. */
static void add_json(struct strbuf *out, const struct line *line, const char *whole)
{
	const struct reporter_path *path = line->path;
	const char *file = path->prefix ? "file" : NULL;

	add_string(out, "{\"event\":", outcomes[line->outcome].event);
	if (!add_string(out, ",\"path\":", whole) && whole) {
		strbuf_add_string(out, ",\"path_base64\":\"");
		add_base64(out, whole);
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

void line_add(struct strbuf *out, const struct line *line, const char *whole,
	      const struct reporter_style *style, bool colours)
{
	if (style->null) {
		strbuf_add(out, whole, strlen(whole) + 1);
	} else if (style->json) {
		add_json(out, line, whole);
	} else {
		add_text(out, line, whole, colours);
	}
}

/* ---- Messages ------------------------------------------------------------------------------- */

/** @return `PROBLEM 'TEXT' (did you mean 'MEANT'?)`, without TEXT or MEANT where that is NULL. */
static struct strbuf words_of(const char *problem, const char *text, const char *meant)
{
	struct strbuf words = STRBUF_INIT;

	strbuf_add_string(&words, problem);
	if (text) {
		strbuf_add_char(&words, ' ');
		quote_path(&words, text, QUOTE_ALWAYS);
	}
	if (meant) {
		strbuf_add_string(&words, " (did you mean ");
		quote_path(&words, meant, QUOTE_ALWAYS);
		strbuf_add_string(&words, "?)");
	}
	return words;
}

void reporter_note(const char *problem, const char *text, const char *meant)
{
	struct strbuf words = words_of(problem, text, meant);

	fprintf(stderr, "pyclean: %s\n", words.failed ? problem : words.text);
	strbuf_free(&words);
}

void reporter_usage(const struct reporter_style *style, const char *problem, const char *text,
		    const char *meant)
{
	struct strbuf words = words_of(problem, text, meant);
	const struct reporter_path none = { 0 };
	const struct line line = { .outcome = LINE_ERROR, .path = &none, .error = words.text };
	struct strbuf record = STRBUF_INIT;

	if (style->json && !style->null) {
		add_json(&record, &line, NULL);
		/* If it fails, the note and the exit status remain. */
		(void)platform_write(STDOUT_FILENO, record.text, record.failed ? 0 : record.length);
	}
	reporter_note(problem, text, meant);
	fputs("Try 'pyclean --help' for more information.\n", stderr);
	strbuf_free(&words);
	strbuf_free(&record);
}

void reporter_fatal(void)
{
	fprintf(stderr, "pyclean: %s\n", strerror(errno));
}
