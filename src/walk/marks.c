#include "walk/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** @return Why a directory is no debris, by the marks of all its entries, or NULL. */
static const char *kept_by(unsigned marks, int fd)
{
	if (matcher_marks_repository(marks)) {
		return matcher_version_control;
	}
	return visit_is_environment(marks, fd) ? visit_virtual_environment : NULL;
}

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

static void keep(const struct visit *v, const char *reason)
{
	visit_leave(v, "", v->debris_name, v->debris->type == ENTRY_DIRECTORY, reason,
		    REPORTER_KEPT);
}

/** Reports that what is near debris cannot be read, unless it is missing or its owner hides it. */
static int noted(const struct visit *v, int result)
{
	if (result < 0 && !platform_is_no_directory(errno) && errno != EACCES) {
		visit_cannot_read(v, "", v->debris_name, true, errno);
	}
	return result;
}

/** Whether a directory near debris is a project. @param path Relative to the place. */
static bool is_project(const struct visit *v, const char *path)
{
	int fd = noted(v, platform_open_parent(v->place->fd, path));
	char text[1 + DEBRIS_PROJECT_SIZE] = "\n";
	bool found = false;

	/* untested: it cannot be opened */
	for (const struct debris_project *p = debris_projects; fd >= 0 && p->file && !found; p++) {
		int length = noted(v, read_file(fd, p->file, text + 1, sizeof(text) - 1));

		found = length > 0 && memmem(text, (size_t)length + 1, p->text, strlen(p->text));
	}
	platform_close(fd);
	return found;
}

/** Whether there is metadata of a project in the place. */
static bool has_metadata(const struct visit *v)
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
		fd = noted(v, platform_open_directory(v->place->fd, listed.name));
		/* If it is missing, this run has just removed it. */
		found = fd >= 0 ? find(row, fd, row->mark) > 0 : errno == ENOENT;
		platform_close(fd);
	}
	return found;
}

const struct debris *marks_find_row(const struct visit *v, const char *name, enum entry_type type)
{
	const struct debris *part = v->parts ? debris_find(v->parts, DEBRIS_ALL, name, type) : NULL;

	return part ? part : debris_find(DEBRIS_ANYWHERE, v->config->rules.debris, name, type);
}

bool marks_has_mark(const struct visit *v, int dirfd, const char *trail)
{
	const char *name = v->debris->mark ? v->debris->mark : v->debris_name;
	const struct reporter_path mark = visit_path(v, trail, name, false);
	int found = find(v->debris, dirfd, name);

	if (found < 0) {
		reporter_error(v->scan->report, "cannot read", &mark, errno);
	} else if (found == 0) {
		keep(v, v->debris->unmarked);
	}
	return found > 0;
}

/** Whether what the row of a directory needs is near it. */
static bool has_need(const struct visit *v)
{
	if (v->debris->need == DEBRIS_NEEDS_PROJECT) {
		return is_project(v, ".") || is_project(v, "..");
	}
	return v->debris->need == DEBRIS_NEEDS_NOTHING || v->built;
}

/**
 * Whether a directory that a build left is removed; reports it if not.
 *
 * @param needed What it needs is near.
 */
static bool agree(const struct visit *v, const char *kept, bool needed)
{
	bool installed = v->debris->topic == DEBRIS_BUILD &&
			 (v->config->installed || debris_is_installed(v->place->prefix));
	const char *reason = kept        ? kept
			     : installed ? "installed packages"
			     : !needed   ? v->debris->unmarked
					 : NULL;

	if (reason) {
		keep(v, reason);
	}
	return !reason;
}

bool marks_is_debris(const struct visit *v, const struct deleter_entry *entry)
{
	struct listed listed;
	unsigned marks = 0;

	for (size_t at = 0; namelist_next(entry->entries, &at, &listed);) {
		marks |= matcher_is_repository(listed.name)
				 ? (unsigned)MATCHER_REPOSITORY
				 : matcher_mark(listed.name, listed.type);
	}
	return agree(v, kept_by(marks, entry->dirfd), has_need(v)) &&
	       (!v->debris->mark || marks_has_mark(v, entry->dirfd, entry->trail));
}

unsigned char marks_find_parts(const struct visit *v)
{
	if (!agree(v, NULL, is_project(v, "."))) {
		return 0;
	}
	return (unsigned char)(v->debris->parts | (has_metadata(v) ? SCAN_BUILT : 0));
}

void marks_consider_part(struct visit *v, const char *name, enum entry_type type)
{
	const struct debris *part = debris_find(v->parts, DEBRIS_ALL, name, type);

	v->built = v->built || (part && part->need == DEBRIS_NEEDS_NOTHING);
	v->has_repository = v->has_repository || matcher_is_repository(name);
}

void marks_check_parts(struct visit *v)
{
	unsigned marks = v->has_repository ? (unsigned)MATCHER_REPOSITORY : v->marks;
	const char *reason = v->parts ? kept_by(marks, v->place->fd) : NULL;

	if (reason) {
		visit_leave(v, "", "", true, reason, REPORTER_KEPT);
		v->parts = DEBRIS_ANYWHERE;
		v->state->mark = 0;
		v->state->prunes = v->config->prune;
	}
}
