#include "walker.h"

#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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
	/** A tree of so many directories is cleaned before another walker could have been started. */
	SMALL_TREE = 16,
	/** How many directories may be handed over for the mere sake of speed. */
	QUEUE_ENOUGH = 64,
};

/** A directory that nftw is in. */
struct walker_level {
	int fd;
	/** How much of the walker's prefix is its own. */
	size_t prefix_length;
	/** The subdirectories that are still to be visited, and how many they are. */
	struct listing names;
	size_t left;
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

static struct scene_place place_of(const struct walker *w, int fd, const char *prefix)
{
	return (struct scene_place){
		.fd = fd,
		.top = w->walk->fd,
		.prefix = prefix,
		.below = strlen(w->walk->prefix),
	};
}

/** Reports that a directory in a level cannot be opened. */
static void report_unreadable(struct walker *w, const struct walker_level *parent, const char *name,
			      int error)
{
	struct scene_place place = place_of(w, parent->fd, w->prefix);
	size_t length = parent->prefix_length;
	char cut = w->prefix[length];

	w->prefix[length] = '\0';
	sweeper_cannot_read(&w->sweeper, &place, name, error);
	w->prefix[length] = cut;
}

/** Hands over a level's names, and its descriptor with them. */
static void hand_over(struct walker *w, struct walker_level *level)
{
	struct listed entry;
	int error;

	if (queue_push(&w->walk->queue, level->fd, w->prefix, level->prefix_length, &level->names,
		       level->left, w->swept >= SMALL_TREE) == 0) {
		return;
	}
	error = errno;
	for (size_t at = 0; listing_next(&level->names, &at, &entry);) {
		report_unreadable(w, level, entry.name, error);
	}
	close(level->fd);
}

/** Whether the run is to end here. */
static bool stops(const struct walker *w)
{
	return deleter_policy_stops(&w->walk->plan->policy);
}

/** Leaves all levels but the first `kept`; what nftw has not reported in them is handed over. */
static void leave_levels(struct walker *w, size_t kept)
{
	for (size_t i = kept; i < w->depth; i++) {
		struct walker_level *level = &w->levels[i];

		if (level->left > 0 && !stops(w)) {
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
	struct scene_place place = place_of(w, fd, w->prefix);
	struct walker_level *level = &w->levels[w->depth];

	place.is_operand = is_operand;
	w->swept++;
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

/** Whether others have nothing to do, in a tree that is large enough to share. */
static bool should_share(const struct walker *w)
{
	return w->swept >= SMALL_TREE && queue_is_short(&w->walk->queue);
}

/**
 * Whether the directory just swept is better visited from the queue than walked into: for others,
 * or because nftw would read it once more and stat all that stays in it. (Compiled standard
 * library, dry run: that is 166,000 system calls instead of 268,000, and 0.75 of the time.)
 */
static bool is_for_queue(const struct walker *w)
{
	bool files_stay = sweeper_left_entries(&w->sweeper);

	return should_share(w) ||
	       (files_stay && atomic_load(&w->walk->queue.directories) < QUEUE_ENOUGH);
}

/** Whether nftw can be let into the directory just swept. */
static bool can_enter(const struct walker *w, const char *path)
{
	return w->depth <= w->walk->max_level && strlen(path) + NAME_MAX + 2 <= PATH_MAX;
}

/** Leaves a name for the queue: by then more descriptors are free. @return Whether that worked. */
static bool put_back(struct walker_level *parent, const char *name)
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
static bool enter(struct walker *w, struct walker_level *parent, const char *path, const char *name)
{
	int fd = platform_open_directory(parent->fd, name);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE) && put_back(parent, name)) {
		return false;
	}
	if (fd < 0) {
		if (!platform_is_no_directory(errno)) {
			report_unreadable(w, parent, name, errno);
		}
		return false;
	}
	if (set_prefix(w, w->base_length, path + w->start_length + 1, "/") != 0) {
		report_unreadable(w, parent, name, errno);
		close(fd);
		return false;
	}
	return sweep(w, fd, false) && can_enter(w, path) && !is_for_queue(w);
}

/** Does with an entry at `level`, 1 or more, what the sweep of the directory it is in wants. */
static enum walk_action visit_entry(struct walker *w, size_t level, const char *path,
				    const char *name, int type)
{
	struct walker_level *parent = &w->levels[level - 1];
	bool may_be_directory = type == FTW_D || type == FTW_DNR || type == FTW_NS;

	if (may_be_directory && listing_take(&parent->names, name)) {
		parent->left--;
		if (enter(w, parent, path, name) && type == FTW_D) {
			return WALK_CONTINUE;
		}
		leave_levels(w, level);
	}
	/* To leave a directory early is to hand over what is left in it. */
	return parent->left == 0 || should_share(w) ? WALK_PRUNE_SIBLINGS : WALK_PRUNE;
}

/** nftw's callback. */
static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct walker *w = current;
	size_t level = (size_t)ftw->level;
	enum walk_action action;

	(void)st;
	if (stops(w)) {
		return platform_nftw_action(WALK_STOP);
	}
	/* The start has been swept; what lies below a pruned level is only reported by some libcs. */
	if (level == 0 || level > w->pruned) {
		return platform_nftw_action(WALK_CONTINUE);
	}
	leave_levels(w, level);
	action = visit_entry(w, level, path, path + ftw->base, type);
	w->pruned = action == WALK_CONTINUE ? SIZE_MAX : action == WALK_PRUNE ? level : level - 1;
	return platform_nftw_action(action);
}

/** Walks from the one level there is. */
static void walk_from_level(struct walker *w)
{
	char start[PLATFORM_PATH_SIZE];

	w->start_length = platform_path_of(w->levels[0].fd, start);
	w->base_length = w->levels[0].prefix_length;
	w->pruned = SIZE_MAX;
	current = w;
	/* Whether it has come to its end does not matter: what it has not reported is still listed. */
	platform_nftw(start, visit, (int)w->walk->max_level + 2,
		      w->walk->plan->policy.one_file_system);
	current = NULL;
	leave_levels(w, 0);
}

/**
 * Visits a directory and all below it, the walker's prefix being its own.
 *
 * A single subdirectory is visited from the queue, too: to begin a walk costs nftw more than it
 * costs the queue. (Compiled standard library: 1,810 walks fall to 91, and 263,000 system calls to
 * 246,000.)
 */
static void visit_opened(struct walker *w, int fd, bool is_operand)
{
	if (!sweep(w, fd, is_operand)) {
		return;
	}
	if (w->levels[0].left == 1 || is_for_queue(w)) {
		leave_levels(w, 0);
	} else {
		walk_from_level(w);
	}
}

/** Opens a directory below the operand step by step. @return Its descriptor, or -1 with errno. */
static int open_by_steps(const struct walk *walk, const char *path)
{
	char *names = strdup(path);
	int fd = names ? walk->fd : -1;

	for (char *name = names, *next; names && *name != '\0'; name = next) {
		int below;
		int error;

		/* Each of them has a '/' behind it. */
		next = name + strcspn(name, "/") + 1;
		next[-1] = '\0';
		below = platform_open_directory(fd, name);
		error = errno;
		if (fd != walk->fd) {
			close(fd);
		}
		if (below < 0) {
			free(names);
			errno = error;
			return -1;
		}
		fd = below;
	}
	free(names);
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
	dirfd = open_by_steps(walk, from->prefix + strlen(walk->prefix));
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
		struct scene_place place = place_of(w, task->from->fd, prefix);

		if (fd >= 0) {
			close(fd);
		}
		sweeper_cannot_read(&w->sweeper, &place, task->name, error);
		queue_release(&w->walk->queue, task);
		return;
	}
	queue_release(&w->walk->queue, task);
	visit_opened(w, fd, false);
}

int walker_open(struct walker *w, struct walk *walk)
{
	*w = (struct walker){ .walk = walk };
	if (sweeper_init(&w->sweeper, walk->plan) != 0) {
		return -1;
	}
	w->levels = calloc(walk->max_level + 1, sizeof(*w->levels));
	if (!w->levels) {
		walker_close(w);
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

void walker_close(struct walker *w)
{
	sweeper_close(&w->sweeper);
	for (size_t i = 0; w->levels && i <= w->walk->max_level; i++) {
		listing_free(&w->levels[i].names);
	}
	free(w->levels);
	free(w->prefix);
}

int walker_begin(struct walker *w)
{
	int fd;

	if (set_prefix(w, 0, w->walk->prefix, "") != 0) {
		return -1;
	}
	fd = fcntl(w->walk->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0) {
		return -1;
	}
	visit_opened(w, fd, true);
	return 0;
}

void walker_work(struct walker *w)
{
	struct queue_task task;

	while (queue_take(&w->walk->queue, &task)) {
		if (stops(w)) {
			queue_release(&w->walk->queue, &task);
		} else {
			visit_task(w, &task);
		}
	}
}
