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
static void close_directory(struct pool *pool, struct pool_directory *directory)
{
	pool->open -= directory->level.fd >= 0;
	platform_close(directory->level.fd);
	directory->level.fd = -1;
}

/** Closes the lowest open directory, which is needed last; if a task uses it, the top one. */
static void close_lowest(struct pool *pool)
{
	struct pool_directory *directory = pool->lowest->tasks > 0 ? pool->top : pool->lowest;

	/* If anything may be pruned, another thread may be reading this. */
	if (directory->level.state.identity.ino == 0) {
		directory->level.state.identity = platform_identify(directory->level.fd, NULL, 0);
	}
	close_directory(pool, directory);
	while (pool->lowest && pool->lowest->level.fd < 0) {
		pool->lowest = pool->lowest->above;
	}
}

/**
 * Opens the top directory again, by ".." from one below it that was just popped. Opening it from
 * the operand, directory by directory, would take quadratic time in a deep tree.
 */
static void reopen_top(struct pool *pool, const struct pool_level *from)
{
	struct pool_level *top = &pool->top->level;

	/* untested: another thread has pushed it first */
	if (from->length <= top->length) {
		return;
	}
	/* The path of a level has at least two bytes, "a/". */
	top->fd = platform_open_above(from->fd, (from->length - top->length) / 2,
				      top->state.identity);
	if (top->fd >= 0) {
		pool->open++;
		pool->lowest = pool->lowest ? pool->lowest : pool->top;
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

/** Makes a directory for the stack; does not take over what the level owns. */
static struct pool_directory *new_directory(struct pool_directory *parent,
					    const struct pool_level *level)
{
	size_t size = strlen(level->name) + 1;
	struct pool_directory *directory = malloc(sizeof(*directory) + size);

	if (directory) {
		*directory = (struct pool_directory){
			.level = *level,
			.parent = parent,
			.depth = parent ? parent->depth + 1 : 0,
		};
		directory->level.name = memcpy(directory->name, level->name, size);
	}
	return directory;
}

uint64_t pool_push(struct pool *pool, struct pool_directory *parent, struct pool_level *level)
{
	struct pool_directory *directory = new_directory(parent, level);
	uint64_t number;

	if (!directory) {
		return 0;
	}
	level->names = (struct namelist){ 0 };

	pthread_mutex_lock(&pool->lock);
	number = directory->number = ++pool->pushed;
	if (parent) {
		parent->children++;
	}
	directory->below = pool->top;
	if (pool->top) {
		pool->top->above = directory;
	}
	pool->top = directory;
	if (!pool->lowest) {
		pool->lowest = directory;
	}
	pool->names += directory->level.names.count;
	if (++pool->open > pool->max_open) {
		close_lowest(pool);
	}
	/* The caller takes one of them itself. */
	if (pool->waiting > 0 && pool->names > 1) {
		pthread_cond_broadcast(&pool->wake);
	}
	pthread_mutex_unlock(&pool->lock);
	return number;
}

/** Pops the top directory, which has no names left. */
static void pop(struct pool *pool)
{
	const struct pool_directory *directory = pool->top;

	pool->top = directory->below;
	if (pool->lowest == directory) {
		pool->lowest = NULL;
	}
	if (pool->top) {
		pool->top->above = NULL;
		if (pool->top->level.fd < 0) {
			reopen_top(pool, &directory->level);
		}
	}
}

/** Begins a task for an entry of the top directory that was just taken from its names. */
static void begin_task(struct pool *pool, struct pool_task *task, const struct listed *entry)
{
	struct pool_directory *from = pool->top;

	*task = (struct pool_task){ .from = from, .fd = from->level.fd, .entry = *entry };
	from->tasks++;
	pool->busy++;
	pool->names--;
	if (from->level.names.count == 0) {
		pop(pool);
	}
}

bool pool_take_name(struct pool *pool, const char *name, struct pool_task *task)
{
	struct listed entry;
	bool taken;

	pthread_mutex_lock(&pool->lock);
	taken = namelist_take(&pool->top->level.names, name, &entry);
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
		namelist_next(&pool->top->level.names, &pool->top->at, &entry);
		pool->top->level.names.count--;
		begin_task(pool, task, &entry);
		starts = reserve_thread(pool);
	}
	pthread_mutex_unlock(&pool->lock);
	if (starts) {
		start_thread(pool);
	}
	return taken;
}

/** @return A directory that something below has ended in, if it is finished; otherwise NULL. */
static struct pool_directory *end(struct pool_directory *directory, unsigned result)
{
	directory->level.state.result |= result;
	return directory->level.names.count + directory->tasks + directory->children == 0
		       ? directory
		       : NULL;
}

struct pool_directory *pool_release(struct pool *pool, const struct pool_task *task,
				    unsigned result)
{
	struct pool_directory *from = task->from;
	struct pool_directory *finished;

	pthread_mutex_lock(&pool->lock);
	if (--pool->busy == 0 && !pool->top) {
		pthread_cond_broadcast(&pool->wake);
	}
	from->tasks--;
	finished = end(from, result);
	if (finished) {
		pool->open -= from->level.fd >= 0;
	} else if (from->tasks == 0 && from->level.names.count == 0) {
		close_directory(pool, from);
		namelist_free(&from->level.names);
	}
	pthread_mutex_unlock(&pool->lock);
	return finished;
}

struct pool_directory *pool_finish(struct pool *pool, struct pool_directory *directory,
				   unsigned result)
{
	struct pool_directory *parent = directory->parent;

	if (parent) {
		pthread_mutex_lock(&pool->lock);
		parent->children--;
		parent = end(parent, result);
		pthread_mutex_unlock(&pool->lock);
	}
	namelist_free(&directory->level.names);
	free(directory);
	return parent;
}

void pool_path(const struct pool_directory *directory, char *out)
{
	for (; directory->parent; directory = directory->parent) {
		size_t start = directory->parent->level.length;
		size_t end = directory->level.length - 1;

		memcpy(out + start, directory->name, end - start);
		out[end] = '/';
	}
}
