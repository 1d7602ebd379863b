#include "walk/visit.h"

#include "platform.h"
#include "pyc.h"
#include "walk/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/** The match of an entry that a pattern of --ignore matches. */
static const struct match ignored = { VERDICT_SKIP, "ignored" };

bool visit_stops(const struct visit *v)
{
	return deleter_policy_stops(&v->config->policy);
}

void visit_note(struct visit *v, bool removed)
{
	v->state->result |= removed ? SCAN_REMOVED : SCAN_STAYS;
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
	       fstat(v->config->top, &top) == 0 && st.st_dev != top.st_dev;
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
		.prefix = v->place->prefix,
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

	reporter_left(v->scan->report, &path, reason, REPORTER_KEPT);
}

void visit_cannot_read(const struct visit *v, const char *trail, const char *name, bool directory,
		       int error)
{
	struct reporter_path path = visit_path(v, trail, name, directory);

	path.crosses = visit_crosses(v, v->place->fd, name, directory);
	reporter_error(v->scan->report, "cannot read", &path, error);
}

/** Reports that a directory is skipped. */
static void skip(const struct visit *v, const char *trail, const char *name, const char *reason,
		 enum reporter_left kind)
{
	const struct reporter_path path = visit_path(v, trail, name, true);

	reporter_left(v->scan->report, &path, reason, kind);
}

void visit_skip_file_system(const struct visit *v, const char *trail, const char *name)
{
	skip(v, trail, name, "another file system", REPORTER_SKIPPED);
}

bool visit_skips_file_system(const struct visit *v, const char *name)
{
	if (!v->config->policy.one_file_system || !is_elsewhere(v, v->place->fd, name)) {
		return false;
	}
	visit_skip_file_system(v, "", name);
	return true;
}

bool visit_skips_read(const struct visit *v, const char *trail, int fd, unsigned marks, bool enters)
{
	if (matcher_marks_repository(marks)) {
		skip(v, trail, "", matcher_repository.reason, REPORTER_SKIPPED);
		return true;
	}
	if (!enters && !v->config->rules.all && marks_environment(marks, fd)) {
		skip(v, trail, "", marks_virtual_environment, REPORTER_SKIPPED_ENVIRONMENT);
		return true;
	}
	return false;
}

/* ---- Matching ------------------------------------------------------------------------------- */

/** @return The operand's `top` and the path of an entry below the operand, or NULL with ENOMEM. */
static const char *path_for_patterns(const struct visit *v, const char *trail, const char *name)
{
	const char *const pieces[] = { v->place->prefix, trail, name };
	const char *top = v->config->ignore.top;
	struct strbuf *path = &v->scan->path;
	size_t operand = v->config->below;

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
		skip(v, trail, name, ignored.reason, REPORTER_SKIPPED);
	} else if (matches > 0 && !v->config->selection.modules) {
		const struct reporter_path path = visit_path(v, trail, name, false);

		reporter_left(v->scan->report, &path, ignored.reason, REPORTER_KEPT);
	}
	return matches != 0;
}

int visit_classify(const struct visit *v, const char *trail, const char *name, enum entry_type type,
		   struct match *out)
{
	/* A pattern for what is kept anyway is used as well. */
	int matches = visit_matches_pattern(v, trail, name, type);

	*out = matcher_classify(&v->config->rules, name, type);
	if (v->parts && trail[0] == '\0' && debris_find_part(v->parts, name, type)) {
		*out = (struct match){ VERDICT_REMOVE_IF_MARKED, NULL };
	}
	if (out->verdict == VERDICT_KEEP) {
		return 0;
	}
	if (matches > 0) {
		*out = ignored;
	} else if (v->state->sources && (out->verdict == VERDICT_SKIP_BY_DEFAULT ||
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
		visit_cannot_read(v, trail, name, true, errno);
		return true;
	}
	if (match.verdict == VERDICT_SKIP) {
		skip(v, trail, name, match.reason, REPORTER_SKIPPED);
		return true;
	}
	if (match.verdict == VERDICT_SKIP_BY_DEFAULT) {
		skip(v, trail, name, match.reason, REPORTER_SKIPPED_BY_DEFAULT);
		return true;
	}
	return false;
}
