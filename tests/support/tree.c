#include "tests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char arrow[] = " -> ";

static int open_directory(int parent, const char *name)
{
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/** Makes the directories that lead to the last component of a path. */
static void make_parents(const struct tree *tree, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		char *parent = scratch_copy(path, (size_t)(slash - path));

		if (mkdirat(tree->fd, parent, 0755) != 0 && errno != EEXIST) {
			broken("cannot make directory '%s'", parent);
		}
	}
}

void tree_add_directory(const struct tree *tree, const char *path)
{
	make_parents(tree, path);
	if (mkdirat(tree->fd, path, 0755) != 0 && errno != EEXIST) {
		broken("cannot make directory '%s'", path);
	}
}

void tree_add_link(const struct tree *tree, const char *path, const char *target)
{
	make_parents(tree, path);
	if (symlinkat(target, tree->fd, path) != 0) {
		broken("cannot make link '%s'", path);
	}
}

void tree_write(const struct tree *tree, const char *path, const void *content, size_t length)
{
	const char *bytes = content;
	int fd;

	make_parents(tree, path);
	fd = openat(tree->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0) {
		broken("cannot make file '%s'", path);
	}
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);

		if (written < 0) {
			broken("cannot write file '%s'", path);
		}
		bytes += written;
		length -= (size_t)written;
	}
	if (close(fd) != 0) {
		broken("cannot close file '%s'", path);
	}
}

void tree_add_file(const struct tree *tree, const char *path)
{
	tree_write(tree, path, path, strlen(path));
}

void tree_add_special(const struct tree *tree, const char *path, char type)
{
	make_parents(tree, path);
	if (mknodat(tree->fd, path, (type == '|' ? S_IFIFO : S_IFSOCK) | 0644, 0) != 0) {
		broken("cannot make FIFO or socket '%s'", path);
	}
}

void tree_add(const struct tree *tree, const char *entry)
{
	size_t length = strlen(entry);
	const char *to = strstr(entry, arrow);
	char *path = scratch_copy(entry, to ? (size_t)(to - entry) : length - 1);

	if (to) {
		tree_add_link(tree, path, to + strlen(arrow));
	} else if (entry[length - 1] == '/') {
		tree_add_directory(tree, path);
	} else if (entry[length - 1] == '|' || entry[length - 1] == '=') {
		tree_add_special(tree, path, entry[length - 1]);
	} else {
		tree_add_file(tree, entry);
	}
}

void tree_add_all(const struct tree *tree, const char *const entries[])
{
	for (; *entries; entries++) {
		tree_add(tree, *entries);
	}
}

void tree_make_file(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0) {
		broken("cannot make file '%s'", name);
	}
	close(fd);
}

void tree_add_chain(const struct tree *tree, const char *name, int levels,
		    void (*each)(int fd, int level))
{
	int fd = dup(tree->fd);

	for (int level = 1; fd >= 0 && level <= levels; level++) {
		int below = mkdirat(fd, name, 0755) == 0 ? open_directory(fd, name) : -1;

		close(fd);
		fd = below;
		if (fd >= 0 && each) {
			each(fd, level);
		}
	}
	if (fd < 0) {
		broken("cannot make a chain of %d directories", levels);
	}
	close(fd);
}

void tree_chmod(const struct tree *tree, const char *path, mode_t mode)
{
	if (fchmodat(tree->fd, path, mode, 0) != 0) {
		broken("cannot change the mode of '%s'", path);
	}
}

void tree_give(const struct tree *tree, uid_t uid, gid_t gid)
{
	struct tree_listing listing;

	if (uid == geteuid() && gid == (gid_t)-1) {
		return;
	}
	listing = tree_list(tree);
	for (size_t i = 0; i < listing.count; i++) {
		const char *path = listing.entries[i].path;

		if (fchownat(tree->fd, path, uid, gid, AT_SYMLINK_NOFOLLOW) != 0) {
			broken("cannot give away '%s'", path);
		}
	}
	if (fchown(tree->fd, uid, gid) != 0) {
		broken("cannot give away '%s'", tree->path);
	}
}

bool tree_has(const struct tree *tree, const char *path)
{
	struct stat st;

	return fstatat(tree->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

char *tree_path(const struct tree *tree, const char *path)
{
	return scratch_format("%s/%s", tree->path, path);
}

uint64_t tree_bytes(const struct tree *tree, const char *path)
{
	struct stat st;

	if (fstatat(tree->fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		broken("cannot stat '%s'", path);
	}
	return (uint64_t)st.st_blocks * 512;
}

/* ---- Making and destroying ------------------------------------------------------------------ */

static bool is_dot_or_dotdot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/** Removes all but the directories in a directory. @return The name of one of these, or NULL. */
static char *remove_files(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	char *directory = NULL;

	if (!dir) {
		return NULL;
	}
	while (!directory && (entry = readdir(dir))) {
		if (is_dot_or_dotdot(entry->d_name) || unlinkat(fd, entry->d_name, 0) == 0) {
			continue;
		}
		directory = strdup(entry->d_name);
	}
	closedir(dir);
	return directory;
}

/** Moves the directories in `fd` up into `top`, under names of their own, and removes the files. */
static bool hoist_directories(int fd, int top, unsigned *count)
{
	bool hoisted = true;
	char *name;

	while (hoisted && (name = remove_files(fd))) {
		char new_name[32];

		snprintf(new_name, sizeof(new_name), ".hoisted-%u", (*count)++);
		hoisted =
			fchmodat(fd, name, 0700, 0) == 0 && renameat(fd, name, top, new_name) == 0;
		free(name);
	}
	return hoisted;
}

/**
 * Removes what is in a directory, however deep, without recursion and without long paths: the
 * directories in each directory are moved up to the top, where their turn comes.
 */
static bool empty_directory(int top)
{
	unsigned count = 0;
	bool emptied = true;
	char *name;

	while (emptied && (name = remove_files(top))) {
		int child = fchmodat(top, name, 0700, 0) == 0 ? open_directory(top, name) : -1;

		emptied = child >= 0 && hoist_directories(child, top, &count) &&
			  unlinkat(top, name, AT_REMOVEDIR) == 0;
		if (child >= 0) {
			close(child);
		}
		free(name);
	}
	return emptied;
}

static void tree_destroy(void *object)
{
	struct tree *tree = object;

	if (fchmod(tree->fd, 0700) != 0 || !empty_directory(tree->fd) || rmdir(tree->path) != 0) {
		print_error("# cannot destroy '%s' (errno: %s)\n", tree->path, strerror(errno));
	}
	close(tree->fd);
	free(tree->path);
	free(tree);
}

struct tree *tree_make(const char *const entries[])
{
	const char *parent = getenv("TMPDIR");
	struct tree *tree = calloc(1, sizeof(*tree));

	if (!tree ||
	    asprintf(&tree->path, "%s/pyclean-test-XXXXXX", parent ? parent : "/tmp") < 0 ||
	    !mkdtemp(tree->path)) {
		broken("cannot make a tree");
	}
	tree->fd = open_directory(AT_FDCWD, tree->path);
	if (tree->fd < 0) {
		broken("cannot open '%s'", tree->path);
	}
	scratch_defer(tree_destroy, tree);
	/* Programs that run as another user have to reach it, and tests know the modes of what they make. */
	umask(022);
	if (fchmod(tree->fd, 0755) != 0) {
		broken("cannot change the mode of '%s'", tree->path);
	}
	tree_add_all(tree, entries);
	return tree;
}

static void close_tree(void *object)
{
	close(((struct tree *)object)->fd);
}

const struct tree *tree_below(const struct tree *tree, const char *path)
{
	struct tree *below = scratch_alloc(sizeof(*below));

	tree_add_directory(tree, path);
	below->path = tree_path(tree, path);
	below->fd = open_directory(tree->fd, path);
	if (below->fd < 0) {
		broken("cannot open '%s'", below->path);
	}
	scratch_defer(close_tree, below);
	return below;
}

/* ---- Listing -------------------------------------------------------------------------------- */

/** FNV-1a, of 64 bits. */
static uint64_t hash(uint64_t seed, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < length; i++) {
		seed = (seed ^ byte[i]) * 0x100000001b3U;
	}
	return seed;
}

static const uint64_t hash_start = 0xcbf29ce484222325U;

static uint64_t hash_file(int dirfd, const char *name)
{
	char buffer[65536];
	uint64_t result = hash_start;
	ssize_t length;
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) {
		broken("cannot open file '%s'", name);
	}
	while ((length = read(fd, buffer, sizeof(buffer))) > 0) {
		result = hash(result, buffer, (size_t)length);
	}
	close(fd);
	if (length < 0) {
		broken("cannot read file '%s'", name);
	}
	return result;
}

static uint64_t hash_link(int dirfd, const char *name)
{
	char target[4096];
	ssize_t length = readlinkat(dirfd, name, target, sizeof(target));

	if (length < 0) {
		broken("cannot read link '%s'", name);
	}
	return hash(hash_start, target, (size_t)length);
}

static char type_mark(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return '/';
	case S_IFLNK:
		return '@';
	case S_IFIFO:
		return '|';
	case S_IFSOCK:
		return '=';
	case S_IFREG:
		return ' ';
	default:
		return '*';
	}
}

/** A listing that is being made. */
struct lister {
	struct tree_listing listing;
	size_t allocated;
};

static void add_entry(struct lister *lister, struct tree_entry entry)
{
	struct tree_listing *listing = &lister->listing;

	if (listing->count == lister->allocated) {
		struct tree_entry *old = listing->entries;

		lister->allocated = 2 * lister->allocated + 64;
		listing->entries = scratch_alloc(lister->allocated * sizeof(entry));
		if (listing->count > 0) {
			memcpy(listing->entries, old, listing->count * sizeof(entry));
		}
	}
	listing->entries[listing->count++] = entry;
}

/** Whether this user, the owner of a file or directory, has to change its mode to read it. */
static bool is_closed(const struct stat *st)
{
	mode_t needed = S_ISDIR(st->st_mode) ? S_IRUSR | S_IXUSR : S_IRUSR;

	return geteuid() != 0 && !S_ISLNK(st->st_mode) && (st->st_mode & needed) != needed;
}

static void list_directory(struct lister *lister, int fd, const char *trail);

/** Adds what is named in a directory, and what is below that. */
static void list_entry(struct lister *lister, int fd, const char *name, const char *trail)
{
	struct tree_entry entry = { .path = scratch_format("%s%s", trail, name) };
	struct stat st;
	bool closed;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		broken("cannot stat '%s'", entry.path);
	}
	entry.type = type_mark(st.st_mode);
	entry.mode = st.st_mode & 07777;
	closed = is_closed(&st);
	if (closed && fchmodat(fd, name, entry.mode | S_IRWXU, 0) != 0) {
		broken("cannot make '%s' readable", entry.path);
	}
	if (entry.type == ' ') {
		entry.content = hash_file(fd, name);
	} else if (entry.type == '@') {
		entry.content = hash_link(fd, name);
	}
	add_entry(lister, entry);
	if (entry.type == '/') {
		list_directory(lister, open_directory(fd, name), scratch_format("%s/", entry.path));
	}
	if (closed && fchmodat(fd, name, entry.mode, 0) != 0) {
		broken("cannot restore the mode of '%s'", entry.path);
	}
}

/** Lists what is in a directory, which it closes; `trail` is its path with a '/' after it, or "". */
static void list_directory(struct lister *lister, int fd, const char *trail)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;

	if (!dir) {
		broken("cannot read directory '%s'", trail);
	}
	while ((found = readdir(dir))) {
		if (!is_dot_or_dotdot(found->d_name)) {
			list_entry(lister, fd, found->d_name, trail);
		}
	}
	closedir(dir);
}

static int compare_entries(const void *a, const void *b)
{
	const struct tree_entry *left = a;
	const struct tree_entry *right = b;

	return strcmp(left->path, right->path);
}

struct tree_listing tree_list_path(const char *path)
{
	struct lister lister = { 0 };

	list_directory(&lister, open_directory(AT_FDCWD, path), "");
	if (lister.listing.count > 0) {
		qsort(lister.listing.entries, lister.listing.count, sizeof(struct tree_entry),
		      compare_entries);
	}
	return lister.listing;
}

struct tree_listing tree_list(const struct tree *tree)
{
	return tree_list_path(tree->path);
}

/** Whether a path is `removed`, which may end with a '/', or lies below it. */
static bool is_at_or_below(const char *path, const char *removed)
{
	size_t length = strlen(removed);

	if (length > 0 && removed[length - 1] == '/') {
		length--;
	}
	return strncmp(path, removed, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

struct tree_listing tree_listing_without(struct tree_listing listing, const char *const paths[],
					 size_t count)
{
	struct lister left = { 0 };

	for (size_t i = 0; i < listing.count; i++) {
		bool removed = false;

		for (size_t j = 0; j < count && !removed; j++) {
			removed = is_at_or_below(listing.entries[i].path, paths[j]);
		}
		if (!removed) {
			add_entry(&left, listing.entries[i]);
		}
	}
	return left.listing;
}

/** A line for each entry; sorted as the listing is. */
static char *describe(const char *so_far, const char *what, struct tree_entry entry)
{
	return scratch_format("%s#   %s %s%c (mode %o, content %016jx)\n", so_far, what,
			      visible(entry.path), entry.type, (unsigned)entry.mode,
			      (uintmax_t)entry.content);
}

static int compare_heads(struct tree_listing left, struct tree_listing right)
{
	if (left.count == 0 || right.count == 0) {
		return left.count == 0 ? 1 : -1;
	}
	return compare_entries(left.entries, right.entries);
}

static bool same_entry(const struct tree_entry *left, const struct tree_entry *right)
{
	return left->type == right->type && left->mode == right->mode &&
	       left->content == right->content;
}

char *tree_difference(struct tree_listing expected, struct tree_listing found)
{
	char *difference = NULL;

	while (expected.count > 0 || found.count > 0) {
		int order = compare_heads(expected, found);
		bool same = order == 0 && same_entry(expected.entries, found.entries);

		if (!same && order <= 0) {
			difference = describe(difference ? difference : "",
					      "missing: ", *expected.entries);
		}
		if (!same && order >= 0) {
			difference =
				describe(difference ? difference : "", "too much:", *found.entries);
		}
		if (order <= 0) {
			expected.entries++;
			expected.count--;
		}
		if (order >= 0) {
			found.entries++;
			found.count--;
		}
	}
	return difference;
}
