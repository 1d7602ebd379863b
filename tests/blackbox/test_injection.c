/*
 * System calls that fail: each one of a run, with each error that it can give. The program ends by
 * itself, names what it could not do, does all the rest, and nothing else.
 */

#include "aftermath.h"
#include "large.h"
#include "supervise.h"
#include "tests.h"
#include "walker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/** Directories with and without files that stay. nftw walks all of it. */
static const char *const small_project[] = {
	"a.pyc",
	"lib/one/two/__pycache__/i.pyc",
	"lib/three/j.pyc",
	"pkg/b.pyc",
	"pkg/mod.py",
	"pkg/__pycache__/c.pyc",
	"pkg/__pycache__/deep/d",
	"pkg/sub/__pycache__/e.pyc",
	"pkg/sub/f.py",
	".git/g.pyc",
	"venv/pyvenv.cfg",
	"venv/h.pyc",
	NULL,
};

/** A tree large enough for several threads. In static storage, for the rounds are many. */
static const char *const *shared_project(void)
{
	enum {
		PACKAGES = 20,
		BALLAST = WALKER_SMALL_TREE + 1
	};
	static char paths[3 * PACKAGES + BALLAST][32];
	static const char *entries[3 * PACKAGES + BALLAST + 1];

	for (int i = 0; i < PACKAGES; i++) {
		snprintf(paths[3 * i], sizeof(*paths), "p%d/a.pyc", i);
		snprintf(paths[3 * i + 1], sizeof(*paths), "p%d/__pycache__/b.pyc", i);
		snprintf(paths[3 * i + 2], sizeof(*paths), "p%d/sub/c.py", i);
	}
	for (int i = 0; i < BALLAST; i++) {
		snprintf(paths[3 * PACKAGES + i], sizeof(*paths), "%d", i);
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		entries[i] = paths[i];
	}
	return entries;
}

/** An error, and whether it says that what was asked for is not, or no longer, there. */
struct error {
	int number;
	bool gone;
};

/** A kind of call and the errors that it can give, ended by 0. */
struct injection {
	const char *what;
	unsigned calls;
	struct error errors[16];
};

static const struct injection opens = {
	"open",
	CALLS_OPEN,
	{ { EACCES, false },
	  { EPERM, false },
	  { EMFILE, false },
	  { ENFILE, false },
	  { ENOMEM, false },
	  { EIO, false },
	  { EINTR, false },
	  { ENAMETOOLONG, false },
	  { ENOENT, true },
	  { ENOTDIR, true },
	  { ELOOP, true } },
};

static const struct injection stats = {
	"stat",
	CALLS_STAT,
	{ { EACCES, false },
	  { EIO, false },
	  { ENOMEM, false },
	  { ELOOP, false },
	  { EOVERFLOW, false },
	  { ENOENT, true } },
};

static const struct injection lists = {
	"getdents",
	CALLS_LIST,
	{ { EIO, false },
	  { EACCES, false },
	  { EINTR, false },
	  { ENOMEM, false },
	  { ENOENT, true } },
};

static const struct injection removals = {
	"unlinkat",
	CALLS_REMOVE,
	{ { EACCES, false },
	  { EPERM, false },
	  { EROFS, false },
	  { EBUSY, false },
	  { EIO, false },
	  { ENOMEM, false },
	  { ENAMETOOLONG, false },
	  { EINTR, false },
	  { ENOTEMPTY, false },
	  { ENOENT, true },
	  { EISDIR, true },
	  { ENOTDIR, true },
	  { ELOOP, true } },
};

static const struct injection writes = {
	"write",
	CALLS_WRITE,
	{ { ENOSPC, false },
	  { EIO, false },
	  { EINTR, false },
	  { EDQUOT, false },
	  { EFBIG, false },
	  { EPIPE, false },
	  { EBADF, false },
	  { EAGAIN, false } },
};

static size_t count_errors(const struct injection *injection)
{
	size_t count = 0;

	while (injection->errors[count].number != 0) {
		count++;
	}
	return count;
}

/** How to go through the calls. */
struct plan {
	const char *const *project;
	const char *arguments;
	/** All that follow the one fail as well. */
	bool lasting;
	/** Every so many calls; and with how many errors each. */
	unsigned long step;
	size_t errors_for_each;
};

/** Runs once with one call failing. @return Whether there was such a call. */
static bool strike(const struct plan *plan, const struct injection *injection, unsigned long at,
		   struct error error)
{
	const struct scene scene = scene_make(plan->project);
	struct strike strike = { at, plan->lasting, error.number };
	struct supervision supervision = {
		.calls = injection->calls,
		.judge = strike_judge,
		.context = &strike,
	};
	const struct outcome *outcome =
		supervise(&(const struct program){ .cwd = scene.project.path,
						   .arguments = split(plan->arguments) },
			  &supervision);
	enum fault fault = error.gone ? FAULT_GONE : plan->lasting ? FAULT_LASTING : FAULT_ONCE;
	const char *complaint = scene_complaint(&scene, outcome, fault);

	if (!complaint && supervision.left_open != 0) {
		complaint = "a descriptor was left open";
	}
	if (complaint) {
		print_error("# %s: call %lu of %s%s with %s\n", complaint, at, injection->what,
			    plan->lasting ? " and all later ones" : "", strerror(error.number));
		assert_outcome(outcome, 0, "what is right\n", "");
	}
	return supervision.count >= at;
}

/** Goes through all calls of a kind, until a run makes no more. */
static void inject(const struct plan *plan, const struct injection *injection)
{
	size_t errors = count_errors(injection);
	unsigned long step = plan->step * (program_is_sanitized() ? 6 : 1);
	size_t next = 0;
	bool reached = true;

	for (unsigned long at = 1; reached; at += step) {
		for (size_t i = 0; reached && i < plan->errors_for_each && i < errors; i++) {
			reached = strike(plan, injection, at, injection->errors[next++ % errors]);
			scratch_clear(NULL);
		}
	}
	/* A run that never made such a call has proved nothing. */
	assert_true(next > 1);
}

/* ---- One thread: every call with every error ------------------------------------------------ */

static void inject_in_small_project(const struct injection *injection, size_t errors)
{
	inject(&(const struct plan){ .project = small_project,
				     .arguments = "-j1",
				     .step = 1,
				     .errors_for_each = errors },
	       injection);
}

TEST(no_open_may_fail_unnoticed)
{
	inject_in_small_project(&opens, SIZE_MAX);
}

TEST(no_stat_may_fail_unnoticed)
{
	inject_in_small_project(&stats, 3);
}

TEST(no_reading_may_fail_unnoticed)
{
	inject_in_small_project(&lists, SIZE_MAX);
}

TEST(no_removal_may_fail_unnoticed)
{
	inject_in_small_project(&removals, SIZE_MAX);
}

TEST(no_write_may_fail_unnoticed)
{
	inject_in_small_project(&writes, SIZE_MAX);
}

/* ---- Faults that last ----------------------------------------------------------------------- */

/* A disk that dies, a file system that turns read-only, a table of descriptors that stays full. */
TEST(a_fault_that_lasts_ends_no_run_early)
{
	static const struct injection lasting[] = {
		{ "open", CALLS_OPEN, { { EMFILE, false }, { EIO, false }, { EACCES, false } } },
		{ "stat", CALLS_STAT, { { EIO, false } } },
		{ "getdents", CALLS_LIST, { { EIO, false } } },
		{ "unlinkat", CALLS_REMOVE, { { EROFS, false }, { ENOTEMPTY, false } } },
		{ "any call", CALLS_FILE, { { EIO, false }, { ENOMEM, false } } },
	};

	for (size_t i = 0; i < sizeof(lasting) / sizeof(*lasting); i++) {
		inject(&(const struct plan){ .project = small_project,
					     .arguments = "-j1",
					     .lasting = true,
					     .step = 2,
					     .errors_for_each = SIZE_MAX },
		       &lasting[i]);
	}
}

/* ---- Many threads: each call with one error or another -------------------------------------- */

static void inject_in_shared_project(const char *arguments, const struct injection *injection,
				     unsigned long step)
{
	const char *const *project = shared_project();

	inject(&(const struct plan){ .project = project,
				     .arguments = arguments,
				     .step = step,
				     .errors_for_each = 1 },
	       injection);
}

TEST(many_threads_let_no_fault_go_unnoticed)
{
	inject_in_shared_project("-j8", &opens, 3);
	inject_in_shared_project("-j8", &removals, 3);
	inject_in_shared_project("-j8", &lists, 5);
	inject_in_shared_project("-j8 -x", &stats, 13);
}

/** A judge that lets nothing succeed from some call on, but removals, which it counts. */
struct dry_judge {
	struct strike strike;
	unsigned long removals;
};

static int judge_dry_run(void *context, const struct supervised_call *call)
{
	struct dry_judge *judge = context;

	if (call->kind == CALLS_REMOVE) {
		judge->removals++;
		return 0;
	}
	return strike_judge(&judge->strike, call);
}

/* What goes wrong is reported as in a run, but nothing is ever removed for it. */
TEST(a_dry_run_with_faults_removes_nothing)
{
	static const struct {
		const char *arguments;
		int status;
	} cases[] = { { "-n -j1", 1 }, { "--check -j1", 2 } };
	const struct tree *tree = tree_make(small_project);
	struct tree_listing before = tree_list(tree);

	for (unsigned long at = 1; at < 60; at += 6) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			struct dry_judge judge = { { at, true, EIO }, 0 };
			struct supervision supervision = {
				.calls = CALLS_FILE,
				.judge = judge_dry_run,
				.context = &judge,
			};
			const struct outcome *outcome = supervise(
				&(const struct program){ .cwd = tree->path,
							 .arguments = split(cases[i].arguments) },
				&supervision);

			assert_int_equal(outcome->status, cases[i].status);
			assert_true(outcome->err_length > 0);
			assert_int_equal(judge.removals, 0);
		}
	}
	assert_listing(before, tree_list(tree));
}

/* Where no thread can be made, those there are do all the work. */
TEST(a_thread_that_cannot_be_made_is_no_error)
{
	const char *const *project = shared_project();

	for (int lasting = 0; lasting < 2; lasting++) {
		struct strike strike = { 1, lasting, EAGAIN };
		struct supervision supervision = {
			.calls = CALLS_THREAD,
			.judge = strike_judge,
			.context = &strike,
		};
		const struct scene scene = scene_make(project);
		const struct outcome *outcome =
			supervise(&(const struct program){ .cwd = scene.project.path,
							   .arguments = split("-j8") },
				  &supervision);

		assert_true(supervision.count > 0);
		assert_outcome(outcome, 0, "Removed 41 files and 20 directories (*).\n", "");
		assert_null(scene_complaint(&scene, outcome, FAULT_ONCE));
	}
}

BEFORE_TESTS
{
	large_prefer_memory();
}
