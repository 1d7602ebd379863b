#include "chooser.h"

#include "environment.h"

#include <errno.h>
#include <string.h>

/** @return How bytecode lies in `trail` in the place. */
static enum selection_layout layout_of(const struct scene *scene, const char *trail)
{
	bool in_place = trail[0] == '\0' && scene->place->is_operand;

	if (matcher_leads_to_cache(trail) || (in_place && scene->plan->in_cache)) {
		return SELECTION_IN_CACHE;
	}
	return scene->sources ? SELECTION_IN_PREFIX_TREE : SELECTION_BESIDE_SOURCE;
}

enum deleter_choice chooser_choose_file(struct scene *scene, const struct deleter_entry *entry,
					struct sources *beside, const char **reason)
{
	const struct scene_plan *plan = scene->plan;
	const struct reporter_path path = scene_path(scene, entry->trail, entry->name, false);
	const struct selection_file file = {
		.dirfd = entry->dirfd,
		.name = entry->name,
		.type = entry->type,
		.layout = layout_of(scene, entry->trail),
		.beside = beside,
		.sources = scene->sources,
		.below = entry->trail,
	};
	struct selection_verdict verdict;

	selection_judge(&plan->selection, &file, &verdict);
	*reason = verdict.reason;
	/* untested: anything else, which there is not */
	switch (verdict.outcome) {
	case SELECTION_FAILED:
		reporter_error(scene->report, verdict.reason, &path, verdict.error);
		return DELETER_KEEP;
	case SELECTION_STAYS:
		if (verdict.reason) {
			reporter_kept(scene->report, &path, verdict.reason);
		}
		return DELETER_KEEP;
	case SELECTION_GOES:
		break;
	}
	return DELETER_GO;
}

/** Whether a directory below the place is skipped, which is reported then. */
static bool skips_directory(struct scene *scene, const struct deleter_entry *entry)
{
	struct match match;

	if (scene_classify(scene, entry->trail, entry->name, ENTRY_DIRECTORY, &match) != 0) {
		scene_cannot_read(scene, entry->trail, entry->name, true, errno);
		return true;
	}
	if (match.verdict == VERDICT_SKIP || match.verdict == VERDICT_SKIP_BY_DEFAULT) {
		scene_skip(scene, entry->trail, entry->name, &match);
		return true;
	}
	return false;
}

/** Decides about a directory before it is read: a `__pycache__`, what is in one, or in a prefix tree. */
static enum deleter_choice choose_directory(struct scene *scene, const struct deleter_entry *entry)
{
	const struct selection_rules *rules = &scene->plan->selection;
	bool in_place = entry->trail[0] == '\0';

	/* The cache of modules that were given; what lies deeper is of others. */
	if (rules->modules) {
		return in_place ? DELETER_GO_IF_EMPTIED : DELETER_KEEP;
	}
	/* The sweep has classified the entries of the place. */
	if (!in_place && skips_directory(scene, entry)) {
		return DELETER_KEEP;
	}
	if (matcher_leads_to_cache(entry->name)) {
		return selection_is_partial(rules) ? DELETER_GO : DELETER_GO_WHOLE;
	}
	return scene->sources ? DELETER_GO_IF_EMPTIED : DELETER_GO;
}

/** Whether a directory that was read is an environment that is skipped; a `__pycache__` is none. */
static bool skips_environment(const struct scene *scene, const struct deleter_entry *entry,
			      unsigned marks)
{
	return scene->sources && !scene->plan->rules.all && !matcher_leads_to_cache(entry->trail) &&
	       environment_is(marks, entry->dirfd);
}

/** Decides about a directory that was read: repositories and environments are skipped. */
static enum deleter_choice choose_read(struct scene *scene, const struct deleter_entry *entry)
{
	const struct reporter_path path = scene_path(scene, entry->trail, "", true);
	struct listed listed;
	unsigned marks = 0;

	for (size_t at = 0; listing_next(entry->entries, &at, &listed);) {
		marks |= matcher_mark(listed.name, listed.type);
	}
	if (matcher_marks_repository(marks)) {
		scene_skip(scene, entry->trail, "", &matcher_repository);
		return DELETER_KEEP;
	}
	if (skips_environment(scene, entry, marks)) {
		reporter_skipped(scene->report, &path, "virtual environment",
				 REPORTER_SKIP_ENVIRONMENT);
		return DELETER_KEEP;
	}
	return DELETER_GO;
}

enum deleter_choice chooser_choose(void *context, const struct deleter_entry *entry,
				   const char **reason)
{
	struct scene *scene = context;
	const struct reporter_path path = scene_path(scene, entry->trail, entry->name, false);
	/* One that could not be asked about is no directory, as far as anybody knows. */
	enum entry_type type = entry->type == ENTRY_UNKNOWN ? ENTRY_FILE : entry->type;
	struct match match;

	if (entry->entries) {
		return choose_read(scene, entry);
	}
	if (type == ENTRY_DIRECTORY) {
		return choose_directory(scene, entry);
	}
	match = matcher_classify(&scene->plan->rules, entry->name, entry->name, type);
	if (match.verdict == VERDICT_REMOVE) {
		return chooser_choose_file(scene, entry, NULL, reason);
	}
	/* Outside a `__pycache__`, only a prefix tree's files come here; these go unmentioned. */
	if (!scene->plan->selection.modules &&
	    (!scene->sources || matcher_leads_to_cache(entry->trail))) {
		reporter_kept(scene->report, &path, "not bytecode");
	}
	return DELETER_KEEP;
}
