/* The options that select bytecode: tags, versions, `auto`, the root of the cache-prefix tree. */

#include "command.h"
#include "options.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>

static void assert_tags(const struct filter_tags *tags, const char *const *expected)
{
	size_t count = 0;

	while (expected[count]) {
		count++;
	}
	assert_int_equal(tags->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(tags->all[i], expected[i]);
	}
}

#define ASSERT_TAGS(tags, ...) assert_tags(&(tags), WORDS(__VA_ARGS__))

/* Without any of them all bytecode goes. */
TEST(nothing_is_selected_by_default)
{
	assert_false(filter_is_partial(&parse("-n")->selection));
}

TEST(each_option_has_its_forms)
{
	ASSERT_TAGS(parse("-tpypy39")->selection.only, "pypy39");
	ASSERT_TAGS(parse("--tag=pypy39")->selection.only, "pypy39");
	ASSERT_TAGS(parse("-k pypy39")->selection.except, "pypy39");
	ASSERT_TAGS(parse("--keep-t=pypy39")->selection.except, "pypy39");
	assert_true(parse("-s")->selection.stale);
	assert_true(parse("--stale")->selection.stale);
	assert_true(parse("--keep-sourceless")->selection.keep_sourceless);
	assert_true(parse("-ns")->style.dry_run);
}

TEST(tags_are_lists_that_can_be_repeated)
{
	const struct options *options =
		parse("-t 3.9,pypy39 -k a-1 --tag=3.13t,jython-27 -k b-2,c-3");

	ASSERT_TAGS(options->selection.only, "cpython-39", "pypy39", "cpython-313", "jython-27");
	ASSERT_TAGS(options->selection.except, "a-1", "b-2", "c-3");
}

/* As people name them; all else is taken as it is. */
TEST(a_version_stands_for_the_tag_of_cpython)
{
	ASSERT_TAGS(parse("-t2.7,3.2,3.11,3.13t")->selection.only, "cpython-27", "cpython-32",
		    "cpython-311", "cpython-313");
	ASSERT_TAGS(parse("-tcpython-311,cpython-311-pytest-8.4.2,graalpy231-310")->selection.only,
		    "cpython-311", "cpython-311-pytest-8.4.2", "graalpy231-310");
}

/* It would match nothing: with -k all would go that was to stay. */
TEST(what_can_be_no_tag_is_refused)
{
	static const char *const wrong[] = {
		"311",          "3",          "3.",         ".11",         "3.11tt",  "3.11.7",
		"a b",          "a/b",        "-a",         "3.11 ",       "a\n",     "*",
		"v,3",          "a,,..",      "\xff",       "3.11,1x",     "03.11",   "3.011",
		"cpython-3.11", "cpython311", "python3.11", "py311",       "cpython", "pypy3.9",
		"pypy",         "pypy-39",    "AUTO",       "python-311",  "cp-311",  "cpython-3",
		"cpython-37m",  "pypy310x",   "pypy1",      "CPython-311", "Python3", "p31"
	};
	int result;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct options *options =
			parse_words(WORDS(scratch_format("-t%s", wrong[i])), &result);

		assert_int_equal(result, -1);
		assert_string_equal(
			options->problem,
			"write a version (3.11), a tag (cpython-311, pypy39) or auto, not");
	}
	/* The part that is wrong is named, or the list where that is empty. */
	assert_refused("-k 3.11,311",
		       "write a version (3.11), a tag (cpython-311, pypy39) or auto, not", "311");
	assert_refused("--tag=a-1,,b-2",
		       "write a version (3.11), a tag (cpython-311, pypy39) or auto, not",
		       "a-1,,b-2");
}

/* What sys.implementation.cache_tag is, or was, and what pytest makes of it. */
TEST(the_tags_of_real_interpreters_are_taken)
{
	static const char *const tags[] = {
		"cpython-27",
		"cpython-310",
		"cpython-314",
		"cpython-313t",
		"pypy3",
		"pypy39",
		"pypy311",
		"pypy3-71",
		"graalpy-38",
		"graalpy242-311",
		"graalpy231-310",
		"jython",
		"jython-27",
		"ironpython-34",
		"rustpython-01",
		"pyston-23",
		"cpython-311-pytest-8.3.1",
		"pypy310-pytest-8.4.2",
		"cpython-311-PYTEST",
		"micropython-1_2",
	};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		ASSERT_TAGS(parse(scratch_format("-k %s", tags[i]))->selection.except, tags[i]);
	}
}

/* What is typed after a look at a wheel, a program or a file. */
TEST(what_was_meant_is_suggested)
{
	static const char *const meant[][2] = {
		{ "311", "3.11" },
		{ "39", "3.9" },
		{ "cp311", "3.11" },
		{ "cp313t", "3.13" },
		{ "python3.11", "3.11" },
		{ "Python3.9", "3.9" },
		{ "py27", "2.7" },
		{ "v3.12", "3.12" },
		{ "3.11.7", "3.11" },
		{ "3.13.0rc1", "3.13" },
		{ "cpython311", "3.11" },
		{ "cpython-3.11", "3.11" },
		{ "python-311", "3.11" },
		{ "cpython-37m", "3.7" },
		{ "CPython-311", "3.11" },
		{ "pypy3.10", "pypy310" },
		{ "pypy-39", "pypy39" },
		{ "PyPy39", "pypy39" },
		{ "python3", NULL },
		{ "pypy", NULL },
		{ "3", NULL },
		{ "cpython", NULL },
		{ "graalpy311", NULL },
		{ "3.", NULL },
		{ "", NULL },
		{ "03.11", NULL },
		{ "x", NULL },
	};
	int result;

	for (size_t i = 0; i < sizeof(meant) / sizeof(meant[0]); i++) {
		const char *words[] = { scratch_format("--keep-tag=%s", meant[i][0]), NULL };
		const struct options *options = parse_words(words, &result);

		assert_int_equal(result, -1);
		if (meant[i][1]) {
			assert_non_null(options->meant);
			assert_string_equal(options->meant, meant[i][1]);
		} else {
			assert_null(options->meant);
		}
	}
}

/* Who parses looks up no environment and runs no program. */
TEST(auto_is_left_to_the_caller)
{
	const struct options *options = parse("-k 3.9,auto -t 3.9,auto-1");

	assert_ptr_equal(options->selection.except.all[1], filter_auto);
	assert_non_null(options->selection.except.automatic);
	assert_null(options->selection.only.automatic);
}

static void unset_variable(void *unused)
{
	(void)unused;
	unsetenv("PYTHONPYCACHEPREFIX");
}

static void set_variable(const char *value)
{
	setenv("PYTHONPYCACHEPREFIX", value, 1);
	scratch_defer(unset_variable, NULL);
}

/* The option's directory must exist; the variable may be left over from anywhere. */
TEST(the_prefix_comes_from_the_option_or_from_the_environment)
{
	const struct tree *tree = TREE("a/", "file");
	const char *named[] = { scratch_format("--prefix=%s/a", tree->path), NULL };
	int result;

	assert_int_equal(parse("")->cache_prefix.ino, 0);
	set_variable("/no/such");
	assert_int_equal(parse("")->cache_prefix.ino, 0);
	assert_true(platform_is_same(parse_words(named, &result)->cache_prefix,
				     platform_identify(tree->fd, "a", 0)));
	for (size_t i = 0; i < 3; i++) {
		const char *wrong[] = { "/no/such", "", scratch_format("%s/file", tree->path) };
		const char *words[] = { scratch_format("--prefix=%s", wrong[i]), NULL };

		assert_string_equal(parse_words(words, &result)->problem,
				    "--prefix takes an existing directory, not");
		assert_int_equal(result, -1);
	}
}
