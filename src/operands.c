#include "operands.h"

#include "interpreter.h"
#include "lookup.h"
#include "platform.h"
#include "scan.h"
#include "walker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** What all operands share. */
struct run {
	/** What does not depend on the operand. */
	struct scan_config config;
	unsigned jobs;
	/** For operands that are not walked. */
	struct scan scan;
};

/* ---- Configuration -------------------------------------------------------------------------- */

static struct scan_config common_config(const struct options *options, struct reporter *reporter,
					const atomic_int *stop)
{
	struct scan_config config = {
		.rules = options->rules,
		.selection = options->selection,
		.policy = {
			.dry_run = options->style.dry_run,
			.stop = stop,
			.one_file_system = options->one_file_system,
			.sizes = reporter_wants_sizes(reporter),
		},
		.reporter = reporter,
		.tags = reporter_wants_tags(reporter),
	};
	struct stat st;

	if (options->prefix && stat(options->prefix, &st) == 0) {
		config.has_prefix = true;
		config.prefix_dev = st.st_dev;
		config.prefix_ino = st.st_ino;
	}
	return config;
}

/** Whether a path leads to the root of the cache-prefix tree. */
static bool is_prefix(const struct scan_config *config, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == config->prefix_dev &&
	       st.st_ino == config->prefix_ino;
}

/** @return The length of the path that leads to the root of the cache-prefix tree, or -1. */
static ssize_t find_prefix(const struct scan_config *config, char *path)
{
	while (!is_prefix(config, path[0] == '\0' ? "/" : path)) {
		char *slash = strrchr(path, '/');

		if (!slash) {
			return -1;
		}
		*slash = '\0';
	}
	return (ssize_t)strlen(path);
}

/**
 * Finds the directory of the sources whose bytecode a directory in the cache-prefix tree holds: what
 * follows the root of the tree in its path.
 *
 * @param out Receives the path, to be freed; NULL if the directory lies elsewhere.
 * @return 0, or -1 with ENOMEM.
 */
static int find_sources(const struct scan_config *config, const char *directory, char **out)
{
	char *path = config->has_prefix ? realpath(directory, NULL) : NULL;
	char *above = path ? strdup(path) : NULL;
	int result = -1;
	ssize_t length;

	*out = NULL;
	if (path && !above) {
		goto out;
	}
	if (!path) {
		result = config->has_prefix && errno == ENOMEM ? -1 : 0;
		goto out;
	}
	length = find_prefix(config, above);
	result = length < 0 ? 0 : asprintf(out, "%s/", path + length);
out:
	free(path);
	free(above);
	return result < 0 ? -1 : 0;
}

/* ---- Directories ---------------------------------------------------------------------------- */

/** The directory that is cleaned, or that an operand lies in, and how. */
struct directory {
	int fd;
	/** What stands before the names in it. */
	char *prefix;
	/** The configuration's. */
	char *sources;
	const char **modules;
	struct scan_config config;
};

/**
 * Opens a directory.
 *
 * @param prefix    Allocated, or NULL for want of memory; the directory's from now on.
 * @param is_parent True if its entries need not be read.
 * @return 0, or -1 with errno; close_directory() follows in any case.
 */
static int open_directory(struct directory *d, const struct scan_config *config, const char *path,
			  char *prefix, bool is_parent)
{
	*d = (struct directory){ .fd = -1, .config = *config };
	d->prefix = prefix;
	if (!prefix) {
		return -1;
	}
	d->fd = is_parent ? platform_open_parent(AT_FDCWD, path)
			  : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd < 0 || find_sources(config, path, &d->sources) != 0) {
		return -1;
	}
	d->config.in_cache = lookup_is_cache(d->fd);
	d->config.sources = d->sources;
	return 0;
}

/** Opens the directory that holds an operand. */
static int open_holder(struct directory *d, const struct scan_config *config,
		       const struct operand *operand, bool is_parent)
{
	char *prefix = lookup_holder(operand);

	return open_directory(d, config, prefix && prefix[0] == '\0' ? "." : prefix, prefix,
			      is_parent);
}

/** Closes a directory, and keeps errno. */
static void close_directory(struct directory *d)
{
	int error = errno;

	platform_close(d->fd);
	free(d->prefix);
	free(d->sources);
	free(d->modules);
	errno = error;
}

/** @param below As scan_place's. */
static struct scan_place place_of(const struct directory *d, size_t below)
{
	return (struct scan_place){
		.config = &d->config,
		.fd = d->fd,
		.top = d->fd,
		.prefix = d->prefix,
		.below = below,
		.is_operand = true,
	};
}

/* ---- Operands ------------------------------------------------------------------------------- */

/** @return What is shown before the names in a directory: "", "/" or "a/b/"; or NULL with ENOMEM. */
static char *prefix_of(const char *path)
{
	bool has_slash = path[strlen(path) - 1] == '/';
	char *prefix;

	if (strcmp(path, ".") == 0) {
		return strdup("");
	}
	return asprintf(&prefix, "%s%s", path, has_slash ? "" : "/") < 0 ? NULL : prefix;
}

/** Cleans a directory and all below it. @return 0, or -1 with errno where that could not begin. */
static int walk(const struct run *run, const struct operand *operand)
{
	struct directory d;
	int result =
		open_directory(&d, &run->config, operand->path, prefix_of(operand->path), false);

	if (result == 0) {
		result = walker_run(&d.config, d.fd, d.prefix, run->jobs, WALKER_SMALL_TREE);
	}
	close_directory(&d);
	return result;
}

/** Removes a file or a tree. @return 0, or -1 with errno where that could not begin. */
static int remove_it(struct run *run, const struct operand *operand)
{
	struct directory d;
	int result = open_holder(&d, &run->config, operand, true);

	if (result == 0) {
		const struct scan_place place = place_of(&d, strlen(operand->path) + 1);

		scan_remove(&run->scan, &place, operand->name, operand->type);
	}
	close_directory(&d);
	return result;
}

/** Restricts a directory to the modules that were given in it. @return 0, or -1 with ENOMEM. */
static int choose_modules(struct directory *d, const struct operand *first)
{
	struct filter_rules *rules = &d->config.selection;
	size_t count = 1;

	for (const struct operand *module = first->next; module; module = module->next) {
		count++;
	}
	d->modules = calloc(count, sizeof(*d->modules));
	if (!d->modules) {
		return -1;
	}
	for (const struct operand *module = first; module; module = module->next) {
		d->modules[rules->module_count++] = module->name;
	}
	rules->modules = d->modules;
	/* Their bytecode is not in the cache that holds them, but in one of its own. */
	d->config.in_cache = false;
	return 0;
}

/**
 * Removes the bytecode of a module, and that of the other operands in its directory that are
 * modules: so that the directory is read once, and its cache is left empty or not in a dry run as in
 * a run.
 *
 * @return 0, or -1 with errno where that could not begin.
 */
static int clean_modules(struct run *run, const struct operand *operand)
{
	struct namelist none = { 0 };
	struct directory d;
	int result = open_holder(&d, &run->config, operand, false);

	if (result == 0) {
		result = choose_modules(&d, operand->first);
	}
	if (result == 0) {
		const struct scan_place place = place_of(&d, strlen(d.prefix));

		scan_directory(&run->scan, &place, &none);
		namelist_free(&none);
	}
	close_directory(&d);
	return result;
}

/** @return How an operand is shown. */
static struct reporter_path operand_path(const struct run *run, const struct operand *operand)
{
	struct pyc_part tag = { 0 };

	if (run->config.tags) {
		tag = interpreter_tag_in(operand->given);
	}
	return (struct reporter_path){
		.name = operand->given,
		.tag = tag.start,
		.tag_length = tag.length,
	};
}

/** @return 0, or -1 with errno. */
static int clean(struct run *run, const struct operand *operand)
{
	struct report *report = run->scan.report;
	const struct reporter_path shown = operand_path(run, operand);

	switch (operand->use) {
	case OPERAND_ENTER:
		return walk(run, operand);
	case OPERAND_REMOVE:
		return remove_it(run, operand);
	case OPERAND_MODULE:
		return clean_modules(run, operand);
	case OPERAND_REPOSITORY:
		reporter_refused(report, &shown, "a repository is stored there");
		break;
	case OPERAND_CACHE_LINK:
		reporter_unfit(
			report, &shown,
			"is a symbolic link (with a '/' after it, what it leads to is cleaned)");
		break;
	case OPERAND_UNFIT:
		reporter_unfit(report, &shown, "is neither a directory nor bytecode");
		break;
	}
	return 0;
}

static void clean_operand(struct run *run, const struct operand *operand)
{
	const struct reporter_path shown = operand_path(run, operand);
	int error = operand->error;

	if (error == 0 && clean(run, operand) != 0) {
		/* It was there when the run began: that it has gone is what was wanted. */
		error = errno == ENOENT || errno == ENOTDIR ? 0 : errno;
	}
	if (error != 0) {
		reporter_error(run->scan.report, "cannot read", &shown, error);
	}
}

/** Whether the root directory is an operand by mistake, which is said then. */
static bool refuses_root(const struct options *options, const struct lookup *lookup)
{
	const struct operand *root = lookup_root(lookup);

	if (!root || options->one_file_system || options->style.dry_run) {
		return false;
	}
	reporter_usage("-x, -n or --check is required to clean the root directory", root->given,
		       NULL);
	return true;
}

enum operands_result operands_clean(const struct options *options, struct reporter *reporter,
				    const atomic_int *stop)
{
	struct run run = { .config = common_config(options, reporter, stop),
			   .jobs = options->jobs };
	struct lookup lookup;
	const struct operand *operand;
	enum operands_result result = OPERANDS_FAILED;

	if (lookup_init(&lookup, options->operands, options->operand_count) != 0) {
		goto out;
	}
	if (refuses_root(options, &lookup)) {
		result = OPERANDS_REFUSED;
		goto out;
	}
	if (scan_open(&run.scan, &run.config) != 0) {
		goto out;
	}
	while (!deleter_policy_stops(&run.config.policy) && (operand = lookup_next(&lookup))) {
		clean_operand(&run, operand);
	}
	scan_close(&run.scan);
	result = OPERANDS_DONE;
out:
	lookup_free(&lookup);
	return result;
}
