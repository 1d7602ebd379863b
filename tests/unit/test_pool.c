/* The work stack and its threads: each directory is taken once, and nothing of it is leaked. */

#include "child.h"
#include "interpose.h"
#include "walk/pool.h"
#include "tests.h"

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

/** A directory of which these names are not yet visited. */
static struct pool_directory directory_of(int fd, const char *name, size_t length,
					  const char *names)
{
	return (struct pool_directory){
		.fd = fd, .name = name, .length = length, .names = listing_of(names)
	};
}

/** Pushes the operand's directory. @return The descriptor that went with it. */
static int push(struct pool *pool, const char *names)
{
	struct pool_directory directory = directory_of(open_here(), "", 0, names);

	assert_int_not_equal(pool_push(pool, NULL, &directory), 0);
	/* The names are the pool's. */
	assert_int_equal(directory.names.bytes.size, 0);
	return directory.fd;
}

/** Takes the next name, which has to be this one, and does not release it. */
static struct pool_task assert_taken(struct pool *pool, const char *name)
{
	struct pool_task task;

	assert_true(pool_take(pool, &task));
	assert_string_equal(task.entry.name, name);
	return task;
}

/** Ends a task, and finishes what is finished with it. @return How many directories were. */
static int release(struct pool *pool, const struct pool_task *task, unsigned result)
{
	struct pool_node *finished = pool_release(pool, task, result);
	int count = 0;

	if (finished) {
		platform_close(finished->directory.fd);
	}
	for (; finished; count++) {
		finished = pool_finish(pool, finished, finished->directory.state.result);
	}
	return count;
}

/** Takes it, and ends the task. */
static void take(struct pool *pool, const char *name)
{
	struct pool_task task = assert_taken(pool, name);

	release(pool, &task, 0);
}

/** Pushes the directory of a task, and ends the task. */
static void push_task(struct pool *pool, const struct pool_task *task, const char *names)
{
	size_t length = task->parent->directory.length + strlen(task->entry.name) + 1;
	int fd = task->fd < 0 ? -1 : platform_open_directory(task->fd, task->entry.name);
	struct pool_directory directory =
		directory_of(fd < 0 ? open_here() : fd, task->entry.name, length, names);

	assert_int_not_equal(pool_push(pool, task->parent, &directory), 0);
	assert_null(pool_release(pool, task, 0));
}

/** Takes a name and pushes its directory. */
static void take_and_push(struct pool *pool, const char *name, const char *names)
{
	struct pool_task task = assert_taken(pool, name);

	push_task(pool, &task, names);
}

static void assert_empty(struct pool *pool)
{
	struct pool_task task;

	assert_false(pool_take(pool, &task));
}

/* ---- One thread ----------------------------------------------------------------------------- */

TEST(an_empty_pool_has_nothing)
{
	assert_empty(new_pool(1));
}

/* Last in, first out, or the stack of a wide tree would hold all of it. */
TEST(the_last_directory_pushed_is_taken_from_first)
{
	struct pool *pool = new_pool(10);

	push(pool, "a b");
	take_and_push(pool, "a", "c d");
	take_and_push(pool, "c", "e");
	take(pool, "e");
	take(pool, "d");
	take(pool, "b");
	assert_empty(pool);
	assert_empty(pool);
}

/* As nftw reports them. */
TEST(a_name_in_the_top_directory_can_be_taken)
{
	struct pool *pool = new_pool(10);
	struct pool_task task;

	push(pool, "a b");
	assert_true(pool_take_name(pool, "b", &task));
	assert_string_equal(task.entry.name, "b");
	assert_int_equal(task.parent->depth, 0);
	push_task(pool, &task, "c");
	assert_false(pool_take_name(pool, "a", &task));
	assert_true(pool_take_name(pool, "c", &task));
	assert_int_equal(task.parent->depth, 1);
	assert_int_equal(release(pool, &task, 0), 1);
	assert_false(pool_take_name(pool, "b", &task));
	take(pool, "a");
	assert_empty(pool);
}

/* Its parent is told what became of it. */
TEST(a_directory_is_finished_when_all_below_it_is)
{
	struct pool *pool = new_pool(10);
	struct pool_task a;
	struct pool_task b;
	struct pool_task c;
	struct pool_node *finished;

	push(pool, "a b");
	a = assert_taken(pool, "a");
	push_task(pool, &a, "c");
	c = assert_taken(pool, "c");
	b = assert_taken(pool, "b");
	assert_null(pool_release(pool, &b, SCAN_REMOVED));
	finished = pool_release(pool, &c, SCAN_KEPT);
	assert_string_equal(finished->name, "a");
	assert_int_equal(finished->directory.state.result, SCAN_KEPT);
	platform_close(finished->directory.fd);
	finished = pool_finish(pool, finished, SCAN_KEPT);
	assert_string_equal(finished->name, "");
	assert_int_equal(finished->directory.fd, -1);
	assert_int_equal(finished->directory.state.result, SCAN_KEPT | SCAN_REMOVED);
	assert_null(pool_finish(pool, finished, 0));
	assert_empty(pool);
}

static bool take_out(struct namelist *names, const char *name)
{
	struct listed taken;

	return namelist_take(names, name, &taken);
}

/* Names that were taken out of the listing before are not to be visited again. */
TEST(names_already_visited_are_not_taken)
{
	struct pool *pool = new_pool(10);
	struct pool_directory directory = directory_of(open_here(), "", 0, "a b c d");

	assert_true(take_out(&directory.names, "a"));
	assert_true(take_out(&directory.names, "c"));
	assert_int_equal(pool_push(pool, NULL, &directory), 1);
	take(pool, "b");
	take(pool, "d");
	assert_empty(pool);
}

/* ---- Descriptors ---------------------------------------------------------------------------- */

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Other tasks are opened relative to it. */
TEST(a_descriptor_stays_open_until_all_names_are_released)
{
	struct pool *pool = new_pool(10);
	int fd = push(pool, "a b c");
	struct pool_task a = assert_taken(pool, "a");
	struct pool_task b = assert_taken(pool, "b");
	struct pool_task c;

	assert_int_equal(a.fd, fd);
	release(pool, &a, 0);
	assert_true(is_open(fd));
	c = assert_taken(pool, "c");
	release(pool, &c, 0);
	assert_true(is_open(fd));
	assert_string_equal(b.entry.name, "b");
	release(pool, &b, 0);
	assert_false(is_open(fd));
	assert_empty(pool);
}

/* One whose subdirectories are all being visited is kept without. */
TEST(a_descriptor_is_closed_once_no_task_needs_it)
{
	struct pool *pool = new_pool(10);
	int fd = push(pool, "a");

	take_and_push(pool, "a", "b");
	assert_false(is_open(fd));
	take(pool, "b");
	assert_empty(pool);
}

/* Beyond what it may hold, directories are kept by their paths. */
TEST(the_stack_holds_no_more_descriptors_than_it_may)
{
	struct pool *pool = new_pool(2);
	size_t before = count_descriptors();
	struct pool_task task;

	push(pool, "x y");
	for (int i = 0; i < 4; i++) {
		take_and_push(pool, "x", "x y");
	}
	assert_int_equal(count_descriptors(), before + 2);
	take(pool, "x");
	for (int i = 4; i >= 0; i--) {
		task = assert_taken(pool, "y");
		assert_true(count_descriptors() <= before + 2);
		release(pool, &task, 0);
	}
	assert_empty(pool);
	assert_int_equal(count_descriptors(), before);
}

/* What is given back can be held again. */
TEST(descriptors_given_back_are_held_again)
{
	struct pool *pool = new_pool(1);

	for (int i = 0; i < 3; i++) {
		int fd = push(pool, "a");

		assert_true(is_open(fd));
		take(pool, "a");
		assert_false(is_open(fd));
	}
	assert_empty(pool);
}

/* Without memory everything is still the caller's, who can then say what is not visited. */
TEST(without_memory_nothing_is_pushed)
{
	struct pool *pool = new_pool(10);
	int failures = 0;
	uint64_t number = 0;

	for (int before = 0; number == 0; before++) {
		struct pool_directory directory = directory_of(open_here(), "", 0, "a b");

		interpose_failing_allocation(before);
		number = pool_push(pool, NULL, &directory);
		interpose(NULL);
		if (number == 0) {
			assert_int_equal(errno, ENOMEM);
			assert_true(is_open(directory.fd));
			assert_true(take_out(&directory.names, "a") &&
				    take_out(&directory.names, "b"));
			close(directory.fd);
			namelist_free(&directory.names);
			failures++;
		}
	}
	assert_int_equal(failures, 1);
	take(pool, "a");
	take(pool, "b");
	assert_empty(pool);
}

/* ---- Few descriptors, deep trees ------------------------------------------------------------ */

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
	struct pool_directory directory = directory_of(dup(tree->fd), "", 0, "a b c");

	tree_add_directory(tree, "a/a/a/a/a/a/a/a/a/a/a/a");
	assert_int_equal(pool_push(pool, NULL, &directory), 1);
	for (int i = 0; i < DEPTH; i++) {
		struct pool_task task = assert_taken(pool, "a");

		inodes[i] = inode_of(&task);
		push_task(pool, &task, i % 2 ? "a b c" : "a");
	}
}

/* Where only the last few are open, each is opened again from one below it. */
TEST(a_closed_directory_is_opened_again_on_the_way_back)
{
	struct pool *pool = new_pool(3);
	const struct tree *tree = TREE(NULL);
	size_t before = count_descriptors();
	ino_t inodes[DEPTH];
	struct pool_task task;

	push_chain(pool, tree, inodes);
	assert_true(count_descriptors() <= before + 3);
	for (const char *name = "abc"; *name; name++) {
		take(pool, scratch_format("%c", *name));
	}
	for (int level = DEPTH - 2; level >= 0; level -= 2) {
		for (const char *name = "bc"; *name; name++) {
			assert_true(pool_take(pool, &task));
			assert_int_equal(inode_of(&task), inodes[level]);
			assert_int_equal(task.entry.name[0], *name);
			release(pool, &task, 0);
			assert_true(count_descriptors() <= before + 3);
		}
	}
	assert_empty(pool);
	assert_int_equal(count_descriptors(), before);
}

/* Another task uses the lowest, so that the top one was closed; then there are descriptors again. */
TEST(the_top_directory_is_opened_again_above_open_ones)
{
	struct pool *pool = new_pool(2);
	const struct tree *tree = TREE("r/z/", "a/x/y/", "a/w/");
	struct pool_directory directory = directory_of(dup(tree->fd), "", 0, "r a b c");
	struct pool_task z;
	struct pool_task a;
	struct pool_task b;
	struct pool_task task;
	struct stat st;

	assert_int_equal(pool_push(pool, NULL, &directory), 1);
	take_and_push(pool, "r", "z");
	z = assert_taken(pool, "z");
	a = assert_taken(pool, "a");
	b = assert_taken(pool, "b");
	push_task(pool, &a, "x w");
	release(pool, &b, 0);
	release(pool, &z, 0);
	task = assert_taken(pool, "x");
	assert_int_equal(task.fd, -1);
	directory = directory_of(openat(tree->fd, "a/x", O_RDONLY), "x", 4, "y");
	assert_int_equal(pool_push(pool, task.parent, &directory), 4);
	release(pool, &task, 0);
	take(pool, "y");
	task = assert_taken(pool, "w");
	assert_int_equal(fstatat(tree->fd, "a", &st, 0), 0);
	assert_int_equal(inode_of(&task), st.st_ino);
	release(pool, &task, 0);
	take(pool, "c");
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
	struct pool_directory directory =
		directory_of(openat(tree->fd, "p", O_RDONLY), "", 0, "a b");
	struct pool_task task;

	assert_int_equal(pool_push(pool, NULL, &directory), 1);
	take_and_push(pool, "a", "x y");
	take_and_push(pool, "x", "z");
	/* Now "p/" is the one that is closed. */
	interfere(tree);
	take(pool, "z");
	take(pool, "y");
	interpose(NULL);
	task = assert_taken(pool, "b");
	assert_int_equal(task.fd, -1);
	release(pool, &task, 0);
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
TEST(another_directory_is_not_taken_for_the_closed_one)
{
	assert_stays_closed(move_elsewhere);
	assert_stays_closed(forbid_parents);
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
	atomic_uint finished;
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

static void push_children(struct team *team, struct pool_node *parent, const char *name,
			  unsigned number)
{
	struct pool_directory directory = {
		.fd = dup(STDIN_FILENO),
		.name = name,
		.length = (parent ? parent->directory.length : 0) + strlen(name) + 1,
	};
	char child[16];

	for (unsigned i = 2 * number; i <= 2 * number + 1; i++) {
		snprintf(child, sizeof(child), "%u", i);
		if (namelist_add(&directory.names, child, ENTRY_DIRECTORY, 0) != 0) {
			abort();
		}
	}
	if (pool_push(&team->pool, parent, &directory) == 0) {
		abort();
	}
}

/** Visits the directory with this number, whose parent has half of it. */
static void visit(struct team *team, const struct pool_task *task)
{
	unsigned number = (unsigned)strtoul(task->entry.name, NULL, 10);

	if (strtoul(task->parent->name, NULL, 10) != number / 2) {
		abort();
	}
	atomic_fetch_add(&team->visits, 1);
	atomic_fetch_add(&team->visited[number], 1);
	if (2 * number < 1 << LEVELS) {
		push_children(team, task->parent, task->entry.name, number);
	}
}

static void work(void *context)
{
	struct team *team = context;
	struct pool_task task;

	while (pool_take(&team->pool, &task)) {
		struct pool_node *finished;

		visit(team, &task);
		finished = pool_release(&team->pool, &task, 0);
		if (finished) {
			platform_close(finished->directory.fd);
		}
		while (finished) {
			atomic_fetch_add(&team->finished, 1);
			finished = pool_finish(&team->pool, finished, 0);
		}
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
	push_children(team, NULL, "1", 1);
	team->pool.shared = shares;
	work(team);
	pool_destroy(&team->pool);
	interpose(NULL);
	return team;
}

static void assert_all_visited_once(const struct team *team)
{
	assert_int_equal(atomic_load(&team->visits), (1 << LEVELS) - 2);
	assert_int_equal(atomic_load(&team->finished), (1 << (LEVELS - 1)) - 1);
	for (unsigned number = 2; number < 1 << LEVELS; number++) {
		if (atomic_load(&team->visited[number]) != 1) {
			print_error("# %u was visited %d times\n", number,
				    atomic_load(&team->visited[number]));
			fail();
		}
	}
}

/* Each directory once, and then every thread is told that all is done: none waits for ever. */
TEST(several_threads_take_each_directory_once)
{
	size_t before = count_descriptors();

	for (int round = 0; round < (tests_are_slow() ? 3 : 30); round++) {
		assert_all_visited_once(visit_all(THREADS, true));
		assert_in_range(atomic_load(&created), 1, THREADS - 1);
		assert_int_equal(count_descriptors(), before);
	}
}

/* Or whoever needs the lock would wait while the kernel makes a thread. */
TEST(a_thread_is_started_without_the_lock)
{
	visit_all(2, true);
	assert_int_equal(atomic_load(&created), 1);
	assert_true(was_free);
}

/* -j1, or a tree that is not worth a thread. */
TEST(no_thread_is_started_unless_the_tree_is_shared)
{
	assert_all_visited_once(visit_all(1, true));
	assert_int_equal(atomic_load(&created), 0);
	assert_all_visited_once(visit_all(THREADS, false));
	assert_int_equal(atomic_load(&created), 0);
}

/* Where no thread can be made, the caller's does it all, and does not try each time. */
TEST(a_thread_that_cannot_be_started_is_not_waited_for)
{
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
TEST(a_thread_that_does_nothing_is_not_waited_for)
{
	struct team *team = scratch_alloc(sizeof(*team));

	pool_init(&team->pool, THREADS, work_nothing, NULL);
	team->pool.shared = true;
	push_children(team, NULL, "1", 1);
	work(team);
	pool_destroy(&team->pool);
	assert_all_visited_once(team);
}
