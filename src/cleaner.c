#include "cleaner.h"

#include "bytecode.h"
#include "crew.h"
#include "matcher.h"
#include "mirror.h"
#include "operand.h"
#include "platform.h"
#include "selection.h"
#include "sweeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** What is done with an operand. */
enum use {
	USE_ENTER,
	USE_REMOVE,
	USE_MODULE,
	USE_NONE,
};

/** How bytecode lies in the directory that was asked about last. */
struct layout {
	/** Absolute, without links; NULL for one that need not be known. */
	char *directory;
	enum mirror_reach reach;
	enum selection_layout found;
	/** The plan's. */
	char *sources;
};

struct cleaner {
	const struct options *options;
	struct scene_plan plan;
	struct layout layout;
	/** For operands that go as they are. */
	struct sweeper sweeper;
	struct operands operands;
};

/** @return A path without slashes at its end, but for the root's; to be freed. NULL with ENOMEM. */
static char *without_slashes(const char *given)
{
	size_t length = strlen(given);

	while (length > 1 && given[length - 1] == '/') {
		length--;
	}
	return strndup(given, length);
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] != '\0' ? slash + 1 : path;
}

/** Looks an operand up. @return 0, or -1 with errno. */
static int find_use(const struct operand *operand, const char *path, enum use *use,
		    enum entry_type *type)
{
	static const struct matcher_rules by_name_alone = { .all = true };
	const char *name = last_component(path);
	struct stat target;
	struct stat st;

	/* Its source may be gone. */
	if (operand->module) {
		*use = USE_MODULE;
		return 0;
	}
	/* `given` may end in a slash, which asks for a directory or a link to one. */
	if (lstat(operand->given, &st) != 0 || lstat(path, &st) != 0) {
		return -1;
	}
	*type = platform_type_of_mode(st.st_mode);
	if (*type == ENTRY_LINK && stat(path, &target) == 0 && S_ISDIR(target.st_mode)) {
		*use = USE_ENTER;
	} else if (operand->in_cache ||
		   matcher_removes(matcher_classify(&by_name_alone, name, name, *type).verdict)) {
		*use = USE_REMOVE;
	} else {
		*use = *type == ENTRY_DIRECTORY ? USE_ENTER : USE_NONE;
	}
	return 0;
}

/**
 * Finds out how bytecode lies in a directory.
 *
 * @param path   An absolute path without links, or NULL where that need not be known.
 * @param length How much of it is the directory's.
 * @param reach  How much of the directory is cleaned.
 * @return 0, or -1 with ENOMEM.
 */
static int find_layout(struct cleaner *c, const char *path, size_t length, enum mirror_reach reach)
{
	struct layout *layout = &c->layout;
	char *directory = path ? strndup(path, length) : NULL;
	const char *below = NULL;
	int result = 0;

	if (path && !directory) {
		return -1;
	}
	/* The next operand often lies where the last one did. */
	if (directory && layout->directory && layout->reach == reach &&
	    strcmp(directory, layout->directory) == 0) {
		free(directory);
		c->plan.layout = layout->found;
		return 0;
	}
	free(layout->directory);
	free(layout->sources);
	*layout = (struct layout){ .directory = directory, .reach = reach };
	if (directory && c->options->prefix) {
		below = mirror_path_in(c->options->prefix, directory, reach, &c->plan.policy);
	}
	if (below) {
		layout->found = SELECTION_IN_MIRROR;
		if (asprintf(&layout->sources, "/%s%s", below, below[0] == '\0' ? "" : "/") < 0) {
			free(layout->directory);
			*layout = (struct layout){ 0 };
			result = -1;
		}
	} else if (directory &&
		   bytecode_is_cache((struct bytecode_part){ directory, strlen(directory) })) {
		layout->found = SELECTION_IN_CACHE;
	}
	c->plan.layout = layout->found;
	c->plan.sources = layout->sources;
	c->plan.rules.mirror = below != NULL;
	return result;
}

/** Finds out how bytecode lies in a directory that is an operand. @return 0, or -1 with ENOMEM. */
static int find_layout_in(struct cleaner *c, const struct operand *operand)
{
	return find_layout(c, operand->canonical,
			   operand->canonical ? strlen(operand->canonical) : 0, MIRROR_WHOLE);
}

/** Finds out how bytecode lies in what holds an operand. @return 0, or -1 with ENOMEM. */
static int find_layout_around(struct cleaner *c, const struct operand *operand)
{
	const char *slash = operand->canonical ? strrchr(operand->canonical, '/') : NULL;
	size_t length = slash ? (size_t)(slash - operand->canonical) : 0;

	return find_layout(c, operand->canonical, slash && length == 0 ? 1 : length, MIRROR_ITSELF);
}

/** Cleans a directory and all below it. @return 0, or -1 with errno where that could not begin. */
static int enter(struct cleaner *c, const struct operand *operand, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *prefix = fd < 0 ? NULL : malloc(strlen(path) + 2);
	int result = -1;
	int error;

	if (prefix && find_layout_in(c, operand) == 0) {
		char *end = stpcpy(prefix, strcmp(path, ".") == 0 ? "" : path);

		stpcpy(end, end == prefix || end[-1] == '/' ? "" : "/");
		result = crew_run(&c->plan, operand, fd, prefix, c->options->jobs);
	}
	error = errno;
	if (fd >= 0) {
		close(fd);
	}
	free(prefix);
	errno = error;
	return result;
}

/** Removes a file or a tree. @return 0, or -1 with errno where that could not begin. */
static int remove_it(struct cleaner *c, struct operand *operand, const char *path,
		     enum entry_type type)
{
	const char *name = last_component(path);
	char *prefix = strndup(path, (size_t)(name - path));
	int fd = prefix ? platform_open_parent(prefix[0] == '\0' ? "." : prefix) : -1;
	int result = -1;
	int error;

	if (fd >= 0 && find_layout_around(c, operand) == 0) {
		struct scene_place place = {
			.fd = fd,
			.prefix = prefix,
			.below = strlen(path) + 1,
			.operand = operand,
			.is_operand = true,
		};

		operands_cover(&c->operands, operand, "", OPERANDS_WHOLE);
		operand->gone = sweeper_remove(&c->sweeper, &place, name, type);
		reporter_flush(&c->sweeper.scene.report);
		result = 0;
	}
	error = errno;
	if (fd >= 0) {
		close(fd);
	}
	free(prefix);
	errno = error;
	return result;
}

/** Sources in one directory that are operands. */
struct modules {
	const struct operand **operands;
	struct selection_module *selected;
	size_t count;
};

/** @return 0, or -1 with ENOMEM. */
static int add_module(struct modules *modules, const struct operand *operand)
{
	size_t count = modules->count + 1;
	const struct operand **operands =
		realloc(modules->operands, count * sizeof(struct operand *));
	struct selection_module *selected;

	if (!operands) {
		return -1;
	}
	modules->operands = operands;
	selected = realloc(modules->selected, count * sizeof(*selected));
	if (!selected) {
		return -1;
	}
	modules->selected = selected;
	operands[modules->count] = operand;
	selected[modules->count] =
		(struct selection_module){ .source = last_component(operand->given) };
	modules->count = count;
	return 0;
}

/** Removes the bytecode of modules from the directory of their sources. */
static void sweep_modules(struct cleaner *c, struct modules *modules, int fd, const char *prefix)
{
	struct selection_rules *rules = &c->plan.selection;
	struct listing none = { 0 };
	const struct scene_place place = {
		.fd = fd,
		.prefix = prefix,
		.below = strlen(prefix),
		.operand = modules->operands[0],
		.is_operand = true,
	};

	rules->modules = modules->selected;
	rules->module_count = modules->count;
	sweeper_sweep(&c->sweeper, &place, &none);
	rules->modules = NULL;
	rules->module_count = 0;
	listing_free(&none);
}

/** Reports the modules of which there is nothing at all, neither a source nor bytecode. */
static void report_missing(struct cleaner *c, const struct modules *modules)
{
	struct stat st;

	for (size_t i = 0; i < modules->count; i++) {
		const char *given = modules->operands[i]->given;
		const struct reporter_path shown = { .name = given };

		if (!modules->selected[i].found && lstat(given, &st) != 0) {
			reporter_error(&c->sweeper.scene.report, "read", &shown, errno);
		}
	}
}

/**
 * Removes the bytecode of a module, and that of the other operands in its directory that are
 * modules: one directory is then left empty or not, in a dry run as in a run.
 *
 * @return 0, or -1 with errno where that could not begin.
 */
static int clean_modules(struct cleaner *c, const struct operand *operand, const char *path)
{
	char *prefix = strndup(path, (size_t)(last_component(path) - path));
	int fd = prefix ? open(prefix[0] == '\0' ? "." : prefix, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			: -1;
	struct modules modules = { 0 };
	int result = fd < 0 ? -1 : find_layout_around(c, operand);
	int error;

	/* Its bytecode is not in the cache that holds it, but in one of its own. */
	if (c->plan.layout == SELECTION_IN_CACHE) {
		c->plan.layout = SELECTION_BESIDE_SOURCE;
	}
	while (result == 0 && operand) {
		result = add_module(&modules, operand);
		operand = operands_next_beside(&c->operands, operand);
	}
	error = errno;
	if (result == 0) {
		sweep_modules(c, &modules, fd, prefix);
		if (!deleter_policy_stops(&c->plan.policy)) {
			report_missing(c, &modules);
		}
	}
	if (fd >= 0) {
		close(fd);
	}
	free(modules.operands);
	free(modules.selected);
	free(prefix);
	errno = error;
	return result;
}

static int clean(struct cleaner *c, struct operand *operand, const char *path)
{
	enum entry_type type;
	enum use use;

	if (find_use(operand, path, &use, &type) != 0) {
		return -1;
	}
	switch (use) {
	case USE_ENTER:
		return enter(c, operand, path);
	case USE_REMOVE:
		return remove_it(c, operand, path, type);
	case USE_MODULE:
		return clean_modules(c, operand, path);
	case USE_NONE:
		reporter_unfit(&c->sweeper.scene.report, operand->given,
			       "is neither a directory nor bytecode");
		break;
	}
	return 0;
}

static void clean_operand(struct cleaner *c, struct operand *operand)
{
	const struct reporter_path shown = { .name = operand->given };
	char *path = without_slashes(operand->given);

	if (!path || clean(c, operand, path) != 0) {
		reporter_error(&c->sweeper.scene.report, "read", &shown, errno);
	}
	free(path);
}

int cleaner_run(const struct options *options, struct reporter *reporter, const atomic_int *stop)
{
	struct cleaner c = { .options = options };
	/* Where an operand is tells where the sources of its bytecode are. */
	bool locate = options->prefix || selection_is_partial(&options->selection);
	struct operand *operand;

	c.plan.rules = options->rules;
	c.plan.selection = options->selection;
	c.plan.policy.dry_run = options->style.dry_run;
	c.plan.policy.stop = stop;
	c.plan.policy.one_file_system = options->one_file_system;
	c.plan.policy.sizes = reporter_wants_sizes(reporter);
	c.plan.reporter = reporter;
	c.plan.operands = &c.operands;
	if (operands_init(&c.operands, options->operands, options->operand_count, locate) != 0) {
		operands_free(&c.operands);
		return -1;
	}
	if (sweeper_init(&c.sweeper, &c.plan) != 0) {
		operands_free(&c.operands);
		return -1;
	}
	while (!deleter_policy_stops(&c.plan.policy) && (operand = operands_next(&c.operands))) {
		clean_operand(&c, operand);
	}
	sweeper_close(&c.sweeper);
	operands_free(&c.operands);
	free(c.layout.directory);
	free(c.layout.sources);
	return 0;
}
