/* --prune: a directory that the run leaves empty goes as well, and no other. */

#include "make_pyc.h"
#include "random_tree.h"
#include "tests.h"
#include "walker.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- What goes ------------------------------------------------------------------------------ */

/* What is left of a package after a switch to a branch that does not have it. */
TEST(directories_that_are_left_empty_go_upwards)
{
	assert_cleans("-p", "a.py", "- gone/__pycache__/m.cpython-311.pyc",
		      "- gone/sub/__pycache__/n.cpython-311.pyc", "- stray/deep/er/s.pyc",
		      "kept/k.py", "- kept/old/__pycache__/k.cpython-311.pyc");
	assert_cleans("--prune", "- a/b/c/d/__pycache__/");
}

TEST(without_the_option_they_stay)
{
	assert_cleans("", "gone/", "- gone/__pycache__/m.cpython-311.pyc", "stray/",
		      "- stray/s.pyc");
}

/* Nobody asked for it: it may be there to be filled, or be a mount point. */
TEST(directories_that_were_empty_before_stay)
{
	assert_cleans("-p", "empty/", "a/b/", "- a/__pycache__/m.pyc", "a/c/d/", "- a/c/m.pyc");
}

TEST(what_is_kept_in_it_keeps_a_directory)
{
	assert_cleans("-p", "a/link -> x", "- a/m.pyc", "b/pipe|", "- b/m.pyc", "c/.hidden",
		      "- c/m.pyc", "d/.git/x.pyc", "- d/m.pyc", "e/node_modules/x.pyc", "- e/m.pyc",
		      "f/env/pyvenv.cfg", "- f/m.pyc");
	assert_cleans("-p -i skipped,/f/g", "a/skipped/x.pyc", "- a/m.pyc", "f/g/x.pyc",
		      "- f/h/g/x.pyc");
	assert_cleans("-p -a", "- e/node_modules/x.pyc", "- e/m.pyc", "d/.git/x.pyc");
}

/* A directory in a cache belongs to it, and goes with it, empty or not. */
TEST(caches_go_as_without_the_option)
{
	assert_cleans("-p", "- a/__pycache__/d/", "- a/__pycache__/notes.txt", "- b/__pycache__/");
	assert_cleans("-p -t 3.11", "- a/__pycache__/m.cpython-311.pyc",
		      "b/__pycache__/m.cpython-312.pyc", "- b/__pycache__/m.cpython-311.pyc",
		      "- b/c/__pycache__/d/m.cpython-311.pyc", "e/__pycache__/notes.txt");
}

/* ---- PATHs ---------------------------------------------------------------------------------- */

TEST(a_path_stays_and_what_is_above_it)
{
	assert_cleans("-p a/b", "a/b/", "- a/b/c/m.pyc");
	assert_cleans("-p . a/b/ c", "a/b/", "- a/b/m.pyc", "c/", "- c/m.pyc", "- d/m.pyc");
	assert_cleans("-p link .", "link -> a/b", "a/b/", "- a/b/m.pyc", "- a/c/m.pyc");
	assert_cleans("-p a/m.py . a/c/__pycache__ b/x.pyc", "a/",
		      "- a/__pycache__/m.cpython-311.pyc", "a/c/", "- a/c/__pycache__/n.pyc", "b/",
		      "- b/x.pyc");
}

/* A file is all that was named: its directory stays, a cache as well. */
TEST(the_directory_of_a_file_stays)
{
	assert_cleans("-p a/__pycache__/m.pyc ./a/__pycache__/n.txt b/x.pyc", "a/__pycache__/",
		      "- a/__pycache__/m.pyc", "- a/__pycache__/n.txt", "b/", "- b/x.pyc");
	assert_cleans("-p link/m.pyc", "a/__pycache__/", "link -> a/__pycache__",
		      "- a/__pycache__/m.pyc");
}

TEST(the_current_directory_stays)
{
	const struct tree *tree = TREE("a/b/m.pyc", "a/c/m.pyc");

	assert_int_equal(run_at(tree, "a/b", "-p ../..")->status, 0);
	assert_tree(tree, "a/b/");
}

/* ---- Output --------------------------------------------------------------------------------- */

/* The lines are those of a run without it, and the directories'. */
TEST(each_directory_that_goes_is_listed)
{
	const struct tree *tree = TREE("a/b/__pycache__/m.cpython-311.pyc", "a/b/x.pyc", "c/n.txt",
				       "c/__pycache__/n.cpython-312.pyc", "c/y.pyc", "c/.hg/");

	assert_outcome(run(tree, "-np"), 0,
		       "Would remove a/b/__pycache__/\n"
		       "Would remove a/b/x.pyc\n"
		       "Would remove a/b/\n"
		       "Would remove a/\n"
		       "Would remove c/__pycache__/\n"
		       "Would remove c/y.pyc\n"
		       "Would remove 4 files and 4 directories (*).\n",
		       "");
	assert_paths(run(tree, "-np0t 3.11"), "a/b/__pycache__/m.cpython-311.pyc",
		     "a/b/__pycache__/");
	assert_outcome(run(tree, "-vp -t 3.11"), 0,
		       "Kept a/b/x.pyc (its interpreter is not known)\n"
		       "Removed a/b/__pycache__/m.cpython-311.pyc (cpython-311)\n"
		       "Removed a/b/__pycache__/\n"
		       "Skipped c/.hg/ (version control)\n"
		       "Kept c/__pycache__/n.cpython-312.pyc (of another interpreter)\n"
		       "Kept c/y.pyc (its interpreter is not known)\n"
		       "Removed 1 file and 1 directory (*).\n",
		       "");
	assert_non_null(strstr(run(tree, "-n --json --prune")->out,
			       "\"path\":\"a/b/\",\"kind\":\"directory\""));
}

/* ---- Other trees ---------------------------------------------------------------------------- */

/* The root of the cache-prefix tree is met on the way, and what is below it has its sources. */
TEST(a_prefix_tree_on_the_way_is_one)
{
	const struct tree *tree =
		TREE("src/m.py", "src/__pycache__/m.cpython-311.pyc", "gone/x.pyc");
	const char *below =
		scratch_format("a/cache%s", realpath(tree->path, scratch_alloc(PATH_MAX)));
	const char *fresh = scratch_format("%s/src/m.cpython-311.pyc", below);
	const char *stale = scratch_format("%s/.tox/n.cpython-311.pyc", below);

	PYC(tree, fresh, .version = "3.11", .source = "src/m.py");
	PYC(tree, stale, .version = "3.11");
	assert_outcome(run(tree, "-nsp --prefix a/cache ."), 0,
		       scratch_format("Would remove %s\nWould remove %s/.tox/\n"
				      "Would remove src/__pycache__/m.cpython-311.pyc\n"
				      "Would remove src/__pycache__/\n"
				      "Would remove gone/x.pyc\nWould remove gone/\n"
				      "Would remove 3 files and 3 directories (*).\n",
				      stale, below),
		       "");
	assert_dry_run_tells(tree, "-p --prefix a/cache .");
	assert_tree(tree, "src/m.py", "a/cache/");
}

/* Whichever of them is read first. */
TEST(what_is_beside_a_prefix_tree_is_not_in_it)
{
	const struct tree *tree = TREE("d/");

	for (int i = 0; i < 30; i++) {
		tree_add(tree, scratch_format("d/beside%d/.tox/x.pyc", i));
		if (i == 15) {
			tree_add(tree, "d/p/.tox/x.cpython-311.pyc");
		}
	}
	assert_outcome(
		run(tree, "-p --prefix d/p"), 0,
		"Removed 1 file and 1 directory (*); skipped 30 directories (-v lists them).\n",
		"");
}

static void add_stray(int fd, int level)
{
	int file = level % 1000 == 0 ? openat(fd, "x.pyc", O_CREAT | O_WRONLY, 0644) : -1;

	if (file >= 0) {
		close(file);
	}
}

/* However deep, with the descriptors and the memory of a shallow one. */
TEST(a_deep_tree_goes)
{
	const struct tree *tree = TREE("keep");

	tree_add_chain(tree, "d", tests_are_slow() ? 1000 : 10000, add_stray);
	assert_int_equal(run(tree, "-p -j 4")->status, 0);
	assert_tree(tree, "keep");
}

TEST(what_cannot_be_read_keeps_its_directory)
{
	const struct tree *tree = TREE("a/b/", "a/x.pyc", "c/y.pyc");

	assert_outcome(run_with_mode(tree, "a/b", 0, "-p"), 1,
		       "Removed 2 files and 1 directory (*); 1 error.\n",
		       "pyclean: cannot read 'a/b': Permission denied\n");
	assert_tree(tree, "a/b/");
}

/* ---- Random trees --------------------------------------------------------------------------- */

static bool lies_in(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return strncmp(path, directory, length) == 0 && path[length] == '/' &&
	       !strchr(path + length + 1, '/');
}

static size_t count_in(struct tree_listing listing, const char *directory)
{
	size_t count = 0;

	for (size_t i = 0; i < listing.count; i++) {
		count += lies_in(listing.entries[i].path, directory);
	}
	return count;
}

/** The directories that a run without --prune has left empty, or with only such ones in them. */
static struct path_list oracle_of_prune(struct tree_listing before, struct tree_listing after)
{
	struct path_list list = { scratch_alloc((after.count + 1) * sizeof(char *)), 0 };

	/* What is in a directory comes after it. */
	for (size_t i = after.count; i-- > 0;) {
		const struct tree_entry *entry = &after.entries[i];
		size_t pruned = 0;

		for (size_t j = 0; j < list.count; j++) {
			pruned += lies_in(list.paths[j], entry->path);
		}
		if (entry->type == '/' && pruned == count_in(after, entry->path) &&
		    count_in(before, entry->path) > 0) {
			list.paths[list.count++] = entry->path;
		}
	}
	return list;
}

static bool contains(struct path_list list, const char *path)
{
	size_t length = strlen(path) - (path[strlen(path) - 1] == '/');

	for (size_t i = 0; i < list.count; i++) {
		if (strncmp(list.paths[i], path, length) == 0 && list.paths[i][length] == '\0') {
			return true;
		}
	}
	return false;
}

/** Asserts that the second list has what the first has, and the directories that are pruned. */
static void assert_also(struct path_list plain, struct path_list pruned, struct path_list found)
{
	size_t also = 0;

	for (size_t i = 0, j = 0; i < found.count; i++) {
		if (j < plain.count && strcmp(found.paths[i], plain.paths[j]) == 0) {
			j++;
		} else if (contains(pruned, found.paths[i])) {
			also++;
		} else {
			print_error("# listed: %s\n", visible(found.paths[i]));
			fail();
		}
	}
	assert_int_equal(also, pruned.count);
	assert_int_equal(found.count, plain.count + pruned.count);
}

static struct path_list listed(const struct tree *tree, const char *how, const char *options)
{
	const struct outcome *outcome = run(tree, scratch_format("%s %s", how, options));

	assert_int_equal(outcome->status, 0);
	assert_int_equal(outcome->err_length, 0);
	return paths_of_output(outcome->out, outcome->out_length);
}

/* More entries than one thread takes on: the directories in the PATH are shared. */
TEST(a_large_tree_is_pruned_by_any_number_of_threads)
{
	const struct tree *tree = TREE("d0/keep");

	for (int i = 0; i < WALKER_SMALL_TREE * 2; i++) {
		tree_add_file(tree, scratch_format("d%d/e%d/%d.pyc", i % 16, i % 7, i));
	}
	assert_also(listed(tree, "-np0", "-j1"), (struct path_list){ 0 },
		    listed(tree, "-np0", "-j8"));
	assert_last_line(run(tree, "-p"), 0, "Removed 2048 files and 127 directories (*).\n", "");
	assert_tree(tree, "d0/keep");
}

static void check_tree(uint64_t seed)
{
	static const char *const variants[] = { "",       "-a",      "-t 3.11", "--keep-sourceless",
						"-i pkg", "-k 3.11", "-s" };
	const char *options = variants[seed % (sizeof(variants) / sizeof(*variants))];
	const struct tree *plain = TREE(NULL);
	const struct tree *tree = TREE(NULL);
	struct tree_listing before;
	struct tree_listing after;
	struct path_list removed;
	struct path_list pruned;

	random_tree_grow(plain, seed);
	random_tree_grow(tree, seed);
	before = tree_list(plain);
	removed = listed(plain, "-v0", options);
	after = tree_list(plain);
	pruned = oracle_of_prune(before, after);

	assert_also(removed, pruned, listed(tree, "-npv0 -j1", options));
	assert_also(removed, pruned, listed(tree, "-npv0", options));
	assert_listing(before, tree_list(tree));
	assert_also(removed, pruned, listed(tree, "-pv0", options));
	assert_listing(tree_listing_without(after, pruned.paths, pruned.count), tree_list(tree));
}

TEST(dry_run_run_and_oracle_agree)
{
	uint64_t trees = tests_are_slow() ? 12 : 80;

	for (uint64_t seed = 5000; seed < 5000 + trees; seed++) {
		check_tree(seed);
		scratch_clear(NULL);
	}
}

/* -v says of files and of what is kept or skipped what it says without --prune. */
TEST(what_is_kept_and_skipped_is_told_as_ever)
{
	uint64_t trees = tests_are_slow() ? 4 : 40;

	for (uint64_t seed = 7000; seed < 7000 + trees; seed++) {
		const struct tree *tree = TREE(NULL);
		static const char *const variants[] = { "", "-t 3.11", "-s", "-i b*" };
		const char *options = variants[seed % 4];
		const char *plain;
		const char *pruning;

		random_tree_grow(tree, seed);
		plain = run(tree, scratch_format("-nv %s", options))->out;
		pruning = run(tree, scratch_format("-nvp %s", options))->out;
		for (const char *at = plain; *at; at += strcspn(at, "\n") + 1) {
			const char *line = scratch_copy(at, strcspn(at, "\n") + 1);

			if (at[strlen(line)] != '\0' && !strstr(pruning, line)) {
				print_error("# seed %ju, not said: %s", (uintmax_t)seed, line);
				fail();
			}
		}
		for (const char *at = pruning; *at; at += strcspn(at, "\n") + 1) {
			const char *line = scratch_copy(at, strcspn(at, "\n") + 1);

			if (at[strlen(line)] != '\0' && strncmp(line, "Would remove ", 13) != 0 &&
			    !strstr(plain, line)) {
				print_error("# seed %ju, said too: %s", (uintmax_t)seed, line);
				fail();
			}
		}
		scratch_clear(NULL);
	}
}
