#include "slow.h"

#include "tests.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	/** How long a program may take to reach a gate, in milliseconds. */
	TIME_LIMIT = 600000
};

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

static void destroy_gate(void *object)
{
	struct slow_gate *gate = object;

	slow_gate_open(gate);
	close(gate->reached);
}

/** Opens a FIFO of a gate both ways: neither end waits for the other, nor ever meets the end. */
static int open_fifo(const struct tree *tree, const char *name)
{
	int fd = openat(tree->fd, name, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		broken("cannot open the FIFO '%s'", name);
	}
	return fd;
}

struct slow_gate *slow_gate_before(int removal)
{
	struct slow_gate *gate = scratch_alloc(sizeof(*gate));

	gate->tree = TREE("reached|", "shut|");
	gate->variable = scratch_format("PYCLEAN_GATE=%d:%s", removal, gate->tree->path);
	gate->reached = open_fifo(gate->tree, "reached");
	gate->shut = open_fifo(gate->tree, "shut");
	scratch_defer(destroy_gate, gate);
	return gate;
}

void slow_gate_await(const struct slow_gate *gate)
{
	struct pollfd reached = { gate->reached, POLLIN, 0 };

	if (poll(&reached, 1, TIME_LIMIT) != 1) {
		broken("the gate was not reached");
	}
}

/* Whoever has opened the FIFO by then reads its end, and whoever comes later finds none. */
void slow_gate_open(struct slow_gate *gate)
{
	if (gate->shut >= 0) {
		unlinkat(gate->tree->fd, "shut", 0);
		close(gate->shut);
		gate->shut = -1;
	}
}

void slow_need(void)
{
	const struct tree *tree = TREE(NULL);
	const char *witness = scratch_format("PYCLEAN_WITNESS=%s", tree_path(tree, "loaded"));

	if (program_is_wrapped()) {
		skip_because("the wrapper takes its time");
	}
	RUN_PROGRAM(.cwd = tree->path, .arguments = split("--version"),
		    .environment = slow_environment(0, witness));
	if (!tree_has(tree, "loaded")) {
		skip_because("a static program takes no LD_PRELOAD");
	}
}
