/* The names of one directory: kept in their order, taken out one by one. */

#include "interpose.h"
#include "namelist.h"
#include "tests.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void free_listing(void *object)
{
	namelist_free(object);
}

/** An empty listing that lasts until the test ends. */
static struct namelist *new_listing(void)
{
	struct namelist *listing = scratch_alloc(sizeof(*listing));

	scratch_defer(free_listing, listing);
	return listing;
}

static void add(struct namelist *listing, const char *name)
{
	assert_int_equal(namelist_add(listing, name, ENTRY_FILE, 0), 0);
}

static bool take(struct namelist *listing, const char *name)
{
	struct listed taken;

	return namelist_take(listing, name, &taken) && strcmp(taken.name, name) == 0;
}

/** The names in a listing, each with a ' ' after it. */
static const char *names_of(const struct namelist *listing)
{
	const char *names = "";
	struct listed entry;
	size_t count = 0;

	for (size_t at = 0; namelist_next(listing, &at, &entry); count++) {
		names = scratch_format("%s%s ", names, entry.name);
	}
	assert_int_equal(listing->count, count);
	return names;
}

/* ---- Keeping -------------------------------------------------------------------------------- */

TEST(names_come_in_the_order_in_which_they_were_added)
{
	struct namelist *listing = new_listing();

	add(listing, "b");
	add(listing, "a");
	add(listing, "");
	add(listing, "c");
	assert_string_equal(names_of(listing), "b a  c ");
}

/* Every type and mark there is has to come back; a type must not be taken for "taken". */
TEST(types_and_marks_come_back)
{
	struct namelist *listing = new_listing();
	struct listed entry;
	size_t at = 0;

	for (int type = ENTRY_UNKNOWN; type <= ENTRY_LINK; type++) {
		for (int mark = 0; mark < 256; mark++) {
			assert_int_equal(namelist_add(listing, "n", (enum entry_type)type,
						      (unsigned char)mark),
					 0);
		}
	}
	for (int type = ENTRY_UNKNOWN; type <= ENTRY_LINK; type++) {
		for (int mark = 0; mark < 256; mark++) {
			assert_true(namelist_next(listing, &at, &entry));
			assert_int_equal(entry.type, type);
			assert_int_equal(entry.mark, mark);
			assert_string_equal(entry.name, "n");
		}
	}
	assert_false(namelist_next(listing, &at, &entry));
}

TEST(an_empty_listing_has_no_names)
{
	struct namelist listing = { 0 };
	struct listed entry;
	size_t at = 0;

	assert_false(namelist_next(&listing, &at, &entry));
	assert_false(take(&listing, "a"));
	namelist_clear(&listing);
	namelist_free(&listing);
	assert_false(namelist_next(&listing, &at, &entry));
}

/* The deleter adds nothing meanwhile, but the walker does: what was read stays read. */
TEST(a_step_goes_on_where_the_last_one_ended)
{
	struct namelist *listing = new_listing();
	struct listed entry;
	size_t at = 0;

	add(listing, "a");
	assert_true(namelist_next(listing, &at, &entry));
	assert_false(namelist_next(listing, &at, &entry));
	for (int i = 0; i < 5000; i++) {
		add(listing, "b");
	}
	assert_true(namelist_next(listing, &at, &entry));
	assert_string_equal(entry.name, "b");
}

/* FUSE has names of up to 1,024 bytes, of up to PATH_MAX since Linux 6.15; doubling is not enough. */
TEST(a_name_longer_than_a_listing_is_kept)
{
	for (size_t length = 1000; length < 5000; length += 13) {
		struct namelist *listing = new_listing();
		const char *name = scratch_repeat('n', length);

		add(listing, "a");
		add(listing, name);
		add(listing, "b");
		assert_true(listing->bytes.length < listing->bytes.size);
		assert_true(take(listing, name));
		assert_string_equal(names_of(listing), "a b ");
	}
}

/* ---- Taking --------------------------------------------------------------------------------- */

TEST(a_name_is_taken_once)
{
	struct namelist *listing = new_listing();

	add(listing, "a");
	add(listing, "b");
	add(listing, "c");
	assert_true(take(listing, "b"));
	assert_string_equal(names_of(listing), "a c ");
	assert_false(take(listing, "b"));
	assert_false(take(listing, "d"));
	assert_false(take(listing, ""));
	assert_false(take(listing, "aa"));
	assert_string_equal(names_of(listing), "a c ");
}

/* nftw may read a directory in another order than the scan did. */
TEST(names_are_taken_in_any_order)
{
	static const char *const orders[] = { "abcd", "dcba", "bdac", "cadb", "dabc" };

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct namelist *listing = new_listing();

		for (const char *name = "abcd"; *name; name++) {
			add(listing, scratch_format("%c", *name));
		}
		for (const char *name = orders[i]; *name; name++) {
			assert_true(take(listing, scratch_format("%c", *name)));
			assert_false(take(listing, scratch_format("%c", *name)));
		}
		assert_string_equal(names_of(listing), "");
	}
}

/* What a mark or a type says is no part of the name, whatever its value. */
TEST(only_the_name_is_compared)
{
	struct namelist *listing = new_listing();

	assert_int_equal(namelist_add(listing, "x", ENTRY_FILE, 'a'), 0);
	assert_int_equal(namelist_add(listing, "a", ENTRY_FILE, 0), 0);
	assert_false(take(listing, "ax"));
	assert_true(take(listing, "a"));
	assert_string_equal(names_of(listing), "x ");
}

/* Taking from the start each time would make a directory of 100,000 cost ten seconds. */
TEST(taking_in_order_is_cheap)
{
	enum {
		NAMES = 100000
	};
	struct namelist *listing = new_listing();
	clock_t start = clock();
	char name[16];

	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		add(listing, name);
	}
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		assert_true(take(listing, name));
		if (clock() - start > 2 * CLOCKS_PER_SEC && !tests_are_slow()) {
			print_error("# only %d of %d taken in 2 seconds\n", i, NAMES);
			fail();
		}
	}
}

/* ---- Memory --------------------------------------------------------------------------------- */

/* Memory must not grow with the tree, nor be asked for anew for each small directory. */
TEST(clearing_keeps_memory_unless_that_is_large)
{
	struct namelist *listing = new_listing();
	const char *bytes;

	add(listing, "a");
	bytes = listing->bytes.text;
	namelist_clear(listing);
	assert_string_equal(names_of(listing), "");
	assert_ptr_equal(listing->bytes.text, bytes);
	add(listing, "b");
	assert_string_equal(names_of(listing), "b ");
	assert_true(take(listing, "b"));
	for (int i = 0; i < 100000; i++) {
		add(listing, "a_rather_long_name");
	}
	assert_true(listing->bytes.size > 1024 * 1024);
	namelist_clear(listing);
	assert_int_equal(listing->bytes.size, 0);
	add(listing, "c");
	assert_true(take(listing, "c"));
}

/* A name lost here would be a directory not visited: the caller has to be told. */
TEST(without_memory_nothing_is_added_and_nothing_lost)
{
	struct namelist *listing = new_listing();
	struct listed entry;
	size_t count = 0;
	int result;

	interpose_failing_allocation(0);
	result = namelist_add(listing, "a", ENTRY_FILE, 0);
	interpose(NULL);
	assert_int_equal(result, -1);
	assert_int_equal(errno, ENOMEM);
	assert_string_equal(names_of(listing), "");
	do {
		add(listing, "a");
		count++;
	} while (listing->bytes.length + 4 < listing->bytes.size);
	interpose_failing_allocation(0);
	result = namelist_add(listing, "bbb", ENTRY_FILE, 0);
	interpose(NULL);
	assert_int_equal(result, -1);
	for (size_t at = 0; namelist_next(listing, &at, &entry); count--) {
		assert_string_equal(entry.name, "a");
	}
	assert_int_equal(count, 0);
	add(listing, "bbb");
	assert_true(take(listing, "bbb"));
}

/* ---- Reading -------------------------------------------------------------------------------- */
