/* A scan that is to take less than everything: what is chosen in a cache, and in a prefix tree. */

#include "faults.h"
#include "make_pyc.h"
#include "command.h"
#include "scanned.h"
#include "tests.h"

#include <errno.h>
#include <string.h>

static const char *tag[] = { "cpython-310" };

/** Only what cpython-310 has made. */
static const struct filter_rules only_310 = { .only = { .all = tag, .count = 1 } };

/* Where a directory tells no types, and fstatat does not either, a name has to do. */
TEST(what_cannot_be_asked_about_is_chosen_by_its_name)
{
	static const struct interposed failing = { .getdents = typeless_getdents,
						   .fstatat = refusing_fstatat };
	const struct tree *tree =
		TREE("d/__pycache__/a.cpython-310.pyc", "d/__pycache__/b.cpython-311.pyc");

	REFUSE(EACCES, "a.cpython-310.pyc");
	assert_scanned(
		SCAN(.tree = tree, .path = "d", .selection = only_310, .functions = &failing),
		"Removed d/__pycache__/a.cpython-310.pyc (cpython-310)\n"
		"Kept d/__pycache__/b.cpython-311.pyc (of another interpreter)\n",
		"", "");
	assert_tree(tree, "d/__pycache__/b.cpython-311.pyc");
}

/* Read to half, it might still be a repository. */
TEST(nothing_is_chosen_of_what_cannot_be_read_to_its_end)
{
	static const struct interposed fail_reading = { .getdents = half_way_getdents };
	const struct tree *tree =
		TREE("__pycache__/a.cpython-310.pyc", "b.cpython-310.pyc", "b.py");

	fail_half_way(tree, "__pycache__", EIO);
	assert_scanned(SCAN(.tree = tree, .selection = only_310, .functions = &fail_reading),
		       "Removed b.cpython-310.pyc (cpython-310)\n",
		       scratch_format("pyclean: cannot read '__pycache__': %s\n", strerror(EIO)),
		       "");
	assert_tree(tree, "__pycache__/a.cpython-310.pyc", "b.py");
}

/** Scans a tree with one entry, which a pattern matches, while each allocation fails in turn. */
static void check_out_of_memory(const struct tree *tree, const struct filter_rules *selection)
{
	static const struct interposed striking = { .may_allocate = striking_allocation };
	const struct scan_request request = { .tree = tree,
					      .selection = *selection,
					      .policy.dry_run = true,
					      .ignore = PATTERNS("*/keep_this_*_whatever_*"),
					      .functions = &striking };
	int errors = 0;

	for (int before = 0; before < 12; before++) {
		const struct scanned *scanned;

		strike_after(before, ENOMEM);
		scanned = run_scan(&request);
		assert_int_equal(scanned->tally.files, 0);
		if (scanned->tally.errors > 0) {
			assert_non_null(strstr(scanned->err, strerror(ENOMEM)));
			errors++;
		}
	}
	assert_in_range(errors, 3, 11);
}

/* Without memory for its path nobody can tell whether an entry is to be ignored: it stays. */
TEST(out_of_memory_keeps_what_might_be_ignored)
{
	static const struct filter_rules all = { 0 };
	const struct tree *directory =
		TREE("__pycache__/keep_this_directory_whatever_happens/x.cpython-310.pyc");
	const struct tree *file =
		TREE("__pycache__/keep_this_file_whatever_happens.cpython-310.pyc");

	check_out_of_memory(directory, &only_310);
	check_out_of_memory(directory, &all);
	check_out_of_memory(file, &only_310);
	check_out_of_memory(file, &all);
}

/** What the clock shows: a second in 2017. */
enum {
	NOW = 1500000000
};

static int stopped_clock(clockid_t clock, struct timespec *time)
{
	(void)clock;
	*time = (struct timespec){ .tv_sec = NOW };
	return 0;
}

/* py_compile dies where what it writes is removed before it has renamed it. */
TEST(what_a_python_may_be_writing_is_not_stale)
{
	static const struct filter_rules stale = { .stale = true };
	static const struct interposed stopped = { .clock_gettime = stopped_clock };
	static const struct interposed failing = { .clock_gettime = stopped_clock,
						   .fstatat = refusing_fstatat };
	static const int ages[] = { 0, 1, 60, 61, -1 };
	const struct tree *tree = TREE("a.py", "__pycache__/");

	for (size_t i = 0; i < sizeof(ages) / sizeof(*ages); i++) {
		const char *path = scratch_format("__pycache__/a.cpython-311.pyc.%zu", i);

		tree_add(tree, path);
		pyc_touch(tree, path, NOW - ages[i], 0);
	}
	assert_scanned(SCAN(.tree = tree, .selection = stale, .functions = &stopped),
		       "Kept __pycache__/a.cpython-311.pyc.0 (being written)\n"
		       "Kept __pycache__/a.cpython-311.pyc.1 (being written)\n"
		       "Kept __pycache__/a.cpython-311.pyc.2 (being written)\n"
		       "Removed __pycache__/a.cpython-311.pyc.3 (interrupted write)\n"
		       "Removed __pycache__/a.cpython-311.pyc.4 (interrupted write)\n",
		       "", "");
	REFUSE(EACCES, "a.cpython-311.pyc.0");
	assert_scanned(
		SCAN(.tree = tree, .selection = stale, .functions = &failing),
		"Kept __pycache__/a.cpython-311.pyc.1 (being written)\n"
		"Kept __pycache__/a.cpython-311.pyc.2 (being written)\n",
		"pyclean: cannot read '__pycache__/a.cpython-311.pyc.0': Permission denied\n", "");
	/* It is left to the deleter to find out. */
	REFUSE(ENOENT, "a.cpython-311.pyc.0");
	assert_scanned(SCAN(.tree = tree, .selection = stale, .functions = &failing),
		       "Removed __pycache__/a.cpython-311.pyc.0\n"
		       "Kept __pycache__/a.cpython-311.pyc.1 (being written)\n"
		       "Kept __pycache__/a.cpython-311.pyc.2 (being written)\n",
		       "", "");
}

/* It makes the cache before it opens a file there. */
TEST(a_cache_that_a_python_may_have_made_is_not_stale)
{
	static const struct filter_rules stale = { .stale = true };
	static const struct interposed stopped = { .clock_gettime = stopped_clock };
	const struct tree *tree = TREE("__pycache__/");

	pyc_touch(tree, "__pycache__", NOW - 60, 0);
	assert_scanned(SCAN(.tree = tree, .selection = stale, .functions = &stopped),
		       "Kept __pycache__/ (being written)\n", "", "");
	pyc_touch(tree, "__pycache__", NOW - 61, 0);
	assert_scanned(SCAN(.tree = tree, .selection = stale, .functions = &stopped),
		       "Removed __pycache__/\n", "", "");
}

/** An fstatat that finds a source only at the first call, and no other of its stem. */
static int fstatat_once(int dirfd, const char *name, struct stat *st, int flags)
{
	static int calls;

	if (strncmp(name, "../m.", 5) == 0 && calls++ > 0) {
		errno = EIO;
		return -1;
	}
	return real_fstatat(dirfd, name, st, flags);
}

/* The optimization levels of a module share its source. */
TEST(a_source_is_looked_up_once_for_all_its_bytecode)
{
	static const struct filter_rules stale = { .stale = true };
	static const struct interposed once = { .fstatat = fstatat_once };
	const struct tree *tree = TREE("m.py");

	PYC(tree, "__pycache__/m.cpython-311.pyc", .version = "3.11", .source = "m.py");
	PYC(tree, "__pycache__/m.cpython-311.opt-1.pyc", .version = "3.11", .source = "m.py");
	PYC(tree, "__pycache__/m.cpython-310.pyc", .version = "3.10", .source = "m.py",
	    .longer = 1);
	assert_scanned(SCAN(.tree = tree, .selection = stale, .functions = &once),
		       "Kept __pycache__/m.cpython-311.pyc (matches its source)\n"
		       "Kept __pycache__/m.cpython-311.opt-1.pyc (matches its source)\n"
		       "Removed __pycache__/m.cpython-310.pyc (source has changed)\n",
		       "", "");
}

/* It may be there: the bytecode may match it. */
TEST(a_source_of_unknown_type_keeps_its_bytecode)
{
	static const struct filter_rules stale = { .stale = true };
	static const struct interposed failing = { .getdents = typeless_getdents,
						   .fstatat = refusing_fstatat };
	const struct tree *tree = TREE("m.py", "m.hy");

	PYC(tree, "__pycache__/m.cpython-311.pyc", .version = "3.11", .source = "m.py",
	    .longer = 1);
	REFUSE(EIO, "m.hy", "../m.hy");
	assert_scanned(
		SCAN(.tree = tree, .selection = stale, .functions = &failing), "",
		scratch_format(
			"pyclean: cannot read 'm.hy': %s\n"
			"pyclean: cannot find the source of '__pycache__/m.cpython-311.pyc': %s\n",
			strerror(EIO), strerror(EIO)),
		"");
	/* Another source of the stem does not answer for it. */
	REFUSE(EIO, "../m.py");
	assert_scanned(
		SCAN(.tree = tree, .selection = stale, .functions = &failing), "",
		scratch_format(
			"pyclean: cannot find the source of '__pycache__/m.cpython-311.pyc': %s\n",
			strerror(EIO)),
		"");
}

TEST(a_source_that_cannot_be_looked_up_keeps_a_cache_of_numba)
{
	static const struct filter_rules stale = { .stale = true };
	static const struct interposed failing = { .fstatat = refusing_fstatat };
	const struct tree *tree = TREE("__pycache__/m.f-12.py311.nbi");

	REFUSE(EIO, "../m.f-12.py");
	assert_scanned(
		SCAN(.tree = tree, .selection = stale, .functions = &failing), "",
		scratch_format(
			"pyclean: cannot find the source of '__pycache__/m.f-12.py311.nbi': %s\n",
			strerror(EIO)),
		"");
}

/* The scan has listed it. */
TEST(a_source_beside_its_bytecode_is_not_looked_up)
{
	static const struct filter_rules with_source = { .keep_sourceless = true };
	static const struct interposed failing = { .fstatat = refusing_fstatat };
	const struct tree *tree = TREE("m.py", "m.pyc", "h.hy", "h.pyc", "n.pyc");

	REFUSE(EIO, "m.py", "h.hy", "n.py", "n.pyw", "n.hy");
	assert_scanned(SCAN(.tree = tree, .selection = with_source, .functions = &failing),
		       "Removed m.pyc\n"
		       "Removed h.pyc\n"
		       "Kept n.pyc (no source beside it)\n",
		       "", "");
}
