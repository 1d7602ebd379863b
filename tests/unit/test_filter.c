/* Filters, on files that no file system of this machine need have. */

#include "filter.h"
#include "interpose.h"
#include "tests.h"

#include <errno.h>

/** Whether a file goes with the bytecode of modules. */
static bool goes_with(const char *name, const char *const *modules, size_t count)
{
	struct filter_sources sources = { 0 };
	const struct filter_rules rules = { .modules = &sources };
	const struct filter_file file = {
		.dirfd = -1,
		.name = name,
		.type = ENTRY_FILE,
		.in_cache = true,
	};
	bool goes;

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(filter_add_source(&sources, modules[i], ENTRY_FILE), 0);
	}
	goes = filter_judge(&rules, &file).goes;
	filter_free_sources(&sources);
	return goes;
}

/* NTFS, exFAT and many a file system in user space count characters: 255 are up to 765 bytes. */
TEST(a_name_may_be_longer_than_255_bytes)
{
	const char *stem = scratch_repeat('m', 765);
	const char *const modules[] = { scratch_format("%s.py", stem) };

	assert_true(goes_with(scratch_format("%s.cpython-311.pyc", stem), modules, 1));
	assert_false(goes_with(scratch_format("%sm.cpython-311.pyc", stem), modules, 1));
	assert_false(goes_with(scratch_format("%s.cpython-311.pyc", stem + 1), modules, 1));
}

/* By strcmp(3) a stem sorts otherwise than with ".py" after it: '-' comes before '.'. */
TEST(each_of_several_modules_is_found)
{
	static const char *const modules[] = { "a-b.py", "a.b.py", "a.py", "a0.py", "\xc3\xa9.py" };

	assert_true(goes_with("a-b.cpython-311.pyc", modules, 5));
	assert_true(goes_with("a.b.cpython-311.pyc", modules, 5));
	assert_true(goes_with("a.cpython-311.pyc", modules, 5));
	assert_true(goes_with("a0.cpython-311.pyc", modules, 5));
	assert_true(goes_with("\xc3\xa9.cpython-311.pyc", modules, 5));
	assert_false(goes_with("a.p.cpython-311.pyc", modules, 5));
	assert_false(goes_with("a-.cpython-311.pyc", modules, 5));
	assert_false(goes_with("b.cpython-311.pyc", modules, 5));
}

/** Judges a file that goes if its source is listed as a file, and stays if that is not listed. */
static struct filter_verdict judge_beside(struct filter_sources *sources, const char *name)
{
	const struct filter_rules rules = { .keep_sourceless = true };
	const struct filter_file file = {
		.dirfd = -1,
		.name = name,
		.type = ENTRY_FILE,
		.sources = sources,
	};

	return filter_judge(&rules, &file);
}

/** Checks whether a file has a source in the list, which tells without a look at the directory. */
static void assert_beside(struct filter_sources *sources, const char *name, bool listed)
{
	const struct filter_verdict verdict = judge_beside(sources, name);

	assert_int_equal(verdict.goes, listed);
	assert_int_equal(verdict.error, 0);
}

TEST(a_source_is_found_by_its_whole_name)
{
	struct filter_sources sources = { 0 };

	assert_beside(&sources, "a.pyc", false);
	filter_clear_sources(&sources);
	assert_int_equal(filter_add_source(&sources, "ab.py", ENTRY_FILE), 0);
	assert_int_equal(filter_add_source(&sources, "a.b.py", ENTRY_FILE), 0);
	assert_int_equal(filter_add_source(&sources, "link.py", ENTRY_LINK), 0);
	assert_int_equal(filter_add_source(&sources, "directory.py", ENTRY_DIRECTORY), 0);
	assert_int_equal(filter_add_source(&sources, "c.pyc", ENTRY_FILE), 0);
	assert_int_equal(filter_add_source(&sources, "h.hy", ENTRY_FILE), 0);
	assert_beside(&sources, "ab.pyc", true);
	assert_beside(&sources, "a.b.pyc", true);
	assert_beside(&sources, "h.pyc", true);
	/* They are looked up. */
	assert_int_equal(judge_beside(&sources, "link.pyc").error, EBADF);
	assert_int_equal(judge_beside(&sources, "directory.pyc").error, EBADF);
	assert_beside(&sources, "a.pyc", false);
	assert_beside(&sources, "b.pyc", false);
	assert_beside(&sources, "c.pyc", false);
	filter_free_sources(&sources);
}

/* What was made after the directory was read may be what its bytecode matches. */
TEST(with_stale_a_source_that_is_not_listed_is_looked_up)
{
	const struct filter_rules rules = { .stale = true };
	struct filter_sources sources = { 0 };
	const struct filter_file file = {
		.dirfd = -1,
		.name = "m.pyc",
		.type = ENTRY_FILE,
		.sources = &sources,
	};

	assert_int_equal(filter_judge(&rules, &file).error, EBADF);
	filter_free_sources(&sources);
}

/* The list grows, is used again for a smaller directory, and forgets what was in the last one. */
TEST(many_sources_are_all_found)
{
	static const int counts[] = { 5000, 3, 9000 };
	struct filter_sources sources = { 0 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		filter_clear_sources(&sources);
		for (int j = 0; j < counts[i]; j++) {
			const char *name = scratch_format("module_%d.py", j);

			assert_int_equal(filter_add_source(&sources, name, ENTRY_FILE), 0);
		}
		for (int j = 0; j < 10000; j++) {
			const char *name = scratch_format("module_%d.pyc", j);

			assert_beside(&sources, name, j < counts[i]);
		}
	}
	filter_free_sources(&sources);
}

static bool no_allocation(void)
{
	return false;
}

TEST(without_memory_for_the_list_a_source_is_looked_up)
{
	static const struct interposed none = { .may_allocate = no_allocation };
	struct filter_sources sources = { 0 };
	struct filter_verdict verdict;

	assert_int_equal(filter_add_source(&sources, "a.py", ENTRY_FILE), 0);
	interpose(&none);
	verdict = judge_beside(&sources, "a.pyc");
	interpose(NULL);
	assert_false(verdict.goes);
	assert_int_equal(verdict.error, EBADF);
	assert_beside(&sources, "a.pyc", true);
	filter_free_sources(&sources);
}
