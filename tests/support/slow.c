#include "slow.h"

#include "tests.h"

#include <stdlib.h>
#include <unistd.h>

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

struct slow_gate slow_gate_before(int removal)
{
	const char *path = tree_path(TREE("shut"), "shut");

	return (struct slow_gate){ scratch_format("PYCLEAN_GATE=%d:%s", removal, path), path };
}

void slow_gate_open(const struct slow_gate *gate)
{
	if (unlink(gate->path) != 0) {
		broken("cannot open the gate '%s'", gate->path);
	}
}

void slow_need(void)
{
	const struct tree *tree = TREE(NULL);
	const char *witness = scratch_format("PYCLEAN_WITNESS=%s", tree_path(tree, "loaded"));

	if (program_is_wrapped()) {
		skip_because("the wrapper takes its time");
	}
	program_run(&(const struct program){ .cwd = tree->path,
					     .arguments = split("--version"),
					     .environment = slow_environment(0, witness) });
	if (!tree_has(tree, "loaded")) {
		skip_because("a static program takes no LD_PRELOAD");
	}
}
