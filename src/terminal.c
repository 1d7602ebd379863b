#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** @return The value of a variable of the environment, or "". */
static const char *value_of(const char *variable)
{
	const char *value = getenv(variable);

	return value ? value : "";
}

bool terminal_is_capable(int fd)
{
	const char *kind = value_of("TERM");

	return kind[0] != '\0' && strcmp(kind, "dumb") != 0 && isatty(fd);
}

bool terminal_takes_colour(enum terminal_when when, int fd)
{
	if (when != TERMINAL_AUTO) {
		return when == TERMINAL_ALWAYS;
	}
	return value_of("NO_COLOR")[0] == '\0' && terminal_is_capable(fd);
}
