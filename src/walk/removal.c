#include "walk/visit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/** The removal of an entry of the place. */
struct removal {
	struct visit *visit;
	/** The row is NULL if bytecode is removed. */
	struct candidate candidate;
	/** The candidate turned out to be no debris. */
	bool is_unmarked;
};

/** Decides about a bytecode file, and reports it if kept. @param reason As deleter_choose_fn's. */
static enum deleter_choice choose_bytecode(const struct visit *v, const struct deleter_entry *entry,
					   const char **reason)
{
	bool in_place = entry->trail[0] == '\0';
	bool in_cache = in_place ? v->place->is_operand && v->config->in_cache
				 : matcher_leads_to_cache(entry->trail);
	const struct filter_file file = {
		.dirfd = entry->dirfd,
		.name = entry->name,
		.type = entry->type,
		.in_cache = in_cache,
		.source_root = in_place && !in_cache ? v->state->source_root : NULL,
		.below = v->place->prefix + v->state->root_length,
		/* If its source is in the place, the scan has listed it. */
		.sources = strcmp(entry->trail, in_cache ? MATCHER_CACHE "/" : "") == 0 ? v->sources
											: NULL,
	};
	const struct filter_verdict verdict = filter_judge(&v->config->selection, &file);

	*reason = verdict.reason;
	if (verdict.goes) {
		return DELETER_REMOVE;
	}
	if (verdict.error != 0) {
		const struct reporter_path path = visit_path(v, entry->trail, entry->name, false);

		reporter_error(v->scan->report, verdict.reason, &path, verdict.error);
	} else if (verdict.reason) {
		visit_leave(v, entry->trail, entry->name, false, verdict.reason, REPORTER_KEPT);
	}
	return DELETER_KEEP;
}

/** Whether all of a tree is removed, bytecode or not, unless a pattern of --ignore matches it. */
static bool is_whole(const struct removal *r)
{
	return r->candidate.row || !filter_is_partial(&r->visit->config->selection);
}

/** Decides about a directory before it is read. */
static enum deleter_choice choose_directory(const struct removal *r,
					    const struct deleter_entry *entry)
{
	const struct visit *v = r->visit;
	bool spared;

	reporter_removing(v->scan->report);
	if (entry->trail[0] == '\0') {
		/* Debris is recognised by its entries, and a pattern may match one. */
		return r->candidate.row || v->config->ignore.count > 0 || !is_whole(r)
			       ? DELETER_REMOVE
			       : DELETER_REMOVE_ALL;
	}
	/* Only the cache of the given modules; deeper caches belong to others. */
	if (v->config->selection.modules) {
		return DELETER_KEEP;
	}
	spared = is_whole(r) ? visit_spares(v, entry->trail, entry->name, ENTRY_DIRECTORY)
			     : visit_skips_directory(v, entry->trail, entry->name);
	return spared ? DELETER_KEEP : DELETER_REMOVE;
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
			return DELETER_REMOVE;
		}
	}
	return DELETER_REMOVE_ALL;
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
	return v->config->selection.modules && entries->count == 0 ? DELETER_KEEP : DELETER_REMOVE;
}

/**
 * Decides about a directory after it was read.
 *
 * @param last Receives the mark of debris, so that what is left by an interruption or an error is
 *             still known.
 */
static enum deleter_choice choose_read(struct removal *r, const struct deleter_entry *entry,
				       const char **last)
{
	const struct candidate *c = &r->candidate;
	bool is_top = entry->trail[strcspn(entry->trail, "/") + 1] == '\0';

	r->visit->work += entry->entries->count;
	if (c->row && is_top) {
		r->is_unmarked = !marks_is_debris(r->visit, c, entry);
		if (r->is_unmarked) {
			return DELETER_KEEP;
		}
		*last = c->row->mark;
	}
	return is_whole(r) ? choose_whole(r->visit, entry) : choose_partial(r->visit, entry);
}

/** Decides about a file; an entry that could not be looked up is treated as one. */
static enum deleter_choice choose_file(struct removal *r, const struct deleter_entry *entry,
				       const char **reason)
{
	struct visit *v = r->visit;
	bool in_place = entry->trail[0] == '\0';

	if (in_place && r->candidate.row) {
		r->is_unmarked = !marks_has_mark(v, &r->candidate, entry->dirfd, "");
		return r->is_unmarked ? DELETER_KEEP : DELETER_REMOVE;
	}
	/* The scan has spared what is in the place. */
	if (!in_place && visit_spares(v, entry->trail, entry->name, entry->type)) {
		return DELETER_KEEP;
	}
	return is_whole(r) && !in_place ? DELETER_REMOVE : choose_bytecode(v, entry, reason);
}

/** Decides about the entry of the place and what is in it; deleter_choose_fn. */
static enum deleter_choice choose(void *context, const struct deleter_entry *entry,
				  const char **reason)
{
	if (entry->entries) {
		return choose_read(context, entry, reason);
	}
	return entry->type == ENTRY_DIRECTORY ? choose_directory(context, entry)
					      : choose_file(context, entry, reason);
}

/** Reports the outcome for an entry; deleter_callbacks' notice. */
static void on_event(void *context, const struct deleter_event *event)
{
	const struct removal *r = context;
	struct visit *v = r->visit;
	struct report *report = v->scan->report;
	struct reporter_path path = visit_path(v, event->trail, event->name, event->directory);

	path.sourceless = event->reason == filter_no_source;
	path.inner = event->inner;
	path.topic = r->candidate.row ? debris_topic_name(r->candidate.row->topic) : NULL;
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

unsigned removal_remove(struct visit *v, const char *name, enum entry_type type,
			const struct debris *row)
{
	struct removal r = { .visit = v, .candidate = { row, name } };
	const struct deleter_callbacks callbacks = { on_event, choose, &r };
	bool is_gone = !visit_stops(v) &&
		       deleter_remove(&v->scan->deleter, v->place->fd, name, type, &callbacks);

	if (r.is_unmarked) {
		return 0;
	}
	return is_gone ? SCAN_REMOVED : SCAN_KEPT;
}
