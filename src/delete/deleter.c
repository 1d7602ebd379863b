#include "deleter.h"

#include "namelist.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	/** How often a directory that turns out not to be empty is read anew. */
	TRIES = 5,
};

bool deleter_policy_stops(const struct deleter_policy *policy)
{
	return policy->stop && atomic_load_explicit(policy->stop, memory_order_relaxed) != 0;
}

void deleter_init(struct deleter *d, const struct deleter_policy *policy)
{
	*d = (struct deleter){ .policy = *policy };
}

void deleter_free(struct deleter *d)
{
	dirstack_free(&d->stack);
}

/** Passes on what became of something in the innermost directory. */
static void emit(struct deleter *d, struct deleter_event event)
{
	event.trail = dirstack_trail(&d->stack);
	event.dirfd = event.error != 0 ? dirstack_fd(&d->stack) : -1;
	event.inner = dirstack_innermost(&d->stack)->whole;
	d->callbacks.notice(d->callbacks.context, &event);
}

static void notice(struct deleter *d, enum deleter_outcome outcome, const char *name,
		   bool directory, uint64_t bytes, int error)
{
	emit(d, (struct deleter_event){
			.outcome = outcome,
			.name = name,
			.directory = directory,
			.bytes = bytes,
			.error = error,
		});
}

/** What removing the last link to a file gives back. */
static uint64_t bytes_of(const struct stat *st)
{
	bool last_link = S_ISDIR(st->st_mode) || st->st_nlink <= 1;

	return last_link ? (uint64_t)st->st_blocks * 512 : 0;
}

/** The one place where anything is removed, and where a dry run differs. */
static int erase(const struct deleter *d, int dirfd, const char *name, int flags)
{
	return d->policy.dry_run ? 0 : unlinkat(dirfd, name, flags);
}

/** @return Whether the name stays for sure, so that its directory must, too. */
static bool remove_file(struct deleter *d, int dirfd, const char *name, const char *reason)
{
	/* Of no size where none is asked for, or to be had. */
	struct stat st = { 0 };
	int result = 0;

	/* Whether it is still open only the attempt can tell. */
	if (d->policy.dry_run && platform_is_silly_name(name)) {
		notice(d, DELETER_HELD_OPEN, name, false, 0, 0);
		return true;
	}
	if (d->policy.sizes) {
		result = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	}
	/* Where even the stat fails, only the attempt can tell; a dry run takes it for the answer. */
	if (result == 0 || (errno != ENOENT && !d->policy.dry_run)) {
		result = erase(d, dirfd, name, 0);
	}
	if (result == 0) {
		emit(d, (struct deleter_event){
				.outcome = DELETER_REMOVED,
				.name = name,
				.bytes = bytes_of(&st),
				.reason = reason,
			});
		return false;
	}
	/* EISDIR: a directory has taken the name. Its own directory is read anew if that matters. */
	if (errno == ENOENT || errno == EISDIR) {
		return false;
	}
	notice(d,
	       errno == EBUSY && platform_is_silly_name(name) ? DELETER_HELD_OPEN
							      : DELETER_CANNOT_REMOVE,
	       name, false, 0, errno);
	return true;
}

void deleter_remove_file(struct deleter *d, int dirfd, const char *name, const char *reason,
			 const struct deleter_callbacks *callbacks)
{
	d->callbacks = *callbacks;
	dirstack_start(&d->stack, dirfd);
	remove_file(d, dirfd, name, reason);
}

static int add_entry(void *context, const char *name, enum entry_type type)
{
	struct deleter *d = context;

	if (deleter_policy_stops(&d->policy)) {
		errno = EINTR;
		return -1;
	}
	return namelist_add(&dirstack_innermost(&d->stack)->entries, name, type, 0);
}

/** What is done with a directory that was opened. */
enum look {
	LOOK_ENTER,
	LOOK_OTHER_FILE_SYSTEM,
	LOOK_FAILED,
};

/** Looks at a directory just opened, where the policy asks for it. */
static enum look look_at(const struct deleter *d, int fd, uint64_t *bytes)
{
	struct stat st;

	*bytes = 0;
	if (!d->policy.sizes && !d->policy.one_file_system) {
		return LOOK_ENTER;
	}
	if (fstat(fd, &st) != 0) {
		return LOOK_FAILED;
	}
	*bytes = bytes_of(&st);
	return d->policy.one_file_system && st.st_dev != d->dev ? LOOK_OTHER_FILE_SYSTEM
								: LOOK_ENTER;
}

/** How a directory is entered. */
struct attempt {
	/** How often it has been before. */
	unsigned tries;
	/** As level's. */
	bool spare_empty;
	bool whole;
};

/** @return What becomes of an entry of the innermost directory. */
static enum deleter_choice choose(struct deleter *d, int dirfd, const struct listed *listed,
				  const char **reason)
{
	const struct deleter_entry entry = {
		.dirfd = dirfd,
		.trail = dirstack_trail(&d->stack),
		.name = listed->name,
		.type = listed->type,
	};

	*reason = NULL;
	return d->callbacks.choose && !dirstack_innermost(&d->stack)->whole
		       ? d->callbacks.choose(d->callbacks.context, &entry, reason)
		       : DELETER_GO_WHOLE;
}

/** Whether the innermost directory, just read, stays as it is. */
static bool is_left(struct deleter *d, int fd)
{
	const struct dirstack_level *level = dirstack_innermost(&d->stack);
	const struct deleter_entry entry = {
		.dirfd = fd,
		.trail = dirstack_trail(&d->stack),
		.name = "",
		.type = ENTRY_DIRECTORY,
		.entries = &level->entries,
	};
	const char *reason = NULL;

	return d->callbacks.choose(d->callbacks.context, &entry, &reason) == DELETER_KEEP;
}

/** Makes a directory just opened the innermost one, and reads it. @return 0, or -1 with errno. */
static int enter_opened(struct deleter *d, int fd, const char *name, struct attempt attempt)
{
	struct dirstack_level *level;
	uint64_t bytes;

	/* untested: anything else, which there is not */
	switch (look_at(d, fd, &bytes)) {
	case LOOK_FAILED:
		return -1;
	case LOOK_OTHER_FILE_SYSTEM:
		notice(d, DELETER_OTHER_FILE_SYSTEM, name, true, 0, 0);
		dirstack_innermost(&d->stack)->stays = true;
		close(fd);
		return 0;
	case LOOK_ENTER:
		break;
	}
	level = dirstack_push(&d->stack, fd, name);
	if (!level) {
		return -1;
	}
	level->tries = attempt.tries;
	level->spare_empty = attempt.spare_empty;
	level->whole = attempt.whole;
	level->bytes = bytes;
	if (namelist_read(fd, add_entry, d) != 0) {
		level->error = errno;
	}
	/* Of what is not known to its end nothing is chosen. */
	if (!level->whole && (level->error != 0 || is_left(d, fd))) {
		level->stays = true;
		namelist_clear(&level->entries);
	}
	return 0;
}

/**
 * Removes a directory in the innermost one that may not be read, as the attempt alone can tell that
 * it is empty. A dry run cannot make it.
 *
 * @return Whether it is gone; if not, with EACCES.
 */
static bool remove_unread(struct deleter *d, const char *name)
{
	int dirfd = dirstack_fd(&d->stack);
	struct stat st = { 0 };

	if (d->policy.sizes) {
		fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	}
	if (!d->policy.dry_run && erase(d, dirfd, name, AT_REMOVEDIR) == 0) {
		notice(d, DELETER_REMOVED, name, true, bytes_of(&st), 0);
		dirstack_innermost(&d->stack)->emptied = true;
		return true;
	}
	errno = EACCES;
	return false;
}

/** Opens and reads a directory in the innermost one, and makes it the innermost. */
static void enter(struct deleter *d, const char *name, struct attempt attempt)
{
	int fd = dirstack_open(&d->stack, name);

	if (fd < 0 && platform_is_no_directory(errno)) {
		return;
	}
	if (fd >= 0 && enter_opened(d, fd, name, attempt) == 0) {
		return;
	}
	if (fd < 0 && errno == EACCES && !attempt.spare_empty && remove_unread(d, name)) {
		return;
	}
	platform_close(fd);
	notice(d, DELETER_CANNOT_READ, name, true, 0, errno);
	dirstack_innermost(&d->stack)->stays = true;
}

/** Whether nothing is left in a directory in the innermost one but what processes hold open. */
static bool is_held_open(struct deleter *d, const char *name)
{
	int fd = dirstack_open(&d->stack, name);
	bool held = false;

	/* untested: that it can no longer be opened */
	if (fd >= 0) {
		held = platform_has_only_silly_names(fd);
		close(fd);
	}
	return held;
}

/** Notes that a directory in the innermost one could not be removed, and stays. */
static void keep_directory(struct deleter *d, const char *name, int error)
{
	bool held = (error == ENOTEMPTY || error == EEXIST) && is_held_open(d, name);

	notice(d, held ? DELETER_HELD_OPEN : DELETER_CANNOT_REMOVE, name, true, 0, error);
	dirstack_innermost(&d->stack)->stays = true;
}

/** Removes a directory in the innermost one, or enters it once more where it is not empty. */
static void remove_directory(struct deleter *d, const struct dirstack_level *level)
{
	int dirfd = dirstack_fd(&d->stack);

	if (dirfd >= 0 && erase(d, dirfd, level->name, AT_REMOVEDIR) == 0) {
		notice(d, DELETER_REMOVED, level->name, true, level->bytes, 0);
		dirstack_innermost(&d->stack)->emptied = true;
	} else if ((errno == ENOTEMPTY || errno == EEXIST) && level->tries < TRIES) {
		/* A Python process may be importing: give it the time to finish what it writes. */
		nanosleep(&(struct timespec){ .tv_nsec = 1000000L << level->tries }, NULL);
		enter(d, level->name,
		      (struct attempt){ .tries = level->tries + 1, .whole = level->whole });
	} else if (!platform_is_no_directory(errno)) {
		keep_directory(d, level->name, errno);
	}
}

/** Is done with the entries of the innermost directory; turns to the directory itself. */
static void leave(struct deleter *d)
{
	const struct dirstack_level level = *dirstack_innermost(&d->stack);

	dirstack_pop(&d->stack);
	if (level.error != 0) {
		notice(d, DELETER_CANNOT_READ, level.name, true, 0, level.error);
	}
	if (level.stays || level.error != 0 || (level.spare_empty && !level.emptied)) {
		dirstack_innermost(&d->stack)->stays = true;
	} else {
		remove_directory(d, &level);
	}
}

/** Enters a directory in the innermost one, unless it is to stay. */
static void consider_directory(struct deleter *d, const struct listed *listed)
{
	const char *reason;
	enum deleter_choice choice = choose(d, -1, listed, &reason);

	if (choice == DELETER_KEEP) {
		dirstack_innermost(&d->stack)->stays = true;
	} else {
		enter(d, listed->name,
		      (struct attempt){ .spare_empty = choice == DELETER_GO_IF_EMPTIED,
					.whole = choice == DELETER_GO_WHOLE });
	}
}

/** Removes an entry of the innermost directory that is not a directory, unless it is to stay. */
static void consider_file(struct deleter *d, const struct listed *listed)
{
	struct dirstack_level *level = dirstack_innermost(&d->stack);
	int dirfd = dirstack_fd(&d->stack);
	const char *reason;
	enum deleter_choice choice;

	if (dirfd < 0) {
		level->error = platform_is_no_directory(errno) ? 0 : errno;
		namelist_clear(&level->entries);
		level->at = 0;
		return;
	}
	choice = choose(d, dirfd, listed, &reason);
	if (choice == DELETER_KEEP || remove_file(d, dirfd, listed->name, reason)) {
		level->stays = true;
	} else {
		level->emptied = true;
	}
}

/** Takes the next entry of the innermost directory, or leaves the directory at its end. */
static void step(struct deleter *d)
{
	struct dirstack_level *level = dirstack_innermost(&d->stack);
	struct listed entry;

	if (!namelist_next(&level->entries, &level->at, &entry)) {
		leave(d);
	} else if (entry.type == ENTRY_DIRECTORY) {
		consider_directory(d, &entry);
	} else {
		consider_file(d, &entry);
	}
}

void deleter_remove_tree(struct deleter *d, int dirfd, const char *name,
			 const struct deleter_callbacks *callbacks)
{
	const struct listed root = { .name = name, .type = ENTRY_DIRECTORY };
	struct stat st = { 0 };

	dirstack_start(&d->stack, dirfd);
	d->callbacks = *callbacks;
	if (d->policy.one_file_system && fstat(dirfd, &st) != 0) {
		notice(d, DELETER_CANNOT_READ, name, true, 0, errno);
		return;
	}
	d->dev = st.st_dev;
	consider_directory(d, &root);
	while (d->stack.depth > 0) {
		if (deleter_policy_stops(&d->policy)) {
			dirstack_pop(&d->stack);
		} else {
			step(d);
		}
	}
}
