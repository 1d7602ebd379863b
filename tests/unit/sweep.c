#include "sweep.h"

#include "child.h"
#include "tests.h"
#include "walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct session {
	const struct sweep *sweep;
	/** Shared with the child. */
	struct swept *swept;
};

static void list_subdirectories(const struct listing *listing, struct swept *swept)
{
	struct listed entry;
	size_t used = 0;

	for (size_t at = 0; listing_next(listing, &at, &entry);) {
		used += (size_t)snprintf(swept->subdirectories + used,
					 sizeof(swept->subdirectories) - used, "%s\n", entry.name);
	}
}

static void act(struct sweeper *sweeper, const struct sweep *sweep, const struct scene_place *place,
		struct swept *swept)
{
	struct listing subdirectories = { 0 };

	if (listing_add(&subdirectories, "left over", ENTRY_DIRECTORY, 0) != 0) {
		abort();
	}
	interpose(sweep->functions);
	if (sweep->act) {
		sweep->act(sweeper, place);
	} else {
		swept->count = sweeper_sweep(sweeper, place, &subdirectories);
	}
	interpose(NULL);
	list_subdirectories(&subdirectories, swept);
	listing_free(&subdirectories);
}

static int sweep_here(void *context)
{
	const struct session *session = context;
	const struct sweep *sweep = session->sweep;
	struct swept *swept = session->swept;
	struct reporter *reporter = reporter_new(&(const struct reporter_style){
		.detail = REPORTER_ALL, .dry_run = sweep->policy.dry_run });
	struct scene_plan plan = { .rules = sweep->rules,
				   .selection = sweep->selection,
				   .sources = sweep->sources,
				   .policy = sweep->policy,
				   .reporter = reporter };
	struct sweeper sweeper;
	struct scene_place place = { .prefix = sweep->prefix ? sweep->prefix : "",
				     .below = sweep->below,
				     .is_operand = !sweep->path };

	place.fd = openat(sweep->tree->fd, sweep->path ? sweep->path : ".",
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	place.top = place.fd;
	if (place.fd < 0 || sweeper_init(&sweeper, &plan) != 0) {
		perror("cannot begin");
		return 1;
	}
	act(&sweeper, sweep, &place, swept);
	sweeper_close(&sweeper);
	swept->tally = *reporter_counts(reporter);
	reporter_free(reporter);
	close(place.fd);
	return 0;
}

const struct swept *run_sweep(const struct sweep *sweep)
{
	struct session session = { sweep, shared_alloc(sizeof(*session.swept)) };
	struct swept *swept = scratch_alloc(sizeof(*swept));
	const struct outcome *outcome = in_child(sweep_here, &session);

	if (outcome->status != 0) {
		print_error("# status %d, signal %d: %s\n", outcome->status, outcome->signal,
			    outcome->err);
		fail();
	}
	*swept = *session.swept;
	swept->out = sort_lines(outcome->out);
	swept->err = sort_lines(outcome->err);
	return swept;
}

void assert_swept(const struct swept *swept, const char *out, const char *err,
		  const char *subdirectories)
{
	const char *at = subdirectories;
	size_t count = 0;

	for (; *at; at++) {
		count += *at == '\n';
	}
	assert_string_equal(sort_lines(without_marks(swept->out, out)), sort_lines(out));
	assert_string_equal(swept->err, sort_lines(err));
	assert_string_equal(sort_lines(swept->subdirectories), sort_lines(subdirectories));
	assert_int_equal(swept->count, count);
}
