#include "operands.h"

#include "debris.h"
#include "interpreter.h"
#include "lookup.h"
#include "platform.h"
#include "prefix.h"
#include "pyc.h"
#include "scan.h"
#include "walker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Shared by all operands. */
struct run {
	struct scan_config config;
	unsigned jobs;
	/** A PATH that does not exist is not an error. */
	bool force;
	/** For operands that are removed without a walk. */
	struct scan scan;
};

/* ---- Configuration -------------------------------------------------------------------------- */

static struct scan_config common_config(const struct options *options, struct reporter *reporter,
					const atomic_int *stop)
{
	struct scan_config config = {
		.rules = options->rules,
		.ignore = options->ignore,
		.selection = options->selection,
		.policy = {
			.dry_run = options->style.dry_run,
			.stop = stop,
			.one_file_system = options->one_file_system,
			.sizes = reporter_wants_sizes(reporter),
		},
		.reporter = reporter,
		.tags = options->style.json,
		.prune = options->prune,
	};

	if (options->prefix) {
		config.prefix = platform_identify_at(AT_FDCWD, options->prefix, 0);
	}
	return config;
}

/* ---- Directories ---------------------------------------------------------------------------- */

/** The directory that is cleaned, or the parent of an operand, and how to clean it. */
struct directory {
	int fd;
	/** The path shown before the names in it: "", "/" or "a/b/". */
	char *prefix;
	/** As scan_config's; NULL if the directory is not in the cache-prefix tree. */
	char *sources;
	/** Memory for ignore's `top`. */
	char *top;
	struct scan_config config;
};

/** Sets `top` for patterns that need it. @return 0, or -1 with errno. */
static int find_top(struct directory *d, const struct operand *operand, const char *directory)
{
	struct ignore *ignore = &d->config.ignore;

	if (!ignore->has_absolute) {
		return 0;
	}
	d->top = realpath(operand->type == ENTRY_DIRECTORY ? operand->path : directory, NULL);
	ignore->top = d->top && d->top[1] == '\0' ? "" : d->top;
	return d->top ? 0 : -1;
}

/** Whether a directory lies below one of installed packages; true if it cannot be looked up. */
static bool is_installed(const char *directory)
{
	char *path = realpath(directory, NULL);
	bool installed = !path || debris_is_installed(path);

	free(path);
	return installed;
}

/** Opens an operand's directory. @return 0, or -1 with errno; call close_directory() either way. */
static int open_directory(struct directory *d, const struct scan_config *config,
			  const struct operand *operand)
{
	const char *path;

	*d = (struct directory){ .fd = -1, .config = *config, .prefix = lookup_prefix(operand) };
	if (!d->prefix) {
		return -1;
	}
	path = d->prefix[0] != '\0' ? d->prefix : ".";
	/* Removing an entry does not need permission to read the directory. */
	d->fd = operand->use == OPERAND_REMOVE || operand->use == OPERAND_DEBRIS
			? platform_open_parent(AT_FDCWD, path)
			: open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd < 0 || prefix_find_sources(d->config.prefix, path, &d->sources) != 0 ||
	    find_top(d, operand, path) != 0) {
		return -1;
	}
	/* A module's bytecode is in a cache below the directory, even if that is a cache itself. */
	d->config.in_cache = operand->use != OPERAND_MODULE && lookup_is_cache(d->fd);
	d->config.installed = (d->config.rules.debris & DEBRIS_BUILD) && is_installed(path);
	d->config.sources = d->sources;
	d->config.selection.modules = operand->modules;
	d->config.selection.module_count = operand->module_count;
	d->config.selection.only.automatic = operand->automatic.text;
	d->config.selection.except.automatic = operand->automatic.text;
	return 0;
}

/** Closes a directory, and keeps errno. */
static void close_directory(struct directory *d)
{
	int error = errno;

	platform_close(d->fd);
	free(d->prefix);
	free(d->sources);
	free(d->top);
	errno = error;
}

/* ---- Operands ------------------------------------------------------------------------------- */

/**
 * Cleans an operand. If it is not the debris that it may be, changes its use to that without -d.
 *
 * @return 0, or -1 with errno if it could not begin.
 */
static int clean(struct run *run, struct operand *operand)
{
	struct namelist none = { 0 };
	struct directory d;
	int result = open_directory(&d, &run->config, operand);
	struct scan_place place = {
		.config = &d.config,
		.fd = d.fd,
		.top = d.fd,
		.prefix = d.prefix,
		.is_operand = true,
	};

	if (result != 0) {
		goto out;
	}
	if (operand->use == OPERAND_ENTER) {
		result = walker_run(&d.config, d.fd, d.prefix, run->jobs, WALKER_SMALL_TREE);
	} else if (operand->use == OPERAND_REMOVE) {
		place.below = strlen(operand->path) + 1;
		scan_remove(&run->scan, &place, operand->name, operand->type);
	} else if (operand->use == OPERAND_DEBRIS) {
		place.below = strlen(operand->path) + 1;
		if (!scan_remove_debris(&run->scan, &place, operand->name, operand->type)) {
			operand->use =
				operand->type == ENTRY_DIRECTORY ? OPERAND_ENTER : OPERAND_UNFIT;
		}
	} else {
		/* All modules at once, so that a dry run knows if their cache becomes empty. */
		place.below = strlen(d.prefix);
		scan_directory(&run->scan, &place, &none);
		namelist_free(&none);
	}
out:
	close_directory(&d);
	return result;
}

/** Whether an errno means that a path does not exist. */
static bool is_missing(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

static void clean_operand(struct run *run, struct operand *operand)
{
	const struct pyc_part tag =
		run->config.tags ? pyc_tag_in(operand->given) : (struct pyc_part){ 0 };
	const struct reporter_path shown = {
		.name = operand->given,
		.tag = tag.start,
		.tag_length = tag.length,
	};
	struct report *report = run->scan.report;
	enum operand_use use = operand->use;

	if (operand->given[0] == '\0') {
		reporter_refused(report, &shown, "PATH is empty");
	} else if (run->force && is_missing(operand->error)) {
		return;
	} else if (operand->error != 0) {
		reporter_error(report, "cannot read", &shown, operand->error);
	} else if (operand->use == OPERAND_REPOSITORY) {
		reporter_refused(report, &shown, "a repository is stored there");
	} else if (operand->use == OPERAND_CACHE_LINK) {
		reporter_unfit(
			report, &shown,
			"is a symbolic link (with a '/' after it, what it leads to is cleaned)");
	} else if (operand->use == OPERAND_UNFIT) {
		reporter_unfit(report, &shown, "is neither a directory nor bytecode");
	} else if (clean(run, operand) != 0) {
		/* One that was removed during the run is not an error. */
		if (!is_missing(errno)) {
			reporter_error(report, "cannot read", &shown, errno);
		}
	} else if (operand->use != use) {
		clean_operand(run, operand);
	}
}

/**
 * @return The directories that are never pruned, `count` + 1, for free(): each PATH, or its parent,
 *         and the current directory; or NULL with ENOMEM.
 */
static struct platform_identity *kept_directories(const struct lookup *lookup)
{
	struct platform_identity *kept = calloc(lookup->count + 1, sizeof(*kept));

	for (size_t i = 0; kept && i < lookup->count; i++) {
		kept[i] = lookup->all[i].place;
	}
	if (kept) {
		kept[lookup->count] = platform_identify_at(AT_FDCWD, ".", 0);
	}
	return kept;
}

/** Refuses the root directory, however it is written. @return Whether it was refused. */
static bool refuses_root(const struct options *options, const struct lookup *lookup)
{
	struct platform_identity root = platform_identify_at(AT_FDCWD, "/", 0);

	if (options->one_file_system || options->style.dry_run) {
		return false;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		const struct operand *operand = &lookup->all[i];

		if (operand->error == 0 && operand->use == OPERAND_ENTER &&
		    platform_is_same(operand->place, root)) {
			reporter_usage(&options->style,
				       "-x, -n or --check is required to clean the root directory",
				       operand->given, NULL);
			return true;
		}
	}
	return false;
}

/* ---- All operands --------------------------------------------------------------------------- */

enum operands_result operands_clean(const struct options *options, struct reporter *reporter,
				    const atomic_int *stop)
{
	struct run run = { .config = common_config(options, reporter, stop),
			   .jobs = options->jobs,
			   .force = options->force };
	struct lookup lookup;
	struct platform_identity *kept = NULL;
	enum operands_result result = OPERANDS_FAILED;

	if (lookup_init(&lookup, options->operands.items, options->operands.count,
			options->rules.debris) != 0) {
		goto out;
	}
	if (refuses_root(options, &lookup)) {
		result = OPERANDS_REFUSED;
		goto out;
	}
	if (interpreter_find_tags(&lookup, options, reporter, stop) != 0 &&
	    !deleter_policy_stops(&run.config.policy)) {
		result = OPERANDS_REFUSED;
		goto out;
	}
	kept = kept_directories(&lookup);
	run.config.kept = kept;
	run.config.kept_count = lookup.count + 1;
	if (!kept || scan_open(&run.scan, &run.config) != 0) {
		goto out;
	}
	for (size_t i = 0; i < lookup.count && !deleter_policy_stops(&run.config.policy); i++) {
		if (!lookup.all[i].covered) {
			clean_operand(&run, &lookup.all[i]);
		}
	}
	scan_close(&run.scan);
	prefix_report(&lookup, reporter);
	result = OPERANDS_DONE;
out:
	lookup_free(&lookup);
	free(kept);
	return result;
}
