#include "operands.h"

#include "debris.h"
#include "interpreter.h"
#include "lookup.h"
#include "matcher.h"
#include "platform.h"
#include "pyc.h"
#include "scan.h"
#include "strbuf.h"
#include "walker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Shared by all operands. */
struct run {
	const struct options *options;
	struct scan_config config;
	/** For operands that are removed without a walk. */
	struct scan scan;
	struct lookup lookup;
};

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
		config.prefix = platform_identify(AT_FDCWD, options->prefix, 0);
	}
	return config;
}

/* ---- Directories ---------------------------------------------------------------------------- */

/** The directory that is cleaned, or the parent of an operand, and how to clean it. */
struct directory {
	int fd;
	/** The path shown before the names in it: "", "/" or "a/b/". */
	char *prefix;
	/** Its absolute path without links; NULL if there is none. */
	char *path;
	/** Memory for the config's `sources` and the `top` of its `ignore`. */
	char *sources;
	char *top;
	struct scan_config config;
};

/** Sets what depends on where a directory is. @return 0, or -1 with errno. */
static int locate(struct directory *d, const struct operand *operand, const char *shown)
{
	struct scan_config *config = &d->config;
	const char *below = NULL;

	d->path = realpath(shown, NULL);
	if (d->path && config->prefix.ino != 0) {
		below = lookup_below(d->path, config->prefix);
	}
	if (below && asprintf(&d->sources, "%s/", below) < 0) {
		d->sources = NULL;
		return -1;
	}
	config->sources = d->sources;
	config->installed =
		(config->rules.debris & DEBRIS_BUILD) && (!d->path || debris_is_installed(d->path));
	if (config->ignore.has_absolute) {
		d->top = realpath(operand->type == ENTRY_DIRECTORY ? operand->path : shown, NULL);
		config->ignore.top = d->top && d->top[1] == '\0' ? "" : d->top;
		return d->top ? 0 : -1;
	}
	return d->path || errno != ENOMEM ? 0 : -1;
}

/** Opens an operand's directory. @return 0, or -1 with errno; call close_directory() either way. */
static int open_directory(struct directory *d, const struct run *run, const struct operand *operand)
{
	const char *path;

	*d = (struct directory){ .fd = -1,
				 .config = run->config,
				 .prefix = lookup_prefix(operand) };
	if (!d->prefix) {
		return -1;
	}
	path = d->prefix[0] != '\0' ? d->prefix : ".";
	/* Removing an entry does not need permission to read the directory. */
	d->fd = operand->use == OPERAND_REMOVE || operand->use == OPERAND_DEBRIS
			? platform_open_parent(AT_FDCWD, path)
			: open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd < 0 || locate(d, operand, path) != 0) {
		return -1;
	}
	/* A module's bytecode is in a cache below the directory, even if that is a cache itself. */
	d->config.in_cache = operand->use != OPERAND_MODULE && lookup_is_cache(d->fd);
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
	free(d->path);
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
	int result = open_directory(&d, run, operand);
	struct scan_place place = {
		.config = &d.config,
		.fd = d.fd,
		.top = d.fd,
		.prefix = d.prefix,
		.below = strlen(operand->path) + 1,
		.is_operand = true,
	};

	if (result != 0) {
		goto out;
	}
	switch (operand->use) {
	case OPERAND_ENTER:
		result = walker_run(&d.config, d.fd, d.prefix, run->options->jobs,
				    WALKER_SMALL_TREE);
		break;
	case OPERAND_REMOVE:
		scan_remove(&run->scan, &place, operand->name, operand->type);
		break;
	case OPERAND_DEBRIS:
		if (!scan_remove_debris(&run->scan, &place, operand->name, operand->type)) {
			operand->use =
				operand->type == ENTRY_DIRECTORY ? OPERAND_ENTER : OPERAND_UNFIT;
		}
		break;
	default:
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
	static const char *const unfit[] = {
		[OPERAND_CACHE_LINK] =
			"is a symbolic link; add a '/' to clean the directory that it leads to",
		[OPERAND_UNFIT] = "is neither a directory nor bytecode",
	};
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
	} else if (operand->error != 0) {
		if (!run->options->force || !is_missing(operand->error)) {
			reporter_error(report, "cannot read", &shown, operand->error);
		}
	} else if (use == OPERAND_REPOSITORY) {
		reporter_refused(report, &shown, "a repository is stored there");
	} else if (use > OPERAND_REPOSITORY) {
		reporter_unfit(report, &shown, unfit[use]);
	} else if (clean(run, operand) != 0) {
		/* One that was removed during the run is not an error. */
		if (!is_missing(errno)) {
			reporter_error(report, "cannot read", &shown, errno);
		}
	} else if (operand->use != use) {
		clean_operand(run, operand);
	}
}

/* ---- Caches that are elsewhere -------------------------------------------------------------- */

/** Ends the reading of a directory at a name that begins so; platform_entry_fn. */
static int find_beginning(void *context, const char *name, enum entry_type type)
{
	const struct pyc_part *beginning = context;

	(void)type;
	return strncmp(name, beginning->start, beginning->length) == 0 ? -1 : 0;
}

/** Reports where Python puts an operand's caches, if there are any that were not cleaned. */
static void report_caches(const struct lookup *lookup, const struct operand *operand,
			  const char *prefix, struct reporter *reporter)
{
	const char *module = operand->use == OPERAND_MODULE ? operand->name : "";
	const char *dot = strrchr(module, '.');
	struct pyc_part beginning = { module, dot ? (size_t)(dot + 1 - module) : 0 };
	struct strbuf path = STRBUF_INIT;
	char *shown = lookup_prefix(operand);
	char *sources = shown ? realpath(shown[0] != '\0' ? shown : ".", NULL) : NULL;
	char *caches = NULL;
	int fd = -1;

	if (sources) {
		strbuf_printf(&path, "%s%s", prefix, sources + (prefix[strlen(prefix) - 1] == '/'));
		caches = realpath(path.text, NULL);
	}
	if (caches && !lookup_contains(lookup, caches)) {
		fd = platform_open_directory(AT_FDCWD, caches);
	}
	if (fd >= 0 && platform_read_directory(fd, find_beginning, &beginning) != 0) {
		strbuf_printf(&path, "%s%s", module[0] != '\0' ? "/" : "", module);
		reporter_elsewhere(reporter, path.text);
	}
	platform_close(fd);
	strbuf_free(&path);
	free(caches);
	free(sources);
	free(shown);
}

/** If nothing was removed, or would be: reports the caches in PYTHONPYCACHEPREFIX's tree. */
static void report_elsewhere(const struct lookup *lookup, struct reporter *reporter)
{
	const char *prefix = getenv("PYTHONPYCACHEPREFIX");
	const struct reporter_counts *counts = reporter_counts(reporter);

	/* A command with more paths would not be read. */
	if (!prefix || prefix[0] == '\0' || counts->files + counts->directories > 0 ||
	    lookup->count > 16) {
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

/* ---- All operands --------------------------------------------------------------------------- */

/** Refuses the root directory, however it is written. @return Whether it was refused. */
static bool refuses_root(const struct options *options, const struct lookup *lookup)
{
	struct platform_identity root = platform_identify(AT_FDCWD, "/", 0);

	for (size_t i = 0; i < lookup->count; i++) {
		const struct operand *operand = &lookup->all[i];

		if (operand->error == 0 && operand->use == OPERAND_ENTER &&
		    platform_is_same(operand->place, root) && !options->one_file_system &&
		    !options->style.dry_run) {
			reporter_usage(&options->style,
				       "-x, -n or --check is required to clean the root directory",
				       operand->given, NULL);
			return true;
		}
	}
	return false;
}

enum operands_result operands_clean(const struct options *options, struct reporter *reporter,
				    const atomic_int *stop)
{
	struct run run = { .options = options, .config = common_config(options, reporter, stop) };
	const size_t count = options->operands.count;
	struct platform_identity *kept = NULL;
	struct lookup *lookup = &run.lookup;
	enum operands_result result = OPERANDS_FAILED;

	if (lookup_init(lookup, options->operands.items, count, options->rules.debris) != 0 ||
	    !(kept = calloc(count + 1, sizeof(*kept)))) {
		goto out;
	}
	if (refuses_root(options, lookup) ||
	    (interpreter_find_tags(lookup, options, reporter, stop) != 0 &&
	     !deleter_policy_stops(&run.config.policy))) {
		result = OPERANDS_REFUSED;
		goto out;
	}
	/* Never pruned: each PATH, or its parent, and the current directory. */
	for (size_t i = 0; i < count; i++) {
		kept[i] = lookup->all[i].place;
	}
	kept[count] = platform_identify(AT_FDCWD, ".", 0);
	run.config.kept = kept;
	run.config.kept_count = count + 1;
	if (scan_open(&run.scan, &run.config) != 0) {
		goto out;
	}
	for (size_t i = 0; i < count && !deleter_policy_stops(&run.config.policy); i++) {
		if (!lookup->all[i].covered) {
			clean_operand(&run, &lookup->all[i]);
		}
	}
	scan_close(&run.scan);
	report_elsewhere(lookup, reporter);
	result = OPERANDS_DONE;
out:
	lookup_free(lookup);
	free(kept);
	return result;
}
