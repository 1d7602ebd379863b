/* What a name is and whether it goes: the design's table, row by row, and its edges. */

#include "matcher.h"
#include "tests.h"

#include <string.h>

static const struct matcher_rules by_default = { 0 };
static const struct matcher_rules enter_all = { .all = true };

static const enum entry_type all_types[] = { ENTRY_UNKNOWN, ENTRY_FILE, ENTRY_DIRECTORY, ENTRY_LINK,
					     ENTRY_FIFO };

static const char *const verdict_names[] = { "keep",  "remove", "remove if marked",
					     "enter", "skip",   "skip by default" };

/** Asserts on the verdict for one name. */
static void assert_verdict(const struct matcher_rules *rules, const char *name,
			   enum entry_type type, enum verdict expected)
{
	enum verdict found = matcher_classify(rules, name, type).verdict;

	if (found != expected) {
		print_error("# %s of type %d: %s, should be %s\n", visible(name), (int)type,
			    verdict_names[found], verdict_names[expected]);
		fail();
	}
}

/** What a name of no meaning gets. */
static enum verdict ordinary(enum entry_type type)
{
	return type == ENTRY_DIRECTORY ? VERDICT_ENTER : VERDICT_KEEP;
}

/** Asserts that a name means nothing, whatever bears it. */
static void assert_ordinary(const struct matcher_rules *rules, const char *name)
{
	for (size_t i = 0; i < sizeof(all_types) / sizeof(all_types[0]); i++) {
		assert_verdict(rules, name, all_types[i], ordinary(all_types[i]));
	}
}

/* ---- What goes ------------------------------------------------------------------------------ */

/* Anything but a directory of that name is not Python's: a file, a link to a shared cache. */
TEST(pycache_goes_only_as_a_directory)
{
	assert_verdict(&by_default, "__pycache__", ENTRY_DIRECTORY, VERDICT_REMOVE);
	assert_verdict(&by_default, "__pycache__", ENTRY_FILE, VERDICT_KEEP);
	assert_verdict(&by_default, "__pycache__", ENTRY_LINK, VERDICT_KEEP);
	assert_verdict(&by_default, "__pycache__", ENTRY_FIFO, VERDICT_KEEP);
	assert_verdict(&by_default, "__pycache__", ENTRY_UNKNOWN, VERDICT_KEEP);
}

/* Each form of the name; a directory of that name, a socket, a FIFO or a device stays. */
TEST(bytecode_goes_as_a_file_or_a_link_alone)
{
	static const char *const names[] = {
		"a.pyc",          "a.pyo",       "a.pyc.1",   "a.pyc.140737488355328",
		"a.b.c.pyc",      ".hidden.pyc", "..pyc",     "...pyo",
		" .pyc",          "-n.pyc",      "a\n.pyc",   "\xff.pyc",
		".pyc.pyc",       ".pyc.pyc.0",  "a.pyo.pyc", "__pycache__.pyc",
		"pyvenv.cfg.pyc", ".git.pyo",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_verdict(&by_default, names[i], ENTRY_FILE, VERDICT_REMOVE);
		assert_verdict(&by_default, names[i], ENTRY_LINK, VERDICT_REMOVE);
		assert_verdict(&by_default, names[i], ENTRY_DIRECTORY, VERDICT_ENTER);
		assert_verdict(&by_default, names[i], ENTRY_FIFO, VERDICT_KEEP);
		assert_verdict(&by_default, names[i], ENTRY_UNKNOWN, VERDICT_KEEP);
	}
}

/* Jython's lies beside its source alone: what else ends in .class is Java's. */
TEST(bytecode_of_jython_goes_with_its_source)
{
	assert_verdict(&by_default, "a$py.class", ENTRY_FILE, VERDICT_REMOVE);
	assert_verdict(&by_default, "a$py.class", ENTRY_LINK, VERDICT_REMOVE);
	assert_verdict(&by_default, "a$py.class", ENTRY_DIRECTORY, VERDICT_ENTER);
	assert_ordinary(&by_default, "$py.class");
	assert_ordinary(&by_default, "a.class");
	assert_ordinary(&by_default, "a$py.class.1");
	assert_ordinary(&by_default, "a$Py.class");
}

/* ---- What is skipped ------------------------------------------------------------------------ */

struct skip {
	const char *name;
	enum entry_type type;
	enum verdict verdict;
	const char *reason;
};

static const struct skip skips[] = {
	{ ".git", ENTRY_DIRECTORY, VERDICT_SKIP, "version control" },
	{ ".hg", ENTRY_DIRECTORY, VERDICT_SKIP, "version control" },
	{ ".svn", ENTRY_DIRECTORY, VERDICT_SKIP, "version control" },
	{ ".bzr", ENTRY_DIRECTORY, VERDICT_SKIP, "version control" },
	{ ".jj", ENTRY_DIRECTORY, VERDICT_SKIP, "version control" },
	{ ".sl", ENTRY_DIRECTORY, VERDICT_SKIP, "version control" },
	{ ".pijul", ENTRY_DIRECTORY, VERDICT_SKIP, "version control" },
	{ "_darcs", ENTRY_DIRECTORY, VERDICT_SKIP, "version control" },
	{ "CVS", ENTRY_DIRECTORY, VERDICT_SKIP, "version control" },
	{ "node_modules", ENTRY_DIRECTORY, VERDICT_SKIP_BY_DEFAULT, "dependencies" },
	{ ".tox", ENTRY_DIRECTORY, VERDICT_SKIP_BY_DEFAULT, "test environments" },
	{ ".nox", ENTRY_DIRECTORY, VERDICT_SKIP_BY_DEFAULT, "test environments" },
	{ ".direnv", ENTRY_DIRECTORY, VERDICT_SKIP_BY_DEFAULT, "environment of direnv" },
};

/* The reason is what -v prints; a missing row means that somebody's .git is searched. */
TEST(each_default_skip_has_its_reason)
{
	for (size_t i = 0; i < sizeof(skips) / sizeof(skips[0]); i++) {
		struct match match = matcher_classify(&by_default, skips[i].name, skips[i].type);

		assert_int_equal(match.verdict, skips[i].verdict);
		assert_string_equal(match.reason, skips[i].reason);
	}
}

/* A worktree's .git is a file; a file called node_modules, or a directory pyvenv.cfg, is nothing. */
TEST(a_skip_holds_for_its_own_type_alone)
{
	for (size_t i = 0; i < sizeof(skips) / sizeof(skips[0]); i++) {
		bool directory = skips[i].type == ENTRY_DIRECTORY;

		assert_verdict(&by_default, skips[i].name, directory ? ENTRY_FILE : ENTRY_DIRECTORY,
			       directory ? VERDICT_KEEP : VERDICT_ENTER);
		assert_verdict(&by_default, skips[i].name, ENTRY_FIFO, VERDICT_KEEP);
		assert_verdict(&by_default, skips[i].name, ENTRY_UNKNOWN, VERDICT_KEEP);
	}
}

/* -a enters what can be made again: a repository cannot. */
TEST(all_enters_each_default_skip_but_repositories)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(skips) / sizeof(skips[0]); i++) {
		bool repository = strcmp(skips[i].reason, "version control") == 0;

		assert_verdict(&enter_all, skips[i].name, ENTRY_DIRECTORY,
			       repository ? VERDICT_SKIP : VERDICT_ENTER);
		if (repository) {
			assert_string_equal(matcher_repositories[count++], skips[i].name);
		}
	}
	assert_null(matcher_repositories[count]);
}

/** Asserts on what a name tells of the directory that holds it, for each type in turn. */
static void assert_marks(const char *name, unsigned unknown, unsigned file, unsigned directory,
			 unsigned link)
{
	const unsigned expected[] = { unknown, file, directory, link, 0 };

	for (size_t i = 0; i < sizeof(all_types) / sizeof(all_types[0]); i++) {
		if (matcher_mark(name, all_types[i]) != expected[i]) {
			print_error("# %s of type %d: %u, should be %u\n", visible(name),
				    (int)all_types[i], matcher_mark(name, all_types[i]),
				    expected[i]);
			fail();
		}
	}
}

/* git init --bare r.git: no name says what r.git is, but three of its entries do. */
TEST(a_repository_is_known_by_three_entries)
{
	assert_marks("HEAD", MATCHER_HEAD, MATCHER_HEAD, 0, MATCHER_HEAD);
	assert_marks("objects", MATCHER_OBJECTS, 0, MATCHER_OBJECTS, MATCHER_OBJECTS);
	assert_marks("refs", MATCHER_REFS, 0, MATCHER_REFS, MATCHER_REFS);
	assert_marks("head", 0, 0, 0, 0);
	assert_marks("object", 0, 0, 0, 0);
	assert_true(matcher_marks_repository(MATCHER_REPOSITORY | MATCHER_ENVIRONMENT));
	assert_false(matcher_marks_repository(MATCHER_HEAD | MATCHER_OBJECTS));
	assert_false(matcher_marks_repository(MATCHER_HEAD | MATCHER_REFS));
	assert_false(matcher_marks_repository(MATCHER_OBJECTS | MATCHER_REFS));
}

/* Whoever looks a repository up instead of reading it has to look up what marks one. */
TEST(the_entries_of_a_repository_are_those_that_mark_it)
{
	unsigned marks = 0;

	for (const char *const *name = matcher_repository_entries; *name; name++) {
		marks |= matcher_mark(*name, ENTRY_LINK);
	}
	assert_int_equal(marks, MATCHER_REPOSITORY);
}

/* A link to a shared pyvenv.cfg is one; but a directory pyvenv.cfg is nothing. */
TEST(an_environment_is_known_by_its_marks)
{
	assert_marks("pyvenv.cfg", 0, MATCHER_ENVIRONMENT, 0, MATCHER_ENVIRONMENT);
	assert_marks("conda-meta", 0, 0, MATCHER_ENVIRONMENT, 0);
	assert_marks("bin", 0, 0, MATCHER_PROGRAMS, 0);
	assert_marks("Scripts", 0, 0, MATCHER_PROGRAMS, 0);
	assert_marks("lib", 0, 0, MATCHER_LIBRARY, 0);
	assert_marks("Lib", 0, 0, MATCHER_LIBRARY, 0);
	assert_marks("scripts", 0, 0, 0, 0);
}

/* The reason is for the two skips; elsewhere the header says NULL. */
TEST(only_skips_have_a_reason)
{
	static const char *const names[] = { "__pycache__", "a.pyc", "a.py", ".git", ".tox" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (size_t j = 0; j < sizeof(all_types) / sizeof(all_types[0]); j++) {
			struct match match = matcher_classify(&by_default, names[i], all_types[j]);

			assert_int_equal(match.reason != NULL,
					 match.verdict == VERDICT_SKIP ||
						 match.verdict == VERDICT_SKIP_BY_DEFAULT);
		}
	}
}
