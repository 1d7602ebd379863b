/* Patterns: what gitignore(5) says about each sign in them, and what can never match. */

#include "command.h"
#include "tests.h"

#include <string.h>

/** Whether one pattern matches an entry; a '/' at the end of the path tells a directory. */
static bool matches(const char *pattern, const char *path)
{
	const struct ignore ignore = PATTERNS(pattern);
	size_t length = strlen(path);
	bool directory = path[length - 1] == '/';
	char *entry = scratch_copy(path, length - directory);
	const char *slash = strrchr(entry, '/');
	bool found = ignore_matches(&ignore, entry, slash ? slash + 1 : entry, directory);

	assert_int_equal(ignore.all[0].used, found);
	return found;
}

/** A pattern, and paths that it matches and that it does not; each ends in NULL. */
struct sample {
	const char *pattern;
	const char *const *matched;
	const char *const *others;
};

static void check(const char *pattern, const char *const paths[], bool expected)
{
	for (; *paths; paths++) {
		if (matches(pattern, *paths) != expected) {
			print_error("# %s %s %s\n", visible(pattern),
				    expected ? "does not match" : "matches", visible(*paths));
			fail();
		}
	}
}

static void check_all(const struct sample samples[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		check(samples[i].pattern, samples[i].matched, true);
		check(samples[i].pattern, samples[i].others, false);
	}
}

#define CHECK(...)                                                                                 \
 check_all((const struct sample[]){ __VA_ARGS__ },                                                 \
	   sizeof((const struct sample[]){ __VA_ARGS__ }) / sizeof(struct sample))

/* As -i build: wherever an entry of that name is. */
TEST(without_a_slash_it_is_a_name)
{
	CHECK({ "build", WORDS("build/", "a/b/build/", "build", "a/build"),
		WORDS("builds/", "build/x", "rebuild", "Build/", "a/b") },
	      { "a.pyc", WORDS("a.pyc", "x/a.pyc"), WORDS("axpyc", "a.pyc/x", "aa.pyc") });
}

/* As -i docs/build: from the PATH on, and not in the middle of a path. */
TEST(with_a_slash_it_is_a_path)
{
	CHECK({ "docs/build", WORDS("docs/build/", "docs/build"),
		WORDS("a/docs/build/", "docs/build/x", "build/", "docs/") },
	      { "/build", WORDS("build/", "build"), WORDS("a/build/", "build/x") },
	      { "./build", WORDS("build/"), WORDS("a/build/") },
	      { "././a/b", WORDS("a/b"), WORDS("x/a/b") });
}

TEST(a_slash_at_the_end_is_for_directories)
{
	CHECK({ "build/", WORDS("build/", "a/build/"), WORDS("build", "a/build") },
	      { "/build/", WORDS("build/"), WORDS("build", "a/build/") },
	      { "a/*/", WORDS("a/b/"), WORDS("a/b", "a/b/c/") });
}

TEST(wildcards_stop_at_a_slash)
{
	CHECK({ "*", WORDS("a", ".a", "x/y/z/"), (const char *const[]){ NULL } },
	      { "*.pyc", WORDS("a.pyc", ".pyc", "d/.a.pyc"), WORDS("a.pyo", "a.pyc/b") },
	      { "a*b*c", WORDS("abc", "axbxc", "abbcc", "abcbc"), WORDS("ab", "abcd", "a/bc") },
	      { "/a*c", WORDS("ac", "abc"), WORDS("a/c", "a/b/c") },
	      { "a/*/c", WORDS("a/b/c"), WORDS("a/b/b/c", "a/c", "a/bc") },
	      { "v?", WORDS("v1", "v.", "x/vv"), WORDS("v", "v12") },
	      { "a?c/d", WORDS("abc/d"), WORDS("a/c/d") },
	      { "a[!x]c/d", WORDS("abc/d"), WORDS("a/c/d", "axc/d") });
}

TEST(two_stars_cross_directories)
{
	CHECK({ "**/vendor", WORDS("vendor/", "a/vendor/", "a/b/vendor"),
		WORDS("vendor/x", "xvendor") },
	      { "vendor/**", WORDS("vendor/x", "vendor/x/y"), WORDS("vendor/", "a/vendor/x") },
	      { "a/**/z", WORDS("a/z", "a/b/z", "a/b/c/z"), WORDS("az", "b/a/z", "a/bz") },
	      { "**/a/b", WORDS("a/b", "a/a/b", "x/a/b", "a/x/a/b"), WORDS("a/b/c", "a", "b") },
	      { "**/a/**/a/*", WORDS("a/a/b", "x/a/y/a/b"), WORDS("a/b", "a/b/c") },
	      { "**/*b/*c", WORDS("b/c", "ab/bc", "x/y/ab/bc", "b/b/c"), WORDS("ab/b/x") },
	      { "**", WORDS("a", "a/b", "a/b/"), (const char *const[]){ NULL } },
	      { "/**", WORDS("a", "a/b"), (const char *const[]){ NULL } },
	      { "**/", WORDS("a/", "a/b/"), WORDS("a", "a/b") },
	      { "**/**/a", WORDS("a", "x/a", "x/y/a"), WORDS("b") },
	      /* They are one star where they are not a component. */
	      { "a**", WORDS("a", "ab", "x/ab"), WORDS("ba") },
	      { "/a**c", WORDS("ac", "abc"), WORDS("a/c") },
	      { "/**a", WORDS("a", "ba"), WORDS("x/a") });
}

TEST(brackets_hold_bytes_ranges_and_classes)
{
	CHECK({ "[ab]x", WORDS("ax", "bx"), WORDS("cx", "x", "abx") },
	      { "[!ab]x", WORDS("cx", "!x"), WORDS("ax", "bx", "x") },
	      { "[^ab]x", WORDS("cx", "^x"), WORDS("ax") },
	      { "[a-c]", WORDS("a", "b", "c"), WORDS("d", "-") },
	      { "[a-]", WORDS("a", "-"), WORDS("b") }, { "[]a]", WORDS("]", "a"), WORDS("b") },
	      { "[!]a]", WORDS("b"), WORDS("]", "a") },
	      { "[[:digit:]x]", WORDS("1", "x"), WORDS("a", "[", ":") },
	      { "[![:alpha:]]", WORDS("1", "\xe9"), WORDS("a", "Z") },
	      { "[[:digit:][:upper:]]", WORDS("1", "A"), WORDS("a") },
	      { "[*]", WORDS("*"), WORDS("a") }, { "[[]a]", WORDS("[a]"), WORDS("a") });
}

/* As \! and \* and \,: a comma is a plain byte here, and has its backslash for the list. */
TEST(a_backslash_takes_the_meaning_off)
{
	CHECK({ "\\*", WORDS("*"), WORDS("a", "\\*") }, { "\\!a", WORDS("!a"), WORDS("a") },
	      { "a\\,b", WORDS("a,b"), WORDS("a\\,b") }, { "\\[a]", WORDS("[a]"), WORDS("a") },
	      { "a\\\\", WORDS("a\\"), WORDS("a") }, { "a\\b", WORDS("ab"), WORDS("a\\b") });
}

/* Nothing else has a meaning, neither in a .gitignore's lines nor in other shells' patterns. */
TEST(all_else_is_itself)
{
	CHECK({ "#a", WORDS("#a"), WORDS("a") }, { "a ", WORDS("a "), WORDS("a") },
	      { " a", WORDS(" a"), WORDS("a") },
	      { "{{cookiecutter.slug}}", WORDS("{{cookiecutter.slug}}/"), WORDS("cookiecutter") },
	      { "a!", WORDS("a!"), WORDS("a") }, { "...", WORDS("..."), WORDS("..") },
	      { "caf\xe9?", WORDS("caf\xe9\xff"), WORDS("caf\xe9") });
}

/* A hundred stars are no slower than one. */
TEST(many_wildcards_take_no_time)
{
	const char *name = scratch_repeat('a', 255);
	char *pattern = scratch_alloc(256);
	char *deep = scratch_alloc(4000);

	for (int i = 0; i < 200; i++) {
		pattern[i] = "*a"[i % 2];
	}
	assert_true(matches(pattern, name));
	pattern[200] = 'b';
	assert_false(matches(pattern, name));
	for (int i = 0; i < 3997; i++) {
		deep[i] = "a/"[i % 2];
	}
	assert_false(matches("**/a/**/a/**/a/**/*a*/**/a/b", deep));
}

TEST(each_pattern_that_matches_is_marked)
{
	const struct ignore ignore = PATTERNS("a", "b", "/x/a", "a/", "*");

	assert_true(ignore_matches(&ignore, "x/a", "a", false));
	assert_true(ignore.all[0].used && ignore.all[2].used && ignore.all[4].used);
	assert_false(ignore.all[1].used || ignore.all[3].used);
}

/* As -i "$PWD/vendor": `rest` is compared with the path below a directory, without globs in it. */
TEST(an_absolute_pattern_is_compared_from_the_root)
{
	struct ignore ignore = PATTERNS("/link/*/vendor/");

	ignore.all[0].directory = "/ho*";
	ignore.all[0].rest = strchr(ignore.all[0].glob, '\0') + 1;
	ignore.has_absolute = true;
	ignore.top = "/ho*/me";
	assert_true(ignore_matches(&ignore, "/ho*/me/vendor", "vendor", true));
	assert_true(ignore_matches(&ignore, "/ho*/me/link/you/vendor", "vendor", true));
	assert_false(ignore_matches(&ignore, "/ho*/me/vendor", "vendor", false));
	assert_false(ignore_matches(&ignore, "/ho*/me/a/vendor", "vendor", true));
	ignore.top = "/home";
	assert_false(ignore_matches(&ignore, "/home/me/vendor", "vendor", true));
	ignore.top = "/ho*e";
	assert_false(ignore_matches(&ignore, "/ho*e/me/vendor", "vendor", true));
	ignore.top = "";
	assert_true(ignore_matches(&ignore, "/ho*/me/vendor", "vendor", true));
	assert_true(ignore_matches(&ignore, "/link/me/vendor", "vendor", true));
}

static void assert_pattern_refused(const char *text, const char *why)
{
	struct ignore_pattern pattern;
	const char *problem = ignore_parse(&pattern, scratch_format("%s", text));

	if (!problem || !strstr(problem, why)) {
		print_error("# %s: %s\n", visible(text), problem ? problem : "accepted");
		fail();
	}
}

TEST(what_can_never_match_is_refused)
{
	static const struct {
		const char *text;
		const char *why;
	} cases[] = {
		{ "", "empty" },         { "/", "empty" },         { "!a", "negated" },
		{ ".", "'.'" },          { "./", "'.'" },          { "a/.", "'.'" },
		{ "a/./b", "'.'" },      { "..", "'..'" },         { "../a", "'..'" },
		{ "a/../b", "'..'" },    { "/..", "'..'" },        { "//", "empty" },
		{ "//a", "'//'" },       { "a//b", "'//'" },       { "a//", "'//'" },
		{ ".//a", "'//'" },      { "[", "brackets" },      { "[a", "brackets" },
		{ "x[!", "brackets" },   { "[]", "brackets" },     { "[a-", "brackets" },
		{ "[a\\", "brackets" },  { "[a\\]", "brackets" },  { "[a/b]", "brackets" },
		{ "a/[b", "brackets" },  { "[\\]]", "brackets" },  { "[!\\a]", "brackets" },
		{ "[]\\]", "brackets" }, { "\\\\[a", "brackets" }, { "a\\", "backslash" },
		{ "a\\/", "backslash" }, { "a\\/b", "backslash" }, { "a\\\\\\", "backslash" },
		{ "=a", "'='" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_pattern_refused(cases[i].text, cases[i].why);
	}
	assert_pattern_refused("[[:aplha:]]", "class");
	assert_pattern_refused("a/[x[:a:]y]", "class");
	assert_pattern_refused("[[:digit:][:a:]]", "class");
}
