/* -i: which directories a pattern keeps the program out of. */

#include "tests.h"

/* By name, at any depth. */
static void a_name_is_ignored_wherever_it_is(void **state)
{
	(void)state;
	assert_cleans("-i build", "build/a.pyc", "src/build/__pycache__/b.pyc", "a/b/build/c/d.pyc",
		      "builds/", "- builds/a.pyc", "rebuild/", "- rebuild/a.pyc", "- build.pyc");
}

static void a_path_is_matched_from_the_operand(void **state)
{
	(void)state;
	assert_cleans("-i src/build", "src/build/a.pyc", "build/", "- build/a.pyc", "x/src/build/",
		      "- x/src/build/a.pyc", "src/", "- src/a.pyc");
}

/* The path is that below the operand, not that from the current directory. */
static void the_operand_is_no_part_of_the_path(void **state)
{
	(void)state;
	assert_cleans("-i src/build project", "project/src/build/a.pyc", "- project/a.pyc");
	assert_cleans("-i project/src project", "project/src/", "- project/src/a.pyc");
	assert_cleans("-i src project/", "project/src/a.pyc", "- project/b.pyc");
}

/* '/' at the front ties a pattern to the operand, as in a .gitignore. */
static void a_leading_slash_ties_a_pattern_to_the_operand(void **state)
{
	(void)state;
	assert_cleans("-i /build", "build/a.pyc", "src/build/", "- src/build/a.pyc");
	assert_cleans("-i /src/build", "src/build/a.pyc", "x/src/build/", "- x/src/build/a.pyc");
	assert_cleans("-i /b* project", "project/build/a.pyc", "project/x/build/",
		      "- project/x/build/b.pyc");
}

/* A shell completes `build/`, and people write ./build: neither may silently ignore nothing. */
static void a_trailing_slash_and_a_leading_dot_slash_are_dropped(void **state)
{
	(void)state;
	assert_cleans("-i build/", "build/a.pyc", "- b.pyc");
	assert_cleans("-i build//", "build/a.pyc", "- b.pyc");
	assert_cleans("-i ./build", "build/a.pyc", "- b.pyc");
	assert_cleans("-i ./src/build/", "src/build/a.pyc", "- src/b.pyc");
}

static void wildcards_match_as_in_a_shell(void **state)
{
	(void)state;
	assert_cleans("-i b*d", "build/a.pyc", "x/bd/a.pyc", "bold/a.pyc", "bust/", "- bust/a.pyc");
	assert_cleans("-i v?", "v1/a.pyc", "v12/", "- v12/a.pyc");
	assert_cleans("-i [ab]", "a/x.pyc", "b/x.pyc", "c/", "- c/x.pyc");
	assert_cleans("-i *", "a/x.pyc", ".hidden/x.pyc", "- x.pyc");
}

/* As FNM_PATHNAME has it: otherwise a pattern for one level would reach any depth. */
static void a_star_does_not_match_a_slash(void **state)
{
	(void)state;
	assert_cleans("-i a/*/c", "a/b/c/x.pyc", "a/b/b/c/", "- a/b/b/c/x.pyc");
	assert_cleans("-i a*c", "a/b/c/", "- a/b/c/x.pyc");
}

static void the_option_is_repeatable_and_takes_commas(void **state)
{
	(void)state;
	assert_cleans("-i a,b --ignore=c -id --ignore e --exclude=g,h", "a/x.pyc", "b/x.pyc",
		      "c/x.pyc", "d/x.pyc", "e/x.pyc", "g/x.pyc", "h/x.pyc", "f/", "- f/x.pyc",
		      "a,b/", "- a,b/x.pyc");
}

static void a_comma_can_be_meant(void **state)
{
	(void)state;
	assert_cleans("-i a\\,b", "a,b/x.pyc", "a/", "- a/x.pyc", "b/", "- b/x.pyc");
	assert_cleans("-i x,a\\,b,y", "a,b/x.pyc", "x/x.pyc", "y/x.pyc", "a/", "- a/x.pyc");
}

/* A backslash is fnmatch's in all other places. */
static void a_wildcard_can_be_meant(void **state)
{
	(void)state;
	assert_cleans("-i \\*", "*/x.pyc", "a/", "- a/x.pyc");
}

static void an_ignored_cache_stays(void **state)
{
	(void)state;
	assert_cleans("-i __pycache__", "__pycache__/a.pyc", "p/__pycache__/a.pyc", "- p/a.pyc");
	assert_cleans("-i p/__pycache__", "p/__pycache__/a.pyc", "q/", "- q/__pycache__/a.pyc");
}

/* Only directories are ignored. */
static void files_are_not_ignored(void **state)
{
	(void)state;
	assert_cleans("-i a.pyc -i *.pyc", "- a.pyc", "sub/", "- sub/b.pyc", "dir.pyc/c.pyc");
}

/* A cache goes whole: patterns do not reach into it. */
static void nothing_inside_a_cache_is_ignored(void **state)
{
	(void)state;
	assert_cleans("-i sub", "- __pycache__/sub/x", "- __pycache__/y.pyc", "sub/z.pyc");
}

static void an_operand_is_entered_even_if_ignored(void **state)
{
	(void)state;
	assert_cleans("-i build build", "build/", "- build/a.pyc", "build/build/b.pyc");
	assert_cleans("-i . .", "sub/", "- sub/a.pyc");
	assert_cleans("-i b* . build", "build/", "- build/a.pyc", "bin/b.pyc");
}

/* To ignore the directory that marks an environment must not lay the environment open. */
static void an_ignored_marker_still_marks_an_environment(void **state)
{
	(void)state;
	assert_cleans("-i conda-meta", "env/conda-meta/", "env/lib/__pycache__/a.pyc",
		      "- __pycache__/b.pyc");
	assert_cleans("-i c*", "env/conda-meta/", "env/lib/__pycache__/a.pyc");
	assert_cleans("-i conda-meta env", "env/conda-meta/a.pyc", "env/lib/",
		      "- env/lib/__pycache__/b.pyc");
	assert_cleans("-a -i conda-meta", "env/conda-meta/a.pyc", "env/lib/",
		      "- env/lib/__pycache__/b.pyc");
}

/* -a is about what is skipped by default; what the user ignores stays ignored. */
static void all_does_not_undo_ignore(void **state)
{
	(void)state;
	assert_cleans("-a -i build", "build/a.pyc", ".tox/", "- .tox/a.pyc");
}

/* Bytes are compared, whatever the encoding. */
static void names_that_are_not_utf8_can_be_ignored(void **state)
{
	(void)state;
	assert_cleans("-i caf\xe9", "caf\xe9/a.pyc", "caf\xc3\xa9/", "- caf\xc3\xa9/a.pyc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_is_ignored_wherever_it_is),
		TEST(a_path_is_matched_from_the_operand),
		TEST(the_operand_is_no_part_of_the_path),
		TEST(a_leading_slash_ties_a_pattern_to_the_operand),
		TEST(a_trailing_slash_and_a_leading_dot_slash_are_dropped),
		TEST(wildcards_match_as_in_a_shell),
		TEST(a_star_does_not_match_a_slash),
		TEST(the_option_is_repeatable_and_takes_commas),
		TEST(a_comma_can_be_meant),
		TEST(a_wildcard_can_be_meant),
		TEST(an_ignored_cache_stays),
		TEST(files_are_not_ignored),
		TEST(nothing_inside_a_cache_is_ignored),
		TEST(an_operand_is_entered_even_if_ignored),
		TEST(an_ignored_marker_still_marks_an_environment),
		TEST(all_does_not_undo_ignore),
		TEST(names_that_are_not_utf8_can_be_ignored),
	};

	return RUN_TESTS(tests);
}
