/* A whole tree, walked: what goes, what is said, and what stays, however many threads there are. */

#include "child.h"
#include "walk/pool.h"
#include "faults.h"
#include "platform.h"
#include "random_tree.h"
#include "command.h"
#include "tests.h"
#include "walk.h"
#include "walker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/** Asserts on what a walk has said, its lines sorted, and on its counts. */
static void assert_walk(const struct walk_result *result, const char *out, uint64_t files,
			uint64_t directories)
{
	assert_int_equal(result->returned, 0);
	assert_string_equal(result->err, "");
	assert_string_equal(result->out, sort_lines(out));
	assert_int_equal(result->tally.files, files);
	assert_int_equal(result->tally.directories, directories);
	assert_int_equal(result->tally.errors, 0);
}

/* ---- What goes ------------------------------------------------------------------------------ */

static void grow_project(const struct tree *tree)
{
	ADD(tree, "old.pyc", "setup.py", "pkg/__init__.py",
	    "pkg/__pycache__/__init__.cpython-311.pyc", "pkg/sub/__pycache__/m.cpython-311.pyc",
	    "pkg/sub/__pycache__/m.cpython-311.opt-1.pyc", "pkg/sub/stray.pyo",
	    "pkg/sub/m.pyc.12345", ".git/objects/x.pyc", "venv/pyvenv.cfg",
	    "venv/lib/__pycache__/x.pyc", "docs/link -> ../pkg", "empty/er/");
}

static const char project_removed[] = "Removed old.pyc\n"
				      "Removed pkg/__pycache__/\n"
				      "Removed pkg/__pycache__/__init__.cpython-311.pyc\n"
				      "Removed pkg/sub/__pycache__/\n"
				      "Removed pkg/sub/__pycache__/m.cpython-311.opt-1.pyc\n"
				      "Removed pkg/sub/__pycache__/m.cpython-311.pyc\n"
				      "Removed pkg/sub/m.pyc.12345\n"
				      "Removed pkg/sub/stray.pyo\n"
				      "Skipped .git/ (version control)\n"
				      "Skipped venv/ (virtual environment)\n";

TEST(a_project_is_cleaned)
{
	for (unsigned jobs = 1; jobs <= WALKER_MAX_THREADS; jobs *= 4) {
		const struct tree *tree = TREE(NULL);

		grow_project(tree);
		assert_walk(WALK(.tree = tree, .jobs = jobs), project_removed, 6, 2);
		assert_tree(tree, "setup.py", "pkg/__init__.py", "pkg/sub/", ".git/objects/x.pyc",
			    "venv/pyvenv.cfg", "venv/lib/__pycache__/x.pyc", "docs/link -> ../pkg",
			    "empty/er/");
	}
}

/* ---- The same, always ----------------------------------------------------------------------- */

/* Nor does it when the tree begins to be shared. */
TEST(the_number_of_threads_makes_no_difference)
{
	static const unsigned jobs[] = { 2, 3, 8, 64 };

	for (uint64_t seed = 100; seed < (tests_are_slow() ? 102 : 108); seed++) {
		const struct tree *tree = TREE(NULL);
		struct walk_request request = { .tree = tree, .policy.dry_run = true };
		const struct walk_result *alone;
		struct tree_listing before;

		note_walks("seed %ju", (uintmax_t)seed);
		random_tree_grow(tree, seed);
		before = tree_list(tree);
		alone = walk(&request);
		for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
			request.jobs = jobs[i];
			for (request.small = 1; request.small < 200; request.small *= 10) {
				assert_same_walk(alone, walk(&request));
			}
		}
		assert_listing(before, tree_list(tree));
	}
}

/* Whether the directory tells the types or not. */
TEST(types_that_are_not_told_make_no_difference)
{
	static const struct interposed typeless = { .getdents = typeless_getdents };

	assert_undisturbed(standard_of(grow_project), &typeless);
}

/* ---- One walk ------------------------------------------------------------------------------- */

/** Shared with the child: calls of nftw, directories "p…" that it has reported, threads made. */
static struct walking {
	atomic_int walks;
	atomic_int packages;
	atomic_int threads;
	/** How often it was stopped at a directory. */
	atomic_int stops_at_directories;
} * walking;

static nftw_visit *own_visit;
static const char *own_start;

static int visit_and_count(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	int answer = own_visit(path, st, type, ftw);

	/* The start must stay: musl's nftw looks up every entry by its path. */
	if (type == FTW_D && path[ftw->base] == 'p' && access(own_start, F_OK) == 0) {
		atomic_fetch_add(&walking->packages, 1);
	}
	if (type == FTW_D && answer == platform_nftw_action(WALK_STOP)) {
		atomic_fetch_add(&walking->stops_at_directories, 1);
	}
	return answer;
}

static int nftw_counting(const char *path, nftw_visit *visit, int max_open, int flags)
{
	atomic_fetch_add(&walking->walks, 1);
	own_visit = visit;
	own_start = path;
	return real_nftw(path, visit_and_count, max_open, flags);
}

static int create_counting(pthread_t *thread, const pthread_attr_t *attributes,
			   void *(*start)(void *), void *context)
{
	atomic_fetch_add(&walking->threads, 1);
	return real_pthread_create(thread, attributes, start, context);
}

static void walk_counting(const struct tree *tree, uint64_t small, bool prune)
{
	static const struct interposed counting = { .nftw = nftw_counting,
						    .pthread_create = create_counting };
	const struct walk_result *result;

	walking = shared_alloc(sizeof(*walking));
	result = WALK(.tree = tree, .prune = prune, .jobs = 8, .small = small,
		      .functions = &counting);
	assert_int_equal(result->tally.errors, 0);
	assert_string_equal(WALK(.tree = tree, .policy.dry_run = true)->out, "");
}

enum {
	PACKAGES = 70
};

/** Packages with a cache each, somewhere in a tree, and with modules if wanted. */
static const struct tree *project(const char *where, int modules)
{
	const struct tree *tree = TREE(NULL);

	for (int i = 0; i < PACKAGES; i++) {
		const char *package = scratch_format("%sp%d", where, i);

		tree_add_file(tree, scratch_format("%s/__pycache__/m.cpython-311.pyc", package));
		for (int j = 0; j < modules; j++) {
			tree_add_file(tree, scratch_format("%s/module%d.py", package, j));
		}
	}
	return tree;
}

/* The daily use: one thread, and one call of nftw that reports every directory. */
TEST(nftw_walks_a_project_in_one_call)
{
	static const char *const places[] = { "", "src/", "src/a/b/" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		for (int modules = 0; modules <= 10; modules += 5) {
			note_walks("in '%s', %d modules", places[i], modules);
			walk_counting(project(places[i], modules), 0, false);
			assert_int_equal(atomic_load(&walking->walks), 1);
			assert_int_equal(atomic_load(&walking->packages), PACKAGES);
			assert_int_equal(atomic_load(&walking->threads), 0);
		}
	}
}

/* Directories that it leaves empty go as nftw leaves them, or when the threads are done with them. */
TEST(nftw_walks_a_project_that_is_pruned)
{
	const struct tree *tree = project("a/b/", 0);

	walk_counting(tree, 0, true);
	assert_int_equal(atomic_load(&walking->walks), 1);
	assert_int_equal(atomic_load(&walking->packages), PACKAGES);
	assert_int_equal(atomic_load(&walking->threads), 0);
	assert_tree(tree, NULL);
	tree = project("a/b/", 0);
	walk_counting(tree, 100, true);
	assert_in_range(atomic_load(&walking->packages), 2, 30);
	assert_in_range(atomic_load(&walking->threads), 1, 7);
	assert_tree(tree, NULL);
}

static int rmdir_errno;

static int unlinkat_failing_for_directories(int dirfd, const char *name, int flags)
{
	if (flags == AT_REMOVEDIR) {
		errno = rmdir_errno;
		return -1;
	}
	return real_unlinkat(dirfd, name, flags);
}

/* Somebody uses it: that is no error. */
TEST(a_directory_that_cannot_be_pruned_is_named)
{
	static const struct interposed failing = { .unlinkat = unlinkat_failing_for_directories };
	static const int silent[] = { ENOTEMPTY, EEXIST, EBUSY, ENOENT };
	const struct walk_result *result;

	for (size_t i = 0; i < sizeof(silent) / sizeof(*silent); i++) {
		rmdir_errno = silent[i];
		result = WALK(.tree = TREE("a/b/x.pyc"), .prune = true, .functions = &failing);
		assert_walk(result, "Removed a/b/x.pyc\n", 1, 0);
	}
	rmdir_errno = EACCES;
	result = WALK(.tree = TREE("a/b/x.pyc"), .prune = true, .functions = &failing);
	assert_string_equal(result->err, "pyclean: cannot remove 'a/b': Permission denied\n");
}

static int openat_without_parents(int dirfd, const char *name, int flags)
{
	if (strcmp(name, "..") == 0) {
		errno = EACCES;
		return -1;
	}
	return real_openat(dirfd, name, flags);
}

static int fstatat_failing(int dirfd, const char *name, struct stat *st, int flags)
{
	if (strcmp(name, "b") == 0) {
		errno = EIO;
		return -1;
	}
	return real_fstatat(dirfd, name, st, flags);
}

/* It is emptied, but it is not known whether it may go. */
TEST(a_directory_that_cannot_be_looked_up_is_not_pruned)
{
	static const struct interposed failing[] = { { .openat = openat_without_parents },
						     { .fstatat = fstatat_failing } };
	const char *const errors[] = { "pyclean: cannot remove 'a': Permission denied\n",
				       scratch_format("pyclean: cannot remove 'a/b': %s\n",
						      strerror(EIO)) };

	for (size_t i = 0; i < 2; i++) {
		const struct walk_result *result =
			WALK(.tree = TREE("a/b/x.pyc"), .prune = true, .functions = &failing[i]);

		assert_string_equal(result->err, errors[i]);
	}
}

/* What was scanned is no longer mounted there. */
TEST(a_directory_on_another_file_system_than_the_one_scanned_is_not_pruned)
{
	static const struct interposed mount = { .fstat = mounted_fstat };
	const struct tree *tree = TREE("a/x.pyc");

	pretend_mount(tree, "a");
	assert_walk(WALK(.tree = tree, .prune = true, .functions = &mount), "Removed a/x.pyc\n", 1,
		    0);
}

static atomic_int stop_when_removed;

static int unlinkat_then_stop(int dirfd, const char *name, int flags)
{
	atomic_store(&stop_when_removed, SIGINT);
	return real_unlinkat(dirfd, name, flags);
}

/* At most the directory stays that was just emptied. */
TEST(a_stop_prunes_nothing_more)
{
	static const struct interposed stopping = { .unlinkat = unlinkat_then_stop };
	const struct tree *tree = TREE("a/b/x.pyc");

	WALK(.tree = tree, .prune = true, .policy.stop = &stop_when_removed,
	     .functions = &stopping);
	assert_tree(tree, "a/b/");
}

/* Directories of the work stack that were closed are opened again to prune what is in them. */
TEST(few_descriptors_are_enough_to_prune)
{
	const struct tree *tree = TREE("x.pyc");
	const char *path = "";

	for (int i = 0; i < 20; i++) {
		path = scratch_format("%sd/", path);
		ADD(tree, scratch_format("%sa/b/x.pyc", path), scratch_format("%sc/x.pyc", path),
		    scratch_format("%se/f/x.pyc", path));
	}
	WALK(.tree = tree, .prune = true, .max_descriptors = 12);
	assert_tree(tree, NULL);
}

/** No ".." is opened between a directory "b…" and the one in it. */
static int openat_with_a_closed_parent(int dirfd, const char *name, int flags)
{
	static bool is_closed;

	is_closed = (is_closed && name[0] != 'n') || name[0] == 'b';
	if (strcmp(name, "..") == 0 && is_closed) {
		errno = EACCES;
		return -1;
	}
	return real_openat(dirfd, name, flags);
}

/* Where the way back to the directory that waits is closed, its path leads there. */
TEST(a_directory_that_was_opened_by_its_path_is_pruned)
{
	static const struct interposed closed = { .openat = openat_with_a_closed_parent };

	/* The names come in any order, but that of a directory without further ones often last. */
	for (int i = 0; i < 8; i++) {
		const struct tree *tree =
			TREE(scratch_format("m/a%d/x.pyc", i), scratch_format("m/b%d/n/x.pyc", i),
			     scratch_format("m/b%d0/n/x.pyc", i), scratch_format("m/d%d/x.pyc", i));
		const struct walk_result *result =
			WALK(.tree = tree, .prune = true, .max_descriptors = 12,
			     .functions = &closed);

		assert_string_equal(result->err, "");
		assert_tree(tree, NULL);
	}
}

/* A directory with a single one in it, in each of which there are files. */
TEST(nftw_walks_a_chain_in_one_call)
{
	walk_counting(TREE("p/a.py", "p/p/a.py", "p/p/p/a.py", "p/p/p/p/__pycache__/a.pyc"), 0,
		      false);
	assert_int_equal(atomic_load(&walking->walks), 1);
	assert_int_equal(atomic_load(&walking->packages), 4);
	assert_int_equal(atomic_load(&walking->threads), 0);
}

/* When a tree has turned out to be large, nftw has walked its beginning, and is not called again. */
TEST(nftw_leaves_a_large_tree_to_the_threads)
{
	walk_counting(project("", 5), 100, false);
	assert_int_equal(atomic_load(&walking->walks), 1);
	assert_in_range(atomic_load(&walking->packages), 2, 20);
	assert_in_range(atomic_load(&walking->threads), 1, 7);
	/* Where musl's would leak a descriptor. */
	assert_int_equal(atomic_load(&walking->stops_at_directories), 0);
}

/* Not only directories count: removing many files is work for several threads, too. */
TEST(a_tree_is_large_by_its_entries)
{
	const struct tree *files = project("", 0);
	const struct tree *removals = project("", 0);

	for (int i = 0; i <= WALKER_SMALL_TREE; i++) {
		tree_add_file(files, scratch_format("%d.py", i));
		tree_add_file(removals,
			      scratch_format("p%d/__pycache__/%d.pyc", i % (PACKAGES / 2), i));
	}
	walk_counting(files, 0, false);
	assert_int_equal(atomic_load(&walking->walks), 0);
	assert_in_range(atomic_load(&walking->threads), 1, 7);
	walk_counting(removals, 0, false);
	assert_in_range(atomic_load(&walking->threads), 1, 7);
}

/* ---- Several threads ------------------------------------------------------------------------ */

static atomic_int *removals;
static atomic_int *threads;
static int awaited;
static _Thread_local bool seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t another = PTHREAD_COND_INITIALIZER;

/*
 * Half-way a thread that was started gets its first turn, however busy the machine is. Where none
 * was, the time limit ends this.
 */
static int unlinkat_counting_threads(int dirfd, const char *name, int flags)
{
	bool is_half_way = atomic_fetch_add(removals, 1) + 1 >= 60;

	pthread_mutex_lock(&lock);
	if (!seen) {
		seen = true;
		atomic_fetch_add(threads, 1);
		pthread_cond_broadcast(&another);
	}
	while (is_half_way && atomic_load(threads) < awaited) {
		pthread_cond_wait(&another, &lock);
	}
	pthread_mutex_unlock(&lock);
	return real_unlinkat(dirfd, name, flags);
}

static int count_threads(const struct tree *tree, unsigned jobs, uint64_t small)
{
	removals = shared_alloc(sizeof(*removals));
	threads = shared_alloc(sizeof(*threads));
	awaited = jobs > 1 ? 2 : 1;
	WALK(.tree = tree, .jobs = jobs, .small = small,
	     .functions = &(const struct interposed){ .unlinkat = unlinkat_counting_threads });
	return atomic_load(threads);
}

static const struct tree *wide_tree(int directories)
{
	const struct tree *tree = TREE(NULL);

	for (int i = 0; i < directories; i++) {
		tree_add_file(tree, scratch_format("d%d/e/__pycache__/m.pyc", i));
	}
	return tree;
}

/* A large tree is shared, if that is allowed. */
TEST(threads_share_a_large_tree)
{
	assert_int_equal(count_threads(wide_tree(60), 1, 50), 1);
	assert_int_equal(atomic_load(removals), 120);
	assert_in_range(count_threads(wide_tree(60), 8, 50), 2, 8);
	assert_int_equal(atomic_load(removals), 120);
}

/* ---- Stopping ------------------------------------------------------------------------------- */

static atomic_int stop;
static int removals_before_stop;

static int unlinkat_before_stop(int dirfd, const char *name, int flags)
{
	if (atomic_fetch_add(removals, 1) + 1 >= removals_before_stop) {
		atomic_store(&stop, SIGTERM);
	}
	return real_unlinkat(dirfd, name, flags);
}

static atomic_int *opened_after_stop;

static int openat_counting_after_stop(int dirfd, const char *name, int flags)
{
	if (atomic_load(&stop) != 0) {
		atomic_fetch_add(opened_after_stop, 1);
	}
	return real_openat(dirfd, name, flags);
}

/* A signal: threads come to an end, say what they have done, and nothing that they have not. */
TEST(a_stop_ends_all_threads)
{
	static const struct interposed stopping = { .unlinkat = unlinkat_before_stop,
						    .openat = openat_counting_after_stop };

	removals = shared_alloc(sizeof(*removals));
	opened_after_stop = shared_alloc(sizeof(*opened_after_stop));
	for (unsigned jobs = 1; jobs <= 8; jobs += 7) {
		for (removals_before_stop = 1; removals_before_stop < 70;
		     removals_before_stop = 3 * removals_before_stop + 1) {
			const struct tree *tree = wide_tree(40);
			size_t before = tree_list(tree).count;
			const struct walk_result *result;

			atomic_store(removals, 0);
			atomic_store(opened_after_stop, 0);
			result = WALK(.tree = tree, .policy.stop = &stop, .jobs = jobs, .small = 50,
				      .functions = &stopping);
			assert_string_equal(result->err, "");
			assert_int_equal(result->tally.errors, 0);
			/* What each was about to open, or to remove. */
			assert_in_range(atomic_load(opened_after_stop), 0, 2 * (int)jobs);
			assert_int_equal(result->tally.files + result->tally.directories,
					 before - tree_list(tree).count);
			assert_in_range(result->tally.files + result->tally.directories,
					removals_before_stop, removals_before_stop + (int)jobs);
		}
	}
}
