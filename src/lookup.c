#include "lookup.h"

#include "matcher.h"
#include "repository.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool lookup_is_cache(int fd)
{
	struct stat directory;
	struct stat cache;

	return fstat(fd, &directory) == 0 &&
	       fstatat(fd, "../" MATCHER_CACHE, &cache, AT_SYMLINK_NOFOLLOW) == 0 &&
	       cache.st_dev == directory.st_dev && cache.st_ino == directory.st_ino;
}

char *lookup_place(const struct operand *operand)
{
	size_t length = (size_t)(operand->name - operand->path);

	if (operand->use == OPERAND_ENTER) {
		return strdup(operand->path);
	}
	return length > 0 ? strndup(operand->path, length) : strdup(".");
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

/** Whether the path ends in a slash, and so asks for a directory or a link to one. */
static bool asks_for_directory(const struct operand *operand)
{
	return operand->given[strlen(operand->path)] == '/';
}

/** Whether a name is one of bytecode, for an entry of this type. */
static bool is_bytecode(const char *name, enum entry_type type)
{
	static const struct matcher_rules by_name_alone = { .all = true };

	return matcher_classify(&by_name_alone, name, name, type).verdict == VERDICT_REMOVE;
}

static bool leads_to_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/** @return What is done with an operand that exists, as far as its type and its name tell. */
static enum operand_use use_by_name(const struct operand *operand)
{
	if (operand->type == ENTRY_LINK && asks_for_directory(operand)) {
		return OPERAND_ENTER;
	}
	if (is_bytecode(operand->name, operand->type)) {
		return OPERAND_REMOVE;
	}
	if (operand->type == ENTRY_DIRECTORY) {
		return OPERAND_ENTER;
	}
	return matcher_is_source(operand->name) ? OPERAND_MODULE : OPERAND_UNFIT;
}

/**
 * Finds out about a link that is no bytecode: one to a directory is followed, but not by the name
 * of a cache, which is no cache inside a tree either.
 */
static enum operand_use use_of_link(const struct operand *operand)
{
	if (!leads_to_directory(operand->path)) {
		return OPERAND_UNFIT;
	}
	return is_bytecode(operand->name, ENTRY_DIRECTORY) ? OPERAND_CACHE_LINK : OPERAND_ENTER;
}

/** Finds the directory that an operand is, or lies in. @return 0, or -1 with errno. */
static int find_place(struct operand *operand, struct repository_clear *clear)
{
	char *path = lookup_place(operand);
	int fd = path ? platform_open_parent(AT_FDCWD, path) : -1;
	int result = -1;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		goto out;
	}
	operand->dev = st.st_dev;
	operand->ino = st.st_ino;
	if (operand->type != ENTRY_UNKNOWN &&
	    (operand->use == OPERAND_MODULE || operand->use == OPERAND_UNFIT) &&
	    lookup_is_cache(fd)) {
		operand->use = OPERAND_REMOVE;
	}
	/* A link with such a name leads to a repository, too. */
	if (operand->use <= OPERAND_MODULE &&
	    (repository_stores(fd, clear) ||
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
static int look_up(struct operand *operand, struct repository_clear *clear)
{
	struct stat st;

	/* `given` may end in a slash: then what `path` leads to has to be a directory. */
	if (lstat(operand->given, &st) == 0 && lstat(operand->path, &st) == 0) {
		operand->type = platform_type_of_mode(st.st_mode);
		operand->use = use_by_name(operand);
	} else if (!asks_for_directory(operand) && matcher_is_source(operand->name)) {
		operand->use = OPERAND_MODULE;
	} else {
		return -1;
	}
	if (find_place(operand, clear) != 0) {
		return -1;
	}
	if (operand->use == OPERAND_UNFIT && operand->type == ENTRY_LINK) {
		operand->use = use_of_link(operand);
		return find_place(operand, clear);
	}
	return 0;
}

/** Whether two operands are used alike, in the same directory. */
static bool are_together(const struct operand *a, const struct operand *b)
{
	return a->use == b->use && a->dev == b->dev && a->ino == b->ino;
}

/** Orders operands so that equal ones are neighbours, and so are the modules of one directory. */
static int compare(const void *left, const void *right)
{
	const struct operand *a = *(struct operand *const *)left;
	const struct operand *b = *(struct operand *const *)right;
	int order = a->use == OPERAND_ENTER ? 0 : strcmp(a->name, b->name);

	if (are_together(a, b)) {
		return order != 0 ? order : a < b ? -1 : 1;
	}
	if (a->use != b->use) {
		return a->use < b->use ? -1 : 1;
	}
	if (a->dev != b->dev) {
		return a->dev < b->dev ? -1 : 1;
	}
	return a->ino < b->ino ? -1 : 1;
}

/** Finds the operands that were given before, and the modules of one directory. */
static void link_up(struct operand *const *sorted, size_t count)
{
	struct operand *last = NULL;

	for (size_t i = 0; i < count; i++) {
		struct operand *operand = sorted[i];
		bool joins = last && are_together(last, operand);

		operand->done = joins && (operand->use == OPERAND_ENTER ||
					  strcmp(last->name, operand->name) == 0);
		if (operand->done) {
			continue;
		}
		if (operand->use == OPERAND_MODULE) {
			operand->first = joins ? last->first : operand;
			if (joins) {
				last->next = operand;
			}
		}
		last = operand;
	}
}

/** Finds out which operands belong together. @return 0, or -1 with ENOMEM. */
static int sort(struct lookup *lookup)
{
	struct operand **sorted = calloc(lookup->count, sizeof(struct operand *));
	size_t count = 0;

	if (!sorted) {
		return -1;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		if (lookup->all[i].error == 0 && lookup->all[i].use <= OPERAND_MODULE) {
			sorted[count++] = &lookup->all[i];
		}
	}
	qsort(sorted, count, sizeof(struct operand *), compare);
	link_up(sorted, count);
	free(sorted);
	return 0;
}

int lookup_init(struct lookup *lookup, const char *const *given, size_t count)
{
	struct repository_clear clear = { .count = 0 };

	*lookup = (struct lookup){ .all = calloc(count, sizeof(struct operand)) };
	if (!lookup->all) {
		return -1;
	}
	for (; lookup->count < count; lookup->count++) {
		struct operand *operand = &lookup->all[lookup->count];

		if (split(operand, given[lookup->count]) != 0) {
			return -1;
		}
		if (look_up(operand, &clear) != 0) {
			operand->error = errno;
		}
	}
	return sort(lookup);
}

void lookup_free(struct lookup *lookup)
{
	for (size_t i = 0; i < lookup->count; i++) {
		free(lookup->all[i].path);
	}
	free(lookup->all);
}

const struct operand *lookup_root(const struct lookup *lookup)
{
	struct stat root;

	if (stat("/", &root) != 0) {
		return NULL;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		const struct operand *operand = &lookup->all[i];

		if (operand->error == 0 && operand->use == OPERAND_ENTER &&
		    operand->dev == root.st_dev && operand->ino == root.st_ino) {
			return operand;
		}
	}
	return NULL;
}

const struct operand *lookup_next(struct lookup *lookup)
{
	while (lookup->at < lookup->count) {
		struct operand *operand = &lookup->all[lookup->at++];

		if (operand->done) {
			continue;
		}
		for (struct operand *module = operand->first; module; module = module->next) {
			module->done = true;
		}
		operand->done = true;
		return operand;
	}
	return NULL;
}
