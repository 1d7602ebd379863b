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

/** Closes a directory on the stack; pool_take() may open it again. */
static void close_directory(struct pool *pool, struct pool_directory *directory)
{
	directory->identity = platform_identify(directory->fd, NULL, 0);
	close(directory->fd);
	directory->fd = -1;
	pool->open--;
}

/** Closes the lowest open directory, which is needed last; if a task uses it, the top one. */
static void close_lowest(struct pool *pool)
{
	close_directory(pool, pool->lowest->tasks > 0 ? pool->top : pool->lowest);
	while (pool->lowest && pool->lowest->fd < 0) {
		pool->lowest = pool->lowest->above;
	}
}

/**
 * Opens the top directory again, by ".." from one below it that was just popped. Opening it from
 * the operand, directory by directory, would take quadratic time in a deep tree.
 */
static void reopen_top(struct pool *pool, const struct pool_directory *from)
{
	struct pool_directory *top = pool->top;

	if (from->end <= top->end) {
		return;
	}
	/* The path of a level has at least two bytes, "a/". */
	top->fd = platform_open_above(from->fd, (from->end - top->end) / 2, top->identity);
	if (top->fd >= 0) {
		pool->open++;
		pool->lowest = pool->lowest ? pool->lowest : top;
	}
}

/* ---- Threads -------------------------------------------------------------------------------- */

size_t pool_init(struct pool *pool, unsigned jobs, pool_work_fn *work, void *context)
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

/** A directory that stores at least this many bytes of its path is the `base` of those below. */
enum {
	ENOUGH_PATH = 256
};

void pool_path(const struct pool_directory *from, char *out)
{
	for (const struct pool_directory *at = from; at; at = at->base) {
		memcpy(out + at->start, at->path, at->end - at->start);
	}
}

/** Makes a directory for the stack; its path shares that of `parent`. */
static struct pool_directory *new_directory(struct pool_directory *parent, const char *path,
					    size_t length)
{
	struct pool_directory *base = parent;
	struct pool_directory *directory;
	size_t start;

	if (base && base->end - base->start < ENOUGH_PATH) {
		base = base->base;
	}
	start = base ? base->end : 0;
	directory = malloc(sizeof(*directory) + length - start);
	if (directory) {
		*directory = (struct pool_directory){ .base = base, .start = start, .end = length };
		memcpy(directory->path, path + start, length - start);
	}
	return directory;
}

int pool_push(struct pool *pool, struct pool_directory *parent, int fd, const char *path,
	      size_t length, struct namelist *names)
{
	struct pool_directory *directory = new_directory(parent, path, length);

	if (!directory) {
		return -1;
	}
	directory->fd = fd;
	directory->names = *names;
	directory->left = names->count;
	*names = (struct namelist){ 0 };

	pthread_mutex_lock(&pool->lock);
	if (directory->base) {
		directory->base->derived++;
	}
	directory->below = pool->top;
	if (pool->top) {
		pool->top->above = directory;
	}
	pool->top = directory;
	if (!pool->lowest) {
		pool->lowest = directory;
	}
	pool->names += directory->left;
	if (++pool->open > pool->max_open) {
		close_lowest(pool);
	}
	/* The caller takes one of them itself. */
	if (pool->waiting > 0 && pool->names > 1) {
		pthread_cond_broadcast(&pool->wake);
	}
	pthread_mutex_unlock(&pool->lock);
	return 0;
}

/** Pops the top directory, which has no names left. */
static void pop(struct pool *pool)
{
	struct pool_directory *directory = pool->top;

	pool->top = directory->below;
	if (pool->lowest == directory) {
		pool->lowest = NULL;
	}
	if (pool->top) {
		pool->top->above = NULL;
		if (pool->top->fd < 0) {
			reopen_top(pool, directory);
		}
	}
}

static void take_name(struct pool *pool, struct pool_task *task)
{
	struct pool_directory *from = pool->top;
	struct listed entry;

	namelist_next(&from->names, &from->at, &entry);
	*task = (struct pool_task){ from, from->fd, entry.name };
	from->tasks++;
	pool->busy++;
	pool->names--;
	if (--from->left == 0) {
		pop(pool);
	}
}

bool pool_take(struct pool *pool, struct pool_task *task)
{
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
		take_name(pool, task);
		starts = reserve_thread(pool);
	}
	pthread_mutex_unlock(&pool->lock);
	if (starts) {
		start_thread(pool);
	}
	return taken;
}

/** Frees a finished directory, and the bases that only it needed. */
static void free_finished(struct pool_directory *directory)
{
	while (directory && directory->left == 0 && directory->tasks + directory->derived == 0) {
		struct pool_directory *base = directory->base;

		free(directory);
		if (base) {
			base->derived--;
		}
		directory = base;
	}
}

void pool_release(struct pool *pool, struct pool_task *task)
{
	struct pool_directory *from = task->from;
	struct namelist names = { 0 };
	int fd = -1;

	pthread_mutex_lock(&pool->lock);
	if (--pool->busy == 0 && !pool->top) {
		pthread_cond_broadcast(&pool->wake);
	}
	if (--from->tasks == 0 && from->left == 0) {
		fd = from->fd;
		pool->open -= fd >= 0;
		from->fd = -1;
		names = from->names;
	}
	free_finished(from);
	pthread_mutex_unlock(&pool->lock);

	platform_close(fd);
	namelist_free(&names);
	*task = (struct pool_task){ 0 };
}
