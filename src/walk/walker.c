#include "walker.h"

#include "platform.h"
#include "walk/pool.h"
#include "scan.h"
#include "strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * How nftw is used. A directory is first scanned, which returns the subdirectories to visit, and
 * then walked. When nftw reports one of these subdirectories, the walker enters it, opening it from
 * its own descriptor of the parent.
 *
 *     nftw's path      /proc/self/fd/5/.      …/a          …/a/b
 *     levels[]         0: fd 5  [a c]   ─▶    1: [b d] ─▶  2: [e]      names not yet visited
 *
 * If nftw has missed a subdirectory when a level is left, it is stopped, and all levels go to the work
 * stack and are visited from there. This covers a walk that nftw abandons (glibc on ENOENT, ELOOP,
 * EMFILE or EIO of one directory, musl when one file vanishes), a level that it must not enter
 * (depth, path length), a directory that it can no longer read, a system without /proc, and a large
 * tree.
 *
 * A directory is finished when it was scanned and all of its subdirectories are finished. It may be
 * pruned then, and what became of it is noted in its parent.
 */

enum {
	/** The deepest level that nftw enters. It and the walker hold a descriptor per level. */
	MAX_LEVEL = 32,
	/** The deepest level of an nftw that cannot prune, and may recurse. */
	MAX_UNPRUNED = 128,
	PER_LEVEL = 2,
	/** Other descriptors: a directory just opened, a tree that is being removed. */
	BESIDE_LEVELS = POOL_MIN_WALK - 2 * PER_LEVEL,
};

/** Shared by the walkers of one operand. */
struct walk {
	const struct scan_config *config;
	int fd;
	const char *prefix;
	/** The length of `prefix`. */
	size_t length;
	uint64_t small;
	struct pool pool;
};

/** One thread's walker. */
struct walker {
	struct walk *walk;
	struct scan scan;
	/** The directories from the start to the current one: `depth`, at most `max_level` + 1. */
	struct pool_level levels[MAX_LEVEL + 1];
	size_t depth;
	size_t max_level;
	/** The path of the directory that was visited last, or the beginning of it. */
	struct strbuf prefix;
	/** The number of the pool's directory whose path `prefix` begins with; 0 for none. */
	uint64_t number;
	/** The level that was pruned, for an nftw that cannot prune; SIZE_MAX for none. */
	size_t pruned;
	/** nftw has missed a subdirectory. */
	bool missed;
	/** How many entries were read or removed so far. */
	uint64_t work;
};

/* ---- One directory -------------------------------------------------------------------------- */

static struct scan_place place_of(const struct walker *w, int fd)
{
	return (struct scan_place){
		.config = w->walk->config,
		.fd = fd,
		.prefix = w->prefix.text,
	};
}

/**
 * Reports with errno that a directory, or its subdirectories (""), cannot be visited.
 *
 * @param dirfd  Its parent, or -1.
 * @param length The length of the parent's path, to which the prefix is cut.
 */
static void report_unreadable(struct walker *w, int dirfd, size_t length, const char *name)
{
	const struct scan_place place = place_of(w, dirfd);

	strbuf_truncate(&w->prefix, length);
	scan_cannot_read(&w->scan, &place, name, errno);
}

static bool stops(const struct walker *w)
{
	return deleter_policy_stops(&w->walk->config->policy);
}

/** Whether the tree is too large for this thread alone. Others only start when it is. */
static bool is_shared(const struct walker *w)
{
	return w->walk->pool.shared;
}

/** Scans the directory at the walker's prefix, which is open. */
static void scan(struct walker *w, struct pool_level *level, bool is_operand)
{
	struct scan_place place = place_of(w, level->fd);

	place.is_operand = is_operand;
	level->length = w->prefix.length;
	w->work += scan_directory(&w->scan, &place, &level->state, &level->names);
	if (!is_shared(w) && w->work > w->walk->small) {
		w->walk->pool.shared = true;
	}
}

/** Opens the directory whose path is the first bytes of the prefix, to which it is cut. */
static int open_by_path(struct walker *w, size_t length)
{
	strbuf_truncate(&w->prefix, length);
	return platform_open_path(w->walk->fd, w->prefix.text + w->walk->length);
}

/**
 * Prunes a finished directory, and cuts the prefix to the path of its parent.
 *
 * @param dirfd The parent, or -1 with errno.
 * @return As scan_prune().
 */
static unsigned prune(struct walker *w, struct pool_level *level, int dirfd, size_t length)
{
	const struct scan_place place = place_of(w, dirfd);

	strbuf_truncate(&w->prefix, length);
	return scan_prune(&w->scan, &place, level->name, &level->state);
}

/** Appends a name to the path of its parent. @return 0, or -1 with ENOMEM. */
static int set_prefix(struct walker *w, size_t length, const char *name)
{
	strbuf_truncate(&w->prefix, length);
	if (strbuf_reserve(&w->prefix, strlen(name) + 1) != 0) {
		return -1;
	}
	strbuf_add_string(&w->prefix, name);
	strbuf_add_char(&w->prefix, '/');
	return 0;
}

/** Opens a subdirectory at the walker's prefix. @param dirfd Its parent, or -1. */
static int open_entry(struct walker *w, int dirfd, const char *name)
{
	return dirfd >= 0 ? platform_open_directory(dirfd, name)
			  : open_by_path(w, w->prefix.length);
}

/** Prunes a directory that has no subdirectories to visit. @param dirfd Its parent, or -1. */
static unsigned prune_leaf(struct walker *w, struct pool_level *level, int dirfd, size_t length)
{
	int above = dirfd;
	unsigned result;

	if (dirfd < 0 && level->state.result == SCAN_REMOVED) {
		above = open_by_path(w, length);
	}
	result = prune(w, level, above, length);
	if (dirfd < 0) {
		platform_close(above);
	}
	return result;
}

/**
 * Visits a subdirectory. If there are names to visit in it, `level` becomes it.
 *
 * @param dirfd Its parent, or -1.
 * @return What became of it; 0 if it is not finished.
 */
static unsigned visit_entry(struct walker *w, struct pool_level *level, struct pool_level *parent,
			    int dirfd, const struct listed *entry)
{
	unsigned result = 0;

	namelist_clear(&level->names);
	level->fd = -1;
	if (set_prefix(w, parent->length, entry->name) == 0) {
		level->fd = open_entry(w, dirfd, entry->name);
	}
	if (level->fd >= 0) {
		level->name = entry->name;
		level->state = scan_inherit(&parent->state, entry->mark);
		scan(w, level, false);
		if (level->names.count == 0) {
			result = prune_leaf(w, level, dirfd, parent->length);
			close(level->fd);
		}
		return result;
	}
	if (w->depth > 0 && (errno == EMFILE || errno == ENFILE)) {
		/* It is visited from the work stack, when more descriptors are free. */
		namelist_put_back(&parent->names);
		w->missed = true;
		return 0;
	}
	if (!platform_is_no_directory(errno)) {
		report_unreadable(w, dirfd, parent->length, entry->name);
	}
	return SCAN_STAYS;
}

/* ---- nftw ----------------------------------------------------------------------------------- */

/** nftw(3) gives its callback no context. */
static _Thread_local struct walker *current;

/** Leaves all levels but the first `kept`, as far as they are finished. */
static void leave_levels(struct walker *w, size_t kept)
{
	while (w->depth > kept && !w->missed) {
		struct pool_level *level = &w->levels[w->depth - 1];

		if (level->names.count > 0) {
			w->missed = true;
			return;
		}
		if (--w->depth > 0) {
			level[-1].state.result |= prune(w, level, level[-1].fd, level[-1].length);
		}
		close(level->fd);
	}
}

/** Visits a subdirectory that nftw has reported. @return Whether nftw should enter it. */
static bool enter(struct walker *w, const char *path, const struct listed *entry, int type)
{
	struct pool_level *level = &w->levels[w->depth];

	level[-1].state.result |= visit_entry(w, level, level - 1, level[-1].fd, entry);
	if (level->names.count == 0) {
		return false;
	}
	w->depth++;
	w->missed =
		type != FTW_D || w->depth > w->max_level || strlen(path) + NAME_MAX + 2 > PATH_MAX;
	return !w->missed;
}

/** Visits an entry at `level` (1 or more) if the scan of its parent returned it. */
static enum walk_action visit_reported(struct walker *w, size_t level, const char *path,
				       const char *name, int type)
{
	bool may_be_directory = type == FTW_D || type == FTW_DNR || type == FTW_NS;
	struct namelist *names = &w->levels[level - 1].names;
	struct listed entry;

	leave_levels(w, level);
	if (!w->missed && may_be_directory && namelist_take(names, name, &entry) &&
	    enter(w, path, &entry, type)) {
		return WALK_CONTINUE;
	}
	return names->count == 0 ? WALK_PRUNE_SIBLINGS : WALK_PRUNE;
}

/** nftw's callback. */
static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct walker *w = current;
	size_t level = (size_t)ftw->level;
	enum walk_action action = WALK_CONTINUE;

	(void)st;
	/* The start was already scanned. Some libcs report entries below a pruned level. */
	if (level > 0 && level <= w->pruned && !w->missed && !is_shared(w) && !stops(w)) {
		action = visit_reported(w, level, path, path + ftw->base, type);
		w->pruned = action == WALK_CONTINUE ? SIZE_MAX
			    : action == WALK_PRUNE  ? level
						    : level - 1;
	}
	/* untested: glibc's can prune */
	if (stops(w) || level > MAX_UNPRUNED) {
		return platform_nftw_action(WALK_STOP);
	}
	if (w->missed || is_shared(w)) {
		/* musl's nftw leaks the descriptor of a directory at which it is stopped. */
		action = type == FTW_D ? WALK_PRUNE_SIBLINGS : WALK_STOP;
	}
	return platform_nftw_action(action);
}

/** Walks from the only level. */
static void walk_from_level(struct walker *w)
{
	w->pruned = SIZE_MAX;
	current = w;
	/* The result does not matter: directories that nftw has not reported are still listed. */
	platform_nftw(w->levels[0].fd, visit, (int)w->max_level + 2);
	current = NULL;
	leave_levels(w, 0);
}

/** Pushes all levels. */
static void hand_over(struct walker *w)
{
	w->number = pool_push(&w->walk->pool, NULL, w->levels, w->depth);
	for (; w->number == 0 && w->depth > 0; w->depth--) {
		const struct pool_level *level = &w->levels[w->depth - 1];

		if (level->names.count > 0) {
			report_unreadable(w, level->fd, level->length, "");
		}
		platform_close(level->fd);
	}
	w->depth = 0;
}

/* ---- Work stack ----------------------------------------------------------------------------- */

/** Puts the path of a directory into the prefix. @return 0, or -1 with ENOMEM. */
static int set_path(struct walker *w, const struct pool_directory *from)
{
	size_t length = from->level.length;

	if (w->number == from->number) {
		return 0;
	}
	w->number = 0;
	strbuf_truncate(&w->prefix, w->walk->length);
	if (strbuf_reserve(&w->prefix, length - w->walk->length) != 0) {
		return -1;
	}
	strbuf_extend(&w->prefix, length - w->walk->length);
	for (const struct pool_directory *at = from; at->parent; at = at->parent) {
		size_t start = at->parent->level.length;

		memcpy(w->prefix.text + start, at->name, at->level.length - 1 - start);
		w->prefix.text[at->level.length - 1] = '/';
	}
	w->number = from->number;
	return 0;
}

/** Visits a task's directory. @return As visit_entry(). */
static unsigned visit_task(struct walker *w, const struct pool_task *task)
{
	struct pool_level *level = &w->levels[0];
	unsigned result;
	uint64_t number;

	if (set_path(w, task->from) != 0) {
		/* Without memory for the path, the error names the operand. */
		report_unreadable(w, w->walk->fd, w->walk->length, "");
		return SCAN_STAYS;
	}
	result = visit_entry(w, level, &task->from->level, task->fd, &task->entry);
	if (level->names.count == 0) {
		return result;
	}
	number = pool_push(&w->walk->pool, task->from, level, 1);
	if (number == 0) {
		report_unreadable(w, level->fd, level->length, "");
		close(level->fd);
		return SCAN_STAYS;
	}
	w->number = number;
	return 0;
}

/** Finishes a directory of the pool, and those above that are finished with it; or NULL. */
static void finish(struct walker *w, struct pool_directory *directory)
{
	int fd = directory ? directory->level.fd : -1;

	while (directory) {
		const struct pool_directory *parent = directory->parent;
		unsigned result = SCAN_STAYS;
		int above = -1;

		if (parent && directory->level.state.result == SCAN_REMOVED) {
			errno = ENOENT;
			above = fd >= 0 ? platform_open_above(fd, 1, parent->identity)
					: open_by_path(w, parent->level.length);
			result = prune(w, &directory->level, above, parent->level.length);
		}
		if (parent && w->number == directory->number) {
			w->number = parent->number;
		}
		platform_close(fd);
		fd = above;
		directory = pool_finish(&w->walk->pool, directory, result);
	}
	platform_close(fd);
}

/** Visits directories from the work stack until it is empty. */
static void visit_tasks(struct walker *w)
{
	struct pool_task task;

	while (pool_take(&w->walk->pool, &task)) {
		/* After a stop, the rest is only taken off the stack. */
		unsigned result = stops(w) ? SCAN_STAYS : visit_task(w, &task);

		finish(w, pool_release(&w->walk->pool, &task, result));
	}
}

/* ---- Walkers -------------------------------------------------------------------------------- */

static void close_walker(struct walker *w)
{
	scan_close(&w->scan);
	for (size_t i = 0; i <= MAX_LEVEL; i++) {
		namelist_free(&w->levels[i].names);
	}
	strbuf_free(&w->prefix);
}

/** Sets up a walker with room for ordinary paths. @return 0, or -1 with ENOMEM. */
static int open_walker(struct walker *w, struct walk *walk)
{
	*w = (struct walker){ .walk = walk, .prefix = STRBUF_INIT };
	if (scan_open(&w->scan, walk->config) != 0) {
		return -1;
	}
	if (strbuf_reserve(&w->prefix, walk->length + PATH_MAX) != 0) {
		close_walker(w);
		return -1;
	}
	strbuf_add_string(&w->prefix, walk->prefix);
	return 0;
}

/** Runs one more thread of the pool; without memory for it, the others do its work. */
static void work(void *context)
{
	struct walker w;

	if (open_walker(&w, context) == 0) {
		visit_tasks(&w);
		close_walker(&w);
	}
}

/**
 * Cleans the operand itself and walks below it.
 *
 * @param only As walker_run()'s.
 * @return 0, or -1 with errno.
 */
static int visit_operand(struct walker *w, struct namelist *only)
{
	struct pool_level *level = &w->levels[0];

	level->fd = fcntl(w->walk->fd, F_DUPFD_CLOEXEC, 0);
	level->name = "";
	if (level->fd < 0) {
		return -1;
	}
	w->depth = 1;
	if (only) {
		level->length = w->prefix.length;
		level->state.result = SCAN_STAYS;
		level->names = *only;
		*only = (struct namelist){ 0 };
	} else {
		scan(w, level, true);
		if (level->names.count > 0 && !is_shared(w)) {
			walk_from_level(w);
		}
	}
	leave_levels(w, 0);
	hand_over(w);
	return 0;
}

int walker_run(const struct scan_config *config, int fd, const char *prefix, struct namelist *only,
	       unsigned jobs, uint64_t small)
{
	struct walk walk = { config, fd, prefix, .length = strlen(prefix), .small = small };
	struct walker w;
	int error = ENOMEM;

	/* Level 0, the operand, is one of them. */
	size_t levels = (pool_init(&walk.pool, jobs, work, &walk) - BESIDE_LEVELS) / PER_LEVEL - 1;

	if (open_walker(&w, &walk) == 0) {
		w.max_level = levels < MAX_LEVEL ? levels : MAX_LEVEL;
		error = visit_operand(&w, only) == 0 ? 0 : errno;
		visit_tasks(&w);
		close_walker(&w);
	}
	pool_destroy(&walk.pool);
	errno = error;
	return error == 0 ? 0 : -1;
}
