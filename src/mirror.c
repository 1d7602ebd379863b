#include "mirror.h"

#include "bytecode.h"
#include "listing.h"
#include "matcher.h"
#include "operand.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** How many directories nftw may hold open: few do. */
	MAX_OPEN = 4
};

/** nftw(3) gives its callback no context. */
static _Thread_local const atomic_int *current_stop;

/** Whether an entry is of a kind that Python puts into no mirror. */
static bool is_foreign(const char *name, enum entry_type type)
{
	static const struct matcher_rules rules = { 0 };

	switch (matcher_classify(&rules, name, name, type).verdict) {
	case VERDICT_SKIP_PARENT:
		return true;
	case VERDICT_REMOVE:
		return type == ENTRY_DIRECTORY;
	default:
		return type != ENTRY_DIRECTORY && bytecode_is_source(name);
	}
}

/** Ends the reading of a directory at what is foreign, with EEXIST. */
static int refuse_foreign(void *context, const char *name, enum entry_type type)
{
	(void)context;
	if (!is_foreign(name, type)) {
		return 0;
	}
	errno = EEXIST;
	return -1;
}

/** Whether nothing that is foreign lies in a directory itself. */
static bool is_pure(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool pure = fd >= 0 && listing_read(fd, refuse_foreign, NULL) == 0;

	if (fd >= 0) {
		close(fd);
	}
	return pure;
}

/** nftw's callback: ends the walk at what is foreign. */
static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	enum entry_type entry = type == FTW_NS ? ENTRY_FILE : platform_type_of_mode(st->st_mode);
	bool ends = atomic_load(current_stop) != 0 || type == FTW_DNR ||
		    (ftw->level > 0 && is_foreign(path + ftw->base, entry));

	return platform_nftw_action(ends ? WALK_STOP : WALK_CONTINUE);
}

/** Whether nothing that is foreign lies in a directory or below. */
static bool is_pure_all_through(const char *path, const atomic_int *stop)
{
	int result;

	current_stop = stop;
	result = platform_nftw(path, visit, MAX_OPEN, false);
	current_stop = NULL;
	return result == 0;
}

/** Whether the directories from the prefix down to one, which is left out, are pure. */
static bool leads_through_pure(const char *prefix, const char *path)
{
	size_t length = strlen(prefix);
	char *above = strdup(path);
	bool pure = above != NULL;

	while (pure && path[length] != '\0') {
		above[length] = '\0';
		pure = is_pure(above);
		above[length] = path[length];
		length += 1 + strcspn(path + length + 1, "/");
	}
	free(above);
	return pure;
}

const char *mirror_path_in(const char *prefix, const char *path, enum mirror_reach reach,
			   const atomic_int *stop)
{
	const char *below = operand_path_below(prefix, path);

	if (!below || !leads_through_pure(prefix, path)) {
		return NULL;
	}
	if (reach == MIRROR_WHOLE ? is_pure_all_through(path, stop) : is_pure(path)) {
		return below;
	}
	return NULL;
}
