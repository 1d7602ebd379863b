#include "tool.h"

#include "program.h"
#include "scratch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool tool_is_installed(const char *name)
{
	const char *at = getenv("PATH");

	while (at) {
		size_t length = strcspn(at, ":");

		if (is_program(scratch_format("%.*s/%s", (int)length, at, name))) {
			return true;
		}
		at = at[length] ? at + length + 1 : NULL;
	}
	return false;
}

void need_tool(const char *name)
{
	if (!tool_is_installed(name)) {
		skip_because("%s is not installed", name);
	}
}

void need_gnu_find(void)
{
	if (RUN_PROGRAM(.name = "find", .arguments = WORDS("--version"))->status != 0) {
		skip_because("find is not GNU find");
	}
}
