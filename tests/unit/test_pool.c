/* The work stack and its threads: each directory is taken once, and nothing of it is leaked. */

#include "child.h"
#include "interpose.h"
#include "walk/pool.h"
#include "tests.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void work_never(void *context)
{
	(void)context;
	abort();
}

static void destroy(void *object)
{
	pool_destroy(object);
}

/** A pool for one thread, the test's. */
static struct pool *new_pool(size_t max_open)
{
	struct pool *pool = scratch_alloc(sizeof(*pool));

	pool_init(pool, 1, work_never, NULL);
	pool->max_open = max_open;
	scratch_defer(destroy, pool);
	return pool;
}

/** A listing of names, divided by blanks. */
static struct namelist listing_of(const char *names)
{
	const char *const *words = split(names);
	struct namelist listing = { 0 };

	for (size_t i = 0; words[i]; i++) {
		assert_int_equal(namelist_add(&listing, words[i], ENTRY_DIRECTORY, 0), 0);
	}
	return listing;
}

static int open_here(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		broken("cannot open '/'");
	}
	return fd;
}

/** Pushes names outside of a task. @return The descriptor that went with them. */
static int push(struct pool *pool, const char *path, const char *names)
{
	struct namelist listing = listing_of(names);
	int fd = open_here();

	assert_int_equal(pool_push(pool, NULL, fd, path, strlen(path), &listing), 0);
	/* The names are the pool's. */
	assert_int_equal(listing.bytes.size, 0);
	return fd;
}

/** Takes the next name, which has to be this one, and does not release it. */
static struct pool_task assert_taken(struct pool *pool, const char *path, const char *name)
{
	struct pool_task task;
	char *found;

	assert_true(pool_take(pool, &task));
	assert_string_equal(task.name, name);
	found = scratch_alloc(task.from->end + 1);
	pool_path(task.from, found);
	assert_string_equal(found, path);
	return task;
}

/** Takes it, and ends the task. */
static void take(struct pool *pool, const char *path, const char *name)
{
	struct pool_task task = assert_taken(pool, path, name);

	pool_release(pool, &task);
}

static void assert_empty(struct pool *pool)
{
	struct pool_task task;

	assert_false(pool_take(pool, &task));
}

/* ---- One thread ----------------------------------------------------------------------------- */

static void an_empty_pool_has_nothing(void **state)
{
	(void)state;
	assert_empty(new_pool(1));
}

/* Last in, first out, or the stack of a wide tree would hold all of it. */
static void the_last_directory_pushed_is_taken_from_first(void **state)
{
	struct pool *pool = new_pool(10);

	(void)state;
	push(pool, "", "a b");
	push(pool, "a/", "c d");
	take(pool, "a/", "c");
	push(pool, "a/c/", "e");
	take(pool, "a/c/", "e");
	take(pool, "a/", "d");
	take(pool, "", "a");
	take(pool, "", "b");
	assert_empty(pool);
	assert_empty(pool);
}

/* The walker goes on in the memory of the path when a directory has been pushed. */
static void the_path_is_copied_as_far_as_it_is_its_own(void **state)
{
	struct pool *pool = new_pool(10);
	char prefix[] = "a/b/c/";
	struct namelist listing = listing_of("x");

	(void)state;
	assert_int_equal(pool_push(pool, NULL, open_here(), prefix, 4, &listing), 0);
	memset(prefix, 'z', sizeof(prefix) - 1);
	take(pool, "a/b/", "x");
	assert_empty(pool);
}

/* Names that were taken out of the listing before are not to be visited again. */
static void names_already_visited_are_not_taken(void **state)
{
	struct pool *pool = new_pool(10);
	struct namelist listing = listing_of("a b c d");

	(void)state;
	assert_true(namelist_take(&listing, "a"));
	assert_true(namelist_take(&listing, "c"));
	assert_int_equal(pool_push(pool, NULL, open_here(), "", 0, &listing), 0);
	take(pool, "", "b");
	take(pool, "", "d");
	assert_empty(pool);
}

/* ---- Descriptors ---------------------------------------------------------------------------- */

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Other tasks are opened relative to it. */
static void a_descriptor_stays_open_until_all_names_are_released(void **state)
{
	struct pool *pool = new_pool(10);
	int fd = push(pool, "", "a b c");
	struct pool_task a = assert_taken(pool, "", "a");
	struct pool_task b = assert_taken(pool, "", "b");
	struct pool_task c;

	(void)state;
	assert_int_equal(a.fd, fd);
	pool_release(pool, &a);
	assert_true(is_open(fd));
	c = assert_taken(pool, "", "c");
	pool_release(pool, &c);
	assert_true(is_open(fd));
	assert_string_equal(b.name, "b");
	pool_release(pool, &b);
	assert_false(is_open(fd));
	assert_empty(pool);
}

/* Beyond what it may hold, directories are kept by their paths. */
static void the_stack_holds_no_more_descriptors_than_it_may(void **state)
{
	struct pool *pool = new_pool(2);
	size_t before = count_descriptors();
	struct pool_task task;

	(void)state;
	for (int i = 0; i < 5; i++) {
		push(pool, scratch_format("%d/", i), "x y");
	}
	assert_int_equal(count_descriptors(), before + 2);
	for (int i = 4; i >= 0; i--) {
		task = assert_taken(pool, scratch_format("%d/", i), "x");
		assert_int_equal(task.fd >= 0, i >= 3);
		pool_release(pool, &task);
		take(pool, scratch_format("%d/", i), "y");
	}
	assert_empty(pool);
	assert_int_equal(count_descriptors(), before);
}

/* What is given back can be held again. */
static void descriptors_given_back_are_held_again(void **state)
{
	struct pool *pool = new_pool(1);

	(void)state;
	for (int i = 0; i < 3; i++) {
		int fd = push(pool, "", "a");

		assert_true(is_open(fd));
		take(pool, "", "a");
		assert_false(is_open(fd));
	}
	assert_empty(pool);
}

/* Without memory everything is still the caller's, who can then say what is not visited. */
static void without_memory_nothing_is_pushed(void **state)
{
	struct pool *pool = new_pool(10);
	int failures = 0;
	int result = -1;

	(void)state;
	for (int before = 0; result != 0; before++) {
		struct namelist listing = listing_of("a b");
		int fd = open_here();

		interpose_failing_allocation(before);
		result = pool_push(pool, NULL, fd, "p/", 2, &listing);
		interpose(NULL);
		if (result != 0) {
			assert_int_equal(errno, ENOMEM);
			assert_true(is_open(fd));
			assert_true(namelist_take(&listing, "a") && namelist_take(&listing, "b"));
			close(fd);
			namelist_free(&listing);
			failures++;
		}
	}
	assert_in_range(failures, 1, 10);
	take(pool, "p/", "a");
	take(pool, "p/", "b");
	assert_empty(pool);
}

/* ---- Few descriptors, deep trees ------------------------------------------------------------ */

/** Opens a directory of a task, and pushes it with names in it. @return Its path. */
static const char *push_below(struct pool *pool, const struct pool_task *task, const char *names)
{
	char *path = scratch_alloc(task->from->end + 1);
	struct namelist listing = listing_of(names);
	int fd;

	pool_path(task->from, path);
	path = scratch_format("%s%s/", path, task->name);
	fd = openat(task->fd, task->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pool_push(pool, task->from, fd, path, strlen(path), &listing), 0);
	return path;
}

/** The inode of the directory that a task is from, by its descriptor. */
static ino_t inode_of(const struct pool_task *task)
{
	struct stat st;

	assert_int_equal(fstat(task->fd, &st), 0);
	return st.st_ino;
}

enum {
	DEPTH = 12
};

/** Pushes a chain of directories "a/a/…", every other one with "b" and "c" left to visit. */
static void push_chain(struct pool *pool, const struct tree *tree, ino_t inodes[DEPTH])
{
	struct namelist listing = listing_of("a b c");

	tree_add_directory(tree, "a/a/a/a/a/a/a/a/a/a/a/a");
	assert_int_equal(pool_push(pool, NULL, dup(tree->fd), "", 0, &listing), 0);
	for (int level = 0; level < DEPTH; level++) {
		struct pool_task task;

		assert_true(pool_take(pool, &task));
		inodes[level] = inode_of(&task);
		push_below(pool, &task, level % 2 ? "a b c" : "a");
		pool_release(pool, &task);
	}
}

/* Where only the last few are open, each is opened again from one below it. */
static void a_closed_directory_is_opened_again_on_the_way_back(void **state)
{
	struct pool *pool = new_pool(3);
	const struct tree *tree = TREE(NULL);
	size_t before = count_descriptors();
	ino_t inodes[DEPTH];
	struct pool_task task;

	(void)state;
	push_chain(pool, tree, inodes);
	assert_true(count_descriptors() <= before + 3);
	for (const char *name = "abc"; *name; name++) {
		take(pool, "a/a/a/a/a/a/a/a/a/a/a/a/", scratch_format("%c", *name));
	}
	for (int level = DEPTH - 2; level >= 0; level -= 2) {
		for (const char *name = "bc"; *name; name++) {
			assert_true(pool_take(pool, &task));
			assert_int_equal(inode_of(&task), inodes[level]);
			assert_int_equal(task.name[0], *name);
			pool_release(pool, &task);
			assert_true(count_descriptors() <= before + 3);
		}
	}
	assert_empty(pool);
	assert_int_equal(count_descriptors(), before);
}

/** Pushes a directory by its path in the tree. */
static void push_by_path(struct pool *pool, const struct tree *tree, const struct pool_task *task,
			 const char *path, const char *names)
{
	struct namelist listing = listing_of(names);
	int fd = openat(tree->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(
		pool_push(pool, task ? task->from : NULL, fd, path, strlen(path), &listing), 0);
}

/* The lowest is in use, so that the top one was closed; then there are descriptors again. */
static void the_top_directory_is_opened_again_above_open_ones(void **state)
{
	struct pool *pool = new_pool(2);
	const struct tree *tree = TREE("p/r/z/", "p/a/x/y/", "p/a/w/");
	struct pool_task r;
	struct pool_task z;
	struct pool_task a;
	struct pool_task task;
	struct stat st;

	(void)state;
	push_by_path(pool, tree, NULL, "p/", "r a b");
	r = assert_taken(pool, "p/", "r");
	push_by_path(pool, tree, &r, "p/r/", "z");
	pool_release(pool, &r);
	z = assert_taken(pool, "p/r/", "z");
	a = assert_taken(pool, "p/", "a");
	push_by_path(pool, tree, &a, "p/a/", "x w");
	pool_release(pool, &z);
	task = assert_taken(pool, "p/a/", "x");
	assert_int_equal(task.fd, -1);
	push_by_path(pool, tree, &task, "p/a/x/", "y");
	pool_release(pool, &task);
	take(pool, "p/a/x/", "y");
	task = assert_taken(pool, "p/a/", "w");
	assert_int_equal(fstatat(tree->fd, "p/a", &st, 0), 0);
	assert_int_equal(inode_of(&task), st.st_ino);
	pool_release(pool, &task);
	pool_release(pool, &a);
	take(pool, "p/", "b");
	assert_empty(pool);
}

static int openat_without_parents(int dirfd, const char *name, int flags)
{
	if (strcmp(name, "..") == 0) {
		errno = EACCES;
		return -1;
	}
	return real_openat(dirfd, name, flags);
}

/** Asserts that a closed directory is not opened again from the one below it. */
static void assert_stays_closed(void (*interfere)(const struct tree *tree))
{
	struct pool *pool = new_pool(2);
	const struct tree *tree = TREE("p/a/x/", "elsewhere/");
	struct pool_task task;

	push_by_path(pool, tree, NULL, "p/", "a b");
	task = assert_taken(pool, "p/", "a");
	push_below(pool, &task, "x y");
	pool_release(pool, &task);
	task = assert_taken(pool, "p/a/", "x");
	push_below(pool, &task, "z");
	pool_release(pool, &task);
	/* Now "p/" is the one that is closed. */
	interfere(tree);
	take(pool, "p/a/x/", "z");
	take(pool, "p/a/", "y");
	interpose(NULL);
	task = assert_taken(pool, "p/", "b");
	assert_int_equal(task.fd, -1);
	pool_release(pool, &task);
	assert_empty(pool);
}

static void move_elsewhere(const struct tree *tree)
{
	assert_int_equal(renameat(tree->fd, "p/a", tree->fd, "elsewhere/a"), 0);
}

static void forbid_parents(const struct tree *tree)
{
	(void)tree;
	interpose(&(const struct interposed){ .openat = openat_without_parents });
}

/* What is above a directory that was moved is not taken for its parent. */
static void another_directory_is_not_taken_for_the_closed_one(void **state)
{
	(void)state;
	assert_stays_closed(move_elsewhere);
	assert_stays_closed(forbid_parents);
}

/* The paths in a deep tree lie in pieces, which stay as long as one is needed. */
static void long_paths_are_put_together(void **state)
{
	struct pool *pool = new_pool(10);
	const struct tree *tree = TREE(NULL);
	char name[101];
	const char *path = "";
	struct pool_task task;
	struct namelist listing;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	listing = listing_of(name);
	assert_int_equal(pool_push(pool, NULL, dup(tree->fd), "", 0, &listing), 0);
	for (int level = 0; level < 20; level++) {
		/* All above are exhausted. */
		task = assert_taken(pool, path, name);
		assert_int_equal(mkdirat(task.fd, name, 0755), 0);
		path = push_below(pool, &task, name);
		pool_release(pool, &task);
	}
	take(pool, path, name);
	assert_empty(pool);
}

/* ---- Several threads ------------------------------------------------------------------------ */

enum {
	THREADS = 6,
	LEVELS = 11
};

/** Threads that visit a binary tree, all directories of which are pushed. */
struct team {
	struct pool pool;
	atomic_uint visits;
	/** How often each directory was visited: the one with number N has 2N and 2N + 1 in it. */
	atomic_uchar visited[1 << LEVELS];
};

/** How often pthread_create was called, and whether it fails. */
static atomic_uint created;
static bool refuses;
/** Whether the first call found the pool's lock free. */
static struct team *team_in_test;
static bool was_free;

static int counting_create(pthread_t *thread, const pthread_attr_t *attributes,
			   void *(*start)(void *), void *context)
{
	if (atomic_fetch_add(&created, 1) == 0) {
		was_free = pthread_mutex_trylock(&team_in_test->pool.lock) == 0;
		if (was_free) {
			pthread_mutex_unlock(&team_in_test->pool.lock);
		}
	}
	return refuses ? EAGAIN : real_pthread_create(thread, attributes, start, context);
}

static void push_children(struct team *team, struct pool_directory *parent, const char *path,
			  unsigned number)
{
	struct namelist names = { 0 };
	char name[16];

	for (unsigned child = 2 * number; child <= 2 * number + 1; child++) {
		snprintf(name, sizeof(name), "%u", child);
		if (namelist_add(&names, name, ENTRY_DIRECTORY, 0) != 0) {
			abort();
		}
	}
	if (pool_push(&team->pool, parent, dup(STDIN_FILENO), path, strlen(path), &names) != 0) {
		abort();
	}
}

/** Visits the directory with this number, whose path has to end with that of its parent. */
static void visit(struct team *team, const struct pool_task *task)
{
	unsigned number = (unsigned)strtoul(task->name, NULL, 10);
	char path[16 * LEVELS] = "";
	char end[16];

	pool_path(task->from, path);
	snprintf(end, sizeof(end), "%u/", number / 2);
	if (strlen(path) < strlen(end) || strcmp(path + strlen(path) - strlen(end), end) != 0) {
		abort();
	}
	atomic_fetch_add(&team->visits, 1);
	atomic_fetch_add(&team->visited[number], 1);
	if (2 * number < 1 << LEVELS) {
		strcat(strcat(path, task->name), "/");
		push_children(team, task->from, path, number);
	}
}

static void work(void *context)
{
	struct team *team = context;
	struct pool_task task;

	while (pool_take(&team->pool, &task)) {
		visit(team, &task);
		pool_release(&team->pool, &task);
	}
}

/** Has a team visit all of a tree. */
static struct team *visit_all(unsigned threads, bool shares)
{
	static const struct interposed counting = { .pthread_create = counting_create };
	struct team *team = scratch_alloc(sizeof(*team));

	team_in_test = team;
	atomic_store(&created, 0);
	interpose(&counting);
	pool_init(&team->pool, threads, work, team);
	team->pool.max_open = 16;
	push_children(team, NULL, "1/", 1);
	team->pool.shared = shares;
	work(team);
	pool_destroy(&team->pool);
	interpose(NULL);
	return team;
}

static void assert_all_visited_once(const struct team *team)
{
	assert_int_equal(atomic_load(&team->visits), (1 << LEVELS) - 2);
	for (unsigned number = 2; number < 1 << LEVELS; number++) {
		if (atomic_load(&team->visited[number]) != 1) {
			print_error("# %u was visited %d times\n", number,
				    atomic_load(&team->visited[number]));
			fail();
		}
	}
}

/* Each directory once, and then every thread is told that all is done: none waits for ever. */
static void several_threads_take_each_directory_once(void **state)
{
	size_t before = count_descriptors();

	(void)state;
	for (int round = 0; round < (tests_are_slow() ? 3 : 30); round++) {
		assert_all_visited_once(visit_all(THREADS, true));
		assert_in_range(atomic_load(&created), 1, THREADS - 1);
		assert_int_equal(count_descriptors(), before);
	}
}

/* Or whoever needs the lock would wait while the kernel makes a thread. */
static void a_thread_is_started_without_the_lock(void **state)
{
	(void)state;
	visit_all(2, true);
	assert_int_equal(atomic_load(&created), 1);
	assert_true(was_free);
}

/* -j1, or a tree that is not worth a thread. */
static void no_thread_is_started_unless_the_tree_is_shared(void **state)
{
	(void)state;
	assert_all_visited_once(visit_all(1, true));
	assert_int_equal(atomic_load(&created), 0);
	assert_all_visited_once(visit_all(THREADS, false));
	assert_int_equal(atomic_load(&created), 0);
}

/* Where no thread can be made, the caller's does it all, and does not try each time. */
static void a_thread_that_cannot_be_started_is_not_waited_for(void **state)
{
	(void)state;
	refuses = true;
	assert_all_visited_once(visit_all(THREADS, true));
	refuses = false;
	assert_int_equal(atomic_load(&created), 1);
}

/** Ends at once, as a thread does that has no memory. */
static void work_nothing(void *context)
{
	(void)context;
}

/* A thread that cannot work leaves everything to the others. */
static void a_thread_that_does_nothing_is_not_waited_for(void **state)
{
	struct team *team = scratch_alloc(sizeof(*team));

	(void)state;
	pool_init(&team->pool, THREADS, work_nothing, NULL);
	team->pool.shared = true;
	push_children(team, NULL, "1/", 1);
	work(team);
	pool_destroy(&team->pool);
	assert_all_visited_once(team);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_pool_has_nothing),
		TEST(the_last_directory_pushed_is_taken_from_first),
		TEST(the_path_is_copied_as_far_as_it_is_its_own),
		TEST(names_already_visited_are_not_taken),
		TEST(a_descriptor_stays_open_until_all_names_are_released),
		TEST(the_stack_holds_no_more_descriptors_than_it_may),
		TEST(descriptors_given_back_are_held_again),
		TEST(without_memory_nothing_is_pushed),
		TEST(a_closed_directory_is_opened_again_on_the_way_back),
		TEST(the_top_directory_is_opened_again_above_open_ones),
		TEST(another_directory_is_not_taken_for_the_closed_one),
		TEST(long_paths_are_put_together),
		TEST(several_threads_take_each_directory_once),
		TEST(a_thread_is_started_without_the_lock),
		TEST(no_thread_is_started_unless_the_tree_is_shared),
		TEST(a_thread_that_cannot_be_started_is_not_waited_for),
		TEST(a_thread_that_does_nothing_is_not_waited_for),
	};

	return RUN_TESTS(tests);
}
