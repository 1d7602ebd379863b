#include "mirror.h"

#include "bytecode.h"
#include "levels.h"
#include "listing.h"
#include "matcher.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** A look at directories. */
struct look {
	const struct deleter_policy *policy;
	/** Those that the look is in, with the subdirectories that it has not been in yet. */
	struct levels levels;
	/** The file system that --one-file-system holds to. */
	dev_t dev;
};

/** Whether an entry is of a kind that Python puts into no mirror. */
static bool is_foreign(const char *name, enum entry_type type)
{
	static const struct matcher_rules rules = { 0 };

	if (type != ENTRY_DIRECTORY && bytecode_is_source(name)) {
		return true;
	}
	return matcher_mark(name, type) == MATCHER_ENVIRONMENT ||
	       (type == ENTRY_DIRECTORY &&
		matcher_removes(matcher_classify(&rules, name, name, type).verdict));
}

/** Notes a subdirectory; ends the reading at what is foreign, with EEXIST. */
static int consider(void *context, const char *name, enum entry_type type)
{
	struct look *look = context;

	if (deleter_policy_stops(look->policy)) {
		errno = EINTR;
		return -1;
	}
	if (is_foreign(name, type)) {
		errno = EEXIST;
		return -1;
	}
	return type == ENTRY_DIRECTORY
		       ? listing_add(&levels_innermost(&look->levels)->entries, name, type, 0)
		       : 0;
}

/** Whether a directory is not looked at, since it is not cleaned either. */
static bool is_elsewhere(const struct look *look, int fd)
{
	struct stat st;

	return look->policy->one_file_system && fstat(fd, &st) == 0 && st.st_dev != look->dev;
}

/** Enters a directory in the innermost one. @return Whether it is pure, as far as its own entries go. */
static bool enter(struct look *look, const char *name)
{
	int fd = descent_open(&look->levels.descent, name);

	/* Others may be at work in it: what has gone is not foreign. */
	if (fd < 0) {
		return platform_is_no_directory(errno);
	}
	if (is_elsewhere(look, fd)) {
		close(fd);
		return true;
	}
	if (!levels_push(&look->levels, fd, name)) {
		close(fd);
		return false;
	}
	return listing_read(fd, consider, look) == 0;
}

/** Enters all that is below the innermost directory. @return Whether all of it is pure. */
static bool enter_all(struct look *look)
{
	bool pure = true;

	while (pure && look->levels.descent.depth > 0) {
		struct level *level = levels_innermost(&look->levels);
		struct listed entry;

		if (listing_next(&level->entries, &level->at, &entry)) {
			pure = enter(look, entry.name);
		} else {
			levels_pop(&look->levels);
		}
	}
	return pure;
}

/** Whether nothing that is foreign lies in a directory, as far as that is looked into. */
static bool is_pure(const char *path, enum mirror_reach reach, const struct deleter_policy *policy)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct look look = { .policy = policy };
	struct stat st;
	bool pure = fd >= 0 && fstat(fd, &st) == 0;

	if (pure) {
		look.dev = st.st_dev;
		descent_start(&look.levels.descent, fd);
		pure = enter(&look, ".") && (reach == MIRROR_ITSELF || enter_all(&look));
		while (look.levels.descent.depth > 0) {
			levels_pop(&look.levels);
		}
		levels_free(&look.levels);
	}
	if (fd >= 0) {
		close(fd);
	}
	return pure;
}

/** Whether the directories from the prefix down to one, which is left out, are pure. */
static bool leads_through_pure(const char *prefix, const char *path,
			       const struct deleter_policy *policy)
{
	size_t length = strlen(prefix);
	char *above = strdup(path);
	bool pure = above != NULL;

	while (pure && path[length] != '\0') {
		above[length] = '\0';
		pure = is_pure(above, MIRROR_ITSELF, policy);
		above[length] = path[length];
		length += 1 + strcspn(path + length + 1, "/");
	}
	free(above);
	return pure;
}

/** @return What follows the absolute path `outer` in `path` ("" for itself), or NULL. */
static const char *path_below(const char *outer, const char *path)
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

const char *mirror_path_in(const char *prefix, const char *path, enum mirror_reach reach,
			   const struct deleter_policy *policy)
{
	const char *below = path_below(prefix, path);
	bool belongs =
		below && leads_through_pure(prefix, path, policy) && is_pure(path, reach, policy);

	return belongs ? below : NULL;
}
