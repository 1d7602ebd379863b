/* A scan in which something goes wrong: what is said of it, and what is left as it is. */

#include "faults.h"
#include "command.h"
#include "scanned.h"
#include "tests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Since it might be an environment, nothing in it goes, and nothing below it is visited. */
TEST(a_directory_that_fails_half_way_stays_as_it_is)
{
	static const struct interposed failing = { .getdents = half_way_getdents };
	const struct tree *tree = TREE("d/__pycache__/a.pyc", "d/1.pyc", "d/2.pyc", "d/3.pyc",
				       "d/4/", "d/5/", "d/6/");
	struct tree_listing before = tree_list(tree);

	fail_half_way(tree, "d", EIO);
	assert_scanned(SCAN(.tree = tree, .path = "d", .functions = &failing), "",
		       scratch_format("pyclean: cannot read 'd': %s\n", strerror(EIO)), "");
	assert_listing(before, tree_list(tree));
	fail_half_way(tree, ".", EIO);
	assert_scanned(SCAN(.tree = tree, .functions = &failing), "",
		       scratch_format("pyclean: cannot read '.': %s\n", strerror(EIO)), "");
}

/* One entry that cannot be asked about is an error; the others have their turn. */
TEST(an_entry_that_cannot_be_asked_about_is_named)
{
	static const struct interposed failing = { .getdents = typeless_getdents,
						   .fstatat = refusing_fstatat };
	const struct scanned *scanned;

	REFUSE(EACCES, "odd");
	scanned = SCAN(.tree = TREE("d/odd/x.pyc", "d/a.pyc", "d/b/"), .path = "d",
		       .functions = &failing);
	assert_scanned(scanned, "Removed d/a.pyc\n",
		       "pyclean: cannot read 'd/odd': Permission denied\n", "b\n");
	assert_int_equal(scanned->tally.errors, 1);
}

/* Whatever is not done for want of memory is said. */
TEST(out_of_memory_is_never_silent)
{
	static const struct interposed striking = { .may_allocate = striking_allocation };
	const struct tree *tree = TREE("d/__pycache__/a.pyc", "d/x.pyc", "d/sub/z.pyc", "d/.git/",
				       "d/ignored/", "d/l.pyc -> x");
	struct scan_request request = { .tree = tree,
					.path = "d",
					.policy.dry_run = true,
					.ignore = PATTERNS("ignored"),
					.functions = &striking };
	const struct scanned *undisturbed;
	int silent = 0;

	/* More than what listings start with. */
	for (int i = 0; i < 30; i++) {
		tree_add_directory(tree,
				   scratch_format("d/a_name_of_some_forty_bytes_to_be_long_%d", i));
	}
	strike_after(1000000, 0);
	undisturbed = run_scan(&request);
	for (int before = 0; before < 24; before++) {
		const struct scanned *scanned;

		strike_after(before, ENOMEM);
		scanned = run_scan(&request);
		silent += scanned->tally.errors == 0;
		if (scanned->tally.errors == 0) {
			assert_string_equal(scanned->out, undisturbed->out);
			assert_string_equal(scanned->subdirectories, undisturbed->subdirectories);
		} else {
			assert_non_null(strstr(scanned->err, strerror(ENOMEM)));
		}
	}
	assert_in_range(silent, 1, 19);
}

static void prune_what_was_moved(struct scan *scan, const struct scan_place *place)
{
	const struct scan_place moved = { .config = place->config, .fd = -1, .prefix = "" };
	const struct scan_state state = { .result = SCAN_REMOVED };

	errno = ESTALE;
	if (scan_prune(scan, &moved, "a", &state) != SCAN_KEPT) {
		abort();
	}
}

/* Another directory is where its parent was: that is no error. */
TEST(what_was_moved_is_not_pruned)
{
	const struct tree *tree = TREE("a/");

	assert_string_equal(SCAN(.tree = tree, .act = prune_what_was_moved)->err, "");
	assert_tree(tree, "a/");
}
