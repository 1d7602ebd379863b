#include "sweeper.h"

#include "chooser.h"
#include "environment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static const struct match another_file_system = { VERDICT_SKIP, "another file system" };

/** Passes on what became of an entry; deleter_notice_fn. */
static void on_event(void *context, const struct deleter_event *event)
{
	struct scene *scene = context;
	struct reporter_path path = scene_path(scene, event->trail, event->name, event->directory);

	path.crosses = event->error != 0 &&
		       scene_crosses(scene, event->dirfd, event->directory ? event->name : "");
	path.sourceless = event->reason == selection_no_source;
	path.inner = event->inner;
	/* untested: anything else, which there is not */
	switch (event->outcome) {
	case DELETER_REMOVED:
		scene->work++;
		reporter_removed(scene->report, &path, event->bytes, event->reason);
		break;
	case DELETER_CANNOT_REMOVE:
		reporter_error(scene->report, "cannot remove", &path, event->error);
		break;
	case DELETER_CANNOT_READ:
		reporter_error(scene->report, "cannot read", &path, event->error);
		break;
	case DELETER_OTHER_FILE_SYSTEM:
		scene_skip(scene, event->trail, event->name, &another_file_system);
		break;
	case DELETER_HELD_OPEN:
		reporter_kept(scene->report, &path,
			      scene->plan->policy.dry_run ? "a process may hold it open"
							  : "a process holds it open");
		break;
	}
}

int sweeper_init(struct sweeper *sweeper, const struct scene_plan *plan)
{
	*sweeper = (struct sweeper){ .found = { 0 } };
	deleter_init(&sweeper->deleter, &plan->policy, on_event, &sweeper->scene);
	return scene_open(&sweeper->scene, plan);
}

void sweeper_close(struct sweeper *sweeper)
{
	scene_close(&sweeper->scene);
	deleter_free(&sweeper->deleter);
	listing_free(&sweeper->found);
	sources_free(&sweeper->beside);
}

/** Notes an entry that something has to be done about. */
static int consider(void *context, const char *name, enum entry_type type)
{
	struct sweeper *sweeper = context;
	struct match match;

	if (deleter_policy_stops(&sweeper->scene.plan->policy)) {
		errno = EINTR;
		return -1;
	}
	sweeper->scene.work++;
	sweeper->marks |= matcher_mark(name, type);
	if (type == ENTRY_UNKNOWN) {
		scene_cannot_read(&sweeper->scene, "", name, false, errno);
		return 0;
	}
	if (scene_classify(&sweeper->scene, "", name, type, &match) != 0) {
		return -1;
	}
	if (match.verdict == VERDICT_KEEP && sources_add(&sweeper->beside, name, type) != 0) {
		return -1;
	}
	if (sweeper->scene.plan->selection.modules && match.verdict != VERDICT_REMOVE) {
		return 0;
	}
	if (match.verdict == VERDICT_KEEP) {
		return 0;
	}
	return listing_add(&sweeper->found, name, type, (unsigned char)match.verdict);
}

/** Whether a subdirectory is to be visited, which --one-file-system may forbid. */
static bool is_to_visit(struct sweeper *sweeper, const char *name)
{
	struct stat above;
	struct stat st;

	if (!sweeper->scene.plan->policy.one_file_system) {
		return true;
	}
	/* What cannot be asked about is visited, and fails there. */
	if (fstat(sweeper->scene.place->fd, &above) != 0 ||
	    fstatat(sweeper->scene.place->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    above.st_dev == st.st_dev) {
		return true;
	}
	scene_skip(&sweeper->scene, "", name, &another_file_system);
	return false;
}

/**
 * Removes an entry of the place, a tree or a file, where it matches.
 *
 * @param beside As chooser_choose_file()'s.
 */
static void remove_entry(struct sweeper *sweeper, const char *name, enum entry_type type,
			 struct sources *beside)
{
	int dirfd = sweeper->scene.place->fd;
	const struct deleter_entry entry = { dirfd, "", name, type, NULL };
	const char *reason = NULL;

	if (deleter_policy_stops(&sweeper->scene.plan->policy)) {
		return;
	}
	if (type == ENTRY_DIRECTORY) {
		deleter_remove_tree(&sweeper->deleter, dirfd, name, chooser_choose);
	} else if (chooser_choose_file(&sweeper->scene, &entry, beside, &reason) == DELETER_GO) {
		deleter_remove_file(&sweeper->deleter, dirfd, name, reason);
	}
}

/** Does with one entry what the matcher has said. @return Whether it is to be visited. */
static bool act(struct sweeper *sweeper, const struct listed *entry)
{
	struct match match;

	switch ((enum verdict)entry->mark) {
	case VERDICT_REMOVE:
		remove_entry(sweeper, entry->name, entry->type, &sweeper->beside);
		return false;
	case VERDICT_ENTER:
		if (sweeper->scene.sources) {
			remove_entry(sweeper, entry->name, entry->type, &sweeper->beside);
			return false;
		}
		return is_to_visit(sweeper, entry->name);
	default:
		/* untested: no memory; there is enough since this was asked before */
		if (scene_classify(&sweeper->scene, "", entry->name, entry->type, &match) == 0) {
			scene_skip(&sweeper->scene, "", entry->name, &match);
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
		if (deleter_policy_stops(&sweeper->scene.plan->policy)) {
			return 0;
		}
		if (!act(sweeper, &entry)) {
			continue;
		}
		if (listing_add(subdirectories, entry.name, entry.type, 0) == 0) {
			count++;
		} else {
			scene_cannot_read(&sweeper->scene, "", entry.name, true, errno);
		}
	}
	return count;
}

/**
 * Leaves the place as a whole where it stores a repository, or is an environment that is skipped.
 *
 * @return Whether it does.
 */
static bool leave_place(struct sweeper *sweeper)
{
	struct scene *scene = &sweeper->scene;
	const struct reporter_path shown = scene_path(scene, "", "", true);
	const struct matcher_rules *rules = &scene->plan->rules;

	if (matcher_marks_repository(sweeper->marks)) {
		scene_skip(scene, "", "", &matcher_repository);
		return true;
	}
	if (!scene->place->is_operand && !rules->all &&
	    environment_is(sweeper->marks, scene->place->fd)) {
		reporter_skipped(scene->report, &shown, "virtual environment",
				 REPORTER_SKIP_ENVIRONMENT);
		return true;
	}
	return false;
}

size_t sweeper_sweep(struct sweeper *sweeper, const struct scene_place *place,
		     struct listing *subdirectories)
{
	size_t count = 0;

	scene_enter(&sweeper->scene, place);
	sweeper->marks = 0;
	listing_clear(&sweeper->found);
	sources_clear(&sweeper->beside);
	listing_clear(subdirectories);
	reporter_at(sweeper->scene.report, place->prefix);
	if (listing_read(place->fd, consider, sweeper) != 0) {
		if (!deleter_policy_stops(&sweeper->scene.plan->policy)) {
			scene_cannot_read(&sweeper->scene, "", "", true, errno);
		}
	} else if (!leave_place(sweeper)) {
		count = act_on_all(sweeper, subdirectories);
	}
	reporter_flush(sweeper->scene.report);
	return count;
}

void sweeper_remove(struct sweeper *sweeper, const struct scene_place *place, const char *name,
		    enum entry_type type)
{
	scene_enter(&sweeper->scene, place);
	remove_entry(sweeper, name, type, NULL);
}

void sweeper_cannot_read(struct sweeper *sweeper, const struct scene_place *place, const char *name,
			 int error)
{
	sweeper->scene.place = place;
	scene_cannot_read(&sweeper->scene, "", name, true, error);
}

uint64_t sweeper_work(const struct sweeper *sweeper)
{
	return sweeper->scene.work;
}
