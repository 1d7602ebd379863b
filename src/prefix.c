#include "prefix.h"

#include "strbuf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int prefix_find_sources(struct platform_identity root, const char *directory, char **sources)
{
	char *path = root.ino != 0 ? realpath(directory, NULL) : NULL;
	const char *below = path ? lookup_below(path, root) : NULL;
	int result = root.ino != 0 && !path && errno == ENOMEM ? -1 : 0;

	*sources = NULL;
	if (below && asprintf(sources, "%s/", below) < 0) {
		*sources = NULL;
		result = -1;
	}
	free(path);
	return result;
}

enum {
	/** A command with more paths would not be read. */
	MOST_REPORTED = 16
};

/** Whether a directory can be read and has an entry whose name begins so. */
static bool has_entry(const char *directory, const char *beginning, size_t length)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry = NULL;

	while (dir && (entry = readdir(dir)) &&
	       (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		strncmp(entry->d_name, beginning, length) != 0)) {
	}
	if (dir) {
		closedir(dir);
	}
	return entry != NULL;
}

/** Reports where Python puts an operand's caches, if there are any that were not cleaned. */
static void report_caches(const struct lookup *lookup, const struct operand *operand,
			  const char *prefix, struct reporter *reporter)
{
	const char *module = operand->use == OPERAND_MODULE ? operand->name : "";
	const char *dot = strrchr(module, '.');
	struct strbuf path = STRBUF_INIT;
	char *shown = lookup_prefix(operand);
	char *sources = shown ? realpath(shown[0] != '\0' ? shown : ".", NULL) : NULL;
	char *caches = NULL;

	if (!sources) {
		goto out;
	}
	strbuf_printf(&path, "%s%s", prefix, sources + (prefix[strlen(prefix) - 1] == '/'));
	caches = realpath(path.text, NULL);
	if (caches && has_entry(caches, module, dot ? (size_t)(dot + 1 - module) : 0) &&
	    !lookup_contains(lookup, caches)) {
		strbuf_printf(&path, "%s%s", module[0] != '\0' ? "/" : "", module);
		reporter_elsewhere(reporter, path.text);
	}
out:
	strbuf_free(&path);
	free(caches);
	free(sources);
	free(shown);
}

void prefix_report(const struct lookup *lookup, struct reporter *reporter)
{
	const char *prefix = getenv("PYTHONPYCACHEPREFIX");
	const struct reporter_counts *counts = reporter_counts(reporter);

	if (!prefix || prefix[0] == '\0' || counts->files + counts->directories > 0 ||
	    lookup->count > MOST_REPORTED) {
		return;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		const struct operand *operand = &lookup->all[i];

		if (operand->error == 0 && (operand->use == OPERAND_MODULE ||
					    (operand->use == OPERAND_ENTER && !operand->covered))) {
			report_caches(lookup, operand, prefix, reporter);
		}
	}
}
