#include "walker.h"

#include "platform.h"
#include "walk/pool.h"
#include "strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/*
 * How nftw is used. A directory is first scanned, which returns the subdirectories to visit, and
 * pushed on the work stack with their names. When nftw reports one of these subdirectories, it is
 * taken from the stack and visited, opened by the walker's own descriptor of its parent.
 *
 *     nftw's path      /proc/self/fd/5/.      …/a          …/a/b
 *     work stack       0: fd 5  [a c]   ─▶    1: [b d] ─▶  2: [e]      names not yet visited
 *
 * What nftw does not report stays on the stack and is visited from there. This covers a walk that
 * nftw abandons (glibc on ENOENT, ELOOP, EMFILE or EIO of one directory, musl when one file
 * vanishes), a level that it must not enter (depth, path length), a directory that it can no longer
 * read, a system without /proc, and a large tree.
 *
 * A directory is finished when it was scanned and all of its subdirectories are finished. It may be
 * pruned then, and what became of it is noted in its parent.
 */

enum {
	/** The deepest level that nftw enters; it holds a descriptor per level. */
	MAX_LEVEL = 32,
	/** The deepest level of an nftw that cannot prune, and may recurse. */
	MAX_UNPRUNED = 128,
	/** With fewer descriptors nftw is not called; a tree that is removed takes some, too. */
	NFTW_DESCRIPTORS = MAX_LEVEL + POOL_MIN_WALK,
};

/** Shared by the walkers of one operand. */
struct walk {
	const struct scan_config *config;
	const char *prefix;
	size_t prefix_length;
	uint64_t small;
	struct pool pool;
};

/** One thread's walker. */
struct walker {
	struct walk *walk;
	struct scan scan;
	struct pool_directory current;
	/** The path of the current directory, or the beginning of it. */
	struct strbuf prefix;
	/** The id of the pool's node whose path `prefix` begins with; 0 for none. */
	uint64_t prefix_id;
	/** nftw must report no more. */
	bool ends_nftw;
	/** How many entries were read or removed so far. */
	uint64_t work;
};

/* ---- One directory -------------------------------------------------------------------------- */

/** Cuts the prefix. @param fd The directory that it leads to then, or -1. */
static struct scan_place place_at(struct walker *w, size_t length, int fd)
{
	strbuf_truncate(&w->prefix, length);
	return (struct scan_place){
		.config = w->walk->config,
		.fd = fd,
		.prefix = w->prefix.text,
		.is_operand = length == w->walk->prefix_length,
	};
}

/** Reports with errno that an entry of a directory, or all of them (""), cannot be visited. */
static void report_unreadable(struct walker *w, int dirfd, size_t length, const char *name)
{
	const struct scan_place place = place_at(w, length, dirfd);

	scan_cannot_read(&w->scan, &place, name);
}

/** Scans the current directory, which is open, and to which the prefix leads. */
static void scan(struct walker *w)
{
	struct pool_directory *current = &w->current;
	const struct scan_place place = place_at(w, w->prefix.length, current->fd);

	current->length = w->prefix.length;
	w->work += scan_directory(&w->scan, &place, &current->state, &current->names);
	/* The tree is too large for this thread alone. Others only start when it is. */
	if (!w->walk->pool.shared && w->work > w->walk->small) {
		w->walk->pool.shared = true;
	}
}

/** Pushes the current directory. @return 0, or what became of it without memory. */
static unsigned push(struct walker *w, struct pool_node *parent)
{
	w->prefix_id = pool_push(&w->walk->pool, parent, &w->current);
	if (w->prefix_id == 0) {
		report_unreadable(w, w->current.fd, w->current.length, "");
		close(w->current.fd);
		return SCAN_KEPT;
	}
	return 0;
}

/** Prunes a finished directory in `dirfd`, and cuts the prefix to that. @return As scan_prune(). */
static unsigned prune(struct walker *w, struct pool_directory *directory, int dirfd, size_t length)
{
	const struct scan_place place = place_at(w, length, dirfd);

	return scan_prune(&w->scan, &place, directory->name, &directory->state);
}

/* ---- Tasks ---------------------------------------------------------------------------------- */

/** Puts the path of a node into the prefix. @return 0, or -1 with ENOMEM. */
static int set_path(struct walker *w, const struct pool_node *node)
{
	size_t below = node->directory.length - w->walk->prefix_length;

	if (w->prefix_id != node->id) {
		w->prefix_id = 0;
		strbuf_truncate(&w->prefix, w->walk->prefix_length);
		/* untested: no memory; only what another thread has pushed needs it */
		if (strbuf_reserve(&w->prefix, below) != 0) {
			return -1;
		}
		strbuf_extend(&w->prefix, below);
		pool_path(node, w->prefix.text);
		w->prefix_id = node->id;
	}
	return 0;
}

/** Opens a closed directory again; cuts the prefix to its path. @return As platform_open_path(). */
static int open_by_path(struct walker *w, const struct pool_directory *directory)
{
	strbuf_truncate(&w->prefix, directory->length);
	return platform_open_path(w->walk->config->operand_fd,
				  w->prefix.text + w->walk->prefix_length,
				  directory->state.identity);
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

/** Visits a task's directory in `dirfd`, or -1 with errno. @return As visit_task(). */
static unsigned visit_in(struct walker *w, const struct pool_task *task, int dirfd)
{
	const struct pool_directory *parent = &task->parent->directory;
	const char *name = task->entry.name;
	unsigned result;

	w->current.fd = dirfd < 0 ? -1 : open_entry(w, dirfd, parent->length, name);
	if (w->current.fd < 0) {
		if (!platform_is_no_directory(errno)) {
			report_unreadable(w, dirfd, parent->length, name);
		}
		return SCAN_KEPT;
	}
	w->current.name = name;
	w->current.state = (struct scan_state){
		.source_root = parent->state.source_root,
		.root_length = parent->state.root_length,
		.mark = task->entry.mark,
	};
	scan(w);
	if (w->current.names.count > 0) {
		return push(w, task->parent);
	}
	result = prune(w, &w->current, dirfd, parent->length);
	close(w->current.fd);
	return result;
}

/**
 * Visits a task's directory, and pushes it if there are subdirectories to visit.
 *
 * @return What became of it; 0 if it was pushed.
 */
static unsigned visit_task(struct walker *w, const struct pool_task *task)
{
	unsigned result;
	int opened;

	if (deleter_policy_stops(&w->walk->config->policy)) {
		return SCAN_KEPT;
	}
	/* untested: no memory for the path; the error names the operand */
	if (set_path(w, task->parent) != 0) {
		report_unreadable(w, w->walk->config->operand_fd, w->walk->prefix_length, "");
		return SCAN_KEPT;
	}
	opened = task->fd < 0 ? open_by_path(w, &task->parent->directory) : -1;
	result = visit_in(w, task, task->fd < 0 ? opened : task->fd);
	platform_close(opened);
	return result;
}

/** Finishes a node (or NULL), and those above it that are finished then. */
static void finish(struct walker *w, struct pool_node *node)
{
	int fd = node ? node->directory.fd : -1;

	while (node) {
		const struct pool_node *parent = node->parent;
		unsigned result = SCAN_KEPT;
		int above = -1;

		if (parent && node->directory.state.result == SCAN_REMOVED) {
			const struct pool_directory *place = &parent->directory;

			errno = ENOENT;
			above = fd >= 0 ? platform_open_above(fd, 1, place->state.identity)
					: open_by_path(w, place);
			result = prune(w, &node->directory, above, place->length);
		}
		if (parent && w->prefix_id == node->id) {
			w->prefix_id = parent->id;
		}
		platform_close(fd);
		fd = above;
		node = pool_finish(&w->walk->pool, node, result);
	}
	platform_close(fd);
}

static void do_task(struct walker *w, const struct pool_task *task)
{
	unsigned result = visit_task(w, task);

	finish(w, pool_release(&w->walk->pool, task, result));
}

/** Visits directories from the work stack until it is empty; after a stop, only empties it. */
static void do_tasks(struct walker *w)
{
	struct pool_task task;

	while (pool_take(&w->walk->pool, &task)) {
		do_task(w, &task);
	}
}

/* ---- nftw ----------------------------------------------------------------------------------- */

/** nftw(3) gives its callback no context. */
static _Thread_local struct walker *this_walker;

/** Whether a directory at this level is on top of the work stack. */
static bool is_top(const struct walker *w, size_t level)
{
	const struct pool_node *top = w->walk->pool.top;

	return top && top->depth == level;
}

/** Visits an entry at `level` (1 or more) that nftw has reported, if it is on the work stack. */
static enum walk_action visit_reported(struct walker *w, size_t level, const char *path,
				       const char *name, int type)
{
	bool may_be_directory = type == FTW_D || type == FTW_DNR || type == FTW_NS;
	struct pool_task task;

	if (may_be_directory && is_top(w, level - 1) &&
	    pool_take_name(&w->walk->pool, name, &task)) {
		do_task(w, &task);
		if (is_top(w, level)) {
			w->ends_nftw = type != FTW_D || level >= MAX_LEVEL ||
				       strlen(path) + NAME_MAX + 2 > PATH_MAX;
			return WALK_CONTINUE;
		}
	}
	return is_top(w, level - 1) ? WALK_PRUNE : WALK_PRUNE_SIBLINGS;
}

/** nftw's callback. */
static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct walker *w = this_walker;
	const struct pool_node *top = w->walk->pool.top;
	size_t level = (size_t)ftw->level;
	enum walk_action action = WALK_CONTINUE;

	(void)st;
	/* It has missed a subdirectory, or there is none left. */
	w->ends_nftw = w->ends_nftw || !top || top->depth > level;
	/* The start was already scanned. Some libcs report the entries of what was pruned. */
	if (level > 0 && !w->ends_nftw) {
		action = visit_reported(w, level, path, path + ftw->base, type);
	}
	w->ends_nftw = w->ends_nftw || w->walk->pool.shared;
	/* untested: glibc's can prune */
	if (deleter_policy_stops(&w->walk->config->policy) || level > MAX_UNPRUNED) {
		action = WALK_STOP;
	} else if (w->ends_nftw) {
		/* musl's nftw leaks the descriptor of a directory at which it is stopped. */
		action = type == FTW_D ? WALK_PRUNE_SIBLINGS : WALK_STOP;
	}
	return platform_nftw_action(action);
}

/* ---- Walkers -------------------------------------------------------------------------------- */

static void close_walker(struct walker *w)
{
	scan_close(&w->scan);
	namelist_free(&w->current.names);
	strbuf_free(&w->prefix);
}

/** Sets up a walker with room for ordinary paths. @return 0, or -1 with ENOMEM. */
static int open_walker(struct walker *w, struct walk *walk)
{
	*w = (struct walker){ .walk = walk, .prefix = STRBUF_INIT };
	if (scan_open(&w->scan, walk->config) != 0) {
		return -1;
	}
	if (strbuf_reserve(&w->prefix, walk->prefix_length + PATH_MAX) != 0) {
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
		do_tasks(&w);
		close_walker(&w);
	}
}

/** Cleans the operand itself and walks below it. @param only As walker_run()'s. @return As that. */
static int visit_operand(struct walker *w, struct namelist *only, bool uses_nftw)
{
	struct pool_directory *operand = &w->current;

	operand->fd = fcntl(w->walk->config->operand_fd, F_DUPFD_CLOEXEC, 0);
	if (operand->fd < 0) {
		return -1;
	}
	operand->name = "";
	operand->length = w->walk->prefix_length;
	if (only) {
		/* They may be pruned, by this one's identity. */
		operand->state.identity = platform_identify(operand->fd, NULL, 0);
		operand->names = *only;
		*only = (struct namelist){ 0 };
	} else {
		scan(w);
	}
	if (operand->names.count == 0) {
		close(operand->fd);
	} else if (push(w, NULL) == 0 && !only && uses_nftw && !w->walk->pool.shared) {
		this_walker = w;
		/* The result does not matter: what nftw has not reported is on the stack. */
		platform_nftw(w->walk->pool.top->directory.fd, visit, MAX_LEVEL + 2);
	}
	return 0;
}

int walker_run(const struct scan_config *config, const char *prefix, struct namelist *only,
	       unsigned jobs, uint64_t small)
{
	struct walk walk = { config, prefix, .prefix_length = strlen(prefix), .small = small };
	size_t descriptors = pool_init(&walk.pool, jobs, work, &walk);
	struct walker w;
	int result = open_walker(&w, &walk);
	int error;

	if (result == 0) {
		result = visit_operand(&w, only, descriptors >= NFTW_DESCRIPTORS);
		error = errno;
		do_tasks(&w);
		close_walker(&w);
		errno = error;
	}
	pool_destroy(&walk.pool);
	return result;
}
