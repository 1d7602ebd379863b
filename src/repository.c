#include "repository.h"

#include "matcher.h"
#include "platform.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/** Whether an entry of a directory is the same file as another. */
static bool is_entry(int dirfd, const char *name, const struct stat *other)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && is_same(&st, other);
}

/** Whether a directory stores a repository by what is in it. */
static bool has_marks(int fd)
{
	unsigned marks = 0;
	struct stat st;

	for (const char *const *name = matcher_repository_entries; *name; name++) {
		if (fstatat(fd, *name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
			return false;
		}
		marks |= matcher_mark(*name, platform_type_of_mode(st.st_mode));
	}
	return matcher_marks_repository(marks);
}

/** Whether a directory stores a repository by its name in the directory above it. */
static bool has_name(int above, const struct stat *directory)
{
	const char *name;

	for (size_t i = 0; (name = matcher_repository_name(i)); i++) {
		if (is_entry(above, name, directory)) {
			return true;
		}
	}
	return false;
}

/** What a directory is on the way up. */
enum finding {
	FINDING_NOTHING,
	FINDING_STORAGE,
	FINDING_HOOKS,
	FINDING_WORK_TREE,
	FINDING_TOP,
};

/**
 * Looks at a directory on the way up.
 *
 * @param below    The directory before it on the way.
 * @param above    The directory above it; -1 where that cannot be opened.
 * @param above_st Receives what that is, where nothing was found.
 */
static enum finding look_at(int fd, const struct stat *st, const struct stat *below, int above,
			    struct stat *above_st)
{
	struct stat dot_git;

	if (has_marks(fd) || (above >= 0 && has_name(above, st))) {
		return is_entry(fd, "hooks", below) ? FINDING_HOOKS : FINDING_STORAGE;
	}
	if (fstatat(fd, ".git", &dot_git, AT_SYMLINK_NOFOLLOW) == 0) {
		return FINDING_WORK_TREE;
	}
	if (above < 0 || fstat(above, above_st) != 0 || is_same(st, above_st)) {
		return FINDING_TOP;
	}
	return FINDING_NOTHING;
}

static void add(struct repository_clear *clear, dev_t dev, ino_t ino)
{
	if (clear->count < REPOSITORY_MAX_CLEAR) {
		clear->all[clear->count++] = (struct repository_directory){ dev, ino };
	}
}

/** Whether a way joins the last one, whose rest is then a part of it. */
static bool joins(struct repository_clear *way, const struct repository_clear *last,
		  const struct stat *st)
{
	size_t at = 0;

	while (at < last->count &&
	       (last->all[at].dev != st->st_dev || last->all[at].ino != st->st_ino)) {
		at++;
	}
	for (size_t i = at; i < last->count; i++) {
		add(way, last->all[i].dev, last->all[i].ino);
	}
	return at < last->count;
}

bool repository_stores(int fd, struct repository_clear *clear)
{
	struct repository_clear way = { .count = 0 };
	enum finding finding = FINDING_NOTHING;
	struct stat below = { 0 };
	struct stat st;
	int current = fd;

	if (fstat(fd, &st) != 0) {
		return false;
	}
	while (finding == FINDING_NOTHING && !joins(&way, clear, &st)) {
		int above = platform_open_parent(current, "..");
		struct stat next = { 0 };

		finding = look_at(current, &st, &below, above, &next);
		if (finding != FINDING_STORAGE && finding != FINDING_HOOKS) {
			add(&way, st.st_dev, st.st_ino);
		}
		if (current != fd) {
			close(current);
		}
		current = above;
		below = st;
		st = next;
	}
	if (current >= 0 && current != fd) {
		close(current);
	}
	if (finding == FINDING_STORAGE) {
		return true;
	}
	*clear = way;
	return false;
}
