/* The sources of a directory: each is found again, whatever the others are called. */

#include "interpose.h"
#include "sources.h"
#include "tests.h"

#include <stdio.h>

/** @return The type of a source; ENTRY_UNKNOWN for none. */
static enum entry_type find(struct sources *sources, const char *name)
{
	struct source *source;

	assert_true(sources_find(sources, name, &source));
	if (!source) {
		return ENTRY_UNKNOWN;
	}
	assert_string_equal(source->name, name);
	return source->type;
}

static void a_source_is_found_by_its_whole_name(void **state)
{
	struct sources sources = { 0 };

	(void)state;
	assert_int_equal(find(&sources, "a.py"), ENTRY_UNKNOWN);
	sources_clear(&sources);
	assert_int_equal(sources_add(&sources, "ab.py", ENTRY_FILE), 0);
	assert_int_equal(sources_add(&sources, "a.b.py", ENTRY_FILE), 0);
	assert_int_equal(sources_add(&sources, "link.py", ENTRY_LINK), 0);
	assert_int_equal(sources_add(&sources, "directory.py", ENTRY_DIRECTORY), 0);
	assert_int_equal(sources_add(&sources, "c.pyc", ENTRY_FILE), 0);
	assert_int_equal(sources_add(&sources, "h.hy", ENTRY_FILE), 0);
	assert_int_equal(find(&sources, "ab.py"), ENTRY_FILE);
	assert_int_equal(find(&sources, "a.b.py"), ENTRY_FILE);
	assert_int_equal(find(&sources, "h.hy"), ENTRY_FILE);
	assert_int_equal(find(&sources, "link.py"), ENTRY_LINK);
	assert_int_equal(find(&sources, "a.py"), ENTRY_UNKNOWN);
	assert_int_equal(find(&sources, "b.py"), ENTRY_UNKNOWN);
	assert_int_equal(find(&sources, "h.py"), ENTRY_UNKNOWN);
	assert_int_equal(find(&sources, "ab"), ENTRY_UNKNOWN);
	assert_int_equal(find(&sources, "directory.py"), ENTRY_UNKNOWN);
	assert_int_equal(find(&sources, "c.pyc"), ENTRY_UNKNOWN);
	sources_free(&sources);
}

/* As long as none is added. */
static void what_is_known_of_a_source_is_found_with_it(void **state)
{
	struct sources sources = { 0 };
	struct source *source;

	(void)state;
	assert_int_equal(sources_add(&sources, "b.py", ENTRY_FILE), 0);
	assert_int_equal(sources_add(&sources, "a.py", ENTRY_FILE), 0);
	assert_true(sources_find(&sources, "b.py", &source));
	assert_int_equal(source->stat.st_mode, 0);
	source->stat.st_mode = 1;
	assert_true(sources_find(&sources, "a.py", &source));
	assert_int_equal(source->stat.st_mode, 0);
	assert_true(sources_find(&sources, "b.py", &source));
	assert_int_equal(source->stat.st_mode, 1);
	assert_int_equal(sources_add(&sources, "c.py", ENTRY_FILE), 0);
	assert_true(sources_find(&sources, "b.py", &source));
	assert_int_equal(source->stat.st_mode, 0);
	sources_free(&sources);
}

/* The table grows, is used again for a smaller directory, and forgets what was in the last one. */
static void many_sources_are_all_found(void **state)
{
	static const int counts[] = { 5000, 3, 9000 };
	struct sources sources = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		sources_clear(&sources);
		for (int j = 0; j < counts[i]; j++) {
			const char *name = scratch_format("module_%d.py", j);

			assert_int_equal(sources_add(&sources, name, ENTRY_FILE), 0);
		}
		for (int j = 0; j < 10000; j++) {
			assert_int_equal(find(&sources, scratch_format("module_%d.py", j)),
					 j < counts[i] ? ENTRY_FILE : ENTRY_UNKNOWN);
		}
	}
	sources_free(&sources);
}

static bool no_allocation(void)
{
	return false;
}

/* Then the file system is asked. */
static void without_memory_nothing_is_known(void **state)
{
	static const struct interposed none = { .may_allocate = no_allocation };
	struct sources sources = { 0 };
	struct source *source;

	(void)state;
	assert_int_equal(sources_add(&sources, "a.py", ENTRY_FILE), 0);
	interpose(&none);
	assert_false(sources_find(&sources, "a.py", &source));
	assert_null(source);
	interpose(NULL);
	assert_int_equal(find(&sources, "a.py"), ENTRY_FILE);
	sources_free(&sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_source_is_found_by_its_whole_name),
		TEST(what_is_known_of_a_source_is_found_with_it),
		TEST(many_sources_are_all_found),
		TEST(without_memory_nothing_is_known),
	};

	return RUN_TESTS(tests);
}
