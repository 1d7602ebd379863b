#include "shells.h"

#include "program.h"
#include "scratch.h"
#include "tool.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

const struct shell shells_bash = { "bash", "src/completions/pyclean.bash" };
const struct shell shells_zsh = { "zsh", "src/completions/_pyclean" };
const struct shell shells_fish = { "fish", "src/completions/pyclean.fish" };

static const char *absolute(const char *path)
{
	char resolved[PATH_MAX];

	if (!realpath(path, resolved)) {
		broken("cannot find '%s'", path);
	}
	return scratch_format("%s", resolved);
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

const char *shells_sorted(const char *text)
{
	char *copy = scratch_format("%s", text);
	char **words = scratch_alloc((strlen(text) / 2 + 1) * sizeof(*words));
	const char *sorted = "";
	size_t count = 0;

	for (char *word = strtok(copy, " \n"); word; word = strtok(NULL, " \n")) {
		words[count++] = word;
	}
	qsort(words, count, sizeof(*words), compare_words);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(words[i], words[i - 1]) != 0) {
			sorted = scratch_format("%s%s ", sorted, words[i]);
		}
	}
	return sorted;
}

const char *shells_complete(const struct shell *shell, const struct tree *tree, const char *line)
{
	const char *script = scratch_format("tests/shells/complete.%s", shell->name);
	const char *const arguments[] = { absolute(shell->completions), line, NULL };
	const struct outcome *outcome;

	need_tool(shell->name);
	outcome = RUN_PROGRAM(.name = absolute(script), .arguments = arguments, .cwd = tree->path);
	if (outcome->err_length > 0) {
		broken("%s said of '%s': %s", script, line, outcome->err);
	}
	for (char *at = outcome->out; *at != '\0'; at++) {
		if ((at[0] == '/' || at[0] == '=') && at[1] == '\n') {
			at[0] = '\n';
		}
	}
	return shells_sorted(outcome->out);
}
