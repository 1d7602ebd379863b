#include "interpreter.h"

#include "environment.h"
#include "platform.h"
#include "process.h"
#include "pyc.h"
#include "reporter.h"
#include "strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PYTHON3    "python3"
#define NO_AUTO    "cannot tell what 'auto' is (name a version instead, such as 3.13): "
#define NO_VERSION NO_AUTO "no clear version in the environment"

enum {
	/** As many links as Linux follows. */
	MAX_LINKS = 40,
	/** The timeout in milliseconds. */
	PATIENCE = 10000,
};

int interpreter_ask_tag(const char *path, char *out, size_t size, unsigned milliseconds,
			const atomic_int *stop)
{
	static char name[] = PYTHON3;
	/*
	 * Isolated (-I), so that it runs no file of the current directory; writing no bytecode
	 * (-B), since -I ignores PYTHONDONTWRITEBYTECODE; and fast (-S).
	 */
	static char options[] = "-IBS";
	static char command[] = "-c";
	static char program[] = "import sys; print(sys.implementation.cache_tag or '')";
	char *argv[] = { name, options, command, program, NULL };
	ssize_t length = process_read(path, argv, out, size, milliseconds, stop);

	if (length < 2 || out[length - 1] != '\n') {
		return -1;
	}
	out[length - 1] = '\0';
	return pyc_is_tag((struct pyc_part){ out, strlen(out) }) ? 0 : -1;
}

/* ---- The user's python3 --------------------------------------------------------------------- */

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/** @return The absolute path of the first python3 in PATH, for free(); or NULL. */
static char *find_python3(void)
{
	const char *directory = getenv("PATH");
	char *cwd = getcwd(NULL, 0);
	char *found = NULL;

	directory = directory ? directory : "/bin:/usr/bin";
	do {
		size_t length = strcspn(directory, ":");
		const char *base = directory[0] == '/' ? "" : cwd;
		char *path = NULL;

		if (base && asprintf(&path, "%s%s%.*s/" PYTHON3, base,
				     base[0] == '\0' || length == 0 ? "" : "/", (int)length,
				     directory) < 0) {
			break;
		}
		if (path && is_program(path)) {
			found = path;
		} else {
			free(path);
		}
		directory += length;
	} while (!found && *directory++ == ':');
	free(cwd);
	return found;
}

/** Whether a directory is cleaned, or an entry in it removed as an operand. */
static bool is_operand(const struct lookup *lookup, struct platform_identity directory,
		       const char *name)
{
	for (size_t i = 0; i < lookup->count; i++) {
		const struct operand *operand = &lookup->all[i];

		if (platform_is_same(operand->place, directory) &&
		    (operand->use == OPERAND_ENTER || strcmp(operand->name, name) == 0)) {
			return true;
		}
	}
	return false;
}

/**
 * Whether the way along an absolute path enters an operand. Links are followed one by one: one in a
 * tree may lead out of it, and still it is the tree that says where to.
 */
static bool enters(const struct lookup *lookup, const char *path)
{
	struct strbuf way = STRBUF_INIT;
	char *rest = strdup(path);
	bool result = true;
	int links = 0;

	for (char *at = rest; at && at[0] != '\0';) {
		struct platform_identity directory =
			platform_identify_at(AT_FDCWD, way.length > 0 ? way.text : "/", 0);
		size_t end = way.length;
		char target[PATH_MAX];
		size_t length;
		ssize_t size;

		at += strspn(at, "/");
		length = strcspn(at, "/");
		strbuf_printf(&way, "/%.*s", (int)length, at);
		at += length;
		if (way.failed || is_operand(lookup, directory, way.text + end + 1)) {
			goto out;
		}
		size = readlink(way.text, target, sizeof(target));
		if (size >= 0) {
			char *next;

			/* A loop may have been made since the path was found. */
			if (++links > MAX_LINKS ||
			    asprintf(&next, "%.*s/%s", (int)size, target, at) < 0) {
				goto out;
			}
			free(rest);
			rest = next;
			at = next;
			strbuf_truncate(&way, next[0] == '/' ? 0 : end);
		}
	}
	result = !rest;
out:
	strbuf_free(&way);
	free(rest);
	return result;
}

/* ---- What `auto` stands for ----------------------------------------------------------------- */

/** A search for the tags of all operands. */
struct search {
	const struct reporter_style *style;
	const atomic_int *stop;
	const struct lookup *lookup;
	/** The tag for operands without an environment. */
	struct operand_tag common;
};

/** @return -1. */
static int refuse(const struct search *search, const char *problem, const char *text)
{
	reporter_usage(search->style, problem, text, NULL);
	return -1;
}

/** Asks python3, unless it lies in an operand. @return 0, or -1, as interpreter_find_tags(). */
static int ask_python3(struct search *search)
{
	struct operand_tag *tag = &search->common;
	char *path = find_python3();
	int result = -1;

	tag->origin = PYTHON3;
	if (path && enters(search->lookup, path)) {
		refuse(search, NO_AUTO "python3 lies in a PATH to clean and is not run:", path);
	} else if (path && interpreter_ask_tag(path, tag->text, sizeof(tag->text), PATIENCE,
					       search->stop) == 0) {
		result = 0;
	} else if (!path || errno != EINTR) {
		refuse(search,
		       path && errno == ETIMEDOUT ? NO_AUTO "no answer within ten seconds from"
						  : NO_AUTO "no tag from",
		       PYTHON3);
	}
	free(path);
	return result;
}

/** Finds the tag for operands without an environment, once. @return As ask_python3(). */
static int find_common(struct search *search)
{
	const char *environment = getenv("VIRTUAL_ENV");

	if (search->common.origin) {
		return 0;
	}
	if (!environment || environment[0] == '\0') {
		return ask_python3(search);
	}
	search->common.origin = "VIRTUAL_ENV";
	switch (environment_read(environment, search->common.text)) {
	case ENVIRONMENT_TOLD:
		return 0;
	case ENVIRONMENT_NONE:
		return refuse(search, NO_AUTO "VIRTUAL_ENV is no environment:", environment);
	default:
		return refuse(search, NO_VERSION, environment);
	}
}

/**
 * Looks for an environment: a directory, or `.venv` or `venv` in it. An error is reported.
 *
 * @param prefix As lookup_prefix().
 */
static enum environment_answer look_in(const struct search *search, const char *prefix,
				       struct operand_tag *tag)
{
	static const struct {
		const char *name;
		const char *origin;
	} places[] = { { "", "its environment" }, { ".venv", ".venv" }, { "venv", "venv" } };
	enum environment_answer answer = ENVIRONMENT_NONE;

	for (size_t i = 0; i < 3 && answer == ENVIRONMENT_NONE; i++) {
		struct strbuf path = STRBUF_INIT;

		strbuf_printf(&path, "%s%s", prefix, places[i].name);
		strbuf_add_string(&path, path.length == 0 ? "." : "");
		answer = path.failed ? ENVIRONMENT_UNTOLD : environment_read(path.text, tag->text);
		tag->origin = places[i].origin;
		if (path.failed) {
			reporter_fatal();
		} else if (answer == ENVIRONMENT_UNTOLD) {
			refuse(search, NO_VERSION, path.text);
		}
		strbuf_free(&path);
	}
	return answer;
}

/** Finds the tag of an operand. @return As ask_python3(). */
static int find_tag(struct search *search, struct operand *operand)
{
	struct operand_tag *tag = &operand->automatic;
	char *prefix = lookup_prefix(operand);
	enum environment_answer answer = ENVIRONMENT_UNTOLD;

	if (!prefix) {
		reporter_fatal();
		return -1;
	}
	/* In its directory, and in those above as far as the current one. */
	while ((answer = look_in(search, prefix, tag)) == ENVIRONMENT_NONE &&
	       lookup_is_below(prefix, ".")) {
		size_t end = strlen(prefix) - 1;

		while (end > 0 && prefix[end - 1] != '/') {
			end--;
		}
		prefix[end] = '\0';
	}
	free(prefix);
	if (answer == ENVIRONMENT_NONE && find_common(search) == 0) {
		*tag = search->common;
		return 0;
	}
	return answer == ENVIRONMENT_TOLD ? 0 : -1;
}

int interpreter_find_tags(struct lookup *lookup, const struct options *options,
			  struct reporter *reporter, const atomic_int *stop)
{
	struct search search = { .style = &options->style, .stop = stop, .lookup = lookup };
	bool keeps = filter_has_auto(&options->selection.except);

	if (!keeps && !filter_has_auto(&options->selection.only)) {
		return 0;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		struct operand *operand = &lookup->all[i];

		if (operand->error != 0 || operand->use > OPERAND_MODULE) {
			continue;
		}
		if (find_tag(&search, operand) != 0) {
			return -1;
		}
		reporter_chose(reporter, keeps ? "kept" : "only", operand->automatic.text,
			       operand->automatic.origin);
	}
	return 0;
}
