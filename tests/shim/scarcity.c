/*
 * Memory runs out: the allocation whose number PYCLEAN_SCARCE_AT is fails, and with
 * PYCLEAN_SCARCE_FOR_GOOD all later ones do. The C library's own count, too.
 *
 * The file that PYCLEAN_WITNESS names is made when the first one fails.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static long scarce_at;
static bool for_good;
static atomic_long count;

/** In exit(3) it is no longer the program that allocates, but a profiler, say. */
static void make_plentiful(void)
{
	scarce_at = 0;
}

__attribute__((constructor)) static void loaded(void)
{
	const char *number = getenv("PYCLEAN_SCARCE_AT");

	for_good = getenv("PYCLEAN_SCARCE_FOR_GOOD") != NULL;
	scarce_at = number ? strtol(number, NULL, 10) : 0;
	/* Those before main() do not count. */
	atomic_store(&count, 0);
}

/** Counts an allocation. @return Whether it is to fail. */
static bool fails(void)
{
	long number = atomic_fetch_add(&count, 1) + 1;
	bool scarce = scarce_at > 0 && (for_good ? number >= scarce_at : number == scarce_at);

	/* Not when loaded: what is asked for first in the program is done last. */
	if (scarce_at > 0 && number == 1) {
		atexit(make_plentiful);
	}
	if (scarce && number == scarce_at) {
		const char *witness = getenv("PYCLEAN_WITNESS");
		int fd = witness ? open(witness, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : -1;

		if (fd >= 0) {
			close(fd);
		}
	}
	if (scarce) {
		errno = ENOMEM;
	}
	return scarce;
}

/** The function that would have been called without this library. */
static void *next(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function) {
		abort();
	}
	return function;
}

void *malloc(size_t size)
{
	static void *(*real)(size_t size);

	if (!real) {
		*(void **)&real = next("malloc");
	}
	return fails() ? NULL : real(size);
}

void *calloc(size_t nmemb, size_t size)
{
	static void *(*real)(size_t nmemb, size_t size);

	if (!real) {
		*(void **)&real = next("calloc");
	}
	return fails() ? NULL : real(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
	static void *(*real)(void *ptr, size_t size);

	if (!real) {
		*(void **)&real = next("realloc");
	}
	return fails() ? NULL : real(ptr, size);
}
