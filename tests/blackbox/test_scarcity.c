/* Memory that runs out: at each allocation of a run, for once or for good. */

#include "aftermath.h"
#include "large.h"
#include "supervise.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>

static const char *const project[] = {
	"a.pyc",
	"keep.py",
	"pkg/b.pyc",
	"pkg/__pycache__/c.pyc",
	"pkg/__pycache__/deep/er/d",
	"pkg/sub/__pycache__/e.pyc",
	"pkg/sub/f.py",
	"venv/pyvenv.cfg",
	"venv/h.pyc",
	"p1/x.py",
	"p2/x.py",
	"p3/x.py",
	"p4/sub/x.pyc",
	"p5/sub/x.pyc",
	"p6/sub/x.pyc",
	"p7/sub/x.pyc",
	"p8/sub/x.pyc",
	"p9/sub/x.pyc",
	NULL,
};

/** Runs the program, whose allocation `at` fails. @return Whether it came to that. */
static const struct outcome *run_scarce(const struct tree *tree, const char *cwd,
					const char *const arguments[], unsigned long at,
					bool for_good)
{
	const char *sanitizer = getenv("ASAN_OPTIONS");
	const char *const environment[] = {
		scratch_format("LD_PRELOAD=%s", program_shim("scarcity")),
		/* AddressSanitizer wants to be the first library, but does not need to. */
		scratch_format("ASAN_OPTIONS=%s:verify_asan_link_order=0",
			       sanitizer ? sanitizer : ""),
		scratch_format("PYCLEAN_SCARCE_AT=%lu", at),
		scratch_format("PYCLEAN_WITNESS=%s", tree_path(tree, "witness")),
		for_good ? "PYCLEAN_SCARCE_FOR_GOOD=1" : NULL,
		NULL,
	};

	return RUN_PROGRAM(.cwd = cwd, .arguments = arguments, .environment = environment);
}

/** Skips a test where allocations cannot be made to fail. */
static void skip_if_out_of_reach(void)
{
	const struct tree *tree = TREE("a.pyc");
	const struct outcome *outcome;

	if (program_is_wrapped()) {
		skip_because("the wrapper has its own way of allocating");
	}
	outcome = run_scarce(tree, tree->path, split("--check"), 1, false);
	if (!tree_has(tree, "witness")) {
		assert_last_line(outcome, 1, "Would remove 1 file (*).\n", "");
		skip_because("a static program takes no LD_PRELOAD");
	}
}

/** Runs once. @return Whether the allocation was reached. */
static bool strike(unsigned long at, bool for_good, const char *arguments)
{
	const struct scene scene = scene_make(project);
	const struct tree *witness = TREE(NULL);
	const struct outcome *outcome =
		run_scarce(witness, scene.project.path, split(arguments), at, for_good);
	const char *complaint = scene_complaint(&scene, outcome, FAULT_LASTING);

	if (complaint) {
		print_error("# %s: allocation %lu%s\n", complaint, at,
			    for_good ? " and all later ones" : "");
		assert_outcome(outcome, 0, "what is right\n", "");
	}
	return tree_has(witness, "witness");
}

static void fail_each_allocation(bool for_good, const char *arguments)
{
	unsigned long step = program_is_sanitized() ? 4 : 1;
	unsigned long at = 1;

	skip_if_out_of_reach();
	while (strike(at, for_good, arguments)) {
		at += step;
		scratch_clear(NULL);
	}
	assert_true(at > 10);
}

/** A sanitizer does not survive where a thread finds no memory. */
static const char *many_threads(void)
{
	return program_is_sanitized() ? "-j1 -v" : "-j8";
}

TEST(an_allocation_that_fails_is_reported_or_made_good)
{
	fail_each_allocation(false, "-j1");
	fail_each_allocation(false, many_threads());
}

TEST(memory_that_is_gone_for_good_ends_no_run_in_disorder)
{
	fail_each_allocation(true, "-j1");
	fail_each_allocation(true, many_threads());
}

/* Nested operands and patterns take memory of their own, before anything is touched. */
TEST(no_allocation_for_the_command_line_goes_unchecked)
{
	fail_each_allocation(false, "-j1 -i nothing,never -i no* . pkg pkg/sub venv/pyvenv");
}

/* The path of an error may be longer than what is kept in store for it. */
TEST(an_error_of_a_very_long_operand_fits)
{
	const struct tree *tree = TREE("a.pyc");
	const struct tree *witness = TREE(NULL);
	const char *operand = scratch_repeat('\x01', 100000);
	const struct outcome *outcome;

	skip_if_out_of_reach();
	for (unsigned long at = 1; at < 20; at++) {
		outcome = run_scarce(witness, tree->path, WORDS("-n", operand, "."), at, true);
		assert_int_equal(outcome->signal, 0);
		/* 2 if it could not begin. */
		assert_int_equal(
			outcome->status,
			strcmp(outcome->err, "pyclean: Cannot allocate memory\n") == 0 ? 2 : 1);
		assert_true(outcome->err_length > 0);
		assert_true(tree_has(tree, "a.pyc"));
	}
}

BEFORE_TESTS
{
	large_prefer_memory();
}
