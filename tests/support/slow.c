#include "slow.h"

#include "tests.h"

#include <stdlib.h>
#include <time.h>

const char *const *slow_environment(int milliseconds, const char *variable)
{
	const char *sanitizer = getenv("ASAN_OPTIONS");
	const char **environment = scratch_alloc(5 * sizeof(char *));

	environment[0] = scratch_format("LD_PRELOAD=%s", program_shim("slow"));
	/* AddressSanitizer wants to be the first library, but does not need to. */
	environment[1] = scratch_format("ASAN_OPTIONS=%s:verify_asan_link_order=0",
					sanitizer ? sanitizer : "");
	environment[2] = scratch_format("PYCLEAN_SLOWNESS=%d", milliseconds);
	environment[3] = variable;
	return environment;
}

void slow_need(void)
{
	enum {
		SLOWNESS = 300
	};
	const struct tree *tree = TREE("a.pyc");
	struct timespec before;
	struct timespec after;

	if (program_is_wrapped()) {
		skip_because("the wrapper takes its time");
	}
	clock_gettime(CLOCK_MONOTONIC, &before);
	program_run(&(const struct program){ .cwd = tree->path,
					     .arguments = split("-q"),
					     .environment = slow_environment(SLOWNESS, NULL) });
	clock_gettime(CLOCK_MONOTONIC, &after);
	if ((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 <
	    SLOWNESS) {
		skip_because("a static program takes no LD_PRELOAD");
	}
}
