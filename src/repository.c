#include "repository.h"

#include "matcher.h"

#include <fcntl.h>
#include <sys/stat.h>

/** Whether an entry of a directory is the same file as another. */
static bool is_entry(int dirfd, const char *name, struct platform_identity other)
{
	return platform_is_same(platform_identify_at(dirfd, name, AT_SYMLINK_NOFOLLOW), other);
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
static bool has_name(int above, struct platform_identity directory)
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
static enum finding look_at(int fd, struct platform_identity directory,
			    struct platform_identity below, int above)
{
	struct stat dot_git;

	if (has_marks(fd) || (above >= 0 && has_name(above, directory))) {
		return is_entry(fd, "hooks", below) ? FINDING_HOOKS : FINDING_STORAGE;
	}
	return fstatat(fd, ".git", &dot_git, AT_SYMLINK_NOFOLLOW) == 0 ? FINDING_WORK_TREE
								       : FINDING_NOTHING;
}

static bool is_clear(const struct repository_clear *clear, struct platform_identity directory)
{
	for (size_t i = 0; i < clear->count && i < REPOSITORY_MAX_CLEAR; i++) {
		if (platform_is_same(clear->all[i], directory)) {
			return true;
		}
	}
	return false;
}

bool repository_stores(int fd, struct repository_clear *clear)
{
	enum finding finding = FINDING_NOTHING;
	struct platform_identity below = { 0 };
	struct platform_identity directory;
	int current = platform_open_parent(fd, ".");

	/* Ends at the root directory, which is its own parent and by then in `clear`. */
	while (finding == FINDING_NOTHING && (directory = platform_identify(current)).ino != 0 &&
	       !is_clear(clear, directory)) {
		int above = platform_open_parent(current, "..");

		finding = look_at(current, directory, below, above);
		if (finding < FINDING_HOOKS) {
			clear->all[clear->count++ % REPOSITORY_MAX_CLEAR] = directory;
		}
		platform_close(current);
		current = above;
		below = directory;
	}
	platform_close(current);
	if (finding == FINDING_STORAGE) {
		*clear = (struct repository_clear){ 0 };
	}
	return finding == FINDING_STORAGE;
}
