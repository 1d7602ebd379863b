#include "screen.h"

#include "tests.h"

#include <string.h>

/** What is on the screen, and where the cursor is: in the last line. */
struct screen {
	char *text;
	/** Where the last line begins, and ends. */
	size_t line;
	size_t end;
	/** Within the last line. */
	size_t cursor;
};

static void write_byte(struct screen *screen, char byte)
{
	screen->text[screen->line + screen->cursor++] = byte;
	if (screen->line + screen->cursor > screen->end) {
		screen->end = screen->line + screen->cursor;
	}
}

static void break_line(struct screen *screen)
{
	screen->text[screen->end++] = '\n';
	screen->line = screen->end;
	screen->cursor = 0;
}

/** Obeys a control sequence. @return Its length. */
static size_t obey(struct screen *screen, const char *bytes, size_t length)
{
	size_t at = 2;

	while (at < length && strchr("0123456789;", bytes[at])) {
		at++;
	}
	if (at >= length || bytes[1] != '[' ||
	    !(bytes[at] == 'm' || (bytes[at] == 'J' && at == 2))) {
		broken("a terminal was sent %s", visible(scratch_copy(bytes, length)));
	}
	if (bytes[at] == 'J') {
		screen->end = screen->line + screen->cursor;
	}
	return at + 1;
}

const char *screen_after(const char *bytes, size_t length)
{
	struct screen screen = { .text = scratch_alloc(length + 2) };

	for (size_t at = 0; at < length;) {
		switch (bytes[at]) {
		case '\033':
			at += obey(&screen, bytes + at, length - at);
			continue;
		case '\r':
			screen.cursor = 0;
			break;
		case '\n':
			break_line(&screen);
			break;
		default:
			write_byte(&screen, bytes[at]);
		}
		at++;
	}
	while (screen.end > screen.line && screen.text[screen.end - 1] == ' ') {
		screen.end--;
	}
	if (screen.end > screen.line) {
		screen.text[screen.end++] = '\n';
	}
	screen.text[screen.end] = '\0';
	return screen.text;
}
