#include "walk/visit.h"

#include "interpreter.h"
#include "pyc.h"
#include "walk/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/** Whether a directory is the root of the cache-prefix tree. */
static bool is_prefix(const struct scan_config *config, int fd)
{
	struct stat st;

	/* untested: a descriptor that cannot be asked */
	if (!config->has_prefix || fstat(fd, &st) != 0) {
		return false;
	}
	/* untested: the same number on another file system */
	return st.st_ino == config->prefix_ino && st.st_dev == config->prefix_dev;
}

struct visit visit_begin(struct scan *scan, const struct scan_place *place)
{
	struct visit v = { .scan = scan, .config = place->config, .place = *place };

	/* What lies deeper in the tree is not scanned: the deleter enters it. */
	if (place->is_operand) {
		v.sources = v.config->sources;
	} else if (is_prefix(v.config, place->fd)) {
		v.sources = "/";
	}
	return v;
}

bool visit_stops(const struct visit *v)
{
	return deleter_policy_stops(&v->config->policy);
}

/* ---- Reports -------------------------------------------------------------------------------- */

/**
 * Whether a directory lies on another file system than the operand; false where it cannot be asked.
 *
 * @param dirfd What holds the directory, or -1.
 * @param name  The directory in it, or "" for itself.
 */
static bool is_elsewhere(const struct visit *v, int dirfd, const char *name)
{
	const char *directory = name[0] == '\0' ? "." : name;
	struct stat top;
	struct stat st;

	/* untested: a descriptor that cannot be asked */
	return fstatat(dirfd, directory, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(v->place.top, &top) == 0 && st.st_dev != top.st_dev;
}

/** Whether --one-file-system would have left out a directory, or the one that holds a file. */
static bool crosses(const struct visit *v, int dirfd, const char *name, bool directory)
{
	return !v->config->policy.one_file_system && is_elsewhere(v, dirfd, directory ? name : "");
}

/** @return How an entry is shown; refers to the place and to the arguments. */
static struct reporter_path path_of(const struct visit *v, const char *trail, const char *name,
				    bool directory)
{
	struct pyc_part tag = { 0 };

	if (v->config->tags && !directory) {
		tag = interpreter_tag_in(name);
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

void visit_cannot_read(const struct visit *v, const char *trail, const char *name, bool directory,
		       int error)
{
	struct reporter_path path = path_of(v, trail, name, directory);

	path.crosses = crosses(v, v->place.fd, name, directory);
	reporter_error(v->scan->report, "cannot read", &path, error);
}

/** Reports that a directory is skipped. */
static void skip(const struct visit *v, const char *trail, const char *name, const char *reason,
		 enum reporter_skip kind)
{
	const struct reporter_path path = path_of(v, trail, name, true);

	reporter_skipped(v->scan->report, &path, reason, kind);
}

static void skip_file_system(const struct visit *v, const char *trail, const char *name)
{
	skip(v, trail, name, "another file system", REPORTER_SKIP);
}

bool visit_skips_file_system(const struct visit *v, const char *name)
{
	if (!v->config->policy.one_file_system || !is_elsewhere(v, v->place.fd, name)) {
		return false;
	}
	skip_file_system(v, "", name);
	return true;
}

bool visit_skips_read(const struct visit *v, const char *trail, int fd, unsigned marks, bool enters)
{
	if (matcher_marks_repository(marks)) {
		skip(v, trail, "", matcher_repository.reason, REPORTER_SKIP);
		return true;
	}
	if (!enters && !v->config->rules.all && environment_is(marks, fd)) {
		skip(v, trail, "", "virtual environment", REPORTER_SKIP_ENVIRONMENT);
		return true;
	}
	return false;
}

/* ---- Matching ------------------------------------------------------------------------------- */

/** @return The path below the operand of `name` in `trail` in the place, or NULL with ENOMEM. */
static const char *path_below_operand(const struct visit *v, const char *trail, const char *name)
{
	struct strbuf *path = &v->scan->path;

	strbuf_reset(path);
	strbuf_add_string(path, v->place.prefix);
	strbuf_add_string(path, trail);
	strbuf_add_string(path, name);
	if (path->failed) {
		errno = ENOMEM;
		return NULL;
	}
	return path->text + (v->place.below < path->length ? v->place.below : path->length);
}

int visit_classify(const struct visit *v, const char *trail, const char *name, enum entry_type type,
		   struct match *out)
{
	const struct matcher_rules *rules = &v->config->rules;
	const char *path = name;

	if (type == ENTRY_DIRECTORY && rules->ignore_count > 0) {
		path = path_below_operand(v, trail, name);
		if (!path) {
			return -1;
		}
	}
	*out = matcher_classify(rules, path, name, type);
	if (v->sources && out->verdict == VERDICT_SKIP_BY_DEFAULT) {
		*out = (struct match){ VERDICT_ENTER, NULL };
	}
	return 0;
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

/** @return How bytecode lies in `trail` in the place. */
static enum filter_layout layout_of(const struct visit *v, const char *trail)
{
	bool in_operand = trail[0] == '\0' && v->place.is_operand;

	if (matcher_leads_to_cache(trail) || (in_operand && v->config->in_cache)) {
		return FILTER_IN_CACHE;
	}
	return v->sources ? FILTER_IN_PREFIX_TREE : FILTER_BESIDE_SOURCE;
}

/** Decides about a bytecode file, and reports it if it stays. @param reason As deleter_choose_fn's. */
static enum deleter_choice choose_bytecode(const struct visit *v, const struct deleter_entry *entry,
					   const char **reason)
{
	const struct reporter_path path = path_of(v, entry->trail, entry->name, false);
	const struct filter_file file = {
		.dirfd = entry->dirfd,
		.name = entry->name,
		.type = entry->type,
		.layout = layout_of(v, entry->trail),
		.beside = entry->trail[0] == '\0' ? v->beside : NULL,
		.sources = v->sources,
		.below = entry->trail,
	};
	struct filter_verdict verdict;

	filter_judge(&v->config->selection, &file, &verdict);
	*reason = verdict.reason;
	if (verdict.outcome == FILTER_GOES) {
		return DELETER_GO;
	}
	if (verdict.outcome == FILTER_FAILED) {
		reporter_error(v->scan->report, verdict.reason, &path, verdict.error);
	} else if (verdict.reason) {
		reporter_kept(v->scan->report, &path, verdict.reason);
	}
	return DELETER_KEEP;
}

/* ---- Trees ---------------------------------------------------------------------------------- */

/** Decides about a directory before it is read: a `__pycache__`, what is in one, or in a prefix tree. */
static enum deleter_choice choose_directory(const struct visit *v,
					    const struct deleter_entry *entry)
{
	const struct filter_rules *rules = &v->config->selection;
	bool in_place = entry->trail[0] == '\0';

	/* The cache of modules that were given; what lies deeper is of others. */
	if (rules->modules) {
		return in_place ? DELETER_GO_IF_EMPTIED : DELETER_KEEP;
	}
	/* The scan has classified the entries of the place. */
	if (!in_place && visit_skips_directory(v, entry->trail, entry->name)) {
		return DELETER_KEEP;
	}
	if (matcher_leads_to_cache(entry->name)) {
		return filter_is_partial(rules) ? DELETER_GO : DELETER_GO_WHOLE;
	}
	return v->sources ? DELETER_GO_IF_EMPTIED : DELETER_GO;
}

/** Whether a `__pycache__` is empty, and a Python may have made it to write into it next. */
static bool is_about_to_be_filled(const struct visit *v, const struct deleter_entry *entry)
{
	struct listed first;
	size_t at = 0;
	struct stat st;

	if (!v->config->selection.stale || !matcher_leads_to_cache(entry->trail) ||
	    namelist_next(entry->entries, &at, &first)) {
		return false;
	}
	/* untested: a descriptor that cannot be asked */
	return fstat(entry->dirfd, &st) == 0 && filter_is_being_written(&st);
}

/** Decides about a directory that was read. */
static enum deleter_choice choose_read(const struct visit *v, const struct deleter_entry *entry)
{
	/* A `__pycache__` is no environment, nor is what lies in one. */
	bool enters = !v->sources || matcher_leads_to_cache(entry->trail);
	struct listed listed;
	unsigned marks = 0;

	for (size_t at = 0; namelist_next(entry->entries, &at, &listed);) {
		marks |= matcher_mark(listed.name, listed.type);
	}
	if (visit_skips_read(v, entry->trail, entry->dirfd, marks, enters)) {
		return DELETER_KEEP;
	}
	if (is_about_to_be_filled(v, entry)) {
		const struct reporter_path path = path_of(v, entry->trail, "", true);

		reporter_kept(v->scan->report, &path, filter_being_written);
		return DELETER_KEEP;
	}
	return DELETER_GO;
}

/** Decides about what is in a tree that goes; deleter_choose_fn. */
static enum deleter_choice choose(void *context, const struct deleter_entry *entry,
				  const char **reason)
{
	const struct visit *v = context;
	const struct reporter_path path = path_of(v, entry->trail, entry->name, false);
	/* One that could not be asked about is no directory, as far as anybody knows. */
	enum entry_type type = entry->type == ENTRY_UNKNOWN ? ENTRY_FILE : entry->type;
	struct match match;

	if (entry->entries) {
		return choose_read(v, entry);
	}
	if (type == ENTRY_DIRECTORY) {
		return choose_directory(v, entry);
	}
	match = matcher_classify(&v->config->rules, entry->name, entry->name, type);
	if (match.verdict == VERDICT_REMOVE ||
	    (v->config->selection.stale && type == ENTRY_FILE && pyc_is_numba(entry->name))) {
		return choose_bytecode(v, entry, reason);
	}
	/* Outside a `__pycache__`, only a prefix tree's files come here; these go unmentioned. */
	if (!v->config->selection.modules &&
	    (!v->sources || matcher_leads_to_cache(entry->trail))) {
		reporter_kept(v->scan->report, &path, "not bytecode");
	}
	return DELETER_KEEP;
}

/** Reports what became of an entry; deleter_notice_fn. */
static void on_event(void *context, const struct deleter_event *event)
{
	struct visit *v = context;
	struct report *report = v->scan->report;
	struct reporter_path path = path_of(v, event->trail, event->name, event->directory);

	path.crosses = event->error != 0 && crosses(v, event->dirfd, event->name, event->directory);
	path.sourceless = event->reason == filter_no_source;
	path.inner = event->inner;
	/* untested: anything else, which there is not */
	switch (event->outcome) {
	case DELETER_REMOVED:
		v->work++;
		reporter_removed(report, &path, event->bytes, event->reason);
		break;
	case DELETER_CANNOT_REMOVE:
		reporter_error(report, "cannot remove", &path, event->error);
		break;
	case DELETER_CANNOT_READ:
		reporter_error(report, "cannot read", &path, event->error);
		break;
	case DELETER_OTHER_FILE_SYSTEM:
		skip_file_system(v, event->trail, event->name);
		break;
	case DELETER_HELD_OPEN:
		reporter_kept(report, &path,
			      v->config->policy.dry_run ? "a process may hold it open"
							: "a process holds it open");
		break;
	}
}

void visit_remove(struct visit *v, const char *name, enum entry_type type)
{
	const struct deleter_entry entry = { v->place.fd, "", name, type, NULL };
	const struct deleter_callbacks callbacks = { on_event, choose, v };
	const char *reason = NULL;

	if (visit_stops(v)) {
		return;
	}
	if (type == ENTRY_DIRECTORY) {
		deleter_remove_tree(&v->scan->deleter, v->place.fd, name, &callbacks);
	} else if (choose_bytecode(v, &entry, &reason) == DELETER_GO) {
		deleter_remove_file(&v->scan->deleter, v->place.fd, name, reason, &callbacks);
	}
}
