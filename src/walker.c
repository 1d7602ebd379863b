#include "walker.h"

#include "platform.h"
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * How nftw is used. A directory is swept, which tells what is to be visited below it, and only
 * then walked: nftw reports what it finds, and the walker enters what the sweep has named,
 * opening each directory from its own descriptor of the one above.
 *
 *     nftw's path      /proc/self/fd/5/.      …/a          …/a/b
 *     levels[]         0: fd 5  [a c]   ─▶    1: [b d] ─▶  2: [e]      names not yet visited
 *
 * Whatever nftw has not reported when a level is left goes to the queue, and is visited from there.
 * That one rule serves all its quirks: a walk that nftw abandons (glibc on ENOENT, ELOOP, EMFILE or
 * EIO of one directory, musl when one file vanishes), a level below which it is not let (depth, the
 * length of a path), a directory it can no longer read, and a system without /proc.
 */

enum {
	/** The deepest level of one walk; a directory there is handed over. */
	MAX_LEVEL = 32,
	/** Descriptors that are not the walkers': the standard streams, the operand. */
	RESERVED = 4,
};

/** A directory that nftw is in. */
struct level {
	int fd;
	/** How much of the walker's prefix is its own. */
	size_t prefix_length;
	/** The subdirectories that are still to be visited, and how many they are. */
	struct listing names;
	size_t left;
};

/** What the walkers of one operand share. */
struct walk {
	const struct operand *operand;
	int fd;
	/** The length of the operand's own prefix. */
	size_t below;
	size_t max_level;
	bool one_file_system;
	struct queue queue;
};

struct walker {
	struct walk *walk;
	struct sweeper sweeper;
	/** The directories from the start of the walk to the one in hand: `depth` of them. */
	struct level *levels;
	size_t depth;
	/** What is shown before the names in the directory in hand. */
	char *prefix;
	size_t prefix_size;
	/** The length of the path that nftw was started with, and of what is shown for it. */
	size_t start_length;
	size_t base_length;
	/** The level that was pruned, where nftw does not do that itself; SIZE_MAX for none. */
	size_t pruned;
};

/** nftw(3) gives its callback no context. */
static _Thread_local struct walker *current;

/** Makes the prefix out of its first `kept` bytes, a path, and `end`. @return 0 or -1. */
static int set_prefix(struct walker *w, size_t kept, const char *path, const char *end)
{
	size_t needed = kept + strlen(path) + strlen(end) + 1;

	if (needed > w->prefix_size) {
		char *prefix = realloc(w->prefix, 2 * needed);

		if (!prefix) {
			return -1;
		}
		w->prefix = prefix;
		w->prefix_size = 2 * needed;
	}
	stpcpy(stpcpy(w->prefix + kept, path), end);
	return 0;
}

static struct sweeper_place place_of(const struct walker *w, int fd, const char *prefix)
{
	return (struct sweeper_place){
		.fd = fd,
		.prefix = prefix,
		.below = w->walk->below,
		.operand = w->walk->operand,
	};
}

/** Reports that a directory cannot be opened whose parent's prefix is the first `length` bytes. */
static void report_unreadable(struct walker *w, size_t length, const char *name, int error)
{
	struct sweeper_place place = place_of(w, -1, w->prefix);
	char cut = w->prefix[length];

	w->prefix[length] = '\0';
	sweeper_cannot_read(&w->sweeper, &place, name, error);
	w->prefix[length] = cut;
}

/** Hands over a level's names, and its descriptor with them. */
static void hand_over(struct walker *w, struct level *level)
{
	struct listed entry;
	int error;

	if (queue_push(&w->walk->queue, level->fd, w->prefix, level->prefix_length,
		       &level->names) == 0) {
		return;
	}
	error = errno;
	for (size_t at = 0; listing_next(&level->names, &at, &entry);) {
		report_unreadable(w, level->prefix_length, entry.name, error);
	}
	close(level->fd);
}

/** Leaves all levels but the first `kept`; what nftw has not reported in them is handed over. */
static void leave_levels(struct walker *w, size_t kept)
{
	for (size_t i = kept; i < w->depth; i++) {
		struct level *level = &w->levels[i];

		if (level->left > 0) {
			hand_over(w, level);
		} else {
			close(level->fd);
		}
	}
	if (w->depth > kept) {
		w->depth = kept;
	}
}

/**
 * Sweeps a directory, the walker's prefix being its own, and makes it the innermost level where
 * there is something to visit in it; otherwise closes it.
 *
 * @return Whether there is.
 */
static bool sweep(struct walker *w, int fd, bool is_operand)
{
	struct sweeper_place place = place_of(w, fd, w->prefix);
	struct level *level = &w->levels[w->depth];

	place.is_operand = is_operand;
	level->fd = fd;
	level->prefix_length = strlen(w->prefix);
	level->left = sweeper_sweep(&w->sweeper, &place, &level->names);
	if (level->left == 0) {
		close(fd);
		return false;
	}
	w->depth++;
	return true;
}

/** Whether the directory just swept is better visited from the queue than walked into. */
static bool is_for_queue(const struct walker *w, const char *path)
{
	return w->depth > w->walk->max_level || strlen(path) + NAME_MAX + 2 > PATH_MAX;
}

/** Leaves a name for the queue: by then more descriptors are free. @return Whether that worked. */
static bool put_back(struct level *parent, const char *name)
{
	int error = errno;
	bool done = listing_add(&parent->names, name, ENTRY_DIRECTORY, 0) == 0;

	parent->left += done;
	errno = error;
	return done;
}

/**
 * Enters a directory in `parent` that nftw has reported.
 *
 * @return Whether nftw is to go on into it.
 */
static bool enter(struct walker *w, struct level *parent, const char *path, const char *name)
{
	int fd = platform_open_directory(parent->fd, name);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE) && put_back(parent, name)) {
		return false;
	}
	if (fd < 0) {
		if (!platform_is_no_directory(errno)) {
			report_unreadable(w, parent->prefix_length, name, errno);
		}
		return false;
	}
	if (set_prefix(w, w->base_length, path + w->start_length + 1, "/") != 0) {
		report_unreadable(w, parent->prefix_length, name, errno);
		close(fd);
		return false;
	}
	return sweep(w, fd, false) && !is_for_queue(w, path);
}

/** Does with an entry at `level`, 1 or more, what the sweep of the directory it is in wants. */
static enum walk_action visit_entry(struct walker *w, size_t level, const char *path,
				    const char *name, int type)
{
	struct level *parent = &w->levels[level - 1];
	bool may_be_directory = type == FTW_D || type == FTW_DNR || type == FTW_NS;

	if (may_be_directory && listing_take(&parent->names, name)) {
		parent->left--;
		if (enter(w, parent, path, name) && type == FTW_D) {
			return WALK_CONTINUE;
		}
		leave_levels(w, level);
	}
	return parent->left > 0 ? WALK_PRUNE : WALK_PRUNE_SIBLINGS;
}

/** nftw's callback. */
static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct walker *w = current;
	size_t level = (size_t)ftw->level;
	enum walk_action action;

	(void)st;
	/* The start has been swept; what lies below a pruned level is only reported by some libcs. */
	if (level == 0 || level > w->pruned) {
		return platform_nftw_action(WALK_CONTINUE);
	}
	leave_levels(w, level);
	action = visit_entry(w, level, path, path + ftw->base, type);
	w->pruned = action == WALK_CONTINUE ? SIZE_MAX
		  : action == WALK_PRUNE    ? level
					    : level - 1;
	return platform_nftw_action(action);
}

/** Walks from the one level there is. */
static void walk_from_level(struct walker *w)
{
	char start[sizeof("/proc/self/fd//.") + 3 * sizeof(int)];
	int length = snprintf(start, sizeof(start), "/proc/self/fd/%d/.", w->levels[0].fd);

	w->start_length = (size_t)length;
	w->base_length = w->levels[0].prefix_length;
	w->pruned = SIZE_MAX;
	current = w;
	/* Whether it has come to its end does not matter: what it has not reported is still listed. */
	platform_nftw(start, visit, (int)w->walk->max_level + 2,
		      w->sweeper.plan->policy.one_file_system);
	current = NULL;
	leave_levels(w, 0);
}

/** Opens a directory below the operand step by step. @return Its descriptor, or -1 with errno. */
static int open_by_steps(const struct walk *walk, const char *path)
{
	char name[NAME_MAX + 1];
	int fd = walk->fd;

	for (size_t length; *path != '\0'; path += length + 1) {
		int below;
		int error;

		length = strcspn(path, "/");
		memcpy(name, path, length);
		name[length] = '\0';
		below = platform_open_directory(fd, name);
		error = errno;
		if (fd != walk->fd) {
			close(fd);
		}
		if (below < 0) {
			errno = error;
			return -1;
		}
		fd = below;
	}
	return fd;
}

/** Opens the directory of a task. @return Its descriptor, or -1 with errno. */
static int open_task(const struct walk *walk, const struct queue_task *task)
{
	const struct queued *from = task->from;
	int dirfd = from->fd;
	int fd;
	int error;

	if (dirfd >= 0) {
		return platform_open_directory(dirfd, task->name);
	}
	dirfd = open_by_steps(walk, from->prefix + walk->below);
	if (dirfd < 0) {
		return -1;
	}
	fd = platform_open_directory(dirfd, task->name);
	error = errno;
	if (dirfd != walk->fd) {
		close(dirfd);
	}
	errno = error;
	return fd;
}

/** Visits a directory from the queue and all below it. */
static void visit_task(struct walker *w, struct queue_task *task)
{
	const char *prefix = task->from->prefix;
	int fd = open_task(w->walk, task);

	if (fd < 0 && platform_is_no_directory(errno)) {
		queue_release(&w->walk->queue, task);
		return;
	}
	if (fd < 0 || set_prefix(w, 0, prefix, "") != 0 ||
	    set_prefix(w, strlen(prefix), task->name, "/") != 0) {
		int error = errno;
		struct sweeper_place place = place_of(w, -1, prefix);

		if (fd >= 0) {
			close(fd);
		}
		sweeper_cannot_read(&w->sweeper, &place, task->name, error);
		queue_release(&w->walk->queue, task);
		return;
	}
	queue_release(&w->walk->queue, task);
	if (sweep(w, fd, false)) {
		walk_from_level(w);
	}
}

/** Shares out the descriptors that the process may have. */
static void plan_descriptors(struct walk *walk)
{
	struct rlimit limit = { .rlim_cur = 256 };
	size_t available;
	size_t levels;

	getrlimit(RLIMIT_NOFILE, &limit);
	available = limit.rlim_cur > 4096 ? 4096 : (size_t)limit.rlim_cur;
	available -= available > RESERVED ? RESERVED : available;
	queue_init(&walk->queue, available / 8);
	available -= available / 8;
	/* nftw and the walker hold one each a level, the deleter and what is just opened need some. */
	levels = available / 2;
	levels -= levels > 3 ? 3 : levels;
	walk->max_level = levels < 1 ? 1 : levels > MAX_LEVEL ? MAX_LEVEL : levels;
}

static void walker_close(struct walker *w)
{
	sweeper_close(&w->sweeper);
	for (size_t i = 0; w->levels && i <= w->walk->max_level; i++) {
		listing_free(&w->levels[i].names);
	}
	free(w->levels);
	free(w->prefix);
}

/** Sets up a walker. @return 0, or -1 with ENOMEM. */
static int walker_open(struct walker *w, struct walk *walk, const struct sweeper_plan *plan)
{
	*w = (struct walker){ .walk = walk };
	if (sweeper_init(&w->sweeper, plan) != 0) {
		return -1;
	}
	w->levels = calloc(walk->max_level + 1, sizeof(*w->levels));
	if (!w->levels) {
		walker_close(w);
		return -1;
	}
	return 0;
}

int walker_run(const struct sweeper_plan *plan, const struct operand *operand, int fd,
	       const char *prefix)
{
	struct walk walk = { .operand = operand, .fd = fd, .below = strlen(prefix) };
	struct queue_task task;
	struct walker w;
	int start;

	plan_descriptors(&walk);
	if (walker_open(&w, &walk, plan) != 0) {
		return -1;
	}
	start = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (start < 0 || set_prefix(&w, 0, prefix, "") != 0) {
		int error = errno;

		if (start >= 0) {
			close(start);
		}
		walker_close(&w);
		errno = error;
		return -1;
	}
	if (sweep(&w, start, true)) {
		walk_from_level(&w);
	}
	while (queue_take(&walk.queue, &task)) {
		visit_task(&w, &task);
	}
	walker_close(&w);
	return 0;
}
