#include "operand.h"

#include "bytecode.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** @return The absolute path of what is no directory, a link included; NULL with errno. */
static char *canonical_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (name[0] == '\0') {
		errno = ENOENT;
		return NULL;
	}

	char *parent = slash ? strndup(path, (size_t)(name - path)) : strdup(".");
	char *resolved = parent ? realpath(parent, NULL) : NULL;
	char *result = NULL;

	if (resolved) {
		size_t size = strlen(resolved) + strlen(name) + 2;

		result = malloc(size);
		if (result) {
			char *end = stpcpy(result, resolved);

			stpcpy(stpcpy(end, end[-1] == '/' ? "" : "/"), name);
		}
	}
	free(resolved);
	free(parent);
	return result;
}

/** @return How much of an absolute path is that of what holds it, its '/' included. */
static size_t directory_length(const char *path)
{
	return (size_t)(strrchr(path, '/') + 1 - path);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/**
 * Takes an operand in.
 *
 * @param locate Look up where it is, even if it is a directory.
 * @return 0, or -1 with ENOMEM.
 */
static int take_in(struct operand *operand, const char *given, bool locate)
{
	const char *slash = strrchr(given, '/');
	bool directory = is_directory(given);
	struct stat st;

	operand->given = given;
	operand->module = !directory && bytecode_is_source(slash ? slash + 1 : given);
	if (directory && !locate) {
		return 0;
	}
	operand->canonical = directory ? realpath(given, NULL) : canonical_file(given);
	if (!operand->canonical) {
		return errno != ENOMEM ? 0 : -1;
	}
	if (!directory && lstat(given, &st) == 0) {
		struct bytecode_part holder = { operand->canonical,
						directory_length(operand->canonical) };

		operand->in_cache = bytecode_is_cache(holder);
	}
	operand->module = operand->module && !operand->in_cache;
	return 0;
}

const char *operand_path_below(const char *outer, const char *path)
{
	size_t length = strlen(outer);

	if (strncmp(outer, path, length) != 0) {
		return NULL;
	}
	if (path[length] == '\0' || outer[length - 1] == '/') {
		return path + length;
	}
	return path[length] == '/' ? path + length + 1 : NULL;
}

/** Orders paths so that what is in a directory follows it at once; '/' comes before all else. */
static int compare_paths(const char *left, const char *right)
{
	const unsigned char *p = (const unsigned char *)left;
	const unsigned char *q = (const unsigned char *)right;

	while (*p == *q && *p != '\0') {
		p++;
		q++;
	}
	if (*p == *q) {
		return 0;
	}
	if (*p == '/' || *q == '/') {
		return *p == '\0' || (*p == '/' && *q != '\0') ? -1 : 1;
	}
	return *p < *q ? -1 : 1;
}

/** Orders operands by their paths, and those of one path as they were given. */
static int compare_operands(const void *left, const void *right)
{
	const struct operand *const *a = left;
	const struct operand *const *b = right;
	int order = compare_paths((*a)->canonical, (*b)->canonical);

	return order != 0 ? order : *a < *b ? -1 : 1;
}

/** Sorts the operands whose paths are known, and finds those of them that lie within others. */
static void sort(struct operands *operands)
{
	const struct operand *outer = NULL;

	for (size_t i = 0; i < operands->count; i++) {
		if (operands->all[i].canonical) {
			operands->located.all[operands->located.count++] = &operands->all[i];
		}
	}
	qsort(operands->located.all, operands->located.count, sizeof(struct operand *),
	      compare_operands);
	for (size_t i = 0; i < operands->located.count; i++) {
		struct operand *operand = operands->located.all[i];

		operand->nested =
			operand->module ||
			(outer && operand_path_below(outer->canonical, operand->canonical));
		if (operand->nested) {
			operands->nested.all[operands->nested.count++] = operand;
		} else {
			outer = operand;
		}
	}
}

int operands_init(struct operands *operands, const char *const *given, size_t count, bool locate)
{
	*operands = (struct operands){
		.all = calloc(count, sizeof(struct operand)),
		.located.all = calloc(count, sizeof(struct operand *)),
		.nested.all = calloc(count, sizeof(struct operand *)),
	};
	if (!operands->all || !operands->located.all || !operands->nested.all) {
		return -1;
	}
	for (; operands->count < count; operands->count++) {
		if (take_in(&operands->all[operands->count], given[operands->count],
			    count > 1 || locate) != 0) {
			return -1;
		}
	}
	sort(operands);
	return 0;
}

void operands_free(struct operands *operands)
{
	for (size_t i = 0; i < operands->count; i++) {
		free(operands->all[i].canonical);
	}
	free(operands->all);
	free(operands->located.all);
	free(operands->nested.all);
}

/** @return Where in the sorted operands the first one is that does not come before a path. */
static size_t position_of(const struct operands_sorted *sorted, const char *path)
{
	size_t low = 0;
	size_t high = sorted->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_paths(sorted->all[middle]->canonical, path) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/** @return The path of what lies below an operand; NULL where that has none, or with ENOMEM. */
static char *join(const struct operand *outer, const char *below)
{
	char *path;
	char *end;

	if (!outer->canonical) {
		return NULL;
	}
	path = malloc(strlen(outer->canonical) + strlen(below) + 2);
	if (path) {
		end = stpcpy(path, outer->canonical);
		stpcpy(stpcpy(end, below[0] == '\0' || end[-1] == '/' ? "" : "/"), below);
	}
	return path;
}

static struct operand *hand_out(struct operands *operands, struct operand *operand)
{
	atomic_store(&operand->done, true);
	/* The same one, given again. */
	operands_cover(operands, operand, "", OPERANDS_ITSELF);
	return operand;
}

struct operand *operands_next(struct operands *operands)
{
	while (operands->at < operands->count) {
		struct operand *operand = &operands->all[operands->at++];

		if (!operand->nested) {
			return hand_out(operands, operand);
		}
	}
	while (operands->nested_at < operands->nested.count) {
		struct operand *operand = operands->nested.all[operands->nested_at++];

		if (!atomic_load(&operand->done)) {
			return hand_out(operands, operand);
		}
	}
	return NULL;
}

struct operand *operands_next_beside(struct operands *operands, const struct operand *module)
{
	size_t directory = module->canonical ? directory_length(module->canonical) : 0;
	size_t i = directory > 0 ? position_of(&operands->nested, module->canonical)
				 : operands->nested.count;

	for (; i < operands->nested.count; i++) {
		struct operand *other = operands->nested.all[i];

		if (strncmp(other->canonical, module->canonical, directory) != 0) {
			break;
		}
		if (other->module && !atomic_load(&other->done) &&
		    directory_length(other->canonical) == directory) {
			return hand_out(operands, other);
		}
	}
	return NULL;
}

const struct operand *operands_had(const struct operands *operands, const struct operand *beside,
				   const char *trail, const char *name)
{
	size_t directory = beside->canonical ? directory_length(beside->canonical) : 0;
	const struct operand *found = NULL;
	char *path = NULL;
	size_t i;

	/* Without memory an entry may be counted twice in a dry run, and that is all. */
	if (directory == 0 ||
	    asprintf(&path, "%.*s%s%s", (int)directory, beside->canonical, trail, name) < 0) {
		return NULL;
	}
	for (i = position_of(&operands->located, path); i < operands->located.count && !found;
	     i++) {
		const struct operand *other = operands->located.all[i];

		if (strcmp(other->canonical, path) != 0) {
			break;
		}
		found = !other->module && atomic_load(&other->done) ? other : NULL;
	}
	free(path);
	return found;
}

bool operands_nest(const struct operands *operands)
{
	return operands->nested.count > 0;
}

bool operands_include(const struct operands *operands, const struct operand *outer,
		      const char *path)
{
	char *included = join(outer, path);
	size_t i = included ? position_of(&operands->nested, included) : operands->nested.count;
	bool found = i < operands->nested.count &&
		     strcmp(operands->nested.all[i]->canonical, included) == 0;

	free(included);
	return found;
}

/** Notes of the operands at and below a path whether they were dealt with. */
static void mark(struct operands *operands, const struct operand *outer, const char *path,
		 enum operands_extent extent, bool done)
{
	/* Out of memory: then an operand within another one gets a turn of its own. */
	char *covered = operands_nest(operands) ? join(outer, path) : NULL;
	size_t i = covered ? position_of(&operands->nested, covered) : operands->nested.count;

	for (; i < operands->nested.count; i++) {
		struct operand *other = operands->nested.all[i];
		const char *below = operand_path_below(covered, other->canonical);

		if (!below) {
			break;
		}
		if (below[0] == '\0' || extent == OPERANDS_WHOLE ||
		    (other->module && !strchr(below, '/'))) {
			atomic_store(&other->done, done);
		}
	}
	free(covered);
}

void operands_cover(struct operands *operands, const struct operand *outer, const char *path,
		    enum operands_extent extent)
{
	mark(operands, outer, path, extent, true);
}

void operands_uncover(struct operands *operands, const struct operand *outer, const char *path)
{
	mark(operands, outer, path, OPERANDS_WHOLE, false);
}
