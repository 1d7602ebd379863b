#include "walk/removal.h"

#include "pyc.h"
#include "walk/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/** @return The layout of bytecode in `trail` in the place. */
static enum filter_layout layout_of(const struct visit *v, const char *trail, const char *sources)
{
	bool in_operand = trail[0] == '\0' && v->place.is_operand;

	if (matcher_leads_to_cache(trail) || (in_operand && v->config->in_cache)) {
		return FILTER_IN_CACHE;
	}
	return sources ? FILTER_IN_PREFIX_TREE : FILTER_BESIDE_SOURCE;
}

/** Decides about a bytecode file, and reports it if kept. @param reason As deleter_choose_fn's. */
static enum deleter_choice choose_bytecode(const struct visit *v, const struct deleter_entry *entry,
					   const char **reason)
{
	const char *below;
	const char *sources = visit_sources(v, entry->trail, &below);
	enum filter_layout layout = layout_of(v, entry->trail, sources);
	const char *place = layout == FILTER_IN_CACHE ? MATCHER_CACHE "/" : "";
	const struct filter_file file = {
		.dirfd = entry->dirfd,
		.name = entry->name,
		.type = entry->type,
		.layout = layout,
		/* The scan has listed the sources in the place. */
		.beside = strcmp(entry->trail, place) == 0 ? v->beside : NULL,
		.sources = sources,
		.below = below,
	};
	const struct filter_verdict verdict = filter_judge(&v->config->selection, &file);

	*reason = verdict.reason;
	if (verdict.goes) {
		return DELETER_GO;
	}
	if (verdict.error != 0) {
		const struct reporter_path path = visit_path(v, entry->trail, entry->name, false);

		reporter_error(v->scan->report, verdict.reason, &path, verdict.error);
	} else if (verdict.reason) {
		visit_keep(v, entry->trail, entry->name, false, verdict.reason);
	}
	return DELETER_KEEP;
}

/** Whether `trail` in the place leads into debris that is removed. */
static bool is_in_debris(const struct visit *v, const char *trail)
{
	return v->debris && strlen(trail) >= v->debris_length;
}

/**
 * Whether everything in `trail` in the place is removed, bytecode or not, unless a pattern matches
 * it: it is in debris, or in a `__pycache__` and there are no filters.
 */
static bool goes_along(const struct visit *v, const char *trail)
{
	return is_in_debris(v, trail) ||
	       (!filter_is_partial(&v->config->selection) && matcher_leads_through_cache(trail));
}

/** Decides about a directory before it is read. */
static enum deleter_choice choose_directory(const struct visit *v,
					    const struct deleter_entry *entry)
{
	const struct filter_rules *rules = &v->config->selection;
	bool in_place = entry->trail[0] == '\0';

	/* Only the cache of the given modules; deeper caches belong to others. */
	if (rules->modules) {
		return in_place ? DELETER_GO_IF_EMPTIED : DELETER_KEEP;
	}
	if (goes_along(v, entry->trail)) {
		return visit_spares(v, entry->trail, entry->name, ENTRY_DIRECTORY) ? DELETER_KEEP
										   : DELETER_GO;
	}
	/* The scan has classified the entries of the place. */
	if (!in_place && visit_skips_directory(v, entry->trail, entry->name)) {
		return DELETER_KEEP;
	}
	if (matcher_leads_to_cache(entry->name)) {
		return filter_is_partial(rules) || v->config->ignore.count > 0 ? DELETER_GO
									       : DELETER_GO_WHOLE;
	}
	/* A part that has no mark may be empty. */
	if (matcher_leads_through_cache(entry->trail) ||
	    (v->debris && !v->debris->mark && !v->debris->parts)) {
		return DELETER_GO;
	}
	return DELETER_GO_IF_EMPTIED;
}

/** Whether a `__pycache__` is empty and so new that a Python may be about to write into it. */
static bool is_about_to_be_filled(const struct visit *v, const struct deleter_entry *entry)
{
	struct stat st;

	if (!v->config->selection.stale || !matcher_leads_to_cache(entry->trail) ||
	    entry->entries->count > 0) {
		return false;
	}
	/* untested: fstat fails */
	return fstat(entry->dirfd, &st) == 0 && filter_is_being_written(&st);
}

/** Decides about a directory that goes_along(), or in which all does, after it was read. */
static enum deleter_choice choose_whole(const struct visit *v, const struct deleter_entry *entry)
{
	bool has_patterns = v->config->ignore.count > 0;
	struct listed listed;

	for (size_t at = 0; has_patterns && namelist_next(entry->entries, &at, &listed);) {
		if (listed.type == ENTRY_DIRECTORY ||
		    visit_matches_pattern(v, entry->trail, listed.name, listed.type) != 0) {
			return DELETER_GO;
		}
	}
	return DELETER_GO_WHOLE;
}

/** Whether an ordinary directory is kept, even if it is left empty: also a mount point. */
static bool is_kept(const struct scan_config *config, int fd)
{
	const struct platform_identity directory = platform_identify(fd, NULL, 0);

	for (size_t i = 0; i < config->kept_count; i++) {
		if (platform_is_same(config->kept[i], directory)) {
			return true;
		}
	}
	return platform_is_same(config->prefix, directory) ||
	       platform_identify(fd, "..", 0).dev != directory.dev;
}

/** Begins an ordinary directory in a tree that is removed. */
static enum deleter_choice enter_directory(struct visit *v, const struct deleter_entry *entry)
{
	const char *below;
	bool prunes = v->config->prune || visit_sources(v, entry->trail, &below);

	reporter_flush(v->scan->report);
	reporter_at(v->scan->report, v->place.prefix, entry->trail);
	if (platform_is_same(platform_identify(entry->dirfd, NULL, 0), v->config->prefix)) {
		v->root_length = strlen(entry->trail);
	}
	return prunes && !is_kept(v->config, entry->dirfd) ? DELETER_GO : DELETER_GO_INSIDE;
}

/**
 * Decides about a directory that may be debris, after it was read.
 *
 * @param last Receives its mark, so that what is left by an interruption or an error is still known.
 */
static enum deleter_choice choose_debris(struct visit *v, const struct deleter_entry *entry,
					 const char **last)
{
	if (!marks_is_debris(v, entry)) {
		return DELETER_KEEP;
	}
	if (!v->debris->parts) {
		*last = v->debris->mark;
		return choose_whole(v, entry);
	}
	v->parts = v->debris->parts;
	v->parts_length = v->debris_length;
	v->debris = NULL;
	return DELETER_GO;
}

/** Whether an entry is that of the place. */
static bool is_of_place(const struct deleter_entry *entry)
{
	const char *slash = strchr(entry->trail, '/');

	return !slash || (entry->entries && slash[1] == '\0');
}

/** Decides about a directory after it was read. @param last As deleter_choose_fn's reason. */
static enum deleter_choice choose_read(struct visit *v, const struct deleter_entry *entry,
				       const char **last)
{
	/* Neither a `__pycache__` nor a directory in one is treated as an environment. */
	bool in_cache = matcher_leads_through_cache(entry->trail);
	struct listed listed;
	unsigned marks = 0;

	v->work += entry->entries->count;
	if (v->debris && strlen(entry->trail) == v->debris_length) {
		enum deleter_choice choice = choose_debris(v, entry, last);

		if (choice != DELETER_KEEP || is_of_place(entry)) {
			v->unmarked = choice == DELETER_KEEP;
			return choice;
		}
		/* It is an ordinary directory then. */
		v->debris = NULL;
		if (entry->entries->count == 0) {
			return DELETER_KEEP;
		}
	}
	if (goes_along(v, entry->trail)) {
		return choose_whole(v, entry);
	}
	for (size_t at = 0; namelist_next(entry->entries, &at, &listed);) {
		marks |= matcher_mark(listed.name, listed.type);
	}
	if (visit_skips_read(v, entry->trail, entry->dirfd, marks, in_cache)) {
		return DELETER_KEEP;
	}
	if (!in_cache) {
		return enter_directory(v, entry);
	}
	if (is_about_to_be_filled(v, entry)) {
		visit_keep(v, entry->trail, "", true, filter_being_written);
		return DELETER_KEEP;
	}
	return DELETER_GO;
}

/** Decides about a file in an ordinary directory, as the scan does in the place. */
static enum deleter_choice choose_file(struct visit *v, const struct deleter_entry *entry,
				       enum entry_type type, const char **reason)
{
	struct match match;
	struct stat st;
	bool known = entry->type != ENTRY_UNKNOWN || /* untested: it can be looked up after all */
		     fstatat(entry->dirfd, entry->name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (!known || visit_classify(v, entry->trail, entry->name, type, &match) != 0) {
		visit_cannot_read(v, entry->trail, entry->name, false, errno);
		return DELETER_KEEP;
	}
	if (match.verdict == VERDICT_REMOVE) {
		return choose_bytecode(v, entry, reason);
	}
	if ((v->debris || match.verdict == VERDICT_SKIP) &&
	    visit_spares(v, entry->trail, entry->name, type)) {
		return DELETER_KEEP;
	}
	return v->debris && marks_has_mark(v, entry->dirfd, entry->trail, entry->name)
		       ? DELETER_GO
		       : DELETER_KEEP;
}

/** Decides about a file in a `__pycache__` that does not go_along(). */
static enum deleter_choice choose_in_cache(const struct visit *v, const struct deleter_entry *entry,
					   enum entry_type type, const char **reason)
{
	const struct match match = matcher_classify(&v->config->rules, entry->name, type);

	if (match.verdict == VERDICT_REMOVE ||
	    (v->config->selection.stale && type == ENTRY_FILE && pyc_is_numba(entry->name))) {
		return choose_bytecode(v, entry, reason);
	}
	if (!v->config->selection.modules) {
		visit_keep(v, entry->trail, entry->name, false, "not bytecode");
	}
	return DELETER_KEEP;
}

/** Decides about entries of a tree that is removed; deleter_choose_fn. */
static enum deleter_choice choose(void *context, const struct deleter_entry *entry,
				  const char **reason)
{
	struct visit *v = context;
	/* An entry that could not be looked up is treated as a file. */
	enum entry_type type = entry->type == ENTRY_UNKNOWN ? ENTRY_FILE : entry->type;

	if (strlen(entry->trail) < v->root_length) {
		v->root_length = 0;
	}
	if (entry->entries) {
		return choose_read(v, entry, reason);
	}
	/* The caller knows about the entry of the place. */
	if (!is_of_place(entry) && !is_in_debris(v, entry->trail)) {
		marks_find_row(v, entry);
	}
	if (type == ENTRY_DIRECTORY) {
		return choose_directory(v, entry);
	}
	if (!goes_along(v, entry->trail) && !matcher_leads_through_cache(entry->trail)) {
		return choose_file(v, entry, type, reason);
	}
	if (visit_spares(v, entry->trail, entry->name, type)) {
		return DELETER_KEEP;
	}
	return goes_along(v, entry->trail) ? DELETER_GO : choose_in_cache(v, entry, type, reason);
}

/** Reports the outcome for an entry; deleter_notice_fn. */
static void on_event(void *context, const struct deleter_event *event)
{
	struct visit *v = context;
	struct report *report = v->scan->report;
	struct reporter_path path = visit_path(v, event->trail, event->name, event->directory);
	size_t length = strlen(event->trail) + strlen(event->name) + 1;

	path.crosses =
		event->error != 0 && visit_crosses(v, event->dirfd, event->name, event->directory);
	path.sourceless = event->reason == filter_no_source;
	path.inner = event->inner;
	if (v->debris && length >= v->debris_length) {
		path.topic = debris_topic_name(v->debris);
	} else if (v->parts && event->directory && length == v->parts_length) {
		path.topic = debris_topic_name(v->parts);
	}
	/* untested: no other value exists */
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
		visit_skip_file_system(v, event->trail, event->name);
		break;
	case DELETER_HELD_OPEN:
		reporter_kept(report, &path,
			      v->config->policy.dry_run ? "a process may hold it open"
							: "a process holds it open");
		break;
	}
}

void removal_remove(struct visit *v, const char *name, enum entry_type type)
{
	const struct deleter_entry entry = {
		.dirfd = v->place.fd, .trail = "", .name = name, .type = type
	};
	const struct deleter_callbacks callbacks = { on_event, choose, v };
	const char *reason = NULL;

	if (visit_stops(v)) {
		return;
	}
	v->debris = v->parts = NULL;
	if (type == ENTRY_DIRECTORY) {
		deleter_remove_tree(&v->scan->deleter, v->place.fd, name, &callbacks);
	} else if (choose_bytecode(v, &entry, &reason) == DELETER_GO) {
		deleter_remove_file(&v->scan->deleter, v->place.fd, name, reason, &callbacks);
	}
}

bool removal_remove_debris(struct visit *v, const char *name, enum entry_type type)
{
	const struct deleter_callbacks callbacks = { on_event, choose, v };

	v->debris = debris_find(v->config->rules.debris, name, type);
	v->debris_length = strlen(name) + 1;
	v->parts = NULL;
	v->unmarked = false;
	if (type == ENTRY_DIRECTORY) {
		deleter_remove_tree(&v->scan->deleter, v->place.fd, name, &callbacks);
	} else if (marks_has_mark(v, v->place.fd, "", name)) {
		deleter_remove_file(&v->scan->deleter, v->place.fd, name, NULL, &callbacks);
	} else {
		v->unmarked = true;
	}
	return v->unmarked;
}
