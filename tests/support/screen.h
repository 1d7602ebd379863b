/**
 * What is left on a terminal that was sent some bytes: as much of one as this program may ask for.
 */

#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include <stddef.h>

/**
 * Shows bytes: '\r', '\n', "\033[J" and colours do what they do, all else is written over what was
 * there. Any other control sequence fails the test.
 *
 * @return The lines that are left, each with a '\n' behind it, blanks at the end left out.
 */
const char *screen_after(const char *bytes, size_t length);

#endif
