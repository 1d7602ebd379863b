/* What is handed over: each directory is taken once, by one walker, and nothing of it is leaked. */

#include "child.h"
#include "interpose.h"
#include "queue.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int recruit_nobody(void *context)
{
	(void)context;
	return -1;
}

static void destroy(void *object)
{
	queue_destroy(object);
}

/** A queue for one walker, the test; it has to be empty when the test ends. */
static struct queue *new_queue(size_t max_open)
{
	struct queue *queue = scratch_alloc(sizeof(*queue));

	queue_init(queue, max_open, 1, recruit_nobody, NULL);
	scratch_defer(destroy, queue);
	return queue;
}

/** A listing of names, divided by blanks, and how many they are. */
static struct listing listing_of(const char *names, size_t *count)
{
	const char *const *words = split(names);
	struct listing listing = { 0 };

	for (*count = 0; words[*count]; (*count)++) {
		assert_int_equal(listing_add(&listing, words[*count], ENTRY_DIRECTORY, 0), 0);
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

/** Pushes names. @return The descriptor that went with them. */
static int push(struct queue *queue, const char *prefix, const char *names)
{
	size_t count;
	struct listing listing = listing_of(names, &count);
	int fd = open_here();

	assert_int_equal(queue_push(queue, fd, prefix, strlen(prefix), &listing, count, false), 0);
	/* The names are the queue's. */
	assert_null(listing.bytes);
	assert_int_equal(listing.used, 0);
	return fd;
}

/** Takes the next name, which has to be this one, and does not release it. */
static struct queue_task assert_taken(struct queue *queue, const char *prefix, const char *name)
{
	struct queue_task task;

	assert_true(queue_take(queue, &task));
	assert_string_equal(task.name, name);
	assert_string_equal(task.from->prefix, prefix);
	return task;
}

/** Takes it, and is done with it. */
static void take(struct queue *queue, const char *prefix, const char *name)
{
	struct queue_task task = assert_taken(queue, prefix, name);

	queue_release(queue, &task);
}

static void assert_empty(struct queue *queue)
{
	struct queue_task task;

	assert_false(queue_take(queue, &task));
}

/* ---- One walker ----------------------------------------------------------------------------- */

static void an_empty_queue_has_nothing(void **state)
{
	(void)state;
	assert_empty(new_queue(1));
}

/* Last in, first out, or the queue of a wide tree would hold all of it. */
static void the_last_directory_pushed_is_taken_from_first(void **state)
{
	struct queue *queue = new_queue(10);

	(void)state;
	push(queue, "", "a b");
	push(queue, "a/", "c d");
	take(queue, "a/", "c");
	push(queue, "a/c/", "e");
	take(queue, "a/c/", "e");
	take(queue, "a/", "d");
	take(queue, "", "a");
	take(queue, "", "b");
	assert_empty(queue);
	assert_empty(queue);
}

/* The walker's prefix goes on, in the same memory, when a directory has been handed over. */
static void the_prefix_is_copied_as_far_as_it_is_its_own(void **state)
{
	struct queue *queue = new_queue(10);
	char prefix[] = "a/b/c/";
	size_t count;
	struct listing listing = listing_of("x", &count);

	(void)state;
	assert_int_equal(queue_push(queue, open_here(), prefix, 4, &listing, count, false), 0);
	memset(prefix, 'z', sizeof(prefix) - 1);
	take(queue, "a/b/", "x");
	assert_empty(queue);
}

/* Names that were taken out of the listing before are not to be visited again. */
static void names_already_visited_are_not_taken(void **state)
{
	struct queue *queue = new_queue(10);
	size_t count;
	struct listing listing = listing_of("a b c d", &count);

	(void)state;
	assert_true(listing_take(&listing, "a"));
	assert_true(listing_take(&listing, "c"));
	assert_int_equal(queue_push(queue, open_here(), "", 0, &listing, count - 2, false), 0);
	take(queue, "", "b");
	take(queue, "", "d");
	assert_empty(queue);
}

/* ---- Descriptors ---------------------------------------------------------------------------- */

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* A walker opens its task relative to it: it must not be closed under another one's feet. */
static void a_descriptor_stays_open_until_all_names_are_released(void **state)
{
	struct queue *queue = new_queue(10);
	int fd = push(queue, "", "a b c");
	struct queue_task a = assert_taken(queue, "", "a");
	struct queue_task b = assert_taken(queue, "", "b");
	struct queue_task c;

	(void)state;
	assert_int_equal(a.from->fd, fd);
	queue_release(queue, &a);
	assert_true(is_open(fd));
	c = assert_taken(queue, "", "c");
	queue_release(queue, &c);
	assert_true(is_open(fd));
	assert_string_equal(b.name, "b");
	queue_release(queue, &b);
	assert_false(is_open(fd));
	assert_empty(queue);
}

/* Beyond what it may hold, directories are kept by their paths. */
static void the_queue_holds_no_more_descriptors_than_it_may(void **state)
{
	struct queue *queue = new_queue(2);
	size_t before = count_descriptors();
	struct queue_task task;

	(void)state;
	for (int i = 0; i < 5; i++) {
		push(queue, scratch_format("%d/", i), "x y");
	}
	assert_int_equal(count_descriptors(), before + 2);
	for (int i = 4; i >= 0; i--) {
		task = assert_taken(queue, scratch_format("%d/", i), "x");
		assert_int_equal(task.from->fd >= 0, i < 2);
		queue_release(queue, &task);
		take(queue, scratch_format("%d/", i), "y");
	}
	assert_empty(queue);
	assert_int_equal(count_descriptors(), before);
}

/* What is given back can be held again. */
static void descriptors_given_back_are_held_again(void **state)
{
	struct queue *queue = new_queue(1);

	(void)state;
	for (int i = 0; i < 3; i++) {
		int fd = push(queue, "", "a");

		assert_true(is_open(fd));
		take(queue, "", "a");
		assert_false(is_open(fd));
	}
	assert_empty(queue);
}

/* Without memory all is still the walker's, which can then say what is not visited. */
static void without_memory_nothing_is_handed_over(void **state)
{
	struct queue *queue = new_queue(10);
	int failures = 0;
	int result = -1;

	(void)state;
	for (int before = 0; result != 0; before++) {
		size_t count;
		struct listing listing = listing_of("a b", &count);
		int fd = open_here();

		interpose_failing_allocation(before);
		result = queue_push(queue, fd, "p/", 2, &listing, count, false);
		interpose(NULL);
		if (result != 0) {
			assert_int_equal(errno, ENOMEM);
			assert_true(is_open(fd));
			assert_true(listing_take(&listing, "a") && listing_take(&listing, "b"));
			close(fd);
			listing_free(&listing);
			failures++;
		}
	}
	assert_in_range(failures, 1, 10);
	take(queue, "p/", "a");
	take(queue, "p/", "b");
	assert_empty(queue);
}

/* ---- Several walkers ------------------------------------------------------------------------ */

enum {
	WALKERS = 6,
	LEVELS = 11
};

/** Walkers that visit a binary tree, whose directories are all pushed. */
struct team {
	struct queue queue;
	pthread_t threads[WALKERS];
	size_t count;
	/** How often somebody was asked for, and whether nobody comes. */
	unsigned asked;
	bool refuses;
	atomic_uint visits;
	/** How often each directory was visited: the one with number N has 2N and 2N + 1 in it. */
	atomic_uchar visited[1 << LEVELS];
};

static void push_children(struct team *team, unsigned number)
{
	struct listing names = { 0 };
	char prefix[16];
	char name[16];

	for (unsigned child = 2 * number; child <= 2 * number + 1; child++) {
		snprintf(name, sizeof(name), "%u", child);
		if (listing_add(&names, name, ENTRY_DIRECTORY, 0) != 0) {
			abort();
		}
	}
	snprintf(prefix, sizeof(prefix), "%u/", number);
	if (queue_push(&team->queue, dup(STDIN_FILENO), prefix, strlen(prefix), &names, 2, true) !=
	    0) {
		abort();
	}
}

static void *work(void *context)
{
	struct team *team = context;
	struct queue_task task;

	while (queue_take(&team->queue, &task)) {
		unsigned number = (unsigned)strtoul(task.name, NULL, 10);

		/* The directory that it is in has to be its parent. */
		if (strtoul(task.from->prefix, NULL, 10) != number / 2) {
			abort();
		}
		queue_release(&team->queue, &task);
		atomic_fetch_add(&team->visits, 1);
		atomic_fetch_add(&team->visited[number], 1);
		if (2 * number < 1 << LEVELS) {
			push_children(team, number);
		}
	}
	return NULL;
}

static int recruit(void *context)
{
	struct team *team = context;

	team->asked++;
	if (team->refuses || team->count == WALKERS ||
	    pthread_create(&team->threads[team->count], NULL, work, team) != 0) {
		return -1;
	}
	team->count++;
	return 0;
}

/** Has a team visit all of a tree. */
static struct team *visit_all(unsigned max_walkers, bool refuses)
{
	struct team *team = scratch_alloc(sizeof(*team));

	team->refuses = refuses;
	queue_init(&team->queue, 16, max_walkers, recruit, team);
	push_children(team, 1);
	work(team);
	for (size_t i = 0; i < team->count; i++) {
		pthread_join(team->threads[i], NULL);
	}
	queue_destroy(&team->queue);
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

/* Each directory once, and then every walker is told that all is done: none waits for ever. */
static void several_walkers_take_each_directory_once(void **state)
{
	size_t before = count_descriptors();

	(void)state;
	for (int round = 0; round < (tests_are_slow() ? 3 : 30); round++) {
		const struct team *team = visit_all(WALKERS, false);

		assert_all_visited_once(team);
		assert_in_range(team->count, 1, WALKERS - 1);
		assert_int_equal(count_descriptors(), before);
	}
}

/* -j1: nobody is asked for. */
static void a_single_walker_stays_alone(void **state)
{
	const struct team *team = visit_all(1, false);

	(void)state;
	assert_all_visited_once(team);
	assert_int_equal(team->asked, 0);
}

/* Threads may not be had: then one walker does it all, and does not ask each time. */
static void a_walker_that_cannot_be_recruited_is_not_waited_for(void **state)
{
	const struct team *team = visit_all(WALKERS, true);

	(void)state;
	assert_all_visited_once(team);
	assert_int_equal(team->asked, 1);
}

/* What the pusher forbids: a small tree is not worth a thread. */
static void nobody_is_recruited_where_that_is_forbidden(void **state)
{
	struct team *team = scratch_alloc(sizeof(*team));
	size_t count;
	struct listing listing = listing_of("a b", &count);

	(void)state;
	queue_init(&team->queue, 4, WALKERS, recruit, team);
	assert_int_equal(queue_push(&team->queue, open_here(), "", 0, &listing, count, false), 0);
	assert_int_equal(team->asked, 0);
	take(&team->queue, "", "a");
	take(&team->queue, "", "b");
	assert_empty(&team->queue);
	queue_destroy(&team->queue);
}

/* The guess by which walkers share: short as long as others have, or would have, nothing to do. */
static void a_queue_is_short_while_it_has_less_than_walkers_want(void **state)
{
	struct queue queue;
	size_t count;
	struct listing listing = listing_of("a b c", &count);

	(void)state;
	queue_init(&queue, 4, 4, recruit_nobody, NULL);
	assert_true(queue_is_short(&queue));
	assert_int_equal(queue_push(&queue, open_here(), "", 0, &listing, count, false), 0);
	assert_false(queue_is_short(&queue));
	take(&queue, "", "a");
	assert_true(queue_is_short(&queue));
	take(&queue, "", "b");
	take(&queue, "", "c");
	assert_empty(&queue);
	queue_destroy(&queue);
	/* A single walker has nobody to share with. */
	assert_false(queue_is_short(new_queue(1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_queue_has_nothing),
		TEST(the_last_directory_pushed_is_taken_from_first),
		TEST(the_prefix_is_copied_as_far_as_it_is_its_own),
		TEST(names_already_visited_are_not_taken),
		TEST(a_descriptor_stays_open_until_all_names_are_released),
		TEST(the_queue_holds_no_more_descriptors_than_it_may),
		TEST(descriptors_given_back_are_held_again),
		TEST(without_memory_nothing_is_handed_over),
		TEST(several_walkers_take_each_directory_once),
		TEST(a_single_walker_stays_alone),
		TEST(a_walker_that_cannot_be_recruited_is_not_waited_for),
		TEST(nobody_is_recruited_where_that_is_forbidden),
		TEST(a_queue_is_short_while_it_has_less_than_walkers_want),
	};

	return RUN_TESTS(tests);
}
