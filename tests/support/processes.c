#include "processes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool process_field(pid_t pid, const char *field, char value[PROCESS_VALUE_SIZE])
{
	char line[256];
	FILE *status;

	value[0] = '\0';
	snprintf(line, sizeof(line), "/proc/%d/status", (int)pid);
	status = fopen(line, "re");
	if (!status) {
		return false;
	}
	while (fgets(line, sizeof(line), status)) {
		if (strncmp(line, field, strlen(field)) == 0) {
			const char *text = line + strlen(field);

			text += strspn(text, " \t");
			snprintf(value, PROCESS_VALUE_SIZE, "%.*s", (int)strcspn(text, "\n"), text);
			break;
		}
	}
	fclose(status);
	return value[0] != '\0';
}

/** Whether a field that is a set of signals has one of them. */
static bool has_signal(pid_t pid, const char *field, int signal)
{
	char value[PROCESS_VALUE_SIZE];

	process_field(pid, field, value);
	return strtoull(value, NULL, 16) >> (signal - 1) & 1;
}

bool process_catches(pid_t pid, int signal)
{
	return has_signal(pid, "SigCgt:", signal);
}

bool process_awaits(pid_t pid, int signal)
{
	return has_signal(pid, "ShdPnd:", signal);
}

bool process_sleeps(pid_t pid)
{
	char value[PROCESS_VALUE_SIZE];

	process_field(pid, "State:", value);
	return value[0] == 'S';
}
