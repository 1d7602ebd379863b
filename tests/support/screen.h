/**
 * What is on a terminal that was sent some bytes: as much of one as this program may ask for.
 */

#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include <stddef.h>

/** What tells the screen, though no program, that the window has become 24 lines high, N columns wide. */
#define SCREEN_RESIZED(n) "\033[8;24;" #n "t"

/**
 * Shows bytes on a screen of so many columns: '\r', '\n', "\033[J", colours and SCREEN_RESIZED() do
 * what they do, all else is written over what was there. Any other control sequence fails the test.
 *
 * Like tmux, the screen breaks a long line into rows, breaks it anew when its width
 * changes, and keeps the cursor on its character. Of the characters beyond ASCII it knows the widths
 * of U+0300 to U+036F (combining, 0) and of U+2E80 to U+FFDC (2).
 *
 * @return The rows, each with a '\n' behind it, blanks at the end left out.
 */
const char *screen_of_width(size_t columns, const char *bytes, size_t length);

/** The same on a screen of 80 columns. */
const char *screen_after(const char *bytes, size_t length);

#endif
