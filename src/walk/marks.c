#include "walk/marks.h"

#include "debris.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/** Whether a directory above debris is a project. */
static bool is_project(int dirfd, const char *above, int *error)
{
	int fd = noted(platform_open_parent(dirfd, above), error);
	char text[1 + DEBRIS_PROJECT_SIZE] = "\n";
	bool found = false;

	for (const struct debris_project *p = debris_projects; fd >= 0 && p->file && !found; p++) {
		int length = noted((int)read_file(fd, p->file, text + 1, sizeof(text) - 1), error);

		found = length > 0 && memmem(text, (size_t)length + 1, p->text, strlen(p->text));
	}
	platform_close(fd);
	return found;
}

/** Whether a directory of parts has one that only setuptools makes. @param entries All in it. */
static bool is_built(const struct debris *parts, const struct namelist *entries)
{
	struct listed listed;

	for (size_t at = 0; namelist_next(entries, &at, &listed);) {
		const struct debris *part = debris_find_part(parts, listed.name, listed.type);

		if (part && part->need == DEBRIS_NEEDS_NOTHING) {
			return true;
		}
	}
	return false;
}

/**
 * Whether there is metadata of a project beside a directory.
 *
 * @param entries All that was beside it before a removal.
 */
static bool has_metadata(int dirfd, const struct namelist *entries, int *error)
{
	int above = noted(platform_open_parent(dirfd, ".."), error);
	struct listed listed;
	bool found = false;

	for (size_t at = 0; !found && namelist_next(entries, &at, &listed);) {
		const struct debris *row = debris_find(DEBRIS_BUILD, listed.name, listed.type);
		int fd;

		if (!row || row->need != DEBRIS_NEEDS_PROJECT_NEAR) {
			continue;
		}
		fd = noted(platform_open_directory(above, listed.name), error);
		/* If it is missing, this run has just removed it. */
		found = fd >= 0 ? find(row, fd, NULL) > 0 : errno == ENOENT;
		platform_close(fd);
	}
	platform_close(above);
	return found;
}

bool marks_has_mark(const struct visit *v, int dirfd, const char *trail, const char *name)
{
	const struct debris *row = v->debris;
	int found = find(row, dirfd, name);
	const struct reporter_path mark = visit_path(v, trail, row->mark ? row->mark : name, false);

	if (found < 0) {
		reporter_error(v->scan->report, "cannot read", &mark, errno);
	} else if (found == 0) {
		visit_keep(v, trail, name, row->type == ENTRY_DIRECTORY, row->unmarked);
	}
	return found > 0;
}

/** Whether a directory has near it what its row needs; sets `built` for that of a `build`. */
static bool has_need(struct visit *v, const struct deleter_entry *entry, int *error)
{
	const struct namelist *beside = entry->siblings ? entry->siblings : &v->scan->found;
	const struct debris *row = v->debris;

	switch (row->need) {
	case DEBRIS_NEEDS_PROJECT:
		if (!is_project(entry->dirfd, "..", error)) {
			return false;
		}
		v->built = is_built(row->parts, entry->entries) ||
			   has_metadata(entry->dirfd, beside, error);
		return true;
	case DEBRIS_NEEDS_PROJECT_NEAR:
		return is_project(entry->dirfd, "..", error) ||
		       is_project(entry->dirfd, "../..", error);
	case DEBRIS_NEEDS_BUILD:
		return v->built;
	default:
		return true;
	}
}

/** Whether an entry lies below a directory of installed packages. */
static bool is_installed(const struct visit *v, const struct deleter_entry *entry)
{
	return v->config->installed || debris_is_installed(v->place.prefix) ||
	       debris_is_installed(entry->trail);
}

bool marks_is_debris(struct visit *v, const struct deleter_entry *entry)
{
	const struct debris *row = v->debris;
	const char *kept = visit_finds_kept(entry->dirfd, entry->entries);
	int error = 0;

	if (!kept && row->topic == DEBRIS_BUILD && is_installed(v, entry)) {
		kept = "installed packages";
	} else if (!kept && !has_need(v, entry, &error)) {
		kept = row->unmarked;
	}
	if (error != 0) {
		visit_cannot_read(v, entry->trail, "", true, error);
		return false;
	}
	if (kept) {
		visit_keep(v, entry->trail, "", true, kept);
		return false;
	}
	return row->parts || !row->mark || marks_has_mark(v, entry->dirfd, entry->trail, "");
}

void marks_find_row(struct visit *v, const struct deleter_entry *entry)
{
	size_t length = strlen(entry->trail);
	const char *below;

	if (length < v->parts_length) {
		v->parts = NULL;
	}
	v->debris = v->parts && length == v->parts_length
			    ? debris_find_part(v->parts, entry->name, entry->type)
			    : NULL;
	if (!v->debris && !matcher_leads_through_cache(entry->trail) &&
	    !visit_sources(v, entry->trail, &below)) {
		v->debris = debris_find(v->config->rules.debris, entry->name, entry->type);
	}
	/* A build is not searched for further builds. */
	if (v->debris && v->debris->parts && v->parts) {
		v->debris = NULL;
	}
	v->debris_length = length + strlen(entry->name) + 1;
}
