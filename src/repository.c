#include "repository.h"

#include "matcher.h"
#include "strbuf.h"

#include <fcntl.h>
#include <sys/stat.h>

/** A directory on the way up, by as many ".." from a descriptor. */
struct ancestor {
	int fd;
	size_t levels;
};

/** @return An entry of an ancestor; all zero if it is not there. */
static struct stat look_up(struct ancestor ancestor, const char *name)
{
	struct strbuf path = STRBUF_INIT;
	struct stat st = { 0 };

	for (size_t i = 0; i < ancestor.levels; i++) {
		strbuf_add_string(&path, "../");
	}
	strbuf_add_string(&path, name);
	if (path.failed || fstatat(ancestor.fd, path.text, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		st = (struct stat){ 0 };
	}
	strbuf_free(&path);
	return st;
}

static struct platform_identity identify(struct ancestor ancestor, const char *name)
{
	const struct stat st = look_up(ancestor, name);

	return (struct platform_identity){ st.st_dev, st.st_ino };
}

/** Whether a directory's entries show that it stores a repository. */
static bool has_marks(struct ancestor ancestor)
{
	unsigned marks = 0;

	for (const char *const *name = matcher_repository_entries; *name; name++) {
		const struct stat st = look_up(ancestor, *name);

		if (st.st_ino == 0) {
			return false;
		}
		marks |= matcher_mark(*name, platform_type_of_mode(st.st_mode));
	}
	return matcher_marks_repository(marks);
}

/** Whether a directory's name in its parent shows that it stores a repository. */
static bool has_name(struct ancestor ancestor, struct platform_identity directory)
{
	ancestor.levels++;
	for (const char *const *name = matcher_repositories; *name; name++) {
		if (platform_is_same(identify(ancestor, *name), directory)) {
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

/** Looks at a directory on the way up. @param below The previous one. */
static enum finding look_at(struct ancestor ancestor, struct platform_identity directory,
			    struct platform_identity below)
{
	if (has_marks(ancestor) || has_name(ancestor, directory)) {
		return platform_is_same(identify(ancestor, "hooks"), below) ? FINDING_HOOKS
									    : FINDING_STORAGE;
	}
	return identify(ancestor, ".git").ino != 0 ? FINDING_WORK_TREE : FINDING_NOTHING;
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
	struct ancestor ancestor = { .fd = fd };

	/* Ends at the root directory, which is its own parent and by then in `clear`. */
	while (finding == FINDING_NOTHING && (directory = identify(ancestor, ".")).ino != 0 &&
	       !is_clear(clear, directory)) {
		finding = look_at(ancestor, directory, below);
		if (finding < FINDING_HOOKS) {
			clear->all[clear->count++ % REPOSITORY_MAX_CLEAR] = directory;
		}
		below = directory;
		ancestor.levels++;
	}
	if (finding == FINDING_STORAGE) {
		*clear = (struct repository_clear){ 0 };
	}
	return finding == FINDING_STORAGE;
}
