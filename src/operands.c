#include "operands.h"

#include "debris.h"
#include "platform.h"
#include "strbuf.h"
#include "walker.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** Shared by all operands. */
struct run {
	const struct options *options;
	struct scan_config config;
	/** For operands that are removed without a walk. */
	struct scan scan;
};

static struct scan_config common_config(const struct options *options, struct reporter *reporter,
					const atomic_int *stop, const struct lookup *lookup)
{
	return (struct scan_config){
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
		.cache_prefix = options->cache_prefix,
		.prune = options->prune,
		.kept = lookup->places,
		.kept_count = lookup->count + 1,
	};
}

/** @return The path of an operand's place. */
static const char *place_of(const struct operand *operand)
{
	return operand->prefix[0] != '\0' ? operand->prefix : ".";
}

/**
 * Sets what is not common to all operands.
 *
 * @param path Receives the absolute path of the place without links, with a '/' at the end.
 * @param top  Receives that of the operand, or of its place if it is no directory.
 * @return 0, or -1 with errno.
 */
static int configure(struct scan_config *config, struct operand *operand, char path[PATH_MAX + 1],
		     char top[PATH_MAX])
{
	const char *place = place_of(operand);
	const char *below;

	config->operand_length = operand->use == OPERAND_REMOVE ? strlen(operand->path) + 1
								: strlen(operand->prefix);
	/* A module's bytecode is in a cache below the directory, even if that is a cache itself. */
	config->in_cache = operand->in_cache && operand->use != OPERAND_MODULE;
	config->selection.modules = operand->use == OPERAND_MODULE ? &operand->modules : NULL;
	config->selection.only.automatic = operand->automatic.text;
	config->selection.except.automatic = operand->automatic.text;
	if (config->cache_prefix.ino == 0 && !config->ignore.has_absolute &&
	    !(config->rules.debris & DEBRIS_BUILD)) {
		return 0;
	}
	if (!realpath(place, path) ||
	    !realpath(operand->type == ENTRY_DIRECTORY ? operand->path : place, top)) {
		return -1;
	}
	config->ignore.top = top[1] != '\0' ? top : "";
	config->in_site_packages = debris_is_installed(path);
	stpcpy(path + strlen(path), "/");
	below = lookup_below(path, config->cache_prefix);
	/* From the slash before it. */
	config->source_root = below ? below - 1 : NULL;
	return 0;
}

static void clean_operand(struct run *run, struct operand *operand);

/** Cleans an operand that is not the debris that it may be. @return As clean(). */
static int clean_unmarked(struct run *run, const struct operand *operand)
{
	struct lookup lookup;
	int result = lookup_init(&lookup, &operand->given, 1, 0);

	if (result == 0) {
		lookup.all->automatic = operand->automatic;
		clean_operand(run, lookup.all);
	}
	lookup_free(&lookup);
	return result;
}

/** @return 0, or -1 with errno if it could not begin. */
static int clean(struct run *run, struct operand *operand)
{
	bool is_entry = operand->use == OPERAND_REMOVE;
	/* Removing an entry does not need permission to read the directory. */
	int fd = is_entry ? platform_open_parent(AT_FDCWD, place_of(operand))
			  : open(place_of(operand), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct scan_config config = run->config;
	const struct scan_place place = {
		.config = &config, .fd = fd, .prefix = operand->prefix, .is_operand = true
	};
	struct namelist parts = { 0 };
	char path[PATH_MAX + 1];
	char top[PATH_MAX];
	int result = 0;

	config.operand_fd = fd;
	if (fd < 0 || configure(&config, operand, path, top) != 0) {
		result = -1;
	} else if (is_entry &&
		   !scan_entry(&run->scan, &place, operand->name, operand->type, &parts)) {
		result = clean_unmarked(run, operand);
	} else if (!is_entry || parts.count > 0) {
		/* All modules at once, so that a dry run knows if their cache becomes empty. */
		result = walker_run(&config, operand->prefix, is_entry ? &parts : NULL,
				    run->options->jobs, WALKER_SMALL_TREE);
	}
	platform_close(fd);
	namelist_free(&parts);
	return result;
}

/** Whether an errno means that a path does not exist. */
static bool is_missing(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

/** Whether an operand was removed during the run, which is no error. */
static bool is_gone(const struct operand *operand)
{
	const char *path = operand->use == OPERAND_MODULE ? place_of(operand) : operand->path;
	struct stat st;

	/* No links: it is the current directory, which has gone. */
	return fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) != 0 || st.st_nlink == 0;
}

static void clean_operand(struct run *run, struct operand *operand)
{
	static const char cache_link[] =
		"is a symbolic link; add a '/' to clean the directory that it leads to";
	const struct reporter_path shown = { .name = operand->given };
	struct report *report = run->scan.report;

	if (operand->given[0] == '\0') {
		reporter_refused(report, "cannot clean", &shown, "PATH is empty");
	} else if (operand->error != 0) {
		if (!run->options->force || !is_missing(operand->error)) {
			reporter_error(report, "cannot read", &shown, operand->error);
		}
	} else if (operand->use == OPERAND_REPOSITORY) {
		reporter_refused(report, "cannot clean", &shown, "a repository is stored there");
	} else if (operand->use == OPERAND_CACHE_LINK) {
		reporter_refused(report, cache_link, &shown, NULL);
	} else if (operand->use == OPERAND_UNFIT) {
		reporter_refused(report, "is neither a directory nor bytecode", &shown, NULL);
	} else if (clean(run, operand) != 0 && !(is_missing(errno) && is_gone(operand))) {
		reporter_error(report, "cannot read", &shown, errno);
	}
}

/** Reports where Python puts an operand's caches, if there are any. */
static void report_caches(const struct operand *operand, const char *prefix,
			  struct reporter *reporter)
{
	const char *module = operand->use == OPERAND_MODULE ? operand->name : "";
	const char *suffix = strrchr(module, '.');
	struct strbuf path = STRBUF_INIT;
	struct strbuf pattern = STRBUF_INIT;
	char sources[PATH_MAX];
	glob_t found;

	if (!realpath(place_of(operand), sources)) {
		return;
	}
	strbuf_printf(&path, "%s%s", prefix, sources + (prefix[strlen(prefix) - 1] == '/'));
	for (const char *at = path.text; *at != '\0'; at++) {
		strbuf_printf(&pattern, "\\%c", *at);
	}
	strbuf_printf(&pattern, "/%.*s*", suffix ? (int)(suffix + 1 - module) : 0, module);
	strbuf_printf(&path, "%s%s", module[0] != '\0' ? "/" : "", module);
	if (!pattern.failed && !path.failed && glob(pattern.text, GLOB_NOSORT, NULL, &found) == 0) {
		globfree(&found);
		reporter_elsewhere(reporter, path.text);
	}
	strbuf_free(&pattern);
	strbuf_free(&path);
}

/** If nothing was removed, or would be: reports the caches in PYTHONPYCACHEPREFIX's tree. */
static void report_elsewhere(const struct lookup *lookup, struct reporter *reporter)
{
	const char *prefix = getenv("PYTHONPYCACHEPREFIX");
	const struct reporter_counts *counts = reporter_counts(reporter);
	char root[PATH_MAX];

	/* A command with more paths would not be read. */
	if (!prefix || counts->files + counts->directories > 0 || lookup->count > 16 ||
	    !realpath(prefix, root) || lookup_contains(lookup, root)) {
		return;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		const struct operand *operand = &lookup->all[i];

		if (operand->use == OPERAND_MODULE ||
		    (operand->use == OPERAND_ENTER && !operand->covered)) {
			report_caches(operand, prefix, reporter);
		}
	}
}

int operands_clean(const struct options *options, struct reporter *reporter, const atomic_int *stop)
{
	int result = -1;
	struct run run = { .options = options };
	struct lookup lookup;

	if (lookup_init(&lookup, options->operands, options->operand_count,
			options->rules.debris) != 0) {
		reporter_fatal();
		goto out;
	}
	run.config = common_config(options, reporter, stop, &lookup);
	if (lookup.root && !options->one_file_system && !options->style.dry_run) {
		reporter_usage(&options->style,
			       "-x, -n or --check is required to clean the root directory",
			       lookup.root, NULL);
		goto out;
	}
	if (interpreter_find_tags(&lookup, options, reporter, stop) != 0 &&
	    !deleter_policy_stops(&run.config.policy)) {
		goto out;
	}
	if (scan_open(&run.scan, &run.config) != 0) {
		reporter_fatal();
		goto out;
	}
	for (size_t i = 0; i < lookup.count && !deleter_policy_stops(&run.config.policy); i++) {
		if (!lookup.all[i].covered) {
			clean_operand(&run, &lookup.all[i]);
		}
	}
	scan_close(&run.scan);
	report_elsewhere(&lookup, reporter);
	result = 0;
out:
	lookup_free(&lookup);
	return result;
}
