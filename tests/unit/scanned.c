#include "scanned.h"

#include "child.h"
#include "tests.h"
#include "walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct session {
	const struct scan_request *request;
	/** What stands before names. */
	const char *prefix;
	/** Shared with the child. */
	struct scanned *scanned;
};

static void list_subdirectories(const struct namelist *listing, struct scanned *scanned)
{
	struct listed entry;
	size_t used = 0;

	for (size_t at = 0; namelist_next(listing, &at, &entry);) {
		used += (size_t)snprintf(scanned->subdirectories + used,
					 sizeof(scanned->subdirectories) - used, "%s\n",
					 entry.name);
	}
}

static void act(struct scan *scan, const struct scan_request *request,
		const struct scan_place *place, struct scanned *scanned)
{
	struct namelist subdirectories = { 0 };
	struct scan_state state = { 0 };

	if (namelist_add(&subdirectories, "left over", ENTRY_DIRECTORY, 0) != 0) {
		abort();
	}
	interpose(request->functions);
	if (request->act) {
		request->act(scan, place);
	} else {
		scan_directory(scan, place, &state, &subdirectories);
		scanned->count = subdirectories.count;
	}
	interpose(NULL);
	list_subdirectories(&subdirectories, scanned);
	namelist_free(&subdirectories);
}

static int scan_here(void *context)
{
	const struct session *session = context;
	const struct scan_request *request = session->request;
	struct scanned *scanned = session->scanned;
	struct reporter *reporter = reporter_new(&(const struct reporter_style){
		.detail = REPORTER_ALL, .dry_run = request->policy.dry_run });
	struct scan_config config = { .ignore = request->ignore,
				      .selection = request->selection,
				      .policy = request->policy,
				      .reporter = reporter };
	struct scan scan;
	struct scan_place place = { .config = &config,
				    .prefix = session->prefix,
				    .is_operand = !request->path };

	place.fd = openat(request->tree->fd, request->path ? request->path : ".",
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	config.operand_fd = place.fd;
	if (place.fd < 0 || scan_open(&scan, &config) != 0) {
		perror("cannot begin");
		return 1;
	}
	act(&scan, request, &place, scanned);
	scan_close(&scan);
	scanned->tally = *reporter_counts(reporter);
	reporter_free(reporter);
	close(place.fd);
	return 0;
}

const struct scanned *run_scan(const struct scan_request *request)
{
	const char *prefix = request->path ? scratch_format("%s/", request->path) : "";
	struct session session = { request, prefix, shared_alloc(sizeof(*session.scanned)) };
	struct scanned *scanned = scratch_alloc(sizeof(*scanned));
	const struct outcome *outcome = in_child(scan_here, &session);

	if (outcome->status != 0) {
		print_error("# status %d, signal %d: %s\n", outcome->status, outcome->signal,
			    outcome->err);
		fail();
	}
	*scanned = *session.scanned;
	scanned->out = sort_lines(outcome->out);
	scanned->err = sort_lines(outcome->err);
	return scanned;
}

void assert_scanned(const struct scanned *scanned, const char *out, const char *err,
		    const char *subdirectories)
{
	const char *at = subdirectories;
	size_t count = 0;

	for (; *at; at++) {
		count += *at == '\n';
	}
	assert_string_equal(sort_lines(without_marks(scanned->out, out)), sort_lines(out));
	assert_string_equal(scanned->err, sort_lines(err));
	assert_string_equal(sort_lines(scanned->subdirectories), sort_lines(subdirectories));
	assert_int_equal(scanned->count, count);
}
