/* Removing what is chosen: what stays, and which directories stay for it. */

#include "removal.h"
#include "tests.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static const struct deleter_policy dry_run = { .dry_run = true };

static bool begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

/** Keeps what is named keep…, and of a directory named whole… nothing. */
static enum deleter_choice choose_by_name(void *context, const struct deleter_entry *entry,
					  const char **reason)
{
	(void)context;
	if (begins_with(entry->name, "keep")) {
		return DELETER_KEEP;
	}
	if (begins_with(entry->name, "why")) {
		*reason = "asked";
	}
	if (begins_with(entry->name, "whole")) {
		return DELETER_REMOVE_ALL;
	}
	return DELETER_REMOVE;
}

/** Removes a chosen part of a tree's directory "c", after a dry run that has to say the same. */
static const struct removal *remove_chosen(const struct tree *tree)
{
	struct tree_listing before = tree_list(tree);
	const struct removal *dry = remove_chosen_in(tree, "c/", &dry_run, choose_by_name);
	const struct removal *removal;

	assert_listing(before, tree_list(tree));
	removal = remove_chosen_in(tree, "c/", NULL, choose_by_name);
	assert_int_equal(removal->count, dry->count);
	for (size_t i = 0; i < removal->count; i++) {
		assert_string_equal(removal->lines[i], dry->lines[i]);
	}
	return removal;
}

/* What stays must not be an error, and takes the directories that lead to it with it: no others. */
TEST(what_is_kept_stays_with_the_directories_that_lead_to_it)
{
	const struct tree *tree =
		TREE("c/a", "c/b/keep", "c/b/x", "c/d/e/f", "c/keepdir/x", "c/g/keepdir/");

	assert_removal(remove_chosen(tree), "removed c/a", "removed c/b/x", "removed c/d/e/f",
		       "removed c/d/e/", "removed c/d/");
	assert_tree(tree, "c/b/keep", "c/keepdir/x", "c/g/keepdir/");
}

/* The caller may choose at the outermost directory, too. */
TEST(the_directory_itself_can_be_kept)
{
	const struct tree *tree = TREE("keep/a");

	assert_removal(remove_chosen_in(tree, "keep/", NULL, choose_by_name), NULL);
	assert_tree(tree, "keep/a");
}

/* What the caller gives up as a whole, it need not be asked about. */
TEST(nothing_is_asked_about_what_goes_whole)
{
	const struct tree *tree = TREE("c/whole/keep", "c/whole/x/keep/y", "c/b/keep");

	assert_removal(remove_chosen(tree), "removed c/whole/keep", "removed c/whole/x/keep/y",
		       "removed c/whole/x/keep/", "removed c/whole/x/", "removed c/whole/");
	assert_tree(tree, "c/b/keep");
}

TEST(a_reason_goes_with_its_file_alone)
{
	const struct tree *tree = TREE("c/why1", "c/x", "c/whydir/y");

	assert_removal(remove_chosen(tree), "removed c/why1 (asked)", "removed c/x",
		       "removed c/whydir/y", "removed c/whydir/", "removed c/");
	assert_tree(tree, NULL);
}

/** Makes a directory in the first directory that was read. */
static enum deleter_choice choose_with_arrival(void *context, const struct deleter_entry *entry,
					       const char **reason)
{
	static bool arrived;

	if (entry->entries && !arrived) {
		arrived = true;
		assert_int_equal(mkdirat(entry->dirfd, "keep", 0755), 0);
	}
	return choose_by_name(context, entry, reason);
}

/* A directory that turns out not to be empty is read again: what is new in it is chosen as well. */
TEST(what_arrives_late_is_chosen_too)
{
	const struct tree *tree = TREE("c/x");

	assert_removal(remove_chosen_in(tree, "c/", NULL, choose_with_arrival), "removed c/x");
	assert_tree(tree, "c/keep/");
}

/** Removes a directory with an entry "mark" whole, that last, and makes "late" in it; keeps others. */
static enum deleter_choice choose_marked(void *context, const struct deleter_entry *entry,
					 const char **reason)
{
	struct listed listed;

	(void)context;
	if (!entry->entries) {
		return DELETER_REMOVE;
	}
	for (size_t at = 0; namelist_next(entry->entries, &at, &listed);) {
		if (strcmp(listed.name, "mark") == 0) {
			mkdirat(entry->dirfd, "late", 0755);
			*reason = "mark";
			return DELETER_REMOVE_ALL;
		}
	}
	return DELETER_KEEP;
}

TEST(what_is_read_may_go_whole)
{
	const struct tree *tree = TREE("c/mark", "c/late/keep", "c/x/y", "d/x");

	assert_removal(remove_chosen_in(tree, "c/", NULL, choose_marked), "removed c/mark",
		       "removed c/late/keep", "removed c/late/", "removed c/x/y", "removed c/x/",
		       "removed c/");
	assert_removal(remove_chosen_in(tree, "d/", NULL, choose_marked), NULL);
	assert_tree(tree, "d/x");
}

/* It may be another directory by then. */
TEST(what_went_whole_as_read_is_chosen_again_if_it_is_read_again)
{
	const struct tree *tree = TREE("c/mark");

	assert_removal(remove_chosen_in(tree, "c/", NULL, choose_marked), "removed c/mark");
	assert_tree(tree, "c/late/");
}

/* What is left by an interruption or an error can still be told by it. */
TEST(a_file_that_is_last_goes_last)
{
	const struct tree *tree = TREE("c/mark", "c/late/");
	const struct removal *removal;

	for (int i = 0; i < 40; i++) {
		tree_add(tree, scratch_format("c/%d", i));
		tree_add(tree, scratch_format("c/d%d/x", i));
	}
	removal = remove_chosen_in(tree, "c/", NULL, choose_marked);
	assert_int_equal(removal->count, 40 + 80 + 3);
	assert_string_equal(removal->lines[removal->count - 2], "removed c/mark");
}

/** Keeps all, and asserts on what the entries are. */
static enum deleter_choice keep_all(void *context, const struct deleter_entry *entry,
				    const char **reason)
{
	struct stat st;

	(void)context;
	assert_null(*reason);
	if (entry->type == ENTRY_DIRECTORY) {
		if (entry->entries) {
			assert_int_equal(fstatat(entry->dirfd, "x", &st, AT_SYMLINK_NOFOLLOW),
					 strcmp(entry->trail, "c/d/") == 0 ? 0 : -1);
		} else {
			assert_int_equal(entry->dirfd, -1);
		}
		return strcmp(entry->name, "deep") == 0 ? DELETER_KEEP : DELETER_REMOVE;
	}
	assert_string_equal(entry->trail, "c/d/");
	assert_int_equal(fstatat(entry->dirfd, entry->name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return DELETER_KEEP;
}

/* Who chooses opens files by the descriptor: it must be that of their directory. */
TEST(an_entry_is_told_with_the_descriptor_of_what_holds_it)
{
	const struct tree *tree = TREE("c/d/x", "c/d/l -> x", "c/deep/y");

	assert_removal(remove_chosen_in(tree, "c/", NULL, keep_all), NULL);
	assert_tree(tree, "c/d/x", "c/d/l -> x", "c/deep/y");
}
