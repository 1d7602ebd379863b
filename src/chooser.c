#include "chooser.h"

#include "bytecode.h"

#include <errno.h>
#include <string.h>

bool chooser_is_needed(const struct scene_plan *plan)
{
	return plan->layout == SELECTION_IN_MIRROR || selection_is_partial(&plan->selection);
}

/** @return How bytecode lies in `trail` in the place. */
static enum selection_layout layout_of(const struct scene *scene, const char *trail)
{
	if (bytecode_is_cache((struct bytecode_part){ trail, strlen(trail) })) {
		return SELECTION_IN_CACHE;
	}
	if (scene->plan->layout == SELECTION_IN_MIRROR) {
		return SELECTION_IN_MIRROR;
	}
	return trail[0] == '\0' && scene->place->is_operand ? scene->plan->layout
							    : SELECTION_BESIDE_SOURCE;
}

enum deleter_choice chooser_choose_file(struct scene *scene, const struct deleter_entry *entry,
					const char **reason)
{
	const struct scene_plan *plan = scene->plan;
	const struct reporter_path path = scene_path(scene, entry->trail, entry->name, false);
	const struct selection_file file = {
		.dirfd = entry->dirfd,
		.name = entry->name,
		.type = entry->type,
		.layout = layout_of(scene, entry->trail),
		.sources = plan->sources,
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

/** Decides about a directory in one that goes, or that lies in a mirror. */
static enum deleter_choice choose_directory(struct scene *scene, const struct deleter_entry *entry)
{
	const struct scene_plan *plan = scene->plan;
	bool spares_empty = plan->layout == SELECTION_IN_MIRROR || plan->selection.modules;
	struct match match;

	/* The sweep has decided about the outermost one; what lies deeper is of other modules. */
	if (entry->trail[0] == '\0') {
		return spares_empty ? DELETER_GO_IF_EMPTIED : DELETER_GO;
	}
	if (plan->selection.modules) {
		return DELETER_KEEP;
	}
	if (scene_classify(scene, entry->trail, entry->name, ENTRY_DIRECTORY, &match) != 0) {
		scene_cannot_read(scene, entry->trail, entry->name, true, errno);
		return DELETER_KEEP;
	}
	if (match.verdict == VERDICT_SKIP || match.verdict == VERDICT_SKIP_BY_DEFAULT) {
		scene_skip(scene, entry->trail, entry->name, &match);
		return DELETER_KEEP;
	}
	return spares_empty ? DELETER_GO_IF_EMPTIED : DELETER_GO;
}

/** Decides about a directory that was read: what stores a repository stays. */
static enum deleter_choice choose_read(struct scene *scene, const struct deleter_entry *entry)
{
	struct listed listed;
	unsigned marks = 0;

	for (size_t at = 0; listing_next(entry->entries, &at, &listed);) {
		marks |= matcher_mark(listed.name, listed.type);
	}
	if (!matcher_marks_repository(marks)) {
		return DELETER_GO;
	}
	scene_skip(scene, entry->trail, "", &matcher_repository);
	return DELETER_KEEP;
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
	if (matcher_removes(match.verdict)) {
		return chooser_choose_file(scene, entry, reason);
	}
	if (!scene->plan->selection.modules) {
		reporter_kept(scene->report, &path, "not bytecode");
	}
	return DELETER_KEEP;
}
