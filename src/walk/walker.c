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
	/** With fewer descriptors nftw is not called. A tree that is being removed takes some, too. */
	NFTW_DESCRIPTORS = 2 * (MAX_LEVEL + 1) + 4,
};

/** Shared by the walkers of one operand. */
struct walk {
	const struct scan_config *config;
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
	/** The directories from the start to the current one. */
	struct pool_level levels[MAX_LEVEL + 2];
	size_t depth;
	/** The path of the directory that was visited last, or the beginning of it. */
	struct strbuf prefix;
	/** The number of the pool's directory whose path `prefix` begins with; 0 for none. */
	uint64_t number;
	/** nftw must report no more: it has missed a subdirectory, or the tree is shared. */
	bool ends;
	/** How many entries were read or removed so far. */
	uint64_t work;
};

/* ---- One directory -------------------------------------------------------------------------- */

/** @param fd The directory that the prefix leads to, or -1. */
static struct scan_place place_of(const struct walker *w, int fd)
{
	return (struct scan_place){
		.config = w->walk->config,
		.fd = fd,
		.prefix = w->prefix.text,
		.is_operand = w->prefix.length == w->walk->length,
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

/** Scans the directory that the prefix leads to, and is open. */
static void scan(struct walker *w, struct pool_level *level)
{
	const struct scan_place place = place_of(w, level->fd);

	level->length = w->prefix.length;
	w->work += scan_directory(&w->scan, &place, &level->state, &level->names);
	/* The tree is too large for this thread alone. Others only start when it is. */
	if (!w->walk->pool.shared && w->work > w->walk->small) {
		w->walk->pool.shared = true;
	}
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

/** Makes an entry of a directory the prefix, and opens it. @return As openat(2). */
static int open_entry(struct walker *w, int dirfd, size_t length, const char *name)
{
	strbuf_truncate(&w->prefix, length);
	if (strbuf_reserve(&w->prefix, strlen(name) + 1) != 0) {
		return -1;
	}
	strbuf_add_string(&w->prefix, name);
	strbuf_add_char(&w->prefix, '/');
	return platform_open_directory(dirfd, name);
}

/**
 * Visits a subdirectory. If there are names to visit in it, `level` becomes it.
 *
 * @param dirfd Its parent, or -1 with errno.
 * @return What became of it; 0 if it is not finished.
 */
static unsigned visit_entry(struct walker *w, struct pool_level *level, struct pool_level *parent,
			    int dirfd, const struct listed *entry)
{
	unsigned result = 0;

	namelist_clear(&level->names);
	level->fd = dirfd < 0 ? -1 : open_entry(w, dirfd, parent->length, entry->name);
	if (level->fd >= 0) {
		level->name = entry->name;
		level->state = (struct scan_state){
			.sources = parent->state.sources,
			.root = parent->state.root,
			.mark = entry->mark,
		};
		scan(w, level);
		if (level->names.count == 0) {
			result = prune(w, level, dirfd, parent->length);
			close(level->fd);
		}
		return result;
	}
	if (w->depth > 0 && (errno == EMFILE || errno == ENFILE)) {
		/* It is visited from the work stack, when more descriptors are free. */
		namelist_put_back(&parent->names);
		w->ends = true;
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

/** Leaves levels that are finished, but not the first `kept`. */
static void leave_levels(struct walker *w, size_t kept)
{
	while (w->depth > kept && w->levels[w->depth - 1].names.count == 0) {
		struct pool_level *level = &w->levels[--w->depth];

		if (w->depth > 0) {
			level[-1].state.result |= prune(w, level, level[-1].fd, level[-1].length);
		}
		close(level->fd);
	}
	w->ends = w->ends || w->depth > kept;
}

/**
 * Visits an entry of the innermost level that nftw has reported, if the scan of the level returned
 * it and nftw did not report it before.
 */
static enum walk_action visit_reported(struct walker *w, const char *path, const char *name,
				       int type)
{
	struct pool_level *level = &w->levels[w->depth];
	struct pool_level *parent = level - 1;
	struct listed entry;

	if ((type == FTW_D || type == FTW_DNR || type == FTW_NS) &&
	    namelist_take(&parent->names, name, &entry)) {
		parent->state.result |= visit_entry(w, level, parent, parent->fd, &entry);
		if (level->names.count > 0) {
			w->depth++;
			w->ends = type != FTW_D || w->depth > MAX_LEVEL ||
				  strlen(path) + NAME_MAX + 2 > PATH_MAX;
			return WALK_CONTINUE;
		}
	}
	return parent->names.count == 0 ? WALK_PRUNE_SIBLINGS : WALK_PRUNE;
}

/** nftw's callback. */
static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct walker *w = current;
	size_t level = (size_t)ftw->level;
	enum walk_action action = WALK_CONTINUE;

	(void)st;
	/* The start was already scanned. Some libcs report the entries of what was pruned. */
	if (level > 0 && level <= w->depth && !w->ends) {
		leave_levels(w, level);
		if (!w->ends) {
			action = visit_reported(w, path, path + ftw->base, type);
		}
	}
	w->ends = w->ends || w->walk->pool.shared;
	/* untested: glibc's can prune */
	if (stops(w) || level > MAX_UNPRUNED) {
		action = WALK_STOP;
	} else if (w->ends) {
		/* musl's nftw leaks the descriptor of a directory at which it is stopped. */
		action = type == FTW_D ? WALK_PRUNE_SIBLINGS : WALK_STOP;
	}
	return platform_nftw_action(action);
}

/* ---- Work stack ----------------------------------------------------------------------------- */

/**
 * Pushes all levels.
 *
 * @param parent As pool_push()'s.
 * @return 0, or what became of them without memory.
 */
static unsigned hand_over(struct walker *w, struct pool_directory *parent)
{
	uint64_t number = pool_push(&w->walk->pool, parent, w->levels, w->depth);

	if (number != 0) {
		w->number = number;
		w->depth = 0;
	}
	for (; w->depth > 0; w->depth--) {
		const struct pool_level *level = &w->levels[w->depth - 1];

		if (level->names.count > 0) {
			report_unreadable(w, level->fd, level->length, "");
		}
		platform_close(level->fd);
	}
	return number != 0 ? 0 : SCAN_STAYS;
}

/** Puts the path of a directory into the prefix. @return 0, or -1 with ENOMEM. */
static int set_path(struct walker *w, const struct pool_directory *from)
{
	if (w->number != from->number) {
		w->number = 0;
		strbuf_truncate(&w->prefix, w->walk->length);
		if (strbuf_reserve(&w->prefix, from->level.length - w->walk->length) != 0) {
			return -1;
		}
		strbuf_extend(&w->prefix, from->level.length - w->walk->length);
		pool_path(from, w->prefix.text);
		w->number = from->number;
	}
	return 0;
}

/** Opens a directory whose path the prefix begins with; cuts it to that. @return As openat(2). */
static int open_by_path(struct walker *w, size_t length)
{
	strbuf_truncate(&w->prefix, length);
	return platform_open_path(w->walk->config->top, w->prefix.text + w->walk->length);
}

/** Visits a task's directory. @return As visit_entry(). */
static unsigned visit_task(struct walker *w, const struct pool_task *task)
{
	struct pool_level *level = &w->levels[0];
	struct pool_level *from = &task->from->level;
	int dirfd = task->fd;
	unsigned result;

	if (set_path(w, task->from) != 0) {
		/* Without memory for the path, the error names the operand. */
		report_unreadable(w, w->walk->config->top, w->walk->length, "");
		return SCAN_STAYS;
	}
	if (dirfd < 0) {
		dirfd = open_by_path(w, from->length);
	}
	result = visit_entry(w, level, from, dirfd, &task->entry);
	if (task->fd < 0) {
		platform_close(dirfd);
	}
	if (level->names.count > 0) {
		w->depth = 1;
		result = hand_over(w, task->from);
	}
	return result;
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
	for (size_t i = 0; i < MAX_LEVEL + 2; i++) {
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
static int visit_operand(struct walker *w, struct namelist *only, bool uses_nftw)
{
	struct pool_level *level = &w->levels[0];

	level->fd = fcntl(w->walk->config->top, F_DUPFD_CLOEXEC, 0);
	if (level->fd < 0) {
		return -1;
	}
	level->name = "";
	level->length = w->walk->length;
	w->depth = 1;
	if (only) {
		level->names = *only;
		*only = (struct namelist){ 0 };
	} else {
		scan(w, level);
	}
	if (!only && uses_nftw && level->names.count > 0 && !w->walk->pool.shared) {
		current = w;
		/* The result does not matter: what nftw has not reported is still listed. */
		platform_nftw(level->fd, visit, MAX_LEVEL + 2);
	}
	leave_levels(w, 0);
	hand_over(w, NULL);
	return 0;
}

int walker_run(const struct scan_config *config, const char *prefix, struct namelist *only,
	       unsigned jobs, uint64_t small)
{
	struct walk walk = { config, prefix, .length = strlen(prefix), .small = small };
	size_t descriptors = pool_init(&walk.pool, jobs, work, &walk);
	struct walker w;
	int result = open_walker(&w, &walk);
	int error;

	if (result == 0) {
		result = visit_operand(&w, only, descriptors >= NFTW_DESCRIPTORS);
		error = errno;
		visit_tasks(&w);
		close_walker(&w);
		errno = error;
	}
	pool_destroy(&walk.pool);
	return result;
}
