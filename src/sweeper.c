#include "sweeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** Passes on what became of an entry. */
static void on_event(void *context, const struct deleter_event *event)
{
	struct sweeper *sweeper = context;
	const struct reporter_path path = {
		.prefix = sweeper->place->prefix,
		.trail = event->trail,
		.name = event->name,
		.directory = event->directory,
	};

	switch (event->outcome) {
	case DELETER_REMOVED:
		reporter_removed(&sweeper->report, &path, event->bytes);
		break;
	case DELETER_CANNOT_REMOVE:
		reporter_error(&sweeper->report, "remove", &path, event->error);
		break;
	case DELETER_CANNOT_READ:
		reporter_error(&sweeper->report, "read", &path, event->error);
		break;
	case DELETER_OTHER_FILE_SYSTEM:
		reporter_skipped(&sweeper->report, &path, "another file system");
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

/** @return The path of `name` below the operand, or NULL with ENOMEM. */
static const char *path_below_operand(struct sweeper *sweeper, const char *name)
{
	const char *directory = sweeper->place->prefix + sweeper->place->below;
	size_t needed = strlen(directory) + strlen(name) + 1;

	if (needed > sweeper->path_size) {
		char *path = realloc(sweeper->path, 2 * needed);

		if (!path) {
			return NULL;
		}
		sweeper->path = path;
		sweeper->path_size = 2 * needed;
	}
	stpcpy(stpcpy(sweeper->path, directory), name);
	return sweeper->path;
}

/** Tells the operands that an entry, or the directory itself (""), has had its turn. */
static void cover(struct sweeper *sweeper, const char *name, enum operands_extent extent)
{
	struct operands *operands = sweeper->plan->operands;
	size_t length;

	/* Out of memory: then an operand within another one gets a turn of its own. */
	if (!operands_nest(operands) || !path_below_operand(sweeper, name)) {
		return;
	}
	length = strlen(sweeper->path);
	if (length > 0 && sweeper->path[length - 1] == '/') {
		sweeper->path[length - 1] = '\0';
	}
	operands_cover(operands, sweeper->place->operand, sweeper->path, extent);
}

/** Asks the matcher. @return 0, or -1 with ENOMEM. */
static int classify(struct sweeper *sweeper, const char *name, enum entry_type type,
		    struct match *out)
{
	const struct matcher_rules *rules = &sweeper->plan->rules;
	const char *path = name;

	if (type == ENTRY_DIRECTORY && rules->ignore_count > 0) {
		path = path_below_operand(sweeper, name);
		if (!path) {
			return -1;
		}
	}
	*out = matcher_classify(rules, path, name, type);
	if (out->verdict == VERDICT_SKIP_PARENT && sweeper->place->is_operand) {
		out->verdict = type == ENTRY_DIRECTORY ? VERDICT_ENTER : VERDICT_KEEP;
	}
	return 0;
}

static void report_entry_error(struct sweeper *sweeper, const char *name, bool directory, int error)
{
	const struct reporter_path path = {
		.prefix = sweeper->place->prefix,
		.name = name,
		.directory = directory,
	};

	reporter_error(&sweeper->report, "read", &path, error);
}

static void report_skip(struct sweeper *sweeper, const char *name, const char *reason)
{
	const struct reporter_path path = {
		.prefix = sweeper->place->prefix,
		.name = name,
		.directory = true,
	};

	reporter_skipped(&sweeper->report, &path, reason);
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
		report_entry_error(sweeper, name, false, errno);
		return 0;
	}
	if (classify(sweeper, name, type, &match) != 0) {
		return -1;
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
	report_skip(sweeper, name, "another file system");
	return false;
}

/** Does with one entry what the matcher has said. @return Whether it is to be visited. */
static bool act(struct sweeper *sweeper, const struct listed *entry)
{
	struct match match;

	switch ((enum verdict)entry->mark) {
	case VERDICT_REMOVE:
		cover(sweeper, entry->name, OPERANDS_WHOLE);
		sweeper_remove(sweeper, sweeper->place, entry->name, entry->type);
		return false;
	case VERDICT_ENTER:
		return is_to_visit(sweeper, entry->name);
	default:
		if (classify(sweeper, entry->name, entry->type, &match) == 0) {
			report_skip(sweeper, entry->name, match.reason);
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
			report_entry_error(sweeper, entry.name, true, errno);
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
	if (listing_read(place->fd, consider, sweeper) != 0) {
		if (!deleter_policy_stops(&sweeper->plan->policy)) {
			report_entry_error(sweeper, "", true, errno);
		}
		cover(sweeper, "", OPERANDS_ITSELF);
	} else if (sweeper->skipped) {
		report_skip(sweeper, "", sweeper->skipped);
	} else {
		cover(sweeper, "", OPERANDS_ITSELF);
		count = act_on_all(sweeper, subdirectories);
	}
	reporter_flush(&sweeper->report);
	return count;
}

void sweeper_remove(struct sweeper *sweeper, const struct sweeper_place *place, const char *name,
		    enum entry_type type)
{
	sweeper->place = place;
	if (type == ENTRY_DIRECTORY) {
		deleter_remove_tree(&sweeper->deleter, place->fd, name, NULL);
	} else {
		deleter_remove_file(&sweeper->deleter, place->fd, name, NULL);
	}
}

void sweeper_cannot_read(struct sweeper *sweeper, const struct sweeper_place *place,
			 const char *name, int error)
{
	sweeper->place = place;
	report_entry_error(sweeper, name, true, error);
	/* What lies in it may be within reach all the same, by a path of its own. */
	cover(sweeper, name, OPERANDS_ITSELF);
}
