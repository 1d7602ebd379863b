/* What can be done about an error is said once, at the end of the run, and only where it applies. */

#include "tests.h"

#include <string.h>

#define NOT_PERMITTED                                                                                \
 "pyclean: hint: removal requires write permission for the directory; run pyclean as its owner, or " \
 "exclude it with --ignore\n"
#define UNREADABLE                                                                                 \
 "pyclean: hint: run pyclean as the owner of what cannot be read, or exclude it with --ignore\n"
#define OPERAND "pyclean: hint: a PATH is a directory, a *.pyc or *.pyo file, or a *.py source\n"

/* Thirty lines that say the same are no help: one does, behind them, in the order of the first
 * errors of each kind. */
TEST(each_kind_has_one_line_at_the_end)
{
	static const char errors[] = "pyclean: cannot remove 'a/x.pyc': Permission denied\n"
				     "pyclean: cannot remove 'a/y.pyc': Permission denied\n"
				     "pyclean: cannot remove 'b/x.pyc': Permission denied\n"
				     "pyclean: cannot read 'c': Permission denied\n"
				     "pyclean: cannot read 'd': Permission denied\n";
	const struct tree *tree =
		TREE("a/x.pyc", "a/y.pyc", "b/x.pyc", "c/x.pyc", "d/x.pyc", "e/x.pyc");
	const struct outcome *outcome;
	const char *end;

	tree_chmod(tree, "a", 0555);
	tree_chmod(tree, "b", 0555);
	tree_chmod(tree, "c", 0);
	tree_chmod(tree, "d", 0);
	outcome = run_as_ordinary_user(tree, "");
	assert_outcome(outcome, 1, "Removed 1 file (*); 5 errors.\n",
		       scratch_format("%s%s%s", errors, NOT_PERMITTED, UNREADABLE));
	end = outcome->err + outcome->err_length - strlen(NOT_PERMITTED UNREADABLE);
	assert_string_equal(end, strstr(outcome->err, "cannot remove") <
						 strstr(outcome->err, "cannot read")
					 ? NOT_PERMITTED UNREADABLE
					 : UNREADABLE NOT_PERMITTED);
}

/* -q is for scripts, whose log has to tell the same. */
TEST(quiet_leaves_them)
{
	const struct tree *tree = TREE("x.txt");

	assert_outcome(run(tree, "-q x.txt"), 1, "",
		       "pyclean: 'x.txt' is neither a directory nor bytecode\n" OPERAND);
}

/* Advice that does not help is worse than none. */
TEST(there_is_none_where_nothing_can_be_done)
{
	const struct outcome *outcome = run(TREE("a.pyc"), "gone .");

	assert_outcome(outcome, 1, "Removed 1 file (*); 1 error.\n",
		       "pyclean: cannot read 'gone': No such file or directory\n");
	assert_null(strstr(outcome->err, "hint"));
}

/* What was asked of the terminal in between must not pass for the reason. */
TEST(a_full_device_is_still_called_by_its_name)
{
	const struct tree *tree = TREE("a.pyc", "x.txt");

	assert_outcome(RUN_PROGRAM(.cwd = tree->path, .arguments = split("-n . x.txt"),
				   .out = PROGRAM_FULL),
		       1, "",
		       "pyclean: 'x.txt' is neither a directory nor bytecode\n" OPERAND
		       "pyclean: cannot write to standard output: No space left on device\n");
}
