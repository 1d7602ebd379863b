#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Whether the environment has a variable that is not empty. */
static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && value[0] != '\0';
}

bool terminal_is_capable(int fd)
{
	return is_set("TERM") && strcmp(getenv("TERM"), "dumb") != 0 && isatty(fd);
}

bool terminal_takes_colour(enum terminal_when when, int fd)
{
	if (when != TERMINAL_AUTO) {
		return when == TERMINAL_ALWAYS;
	}
	return !is_set("NO_COLOR") && terminal_is_capable(fd);
}
