/*
 * Directories wait on the work stack, and only few of them with a descriptor: the others are opened
 * again, step by step from the operand's. Any step may fail.
 */

#include "child.h"
#include "faults.h"
#include "tests.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum {
	/** So few that the stack may hold one. */
	FEW_DESCRIPTORS = 12,
	/** Of a deep tree. */
	LEVELS = 200,
};

static const struct tree *nested_tree(void)
{
	return TREE("a/b/c/x.pyc", "a/b/d/x.pyc", "a/e/__pycache__/x.pyc", "a/e/f/x.pyc",
		    "g/h/i/x.pyc", "g/h/j/k/x.pyc", "g/l/x.pyc", "m/n/o/p/x.pyc", "m/q/x.pyc");
}

static void note_walk_of(int before)
{
	note_walks("%d before", before);
}

/* ---- Openings ------------------------------------------------------------------------------- */

/** Whether the way back to a parent by ".." is closed, so that its path is taken. */
static bool has_no_parents;

static int openat_downwards(int dirfd, const char *name, int flags)
{
	if (has_no_parents && strcmp(name, "..") == 0) {
		errno = EACCES;
		return -1;
	}
	return real_openat(dirfd, name, flags);
}

static int striking_openat_downwards(int dirfd, const char *name, int flags)
{
	return (strcmp(name, "..") == 0 ? openat_downwards : striking_openat)(dirfd, name, flags);
}

/**
 * Walks with one opening failing, the first, then the second, and so on until there is none.
 *
 * @return How many there are.
 */
static int fail_each_opening(int error, void (*check)(const struct walk_result *undisturbed,
						      const struct walk_result *result))
{
	static const struct interposed striking = { .openat = striking_openat_downwards,
						    .nftw = failing_nftw };
	struct walk_request request = { .tree = nested_tree(),
					.policy.dry_run = true,
					.max_descriptors = FEW_DESCRIPTORS };
	const struct walk_result *undisturbed = walk(&request);

	has_no_parents = true;
	request.functions = &striking;
	for (int before = 0;; before++) {
		const struct walk_result *result;

		note_walk_of(before);
		strike_after(before, error);
		result = walk(&request);
		if (!has_struck()) {
			assert_same_walk(undisturbed, result);
			return before;
		}
		check(undisturbed, result);
	}
}

/* Each directory is opened once. The order of the names decides how many are opened once more. */
TEST(each_step_that_fails_costs_one_error)
{
	assert_in_range(fail_each_opening(EIO, assert_one_error_alone), 17 + 1, 17 + 40);
}

static void assert_no_error(const struct walk_result *undisturbed, const struct walk_result *result)
{
	assert_string_equal(result->err, "");
	assert_true(strlen(result->out) <= strlen(undisturbed->out));
}

/* Somebody has removed it, or put a link in its place, while it waited. */
TEST(a_step_that_is_gone_is_silent)
{
	fail_each_opening(ENOENT, assert_no_error);
	fail_each_opening(ELOOP, assert_no_error);
}

/* ---- Exchanges ------------------------------------------------------------------------------ */

/** A directory of the tree that is walked, and one outside of it that takes its place. */
static const char *inner;
static const char *outer;

/** Unless the walk has already removed it. */
static void exchange(void)
{
	renameat2(AT_FDCWD, inner, AT_FDCWD, outer, RENAME_EXCHANGE);
}

static void exchange_when_struck(void)
{
	if (strikes()) {
		exchange();
	}
}

static int openat_after_exchange(int dirfd, const char *name, int flags)
{
	exchange_when_struck();
	return openat_downwards(dirfd, name, flags);
}

static int fstatat_after_exchange(int dirfd, const char *name, struct stat *st, int flags)
{
	exchange_when_struck();
	return real_fstatat(dirfd, name, st, flags);
}

/**
 * Walks with an exchange before the first opening or lookup, then before the second, and so on, and
 * asserts that all that was outside is still there.
 */
static void exchange_before_each_call(const struct tree *(*grow)(void), const char *directory,
				      const struct tree *(*grow_outside)(void))
{
	static const struct interposed exchanging = { .openat = openat_after_exchange,
						      .fstatat = fstatat_after_exchange,
						      .nftw = failing_nftw };

	for (int before = 0;; before++) {
		const struct tree *tree = grow();
		const struct tree *outside = grow_outside();
		struct tree_listing listing = tree_list(outside);

		note_walk_of(before);
		inner = tree_path(tree, directory);
		outer = tree_path(outside, directory);
		strike_after(before, 0);
		WALK(.tree = tree, .prune = true, .max_descriptors = FEW_DESCRIPTORS,
		     .functions = &exchanging);
		if (!has_struck()) {
			assert_in_range(before, 10, 200);
			return;
		}
		exchange();
		assert_listing(listing, tree_list(outside));
	}
}

static const struct tree *tree_like_a_repository(void)
{
	return TREE("a/objects/b/x.pyc", "a/refs/c/x.pyc", "a/refs/d/x.pyc", "e/f/x.pyc");
}

static const struct tree *repository_outside(void)
{
	return TREE("a/HEAD", "a/objects/b/x.pyc", "a/refs/c/x.pyc", "a/refs/d/x.pyc");
}

/* Where a directory waits, it may not be found again: what is there now was not scanned. */
TEST(a_repository_in_its_place_is_not_entered)
{
	for (int i = 0; i < 2; i++) {
		has_no_parents = i;
		exchange_before_each_call(tree_like_a_repository, "a", repository_outside);
	}
}

static const struct tree *tree_that_is_emptied(void)
{
	return TREE("a/b/c/x.pyc", "a/b/d/x.pyc", "a/e/x.pyc");
}

static const struct tree *empty_directories_outside(void)
{
	static const char *const directories[] = { "a/b/c", "a/b/d", "a/b", "a/e", "a" };
	const struct tree *tree = TREE("a/b/c/", "a/b/d/", "a/e/");

	/* So that they can be told from those of the other tree. */
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		tree_chmod(tree, directories[i], 0700);
	}
	return tree;
}

/* Only what the run itself has emptied goes. */
TEST(an_empty_directory_in_its_place_is_not_pruned)
{
	static const char *const directories[] = { "a", "a/b", "a/b/c", "a/b/d", "a/e" };

	for (size_t i = 0; i < 2 * sizeof(directories) / sizeof(*directories); i++) {
		has_no_parents = i % 2;
		exchange_before_each_call(tree_that_is_emptied, directories[i / 2],
					  empty_directories_outside);
	}
}

/* ---- Depth ---------------------------------------------------------------------------------- */

static atomic_int *openings;

static int counting_openat(int dirfd, const char *name, int flags)
{
	atomic_fetch_add(openings, 1);
	return real_openat(dirfd, name, flags);
}

static void add_stray(int fd, int level)
{
	(void)level;
	mknodat(fd, "x.pyc", S_IFREG | 0644, 0);
}

static void add_neighbours(int fd, int level)
{
	add_stray(fd, level);
	mkdirat(fd, "a", 0755);
	mkdirat(fd, "z", 0755);
}

/* With one directory open at a time, opening each by its path would take quadratic time. */
TEST(each_level_takes_the_same_number_of_openings)
{
	static void (*const furnish[])(int fd, int level) = { add_stray, add_neighbours };
	static const struct interposed counting = { .openat = counting_openat };

	openings = shared_alloc(sizeof(*openings));
	for (int i = 0; i < 4; i++) {
		int directories = i % 2 ? 3 : 1;
		const struct tree *tree = TREE(NULL);
		const struct walk_result *result;

		note_walks("%d directories at each level, %d", directories, i / 2);
		tree_add_chain(tree, "m", LEVELS, furnish[i % 2]);
		atomic_store(openings, 0);
		result = WALK(.tree = tree, .prune = i / 2, .functions = &counting,
			      .max_descriptors = FEW_DESCRIPTORS);
		assert_string_equal(result->err, "");
		assert_int_equal(result->tally.files, LEVELS);
		/* Once, and once from below. */
		assert_in_range(atomic_load(openings), directories * LEVELS,
				(directories + 1) * LEVELS);
	}
}

/* ---- Memory --------------------------------------------------------------------------------- */

/**
 * Walks with one allocation failing, the first, then the second, and so on until there is none.
 * Asserts that each is an error that says so, or one that is made up for, or the walk does not begin.
 *
 * @return How often it was an error or did not begin.
 */
static int fail_each_allocation(struct walk_request request)
{
	const struct walk_result *undisturbed;
	int failures = 0;

	request.policy.dry_run = true;
	undisturbed = walk(&request);
	for (int before = 0;; before++) {
		const struct walk_result *result;

		note_walk_of(before);
		strike_after(before, ENOMEM);
		request.functions = &(const struct interposed){ .may_allocate = striking_allocation,
								.nftw = request.max_descriptors > 0
										? failing_nftw
										: NULL };
		result = walk(&request);
		failures += result->returned != 0 || result->tally.errors > 0;
		if (result->returned != 0) {
			assert_int_equal(result->error, ENOMEM);
		} else if (result->tally.errors > 0) {
			assert_non_null(strstr(result->err, strerror(ENOMEM)));
		} else {
			/* The paths in its lines may be shortened. */
			assert_int_equal(result->tally.files, undisturbed->tally.files);
			assert_int_equal(result->tally.directories, undisturbed->tally.directories);
		}
		if (!has_struck()) {
			assert_same_walk(undisturbed, result);
			return failures;
		}
	}
}

/* It is never silence: where nftw walks, where all is pushed, and where paths grow long. */
TEST(out_of_memory_is_never_silent)
{
	const struct tree *deep = TREE(NULL);

	assert_in_range(fail_each_allocation((struct walk_request){ .tree = nested_tree() }), 8,
			60);
	assert_in_range(fail_each_allocation((struct walk_request){
				.tree = nested_tree(), .max_descriptors = FEW_DESCRIPTORS }),
			10, 60);
	tree_add_chain(deep, scratch_repeat('n', 200), 30, add_stray);
	assert_in_range(fail_each_allocation((struct walk_request){
				.tree = deep, .max_descriptors = FEW_DESCRIPTORS }),
			30, 100);
}

static atomic_int *refused;
/** Posted for each. */
static sem_t refusals;

/** Whether the calling thread is one that the pool has started. */
static bool is_started(void)
{
	return gettid() != getpid();
}

/** Refuses each thread that was started its first allocation. */
static bool refusing_threads(void)
{
	static _Thread_local bool asked;

	if (asked || !is_started()) {
		return true;
	}
	asked = true;
	atomic_fetch_add(refused, 1);
	sem_post(&refusals);
	return false;
}

/**
 * The first thread does not do all the work before there is another one, however busy the machine
 * is. Where there is none, the time limit ends this.
 */
static int openat_leaving_work(int dirfd, const char *name, int flags)
{
	static int opened;

	if (!is_started() && opened++ == 40) {
		while (sem_wait(&refusals) != 0) {
		}
	}
	return real_openat(dirfd, name, flags);
}

/* It cannot even begin; what it would have visited, the others visit. */
TEST(a_thread_without_memory_leaves_its_work_to_others)
{
	static const struct interposed refusing = { .may_allocate = refusing_threads,
						    .openat = openat_leaving_work };
	const struct tree *tree = TREE(NULL);
	struct walk_request request = {
		.tree = tree, .policy.dry_run = true, .jobs = 2, .small = 1
	};
	const struct walk_result *undisturbed;

	for (int i = 0; i < 90; i++) {
		tree_add_file(tree, scratch_format("d%d/e/x.pyc", i));
	}
	undisturbed = walk(&request);
	refused = shared_alloc(sizeof(*refused));
	if (sem_init(&refusals, 0, 0) != 0) {
		broken("cannot make a semaphore");
	}
	request.functions = &refusing;
	assert_same_walk(undisturbed, walk(&request));
	assert_int_equal(atomic_load(refused), 1);
}

/* ---- What is handed over late, and much ----------------------------------------------------- */

static int reports_before_end;
static int reports;
static nftw_visit *own_visit;

static int visit_until_end(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return reports++ == reports_before_end ? -1 : own_visit(path, st, type, ftw);
}

static int nftw_ending(const char *path, nftw_visit *visit, int max_open, int flags)
{
	own_visit = visit;
	reports = 0;
	return real_nftw(path, visit_until_end, max_open, flags);
}

/* The operand itself, too, when others have taken the descriptors that the stack may hold. */
TEST(an_operand_that_waits_is_found_again)
{
	static const struct interposed ending = { .nftw = nftw_ending };
	struct walk_request request = { .tree = nested_tree(),
					.policy.dry_run = true,
					.max_descriptors = FEW_DESCRIPTORS };
	const struct walk_result *undisturbed = walk(&request);

	request.functions = &ending;
	for (reports_before_end = 0; reports_before_end < 25; reports_before_end++) {
		note_walk_of(reports_before_end);
		assert_same_walk(undisturbed, walk(&request));
	}
}

static void add_siblings(int fd, int level)
{
	(void)level;
	for (char name[] = "0"; name[0] <= '3'; name[0]++) {
		mkdirat(fd, name, 0755);
	}
	mknodat(fd, "stays.py", S_IFREG | 0644, 0);
	mknodat(fd, "goes.pyc", S_IFREG | 0644, 0);
}

/* Beyond the level down to which nftw walks, every directory is pushed. */
TEST(a_deep_stack_loses_nothing)
{
	const struct tree *tree = TREE(NULL);
	const struct walk_result *result;

	tree_add_chain(tree, "d", LEVELS, add_siblings);
	result = WALK(.tree = tree);
	assert_string_equal(result->err, "");
	assert_int_equal(result->tally.files, LEVELS);
}
