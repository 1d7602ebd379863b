/* The sources of a directory: each is found again, whatever the others are called. */

#include "interpose.h"
#include "sources.h"
#include "tests.h"

#include <stdio.h>
#include <string.h>

static enum sources_answer find(struct sources *sources, const char *stem)
{
	return sources_find(sources, stem, strlen(stem));
}

/* A stem is not terminated, and is neither the beginning nor the end of another one. */
static void a_source_is_found_by_its_whole_stem(void **state)
{
	struct sources sources = { 0 };

	(void)state;
	assert_int_equal(find(&sources, "a"), SOURCES_NONE);
	sources_clear(&sources);
	assert_int_equal(sources_add(&sources, "ab.py", ENTRY_FILE), 0);
	assert_int_equal(sources_add(&sources, "a.b.py", ENTRY_FILE), 0);
	assert_int_equal(sources_add(&sources, "link.py", ENTRY_LINK), 0);
	assert_int_equal(sources_add(&sources, "directory.py", ENTRY_DIRECTORY), 0);
	assert_int_equal(sources_add(&sources, "c.pyc", ENTRY_FILE), 0);
	assert_int_equal(find(&sources, "ab"), SOURCES_FILE);
	assert_int_equal(find(&sources, "a.b"), SOURCES_FILE);
	assert_int_equal(sources_find(&sources, "abc", 2), SOURCES_FILE);
	assert_int_equal(find(&sources, "link"), SOURCES_UNKNOWN);
	assert_int_equal(find(&sources, "a"), SOURCES_NONE);
	assert_int_equal(find(&sources, "b"), SOURCES_NONE);
	assert_int_equal(find(&sources, "ab.py"), SOURCES_NONE);
	assert_int_equal(find(&sources, "directory"), SOURCES_NONE);
	assert_int_equal(find(&sources, "c"), SOURCES_NONE);
	sources_free(&sources);
}

/* Of m.py and m.hy, either will do; a link may lead nowhere. */
static void a_source_is_found_by_any_suffix(void **state)
{
	struct sources sources = { 0 };

	(void)state;
	assert_int_equal(sources_add(&sources, "w.pyw", ENTRY_FILE), 0);
	assert_int_equal(sources_add(&sources, "h.hy", ENTRY_FILE), 0);
	assert_int_equal(sources_add(&sources, "a.py", ENTRY_LINK), 0);
	assert_int_equal(sources_add(&sources, "a.hy", ENTRY_FILE), 0);
	assert_int_equal(sources_add(&sources, "b.py", ENTRY_FILE), 0);
	assert_int_equal(sources_add(&sources, "b.hy", ENTRY_LINK), 0);
	assert_int_equal(find(&sources, "w"), SOURCES_FILE);
	assert_int_equal(find(&sources, "h"), SOURCES_FILE);
	assert_int_equal(find(&sources, "a"), SOURCES_FILE);
	assert_int_equal(find(&sources, "b"), SOURCES_FILE);
	assert_int_equal(find(&sources, "w.p"), SOURCES_NONE);
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
			assert_int_equal(find(&sources, scratch_format("module_%d", j)),
					 j < counts[i] ? SOURCES_FILE : SOURCES_NONE);
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

	(void)state;
	assert_int_equal(sources_add(&sources, "a.py", ENTRY_FILE), 0);
	interpose(&none);
	assert_int_equal(find(&sources, "a"), SOURCES_UNKNOWN);
	assert_int_equal(find(&sources, "b"), SOURCES_UNKNOWN);
	interpose(NULL);
	assert_int_equal(find(&sources, "a"), SOURCES_FILE);
	sources_free(&sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_source_is_found_by_its_whole_stem),
		TEST(a_source_is_found_by_any_suffix),
		TEST(many_sources_are_all_found),
		TEST(without_memory_nothing_is_known),
	};

	return RUN_TESTS(tests);
}
