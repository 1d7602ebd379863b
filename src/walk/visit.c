#include "walk/visit.h"

#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char visit_another_file_system[] = "another file system";

/** The match of an entry that a pattern of --ignore matches. */
static const struct match ignored = { VERDICT_SKIP, "ignored" };

bool visit_stops(const struct visit *v)
{
	return deleter_policy_stops(&v->config->policy);
}

enum debris_place visit_parts(const struct visit *v)
{
	return v->state->mark & SCAN_PARTS;
}

/* ---- Virtual environments ------------------------------------------------------------------- */

static bool has_file(int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode);
}

/** Whether a directory has a file that virtualenv puts into an environment's library. */
static bool has_library(int dirfd, const char *directory)
{
	char orig_prefix[64];
	char site[64];

	snprintf(orig_prefix, sizeof(orig_prefix), "%s/orig-prefix.txt", directory);
	snprintf(site, sizeof(site), "%s/site.py", directory);
	return has_file(dirfd, orig_prefix) || has_file(dirfd, site);
}

/** Whether a directory is an environment by virtualenv up to version 19, without `pyvenv.cfg`. */
static bool is_old_environment(int fd)
{
	char library[32];
	bool found = has_library(fd, "Lib");

	if (!has_file(fd, "bin/activate") && !has_file(fd, "Scripts/activate")) {
		return false;
	}
	/* Python 2.0 to 3.19. */
	for (int i = 0; !found && i < 40; i++) {
		snprintf(library, sizeof(library), "lib/python%d.%d", 2 + i / 20, i % 20);
		found = has_library(fd, library);
	}
	return found;
}

const char *visit_protection(unsigned marks, int fd)
{
	if (matcher_marks_repository(marks)) {
		return matcher_version_control;
	}
	if ((marks & MATCHER_ENVIRONMENT) ||
	    ((marks & MATCHER_MAYBE_ENVIRONMENT) == MATCHER_MAYBE_ENVIRONMENT &&
	     is_old_environment(fd))) {
		return "virtual environment";
	}
	return NULL;
}

/* ---- Reports -------------------------------------------------------------------------------- */

bool visit_is_elsewhere(const struct visit *v, int dirfd, const char *name)
{
	struct stat operand;
	struct stat st;

	/* untested: fstat fails */
	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(v->config->operand_fd, &operand) == 0 && st.st_dev != operand.st_dev;
}

struct reporter_path visit_path(const struct visit *v, const char *trail, const char *name,
				bool directory)
{
	struct pyc_part tag = { 0 };

	if (v->config->tags && !directory) {
		tag = pyc_tag_in(name);
	}
	return (struct reporter_path){
		.prefix = v->place->prefix,
		.trail = trail,
		.name = name,
		.directory = directory,
		.tag = tag.start,
		.tag_length = tag.length,
	};
}

void visit_leave(const struct visit *v, const char *trail, const char *name, bool directory,
		 const char *reason, enum reporter_left kind)
{
	const struct reporter_path path = visit_path(v, trail, name, directory);

	reporter_left(v->scan->report, &path, reason, kind);
}

void visit_fail(const struct visit *v, const char *failed, struct reporter_path path, int dirfd,
		int error)
{
	const char *directory = path.directory && path.name[0] != '\0' ? path.name : ".";

	path.crosses =
		!v->config->policy.one_file_system && visit_is_elsewhere(v, dirfd, directory);
	reporter_error(v->scan->report, failed, &path, error);
}

void visit_cannot_read(const struct visit *v, const char *trail, const char *name, bool directory)
{
	visit_fail(v, "cannot read", visit_path(v, trail, name, directory), v->place->fd, errno);
}

bool visit_skips_read(const struct visit *v, const char *trail, int fd, unsigned marks, bool enters)
{
	const char *reason = visit_protection(marks, fd);
	bool is_environment = reason != matcher_version_control;

	if (!reason || (is_environment && (enters || v->config->rules.all))) {
		return false;
	}
	visit_leave(v, trail, "", true, reason,
		    is_environment ? REPORTER_SKIPPED_ENVIRONMENT : REPORTER_SKIPPED);
	return true;
}

/* ---- Matching ------------------------------------------------------------------------------- */

int visit_matches_pattern(const struct visit *v, const char *trail, const char *name,
			  enum entry_type type)
{
	const struct ignore *ignore = &v->config->ignore;
	struct strbuf *path = &v->scan->path;
	size_t shown;
	size_t cut;

	if (ignore->count == 0) {
		return 0;
	}
	strbuf_reset(path);
	if (ignore->top) {
		strbuf_printf(path, "%s/", ignore->top);
	}
	/* The operand is cut out, which may be longer than the prefix. */
	shown = path->length;
	strbuf_add_string(path, v->place->prefix);
	strbuf_add_string(path, trail);
	strbuf_add_string(path, name);
	if (path->failed) {
		errno = ENOMEM;
		return -1;
	}
	cut = path->length - shown < v->config->operand_length ? path->length - shown
							       : v->config->operand_length;
	memmove(path->text + shown, path->text + shown + cut, path->length - shown - cut + 1);
	return ignore_matches(ignore, path->text, name, type == ENTRY_DIRECTORY);
}

bool visit_spares(const struct visit *v, const char *trail, const char *name, enum entry_type type)
{
	int matches = visit_matches_pattern(v, trail, name, type);
	bool directory = type == ENTRY_DIRECTORY;

	if (matches < 0) {
		visit_cannot_read(v, trail, name, directory);
	} else if (matches > 0 && (directory || !v->config->selection.modules)) {
		visit_leave(v, trail, name, directory, ignored.reason,
			    directory ? REPORTER_SKIPPED : REPORTER_KEPT);
	}
	return matches != 0;
}

int visit_classify(const struct visit *v, const char *trail, const char *name, enum entry_type type,
		   struct match *out)
{
	/* A pattern for what is kept anyway is used as well. */
	int matches = visit_matches_pattern(v, trail, name, type);

	*out = matcher_classify(&v->config->rules, name, type);
	if (visit_parts(v) && debris_find(visit_parts(v), DEBRIS_ALL, name, type)) {
		*out = (struct match){ VERDICT_REMOVE_IF_MARKED, NULL };
	}
	if (out->verdict == VERDICT_KEEP) {
		return 0;
	}
	if (matches > 0) {
		*out = ignored;
	} else if (v->state->source_root && (out->verdict == VERDICT_SKIP_BY_DEFAULT ||
					     out->verdict == VERDICT_REMOVE_IF_MARKED)) {
		*out = (struct match){ type == ENTRY_DIRECTORY ? VERDICT_ENTER : VERDICT_KEEP,
				       NULL };
	}
	return matches < 0 ? -1 : 0;
}

bool visit_skips_directory(const struct visit *v, const char *trail, const char *name)
{
	struct match match;

	if (visit_classify(v, trail, name, ENTRY_DIRECTORY, &match) != 0) {
		visit_cannot_read(v, trail, name, true);
		return true;
	}
	if (match.verdict != VERDICT_SKIP && match.verdict != VERDICT_SKIP_BY_DEFAULT) {
		return false;
	}
	visit_leave(v, trail, name, true, match.reason,
		    match.verdict == VERDICT_SKIP ? REPORTER_SKIPPED : REPORTER_SKIPPED_BY_DEFAULT);
	return true;
}
