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
 * When a level is left, subdirectories that nftw has not reported go to the work stack and are
 * visited from there. This covers a walk that nftw abandons (glibc on ENOENT, ELOOP, EMFILE or EIO
 * of one directory, musl when one file vanishes), a level that it must not enter (depth, path
 * length), a directory that it can no longer read, a system without /proc, and a large tree.
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
	size_t below;
	uint64_t small;
	struct pool pool;
};

/** A directory that nftw is in, or that a task is about. */
struct walk_level {
	int fd;
	/** The length of its prefix, which begins the walker's. */
	size_t prefix_length;
	/** The subdirectories not yet visited. */
	struct namelist names;
};

/** One thread's walker. */
struct walker {
	struct walk *walk;
	struct scan scan;
	/** The directories from the start to the current one: `depth`, at most `max_level` + 1. */
	struct walk_level levels[MAX_LEVEL + 1];
	size_t depth;
	size_t max_level;
	/** The path shown before the names in the current directory. */
	struct strbuf prefix;
	/** The length of the path that nftw was started with. */
	size_t start_length;
	/** The level that was pruned, for an nftw that cannot prune; SIZE_MAX for none. */
	size_t pruned;
	/** How many entries were read or removed so far. */
	uint64_t work;
	/** The task's directory, or NULL while nftw walks. */
	struct pool_directory *from;
};

/* ---- One directory -------------------------------------------------------------------------- */

static struct scan_place place_of(const struct walker *w, int fd)
{
	return (struct scan_place){
		.config = w->walk->config,
		.fd = fd,
		.top = w->walk->fd,
		.prefix = w->prefix.text,
		.below = w->walk->below,
	};
}

/**
 * Reports with errno that a directory, or its subdirectories (""), cannot be visited.
 *
 * @param dirfd  Its parent, or -1.
 * @param length How much of the walker's prefix to show before `name`.
 */
static void report_unreadable(struct walker *w, int dirfd, size_t length, const char *name)
{
	struct scan_place place = place_of(w, dirfd);
	char cut = w->prefix.text[length];

	w->prefix.text[length] = '\0';
	scan_cannot_read(&w->scan, &place, name, errno);
	w->prefix.text[length] = cut;
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

static void add_work(struct walker *w, uint64_t work)
{
	w->work += work;
	if (!is_shared(w) && w->work > w->walk->small) {
		w->walk->pool.shared = true;
	}
}

/** Leaves all levels but the first `kept`, and pushes their unvisited subdirectories. */
static void leave_levels(struct walker *w, size_t kept)
{
	for (size_t i = kept; i < w->depth; i++) {
		struct walk_level *level = &w->levels[i];

		if (level->names.count > 0 && !stops(w)) {
			if (pool_push(&w->walk->pool, w->from, level->fd, w->prefix.text,
				      level->prefix_length, &level->names) == 0) {
				continue;
			}
			report_unreadable(w, level->fd, level->prefix_length, "");
		}
		close(level->fd);
	}
	w->depth = w->depth < kept ? w->depth : kept;
}

/**
 * Scans the directory at the walker's prefix. If it has subdirectories to visit, makes it the
 * innermost level; otherwise closes it.
 *
 * @return Whether it has.
 */
static bool scan(struct walker *w, int fd, bool is_operand)
{
	struct scan_place place = place_of(w, fd);
	struct walk_level *level = &w->levels[w->depth];

	place.is_operand = is_operand;
	level->fd = fd;
	level->prefix_length = w->prefix.length;
	add_work(w, scan_directory(&w->scan, &place, &level->names));
	if (level->names.count == 0) {
		close(fd);
		return false;
	}
	w->depth++;
	return true;
}

/* ---- nftw ----------------------------------------------------------------------------------- */

/** nftw(3) gives its callback no context. */
static _Thread_local struct walker *current;

/**
 * Enters a directory in `parent` that nftw has reported.
 *
 * @return Whether nftw should enter it too.
 */
static bool enter(struct walker *w, struct walk_level *parent, const char *path, const char *name)
{
	const char *below = path + w->start_length + 1;
	size_t kept = w->levels[0].prefix_length;
	int fd = platform_open_directory(parent->fd, name);

	/* untested: no memory; only names longer than NAME_MAX need an allocation here */
	if (fd >= 0 && strbuf_reserve(&w->prefix, strlen(below) + 1) != 0) {
		platform_close(fd);
		fd = -1;
	}
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE) {
			/* It is visited from the work stack, when more descriptors are free. */
			namelist_put_back(&parent->names);
		} else if (!platform_is_no_directory(errno)) {
			report_unreadable(w, parent->fd, parent->prefix_length, name);
		}
		return false;
	}
	strbuf_truncate(&w->prefix, kept);
	strbuf_add_string(&w->prefix, below);
	strbuf_add_char(&w->prefix, '/');
	return scan(w, fd, false) && w->depth <= w->max_level &&
	       strlen(path) + NAME_MAX + 2 <= PATH_MAX;
}

/** Visits an entry at `level` (1 or more) if the scan of its parent returned it. */
static enum walk_action visit_entry(struct walker *w, size_t level, const char *path,
				    const char *name, int type)
{
	struct walk_level *parent = &w->levels[level - 1];
	bool may_be_directory = type == FTW_D || type == FTW_DNR || type == FTW_NS;

	if (may_be_directory && namelist_take(&parent->names, name)) {
		if (enter(w, parent, path, name) && type == FTW_D) {
			return WALK_CONTINUE;
		}
		leave_levels(w, level);
	}
	return parent->names.count == 0 ? WALK_PRUNE_SIBLINGS : WALK_PRUNE;
}

/** nftw's callback. */
static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct walker *w = current;
	size_t level = (size_t)ftw->level;
	enum walk_action action;

	(void)st;
	/* musl's nftw leaks the descriptor of a directory at which it is stopped. */
	/* untested: glibc's can prune */
	if (stops(w) || (is_shared(w) && type != FTW_D) || level > MAX_UNPRUNED) {
		return platform_nftw_action(WALK_STOP);
	}
	if (is_shared(w)) {
		return platform_nftw_action(WALK_PRUNE_SIBLINGS);
	}
	/* The start was already scanned. Some libcs report entries below a pruned level. */
	if (level == 0) {
		w->start_length = strlen(path);
	}
	if (level == 0 || level > w->pruned) {
		return platform_nftw_action(WALK_CONTINUE);
	}
	leave_levels(w, level);
	action = visit_entry(w, level, path, path + ftw->base, type);
	w->pruned = action == WALK_CONTINUE ? SIZE_MAX : action == WALK_PRUNE ? level : level - 1;
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
}

/* ---- Work stack ----------------------------------------------------------------------------- */

/** Visits a task's directory. */
static void visit_task(struct walker *w, const struct pool_task *task)
{
	size_t length = task->from->end;
	int fd;

	if (strbuf_reserve(&w->prefix, length + strlen(task->name) + 1) != 0) {
		/* Without memory for the path, the error names the operand. */
		report_unreadable(w, w->walk->fd, w->walk->below, "");
		return;
	}
	strbuf_reset(&w->prefix);
	pool_path(task->from, strbuf_extend(&w->prefix, length));
	strbuf_add_string(&w->prefix, task->name);
	strbuf_add_char(&w->prefix, '/');
	fd = task->fd >= 0 ? platform_open_directory(task->fd, task->name)
			   : platform_open_path(w->walk->fd, w->prefix.text + w->walk->below);
	if (fd >= 0) {
		w->from = task->from;
		scan(w, fd, false);
		leave_levels(w, 0);
	} else if (!platform_is_no_directory(errno)) {
		report_unreadable(w, task->fd, length, task->name);
	}
}

/** Cleans a directory in the operand and all below it, and removes those that are left empty. */
static void prune_task(struct walker *w, const struct pool_task *task)
{
	const struct scan_place place = place_of(w, task->fd);

	add_work(w, scan_remove(&w->scan, &place, task->name, ENTRY_DIRECTORY));
}

/** Visits directories from the work stack until it is empty. */
static void visit_tasks(struct walker *w)
{
	struct pool_task task;

	while (pool_take(&w->walk->pool, &task)) {
		if (stops(w)) {
			/* The rest is only taken off the stack. */
		} else if (w->walk->config->prune) {
			prune_task(w, &task);
		} else {
			visit_task(w, &task);
		}
		pool_release(&w->walk->pool, &task);
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
	if (strbuf_reserve(&w->prefix, walk->below + PATH_MAX) != 0) {
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

/** Cleans the operand itself and walks below it. @return 0, or -1 with errno. */
static int visit_operand(struct walker *w)
{
	int fd = fcntl(w->walk->fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0) {
		return -1;
	}
	if (scan(w, fd, true) && !is_shared(w) && !w->walk->config->prune) {
		walk_from_level(w);
	}
	leave_levels(w, 0);
	return 0;
}

int walker_run(const struct scan_config *config, int fd, const char *prefix, unsigned jobs,
	       uint64_t small)
{
	struct walk walk = { config, fd, prefix, .below = strlen(prefix), .small = small };
	struct walker w;
	int error = ENOMEM;

	/* Level 0, the operand, is one of them. */
	size_t levels = (pool_init(&walk.pool, jobs, work, &walk) - BESIDE_LEVELS) / PER_LEVEL - 1;

	if (open_walker(&w, &walk) == 0) {
		w.max_level = levels < MAX_LEVEL ? levels : MAX_LEVEL;
		error = visit_operand(&w) == 0 ? 0 : errno;
		visit_tasks(&w);
		close_walker(&w);
	}
	pool_destroy(&walk.pool);
	errno = error;
	return error == 0 ? 0 : -1;
}
