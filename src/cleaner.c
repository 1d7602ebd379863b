#include "cleaner.h"

#include "walker.h"
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

struct cleaner {
	const struct options *options;
	struct scene_plan plan;
	/** The plan's. */
	char *sources;
	/** For operands that are removed themselves. */
	struct sweeper sweeper;
};

/** Whether a path leads to the root of the cache-prefix tree. */
static bool is_prefix(const struct scene_plan *plan, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == plan->prefix_dev &&
	       st.st_ino == plan->prefix_ino;
}

/**
 * Finds the directory of the sources whose bytecode a directory in the cache-prefix tree holds.
 *
 * @param path Of the directory: absolute, without links.
 * @param out  Receives the path, to be freed; NULL if the directory lies elsewhere.
 * @return 0, or -1 with ENOMEM.
 */
static int path_of_sources(const struct scene_plan *plan, const char *path, char **out)
{
	char *above = strdup(path);
	char *slash;
	int result = above ? 0 : -1;

	while (above && !is_prefix(plan, above[0] == '\0' ? "/" : above)) {
		slash = strrchr(above, '/');
		if (!slash) {
			free(above);
			return 0;
		}
		*slash = '\0';
	}
	if (above) {
		result = asprintf(out, "%s/", path + strlen(above)) < 0 ? -1 : 0;
	}
	free(above);
	return result;
}

/** Finds out whether a directory lies in the cache-prefix tree. @return 0, or -1 with ENOMEM. */
static int find_sources(struct cleaner *c, const char *path)
{
	char *sources = NULL;
	char *real;
	int result = 0;

	if (c->plan.has_prefix) {
		real = realpath(path, NULL);
		if (real) {
			result = path_of_sources(&c->plan, real, &sources);
			free(real);
		} else if (errno == ENOMEM) {
			result = -1;
		}
	}
	free(c->sources);
	c->sources = sources;
	c->plan.sources = sources;
	return result;
}

/**
 * Finds out how bytecode lies in a directory.
 *
 * @param path Leads to it.
 * @return 0, or -1 with ENOMEM.
 */
static int find_layout(struct cleaner *c, int fd, const char *path)
{
	c->plan.in_cache = operand_is_cache(fd);
	return find_sources(c, path);
}

/** Takes the root of the cache-prefix tree, if it is there. */
static void set_prefix(struct scene_plan *plan, const char *path)
{
	struct stat st;

	if (path && stat(path, &st) == 0) {
		plan->has_prefix = true;
		plan->prefix_dev = st.st_dev;
		plan->prefix_ino = st.st_ino;
	}
}

/** Cleans a directory and all below it. @return 0, or -1 with errno where that could not begin. */
static int enter(struct cleaner *c, const struct operand *operand)
{
	const char *path = operand->path;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *prefix = fd < 0 ? NULL : malloc(strlen(path) + 2);
	int result = -1;
	int error;

	if (prefix && find_layout(c, fd, path) == 0) {
		char *end = stpcpy(prefix, strcmp(path, ".") == 0 ? "" : path);

		stpcpy(end, end == prefix || end[-1] == '/' ? "" : "/");
		result = walker_run(&c->plan, fd, prefix, c->options->jobs, WALKER_SMALL_TREE);
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
static int remove_it(struct cleaner *c, const struct operand *operand)
{
	char *prefix = operand_holder(operand);
	const char *holder = prefix && prefix[0] == '\0' ? "." : prefix;
	int fd = holder ? platform_open_parent(AT_FDCWD, holder) : -1;
	int result = -1;
	int error;

	if (fd >= 0 && find_layout(c, fd, holder) == 0) {
		struct scene_place place = {
			.fd = fd,
			.top = fd,
			.prefix = prefix,
			.below = strlen(operand->path) + 1,
			.is_operand = true,
		};

		sweeper_remove(&c->sweeper, &place, operand->name, operand->type);
		reporter_flush(c->sweeper.scene.report);
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

/** Removes the bytecode of the modules of a directory that were given. @return 0, or -1 with ENOMEM. */
static int sweep_modules(struct cleaner *c, const struct operand *first, int fd, const char *prefix)
{
	struct selection_rules *rules = &c->plan.selection;
	struct listing none = { 0 };
	const struct scene_place place = {
		.fd = fd,
		.top = fd,
		.prefix = prefix,
		.below = strlen(prefix),
		.is_operand = true,
	};
	const char **sources;
	size_t count = 1;

	for (const struct operand *module = first->next; module; module = module->next) {
		count++;
	}
	sources = calloc(count, sizeof(*sources));
	if (!sources) {
		return -1;
	}
	for (const struct operand *module = first; module; module = module->next) {
		sources[rules->module_count++] = module->name;
	}
	rules->modules = sources;
	sweeper_sweep(&c->sweeper, &place, &none);
	rules->modules = NULL;
	rules->module_count = 0;
	listing_free(&none);
	free(sources);
	return 0;
}

/**
 * Removes the bytecode of a module, and that of the other operands in its directory that are
 * modules: so that the directory is read once, and its cache is left empty or not in a dry run as in
 * a run.
 *
 * @return 0, or -1 with errno where that could not begin.
 */
static int clean_modules(struct cleaner *c, const struct operand *operand)
{
	char *prefix = operand_holder(operand);
	const char *holder = prefix && prefix[0] == '\0' ? "." : prefix;
	int fd = holder ? open(holder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int result = fd < 0 ? -1 : find_layout(c, fd, holder);
	int error;

	/* Its bytecode is not in the cache that holds it, but in one of its own. */
	c->plan.in_cache = false;
	if (result == 0) {
		result = sweep_modules(c, operand->first, fd, prefix);
	}
	error = errno;
	if (fd >= 0) {
		close(fd);
	}
	free(prefix);
	errno = error;
	return result;
}

/** @return 0, or -1 with errno. */
static int clean(struct cleaner *c, const struct operand *operand)
{
	const struct reporter_path shown = { .name = operand->given };

	switch (operand->use) {
	case OPERAND_ENTER:
		return enter(c, operand);
	case OPERAND_REMOVE:
		return remove_it(c, operand);
	case OPERAND_MODULE:
		return clean_modules(c, operand);
	case OPERAND_REPOSITORY:
		reporter_refused(c->sweeper.scene.report, &shown, "a repository is stored there");
		break;
	case OPERAND_CACHE_LINK:
		reporter_unfit(
			c->sweeper.scene.report, operand->given,
			"is a symbolic link (with a '/' after it, what it leads to is cleaned)");
		break;
	case OPERAND_UNFIT:
		reporter_unfit(c->sweeper.scene.report, operand->given,
			       "is neither a directory nor bytecode");
		break;
	}
	return 0;
}

static void clean_operand(struct cleaner *c, const struct operand *operand)
{
	const struct reporter_path shown = { .name = operand->given };
	int error = operand->error;

	if (error == 0 && clean(c, operand) != 0) {
		/* It was there when the run began: that it has gone is what was wanted. */
		error = errno == ENOENT || errno == ENOTDIR ? 0 : errno;
	}
	if (error != 0) {
		reporter_error(c->sweeper.scene.report, "cannot read", &shown, error);
	}
}

/** Whether the root directory is an operand by mistake, which is said then. */
static bool refuses_root(const struct options *options, const struct operands *operands)
{
	const struct operand *root = operands_root(operands);

	if (!root || options->one_file_system || options->style.dry_run) {
		return false;
	}
	reporter_usage("-x, -n or --check is required to clean the root directory", root->given,
		       NULL);
	return true;
}

enum cleaner_result cleaner_run(const struct options *options, struct reporter *reporter,
				const atomic_int *stop)
{
	struct cleaner c = { .options = options };
	struct operands operands;
	const struct operand *operand;
	enum cleaner_result result = CLEANER_FAILED;

	c.plan.rules = options->rules;
	c.plan.selection = options->selection;
	c.plan.policy.dry_run = options->style.dry_run;
	c.plan.policy.stop = stop;
	c.plan.policy.one_file_system = options->one_file_system;
	c.plan.policy.sizes = reporter_wants_sizes(reporter);
	c.plan.reporter = reporter;
	set_prefix(&c.plan, options->prefix);
	if (operands_init(&operands, options->operands, options->operand_count) != 0) {
		goto out;
	}
	if (refuses_root(options, &operands)) {
		result = CLEANER_REFUSED;
		goto out;
	}
	if (sweeper_init(&c.sweeper, &c.plan) != 0) {
		goto out;
	}
	while (!deleter_policy_stops(&c.plan.policy) && (operand = operands_next(&operands))) {
		clean_operand(&c, operand);
	}
	sweeper_close(&c.sweeper);
	free(c.sources);
	result = CLEANER_DONE;
out:
	operands_free(&operands);
	return result;
}
