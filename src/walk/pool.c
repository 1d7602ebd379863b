#include "walk/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- Descriptors ---------------------------------------------------------------------------- */

enum {
	/** Descriptors reserved for stdio and the PATH. */
	RESERVED = 4,
	/** The most descriptors used, however high the limit. */
	MAX_DESCRIPTORS = 4096,
	/** Up to this limit, count the descriptors that are already open. */
	SCARCE = 256,
	/** For a thread's directory and the tree that it removes. */
	PER_THREAD = 8,
};

static size_t at_least(size_t value, size_t least)
{
	return value > least ? value : least;
}

/** @return How many descriptors can be opened. */
static size_t available_descriptors(void)
{
	struct rlimit limit = { .rlim_cur = _POSIX_OPEN_MAX };
	size_t available;
	size_t inherited = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	available = limit.rlim_cur < MAX_DESCRIPTORS ? (size_t)limit.rlim_cur : MAX_DESCRIPTORS;
	for (int fd = RESERVED; fd < SCARCE && available <= SCARCE; fd++) {
		inherited += fcntl(fd, F_GETFD) >= 0;
	}
	return at_least(available, RESERVED + inherited) - RESERVED - inherited;
}

/** Closes a directory; on the stack, it may be opened again. */
static void close_directory(struct pool *pool, struct pool_node *node)
{
	pool->open -= node->directory.fd >= 0;
	platform_close(node->directory.fd);
	node->directory.fd = -1;
}

/**
 * Closes the lowest open directory, which is needed last; if another task uses it, the top one.
 *
 * @param parent The directory of the caller's task, which only ends it after this.
 */
static void close_lowest(struct pool *pool, const struct pool_node *parent)
{
	unsigned own = pool->lowest_open == parent;
	struct pool_node *node = pool->lowest_open->tasks > own ? pool->top : pool->lowest_open;

	/* If anything may be pruned, another thread may be reading this. */
	if (node->directory.state.identity.ino == 0) {
		node->directory.state.identity = platform_identify(node->directory.fd, NULL, 0);
	}
	close_directory(pool, node);
	while (pool->lowest_open->directory.fd < 0) {
		pool->lowest_open = pool->lowest_open->above;
	}
}

/**
 * Opens the top directory again, by ".." from one below it that was just popped. Opening it from
 * the operand, directory by directory, would take quadratic time in a deep tree.
 */
static void reopen_top(struct pool *pool, const struct pool_directory *popped)
{
	struct pool_directory *top = &pool->top->directory;

	/* untested: another thread has pushed it first */
	if (popped->length <= top->length) {
		return;
	}
	/* The path of a directory has at least two bytes, "a/". */
	top->fd = platform_open_above(popped->fd, (popped->length - top->length) / 2,
				      top->state.identity);
	if (top->fd >= 0) {
		pool->open++;
		pool->lowest_open = pool->lowest_open ? pool->lowest_open : pool->top;
	}
}

/* ---- Threads -------------------------------------------------------------------------------- */

size_t pool_init(struct pool *pool, unsigned jobs, void (*work)(void *context), void *context)
{
	size_t available = at_least(available_descriptors(), POOL_MIN_WALK + 1);
	size_t max_open = at_least((available - POOL_MIN_WALK) / 2, 1);
	size_t threads = at_least((available - max_open) / PER_THREAD, 1);

	*pool = (struct pool){
		.max_open = max_open,
		.startable = (jobs < threads ? jobs : (unsigned)threads) - 1,
		.work = work,
		.context = context,
	};
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->wake, NULL);
	return available - max_open;
}

void pool_destroy(struct pool *pool)
{
	for (unsigned i = 0; i < pool->started; i++) {
		pthread_join(pool->threads[i], NULL);
	}
	pthread_cond_destroy(&pool->wake);
	pthread_mutex_destroy(&pool->lock);
}

static void *run_thread(void *context)
{
	struct pool *pool = context;

	pthread_mutex_lock(&pool->lock);
	pool->waiting--;
	pthread_mutex_unlock(&pool->lock);
	pool->work(pool->context);
	return NULL;
}

/** Decides whether to start one more thread. @return Whether to call start_thread(). */
static bool reserve_thread(struct pool *pool)
{
	bool wanted = pool->shared && pool->names > 0 && pool->waiting == 0 && pool->startable > 0;

	pool->startable -= wanted;
	pool->waiting += wanted;
	return wanted;
}

/** Starts a reserved thread; if that fails, no more are started. Called without the lock. */
static void start_thread(struct pool *pool)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, run_thread, pool);

	pthread_mutex_lock(&pool->lock);
	if (error == 0) {
		pool->threads[pool->started++] = thread;
	} else {
		pool->waiting--;
		pool->startable = 0;
	}
	pthread_mutex_unlock(&pool->lock);
}

/* ---- Work stack ----------------------------------------------------------------------------- */

/** Makes a node; does not take over what the directory owns. */
static struct pool_node *new_node(struct pool_node *parent, const struct pool_directory *directory)
{
	size_t size = strlen(directory->name) + 1;
	struct pool_node *node = malloc(sizeof(*node) + size);

	if (node) {
		*node = (struct pool_node){
			.directory = *directory,
			.parent = parent,
			.depth = parent ? parent->depth + 1 : 0,
		};
		node->directory.name = memcpy(node->name, directory->name, size);
	}
	return node;
}

uint64_t pool_push(struct pool *pool, struct pool_node *parent, struct pool_directory *directory)
{
	struct pool_node *node = new_node(parent, directory);
	uint64_t id;

	if (!node) {
		return 0;
	}
	directory->names = (struct namelist){ 0 };

	pthread_mutex_lock(&pool->lock);
	id = node->id = ++pool->last_id;
	if (parent) {
		parent->children++;
	}
	node->below = pool->top;
	if (pool->top) {
		pool->top->above = node;
	}
	pool->top = node;
	if (!pool->lowest_open) {
		pool->lowest_open = node;
	}
	pool->names += node->directory.names.count;
	/* If it is the only one on the stack, its parent's is closed when the task ends. */
	if (++pool->open > pool->max_open && pool->lowest_open != node) {
		close_lowest(pool, parent);
	}
	/* The caller takes one of them itself. */
	if (pool->waiting > 0 && pool->names > 1) {
		pthread_cond_broadcast(&pool->wake);
	}
	pthread_mutex_unlock(&pool->lock);
	return id;
}

/** Pops the top directory, which has no names left. */
static void pop(struct pool *pool)
{
	const struct pool_node *node = pool->top;

	pool->top = node->below;
	if (pool->lowest_open == node) {
		pool->lowest_open = NULL;
	}
	if (pool->top) {
		pool->top->above = NULL;
		if (pool->top->directory.fd < 0) {
			reopen_top(pool, &node->directory);
		}
	}
}

/** Begins a task for an entry of the top directory that was just taken from its names. */
static void begin_task(struct pool *pool, struct pool_task *task, const struct listed *entry)
{
	struct pool_node *parent = pool->top;

	*task = (struct pool_task){ .parent = parent, .fd = parent->directory.fd, .entry = *entry };
	parent->tasks++;
	pool->busy++;
	pool->names--;
	if (parent->directory.names.count == 0) {
		pop(pool);
	}
}

bool pool_take_name(struct pool *pool, const char *name, struct pool_task *task)
{
	struct listed entry;
	bool taken;

	pthread_mutex_lock(&pool->lock);
	taken = namelist_take(&pool->top->directory.names, name, &entry);
	if (taken) {
		begin_task(pool, task, &entry);
	}
	pthread_mutex_unlock(&pool->lock);
	return taken;
}

bool pool_take(struct pool *pool, struct pool_task *task)
{
	struct listed entry;
	bool starts = false;
	bool taken;

	pthread_mutex_lock(&pool->lock);
	while (!pool->top && pool->busy > 0) {
		pool->waiting++;
		pthread_cond_wait(&pool->wake, &pool->lock);
		pool->waiting--;
	}
	taken = pool->top != NULL;
	if (taken) {
		namelist_next(&pool->top->directory.names, &pool->top->at, &entry);
		pool->top->directory.names.count--;
		begin_task(pool, task, &entry);
		starts = reserve_thread(pool);
	}
	pthread_mutex_unlock(&pool->lock);
	if (starts) {
		start_thread(pool);
	}
	return taken;
}

/** Adds the result of an entry. @return The node if it is finished, otherwise NULL. */
static struct pool_node *add_result(struct pool_node *node, unsigned result)
{
	node->directory.state.result |= result;
	return node->directory.names.count + node->tasks + node->children == 0 ? node : NULL;
}

struct pool_node *pool_release(struct pool *pool, const struct pool_task *task, unsigned result)
{
	struct pool_node *parent = task->parent;
	struct pool_node *finished;

	pthread_mutex_lock(&pool->lock);
	if (--pool->busy == 0 && !pool->top) {
		pthread_cond_broadcast(&pool->wake);
	}
	parent->tasks--;
	finished = add_result(parent, result);
	if (finished) {
		pool->open -= parent->directory.fd >= 0;
	} else if (parent->tasks == 0 && parent->directory.names.count == 0) {
		close_directory(pool, parent);
		namelist_free(&parent->directory.names);
	}
	pthread_mutex_unlock(&pool->lock);
	return finished;
}

struct pool_node *pool_finish(struct pool *pool, struct pool_node *node, unsigned result)
{
	struct pool_node *parent = node->parent;

	if (parent) {
		pthread_mutex_lock(&pool->lock);
		parent->children--;
		parent = add_result(parent, result);
		pthread_mutex_unlock(&pool->lock);
	}
	namelist_free(&node->directory.names);
	free(node);
	return parent;
}

void pool_path(const struct pool_node *node, char *out)
{
	for (; node->parent; node = node->parent) {
		size_t start = node->parent->directory.length;
		size_t end = node->directory.length - 1;

		memcpy(out + start, node->name, end - start);
		out[end] = '/';
	}
}
