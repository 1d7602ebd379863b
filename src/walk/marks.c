#include "walk/marks.h"

#include "debris.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char marks_virtual_environment[] = "virtual environment";

/* ---- Virtual environments ------------------------------------------------------------------- */

/** Whether `directory`/`name` exists and is not a directory. */
static bool has_file(int dirfd, const char *directory, const char *name)
{
	char path[NAME_MAX + sizeof("/orig-prefix.txt")];
	struct stat st;

	/* A longer name (only FUSE has them) is truncated, and then not found. */
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode);
}

/** Whether a directory has the files that virtualenv puts into an environment's library. */
static bool is_library(int dirfd, const char *directory)
{
	return has_file(dirfd, directory, "orig-prefix.txt") ||
	       has_file(dirfd, directory, "site.py");
}

/** Whether a name is `pythonX.Y`. */
static bool is_version_name(const char *name)
{
	return fnmatch("python[0-9].[0-9]", name, 0) == 0 ||
	       fnmatch("python[0-9].[0-9][0-9]", name, 0) == 0;
}

/** Stops reading `lib`, with EEXIST, at an environment's library; platform_entry_fn. */
static int find_library(void *context, const char *name, enum entry_type type)
{
	const int *fd = context;

	(void)type;
	if (is_version_name(name) && is_library(*fd, name)) {
		errno = EEXIST;
		return -1;
	}
	return 0;
}

/** Whether a directory in `lib` is an environment's library. */
static bool has_versioned_library(int dirfd)
{
	int fd = platform_open_directory(dirfd, "lib");
	bool found = false;

	/* untested: `lib` cannot be opened or read */
	if (fd >= 0 && platform_read_directory(fd, find_library, &fd) != 0 && errno == EEXIST) {
		found = true;
	}
	platform_close(fd);
	return found;
}

/** Whether a directory is an environment by a virtualenv that wrote no `pyvenv.cfg`. */
static bool is_old_environment(int fd)
{
	if (!has_file(fd, "bin", "activate") && !has_file(fd, "Scripts", "activate")) {
		return false;
	}
	return is_library(fd, "Lib") || has_versioned_library(fd);
}

bool marks_environment(unsigned marks, int fd)
{
	return (marks & MATCHER_ENVIRONMENT) ||
	       ((marks & MATCHER_MAYBE_ENVIRONMENT) == MATCHER_MAYBE_ENVIRONMENT &&
		is_old_environment(fd));
}

/* ---- Debris --------------------------------------------------------------------------------- */

/**
 * Reads the beginning of a regular file.
 *
 * @return The length, or -1 with errno; ENOENT for anything else, a link included.
 */
static ssize_t read_file(int dirfd, const char *name, char *out, size_t size)
{
	/* O_NONBLOCK: it may be a FIFO. */
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = -1;
	struct stat st;

	/* untested: fstat fails */
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		do {
			got = read(fd, out + length, size - length);
			/* untested: read fails */
			length += got > 0 ? (size_t)got : 0;
		} while (got > 0 && length < size);
	} else if (fd >= 0 || platform_is_no_directory(errno) || errno == ENXIO) {
		/* ENXIO: a socket. */
		errno = ENOENT;
	}
	platform_close(fd);
	return got < 0 ? -1 : (ssize_t)length;
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
 * @param name  The name of the file; not used for a directory.
 * @return 1 if there is one, 0 if not, or -1 with errno if it cannot be read.
 */
static int find(const struct debris *row, int dirfd, const char *name)
{
	char bytes[DEBRIS_MARK_SIZE];
	ssize_t length = read_file(dirfd, row->mark ? row->mark : name, bytes, sizeof(bytes));

	if (length < 0) {
		return errno == ENOENT ? 0 : -1;
	}
	return debris_is_mark(row, bytes, (size_t)length) && has_others(row, dirfd);
}

/**
 * Notes why something near debris could not be read, unless it is missing or its owner hides it.
 *
 * @return `result`.
 */
static int noted(int result, int *error)
{
	if (result < 0 && !platform_is_no_directory(errno) && errno != EACCES) {
		*error = errno;
	}
	return result;
}

/** @return Why a directory is no debris, by the marks of all its entries, or NULL. */
static const char *kept_by(unsigned marks, int fd)
{
	if (matcher_marks_repository(marks)) {
		return matcher_repository.reason;
	}
	return marks_environment(marks, fd) ? marks_virtual_environment : NULL;
}

/** Whether a directory near debris is a project. @param path Relative to the place. */
static bool is_project(const struct visit *v, const char *path, int *error)
{
	int fd = noted(platform_open_parent(v->place->fd, path), error);
	char text[1 + DEBRIS_PROJECT_SIZE] = "\n";
	bool found = false;

	for (const struct debris_project *p = debris_projects; fd >= 0 && p->file && !found; p++) {
		int length = noted((int)read_file(fd, p->file, text + 1, sizeof(text) - 1), error);

		found = length > 0 && memmem(text, (size_t)length + 1, p->text, strlen(p->text));
	}
	platform_close(fd);
	return found;
}

/** Whether there is metadata of a project in the place. */
static bool has_metadata(const struct visit *v, int *error)
{
	struct listed listed;
	bool found = false;

	for (size_t at = 0; !found && namelist_next(&v->scan->found, &at, &listed);) {
		const struct debris *row = debris_find(DEBRIS_BUILD, listed.name, listed.type);
		int fd;

		if (!row || row->need != DEBRIS_NEEDS_PROJECT) {
			continue;
		}
		fd = noted(platform_open_directory(v->place->fd, listed.name), error);
		/* If it is missing, this run has just removed it. */
		found = fd >= 0 ? find(row, fd, NULL) > 0 : errno == ENOENT;
		platform_close(fd);
	}
	return found;
}

const struct debris *marks_find_row(const struct visit *v, const char *name, enum entry_type type)
{
	const struct debris *part = v->parts ? debris_find_part(v->parts, name, type) : NULL;

	return part ? part : debris_find(v->config->rules.debris, name, type);
}

/** Whether there is a row's mark; reports it if not. @param dirfd, name As find()'s. */
static bool has_mark(const struct visit *v, const struct debris *row, int dirfd, const char *trail,
		     const char *name)
{
	int found = find(row, dirfd, name);
	const struct reporter_path mark = visit_path(v, trail, row->mark ? row->mark : name, false);

	if (found < 0) {
		reporter_error(v->scan->report, "cannot read", &mark, errno);
	} else if (found == 0) {
		visit_keep(v, trail, name, row->type == ENTRY_DIRECTORY, row->unmarked);
	}
	return found > 0;
}

bool marks_file(const struct visit *v, const struct debris *row, const char *name)
{
	return has_mark(v, row, v->place->fd, "", name);
}

/** Whether the place lies in a directory of installed packages. */
static bool is_installed(const struct visit *v)
{
	return v->config->installed || debris_is_installed(v->place->prefix);
}

/** @return Why a directory is no debris of a build, or NULL. @param needed What its row needs is there. */
static const char *reason_to_keep(const struct visit *v, const struct debris *row, bool needed)
{
	if (row->topic == DEBRIS_BUILD && is_installed(v)) {
		return "installed packages";
	}
	return needed ? NULL : row->unmarked;
}

/** Whether a directory is to be removed; reports it if not. @param reason To keep it, or NULL. */
static bool agree(const struct visit *v, const char *trail, const char *name, const char *reason,
		  int error)
{
	if (error != 0) {
		visit_cannot_read(v, trail, name, true, error);
	} else if (reason) {
		visit_keep(v, trail, name, true, reason);
	}
	return error == 0 && !reason;
}

/** Whether what the row of a directory needs is near it. */
static bool has_need(const struct visit *v, const struct debris *row, int *error)
{
	switch (row->need) {
	case DEBRIS_NEEDS_PROJECT:
		return is_project(v, ".", error) || is_project(v, "..", error);
	case DEBRIS_NEEDS_BUILD:
		return v->built;
	default:
		return true;
	}
}

bool marks_directory(const struct visit *v, const struct deleter_entry *entry)
{
	const struct debris *row = v->debris;
	const char *reason = NULL;
	struct listed listed;
	unsigned marks = 0;
	int error = 0;

	for (size_t at = 0; namelist_next(entry->entries, &at, &listed);) {
		marks |= matcher_mark(listed.name, listed.type);
		if (matcher_is_repository(listed.name)) {
			reason = matcher_repository.reason;
		}
	}
	reason = reason ? reason : kept_by(marks, entry->dirfd);
	reason = reason ? reason : reason_to_keep(v, row, has_need(v, row, &error));
	return agree(v, entry->trail, "", reason, error) &&
	       (!row->mark || has_mark(v, row, entry->dirfd, entry->trail, ""));
}

unsigned char marks_find_parts(const struct visit *v, const struct debris *row, const char *name)
{
	int error = 0;
	bool is_in_project = is_project(v, ".", &error);
	bool built = is_in_project && has_metadata(v, &error);

	if (!agree(v, "", name, reason_to_keep(v, row, is_in_project), error)) {
		return 0;
	}
	return (unsigned char)(row->parts | (built ? SCAN_BUILT : 0));
}

void marks_consider_part(struct visit *v, const char *name, enum entry_type type)
{
	const struct debris *part = debris_find_part(v->parts, name, type);

	v->built = v->built || (part && part->need == DEBRIS_NEEDS_NOTHING);
	v->has_repository = v->has_repository || matcher_is_repository(name);
}

void marks_check_parts(struct visit *v)
{
	const char *reason =
		v->has_repository ? matcher_repository.reason : kept_by(v->marks, v->place->fd);

	if (v->parts && reason) {
		visit_keep(v, "", "", true, reason);
		v->parts = DEBRIS_ANYWHERE;
		v->state->mark = 0;
		v->state->prunes = v->config->prune;
	}
}
