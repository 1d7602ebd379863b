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

/**
 * @param path Absolute, without links. It is changed, and then as it was.
 * @return What follows the root of the cache-prefix tree in the path, or NULL.
 */
static char *find_below_prefix(const struct scan_config *config, char *path)
{
	/* Each of the directories that lead there, "/" first. */
	for (char *end = path;; end += 1 + strcspn(end + 1, "/")) {
		char cut = *end;
		struct stat st;
		int result;

		*end = '\0';
		result = stat(end == path ? "/" : path, &st);
		*end = cut;
		if (result == 0 && st.st_dev == config->prefix_dev &&
		    st.st_ino == config->prefix_ino) {
			return end;
		}
		if (cut == '\0') {
			return NULL;
		}
	}
}

/**
 * Finds the directory of the sources whose bytecode a directory in the cache-prefix tree holds: its
 * path below the root of the tree.
 *
 * @param out Receives the path, to be freed; NULL if the directory lies elsewhere.
 * @return 0, or -1 with ENOMEM.
 */
static int find_sources(const struct scan_config *config, const char *directory, char **out)
{
	char *path = config->has_prefix ? realpath(directory, NULL) : NULL;
	const char *below = path ? find_below_prefix(config, path) : NULL;
	int result = config->has_prefix && !path && errno == ENOMEM ? -1 : 0;

	*out = NULL;
	if (below && asprintf(out, "%s/", below) < 0) {
		*out = NULL;
		result = -1;
	}
	free(path);
	return result;
}

/* ---- Directories ---------------------------------------------------------------------------- */

/** The directory that is cleaned, or that an operand lies in, and how. */
struct directory {
	int fd;
	char *path;
	/** What is shown before the names in it: "", "/" or "a/b/". */
	char *prefix;
	/** The configuration's. */
	char *sources;
	const char **modules;
	struct scan_config config;
};

/** @return The directory's `prefix`, or NULL with ENOMEM. */
static char *prefix_of(const char *path)
{
	bool has_slash = path[strlen(path) - 1] == '/';
	char *prefix;

	if (strcmp(path, ".") == 0) {
		return strdup("");
	}
	return asprintf(&prefix, "%s%s", path, has_slash ? "" : "/") < 0 ? NULL : prefix;
}

/** Opens an operand's directory. @return 0, or -1 with errno; close_directory() is due anyway. */
static int open_directory(struct directory *d, const struct scan_config *config,
			  const struct operand *operand)
{
	*d = (struct directory){ .fd = -1, .config = *config };
	d->path = lookup_place(operand);
	d->prefix = d->path ? prefix_of(d->path) : NULL;
	if (!d->prefix) {
		return -1;
	}
	/* To remove an entry, it need not be readable. */
	d->fd = operand->use == OPERAND_REMOVE ? platform_open_parent(AT_FDCWD, d->path)
					       : open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd < 0 || find_sources(config, d->path, &d->sources) != 0) {
		return -1;
	}
	/* A module's bytecode is in a cache in the directory, even if that is a cache. */
	d->config.in_cache = operand->use != OPERAND_MODULE && lookup_is_cache(d->fd);
	d->config.sources = d->sources;
	return 0;
}

/** Closes a directory, and keeps errno. */
static void close_directory(struct directory *d)
{
	int error = errno;

	platform_close(d->fd);
	free(d->path);
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

/** Removes a file or a tree. */
static void remove_it(struct run *run, const struct directory *d, const struct operand *operand)
{
	const struct scan_place place = place_of(d, strlen(operand->path) + 1);

	scan_remove(&run->scan, &place, operand->name, operand->type);
}

/** Restricts a directory to the modules that were given in it. @return 0, or -1 with ENOMEM. */
static int choose_modules(struct directory *d, const struct operand *first)
{
	struct filter_rules *rules = &d->config.selection;
	size_t count = 1;

	for (const struct operand *module = first->next; module; module = module->next) {
		count++;
	}
	rules->modules = d->modules = calloc(count, sizeof(*d->modules));
	if (!d->modules) {
		return -1;
	}
	for (const struct operand *module = first; module; module = module->next) {
		d->modules[rules->module_count++] = module->name;
	}
	return 0;
}

/**
 * Removes the bytecode of all operands that are modules of a directory, so that it is read once, and
 * a dry run knows as well as a run if its cache becomes empty.
 *
 * @return 0, or -1 with ENOMEM.
 */
static int clean_modules(struct run *run, struct directory *d, const struct operand *first)
{
	const struct scan_place place = place_of(d, strlen(d->prefix));
	struct namelist none = { 0 };

	if (choose_modules(d, first) != 0) {
		return -1;
	}
	scan_directory(&run->scan, &place, &none);
	namelist_free(&none);
	return 0;
}

/** @return 0, or -1 with errno where it could not begin. */
static int clean(struct run *run, const struct operand *operand)
{
	struct directory d;
	int result = open_directory(&d, &run->config, operand);

	if (result != 0) {
		goto out;
	}
	if (operand->use == OPERAND_REMOVE) {
		remove_it(run, &d, operand);
	} else if (operand->use == OPERAND_MODULE) {
		result = clean_modules(run, &d, operand->first);
	} else {
		result = walker_run(&d.config, d.fd, d.prefix, run->jobs, WALKER_SMALL_TREE);
	}
out:
	close_directory(&d);
	return result;
}

static void clean_operand(struct run *run, const struct operand *operand)
{
	const struct pyc_part tag =
		run->config.tags ? interpreter_tag_in(operand->given) : (struct pyc_part){ 0 };
	const struct reporter_path shown = {
		.name = operand->given,
		.tag = tag.start,
		.tag_length = tag.length,
	};
	struct report *report = run->scan.report;

	if (operand->error != 0) {
		reporter_error(report, "cannot read", &shown, operand->error);
	} else if (operand->use == OPERAND_REPOSITORY) {
		reporter_refused(report, &shown, "a repository is stored there");
	} else if (operand->use == OPERAND_CACHE_LINK) {
		reporter_unfit(
			report, &shown,
			"is a symbolic link (with a '/' after it, what it leads to is cleaned)");
	} else if (operand->use == OPERAND_UNFIT) {
		reporter_unfit(report, &shown, "is neither a directory nor bytecode");
	} else if (clean(run, operand) != 0 && errno != ENOENT && errno != ENOTDIR) {
		/* If it has gone since the run began, that is as good. */
		reporter_error(report, "cannot read", &shown, errno);
	}
}

/** Whether the root directory is an operand by mistake; says so. */
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
