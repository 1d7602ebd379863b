/*
 * nftw as it can be: it gives up half-way, cannot begin, is blind to directories, deaf to answers,
 * or silent below some level. Each walk has to give exactly what an undisturbed one gives.
 */

#include "faults.h"
#include "random_tree.h"
#include "tests.h"
#include "walk.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#ifndef FTW_ACTIONRETVAL
/* musl: its answers are always ignored, but for a stop. */
# define FTW_ACTIONRETVAL 0
# define FTW_SKIP_SUBTREE 0
# define FTW_STOP         1
#endif

/* ---- Trees ---------------------------------------------------------------------------------- */

/** Something of everything, with more to visit than to stat, so that nftw goes down. */
static void grow_bushy(const struct tree *tree)
{
	ADD(tree, "a/__pycache__/m.pyc", "a/b/c/d/e/f/__pycache__/m.pyc", "a/b/c/x.pyc",
	    "a/b/c/d/e/f/g/y.pyo", "a/b/h/i/__pycache__/n/", "a/b/j/k/l.pyc", "a/b/m/n/o/p/",
	    "a/q.py", "b/venv/pyvenv.cfg", "b/venv/lib/x.pyc", "b/c/.git/x.pyc",
	    "b/c/node_modules/a/__pycache__/", "b/d/link -> ../../a", "b/d/e/f.pyc -> nowhere",
	    "b/d/g/__pycache__/o/p", "c/1/x.pyc", "c/2/x.pyc", "c/3/x.pyc", "c/4/x.pyc",
	    "c/5/a/b/c/x.pyc", "c/6/a/b/c/__pycache__/", "d.pyc", "e/f/g/h/i/j/k/l/m.pyc",
	    "__pycache__/a.pyc");
}

/** Deeper than a walk goes, with siblings at many levels. */
static void grow_deep(const struct tree *tree)
{
	char path[256] = "";

	for (int level = 0; level < 36; level++) {
		if (level % 3 == 0 || level > 30) {
			tree_add(tree, scratch_format("%sa/__pycache__/x.pyc", path));
			tree_add(tree, scratch_format("%sz/b/y.pyc", path));
		}
		strcat(path, "d/");
	}
}

static uint64_t seed;

static void grow_random(const struct tree *tree)
{
	random_tree_grow(tree, seed);
	tree_add(tree, "certain/__pycache__/a.pyc");
}

/* ---- Ends ----------------------------------------------------------------------------------- */

static _Thread_local nftw_visit *own_visit;
/** After how many reports the walk ends, and whether the last of them still arrives. */
static int reports_before_end;
static bool last_arrives;
static _Thread_local int reports;

static int visit_until_end(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	if (reports++ < reports_before_end) {
		return own_visit(path, st, type, ftw);
	}
	if (last_arrives) {
		own_visit(path, st, type, ftw);
	}
	return -1;
}

/** As glibc after EMFILE, EIO or ELOOP of one directory. */
static int nftw_ending(const char *path, nftw_visit *visit, int max_open, int flags)
{
	own_visit = visit;
	reports = 0;
	return real_nftw(path, visit_until_end, max_open, flags);
}

/* After the first report, the second, …: whatever is still to be visited must be. */
TEST(a_walk_that_ends_after_any_report_loses_nothing)
{
	static const struct interposed ending = { .nftw = nftw_ending };
	const struct standard *bushy = standard_of(grow_bushy);
	const struct standard *deep = standard_of(grow_deep);
	int most = tests_are_slow() ? 6 : 40;

	for (reports_before_end = 0; reports_before_end < most; reports_before_end++) {
		last_arrives = reports_before_end % 2;
		assert_dry_run_undisturbed(bushy, &ending);
	}
	for (reports_before_end = 1; reports_before_end < 100; reports_before_end *= 3) {
		assert_undisturbed(bushy, &ending);
		assert_dry_run_undisturbed(deep, &ending);
	}
	reports_before_end = 7;
	assert_undisturbed(deep, &ending);
}

/* Without /proc it cannot even begin. */
TEST(a_walk_that_cannot_begin_loses_nothing)
{
	static const struct interposed failing = { .nftw = failing_nftw };
	static const int errors[] = { EACCES, EMFILE, ENOMEM, ENOENT };
	const struct standard *bushy = standard_of(grow_bushy);

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		failing_nftw_error = errors[i];
		assert_dry_run_undisturbed(bushy, &failing);
	}
	assert_undisturbed(bushy, &failing);
	assert_undisturbed(standard_of(grow_deep), &failing);
}

/* ---- Blind, deaf and silent ----------------------------------------------------------------- */

static int type_told;

static int visit_blindly(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	if (ftw->level == 0) {
		return own_visit(path, st, type, ftw);
	}
	own_visit(path, st, type == FTW_D ? type_told : type, ftw);
	return FTW_SKIP_SUBTREE;
}

static int nftw_blind(const char *path, nftw_visit *visit, int max_open, int flags)
{
	own_visit = visit;
	return real_nftw(path, visit_blindly, max_open, flags);
}

/* A directory that nftw may not read, or not even stat, pyclean may still open. */
TEST(directories_told_as_something_else_are_visited)
{
	static const struct interposed blind = { .nftw = nftw_blind };
	static const int types[] = { FTW_F, FTW_SL, FTW_NS, FTW_DNR };
	const struct standard *bushy = standard_of(grow_bushy);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		type_told = types[i];
		assert_undisturbed(bushy, &blind);
	}
	assert_undisturbed(standard_of(grow_deep), &blind);
}

static int visit_deafly(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return own_visit(path, st, type, ftw) == FTW_STOP ? FTW_STOP : 0;
}

/** As musl's and the BSDs': without FTW_ACTIONRETVAL, on and on below what was pruned. */
static int nftw_deaf(const char *path, nftw_visit *visit, int max_open, int flags)
{
	own_visit = visit;
	return real_nftw(path, visit_deafly, max_open, flags & ~FTW_ACTIONRETVAL);
}

/* Whoever entered the skipped, the removed and the handed over again would do all twice. */
TEST(a_walk_that_cannot_be_pruned_does_nothing_twice)
{
	static const struct interposed deaf = { .nftw = nftw_deaf };

	assert_undisturbed(standard_of(grow_bushy), &deaf);
	assert_undisturbed(standard_of(grow_deep), &deaf);
}

static int deepest_level;

static int visit_down_to_a_level(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return ftw->level > deepest_level ? 0 : own_visit(path, st, type, ftw);
}

static int visit_deafly_down_to_a_level(const char *path, const struct stat *st, int type,
					struct FTW *ftw)
{
	return ftw->level > deepest_level ? 0 : visit_deafly(path, st, type, ftw);
}

/** As musl at the limit of descriptors: it says nothing of what lies deeper, and no error. */
static int nftw_silent(const char *path, nftw_visit *visit, int max_open, int flags)
{
	own_visit = visit;
	return real_nftw(path, visit_down_to_a_level, max_open, flags);
}

static int nftw_silent_and_deaf(const char *path, nftw_visit *visit, int max_open, int flags)
{
	own_visit = visit;
	return real_nftw(path, visit_deafly_down_to_a_level, max_open, flags & ~FTW_ACTIONRETVAL);
}

TEST(a_walk_that_stops_descending_loses_nothing)
{
	static const struct interposed silent[] = { { .nftw = nftw_silent },
						    { .nftw = nftw_silent_and_deaf } };
	const struct standard *bushy = standard_of(grow_bushy);
	const struct standard *deep = standard_of(grow_deep);

	for (int i = 0; i < 2; i++) {
		for (deepest_level = 0; deepest_level < 6; deepest_level++) {
			assert_dry_run_undisturbed(bushy, &silent[i]);
		}
		deepest_level = 2;
		assert_undisturbed(bushy, &silent[i]);
		deepest_level = 10;
		assert_undisturbed(deep, &silent[i]);
	}
}

static int visit_twice(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	int answer = own_visit(path, st, type, ftw);
	int again = own_visit(path, st, type, ftw);

	/* The second answer prunes what the first has entered. */
	return answer == FTW_STOP ? answer : again;
}

static int nftw_repeating(const char *path, nftw_visit *visit, int max_open, int flags)
{
	own_visit = visit;
	return real_nftw(path, visit_twice, max_open, flags);
}

/* A directory that changes while it is read may give a name twice. */
TEST(a_name_reported_twice_is_visited_once)
{
	static const struct interposed repeating = { .nftw = nftw_repeating };

	assert_undisturbed(standard_of(grow_bushy), &repeating);
	assert_undisturbed(standard_of(grow_deep), &repeating);
}

/* ---- All at once ---------------------------------------------------------------------------- */

/** splitmix64, a state for each thread. */
static _Thread_local uint64_t chance;

static unsigned below(unsigned limit)
{
	uint64_t z = (chance += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return (unsigned)((z ^ (z >> 31)) % limit);
}

/** Below this level nothing is reported, where the C library cannot be told to skip it. */
static _Thread_local int silent_below;

static int skip_below(int level)
{
	silent_below = level;
	return FTW_SKIP_SUBTREE;
}

static int visit_at_random(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	static const int types[] = { FTW_D, FTW_DNR, FTW_NS, FTW_F, FTW_SL, FTW_SLN, FTW_DP };
	int answer;

	if (ftw->level > silent_below) {
		return 0;
	}
	silent_below = INT_MAX;
	switch (below(12)) {
	case 0:
		/* Not a word of it, or of what is in it. */
		return skip_below(ftw->level);
	case 1:
		return below(4) == 0 ? -1 : skip_below(ftw->level);
	case 2:
		if (ftw->level > 0) {
			own_visit(path, st, types[below(7)], ftw);
			return skip_below(ftw->level);
		}
		return own_visit(path, st, type, ftw);
	case 3:
		answer = own_visit(path, st, type, ftw);
		return answer == FTW_STOP ? answer : 0;
	default:
		return own_visit(path, st, type, ftw);
	}
}

static int nftw_at_random(const char *path, nftw_visit *visit, int max_open, int flags)
{
	own_visit = visit;
	silent_below = INT_MAX;
	chance += seed;
	return real_nftw(path, visit_at_random, max_open,
			 below(3) == 0 ? flags & ~FTW_ACTIONRETVAL : flags);
}

/* Whatever nftw does or leaves undone, on trees that nobody thought of. */
TEST(no_nftw_makes_a_difference)
{
	static const struct interposed at_random = { .nftw = nftw_at_random };
	const struct standard *bushy = standard_of(grow_bushy);
	uint64_t most = tests_are_slow() ? 3 : 40;

	for (seed = 1; seed <= most; seed++) {
		note_walks("seed %ju", (uintmax_t)seed);
		assert_dry_run_undisturbed(bushy, &at_random);
		if (seed % 10 == 5) {
			assert_undisturbed(bushy, &at_random);
			assert_undisturbed(standard_of(grow_random), &at_random);
		}
	}
}
