#include "walk/visit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/** Decides about a bytecode file, and reports it if kept. @param reason As deleter_choose_fn's. */
static enum deleter_choice choose_bytecode(const struct visit *v, const struct deleter_entry *entry,
					   const char **reason)
{
	bool in_place = entry->trail[0] == '\0';
	bool in_cache = in_place ? v->place->is_operand && v->config->in_cache
				 : matcher_leads_to_cache(entry->trail);
	const char *place = in_cache ? MATCHER_CACHE "/" : "";
	const struct filter_file file = {
		.dirfd = entry->dirfd,
		.name = entry->name,
		.type = entry->type,
		.in_cache = in_cache,
		.sources = in_place && !in_cache ? v->state->sources : NULL,
		.below = v->place->prefix + v->state->root,
		/* The scan has listed the sources in the place. */
		.beside = strcmp(entry->trail, place) == 0 ? v->beside : NULL,
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
		visit_leave(v, entry->trail, entry->name, false, verdict.reason, REPORTER_KEPT);
	}
	return DELETER_KEEP;
}

/** Whether all of the tree that is removed goes, bytecode or not, unless a pattern matches it. */
static bool is_whole(const struct visit *v)
{
	return v->debris || !filter_is_partial(&v->config->selection);
}

/** Decides about a directory before it is read. */
static enum deleter_choice choose_directory(const struct visit *v,
					    const struct deleter_entry *entry)
{
	bool spared;

	reporter_removing(v->scan->report);
	if (entry->trail[0] == '\0') {
		return is_whole(v) && !v->debris && v->config->ignore.count == 0 ? DELETER_GO_WHOLE
										 : DELETER_GO;
	}
	/* Only the cache of the given modules; deeper caches belong to others. */
	if (v->config->selection.modules) {
		return DELETER_KEEP;
	}
	spared = is_whole(v) ? visit_spares(v, entry->trail, entry->name, ENTRY_DIRECTORY)
			     : visit_skips_directory(v, entry->trail, entry->name);
	return spared ? DELETER_KEEP : DELETER_GO;
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
	return fstat(entry->dirfd, &st) == 0 && staleness_is_being_written(&st);
}

/** Decides about a directory that is_whole(), after it was read. */
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

/** Decides about a directory of a `__pycache__` that is not whole, after it was read. */
static enum deleter_choice choose_partial(const struct visit *v, const struct deleter_entry *entry)
{
	const struct namelist *entries = entry->entries;
	struct listed listed;
	unsigned marks = 0;

	for (size_t at = 0; namelist_next(entries, &at, &listed);) {
		marks |= matcher_mark(listed.name, listed.type);
	}
	/* Neither a `__pycache__` nor a directory in one is treated as an environment. */
	if (visit_skips_read(v, entry->trail, entry->dirfd, marks, true)) {
		return DELETER_KEEP;
	}
	if (is_about_to_be_filled(v, entry)) {
		visit_leave(v, entry->trail, "", true, staleness_being_written, REPORTER_KEPT);
		return DELETER_KEEP;
	}
	return v->config->selection.modules && entries->count == 0 ? DELETER_KEEP : DELETER_GO;
}

/**
 * Decides about a directory after it was read.
 *
 * @param last Receives the mark of debris, so that what is left by an interruption or an error is
 *             still known.
 */
static enum deleter_choice choose_read(struct visit *v, const struct deleter_entry *entry,
				       const char **last)
{
	bool is_top = entry->trail[strcspn(entry->trail, "/") + 1] == '\0';

	v->work += entry->entries->count;
	if (v->debris && is_top) {
		v->unmarked = !marks_is_debris(v, entry);
		if (v->unmarked) {
			return DELETER_KEEP;
		}
		*last = v->debris->mark;
	}
	return is_whole(v) ? choose_whole(v, entry) : choose_partial(v, entry);
}

/** Decides about entries of a tree that is removed; deleter_choose_fn. */
static enum deleter_choice choose(void *context, const struct deleter_entry *entry,
				  const char **reason)
{
	struct visit *v = context;
	/* An entry that could not be looked up is treated as a file. */
	enum entry_type type = entry->type == ENTRY_UNKNOWN ? ENTRY_FILE : entry->type;

	if (entry->entries) {
		return choose_read(v, entry, reason);
	}
	if (type == ENTRY_DIRECTORY) {
		return choose_directory(v, entry);
	}
	if (visit_spares(v, entry->trail, entry->name, type)) {
		return DELETER_KEEP;
	}
	return is_whole(v) ? DELETER_GO : choose_bytecode(v, entry, reason);
}

/** Reports the outcome for an entry; deleter_notice_fn. */
static void on_event(void *context, const struct deleter_event *event)
{
	struct visit *v = context;
	struct report *report = v->scan->report;
	struct reporter_path path = visit_path(v, event->trail, event->name, event->directory);

	path.sourceless = event->reason == filter_no_source;
	path.inner = event->inner;
	path.topic = v->debris ? debris_topic_name(v->debris->topic) : NULL;
	/* untested: no other value exists */
	switch (event->outcome) {
	case DELETER_REMOVED:
		v->work++;
		reporter_removed(report, &path, event->bytes, event->reason);
		break;
	case DELETER_CANNOT_REMOVE:
		visit_fail(v, "cannot remove", path, event->dirfd, event->error);
		break;
	case DELETER_CANNOT_READ:
		visit_fail(v, "cannot read", path, event->dirfd, event->error);
		break;
	case DELETER_OTHER_FILE_SYSTEM:
		reporter_left(report, &path, visit_another_file_system, REPORTER_SKIPPED);
		break;
	case DELETER_HELD_OPEN:
		reporter_left(report, &path,
			      v->config->policy.dry_run ? "a process may hold it open"
							: "a process holds it open",
			      REPORTER_KEPT);
		break;
	}
}

bool removal_remove(struct visit *v, const char *name, enum entry_type type)
{
	const struct deleter_callbacks callbacks = { on_event, choose, v };
	const struct deleter_entry entry = {
		.dirfd = v->place->fd, .trail = "", .name = name, .type = type
	};
	const char *reason = NULL;

	if (visit_stops(v)) {
		return false;
	}
	v->debris = NULL;
	if (type == ENTRY_DIRECTORY) {
		return deleter_remove_tree(&v->scan->deleter, v->place->fd, name, &callbacks);
	}
	return choose_bytecode(v, &entry, &reason) == DELETER_GO &&
	       deleter_remove_file(&v->scan->deleter, v->place->fd, name, reason, &callbacks);
}

bool removal_remove_debris(struct visit *v)
{
	const struct deleter_callbacks callbacks = { on_event, choose, v };

	v->unmarked = false;
	if (v->debris->type == ENTRY_DIRECTORY) {
		return deleter_remove_tree(&v->scan->deleter, v->place->fd, v->debris_name,
					   &callbacks);
	}
	v->unmarked = !marks_has_mark(v, v->place->fd, "");
	return !v->unmarked && deleter_remove_file(&v->scan->deleter, v->place->fd, v->debris_name,
						   NULL, &callbacks);
}
