/* Kernels, file systems and other processes that do not do what is usual. */

#include "random_tree.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** Runs the program with a library of tests/shim/ loaded into it, and one more variable set. */
static const struct outcome *run_with_shim(const struct tree *tree, const char *shim,
					   const char *variable, const char *arguments)
{
	const char *sanitizer = getenv("ASAN_OPTIONS");
	const char *const environment[] = {
		scratch_format("LD_PRELOAD=%s", program_shim(shim)),
		/* AddressSanitizer wants to be the first library, but does not need to. */
		scratch_format("ASAN_OPTIONS=%s:verify_asan_link_order=0",
			       sanitizer ? sanitizer : ""),
		variable,
		NULL,
	};

	return RUN_PROGRAM(.cwd = tree->path, .arguments = split(arguments),
			   .environment = environment);
}

/** Skips a test where the program cannot be shimmed, being static. */
static void skip_if_static(void)
{
	const struct tree *tree = TREE(NULL);

	run_with_shim(tree, "unknown_type",
		      scratch_format("PYCLEAN_WITNESS=%s", tree_path(tree, "loaded")), "--version");
	if (!tree_has(tree, "loaded")) {
		skip_because("a static program takes no LD_PRELOAD");
	}
}

/* XFS without ftype, some network and FUSE file systems: then a stat has to decide. */
TEST(entries_of_unknown_type_are_looked_at)
{
	const struct tree *tree =
		TREE("a.pyc", "b.pyc/c.pyc", "fifo.pyc|", "socket.pyc=", "d.py", "link.pyc -> d.py",
		     "p/__pycache__/e.pyc", "p/__pycache__/sub/f", "q/__pycache__",
		     "r/__pycache__ -> ../s", "s/g.py", "v/pyvenv.cfg", "v/h.pyc", "w/conda-meta/",
		     "w/i.pyc", "x/conda-meta", "x/j.pyc", ".git/k.pyc");
	const struct tree *witness = TREE(NULL);
	const char *variable = scratch_format("PYCLEAN_WITNESS=%s", tree_path(witness, "witness"));

	skip_if_static();
	assert_last_line(run_with_shim(tree, "unknown_type", variable, "--check"), 1,
			 "Would remove 6 files and 2 directories (*); "
			 "skipped 2 virtual environments (-v lists them).\n",
			 "");
	assert_outcome(run_with_shim(tree, "unknown_type", variable, ""), 0,
		       "Removed 6 files and 2 directories (*); "
		       "skipped 2 virtual environments (-v lists them).\n",
		       "");
	assert_tree(tree, "b.pyc/", "fifo.pyc|", "socket.pyc=", "d.py", "p/", "q/__pycache__",
		    "r/__pycache__ -> ../s", "s/g.py", "v/pyvenv.cfg", "v/h.pyc", "w/conda-meta/",
		    "w/i.pyc", "x/conda-meta", ".git/k.pyc");
	/* Without this, the test could pass with a program that the library does not reach. */
	assert_true(tree_list(witness).count == 1);
	assert_true(tree_bytes(witness, "witness") > 0);
}

TEST(unknown_types_change_nothing_on_random_trees)
{
	uint64_t trees = tests_are_slow() ? 2 : 10;

	skip_if_static();
	for (uint64_t seed = 500; seed < 500 + trees; seed++) {
		const struct tree *tree = TREE(NULL);
		struct path_list goes;
		struct tree_listing before;

		random_tree_grow(tree, seed);
		before = tree_list(tree);
		goes = oracle_of_tree(tree, false);
		assert_int_equal(run_with_shim(tree, "unknown_type", NULL, "-q")->status, 0);
		assert_listing(tree_listing_without(before, goes.paths, goes.count),
			       tree_list(tree));
	}
}

/* A Python process is importing: its new file must not make the run fail. */
TEST(a_cache_that_gets_a_new_file_meanwhile_goes)
{
	const struct tree *tree = TREE("p/__pycache__/a.pyc", "p/a.py");

	skip_if_static();
	assert_outcome(run_with_shim(tree, "newcomer", "PYCLEAN_NEWCOMERS=1", ""), 0,
		       "Removed 2 files and 1 directory (*).\n", "");
	assert_tree(tree, "p/a.py");
	tree_add(tree, "p/__pycache__/a.pyc");
	assert_outcome(run_with_shim(tree, "newcomer", "PYCLEAN_NEWCOMERS=2", ""), 0,
		       "Removed 3 files and 1 directory (*).\n", "");
	assert_tree(tree, "p/a.py");
}

/* NFS keeps a file that is open under another name; no error of ours, and -v tells why it stays. */
TEST(what_nfs_keeps_for_a_process_is_no_error)
{
	const struct tree *tree = TREE("p/__pycache__/open.pyc", "p/__pycache__/x.pyc",
				       "q/__pycache__/.nfs01", "q/__pycache__/y.pyc", "open.pyc");

	skip_if_static();
	assert_outcome(run(tree, "-nv q"), 0,
		       "Kept q/__pycache__/.nfs01 (a process may hold it open)\n"
		       "Would remove q/__pycache__/y.pyc\nWould remove 1 file (*).\n",
		       "");
	assert_outcome(run_with_shim(tree, "nfs", NULL, "-v"), 0,
		       "Removed open.pyc\n"
		       "Removed p/__pycache__/open.pyc\n"
		       "Removed p/__pycache__/x.pyc\n"
		       "Kept p/__pycache__/.nfs-open (a process holds it open)\n"
		       "Kept q/__pycache__/.nfs01 (a process holds it open)\n"
		       "Removed q/__pycache__/y.pyc\n"
		       "Removed 4 files (*).\n",
		       "");
	assert_outcome(run_with_shim(tree, "nfs", NULL, ""), 0, "Nothing to remove.\n", "");
	assert_outcome(run(tree, "-n"), 0, "Nothing to remove.\n", "");
	/* The process has ended. */
	assert_outcome(run(tree, ""), 0, "Removed 2 files and 2 directories (*).\n", "");
}

/* But not for ever: against a process that never stops, the program gives up, and says so. */
TEST(a_cache_that_never_gets_empty_is_reported)
{
	const struct tree *tree = TREE("p/__pycache__/a.pyc", "p/a.py", "z.pyc");
	const struct outcome *outcome;

	skip_if_static();
	outcome = run_with_shim(tree, "newcomer", "PYCLEAN_NEWCOMERS=1000000", "");
	assert_int_equal(outcome->status, 1);
	assert_string_equal(
		outcome->err,
		"pyclean: cannot remove 'p/__pycache__': Directory not empty\n"
		"pyclean: hint: a Python process may be writing files there; try again when it has "
		"ended\n");
	assert_non_null(strstr(without_marks(outcome->out, ""), "; 1 error.\n"));
	assert_true(tree_has(tree, "p/__pycache__"));
	assert_true(tree_has(tree, "p/a.py"));
	assert_false(tree_has(tree, "z.pyc"));
}

/* Two runs at once on one tree: what the other has removed is what was wanted. */
TEST(what_is_already_gone_is_no_error_and_not_counted)
{
	const struct tree *tree =
		TREE("a.pyc", "p/__pycache__/b.pyc", "p/__pycache__/sub/c", "d.py");

	skip_if_static();
	assert_outcome(run_with_shim(tree, "rival", NULL, "-v"), 0, "Nothing to remove.\n", "");
	assert_tree(tree, "p/", "d.py");
}

/* Of a zombie, /proc/PID/net opens, but reading it fails: that must not pass for empty. */
TEST(a_directory_whose_reading_fails_is_an_error)
{
	const struct tree *tree = TREE("a/x.pyc", "z/y.pyc");
	const struct outcome *outcome;
	pid_t pid = fork();
	siginfo_t ended;
	char *net;

	if (pid < 0) {
		broken("cannot fork");
	}
	if (pid == 0) {
		_exit(0);
	}
	/* Dead, but not yet buried. */
	if (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT) != 0) {
		broken("cannot wait");
	}
	net = scratch_format("/proc/%d/net", (int)pid);
	outcome = RUN(tree, "a", net, "z");
	waitpid(pid, NULL, 0);
	if (strstr(outcome->err, "No such file")) {
		skip_because("there is no %s", net);
	}
	assert_outcome(outcome, 1, "Removed 2 files (*); 1 error.\n",
		       scratch_format("pyclean: cannot read '%s': Invalid argument\n", net));
	assert_tree(tree, "a/", "z/");
}

/* As any filter: a reader that has seen enough ends it, silently. */
TEST(a_closed_pipe_ends_the_program_as_any_filter)
{
	const struct tree *tree = TREE("p/a.py");
	const struct outcome *outcome;

	for (int i = 0; i < 2000; i++) {
		tree_add_file(tree, scratch_format("p/a_rather_long_module_name_%d.pyc", i));
	}
	outcome = RUN_PROGRAM(
			.name = "bash", .cwd = tree->path,
			.arguments = WORDS(
				"-c",
				"$PYCLEAN_WRAPPER \"$PYCLEAN\" -n | head -n 1; echo ${PIPESTATUS[0]}"));
	assert_string_equal(outcome->err, "");
	assert_non_null(strstr(outcome->out, "\n141\n"));
}
