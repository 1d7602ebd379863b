#include "sweeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** Whether of a directory that goes only what is chosen does. */
static bool is_choosy(const struct sweeper *sweeper)
{
	return sweeper->plan->layout == SELECTION_IN_MIRROR ||
	       selection_is_partial(&sweeper->plan->selection);
}

/** @return How `name` in `trail` in the place is shown. */
static struct reporter_path path_of(const struct sweeper *sweeper, const char *trail,
				    const char *name, bool directory)
{
	return (struct reporter_path){
		.prefix = sweeper->place->prefix,
		.trail = trail,
		.name = name,
		.directory = directory,
	};
}

static void report_unreadable(struct sweeper *sweeper, const char *trail, const char *name,
			      bool directory, int error)
{
	const struct reporter_path path = path_of(sweeper, trail, name, directory);

	reporter_error(&sweeper->report, "read", &path, error);
}

static void report_skipped(struct sweeper *sweeper, const char *trail, const char *name,
			   const char *reason)
{
	const struct reporter_path path = path_of(sweeper, trail, name, true);

	reporter_skipped(&sweeper->report, &path, reason);
}

/** @return The path below the operand of `name` in `trail` in the place, or NULL with ENOMEM. */
static char *path_below_operand(struct sweeper *sweeper, const char *trail, const char *name)
{
	const struct sweeper_place *place = sweeper->place;
	size_t length = strlen(place->prefix) + strlen(trail) + strlen(name);

	if (length >= sweeper->path_size) {
		char *path = realloc(sweeper->path, 2 * (length + 1));

		if (!path) {
			return NULL;
		}
		sweeper->path = path;
		sweeper->path_size = 2 * (length + 1);
	}
	stpcpy(stpcpy(stpcpy(sweeper->path, place->prefix), trail), name);
	return sweeper->path + (place->below < length ? place->below : length);
}

/**
 * @return The path below the operand of an entry, or of the place itself (""), as the operands know
 *         it; NULL where they need not be told.
 */
static const char *path_for_operands(struct sweeper *sweeper, const char *trail, const char *name)
{
	/* Out of memory: then an operand within another one gets a turn of its own. */
	char *path = operands_nest(sweeper->plan->operands)
			     ? path_below_operand(sweeper, trail, name)
			     : NULL;
	size_t length = path ? strlen(path) : 0;

	if (length > 0 && path[length - 1] == '/') {
		path[length - 1] = '\0';
	}
	return path;
}

/** Tells the operands that an entry, or the directory itself (""), has had its turn. */
static void cover(struct sweeper *sweeper, const char *name, enum operands_extent extent)
{
	const char *path = path_for_operands(sweeper, "", name);

	if (path) {
		operands_cover(sweeper->plan->operands, sweeper->place->operand, path, extent);
	}
}

/** Tells the operands that a directory is left which was covered with the one that holds it. */
static void uncover(struct sweeper *sweeper, const char *trail, const char *name)
{
	const char *path = path_for_operands(sweeper, trail, name);

	if (path) {
		operands_uncover(sweeper->plan->operands, sweeper->place->operand, path);
	}
}

/** Passes on what became of an entry. */
static void on_event(void *context, const struct deleter_event *event)
{
	struct sweeper *sweeper = context;
	struct reporter_path path = path_of(sweeper, event->trail, event->name, event->directory);

	path.inner = event->trail[0] != '\0' && !is_choosy(sweeper);
	/* untested: anything else, which there is not */
	switch (event->outcome) {
	case DELETER_REMOVED:
		/* Of a tree the last one is its top. */
		sweeper->gone = event->trail[0] == '\0';
		reporter_removed(&sweeper->report, &path, event->bytes, event->reason);
		break;
	case DELETER_CANNOT_REMOVE:
		reporter_error(&sweeper->report, "remove", &path, event->error);
		break;
	case DELETER_CANNOT_READ:
		reporter_error(&sweeper->report, "read", &path, event->error);
		break;
	case DELETER_OTHER_FILE_SYSTEM:
		reporter_skipped(&sweeper->report, &path, "another file system");
		uncover(sweeper, event->trail, event->name);
		break;
	}
}

int sweeper_init(struct sweeper *sweeper, const struct sweeper_plan *plan)
{
	*sweeper = (struct sweeper){ .plan = plan };
	deleter_init(&sweeper->deleter, &plan->policy, on_event, sweeper);
	return reporter_open(plan->reporter, &sweeper->report);
}

void sweeper_close(struct sweeper *sweeper)
{
	reporter_close(&sweeper->report);
	deleter_free(&sweeper->deleter);
	listing_free(&sweeper->found);
	free(sweeper->path);
}

/** Reports the place as skipped; one that is an operand as well is not skipped in the end. */
static void skip_environment(struct sweeper *sweeper, const char *reason)
{
	const struct reporter_path shown = path_of(sweeper, "", "", true);
	const char *path = path_for_operands(sweeper, "", "");

	if (path && operands_include(sweeper->plan->operands, sweeper->place->operand, path)) {
		reporter_skipped(&sweeper->report, &shown, reason);
	} else {
		reporter_skipped_environment(&sweeper->report, &shown, reason);
	}
}

/** Asks the matcher about `name` in `trail` in the place. @return 0, or -1 with ENOMEM. */
static int classify(struct sweeper *sweeper, const char *trail, const char *name,
		    enum entry_type type, struct match *out)
{
	struct matcher_rules rules = sweeper->plan->rules;
	const char *path = name;

	rules.unmarked = sweeper->place->is_operand;
	if (type == ENTRY_DIRECTORY && rules.ignore_count > 0) {
		path = path_below_operand(sweeper, trail, name);
		if (!path) {
			return -1;
		}
	}
	*out = matcher_classify(&rules, path, name, type);
	return 0;
}

/** Notes an entry that something has to be done about. */
static int consider(void *context, const char *name, enum entry_type type)
{
	struct sweeper *sweeper = context;
	struct match match;

	if (deleter_policy_stops(&sweeper->plan->policy)) {
		errno = EINTR;
		return -1;
	}
	if (type == ENTRY_UNKNOWN) {
		report_unreadable(sweeper, "", name, false, errno);
		return 0;
	}
	if (classify(sweeper, "", name, type, &match) != 0) {
		return -1;
	}
	if (sweeper->plan->selection.modules && !matcher_removes(match.verdict)) {
		return 0;
	}
	switch (match.verdict) {
	case VERDICT_KEEP:
		sweeper->kept++;
		return 0;
	case VERDICT_SKIP_PARENT:
		sweeper->skipped = match.reason;
		return 0;
	default:
		return listing_add(&sweeper->found, name, type, (unsigned char)match.verdict);
	}
}

/** Whether a subdirectory is to be visited, which --one-file-system may forbid. */
static bool is_to_visit(struct sweeper *sweeper, const char *name)
{
	struct stat above;
	struct stat st;

	if (!sweeper->plan->policy.one_file_system) {
		return true;
	}
	/* What cannot be asked about is visited, and fails there. */
	if (fstat(sweeper->place->fd, &above) != 0 ||
	    fstatat(sweeper->place->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    above.st_dev == st.st_dev) {
		return true;
	}
	report_skipped(sweeper, "", name, "another file system");
	return false;
}

/** Whether a trail leads into a directory that is itself a cache. */
static bool is_in_cache(const char *trail)
{
	static const char cache[] = "__pycache__/";
	size_t length = strlen(trail);
	size_t before = length - (sizeof(cache) - 1);

	return length >= sizeof(cache) - 1 && strcmp(trail + before, cache) == 0 &&
	       (before == 0 || trail[before - 1] == '/');
}

/** @return How bytecode lies in `trail` in the place. */
static enum selection_layout layout_of(const struct sweeper *sweeper, const char *trail)
{
	if (is_in_cache(trail)) {
		return SELECTION_IN_CACHE;
	}
	if (sweeper->plan->layout == SELECTION_IN_MIRROR) {
		return SELECTION_IN_MIRROR;
	}
	return trail[0] == '\0' && sweeper->place->is_operand ? sweeper->plan->layout
							      : SELECTION_BESIDE_SOURCE;
}

/**
 * Decides about an entry of the directory of modules that was an operand itself.
 *
 * @return Whether it was.
 */
static bool had_its_turn(const struct sweeper *sweeper, const struct deleter_entry *entry,
			 enum deleter_choice *choice)
{
	const struct operand *operand = NULL;

	if (sweeper->plan->selection.modules) {
		operand = operands_had(sweeper->plan->operands, sweeper->place->operand,
				       entry->trail, entry->name);
	}
	if (operand) {
		/* In a dry run what has gone is still there. */
		*choice = operand->gone ? DELETER_PASS_OVER : DELETER_KEEP;
	}
	return operand != NULL;
}

/** Decides about a bytecode file, and reports it where it stays. */
static enum deleter_choice choose_bytecode(struct sweeper *sweeper,
					   const struct deleter_entry *entry, const char **reason)
{
	const struct sweeper_plan *plan = sweeper->plan;
	const struct reporter_path path = path_of(sweeper, entry->trail, entry->name, false);
	const struct selection_file file = {
		.dirfd = entry->dirfd,
		.name = entry->name,
		.type = entry->type,
		.layout = layout_of(sweeper, entry->trail),
		.sources = plan->sources,
		.below = entry->trail,
	};
	struct selection_verdict verdict;
	enum deleter_choice choice;

	if (had_its_turn(sweeper, entry, &choice)) {
		return choice;
	}
	selection_judge(&plan->selection, &file, &verdict);
	*reason = verdict.reason;
	/* untested: anything else, which there is not */
	switch (verdict.outcome) {
	case SELECTION_FAILED:
		reporter_error(&sweeper->report, verdict.reason, &path, verdict.error);
		return DELETER_KEEP;
	case SELECTION_STAYS:
		if (verdict.reason) {
			reporter_kept(&sweeper->report, &path, verdict.reason);
		}
		return DELETER_KEEP;
	case SELECTION_GOES:
		break;
	}
	return DELETER_GO;
}

/** Decides about a directory in one that goes, or that lies in a mirror. */
static enum deleter_choice choose_directory(struct sweeper *sweeper,
					    const struct deleter_entry *entry)
{
	const struct sweeper_plan *plan = sweeper->plan;
	bool spares_empty = plan->layout == SELECTION_IN_MIRROR || plan->selection.modules;
	enum deleter_choice choice;
	struct match match;

	if (had_its_turn(sweeper, entry, &choice)) {
		return choice;
	}
	/* The sweep has decided about the outermost one; what lies deeper is of other modules. */
	if (entry->trail[0] == '\0') {
		return spares_empty ? DELETER_GO_IF_EMPTIED : DELETER_GO;
	}
	if (plan->selection.modules) {
		return DELETER_KEEP;
	}
	if (classify(sweeper, entry->trail, entry->name, ENTRY_DIRECTORY, &match) != 0) {
		report_unreadable(sweeper, entry->trail, entry->name, true, errno);
		return DELETER_KEEP;
	}
	switch (match.verdict) {
	case VERDICT_SKIP:
		report_skipped(sweeper, entry->trail, entry->name, match.reason);
		uncover(sweeper, entry->trail, entry->name);
		return DELETER_KEEP;
	case VERDICT_SKIP_PARENT:
		return DELETER_KEEP;
	default:
		return spares_empty ? DELETER_GO_IF_EMPTIED : DELETER_GO;
	}
}

/** Decides about what is in a directory that goes; deleter_choose_fn. */
static enum deleter_choice choose(void *context, const struct deleter_entry *entry,
				  const char **reason)
{
	struct sweeper *sweeper = context;
	const struct reporter_path path = path_of(sweeper, entry->trail, entry->name, false);
	/* One that could not be asked about is no directory, as far as anybody knows. */
	enum entry_type type = entry->type == ENTRY_UNKNOWN ? ENTRY_FILE : entry->type;
	struct match match;

	if (type == ENTRY_DIRECTORY) {
		return choose_directory(sweeper, entry);
	}
	match = matcher_classify(&sweeper->plan->rules, entry->name, entry->name, type);
	if (matcher_removes(match.verdict)) {
		return choose_bytecode(sweeper, entry, reason);
	}
	if (!sweeper->plan->selection.modules) {
		reporter_kept(&sweeper->report, &path, "not bytecode");
	}
	return DELETER_KEEP;
}

/** Removes what is to go of an entry of the place, which has its turn with that. */
static void remove_entry(struct sweeper *sweeper, const char *name, enum entry_type type)
{
	cover(sweeper, name, OPERANDS_WHOLE);
	sweeper_remove(sweeper, sweeper->place, name, type);
}

/** Does with one entry what the matcher has said. @return Whether it is to be visited. */
static bool act(struct sweeper *sweeper, const struct listed *entry)
{
	struct match match;

	switch ((enum verdict)entry->mark) {
	case VERDICT_REMOVE:
	case VERDICT_REMOVE_WITH_SOURCE:
		remove_entry(sweeper, entry->name, entry->type);
		return false;
	case VERDICT_ENTER:
		if (sweeper->plan->layout == SELECTION_IN_MIRROR) {
			remove_entry(sweeper, entry->name, entry->type);
			return false;
		}
		return is_to_visit(sweeper, entry->name);
	default:
		/* untested: no memory; there is enough since this was asked before */
		if (classify(sweeper, "", entry->name, entry->type, &match) == 0) {
			report_skipped(sweeper, "", entry->name, match.reason);
		}
		return false;
	}
}

/** Acts on what was found. @return How many directories there are to visit. */
static size_t act_on_all(struct sweeper *sweeper, struct listing *subdirectories)
{
	struct listed entry;
	size_t count = 0;

	for (size_t at = 0; listing_next(&sweeper->found, &at, &entry);) {
		if (deleter_policy_stops(&sweeper->plan->policy)) {
			return 0;
		}
		if (!act(sweeper, &entry)) {
			continue;
		}
		if (listing_add(subdirectories, entry.name, entry.type, 0) == 0) {
			count++;
		} else {
			report_unreadable(sweeper, "", entry.name, true, errno);
		}
	}
	return count;
}

size_t sweeper_sweep(struct sweeper *sweeper, const struct sweeper_place *place,
		     struct listing *subdirectories)
{
	size_t count = 0;

	sweeper->place = place;
	sweeper->skipped = NULL;
	sweeper->kept = 0;
	listing_clear(&sweeper->found);
	listing_clear(subdirectories);
	reporter_at(&sweeper->report, place->prefix);
	if (listing_read(place->fd, consider, sweeper) != 0) {
		if (!deleter_policy_stops(&sweeper->plan->policy)) {
			report_unreadable(sweeper, "", "", true, errno);
		}
		cover(sweeper, "", OPERANDS_ITSELF);
	} else if (sweeper->skipped) {
		skip_environment(sweeper, sweeper->skipped);
	} else {
		cover(sweeper, "", OPERANDS_ITSELF);
		count = act_on_all(sweeper, subdirectories);
	}
	reporter_flush(&sweeper->report);
	return count;
}

bool sweeper_remove(struct sweeper *sweeper, const struct sweeper_place *place, const char *name,
		    enum entry_type type)
{
	const struct deleter_entry entry = { place->fd, "", name, type };
	const char *reason = NULL;

	sweeper->place = place;
	sweeper->gone = false;
	if (type == ENTRY_DIRECTORY) {
		deleter_remove_tree(&sweeper->deleter, place->fd, name,
				    is_choosy(sweeper) ? choose : NULL);
	} else if (choose_bytecode(sweeper, &entry, &reason) == DELETER_GO) {
		deleter_remove_file(&sweeper->deleter, place->fd, name, reason);
	}
	return sweeper->gone;
}

void sweeper_cannot_read(struct sweeper *sweeper, const struct sweeper_place *place,
			 const char *name, int error)
{
	sweeper->place = place;
	report_unreadable(sweeper, "", name, true, error);
	/* What lies in it may be within reach all the same, by a path of its own. */
	cover(sweeper, name, OPERANDS_ITSELF);
}
