#include "operands.h"

#include "debris.h"
#include "matcher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *lookup_below(const char *path, struct platform_identity directory)
{
	for (const char *end = path + (path[0] == '/');; end += *end == '/') {
		/* A path that is truncated is still too long. */
		char above[PATH_MAX + 1];

		snprintf(above, sizeof(above), "%.*s", (int)(end - path), path);
		if (platform_is_same(directory,
				     platform_identify(AT_FDCWD, end == path ? "." : above, 0))) {
			return end;
		}
		if (*end == '\0') {
			return NULL;
		}
		end += strcspn(end, "/");
	}
}

bool lookup_is_below(const char *path, const char *directory)
{
	const struct platform_identity identity = platform_identify(AT_FDCWD, directory, 0);
	const char *below = lookup_below(path, identity);
	char current[PATH_MAX];

	if (!below && path[0] != '/' && getcwd(current, sizeof(current)) &&
	    lookup_below(current, identity)) {
		below = path;
	}
	return below && below[strspn(below, "/.")] != '\0' && !strstr(below, "..");
}

bool lookup_contains(const struct lookup *lookup, const char *path)
{
	for (size_t i = 0; i < lookup->count; i++) {
		if (lookup_below(path, platform_identify(AT_FDCWD, lookup->all[i].path, 0))) {
			return true;
		}
	}
	return false;
}

/** Identifies a path in two pieces, not following a link. @return None if that fails. */
static struct platform_identity identify(const char *directory, const char *name)
{
	char path[PATH_MAX + 32];

	/* A path that is truncated is still too long. */
	snprintf(path, sizeof(path), "%s%s", directory, name);
	return platform_identify(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
}

/** Whether a directory's entries, or its name in its parent, show that it stores a repository. */
static bool stores_repository(const char *path, struct platform_identity directory)
{
	char above[PATH_MAX + sizeof("../")];
	unsigned marks = 0;

	for (const char *const *name = matcher_repository_entries; *name; name++) {
		const struct platform_identity entry = identify(path, *name);

		marks |= entry.ino != 0 ? matcher_mark(*name, entry.type) : 0;
	}
	snprintf(above, sizeof(above), "%s../", path);
	for (const char *const *name = matcher_repositories; *name; name++) {
		if (platform_is_same(directory, identify(above, *name))) {
			return true;
		}
	}
	return matcher_marks_repository(marks);
}

/**
 * Whether a place stores a repository or lies in its storage, whose files cannot be regenerated.
 * `hooks`, which contains programs, and work trees within it (directories with an entry `.git`) do
 * not count as storage.
 *
 * Goes up by "..", which links and the path do not affect, to the root directory or to a directory
 * without search permission; at most about PATH_MAX / 3 levels.
 *
 * @param clear Two places known not to, or none, where to stop; the second is updated.
 */
static bool lies_in_repository(const char *prefix, struct platform_identity place,
			       struct platform_identity clear[2])
{
	char path[PATH_MAX];
	struct platform_identity below = { 0 };
	size_t length = (size_t)snprintf(path, sizeof(path), "%s", prefix);

	for (; length + sizeof("../") <= sizeof(path); length += strlen("../")) {
		struct platform_identity current = identify(path, ".");

		/* The root directory is its own parent. */
		if (current.ino == 0 || platform_is_same(current, below) ||
		    platform_is_same(current, clear[0]) || platform_is_same(current, clear[1])) {
			break;
		}
		if (stores_repository(path, current)) {
			return !platform_is_same(below, identify(path, "hooks"));
		}
		if (identify(path, ".git").ino != 0) {
			break;
		}
		below = current;
		stpcpy(path + length, "../");
	}
	clear[1] = place;
	return false;
}

/** Splits an operand's path. @return 0, or -1 with ENOMEM. */
static int split(struct operand *operand, const char *given)
{
	size_t length = strlen(given);
	const char *slash;

	while (length > 1 && given[length - 1] == '/') {
		length--;
	}
	operand->given = given;
	operand->path = strndup(given, length);
	if (!operand->path) {
		return -1;
	}
	slash = strrchr(operand->path, '/');
	operand->name = slash && slash[1] != '\0' ? slash + 1 : operand->path;
	return 0;
}

/** Whether the path ends in a slash, and so must be a directory or a link to one. */
static bool asks_for_directory(const struct operand *operand)
{
	return operand->given[strlen(operand->path)] == '/';
}

/** Sets the directory that is entered, or an operand's parent. @return 0, or -1 with errno. */
static int set_place(struct operand *operand, bool enters)
{
	bool is_inside = enters && strcmp(operand->path, ".") != 0;
	size_t length = is_inside ? strlen(operand->path) : (size_t)(operand->name - operand->path);

	free(operand->prefix);
	if (asprintf(&operand->prefix, "%.*s%s", (int)length, operand->path,
		     is_inside && strcmp(operand->path, "/") != 0 ? "/" : "") < 0) {
		operand->prefix = NULL;
		return -1;
	}
	operand->place = identify(operand->prefix, ".");
	operand->in_cache =
		operand->place.ino != 0 &&
		platform_is_same(operand->place, identify(operand->prefix, "../" MATCHER_CACHE));
	return operand->place.ino != 0 ? 0 : -1;
}

/** @return The use of an operand in its place, by its type and name, wherever that is. */
static enum operand_use find_use(const struct operand *operand, unsigned debris)
{
	static const struct matcher_rules by_name_alone = { .all = true };
	const enum entry_type type = operand->type;
	const char *name = operand->name;

	if (type == ENTRY_LINK && asks_for_directory(operand)) {
		return OPERAND_ENTER;
	}
	if (matcher_classify(&by_name_alone, name, type).verdict == VERDICT_REMOVE ||
	    (operand->in_cache && type != ENTRY_UNKNOWN && type != ENTRY_DIRECTORY) ||
	    (debris_find(DEBRIS_ANYWHERE, debris, name, type) && !matcher_is_source(name))) {
		return OPERAND_REMOVE;
	}
	if (type == ENTRY_DIRECTORY) {
		return OPERAND_ENTER;
	}
	if (matcher_is_source(name)) {
		return OPERAND_MODULE;
	}
	if (platform_identify(AT_FDCWD, operand->path, 0).type != ENTRY_DIRECTORY) {
		return OPERAND_UNFIT;
	}
	return strcmp(name, MATCHER_CACHE) == 0 ? OPERAND_CACHE_LINK : OPERAND_ENTER;
}

/** Looks an operand up. @param clear As lies_in_repository's. @return 0, or -1 with errno. */
static int look_up(struct operand *operand, unsigned debris, struct platform_identity clear[2])
{
	operand->type = identify("", operand->path).type;
	/* If `given` ends in a slash, its lookup fails unless it leads to a directory. */
	if (identify("", operand->given).ino == 0 &&
	    (asks_for_directory(operand) || !matcher_is_source(operand->name))) {
		return -1;
	}
	if (set_place(operand, false) != 0) {
		return -1;
	}
	operand->use = find_use(operand, debris);
	if (operand->use == OPERAND_ENTER && set_place(operand, true) != 0) {
		return -1;
	}
	/* This includes a link with a repository's name. */
	if (operand->use <= OPERAND_MODULE &&
	    (lies_in_repository(operand->prefix, operand->place, clear) ||
	     (operand->use == OPERAND_ENTER && matcher_is_repository(operand->name)))) {
		operand->use = OPERAND_REPOSITORY;
	}
	return 0;
}

/** Compares what is cleaned for two operands: a place, or an entry of it. */
static int compare_targets(const void *left, const void *right)
{
	const struct operand *a = left;
	const struct operand *b = right;
	const uintmax_t target[] = { a->use, (uintmax_t)a->place.dev, a->place.ino };
	const uintmax_t other[] = { b->use, (uintmax_t)b->place.dev, b->place.ino };
	int order = memcmp(target, other, sizeof(target));

	return order != 0 || a->use != OPERAND_REMOVE ? order : strcmp(a->name, b->name);
}

/** Adds an operand's target to a tsearch(3) tree, or covers it. @return 0, or -1 with ENOMEM. */
static int add_target(void **targets, struct operand *operand)
{
	struct operand *const *first = tsearch(operand, targets, compare_targets);

	if (!first) {
		return -1;
	}
	operand->covered = *first != operand;
	return operand->use != OPERAND_MODULE
		       ? 0
		       : filter_add_source(&(*first)->modules, operand->name, ENTRY_FILE);
}

int lookup_init(struct lookup *lookup, const char *const *given, size_t count, unsigned debris)
{
	const struct platform_identity root = platform_identify(AT_FDCWD, "/", 0);
	struct platform_identity clear[2] = { 0 };
	void *targets = NULL;
	int result = -1;

	*lookup = (struct lookup){
		.all = calloc(count, sizeof(struct operand)),
		.places = calloc(count + 1, sizeof(*lookup->places)),
	};
	if (!lookup->all || !lookup->places) {
		return -1;
	}
	lookup->places[count] = identify("", ".");
	/* Most operands lie in the current directory. */
	lies_in_repository("", lookup->places[count], clear);
	clear[0] = clear[1];
	while (lookup->count < count) {
		struct operand *operand = &lookup->all[lookup->count];

		if (split(operand, given[lookup->count++]) != 0) {
			goto out;
		}
		if (look_up(operand, debris, clear) != 0) {
			operand->error = errno;
			operand->use = OPERAND_UNFIT;
		}
		lookup->places[lookup->count - 1] = operand->place;
		if (operand->use == OPERAND_ENTER && platform_is_same(operand->place, root)) {
			lookup->root = operand->given;
		}
		if (operand->use <= OPERAND_MODULE && add_target(&targets, operand) != 0) {
			goto out;
		}
	}
	result = 0;
out:
	while (targets) {
		tdelete(*(struct operand **)targets, &targets, compare_targets);
	}
	return result;
}

void lookup_free(struct lookup *lookup)
{
	for (size_t i = 0; i < lookup->count; i++) {
		free(lookup->all[i].path);
		free(lookup->all[i].prefix);
		filter_free_sources(&lookup->all[i].modules);
	}
	free(lookup->all);
	free(lookup->places);
}
