#include "command.h"

#include "tests.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

static void free_options(void *object)
{
	options_free(object);
}

struct options *parse_words(const char *const *words, int *result)
{
	struct options *options = scratch_alloc(sizeof(*options));
	size_t count = 0;
	char **argv;

	while (words[count]) {
		count++;
	}
	argv = scratch_alloc((count + 2) * sizeof(*argv));
	argv[0] = scratch_copy("pyclean", strlen("pyclean"));
	for (size_t i = 0; i < count; i++) {
		argv[i + 1] = scratch_copy(words[i], strlen(words[i]));
	}
	/* glibc and musl begin anew at 0. */
	optind = 0;
	scratch_defer(free_options, options);
	*result = options_parse(options, (int)count + 1, argv);
	return options;
}

/** The text that a usage error quotes, or "". */
static const char *text_of(const struct options *options)
{
	return options->problem_text ? options->problem_text : "";
}

const struct options *parse(const char *words)
{
	int result;
	const struct options *options = parse_words(split(words), &result);

	if (result != 0) {
		print_error("# refused: %s (%s %s)\n", words,
			    options->problem ? options->problem : "errno",
			    options->problem ? text_of(options) : strerror(errno));
		fail();
	}
	return options;
}

void assert_refused(const char *words, const char *problem, const char *text)
{
	int result;
	const struct options *options = parse_words(split(words), &result);

	if (result != -1 || !options->problem) {
		print_error("# not refused: %s\n", words);
		fail();
	}
	assert_string_equal(options->problem, problem);
	assert_string_equal(text_of(options), text);
}

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
