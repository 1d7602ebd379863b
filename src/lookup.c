#include "lookup.h"

#include "debris.h"
#include "matcher.h"
#include "strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Paths ---------------------------------------------------------------------------------- */

bool lookup_is_cache(int fd)
{
	return platform_is_same(platform_identify(fd, NULL, 0),
				platform_identify(fd, "../" MATCHER_CACHE, AT_SYMLINK_NOFOLLOW));
}

const char *lookup_below(char *path, struct platform_identity directory)
{
	/* "/" first. */
	for (char *end = path;; end += 1 + strcspn(end + 1, "/")) {
		char cut = *end;
		struct platform_identity found;

		*end = '\0';
		found = platform_identify(AT_FDCWD, end == path ? "/" : path, 0);
		*end = cut;
		if (platform_is_same(found, directory)) {
			return end;
		}
		if (cut == '\0') {
			return NULL;
		}
	}
}

char *lookup_absolute(const char *path)
{
	bool is_relative = path[0] != '/';
	char *cwd = is_relative ? getcwd(NULL, 0) : strdup("");
	char *absolute;

	if (!cwd || asprintf(&absolute, "%s%s%s", cwd, is_relative ? "/" : "", path) < 0) {
		absolute = NULL;
	}
	free(cwd);
	return absolute;
}

bool lookup_is_below(const char *path, const char *directory)
{
	char *absolute = lookup_absolute(path);
	const char *below = NULL;
	bool result;

	if (absolute) {
		below = lookup_below(absolute, platform_identify(AT_FDCWD, directory, 0));
	}
	result = below && below[strspn(below, "/.")] != '\0' && !strstr(below, "/..");
	free(absolute);
	return result;
}

bool lookup_contains(const struct lookup *lookup, char *path)
{
	for (size_t i = 0; i < lookup->count; i++) {
		if (lookup_below(path, platform_identify(AT_FDCWD, lookup->all[i].path, 0))) {
			return true;
		}
	}
	return false;
}

char *lookup_prefix(const struct operand *operand)
{
	bool is_root = strcmp(operand->path, "/") == 0;
	char *prefix;

	if (operand->use != OPERAND_ENTER || strcmp(operand->path, ".") == 0) {
		return strndup(operand->path, (size_t)(operand->name - operand->path));
	}
	return asprintf(&prefix, "%s%s", operand->path, is_root ? "" : "/") < 0 ? NULL : prefix;
}

/* ---- Repositories --------------------------------------------------------------------------- */

/** Directories known to be outside any repository's storage: the latest in a ring. */
struct clear {
	/** How many were added in all. */
	size_t count;
	/** More than the depth of most paths. */
	struct platform_identity all[64];
};

/** A directory on the way up: a descriptor, and as many "../" as lead there from it. */
struct ancestor {
	int fd;
	struct strbuf up;
};

/** @return An entry of an ancestor or, with "../", of its parent; all zero if it is not there. */
static struct stat entry_of(struct ancestor *ancestor, const char *parent, const char *name)
{
	const size_t length = ancestor->up.length;
	struct stat st;

	strbuf_printf(&ancestor->up, "%s%s", parent, name);
	if (ancestor->up.failed ||
	    fstatat(ancestor->fd, ancestor->up.text, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		st = (struct stat){ 0 };
	}
	strbuf_truncate(&ancestor->up, length);
	return st;
}

static struct platform_identity identify(struct ancestor *ancestor, const char *name)
{
	const struct stat st = entry_of(ancestor, "", name);

	return (struct platform_identity){ st.st_dev, st.st_ino };
}

/** Whether a directory's entries, or its name in its parent, show that it stores a repository. */
static bool stores_repository(struct ancestor *ancestor, struct platform_identity directory)
{
	unsigned marks = 0;

	for (const char *const *name = matcher_repository_entries; *name; name++) {
		const struct stat st = entry_of(ancestor, "", *name);

		if (st.st_ino == 0) {
			break;
		}
		marks |= matcher_mark(*name, platform_type_of_mode(st.st_mode));
	}
	for (const char *const *name = matcher_repositories; *name; name++) {
		const struct stat st = entry_of(ancestor, "../", *name);

		if (st.st_ino == directory.ino && st.st_dev == directory.dev) {
			return true;
		}
	}
	return matcher_marks_repository(marks);
}

static bool is_clear(const struct clear *clear, struct platform_identity directory)
{
	for (size_t i = 0; i < clear->count && i < LENGTH(clear->all); i++) {
		if (platform_is_same(clear->all[i], directory)) {
			return true;
		}
	}
	return false;
}

/**
 * Whether a directory stores a repository or lies in its storage, whose files cannot be
 * regenerated. `hooks`, which contains programs, and work trees within it (directories with an
 * entry `.git`) do not count as storage.
 *
 * Goes up by "..", which links and the path do not affect, to the root directory or to a directory
 * without search permission; at most PATH_MAX / 3 levels.
 *
 * @param fd    The directory; it need not be readable.
 * @param clear Directories to stop at; updated.
 */
static bool lies_in_repository(int fd, struct clear *clear)
{
	struct ancestor ancestor = { fd, STRBUF_INIT };
	struct platform_identity below = { 0 };
	struct platform_identity directory;
	bool found = false;

	/* Ends at the root directory, which is its own parent and by then in `clear`. */
	while ((directory = identify(&ancestor, ".")).ino != 0 && !is_clear(clear, directory)) {
		if (stores_repository(&ancestor, directory)) {
			found = !platform_is_same(identify(&ancestor, "hooks"), below);
			break;
		}
		clear->all[clear->count++ % LENGTH(clear->all)] = directory;
		if (identify(&ancestor, ".git").ino != 0) {
			break;
		}
		below = directory;
		strbuf_add_string(&ancestor.up, "../");
	}
	if (found) {
		*clear = (struct clear){ 0 };
	}
	strbuf_free(&ancestor.up);
	return found;
}

/* ---- Operands ------------------------------------------------------------------------------- */

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

/** Whether an entry with this name and type is bytecode. */
static bool is_bytecode(const char *name, enum entry_type type)
{
	static const struct matcher_rules by_name_alone = { .all = true };

	return matcher_classify(&by_name_alone, name, type).verdict == VERDICT_REMOVE;
}

/** @return The use of an existing operand, by its type and name. @param debris As lookup_init's. */
static enum operand_use use_by_name(const struct operand *operand, unsigned debris)
{
	if (operand->type == ENTRY_LINK && asks_for_directory(operand)) {
		return OPERAND_ENTER;
	}
	if (is_bytecode(operand->name, operand->type)) {
		return OPERAND_REMOVE;
	}
	if (debris_find(debris, operand->name, operand->type) &&
	    !matcher_is_source(operand->name)) {
		return OPERAND_DEBRIS;
	}
	if (operand->type == ENTRY_DIRECTORY) {
		return OPERAND_ENTER;
	}
	return matcher_is_source(operand->name) ? OPERAND_MODULE : OPERAND_UNFIT;
}

/** Finds the directory that is entered, or the operand's parent. @return 0, or -1 with errno. */
static int find_place(struct operand *operand, struct clear *clear)
{
	char *path = lookup_prefix(operand);
	int fd = path ? platform_open_parent(AT_FDCWD, path[0] != '\0' ? path : ".") : -1;
	int result = -1;

	if (fd < 0) {
		goto out;
	}
	operand->place = platform_identify(fd, NULL, 0);
	if (operand->use != OPERAND_ENTER && operand->type != ENTRY_UNKNOWN &&
	    operand->type != ENTRY_DIRECTORY && lookup_is_cache(fd)) {
		operand->use = OPERAND_REMOVE;
	}
	/* This includes a link with a repository's name. */
	if (operand->use <= OPERAND_MODULE &&
	    (lies_in_repository(fd, clear) ||
	     (operand->use == OPERAND_ENTER && matcher_is_repository(operand->name)))) {
		operand->use = OPERAND_REPOSITORY;
	}
	result = 0;
out:
	platform_close(fd);
	free(path);
	return result;
}

/** Looks an operand up. @return 0, or -1 with errno. */
static int look_up(struct operand *operand, unsigned debris, struct clear *clear)
{
	struct stat st;

	/* If `given` ends in a slash, its lookup fails unless it leads to a directory. */
	if (lstat(operand->given, &st) == 0 && lstat(operand->path, &st) == 0) {
		operand->type = platform_type_of_mode(st.st_mode);
		operand->use = use_by_name(operand, debris);
	} else if (!asks_for_directory(operand) && matcher_is_source(operand->name)) {
		operand->use = OPERAND_MODULE;
	} else {
		return -1;
	}
	if (find_place(operand, clear) != 0) {
		return -1;
	}
	if (operand->use == OPERAND_UNFIT && operand->type == ENTRY_LINK &&
	    stat(operand->path, &st) == 0 && S_ISDIR(st.st_mode)) {
		/* Not followed if it is named `__pycache__`: in a tree it is not a cache either. */
		operand->use = is_bytecode(operand->name, ENTRY_DIRECTORY) ? OPERAND_CACHE_LINK
									   : OPERAND_ENTER;
		return find_place(operand, clear);
	}
	return 0;
}

/** Brings operands with the same use and directory together. */
static int compare_places(const struct operand *a, const struct operand *b)
{
	const uintmax_t left[] = { a->use, (uintmax_t)a->place.dev, a->place.ino };
	const uintmax_t right[] = { b->use, (uintmax_t)b->place.dev, b->place.ino };

	return memcmp(left, right, sizeof(left));
}

/** Whether cleaning one of two operands also cleans the other. */
static bool are_one(const struct operand *a, const struct operand *b)
{
	return compare_places(a, b) == 0 &&
	       ((a->use != OPERAND_REMOVE && a->use != OPERAND_DEBRIS) ||
		strcmp(a->name, b->name) == 0);
}

/** Sorts operands by use, directory and name. */
static int compare(const void *left, const void *right)
{
	const struct operand *a = *(struct operand *const *)left;
	const struct operand *b = *(struct operand *const *)right;
	int order = compare_places(a, b);

	return order != 0 ? order : strcmp(a->name, b->name);
}

/** Makes the first of several same operands cover the others. @param names One per operand. */
static void cover(struct operand *const *sorted, size_t count, const char **names)
{
	for (size_t i = 0, end; i < count; i = end) {
		struct operand *first = sorted[i];

		for (end = i; end < count && are_one(sorted[i], sorted[end]); end++) {
			names[end] = sorted[end]->name;
			sorted[end]->covered = true;
			first = sorted[end] < first ? sorted[end] : first;
		}
		first->covered = false;
		if (first->use == OPERAND_MODULE) {
			first->modules = names + i;
			first->module_count = end - i;
		}
	}
}

int lookup_init(struct lookup *lookup, const char *const *given, size_t count, unsigned debris)
{
	struct operand **sorted = calloc(count, sizeof(struct operand *));
	struct clear clear = { .count = 0 };
	size_t cleaned = 0;
	int result = -1;

	*lookup = (struct lookup){
		.all = calloc(count, sizeof(struct operand)),
		.names = calloc(count, sizeof(*lookup->names)),
	};
	if (!sorted || !lookup->all || !lookup->names) {
		goto out;
	}
	for (; lookup->count < count; lookup->count++) {
		struct operand *operand = &lookup->all[lookup->count];

		if (split(operand, given[lookup->count]) != 0) {
			goto out;
		}
		if (look_up(operand, debris, &clear) != 0) {
			operand->error = errno;
		} else if (operand->use <= OPERAND_MODULE) {
			sorted[cleaned++] = operand;
		}
	}
	qsort(sorted, cleaned, sizeof(struct operand *), compare);
	cover(sorted, cleaned, lookup->names);
	result = 0;
out:
	free(sorted);
	return result;
}

void lookup_free(struct lookup *lookup)
{
	for (size_t i = 0; i < lookup->count; i++) {
		free(lookup->all[i].path);
	}
	free(lookup->all);
	free(lookup->names);
}
