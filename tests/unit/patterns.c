#include "patterns.h"

#include "tests.h"

struct ignore parse_patterns(const char *const texts[])
{
	struct ignore ignore = { 0 };

	while (texts[ignore.count]) {
		ignore.count++;
	}
	ignore.all = scratch_alloc(ignore.count * sizeof(*ignore.all));
	for (size_t i = 0; i < ignore.count; i++) {
		assert_null(ignore_parse(&ignore.all[i], scratch_format("%s", texts[i])));
		ignore.all[i].given = texts[i];
	}
	return ignore;
}
