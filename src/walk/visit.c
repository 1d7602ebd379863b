#include "walk/visit.h"

#include "platform.h"
#include "pyc.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char virtual_environment[] = "virtual environment";
/** The match of an entry that a pattern of --ignore matches. */
static const struct match ignored = { VERDICT_SKIP, "ignored" };

struct visit visit_begin(struct scan *scan, const struct scan_place *place)
{
	struct visit v = { .scan = scan, .config = place->config, .place = *place };

	/*
	 * Only the operand: deeper in the prefix tree the deleter, not the scan, enters
	 * directories.
	 */
	if (place->is_operand) {
		v.sources = v.config->sources;
	} else if (v.config->prefix.ino != 0 &&
		   platform_is_same(platform_identify(place->fd, NULL, 0), v.config->prefix)) {
		v.sources = "/";
	}
	return v;
}

const char *visit_sources(const struct visit *v, const char *trail, const char **below)
{
	*below = trail + v->root_length;
	return v->root_length > 0 ? "/" : v->sources;
}

bool visit_stops(const struct visit *v)
{
	return deleter_policy_stops(&v->config->policy);
}

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

/**
 * Whether a directory is a virtual environment.
 *
 * One from before PEP 405 has no `pyvenv.cfg`. virtualenv up to version 19 made an `activate` in
 * `bin` or `Scripts`, and an `orig-prefix.txt` or a `site.py` in `lib/pythonX.Y` or `Lib`. A file
 * that cannot be looked up counts as missing.
 *
 * @param marks The marks of all entries of the directory, by matcher_mark().
 */
static bool is_environment(unsigned marks, int fd)
{
	return (marks & MATCHER_ENVIRONMENT) ||
	       ((marks & MATCHER_MAYBE_ENVIRONMENT) == MATCHER_MAYBE_ENVIRONMENT &&
		is_old_environment(fd));
}

const char *visit_finds_kept(int fd, const struct namelist *entries)
{
	struct listed listed;
	unsigned marks = 0;

	for (size_t at = 0; namelist_next(entries, &at, &listed);) {
		if (matcher_is_repository(listed.name)) {
			return matcher_repository.reason;
		}
		marks |= matcher_mark(listed.name, listed.type);
	}
	if (matcher_marks_repository(marks)) {
		return matcher_repository.reason;
	}
	return is_environment(marks, fd) ? virtual_environment : NULL;
}

/* ---- Reports -------------------------------------------------------------------------------- */

/**
 * Whether a directory lies on another file system than the operand; false if it cannot be looked
 * up.
 *
 * @param dirfd Its parent, or -1.
 * @param name  Its name, or "" for the parent itself.
 */
static bool is_elsewhere(const struct visit *v, int dirfd, const char *name)
{
	const char *directory = name[0] == '\0' ? "." : name;
	struct stat top;
	struct stat st;

	/* untested: fstat fails */
	return fstatat(dirfd, directory, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(v->place.top, &top) == 0 && st.st_dev != top.st_dev;
}

bool visit_crosses(const struct visit *v, int dirfd, const char *name, bool directory)
{
	return !v->config->policy.one_file_system && is_elsewhere(v, dirfd, directory ? name : "");
}

struct reporter_path visit_path(const struct visit *v, const char *trail, const char *name,
				bool directory)
{
	struct pyc_part tag = { 0 };

	if (v->config->tags && !directory) {
		tag = pyc_tag_in(name);
	}
	return (struct reporter_path){
		.prefix = v->place.prefix,
		.trail = trail,
		.name = name,
		.directory = directory,
		.tag = tag.start,
		.tag_length = tag.length,
	};
}

void visit_keep(const struct visit *v, const char *trail, const char *name, bool directory,
		const char *reason)
{
	const struct reporter_path path = visit_path(v, trail, name, directory);

	reporter_kept(v->scan->report, &path, reason);
}

void visit_cannot_read(const struct visit *v, const char *trail, const char *name, bool directory,
		       int error)
{
	struct reporter_path path = visit_path(v, trail, name, directory);

	path.crosses = visit_crosses(v, v->place.fd, name, directory);
	reporter_error(v->scan->report, "cannot read", &path, error);
}

/** Reports that a directory is skipped. */
static void skip(const struct visit *v, const char *trail, const char *name, const char *reason,
		 enum reporter_skip kind)
{
	const struct reporter_path path = visit_path(v, trail, name, true);

	reporter_skipped(v->scan->report, &path, reason, kind);
}

void visit_skip_file_system(const struct visit *v, const char *trail, const char *name)
{
	skip(v, trail, name, "another file system", REPORTER_SKIP);
}

bool visit_skips_file_system(const struct visit *v, const char *name)
{
	if (!v->config->policy.one_file_system || !is_elsewhere(v, v->place.fd, name)) {
		return false;
	}
	visit_skip_file_system(v, "", name);
	return true;
}

bool visit_skips_read(const struct visit *v, const char *trail, int fd, unsigned marks, bool enters)
{
	if (matcher_marks_repository(marks)) {
		skip(v, trail, "", matcher_repository.reason, REPORTER_SKIP);
		return true;
	}
	if (!enters && !v->config->rules.all && is_environment(marks, fd)) {
		skip(v, trail, "", virtual_environment, REPORTER_SKIP_ENVIRONMENT);
		return true;
	}
	return false;
}

/* ---- Matching ------------------------------------------------------------------------------- */

/** @return The operand's `top` and the path of an entry below the operand, or NULL with ENOMEM. */
static const char *path_for_patterns(const struct visit *v, const char *trail, const char *name)
{
	const char *const pieces[] = { v->place.prefix, trail, name };
	const char *top = v->config->ignore.top;
	struct strbuf *path = &v->scan->path;
	size_t operand = v->place.below;

	strbuf_reset(path);
	if (top) {
		strbuf_add_string(path, top);
		strbuf_add_char(path, '/');
	}
	/* Without the operand, which may be longer than the first piece. */
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t length = strlen(pieces[i]);
		size_t cut = operand < length ? operand : length;

		strbuf_add_string(path, pieces[i] + cut);
		operand -= cut;
	}
	if (path->failed) {
		errno = ENOMEM;
		return NULL;
	}
	return path->text;
}

int visit_matches_pattern(const struct visit *v, const char *trail, const char *name,
			  enum entry_type type)
{
	const struct ignore *ignore = &v->config->ignore;
	const char *path = ignore->count > 0 ? path_for_patterns(v, trail, name) : "";

	return path ? ignore_matches(ignore, path, name, type == ENTRY_DIRECTORY) : -1;
}

bool visit_spares(const struct visit *v, const char *trail, const char *name, enum entry_type type)
{
	int matches = visit_matches_pattern(v, trail, name, type);

	if (matches < 0) {
		visit_cannot_read(v, trail, name, type == ENTRY_DIRECTORY, errno);
	} else if (matches > 0 && type == ENTRY_DIRECTORY) {
		skip(v, trail, name, ignored.reason, REPORTER_SKIP);
	} else if (matches > 0 && !v->config->selection.modules) {
		const struct reporter_path path = visit_path(v, trail, name, false);

		reporter_kept(v->scan->report, &path, ignored.reason);
	}
	return matches != 0;
}

int visit_classify(const struct visit *v, const char *trail, const char *name, enum entry_type type,
		   struct match *out)
{
	/* A pattern for what is kept anyway is used as well. */
	int matches = visit_matches_pattern(v, trail, name, type);
	const char *below;

	*out = matcher_classify(&v->config->rules, name, type);
	if (out->verdict == VERDICT_KEEP) {
		return 0;
	}
	if (matches > 0) {
		*out = ignored;
	} else if (out->verdict == VERDICT_SKIP_BY_DEFAULT && visit_sources(v, trail, &below)) {
		*out = (struct match){ VERDICT_ENTER, NULL };
	}
	if (out->verdict == VERDICT_REMOVE_IF_MARKED && visit_sources(v, trail, &below)) {
		out->verdict = type == ENTRY_DIRECTORY ? VERDICT_ENTER : VERDICT_KEEP;
	}
	return matches < 0 ? -1 : 0;
}

bool visit_skips_directory(const struct visit *v, const char *trail, const char *name)
{
	struct match match;

	if (visit_classify(v, trail, name, ENTRY_DIRECTORY, &match) != 0) {
		visit_cannot_read(v, trail, name, true, errno);
		return true;
	}
	if (match.verdict == VERDICT_SKIP) {
		skip(v, trail, name, match.reason, REPORTER_SKIP);
		return true;
	}
	if (match.verdict == VERDICT_SKIP_BY_DEFAULT) {
		skip(v, trail, name, match.reason, REPORTER_SKIP_BY_DEFAULT);
		return true;
	}
	return false;
}
