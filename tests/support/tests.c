#include "tests.h"

#include "attack.h"

#include <assert.h>

enum {
	MOST = 100
};

static struct CMUnitTest tests[MOST];
static size_t count;
static const char *group;

void tests_add(const char *name, CMUnitTestFunction function, const char *file)
{
	assert(count < MOST);
	group = file;
	tests[count++] = (struct CMUnitTest){ .name = name,
					      .test_func = function,
					      .teardown_func = scratch_clear };
}

int main(int argc, char **argv)
{
	attack_be_naive_if_asked(argc, argv);
	/* cmocka passes over those without a name. */
	return cmocka_run_group_tests_name(group, tests, NULL, NULL);
}
