/* One directory: what in it goes, what is to be visited, and when it is left as it is. */

#include "child.h"
#include "faults.h"
#include "command.h"
#include "scanned.h"
#include "tests.h"
#include "walk.h"

#include <signal.h>
#include <unistd.h>

/* ---- What goes ------------------------------------------------------------------------------ */

static const struct tree *mixed_tree(void)
{
	return TREE("d/__pycache__/a.pyc", "d/x.pyc", "d/l.pyc -> y.py", "d/y.py", "d/sub/z.pyc",
		    "d/x.pyo/w.pyc", "d/.git/g.pyc", "d/link -> sub", "d/p.pyc|", "outside.pyc");
}

static const char mixed_removed[] = "Removed d/__pycache__/a.pyc\n"
				    "Removed d/__pycache__/\n"
				    "Removed d/x.pyc\n"
				    "Removed d/l.pyc\n"
				    "Skipped d/.git/ (version control)\n";

/* Only what is in the directory itself; what is below it comes in its turn. */
TEST(a_directory_is_cleaned_and_its_subdirectories_are_named)
{
	const struct tree *tree = mixed_tree();
	const struct scanned *scanned = SCAN(.tree = tree, .path = "d");

	assert_scanned(scanned, mixed_removed, "", "sub\nx.pyo\n");
	assert_int_equal(scanned->tally.files, 3);
	assert_int_equal(scanned->tally.directories, 1);
	assert_int_equal(tree_list(tree).count, 11);
	assert_true(tree_has(tree, "d/sub/z.pyc") && tree_has(tree, "outside.pyc"));
}

/* XFS without ftype, and network file systems. */
TEST(types_that_are_not_told_make_no_difference)
{
	assert_scanned(
		SCAN(.tree = mixed_tree(), .path = "d",
		     .functions = &(const struct interposed){ .getdents = typeless_getdents }),
		mixed_removed, "", "sub\nx.pyo\n");
}

/* ---- What is left --------------------------------------------------------------------------- */

static void assert_environment_stays(const struct tree *tree, const struct interposed *functions)
{
	struct tree_listing before = tree_list(tree);

	assert_scanned(SCAN(.tree = tree, .path = "env", .functions = functions),
		       "Skipped env/ (virtual environment)\n", "", "");
	assert_listing(before, tree_list(tree));
}

/* Were a file removed before the last name has been read, the environment would be damaged. */
TEST(an_environment_is_recognised_by_its_last_entry)
{
	static const struct interposed last = { .getdents = last_getdents };

	last_name = "pyvenv.cfg";
	assert_environment_stays(
		TREE("env/pyvenv.cfg", "env/a.pyc", "env/__pycache__/b.pyc", "env/lib/c.pyc"),
		&last);
	last_name = "conda-meta";
	assert_environment_stays(TREE("env/conda-meta/", "env/a.pyc", "env/__pycache__/b.pyc"),
				 &last);
	assert_environment_stays(TREE("env/pyvenv.cfg -> gone", "env/a.pyc"), NULL);
}

/* In a directory that takes several readings, wherever the name may be. */
TEST(an_environment_of_many_names_is_recognised)
{
	const struct tree *tree = TREE("env/pyvenv.cfg");

	for (int i = 0; i < 1500; i++) {
		tree_add_file(tree, scratch_format("env/a_rather_long_module_name_%d.pyc", i));
	}
	last_name = "pyvenv.cfg";
	assert_environment_stays(tree, &(const struct interposed){ .getdents = last_getdents });
}

/* -x: neither visited nor, were it a cache, removed. Without it a mount is like any directory. */
TEST(another_file_system_is_left)
{
	static const struct interposed mount = { .fstat = mounted_fstat,
						 .fstatat = mounted_fstatat };
	const struct tree *tree = TREE("mnt/x.pyc", "here/", "__pycache__/y.pyc");

	pretend_mount(tree, "mnt");
	assert_scanned(SCAN(.tree = tree, .policy = { .dry_run = true, .one_file_system = true },
			    .functions = &mount),
		       "Skipped mnt/ (another file system)\n"
		       "Would remove __pycache__/y.pyc\n"
		       "Would remove __pycache__/\n",
		       "", "here\n");
	assert_scanned(SCAN(.tree = tree, .policy.dry_run = true, .functions = &mount),
		       "Would remove __pycache__/y.pyc\n"
		       "Would remove __pycache__/\n",
		       "", "here\nmnt\n");
	pretend_mount(tree, "__pycache__");
	assert_scanned(SCAN(.tree = tree, .policy.one_file_system = true, .functions = &mount),
		       "Skipped __pycache__/ (another file system)\n", "", "here\nmnt\n");
	assert_true(tree_has(tree, "__pycache__/y.pyc"));
}

/* ---- Single entries, and stopping ----------------------------------------------------------- */

static void remove_entries(struct scan *scan, const struct scan_place *place)
{
	assert_true(scan_entry(scan, place, "__pycache__", ENTRY_DIRECTORY, NULL));
	assert_true(scan_entry(scan, place, "a.pyc", ENTRY_FILE, NULL));
	assert_true(scan_entry(scan, place, "l.pyc", ENTRY_LINK, NULL));
	assert_true(scan_entry(scan, place, "gone.pyc", ENTRY_FILE, NULL));
}

static atomic_int stop;

static int unlinkat_then_stop(int dirfd, const char *name, int flags)
{
	atomic_store(&stop, SIGINT);
	return real_unlinkat(dirfd, name, flags);
}

static atomic_int *readings;

static ssize_t getdents_then_stop(int fd, void *buffer, size_t size)
{
	atomic_store(&stop, SIGINT);
	atomic_fetch_add(readings, 1);
	return real_getdents(fd, buffer, size < 256 ? size : 256);
}

/* An operand that is looked up for long: the signal may come meanwhile. */
TEST(a_stop_keeps_single_entries)
{
	const struct tree *tree = TREE("__pycache__/x", "a.pyc");

	atomic_store(&stop, SIGINT);
	assert_string_equal(SCAN(.tree = tree, .policy.stop = &stop, .act = remove_entries)->out,
			    "");
	atomic_store(&stop, 0);
	assert_tree(tree, "__pycache__/x", "a.pyc");
}

/* After a signal nothing more is begun, and what was not is no error. */
TEST(a_stop_ends_the_scan)
{
	static const struct interposed stopping[] = { { .unlinkat = unlinkat_then_stop },
						      { .getdents = getdents_then_stop } };

	readings = shared_alloc(sizeof(*readings));
	for (int i = 0; i < 2; i++) {
		const struct tree *tree = TREE(NULL);
		const struct scanned *scanned;

		for (int j = 0; j < 20; j++) {
			tree_add_file(tree, scratch_format("a_rather_long_name_%d.pyc", j));
		}
		scanned = SCAN(.tree = tree, .policy.stop = &stop, .functions = &stopping[i]);
		assert_string_equal(scanned->err, "");
		assert_int_equal(scanned->tally.errors, 0);
		assert_int_equal(scanned->count, 0);
		assert_int_equal(scanned->tally.files, i == 0);
		assert_int_equal(tree_list(tree).count, i == 0 ? 19 : 20);
		/* A directory of a million names is not read to its end. */
		assert_int_equal(atomic_load(readings), i);
	}
}
