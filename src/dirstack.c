#include "dirstack.h"

#include "platform.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/** How many innermost directories are open, and at most how many further out. */
	MAX_RUN = 32,
	MAX_OUTER = 32,
	/** The distance between the outer ones at first; doubled when they become too many. */
	FIRST_STRIDE = 64,
	/** Listings further in than this are freed when done with, not kept for the next tree. */
	KEPT_LISTINGS = 4,
};

void dirstack_start(struct dirstack *d, int root)
{
	d->root = root;
	d->depth = 0;
	d->run = 0;
	d->max_run = MAX_RUN;
	d->stride = FIRST_STRIDE;
	strbuf_reset(&d->trail);
}

void dirstack_free(struct dirstack *d)
{
	for (size_t i = 0; i < d->allocated; i++) {
		listing_free(&d->levels[i].entries);
	}
	free(d->levels);
	strbuf_free(&d->trail);
}

const char *dirstack_trail(const struct dirstack *d)
{
	return d->depth > 0 ? d->trail.text : "";
}

/** Closes a level, remembering which directory it was. */
static void close_level(struct dirstack_level *level)
{
	struct stat st;

	/* A directory that cannot even be asked is not found again: no inode has the number 0. */
	level->ino = 0;
	if (fstat(level->fd, &st) == 0) {
		level->dev = st.st_dev;
		level->ino = st.st_ino;
	}
	close(level->fd);
	level->fd = -1;
}

/** Takes the outermost directory out of the run; closes it unless it is one of the outer ones. */
static void shorten_run(struct dirstack *d)
{
	size_t index = d->run++;

	if (d->stride == 0 || index % d->stride != 0) {
		close_level(&d->levels[index]);
	} else if (index / d->stride >= MAX_OUTER) {
		for (size_t i = d->stride; i <= index; i += 2 * d->stride) {
			close_level(&d->levels[i]);
		}
		d->stride *= 2;
	}
}

/** Gives descriptors up because there are no more to be had. @return Whether that was possible. */
static bool give_up(struct dirstack *d)
{
	if (d->stride > 0) {
		for (size_t i = 0; i < d->run; i += d->stride) {
			close_level(&d->levels[i]);
		}
		d->stride = 0;
		return true;
	}
	if (d->run + 1 >= d->depth) {
		return false;
	}
	shorten_run(d);
	d->max_run = d->depth - d->run;
	return true;
}

/** Opens a closed directory again. @return Its descriptor, or -1 with errno. */
static int open_again(int dirfd, const struct dirstack_level *level)
{
	int fd = platform_open_directory(dirfd, level->name);
	struct stat st;

	if (fd < 0) {
		return -1;
	}
	if (fstat(fd, &st) != 0 || st.st_dev != level->dev || st.st_ino != level->ino) {
		close(fd);
		errno = ESTALE;
		return -1;
	}
	return fd;
}

/** Closes the levels from `from` to before `to`, which stay as they were; keeps errno. */
static void close_levels(struct dirstack *d, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		platform_close(d->levels[i].fd);
		d->levels[i].fd = -1;
	}
}

/** Makes a run of the innermost directories, all of which were closed. @return 0 or -1. */
static int reopen(struct dirstack *d)
{
	size_t kept = d->depth > d->max_run ? d->depth - d->max_run : 0;
	size_t outer = d->stride == 0 ? 0 : (d->depth - 1) / d->stride * d->stride;
	size_t start = d->stride == 0 ? 0 : outer + 1;
	int above = d->stride == 0 ? d->root : d->levels[outer].fd;

	for (size_t i = start; i < d->depth; i++) {
		int fd = open_again(above, &d->levels[i]);

		if (i > start && i <= kept) {
			close_levels(d, i - 1, i);
		}
		if (fd < 0) {
			close_levels(d, kept > start ? kept : start, i);
			return -1;
		}
		d->levels[i].fd = fd;
		above = fd;
	}
	d->run = kept > outer ? kept : outer;
	return 0;
}

int dirstack_fd(struct dirstack *d)
{
	if (d->depth == 0) {
		return d->root;
	}
	if (d->run == d->depth && reopen(d) != 0) {
		return -1;
	}
	return d->levels[d->depth - 1].fd;
}

int dirstack_open(struct dirstack *d, const char *name)
{
	int dirfd = dirstack_fd(d);
	int fd;

	if (dirfd < 0) {
		return -1;
	}
	if (d->depth - d->run >= d->max_run && d->run + 1 < d->depth) {
		shorten_run(d);
	}
	do {
		fd = platform_open_directory(dirfd, name);
	} while (fd < 0 && (errno == EMFILE || errno == ENFILE) && give_up(d));
	return fd;
}

struct dirstack_level *dirstack_innermost(struct dirstack *d)
{
	return d->depth > 0 ? &d->levels[d->depth - 1] : &d->outside;
}

/** Makes room for one more level and for its name in the trail. @return 0, or -1 with ENOMEM. */
static int make_room(struct dirstack *d, const char *name)
{
	if (d->depth == d->allocated) {
		size_t count = d->allocated ? 2 * d->allocated : 4;
		struct dirstack_level *levels = realloc(d->levels, count * sizeof(*levels));

		if (!levels) {
			return -1;
		}
		memset(levels + d->allocated, 0, (count - d->allocated) * sizeof(*levels));
		d->levels = levels;
		d->allocated = count;
	}
	return strbuf_reserve(&d->trail, strlen(name) + 1);
}

struct dirstack_level *dirstack_push(struct dirstack *d, int fd, const char *name)
{
	struct dirstack_level *level;

	if (make_room(d, name) != 0) {
		return NULL;
	}
	strbuf_add_string(&d->trail, name);
	strbuf_add_char(&d->trail, '/');
	level = &d->levels[d->depth++];
	listing_clear(&level->entries);
	*level = (struct dirstack_level){ .fd = fd, .name = name, .entries = level->entries };
	return level;
}

void dirstack_pop(struct dirstack *d)
{
	struct dirstack_level *level = &d->levels[--d->depth];

	strbuf_truncate(&d->trail, d->trail.length - strlen(level->name) - 1);
	if (level->fd >= 0) {
		close(level->fd);
	}
	if (d->run > d->depth) {
		d->run = d->depth;
	}
	if (d->depth >= KEPT_LISTINGS) {
		listing_free(&level->entries);
	}
}
