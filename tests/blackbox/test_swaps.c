/*
 * Races, one by one: for each system call of a run, a directory is exchanged with a link to its
 * image outside just before that call. No chance is involved; test_races.c is for that.
 */

#include "attack.h"
#include "large.h"
#include "supervise.h"
#include "tests.h"

#include <stdio.h>
#include <string.h>

static const char *const project[] = {
	"other/g.pyc",           "other/__pycache__/h.pyc",    "pkg/a.pyc",
	"pkg/__pycache__/b.pyc", "pkg/__pycache__/deep/c.pyc", "pkg/__pycache__/deep/er/d",
	"pkg/sub/e.pyc",         "pkg/sub/__pycache__/f.pyc",  NULL,
};

static const char signature[] = "Signature: 8a477f597d28d172789f06886806bc55\n";

/** The directories that are exchanged. */
static const char *const targets[] = {
	"pkg",
	"pkg/sub",
	"pkg/sub/__pycache__",
	"pkg/__pycache__/deep",
};

/** Before which calls the exchange is made and undone; 0 for never. */
struct moment {
	const struct attack *attack;
	unsigned long from;
	unsigned long to;
};

static int exchange_judge(void *context, const struct supervised_call *call)
{
	const struct moment *moment = context;

	if (call->number == moment->from || call->number == moment->to) {
		attack_exchange(moment->attack);
	}
	return 0;
}

/** Runs with the exchange in the moment given. @return How many calls the run made. */
static unsigned long exchange_at(struct moment *moment, bool naive)
{
	static const char *const arguments[] = { "-j1", NULL };
	struct supervision supervision = {
		.calls = CALLS_OPEN | CALLS_LIST | CALLS_REMOVE,
		.judge = exchange_judge,
		.context = moment,
	};
	const struct program program = attack_program(moment->attack, naive, arguments);
	const struct outcome *outcome = supervise(&program, &supervision);

	if (!naive) {
		/* What is no longer there, or no longer a directory, needs not be removed. */
		assert_outcome(outcome, 0, outcome->out, "");
		assert_int_equal(supervision.left_open, 0);
		assert_false(tree_has(&moment->attack->project, "other/__pycache__"));
		assert_false(tree_has(&moment->attack->project, "other/g.pyc"));
	}
	return supervision.count;
}

/** For messages. */
static const char *target_in_hand;
static unsigned long call_in_hand;

static void print_moment(void *unused)
{
	(void)unused;
	if (call_in_hand > 0) {
		print_error("# '%s' was exchanged before call %lu\n", target_in_hand, call_in_hand);
	}
}

/**
 * Runs with an exchange before each call there is, undone before the next one if `brief`.
 *
 * @return How often the image was damaged.
 */
static unsigned damage_by_exchanging(const char *target, bool brief, bool naive)
{
	/* Sanitizers take their time to start. */
	unsigned long step = program_is_sanitized() ? 5 : 1;
	unsigned long calls = 1;
	unsigned damaged = 0;

	for (unsigned long at = 1; at <= calls; at += step) {
		struct attack attack = attack_make(project, target);
		struct moment moment = { &attack, at, brief ? at + 1 : 0 };
		const char *damage;

		target_in_hand = target;
		call_in_hand = at;
		scratch_defer(print_moment, NULL);
		calls = exchange_at(&moment, naive);
		damage = attack_damage(&attack);
		if (damage && !naive) {
			print_error("# outside:\n%s", damage);
			fail();
		}
		damaged += damage != NULL;
		call_in_hand = 0;
		scratch_clear(NULL);
	}
	assert_true(calls > 10);
	return damaged;
}

TEST(a_directory_exchanged_for_good_leads_nowhere)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		damage_by_exchanging(targets[i], false, false);
	}
}

TEST(a_directory_exchanged_for_one_call_leads_nowhere)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		damage_by_exchanging(targets[i], true, false);
	}
}

/* ---- Debris --------------------------------------------------------------------------------- */

/** Two directories, and before which calls they are exchanged. */
struct swap {
	const struct tree *tree;
	const char *names[2];
	unsigned long from;
	unsigned long to;
};

static int swap_judge(void *context, const struct supervised_call *call)
{
	const struct swap *swap = context;

	if (call->number == swap->from || call->number == swap->to) {
		renameat2(swap->tree->fd, swap->names[0], swap->tree->fd, swap->names[1],
			  RENAME_EXCHANGE);
	}
	return 0;
}

/** Exchanges a marked cache with a directory of the same name without a mark, before each call. */
static void exchange_with_an_unmarked_one(bool brief)
{
	static const char *const arguments[] = { "-dj1", NULL };
	unsigned long step = program_is_sanitized() ? 5 : 1;
	unsigned long calls = 1;

	for (unsigned long at = 1; at <= calls; at += step) {
		const struct tree *tree =
			TREE("a/.mypy_cache/x/y", "a/.mypy_cache/z", "b/.mypy_cache/x/mine",
			     "b/.mypy_cache/CACHEDIR.TAG");
		struct swap swap = {
			tree, { "a/.mypy_cache", "b/.mypy_cache" }, at, brief ? at + 1 : 0
		};
		struct supervision supervision = {
			.calls = CALLS_OPEN | CALLS_LIST | CALLS_REMOVE,
			.judge = swap_judge,
			.context = &swap,
		};
		const struct program program = { .cwd = tree->path, .arguments = arguments };

		tree_write(tree, "a/.mypy_cache/CACHEDIR.TAG", signature, strlen(signature));
		supervise(&program, &supervision);
		calls = supervision.count;
		target_in_hand = swap.names[0];
		call_in_hand = at;
		scratch_defer(print_moment, NULL);
		assert_true((tree_has(tree, "a/.mypy_cache/x/mine") &&
			     tree_has(tree, "a/.mypy_cache/CACHEDIR.TAG")) ||
			    (tree_has(tree, "b/.mypy_cache/x/mine") &&
			     tree_has(tree, "b/.mypy_cache/CACHEDIR.TAG")));
		call_in_hand = 0;
		scratch_clear(NULL);
	}
	assert_true(calls > 10);
}

/* The mark is read from the directory that is then removed. */
TEST(debris_exchanged_for_good_keeps_what_has_no_mark)
{
	exchange_with_an_unmarked_one(false);
}

TEST(debris_exchanged_for_one_call_keeps_what_has_no_mark)
{
	exchange_with_an_unmarked_one(true);
}

/** Writes all marks below a directory, which are the same outside. */
static void write_marks(const struct tree *tree, const char *directory)
{
	static const char *const marks[][2] = {
		{ "setup.py", "setup()\n" },
		{ ".mypy_cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n" },
		{ "a.egg-info/PKG-INFO", "Metadata-Version: 2.1\n" },
		{ "dist/a-1.0-py3-none-any.whl", "PK\3\4" },
		{ "coverage.xml", "<?xml <!-- Generated by coverage.py: -->" },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		tree_write(tree, scratch_format("%s/%s", directory, marks[i][0]), marks[i][1],
			   strlen(marks[i][1]));
	}
}

/** Runs with the exchange of a directory for a link to its marked image before each call. */
static void exchange_debris_for_a_link(const char *target, bool brief)
{
	static const char *const entries[] = { "p/.mypy_cache/x/y",
					       "p/a.egg-info/SOURCES.txt",
					       "p/build/lib/a",
					       "p/build/bdist.x/",
					       "p/build/lib.a-b/x.so",
					       "p/dist/",
					       "q/.mypy_cache/x/y",
					       "q/a.egg-info/SOURCES.txt",
					       "q/build/lib/a",
					       "q/dist/",
					       "q/b.pyc",
					       NULL };
	static const char *const arguments[] = { "--debris=all", "-j1", NULL };
	unsigned long step = program_is_sanitized() ? 5 : 1;
	unsigned long calls = 1;

	for (unsigned long at = 1; at <= calls; at += step) {
		struct attack attack = attack_make(entries, "p");
		struct moment moment = { &attack, at, brief ? at + 1 : 0 };
		struct supervision supervision = {
			.calls = CALLS_OPEN | CALLS_LIST | CALLS_REMOVE,
			.judge = exchange_judge,
			.context = &moment,
		};
		struct program program;
		const char *damage;

		write_marks(&attack.project, "p");
		write_marks(&attack.project, "q");
		write_marks(attack.tree, "outside/p");
		attack.target = target;
		tree_add_link(attack.tree, "to",
			      tree_path(attack.tree, scratch_format("outside/%s", target)));
		assert_int_equal(renameat(attack.tree->fd, "to", attack.tree->fd, "link"), 0);
		attack.image = tree_list_path(tree_path(attack.tree, "outside"));
		program = attack_program(&attack, false, arguments);
		target_in_hand = target;
		call_in_hand = at;
		scratch_defer(print_moment, NULL);
		supervise(&program, &supervision);
		calls = supervision.count;
		damage = attack_damage(&attack);
		if (damage) {
			print_error("# outside:\n%s", damage);
			fail();
		}
		assert_false(tree_has(&attack.project, "q/b.pyc"));
		assert_false(tree_has(&attack.project, "q/.mypy_cache"));
		call_in_hand = 0;
		scratch_clear(NULL);
	}
	assert_true(calls > 10);
}

TEST(debris_exchanged_for_a_link_leads_nowhere)
{
	static const char *const places[] = { "p", "p/.mypy_cache", "p/build", "p/build/lib",
					      "p/a.egg-info" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		exchange_debris_for_a_link(places[i], false);
		exchange_debris_for_a_link(places[i], true);
	}
}

/* Or else the tests above prove nothing. */
TEST(a_deleter_that_trusts_paths_is_led_astray)
{
	assert_true(damage_by_exchanging("pkg", false, true) > 0);
	assert_true(damage_by_exchanging("pkg/__pycache__/deep", false, true) > 0);
}

BEFORE_TESTS
{
	large_prefer_memory();
}
