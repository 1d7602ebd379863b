/* The names of bytecode files, taken apart after PEP 3147 and PEP 488. */

#include "match/pyc_file.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>

/** A name and its parts, "" where it lacks one. */
struct example {
	const char *name;
	const char *stem;
	const char *tag;
	bool temporary;
};

static bool part_is(struct pyc_part part, const char *expected)
{
	return part.length == strlen(expected) &&
	       (part.length == 0 || memcmp(part.start, expected, part.length) == 0);
}

static const char *text_of(struct pyc_part part)
{
	return part.length > 0 ? visible(scratch_copy(part.start, part.length)) : "(none)";
}

static void assert_example(const struct example *example)
{
	struct pyc_name found;

	if (!pyc_split(example->name, &found)) {
		print_error("# not taken for bytecode: %s\n", visible(example->name));
		fail();
	}
	if (!part_is(found.stem, example->stem) || !part_is(found.tag, example->tag) ||
	    found.temporary != example->temporary) {
		print_error("# %s: stem %s, tag %s, temporary %d\n", visible(example->name),
			    text_of(found.stem), text_of(found.tag), found.temporary);
		fail();
	}
}

static void assert_examples(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_example(&examples[i]);
	}
}

#define ASSERT_EXAMPLES(examples)                                                                  \
 assert_examples(examples, sizeof(examples) / sizeof((examples)[0]))

/* What CPython and PyPy write at each level of optimisation. */
TEST(names_in_a_cache_are_taken_apart)
{
	static const struct example examples[] = {
		{ "m.cpython-311.pyc", "m", "cpython-311", false },
		{ "m.cpython-311.opt-1.pyc", "m", "cpython-311", false },
		{ "m.cpython-311.opt-2.pyc", "m", "cpython-311", false },
		{ "m.cpython-38.opt-fast9.pyc", "m", "cpython-38", false },
		{ "m.pypy39.pyc", "m", "pypy39", false },
		{ "m.pypy39.opt-1.pyc", "m", "pypy39", false },
		{ "__init__.cpython-313t.pyc", "__init__", "cpython-313t", false },
		{ "m.graalpy231-310.pyc", "m", "graalpy231-310", false },
	};

	ASSERT_EXAMPLES(examples);
}

/* A source may be called a.b.py, or even m.opt-1.py. */
TEST(dots_in_the_stem_stay_there)
{
	static const struct example examples[] = {
		{ "a.b.cpython-311.pyc", "a.b", "cpython-311", false },
		{ "a.b.cpython-311.opt-2.pyc", "a.b", "cpython-311", false },
		{ "a.1.cpython-311.pyc", "a.1", "cpython-311", false },
		{ "..cpython-311.pyc", ".", "cpython-311", false },
		{ ".hidden.cpython-311.pyc", ".hidden", "cpython-311", false },
		{ ".hidden.pyc", ".hidden", "", false },
		{ "m.opt-1.cpython-311.pyc", "m.opt-1", "cpython-311", false },
	};

	ASSERT_EXAMPLES(examples);
}

/* pytest puts its version behind the tag, dots and all; the stem is still the module. */
TEST(a_version_behind_the_tag_belongs_to_it)
{
	static const struct example examples[] = {
		{ "test_a.cpython-311-pytest-8.4.2.pyc", "test_a", "cpython-311-pytest-8.4.2",
		  false },
		{ "t.cpython-312-pytest-9.0.0.dev7.pyc", "t", "cpython-312-pytest-9.0.0.dev7",
		  false },
		{ "test_a.cpython-311-pytest-8.4.0.dev13+gabcdef.d20250101.pyc", "test_a",
		  "cpython-311-pytest-8.4.0.dev13+gabcdef.d20250101", false },
		{ "a.b.pypy310-pytest-8.4.0.dev13+gabcdef.d20250101.opt-1.pyc", "a.b",
		  "pypy310-pytest-8.4.0.dev13+gabcdef.d20250101", false },
		{ "x.cpython-38.cpython-311-pytest-8.4.0+g.d2025.pyc", "x.cpython-38",
		  "cpython-311-pytest-8.4.0+g.d2025", false },
		{ "x.cpython-38-y.cpython-311.pyc", "x.cpython-38-y", "cpython-311", false },
		{ "t.cpython-312-pytest-9.0.0.post1.pyc", "t", "cpython-312-pytest-9.0.0.post1",
		  false },
		{ "t.pyston-23-pytest-8.4.0.dev13+gabcdef.d20250101.pyc", "t",
		  "pyston-23-pytest-8.4.0.dev13+gabcdef.d20250101", false },
		{ "q.cpython-311.otherpy-1.pyc", "q.cpython-311", "otherpy-1", false },
		{ "a.b.cpython-39-PYTEST.pyc", "a.b", "cpython-39-PYTEST", false },
		{ "t.cpython-311-pytest-8.4.2.pyc.14025876", "t", "cpython-311-pytest-8.4.2",
		  true },
	};

	ASSERT_EXAMPLES(examples);
}

/* Python 2 and `compileall -b` write beside the source, without a tag. */
TEST(legacy_names_have_a_stem_alone)
{
	static const struct example examples[] = {
		{ "m.pyc", "m", "", false },       { "m.pyo", "m", "", false },
		{ "..pyc", ".", "", false },       { " .pyo", " ", "", false },
		{ "\xff.pyc", "\xff", "", false }, { "m.2.pyc", "m.2", "", false },
		{ "m.opt-1.pyc", "m", "", false },
	};

	ASSERT_EXAMPLES(examples);
}

/* importlib writes to NAME.ID and renames; what a killed Python leaves has digits at its end. */
TEST(an_interrupted_write_is_recognised)
{
	static const struct example examples[] = {
		{ "m.cpython-311.pyc.14025876", "m", "cpython-311", true },
		{ "m.cpython-311.opt-1.pyc.0", "m", "cpython-311", true },
		{ "m.pyc.007", "m", "", true },
		{ "1.pyc.2", "1", "", true },
	};

	ASSERT_EXAMPLES(examples);
}

/* PEP 488: what follows "opt-" is a level. */
TEST(a_level_begins_with_opt)
{
	static const struct example examples[] = {
		{ "m.cpython-311.opt-.pyc", "m", "cpython-311", false },
		{ "m.opt.pyc", "m", "opt", false },
		{ "m.cpython-311.Opt-1.pyc", "m.cpython-311", "Opt-1", false },
	};

	ASSERT_EXAMPLES(examples);
}

/** Asserts on what stands before the suffix of a name, and on whether it is Jython's. */
static void assert_legacy_stem(const char *name, const char *legacy_stem, bool is_class)
{
	struct pyc_name found;

	assert_true(pyc_split(name, &found));
	assert_int_equal(found.is_class, is_class);
	if (!part_is(found.legacy_stem, legacy_stem)) {
		print_error("# %s: legacy stem %s\n", visible(name), text_of(found.legacy_stem));
		fail();
	}
}

/* Beside its source, a name is all stem: a.b.pyc may be that of a.b.py, or of a tag b. */
TEST(the_legacy_stem_is_all_before_the_suffix)
{
	assert_legacy_stem("m.pyc", "m", false);
	assert_legacy_stem("m.pyo", "m", false);
	assert_legacy_stem("a.b.pyc", "a.b", false);
	assert_legacy_stem("m.opt-1.pyo", "m.opt-1", false);
	assert_legacy_stem("..pyc", ".", false);
	assert_legacy_stem("m.pyo.pyc", "m.pyo", false);
	assert_legacy_stem("m.pyc.pyo", "m.pyc", false);
	assert_legacy_stem("a.b.cpython-311.opt-2.pyc.123", "a.b.cpython-311.opt-2", false);
	assert_legacy_stem("m$py.class", "m", true);
	assert_legacy_stem("m$py.class.pyc", "m$py.class", false);
}

/* Jython knows neither tags nor levels: what looks like one is the module's name. */
TEST(the_names_of_jython_have_a_stem_alone)
{
	static const struct example examples[] = {
		{ "m$py.class", "m", "", false },
		{ ".$py.class", ".", "", false },
		{ "$$py.class", "$", "", false },
		{ "$py.class$py.class", "$py.class", "", false },
		{ "m.cpython-311.opt-1$py.class", "m.cpython-311.opt-1", "", false },
	};

	ASSERT_EXAMPLES(examples);
}

static bool belongs(const char *tag, const char *interpreter)
{
	struct pyc_part part = { tag, strlen(tag) };

	return pyc_tag_belongs(part, interpreter);
}

/* --tag=cpython-311 takes pytest's caches as well, and never those of another interpreter. */
TEST(a_tag_belongs_to_the_interpreter_that_it_begins_with)
{
	assert_true(belongs("cpython-311", "cpython-311"));
	assert_true(belongs("cpython-311-pytest-8.4.2", "cpython-311"));
	assert_true(belongs("cpython-311-pytest-8.4.2", "cpython-311-pytest-8.4.2"));
	assert_true(belongs("cpython-313t-pytest-9.0.0", "cpython-313t"));
	assert_true(belongs("pypy39-PYTEST", "pypy39"));
	assert_false(belongs("cpython-310", "cpython-31"));
	assert_false(belongs("cpython-31", "cpython-310"));
	assert_false(belongs("cpython-311-pytest-8.4.2", "cpython-311-pytest-8.4"));
	assert_false(belongs("pypy39", "cpython-39"));
	assert_false(belongs("CPYTHON-311", "cpython-311"));
}

/* Its sys.implementation.cache_tag is that of the other build: they share their caches. */
TEST(the_free_threaded_build_is_no_other_interpreter)
{
	assert_true(belongs("cpython-313", "cpython-313t"));
	assert_true(belongs("cpython-313t", "cpython-313"));
	assert_true(belongs("cpython-313-pytest-9.0.0", "cpython-313t"));
	assert_true(belongs("cpython-313t-pytest-9.0.0", "cpython-313"));
	assert_false(belongs("cpython-312", "cpython-313t"));
	assert_false(belongs("cpython-313tt", "cpython-313"));
	assert_false(belongs("cpython-31", "cpython-313t"));
}

/* pypy3 is what PyPy's program is called. */
TEST(one_digit_is_every_pypy_of_that_python)
{
	assert_true(belongs("pypy39", "pypy3"));
	assert_true(belongs("pypy310", "pypy3"));
	assert_true(belongs("pypy310-pytest-8.4.2", "pypy3"));
	assert_true(belongs("pypy3-71", "pypy3"));
	assert_true(belongs("pypy3", "pypy3"));
	assert_true(belongs("pypy27", "pypy2"));
	assert_false(belongs("pypy27", "pypy3"));
	assert_false(belongs("pypy310", "pypy31"));
	assert_false(belongs("pypy3x", "pypy3"));
	assert_false(belongs("cpython-39", "pypy3"));
}

/* A legacy file has no tag; its interpreter is to be told by other means. */
TEST(no_tag_belongs_to_no_interpreter)
{
	struct pyc_part none = { NULL, 0 };

	assert_false(pyc_tag_belongs(none, "cpython-311"));
	assert_false(pyc_tag_belongs(none, ""));
}

/* The name goes on behind the part, and what follows there is not the tag's. */
TEST(a_tag_ends_where_its_part_ends)
{
	struct pyc_part cut = { "cpython-311-pytest", 10 };

	assert_true(pyc_tag_belongs(cut, "cpython-31"));
	assert_false(pyc_tag_belongs(cut, "cpython-311"));
}

/* Each is a byte away from bytecode. */
TEST(other_names_are_refused)
{
	static const char *const names[] = {
		"",           ".",         "..",           "...",        "m",
		"pyc",        ".pyc",      ".pyo",         "m.py",       "m.pyd",
		"m.pycc",     "m.pyc.",    "m.pyc.a",      "m.pyc.1a",   "m.pyc.1.2",
		"m.pyo.1",    ".pyc.1",    "m.PYC",        "m.pyc~",     "m.pyc ",
		"m.pyc.-1",   "m.pycx.1",  "m.1",          "1",          "m.py.1",
		"mpyc",       "m.pyc..1",  "m.pyc.\xb2",   ".1",         "m.cpython-311",
		"$py.class",  "m$py.clas", "m$py.class.1", "m.py.class", "m$pyc.class",
		"m$PY.class", "py.class",  "m$py.class~",  "m.class",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct pyc_name found;

		if (pyc_split(names[i], &found)) {
			print_error("# taken for bytecode: %s\n", visible(names[i]));
			fail();
		}
	}
}

/** Whether a part lies within a name, or is missing. */
static bool lies_within(struct pyc_part part, const char *name)
{
	return part.length == 0 ||
	       (part.start >= name && part.start + part.length <= name + strlen(name));
}

/** Makes a name out of pieces that matter to both parts. */
static void random_name(char *name, size_t pieces)
{
	static const char *const piece[] = {
		".", ".pyc", ".pyo", "opt-", "cpython-311", "1", "23",
		"a", "pyc",  "-",    "dev",  "\xff",        " ", ".."
	};

	*name = '\0';
	for (size_t i = 0; i < pieces; i++) {
		strcat(name, piece[(size_t)rand() % (sizeof(piece) / sizeof(piece[0]))]);
	}
}

/*
 * The matcher has its own, faster, idea of what bytecode is called. Where the two differ, a file
 * goes that --tag could not have judged. The parts have to point into the name, too.
 */
TEST(the_matcher_agrees_on_what_is_bytecode)
{
	static const struct matcher_rules rules = { 0 };
	int bytecode = 0;

	srand(1);
	for (int i = 0; i < 50000; i++) {
		char name[128];
		struct pyc_name found;
		bool is_bytecode;

		random_name(name, 1 + (size_t)rand() % 7);
		is_bytecode = pyc_split(name, &found);
		bytecode += is_bytecode;
		if ((matcher_classify(&rules, name, ENTRY_FILE).verdict == VERDICT_REMOVE) !=
		    is_bytecode) {
			print_error("# they differ about %s\n", visible(name));
			fail();
		}
		if (is_bytecode) {
			assert_true(found.stem.length > 0 && found.stem.start == name);
			assert_true(lies_within(found.tag, name));
			assert_true(lies_within(found.legacy_stem, name));
			assert_true(found.legacy_stem.start == name);
			assert_true(found.legacy_stem.length >= found.stem.length);
		}
	}
	assert_in_range(bytecode, 1000, 49000);
}

static bool is_cache(const char *path)
{
	return matcher_leads_to_cache(path);
}

/* By the last name of a path: what only ends so is another directory. */
TEST(a_cache_is_known_by_its_name)
{
	static const char *const caches[] = { "__pycache__/", "a/__pycache__/" };
	static const char *const others[] = { "",
					      "/",
					      "__pycache__",
					      "my__pycache__/",
					      "__pycache__x/",
					      "__pycache__/a/",
					      "a/my__pycache__/",
					      "pycache__/" };

	for (size_t i = 0; i < sizeof(caches) / sizeof(*caches); i++) {
		assert_true(is_cache(caches[i]));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_false(is_cache(others[i]));
	}
}

/** Asserts on the tag in a name; NULL for none. */
static void assert_tag_in(const char *name, const char *expected)
{
	struct pyc_part found = pyc_tag_in(name);

	assert_int_equal(found.length, expected ? strlen(expected) : 0);
	if (expected) {
		assert_memory_equal(found.start, expected, found.length);
	} else {
		assert_null(found.start);
	}
}

TEST(only_what_can_be_a_tag_is_found_in_a_name)
{
	assert_tag_in("a.cpython-311.pyc", "cpython-311");
	assert_tag_in("a.cpython-311-pytest-8.4.2.pyc", "cpython-311-pytest-8.4.2");
	/* What comes of a.b-3.py. */
	assert_tag_in("a.b-3.pyc", NULL);
	assert_tag_in("a.pypy\x01\x01.pyc", NULL);
	assert_tag_in("a.cpython-3 11.pyc", NULL);
}
