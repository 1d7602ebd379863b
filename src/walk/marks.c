#include "walk/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/** The most bytes that are read of a project file. */
	PROJECT_SIZE = 16384,
};

/**
 * Reads the beginning of a regular file.
 *
 * @return The length, or -1 with errno; ENOENT for anything else, a link included.
 */
static int read_file(int dirfd, const char *name, char *out, size_t size)
{
	/* O_NONBLOCK: it may be a FIFO. ENXIO: it is a socket. */
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t length = -1;
	struct stat st;

	/* untested: fstat fails */
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		length = read(fd, out, size);
	} else if (fd >= 0 || platform_is_no_directory(errno) || errno == ENXIO) {
		errno = ENOENT;
	}
	platform_close(fd);
	return (int)length;
}

/** Whether a directory has the file that a row demands, and not the one that it excludes. */
static bool has_others(const struct debris *row, int dirfd)
{
	struct stat st;

	if (!row->also) {
		return true;
	}
	if (fstatat(dirfd, row->also, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) {
		return false;
	}
	/* untested: it is there, or not, but cannot be looked up */
	return fstatat(dirfd, row->never, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

/**
 * Looks for a row's mark.
 *
 * @param dirfd A directory that matches the row, or the parent of a file.
 * @param name  The name of the mark.
 * @return 1 if there is one, 0 if not, or -1 with errno if it cannot be read.
 */
static int find(const struct debris *row, int dirfd, const char *name)
{
	char bytes[DEBRIS_MARK_SIZE];
	int length = read_file(dirfd, name, bytes, sizeof(bytes));

	if (length < 0) {
		return errno == ENOENT ? 0 : -1;
	}
	return debris_is_mark(row, bytes, (size_t)length) && has_others(row, dirfd);
}

static void keep(const struct visit *v, const struct candidate *c, const char *reason)
{
	visit_leave(v, "", c->name, c->row->type == ENTRY_DIRECTORY, reason, REPORTER_KEPT);
}

/** Reports a failed call near a candidate, except for what is missing or hidden. @return `result`. */
static int check_read(const struct visit *v, const struct candidate *c, int result)
{
	if (result < 0 && !platform_is_no_directory(errno) && errno != EACCES) {
		visit_cannot_read(v, "", c->name, true);
	}
	return result;
}

/** Whether a directory near a candidate is a project. @param path Relative to the place. */
static bool is_project(const struct visit *v, const struct candidate *c, const char *path)
{
	int fd = check_read(v, c, platform_open_parent(v->place->fd, path));
	char text[1 + PROJECT_SIZE] = "\n";
	bool found = false;

	/* untested: it cannot be opened */
	for (const struct debris_project *p = debris_projects; fd >= 0 && p->file && !found; p++) {
		int length = check_read(v, c, read_file(fd, p->file, text + 1, sizeof(text) - 1));

		found = length > 0 && memmem(text, (size_t)length + 1, p->text, strlen(p->text));
	}
	platform_close(fd);
	return found;
}

/** Whether a project's metadata is beside a candidate. */
static bool has_metadata(const struct visit *v, const struct candidate *c)
{
	struct listed listed;
	bool found = false;

	for (size_t at = 0; !found && namelist_next(&v->scan->found, &at, &listed);) {
		const struct debris *row =
			debris_find(DEBRIS_ANYWHERE, DEBRIS_BUILD, listed.name, listed.type);
		int fd;

		if (!row || row->need != DEBRIS_NEEDS_PROJECT) {
			continue;
		}
		fd = check_read(v, c, platform_open_directory(v->place->fd, listed.name));
		/* If it is missing, this run has just removed it. */
		found = fd >= 0 ? find(row, fd, row->mark) > 0 : errno == ENOENT;
		platform_close(fd);
	}
	return found;
}

const struct debris *marks_find_row(const struct visit *v, const char *name, enum entry_type type)
{
	enum debris_place parts = visit_parts(v);
	const struct debris *part = parts ? debris_find(parts, DEBRIS_ALL, name, type) : NULL;

	return part ? part : debris_find(DEBRIS_ANYWHERE, v->config->rules.debris, name, type);
}

bool marks_has_mark(const struct visit *v, const struct candidate *c, int dirfd, const char *trail)
{
	const char *name = c->row->mark ? c->row->mark : c->name;
	const struct reporter_path mark = visit_path(v, trail, name, false);
	int found = find(c->row, dirfd, name);

	if (found < 0) {
		reporter_error(v->scan->report, "cannot read", &mark, errno);
	} else if (found == 0) {
		keep(v, c, c->row->unmarked);
	}
	return found > 0;
}

/** Whether what a directory's row needs is near it. */
static bool has_need(const struct visit *v, const struct candidate *c)
{
	if (c->row->need == DEBRIS_NEEDS_PROJECT) {
		return is_project(v, c, ".") || is_project(v, c, "..");
	}
	if (c->row->parts) {
		return is_project(v, c, ".");
	}
	return c->row->need == DEBRIS_NEEDS_NOTHING || (v->state->mark & SCAN_SETUPTOOLS);
}

/** @return Why a directory is kept because of where it is, or NULL. */
static const char *kept_by_place(const struct visit *v, const struct candidate *c)
{
	if (c->row->topic == DEBRIS_BUILD &&
	    (v->config->in_site_packages || debris_is_installed(v->place->prefix))) {
		return "installed packages";
	}
	return has_need(v, c) ? NULL : c->row->unmarked;
}

bool marks_is_debris(const struct visit *v, const struct candidate *c,
		     const struct deleter_entry *entry)
{
	struct listed listed;
	unsigned marks = 0;
	const char *reason;

	for (size_t at = 0; namelist_next(entry->entries, &at, &listed);) {
		marks |= matcher_is_repository(listed.name)
				 ? (unsigned)MATCHER_REPOSITORY
				 : matcher_mark(listed.name, listed.type);
	}
	reason = visit_protection(marks, entry->dirfd);
	if (!reason) {
		reason = kept_by_place(v, c);
	}
	if (reason) {
		keep(v, c, reason);
	}
	return !reason && (!c->row->mark || marks_has_mark(v, c, entry->dirfd, entry->trail));
}

unsigned char marks_find_parts(const struct visit *v, const struct candidate *c)
{
	const char *reason = kept_by_place(v, c);

	if (reason) {
		keep(v, c, reason);
		return 0;
	}
	return (unsigned char)(c->row->parts | (has_metadata(v, c) ? SCAN_SETUPTOOLS : 0));
}

void marks_consider_part(struct visit *v, const char *name, enum entry_type type)
{
	const struct debris *part = debris_find(visit_parts(v), DEBRIS_ALL, name, type);

	if (part && part->need == DEBRIS_NEEDS_NOTHING) {
		v->state->mark |= SCAN_SETUPTOOLS;
	}
	v->has_repository = v->has_repository || matcher_is_repository(name);
}

void marks_check_parts(struct visit *v)
{
	unsigned marks = v->has_repository ? (unsigned)MATCHER_REPOSITORY : v->marks;
	const char *reason = visit_parts(v) ? visit_protection(marks, v->place->fd) : NULL;

	if (reason) {
		visit_leave(v, "", "", true, reason, REPORTER_KEPT);
		v->state->mark = 0;
	}
}
