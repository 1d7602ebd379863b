/* The completions of src/completions/, each asked of its shell. */

#include "tests.h"

#include "shells.h"

#define TAGS "3.10 3.11 3.12 3.13 3.14 3.9 auto pypy310 pypy311 "

/** Asserts that a line that ends with `line` is completed with exactly these candidates. */
#define assert_completes(shell, line, candidates)                                                  \
 assert_string_equal(shells_complete(shell, project(), "pyclean " line), candidates)

/** A directory, a source and bytecode, and what pyclean has no use for. */
static const struct tree *project(void)
{
	return TREE("pkg/c.py", "a.py", "b.pyc", "notes.txt", "pkg/data.json");
}

static void test_paths(const struct shell *shell)
{
	assert_completes(shell, "", "a.py b.pyc pkg ");
	assert_completes(shell, "-n a", "a.py ");
	assert_completes(shell, "p", "pkg ");
}

/* A file named as an option is can only be given after it. */
static void test_end_of_options(const struct shell *shell)
{
	assert_completes(shell, "-- -", "");
	assert_completes(shell, "-- b", "b.pyc ");
}

static void test_tags(const struct shell *shell)
{
	assert_completes(shell, "--tag=", TAGS);
	assert_completes(shell, "--keep-tag=a", "auto ");
	assert_completes(shell, "-t ", TAGS);
	assert_completes(shell, "-fnk ", TAGS);
}

/* Only after "=": the next word is a path. */
static void test_topics(const struct shell *shell)
{
	assert_completes(shell, "--debris=", "all build caches coverage ");
	assert_completes(shell, "--debris=c", "caches coverage ");
	assert_completes(shell, "--debris p", "pkg ");
	assert_completes(shell, "-d p", "pkg ");
	assert_completes(shell, "-dnk ", TAGS);
}

static void test_occasions(const struct shell *shell)
{
	assert_completes(shell, "--color=", "always auto never ");
	assert_completes(shell, "--progress=n", "never ");
}

static void test_directories(const struct shell *shell)
{
	assert_completes(shell, "--prefix=", "pkg ");
}

static void test_patterns(const struct shell *shell)
{
	assert_completes(shell, "--ignore=p", "pkg ");
	assert_completes(shell, "--exclude=p", "pkg ");
	assert_completes(shell, "--exclude b", "b.pyc ");
	assert_completes(shell, "-i ", "a.py b.pyc notes.txt pkg ");
}

/* Nothing can be offered for a number, least of all a file. */
static void test_numbers(const struct shell *shell)
{
	assert_completes(shell, "-j ", "");
	assert_completes(shell, "--jobs=", "");
}

static void test_abbreviations(const struct shell *shell)
{
	assert_completes(shell, "--ke", "--keep-sourceless --keep-tag ");
	assert_completes(shell, "--che", "--check ");
}

/* zsh leaves to its line editor what stands before the last comma. */
TEST(in_a_list_the_last_tag_is_completed)
{
	assert_completes(&shells_bash, "-t 3.11,p", "3.11,pypy310 3.11,pypy311 ");
	assert_completes(&shells_bash, "--tag=3.9,a", "3.9,auto ");
	assert_completes(&shells_bash, "--debris=caches,a", "caches,all ");
	assert_completes(&shells_fish, "--debris=caches,a", "caches,all ");
	assert_completes(&shells_zsh, "--debris=caches,a", "all ");
	assert_completes(&shells_fish, "-t 3.11,p", "3.11,pypy310 3.11,pypy311 ");
	assert_completes(&shells_fish, "--tag=3.9,a", "3.9,auto ");
	assert_completes(&shells_zsh, "-t 3.11,p", "pypy310 pypy311 ");
	assert_completes(&shells_zsh, "--tag=3.9,a", "auto ");
}

TEST(in_a_list_the_last_pattern_is_completed)
{
	assert_completes(&shells_bash, "-i build,",
			 "build,a.py build,b.pyc build,notes.txt build,pkg ");
	assert_completes(&shells_bash, "--ignore=x,y,pkg/d", "x,y,pkg/data.json ");
	assert_completes(&shells_fish, "-i build,",
			 "build,a.py build,b.pyc build,notes.txt build,pkg ");
	assert_completes(&shells_fish, "--ignore=x,y,pkg/d", "x,y,pkg/data.json ");
	assert_completes(&shells_zsh, "-i build,", "a.py b.pyc notes.txt pkg ");
	assert_completes(&shells_zsh, "--ignore=x,y,pkg/d", "data.json ");
}

/* fish hands over the word as it is written; words of the candidates are sorted here. */
TEST(fish_reads_quotes_and_variables)
{
	const struct tree *tree = TREE("my dir/x.pyc", "my dir/z.txt", "it's/a.pyc", "-odd/");

	assert_string_equal(shells_complete(&shells_fish, tree, "pyclean my\\ dir/"),
			    "dir/x.pyc my ");
	assert_string_equal(shells_complete(&shells_fish, tree, "pyclean 'my d"), "dir my ");
	assert_string_equal(shells_complete(&shells_fish, tree, "pyclean it\\'s/"), "it's/a.pyc ");
	assert_string_equal(shells_complete(&shells_fish, tree, "pyclean \"$PWD\"/it"),
			    "$PWD/it's ");
	assert_string_equal(shells_complete(&shells_fish, tree, "pyclean -- -"), "-odd ");
}

/* The test of each behaviour with each shell: a shell that is missing skips its own alone. */
#define EACH(shell, behaviour)                                                                     \
 TEST(shell##_completes_##behaviour)                                                               \
 {                                                                                                 \
  test_##behaviour(&shells_##shell);                                                               \
 }
#define EACH_SHELL(behaviour) EACH(bash, behaviour) EACH(zsh, behaviour) EACH(fish, behaviour)

EACH_SHELL(paths)
EACH_SHELL(end_of_options)
EACH_SHELL(tags)
EACH_SHELL(topics)
EACH_SHELL(occasions)
EACH_SHELL(directories)
EACH_SHELL(patterns)
EACH_SHELL(numbers)
EACH_SHELL(abbreviations)
