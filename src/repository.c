#include "repository.h"

#include "matcher.h"

#include <fcntl.h>
#include <sys/stat.h>

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

/** Whether a directory's entries show that it stores a repository. */
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

/** Whether a directory's name in its parent shows that it stores a repository. */
static bool has_name(int above, const struct stat *directory)
{
	for (const char *const *name = matcher_repositories; *name; name++) {
		if (is_entry(above, *name, directory)) {
			return true;
		}
	}
	return false;
}

/** What a directory on the way up means for the directory that was asked about. */
enum finding {
	FINDING_NOTHING,
	FINDING_WORK_TREE,
	FINDING_HOOKS,
	FINDING_STORAGE,
};

/**
 * Looks at a directory on the way up.
 *
 * @param below The previous directory on the way.
 * @param above Its parent; -1 if that cannot be opened.
 */
static enum finding look_at(int fd, const struct stat *st, const struct stat *below, int above)
{
	struct stat dot_git;

	if (has_marks(fd) || (above >= 0 && has_name(above, st))) {
		return is_entry(fd, "hooks", below) ? FINDING_HOOKS : FINDING_STORAGE;
	}
	return fstatat(fd, ".git", &dot_git, AT_SYMLINK_NOFOLLOW) == 0 ? FINDING_WORK_TREE
								       : FINDING_NOTHING;
}

static bool is_clear(const struct repository_clear *clear, const struct stat *st)
{
	for (size_t i = 0; i < clear->count && i < REPOSITORY_MAX_CLEAR; i++) {
		if (clear->all[i].dev == st->st_dev && clear->all[i].ino == st->st_ino) {
			return true;
		}
	}
	return false;
}

static void add(struct repository_clear *clear, const struct stat *st)
{
	clear->all[clear->count++ % REPOSITORY_MAX_CLEAR] =
		(struct platform_identity){ st->st_dev, st->st_ino };
}

bool repository_stores(int fd, struct repository_clear *clear)
{
	enum finding finding = FINDING_NOTHING;
	struct stat below = { 0 };
	struct stat st;
	int current = platform_open_parent(fd, ".");

	/* Ends at the root directory, which is its own parent and by then in `clear`. */
	while (finding == FINDING_NOTHING && fstat(current, &st) == 0 && !is_clear(clear, &st)) {
		int above = platform_open_parent(current, "..");

		finding = look_at(current, &st, &below, above);
		if (finding < FINDING_HOOKS) {
			add(clear, &st);
		}
		platform_close(current);
		current = above;
		below = st;
	}
	platform_close(current);
	if (finding == FINDING_STORAGE) {
		*clear = (struct repository_clear){ 0 };
	}
	return finding == FINDING_STORAGE;
}
