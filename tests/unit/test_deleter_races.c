/* Others at work in the same tree: what comes, goes or changes between two calls of the deleter. */

#include "child.h"
#include "removal.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void make_directory_at(int dirfd, const char *name)
{
	if (mkdirat(dirfd, name, 0755) != 0) {
		broken("cannot make directory '%s'", name);
	}
}

/* ---- What comes ----------------------------------------------------------------------------- */

/** In which directory a new file appears each time that it is to be removed, and how often yet. */
static const char *busy_name;
static int arrivals;

static int unlinkat_with_arrivals(int dirfd, const char *name, int flags)
{
	if (flags == AT_REMOVEDIR && arrivals > 0 && strcmp(name, busy_name) == 0) {
		char path[64];

		snprintf(path, sizeof(path), "%s/new%d", name, arrivals--);
		tree_make_file(dirfd, path);
		/* POSIX has two errors for that. */
		if (real_unlinkat(dirfd, name, flags) != 0 && arrivals == 0) {
			errno = EEXIST;
		}
		return -1;
	}
	return real_unlinkat(dirfd, name, flags);
}

static const struct removal *remove_while_busy(const struct tree *tree, const char *name, int times)
{
	busy_name = name;
	arrivals = times;
	return remove_under(&(const struct interposed){ .unlinkat = unlinkat_with_arrivals }, tree,
			    "c/", NULL);
}

/* A Python process is importing: it writes a few files, and then it is done. */
TEST(a_directory_that_gets_new_files_is_tried_again)
{
	for (int times = 1; times <= 5; times++) {
		const struct tree *tree = TREE("c/old", "keep");
		const struct removal *removal = remove_while_busy(tree, "c", times);

		assert_int_equal(removal->errors, 0);
		assert_int_equal(removal->files, 1 + times);
		assert_int_equal(removal->directories, 1);
		assert_tree(tree, "keep");
	}
}

/* But not for ever: it is said that it is not empty, once. */
TEST(a_directory_that_never_gets_empty_is_given_up)
{
	const struct tree *tree = TREE("c/old", "keep");
	const struct removal *removal = remove_while_busy(tree, "c", 1000000);

	assert_int_equal(removal->errors, 1);
	assert_string_equal(removal->lines[removal->count - 1],
			    "cannot remove c/: Directory not empty");
	assert_int_equal(removal->directories, 0);
	assert_in_range(removal->files, 3, 20);
	assert_true(tree_has(tree, "c"));
}

/* Further in, too; and then the ones around it are neither tried nor named. */
TEST(an_inner_directory_that_never_gets_empty_is_given_up)
{
	const struct tree *tree = TREE("c/a/busy/x", "c/a/y", "c/z/w");
	const struct removal *removal = remove_while_busy(tree, "busy", 1000000);
	bool named = false;

	assert_int_equal(removal->errors, 1);
	for (size_t i = 0; i < removal->count; i++) {
		named = named || strcmp(removal->lines[i],
					"cannot remove c/a/busy/: Directory not empty") == 0;
	}
	assert_true(named);
	assert_int_equal(removal->directories, 1);
	assert_true(tree_has(tree, "c/a/busy"));
	assert_false(tree_has(tree, "c/a/y") || tree_has(tree, "c/z"));
}

static int unlinkat_with_new_directories(int dirfd, const char *name, int flags)
{
	if (flags == AT_REMOVEDIR && arrivals > 0 && strcmp(name, "c") == 0) {
		char path[64];

		snprintf(path, sizeof(path), "c/new%d", arrivals--);
		make_directory_at(dirfd, path);
		make_directory_at(dirfd, strcat(path, "/er"));
		tree_make_file(dirfd, strcat(path, "/x"));
	}
	return real_unlinkat(dirfd, name, flags);
}

/* What is new may be a whole tree. */
TEST(new_directories_are_removed_as_well)
{
	const struct tree *tree = TREE("c/old", "keep");
	const struct removal *removal;

	arrivals = 3;
	removal = remove_under(
		&(const struct interposed){ .unlinkat = unlinkat_with_new_directories }, tree, "c/",
		NULL);
	assert_int_equal(removal->errors, 0);
	assert_int_equal(removal->files, 4);
	assert_int_equal(removal->directories, 7);
	assert_tree(tree, "keep");
}

/* ---- What changes --------------------------------------------------------------------------- */

static const struct tree *raced;
/** What is done once, before the first opening of "victim" or the first removal of it. */
static void (*surprise)(void);

static void spring(const char *name)
{
	void (*spring_it)(void) = surprise;

	if (surprise && strcmp(name, "victim") == 0) {
		surprise = NULL;
		spring_it();
	}
}

static int openat_with_surprise(int dirfd, const char *name, int flags)
{
	spring(name);
	return real_openat(dirfd, name, flags);
}

static int unlinkat_with_surprise(int dirfd, const char *name, int flags)
{
	spring(name);
	return real_unlinkat(dirfd, name, flags);
}

static const struct removal *remove_with(const struct tree *tree, void (*what)(void))
{
	raced = tree;
	surprise = what;
	return remove_under(&(const struct interposed){ .openat = openat_with_surprise,
							.unlinkat = unlinkat_with_surprise },
			    tree, "c/", NULL);
}

static void check(int result)
{
	if (result != 0) {
		broken("cannot change the tree");
	}
}

static void swap_for_link(void)
{
	check(renameat(raced->fd, "c/victim", raced->fd, "saved"));
	check(symlinkat("../outside", raced->fd, "c/victim"));
}

/* The attack: between the listing and the opening a directory becomes a link to somewhere else. */
TEST(a_directory_swapped_for_a_link_leads_nowhere)
{
	const struct tree *tree =
		TREE("c/victim/x", "c/y", "outside/precious", "outside/d/precious");

	assert_removal(remove_with(tree, swap_for_link), "removed c/y", "removed c/victim",
		       "removed c/");
	assert_int_equal(tree_list(tree).count, 6);
	assert_true(tree_has(tree, "saved/x"));
	assert_true(tree_has(tree, "outside/precious"));
	assert_true(tree_has(tree, "outside/d/precious"));
}

static void swap_whole_tree_for_link(void)
{
	check(renameat(raced->fd, "c", raced->fd, "saved"));
	check(symlinkat("outside", raced->fd, "c"));
}

/* Further out, after the way in: what is open stays what it was, wherever it has been moved. */
TEST(a_directory_moved_away_from_above_leads_nowhere)
{
	const struct tree *tree = TREE("c/victim/x", "outside/victim/precious", "outside/precious");
	const struct removal *removal = remove_with(tree, swap_whole_tree_for_link);

	assert_true(tree_has(tree, "outside/victim/precious"));
	assert_true(tree_has(tree, "outside/precious"));
	assert_false(tree_has(tree, "saved/victim"));
	/* The link that has the name now was not there to be removed. */
	assert_true(tree_has(tree, "c"));
	assert_int_equal(removal->files, 1);
}

static void swap_for_file(void)
{
	check(renameat(raced->fd, "c/victim", raced->fd, "saved"));
	tree_make_file(raced->fd, "c/victim");
}

TEST(a_directory_swapped_for_a_file_is_removed_as_one)
{
	const struct tree *tree = TREE("c/victim/x", "c/y");

	assert_removal(remove_with(tree, swap_for_file), "removed c/y", "removed c/victim",
		       "removed c/");
	assert_int_equal(tree_list(tree).count, 2);
	assert_true(tree_has(tree, "saved/x"));
}

static void swap_for_directory(void)
{
	check(unlinkat(raced->fd, "c/victim", 0));
	check(mkdirat(raced->fd, "c/victim", 0755));
	tree_make_file(raced->fd, "c/victim/inner");
}

/* unlinkat says EISDIR; the next reading knows better. */
TEST(a_file_swapped_for_a_directory_is_removed_as_one)
{
	const struct tree *tree = TREE("c/victim", "c/y", "keep");

	assert_removal(remove_with(tree, swap_for_directory), "removed c/y",
		       "removed c/victim/inner", "removed c/victim/", "removed c/");
	assert_tree(tree, "keep");
}

static void vanish(void)
{
	check(unlinkat(raced->fd, "c/victim", AT_REMOVEDIR));
}

TEST(a_directory_that_vanishes_is_nothing_to_speak_of)
{
	const struct tree *tree = TREE("c/victim/", "c/y", "keep");

	assert_removal(remove_with(tree, vanish), "removed c/y", "removed c/");
	assert_tree(tree, "keep");
}

/* ---- Two at once ---------------------------------------------------------------------------- */

struct tally {
	int files;
	int directories;
	int errors;
};

static void count_event(void *context, const struct deleter_event *event)
{
	struct tally *tally = context;

	tally->errors += event->outcome != DELETER_REMOVED;
	tally->files += event->outcome == DELETER_REMOVED && !event->directory;
	tally->directories += event->outcome == DELETER_REMOVED && event->directory;
}

static void remove_counting(int dirfd, struct tally *tally)
{
	struct deleter deleter = { .policy = { .sizes = true } };

	deleter_remove(&deleter, dirfd, "c", ENTRY_DIRECTORY,
		       &(const struct deleter_callbacks){ count_event, NULL, tally });
	deleter_free(&deleter);
}

struct duel {
	int dirfd;
	struct tally *tallies;
};

/** Removes the tree in two processes at once. */
static int duel(void *context)
{
	const struct duel *duel = context;
	pid_t other = fork();

	remove_counting(duel->dirfd, &duel->tallies[other == 0]);
	if (other == 0) {
		_exit(0);
	}
	return waitpid(other, NULL, 0) == other ? 0 : 1;
}

/* `pyclean & pyclean`: no error in either, all is gone, and nothing is counted twice. */
TEST(two_at_once_remove_everything_once)
{
	for (int round = 0; round < 10; round++) {
		const struct tree *tree = TREE("keep");
		struct duel context = { tree->fd, shared_alloc(2 * sizeof(struct tally)) };
		const struct tally *tallies = context.tallies;

		for (int i = 0; i < 200; i++) {
			tree_add_file(tree, scratch_format("c/%d/%d/x%d", i % 7, i % 5, i));
		}
		assert_int_equal(in_child(duel, &context)->status, 0);
		assert_int_equal(tallies[0].errors + tallies[1].errors, 0);
		assert_int_equal(tallies[0].files + tallies[1].files, 200);
		assert_int_equal(tallies[0].directories + tallies[1].directories, 1 + 7 + 35);
		assert_tree(tree, "keep");
	}
}

/** Another deleter does all the work when the first directory is to be removed. */
static int faster_dirfd;

static int unlinkat_after_another(int dirfd, const char *name, int flags)
{
	if (flags == AT_REMOVEDIR && faster_dirfd >= 0) {
		struct tally tally = { 0 };
		int fd = faster_dirfd;

		faster_dirfd = -1;
		remove_counting(fd, &tally);
	}
	return real_unlinkat(dirfd, name, flags);
}

static void add_files(int fd, int level)
{
	(void)level;
	for (char name[] = "1"; name[0] <= '8'; name[0]++) {
		tree_make_file(fd, name);
	}
}

/* All that was found is gone, the way back included: no error, and no directory removed. */
TEST(a_tree_that_another_removes_meanwhile_is_no_error)
{
	static const int depths[] = { 1, 2, 20, 40, 70, 300 };

	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		const struct tree *tree = TREE("keep");
		const struct removal *removal;

		tree_add_chain(tree, "c", depths[i], add_files);
		faster_dirfd = tree->fd;
		removal = remove_under(
			&(const struct interposed){ .unlinkat = unlinkat_after_another }, tree,
			"c/", NULL);
		assert_int_equal(removal->errors, 0);
		assert_int_equal(removal->directories, 0);
		assert_tree(tree, "keep");
	}
}

/** The way back is another one when the first directory is to be removed. */
static int unlinkat_after_replacement(int dirfd, const char *name, int flags)
{
	if (flags == AT_REMOVEDIR && surprise) {
		spring("victim");
	}
	return real_unlinkat(dirfd, name, flags);
}

/** Removes a chain of directories whose way back is another one by then. */
static const struct removal *remove_chain_with(void (*what)(void))
{
	raced = TREE("keep");
	tree_add_chain(raced, "c", 100, add_files);
	surprise = what;
	return remove_under(&(const struct interposed){ .unlinkat = unlinkat_after_replacement },
			    raced, "c/", NULL);
}

static void replace_second_level(void)
{
	check(renameat(raced->fd, "c/c/c", raced->fd, "below"));
	check(renameat(raced->fd, "c/c", raced->fd, "away"));
	tree_add(raced, "c/c/c/c/1");
}

/* What has the name now was never listed, and so neither it nor what is in it may go. */
TEST(a_directory_replaced_on_the_way_back_is_left_alone)
{
	static const char stale[] = "c/: Stale file handle";
	const struct removal *removal = remove_chain_with(replace_second_level);

	assert_true(tree_has(raced, "c/c/c/c/1"));
	assert_true(tree_has(raced, "away/") && tree_has(raced, "below/"));
	assert_in_range(removal->errors, 1, 9);
	for (size_t i = 0; i < removal->count; i++) {
		const char *line = removal->lines[i];

		if (strncmp(line, "cannot", 6) == 0) {
			assert_string_equal(line + strlen(line) - strlen(stale), stale);
		}
	}
}

static void take_second_level_away(void)
{
	check(renameat(raced->fd, "c/c/c", raced->fd, "below"));
	check(renameat(raced->fd, "c/c", raced->fd, "away"));
}

/* It is gone from there, as was wanted. */
TEST(a_directory_taken_away_on_the_way_back_is_no_error)
{
	const struct removal *removal = remove_chain_with(take_second_level_away);

	assert_int_equal(removal->errors, 0);
	assert_true(tree_has(raced, "away/") && tree_has(raced, "below/") && !tree_has(raced, "c"));
}

static void move_second_level(void)
{
	check(renameat(raced->fd, "c/c", raced->fd, "away"));
}

/* It is cleaned where it is then, and the way back leads to the directory that it was in. */
TEST(a_directory_moved_on_the_way_back_is_emptied)
{
	const struct removal *removal = remove_chain_with(move_second_level);

	assert_int_equal(removal->errors, 0);
	assert_tree(raced, "keep", "away/");
}

/* ---- Stopping ------------------------------------------------------------------------------- */

static atomic_int stop;
static int events_before_stop;
static int events;

static void stop_after_some(void *context, const struct deleter_event *event)
{
	(void)context;
	(void)event;
	events++;
	if (events == events_before_stop) {
		atomic_store(&stop, SIGINT);
	}
}

/* A signal leaves a tree half removed, but says nothing that is not so, and leaks nothing. */
TEST(a_stop_ends_it_without_an_event)
{
	static const struct deleter_policy policy = { .stop = &stop };
	size_t before = count_descriptors();

	for (events_before_stop = 0; events_before_stop <= 9; events_before_stop++) {
		const struct tree *tree = TREE("c/a/x", "c/a/y", "c/b/c/z", "c/w", "c/v", "keep");
		size_t entries = tree_list(tree).count;
		struct deleter deleter = { .policy = policy };
		size_t trees = count_descriptors();

		events = 0;
		atomic_store(&stop, events_before_stop == 0);
		assert_int_equal(deleter_policy_stops(&policy), events_before_stop == 0);
		deleter_remove(&deleter, tree->fd, "c", ENTRY_DIRECTORY,
			       &(const struct deleter_callbacks){ stop_after_some, NULL, NULL });
		deleter_free(&deleter);
		assert_int_equal(events, events_before_stop);
		assert_int_equal(tree_list(tree).count, entries - (size_t)events);
		assert_int_equal(count_descriptors(), trees);
		scratch_clear(NULL);
	}
	assert_int_equal(count_descriptors(), before);
	assert_false(deleter_policy_stops(&(const struct deleter_policy){ .stop = NULL }));
}

static int readings;

static ssize_t getdents_then_stop(int fd, void *buffer, size_t size)
{
	atomic_store(&stop, SIGINT);
	readings++;
	return real_getdents(fd, buffer, size < 256 ? size : 256);
}

/* A cache of a million names is not read to its end. */
TEST(a_stop_ends_the_reading)
{
	static const struct interposed stopping = { .getdents = getdents_then_stop };
	static const struct deleter_policy policy = { .stop = &stop };
	const struct tree *tree = TREE(NULL);

	for (int i = 0; i < 20; i++) {
		tree_add_file(tree, scratch_format("c/a_rather_long_name_%d.pyc", i));
	}
	atomic_store(&stop, 0);
	readings = 0;
	assert_removal(remove_under(&stopping, tree, "c/", &policy), NULL);
	assert_int_equal(readings, 1);
	assert_int_equal(tree_list(tree).count, 21);
}
