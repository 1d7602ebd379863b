#include "crew.h"

#include "walker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

enum {
	/** Descriptors that are nobody's: the standard streams, the operand. */
	RESERVED = 4,
	/** More than these are not planned with. */
	MAX_DESCRIPTORS = 4096,
	/** With no more than these it matters how many are open already. */
	SCARCE = 256,
	/** What a walker needs beside its levels: the tree it removes, what it has just opened. */
	BESIDE_LEVELS = 3,
	/** nftw and the walker hold one each. */
	PER_LEVEL = 2,
	/** The deepest level of one call of nftw, and the least that is worth a walker. */
	MAX_LEVEL = 32,
	MIN_LEVEL = 3,
	/** A thread's stack, in bytes: nftw's recursion and a directory's read buffer. */
	STACK_SIZE = 512 * 1024,
};

/** A walker with a thread of its own. */
struct member {
	struct walker walker;
	pthread_t thread;
};

struct crew {
	struct walk walk;
	/** Those who were started. */
	struct member members[CREW_MAX_JOBS];
	size_t count;
};

static size_t at_least(size_t value, size_t least)
{
	return value > least ? value : least;
}

static size_t at_most(size_t value, size_t most)
{
	return value < most ? value : most;
}

/** @return How many descriptors are there to be shared out. */
static size_t available_descriptors(void)
{
	struct rlimit limit = { .rlim_cur = _POSIX_OPEN_MAX };
	size_t available;
	size_t inherited = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	available = limit.rlim_cur < MAX_DESCRIPTORS ? (size_t)limit.rlim_cur : MAX_DESCRIPTORS;
	/* Where there are few, those that were inherited count. */
	for (int fd = RESERVED; fd < SCARCE && available <= SCARCE; fd++) {
		inherited += fcntl(fd, F_GETFD) >= 0;
	}
	return at_least(available, RESERVED + inherited + 1) - RESERVED - inherited;
}

static void *work(void *context)
{
	walker_work(context);
	return NULL;
}

static int start_thread(struct member *member)
{
	pthread_attr_t attributes;
	int error = pthread_attr_init(&attributes);

	if (error == 0) {
		/* Where that is refused the default size has to do. */
		pthread_attr_setstacksize(&attributes, STACK_SIZE);
		error = pthread_create(&member->thread, &attributes, work, &member->walker);
		pthread_attr_destroy(&attributes);
	}
	return error == 0 ? 0 : -1;
}

/** Starts one more walker; queue_recruit_fn. */
static int recruit(void *context)
{
	struct crew *crew = context;
	struct member *member = &crew->members[crew->count];

	if (walker_open(&member->walker, &crew->walk) != 0) {
		return -1;
	}
	if (start_thread(member) != 0) {
		walker_close(&member->walker);
		return -1;
	}
	crew->count++;
	return 0;
}

/** Shares the descriptors out: an eighth to the queue, the rest to as many walkers as can work. */
static void plan_walk(struct crew *crew, unsigned jobs)
{
	size_t available = available_descriptors();
	size_t for_queue = at_least(available / 8, 1);
	size_t for_walkers = available - for_queue;
	size_t walkers = at_most(jobs, for_walkers / (BESIDE_LEVELS + PER_LEVEL * (MIN_LEVEL + 1)));
	size_t each;

	walkers = at_least(walkers, 1);
	/* Level 0, the start, is one of them. */
	each = at_least(for_walkers / walkers, BESIDE_LEVELS + 2 * PER_LEVEL) - BESIDE_LEVELS;
	crew->walk.max_level = at_most(each / PER_LEVEL - 1, MAX_LEVEL);
	queue_init(&crew->walk.queue, for_queue, (unsigned)walkers, recruit, crew);
}

/** Lets the crew work, the calling thread being the first walker. @return 0, or -1 with errno. */
static int run(struct crew *crew)
{
	struct walker first;
	int result;
	int error;

	if (walker_open(&first, &crew->walk) != 0) {
		return -1;
	}
	result = walker_begin(&first);
	error = errno;
	walker_work(&first);
	for (size_t i = 0; i < crew->count; i++) {
		pthread_join(crew->members[i].thread, NULL);
		walker_close(&crew->members[i].walker);
	}
	walker_close(&first);
	errno = error;
	return result;
}

int crew_run(const struct scene_plan *plan, int fd, const char *prefix, unsigned jobs)
{
	struct crew crew = {
		.walk = { .plan = plan, .fd = fd, .prefix = prefix },
	};
	int result;
	int error;

	plan_walk(&crew, jobs);
	result = run(&crew);
	error = errno;
	queue_destroy(&crew.walk.queue);
	errno = error;
	return result;
}
