#include "operand.h"

#include "bytecode.h"

#include <errno.h>
#include <limits.h>
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

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static char *canonical_path(const char *path)
{
	return is_directory(path) ? realpath(path, NULL) : canonical_file(path);
}

static bool ends_in_py(const char *name)
{
	size_t length = strlen(name);

	return length > 3 && strcmp(name + length - 3, ".py") == 0;
}

/** Takes an operand in. @param locate Look up where it is, even if it is a directory. */
static void take_in(struct operand *operand, const char *given, bool locate)
{
	const char *slash = strrchr(given, '/');
	const char *name = slash ? slash + 1 : given;
	struct bytecode_name parts;
	bool is_file = (ends_in_py(name) || bytecode_split(name, &parts)) && !is_directory(given);

	operand->given = given;
	operand->module = is_file && ends_in_py(name);
	errno = 0;
	operand->canonical = locate || is_file ? canonical_path(given) : NULL;
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
static int compare_paths(const void *left, const void *right)
{
	const struct operand *const *a = left;
	const struct operand *const *b = right;
	const unsigned char *p = (const unsigned char *)(*a)->canonical;
	const unsigned char *q = (const unsigned char *)(*b)->canonical;

	while (*p == *q && *p != '\0') {
		p++;
		q++;
	}
	if (*p == *q) {
		/* The same path: the one given first. */
		return *a < *b ? -1 : 1;
	}
	if (*p == '/' || *q == '/') {
		return *p == '\0' || (*p == '/' && *q != '\0') ? -1 : 1;
	}
	return *p < *q ? -1 : 1;
}

/** Finds the operands that lie within others. @return 0, or -1 with ENOMEM. */
static int find_nested(struct operands *operands)
{
	const struct operand *outer = NULL;
	size_t count = 0;

	operands->nested = malloc(operands->count * sizeof(struct operand *));
	if (!operands->nested) {
		return -1;
	}
	for (size_t i = 0; i < operands->count; i++) {
		if (operands->all[i].canonical) {
			operands->nested[count++] = &operands->all[i];
		}
	}
	qsort(operands->nested, count, sizeof(struct operand *), compare_paths);
	for (size_t i = 0; i < count; i++) {
		struct operand *operand = operands->nested[i];

		operand->nested =
			operand->module ||
			(outer && operand_path_below(outer->canonical, operand->canonical));
		if (operand->nested) {
			operands->nested[operands->nested_count++] = operand;
		} else {
			outer = operand;
		}
	}
	return 0;
}

int operands_init(struct operands *operands, const char *const *given, size_t count, bool locate)
{
	*operands = (struct operands){ .all = calloc(count, sizeof(struct operand)) };
	if (!operands->all) {
		return -1;
	}
	for (; operands->count < count; operands->count++) {
		take_in(&operands->all[operands->count], given[operands->count],
			count > 1 || locate);
		if (errno == ENOMEM) {
			return -1;
		}
	}
	return find_nested(operands);
}

void operands_free(struct operands *operands)
{
	for (size_t i = 0; i < operands->count; i++) {
		free(operands->all[i].canonical);
	}
	free(operands->all);
	free(operands->nested);
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
	while (operands->nested_at < operands->nested_count) {
		struct operand *operand = operands->nested[operands->nested_at++];

		if (!atomic_load(&operand->done)) {
			return hand_out(operands, operand);
		}
	}
	return NULL;
}

struct operand *operands_next_beside(struct operands *operands, const struct operand *module)
{
	for (size_t i = operands->nested_at; module->canonical && i < operands->nested_count; i++) {
		struct operand *other = operands->nested[i];
		size_t directory = (size_t)(strrchr(other->canonical, '/') - other->canonical);

		if (other->module && !atomic_load(&other->done) &&
		    strncmp(other->canonical, module->canonical, directory + 1) == 0 &&
		    !strchr(module->canonical + directory + 1, '/')) {
			return hand_out(operands, other);
		}
	}
	return NULL;
}

bool operands_had(const struct operands *operands, const struct operand *beside, const char *trail,
		  const char *name)
{
	const char *slash = beside->canonical ? strrchr(beside->canonical, '/') : NULL;
	size_t directory = slash ? (size_t)(slash + 1 - beside->canonical) : 0;
	size_t trail_length = strlen(trail);

	for (size_t i = 0; directory > 0 && i < operands->count; i++) {
		const struct operand *other = &operands->all[i];

		if (other != beside && other->canonical && atomic_load(&other->done) &&
		    strncmp(other->canonical, beside->canonical, directory) == 0 &&
		    strncmp(other->canonical + directory, trail, trail_length) == 0 &&
		    strcmp(other->canonical + directory + trail_length, name) == 0) {
			return true;
		}
	}
	return false;
}

bool operands_nest(const struct operands *operands)
{
	return operands->nested_count > 0;
}

bool operands_include(const struct operands *operands, const struct operand *outer,
		      const char *path)
{
	for (size_t i = 0; outer->canonical && i < operands->nested_count; i++) {
		const char *below =
			operand_path_below(outer->canonical, operands->nested[i]->canonical);

		if (below && strcmp(below, path) == 0) {
			return true;
		}
	}
	return false;
}

/**
 * Whether an operand lies in what is covered.
 *
 * @param below   What follows the covered path in the operand's.
 * @param slashed Whether that has to begin with a '/'.
 */
static bool is_within(const struct operand *operand, const char *below, bool slashed,
		      enum operands_extent extent)
{
	if (slashed && *below++ != '/') {
		return false;
	}
	return extent == OPERANDS_WHOLE || (operand->module && !strchr(below, '/'));
}

void operands_cover(struct operands *operands, const struct operand *outer, const char *path,
		    enum operands_extent extent)
{
	size_t length = strlen(path);

	for (size_t i = 0; outer->canonical && i < operands->nested_count; i++) {
		struct operand *other = operands->nested[i];
		const char *below = operand_path_below(outer->canonical, other->canonical);

		if (!below || strncmp(below, path, length) != 0) {
			continue;
		}
		below += length;
		if (*below == '\0' || is_within(other, below, length > 0, extent)) {
			atomic_store(&other->done, true);
		}
	}
}
