#include "deleter.h"

#include "namelist.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	/** How often a directory that is found not to be empty is read again. */
	TRIES = 5,
};

bool deleter_policy_stops(const struct deleter_policy *policy)
{
	return policy->stop && atomic_load_explicit(policy->stop, memory_order_relaxed) != 0;
}

void deleter_free(struct deleter *d)
{
	dirstack_free(&d->stack);
}

static struct dirstack_level *innermost(struct deleter *d)
{
	return dirstack_innermost(&d->stack);
}

/** Sends an event about an entry of the innermost directory. */
static void emit(struct deleter *d, struct deleter_event event)
{
	event.trail = d->stack.trail.text;
	event.dirfd = event.error != 0 ? dirstack_fd(&d->stack) : -1;
	event.inner = innermost(d)->whole;
	d->callbacks.notice(d->callbacks.context, &event);
}

/** Sends an event about a kept entry of the innermost directory, and keeps the directory. */
static void keep(struct deleter *d, enum deleter_outcome outcome, const char *name, bool directory,
		 int error)
{
	emit(d, (struct deleter_event){
			.outcome = outcome, .name = name, .directory = directory, .error = error });
	innermost(d)->kept = true;
}

/** @return The bytes freed by removing an entry; 0 for a file with other links. */
static uint64_t bytes_of(const struct stat *st)
{
	bool last_link = S_ISDIR(st->st_mode) || st->st_nlink <= 1;

	return last_link ? (uint64_t)st->st_blocks * 512 : 0;
}

/** The only place that removes anything, and the only difference of a dry run. */
static int erase(const struct deleter *d, int dirfd, const char *name, int flags)
{
	return d->policy.dry_run ? 0 : unlinkat(dirfd, name, flags);
}

/** Whether a name is .nfsXXXX: NFS renames a file to this if it is removed while open. */
static bool is_silly_name(const char *name)
{
	return strncmp(name, ".nfs", 4) == 0;
}

/** Removes a file in `dirfd`; if it is left, keeps the innermost directory. */
static void remove_file(struct deleter *d, int dirfd, const char *name, const char *reason)
{
	/* Size 0 if sizes are not wanted or the file cannot be looked up. */
	struct stat st = { 0 };
	int result = 0;

	/* A dry run cannot find out whether it is still open. */
	if (d->policy.dry_run && is_silly_name(name)) {
		keep(d, DELETER_HELD_OPEN, name, false, 0);
		return;
	}
	if (d->policy.sizes) {
		result = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	}
	/* After a failed lookup a run still tries to unlink; a dry run reports the error. */
	if (result == 0 || (errno != ENOENT && !d->policy.dry_run)) {
		result = erase(d, dirfd, name, 0);
	}
	/* EISDIR: a directory has taken the name; if needed, its parent is read again. */
	if (result == 0) {
		emit(d, (struct deleter_event){
				.outcome = DELETER_REMOVED,
				.name = name,
				.bytes = bytes_of(&st),
				.reason = reason,
			});
	} else if (errno != ENOENT && errno != EISDIR) {
		bool held = errno == EBUSY && is_silly_name(name);

		keep(d, held ? DELETER_HELD_OPEN : DELETER_CANNOT_REMOVE, name, false, errno);
	}
}

static int add_entry(void *context, const char *name, enum entry_type type)
{
	struct deleter *d = context;

	if (deleter_policy_stops(&d->policy)) {
		errno = EINTR;
		return -1;
	}
	return namelist_add(&innermost(d)->entries, name, type, 0);
}

/** @return The choice for an entry of the innermost directory, or for that directory (""). */
static enum deleter_choice choose(struct deleter *d, struct deleter_entry entry,
				  const char **reason)
{
	*reason = NULL;
	if (!d->callbacks.choose || innermost(d)->whole) {
		return DELETER_REMOVE_ALL;
	}
	entry.trail = d->stack.trail.text;
	return d->callbacks.choose(d->callbacks.context, &entry, reason);
}

/** Reads the innermost directory; keeps all of it if so chosen, or if it cannot be read. */
static void read_innermost(struct deleter *d)
{
	struct dirstack_level *level = innermost(d);
	const struct deleter_entry read = {
		.dirfd = level->fd,
		.name = "",
		.type = ENTRY_DIRECTORY,
		.entries = &level->entries,
	};
	enum deleter_choice choice = DELETER_KEEP;

	if (platform_read_directory(level->fd, add_entry, d) != 0) {
		level->error = errno;
	}
	if (level->whole) {
		return;
	}
	/* Remove nothing by a list that may be incomplete. */
	if (level->error == 0) {
		choice = choose(d, read, &level->last);
	}
	level->whole = choice == DELETER_REMOVE_ALL;
	level->kept = choice == DELETER_KEEP;
	if (choice == DELETER_KEEP) {
		namelist_clear(&level->entries);
	}
}

/** Makes an opened directory the innermost one and reads it. @return 0, or -1 with errno. */
static int enter_opened(struct deleter *d, int fd, const char *name, enum deleter_choice choice,
			unsigned tries)
{
	struct dirstack_level *level;
	struct stat st = { 0 };

	if ((d->policy.sizes || d->policy.one_file_system) && fstat(fd, &st) != 0) {
		return -1;
	}
	if (d->policy.one_file_system && st.st_dev != d->dev) {
		keep(d, DELETER_OTHER_FILE_SYSTEM, name, true, 0);
		close(fd);
		return 0;
	}
	level = dirstack_push(&d->stack, fd, name);
	if (!level) {
		return -1;
	}
	level->tries = tries;
	level->whole = choice == DELETER_REMOVE_ALL;
	level->bytes = bytes_of(&st);
	read_innermost(d);
	return 0;
}

/** Removes an empty directory in the innermost one. @return False with errno if it is left. */
static bool remove_empty(struct deleter *d, const char *name, uint64_t bytes)
{
	int dirfd = dirstack_fd(&d->stack);

	if (dirfd < 0 || erase(d, dirfd, name, AT_REMOVEDIR) != 0) {
		return false;
	}
	emit(d, (struct deleter_event){
			.outcome = DELETER_REMOVED,
			.name = name,
			.directory = true,
			.bytes = bytes,
		});
	return true;
}

/**
 * Removes a directory in the innermost one that may not be read, if it is empty. Only rmdir can
 * find that out, so a dry run cannot.
 *
 * @return Whether it is gone; if not, with EACCES.
 */
static bool remove_unread(struct deleter *d, const char *name)
{
	struct stat st = { 0 };

	if (d->policy.sizes) {
		fstatat(dirstack_fd(&d->stack), name, &st, AT_SYMLINK_NOFOLLOW);
	}
	if (!d->policy.dry_run && remove_empty(d, name, bytes_of(&st))) {
		return true;
	}
	errno = EACCES;
	return false;
}

/**
 * Opens and reads a directory in the innermost one, and makes it the innermost.
 *
 * @param tries How often it was read before.
 */
static void enter(struct deleter *d, const char *name, enum deleter_choice choice, unsigned tries)
{
	int fd = dirstack_open(&d->stack, name);

	if (fd >= 0) {
		if (enter_opened(d, fd, name, choice, tries) == 0) {
			return;
		}
	} else if (platform_is_no_directory(errno) ||
		   (errno == EACCES && choice == DELETER_REMOVE_ALL && remove_unread(d, name))) {
		return;
	}
	platform_close(fd);
	keep(d, DELETER_CANNOT_READ, name, true, errno);
}

/** Removes a directory in the innermost one, or enters it again if it is not empty. */
static void remove_directory(struct deleter *d, const struct dirstack_level *level)
{
	if (remove_empty(d, level->name, level->bytes)) {
		return;
	}
	if ((errno == ENOTEMPTY || errno == EEXIST) && level->tries < TRIES) {
		/* Give a Python process time to finish writing. */
		nanosleep(&(struct timespec){ .tv_nsec = 1000000L << level->tries }, NULL);
		enter(d, level->name, innermost(d)->whole ? DELETER_REMOVE_ALL : DELETER_REMOVE,
		      level->tries + 1);
	} else if (!platform_is_no_directory(errno)) {
		keep(d, DELETER_CANNOT_REMOVE, level->name, true, errno);
	}
}

/** Pops the innermost directory after its entries, and removes it unless it is kept. */
static void pop(struct deleter *d)
{
	const struct dirstack_level level = *innermost(d);

	dirstack_pop(&d->stack);
	if (level.error != 0) {
		keep(d, DELETER_CANNOT_READ, level.name, true, level.error);
	} else if (level.kept) {
		innermost(d)->kept = true;
	} else {
		remove_directory(d, &level);
	}
}

/** Enters a directory in the innermost one, unless the choice is to keep it. */
static void consider_directory(struct deleter *d, const char *name)
{
	const struct deleter_entry entry = { .dirfd = -1, .name = name, .type = ENTRY_DIRECTORY };
	const char *reason;
	enum deleter_choice choice = choose(d, entry, &reason);

	if (choice == DELETER_KEEP) {
		innermost(d)->kept = true;
	} else {
		enter(d, name, choice, 0);
	}
}

/** Removes a file in the innermost directory, unless the choice is to keep it. */
static void consider_file(struct deleter *d, const struct listed *listed)
{
	struct dirstack_level *level = innermost(d);
	const struct deleter_entry entry = { .dirfd = dirstack_fd(&d->stack),
					     .name = listed->name,
					     .type = listed->type };
	const char *reason;

	if (entry.dirfd < 0) {
		level->error = platform_is_no_directory(errno) ? 0 : errno;
		namelist_clear(&level->entries);
		level->at = 0;
	} else if (choose(d, entry, &reason) == DELETER_KEEP) {
		level->kept = true;
	} else {
		remove_file(d, entry.dirfd, listed->name, reason);
	}
}

/** Leaves the innermost directory after its entries; removes the last one only now. */
static void leave(struct deleter *d)
{
	struct dirstack_level *level = innermost(d);

	if (level->last && !level->kept) {
		consider_file(d, &(const struct listed){ level->last, ENTRY_FILE, 0 });
	}
	/* At once: an interruption would leave a directory that no later run knows. */
	pop(d);
}

/** Takes the next entry of the innermost directory, or leaves the directory at its end. */
static void step(struct deleter *d)
{
	struct dirstack_level *level = innermost(d);
	struct listed entry;

	if (!namelist_next(&level->entries, &level->at, &entry)) {
		leave(d);
	} else if (entry.type == ENTRY_DIRECTORY) {
		consider_directory(d, entry.name);
	} else if (!level->last || strcmp(entry.name, level->last) != 0) {
		consider_file(d, &entry);
	}
}

bool deleter_remove(struct deleter *d, int dirfd, const char *name, enum entry_type type,
		    const struct deleter_callbacks *callbacks)
{
	struct stat st = { 0 };

	dirstack_start(&d->stack, dirfd);
	d->callbacks = *callbacks;
	if (type != ENTRY_DIRECTORY) {
		consider_file(d, &(const struct listed){ name, type, 0 });
		return !d->stack.root.kept;
	}
	if (d->policy.one_file_system && fstat(dirfd, &st) != 0) {
		keep(d, DELETER_CANNOT_READ, name, true, errno);
		return false;
	}
	d->dev = st.st_dev;
	consider_directory(d, name);
	while (d->stack.depth > 0) {
		if (deleter_policy_stops(&d->policy)) {
			dirstack_pop(&d->stack);
		} else {
			step(d);
		}
	}
	return !d->stack.root.kept && !deleter_policy_stops(&d->policy);
}

int deleter_remove_empty(const struct deleter *d, int dirfd, const char *name)
{
	return erase(d, dirfd, name, AT_REMOVEDIR);
}
