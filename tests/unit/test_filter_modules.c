/* Choosing the bytecode of modules, by names that no file system of this machine need take. */

#include "filter.h"
#include "tests.h"

#include <string.h>

/** Whether a file goes with the bytecode of modules; their names are sorted. */
static bool goes_with(const char *name, const char *const *modules, size_t count)
{
	const struct filter_rules rules = { .modules = modules, .module_count = count };
	const struct filter_file file = {
		.dirfd = -1,
		.name = name,
		.type = ENTRY_FILE,
		.layout = FILTER_IN_CACHE,
	};
	struct filter_verdict verdict;

	filter_judge(&rules, &file, &verdict);
	return verdict.outcome == FILTER_GOES;
}

/* NTFS, exFAT and many a file system in user space count characters: 255 are up to 765 bytes. */
static void a_name_may_be_longer_than_255_bytes(void **state)
{
	char *stem = scratch_alloc(766);
	const char *modules[1];

	(void)state;
	memset(stem, 'm', 765);
	stem[765] = '\0';
	modules[0] = scratch_format("%s.py", stem);
	assert_true(goes_with(scratch_format("%s.cpython-311.pyc", stem), modules, 1));
	assert_false(goes_with(scratch_format("%sm.cpython-311.pyc", stem), modules, 1));
	assert_false(goes_with(scratch_format("%s.cpython-311.pyc", stem + 1), modules, 1));
}

/* By strcmp(3) a stem sorts otherwise than with ".py" after it: '-' comes before '.'. */
static void each_of_several_modules_is_found(void **state)
{
	static const char *const modules[] = { "a-b.py", "a.b.py", "a.py", "a0.py", "\xc3\xa9.py" };

	(void)state;
	assert_true(goes_with("a-b.cpython-311.pyc", modules, 5));
	assert_true(goes_with("a.b.cpython-311.pyc", modules, 5));
	assert_true(goes_with("a.cpython-311.pyc", modules, 5));
	assert_true(goes_with("a0.cpython-311.pyc", modules, 5));
	assert_true(goes_with("\xc3\xa9.cpython-311.pyc", modules, 5));
	assert_false(goes_with("a.p.cpython-311.pyc", modules, 5));
	assert_false(goes_with("a-.cpython-311.pyc", modules, 5));
	assert_false(goes_with("b.cpython-311.pyc", modules, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_may_be_longer_than_255_bytes),
		TEST(each_of_several_modules_is_found),
	};

	return RUN_TESTS(tests);
}
