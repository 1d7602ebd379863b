/* The names of bytecode files, taken apart after PEP 3147 and PEP 488. */

#include "match/pyc_file.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>

static bool part_is(struct pyc_part part, const char *expected)
{
	return part.length == strlen(expected) &&
	       (part.length == 0 || memcmp(part.start, expected, part.length) == 0);
}

static const char *text_of(struct pyc_part part)
{
	return part.length > 0 ? visible(scratch_copy(part.start, part.length)) : "(none)";
}

/** Takes a name apart. @return Whether an interrupted write has left it. */
static bool split_name(const char *name, const char *stem, const char *tag)
{
	struct pyc_name found;

	if (!pyc_split(name, &found)) {
		print_error("# not taken for bytecode: %s\n", visible(name));
		fail();
	}
	if (!part_is(found.stem, stem) || !part_is(found.tag, tag)) {
		print_error("# %s: stem %s, tag %s\n", visible(name), text_of(found.stem),
			    text_of(found.tag));
		fail();
	}
	return found.temporary;
}

/** Asserts on the parts of a name, "" where it lacks one. */
#define assert_parts(name, stem, tag) assert_false(split_name(name, stem, tag))

/* What CPython and PyPy write at each level of optimisation. */
TEST(names_in_a_cache_are_taken_apart)
{
	assert_parts("m.cpython-311.pyc", "m", "cpython-311");
	assert_parts("m.cpython-311.opt-1.pyc", "m", "cpython-311");
	assert_parts("m.cpython-311.opt-2.pyc", "m", "cpython-311");
	assert_parts("m.cpython-38.opt-fast9.pyc", "m", "cpython-38");
	assert_parts("m.pypy39.pyc", "m", "pypy39");
	assert_parts("m.pypy39.opt-1.pyc", "m", "pypy39");
	assert_parts("__init__.cpython-313t.pyc", "__init__", "cpython-313t");
	assert_parts("m.graalpy231-310.pyc", "m", "graalpy231-310");
}

/* A source may be called a.b.py, or even m.opt-1.py. */
TEST(dots_in_the_stem_stay_there)
{
	assert_parts("a.b.cpython-311.pyc", "a.b", "cpython-311");
	assert_parts("a.b.cpython-311.opt-2.pyc", "a.b", "cpython-311");
	assert_parts("a.1.cpython-311.pyc", "a.1", "cpython-311");
	assert_parts("..cpython-311.pyc", ".", "cpython-311");
	assert_parts(".hidden.cpython-311.pyc", ".hidden", "cpython-311");
	assert_parts(".hidden.pyc", ".hidden", "");
	assert_parts("m.opt-1.cpython-311.pyc", "m.opt-1", "cpython-311");
}

/* pytest puts its version behind the tag, dots and all; the stem is still the module. */
TEST(a_version_behind_the_tag_belongs_to_it)
{
	assert_parts("test_a.cpython-311-pytest-8.4.2.pyc", "test_a", "cpython-311-pytest-8.4.2");
	assert_parts("t.cpython-312-pytest-9.0.0.dev7.pyc", "t", "cpython-312-pytest-9.0.0.dev7");
	assert_parts("test_a.cpython-311-pytest-8.4.0.dev13+gabcdef.d20250101.pyc", "test_a",
		     "cpython-311-pytest-8.4.0.dev13+gabcdef.d20250101");
	assert_parts("a.b.pypy310-pytest-8.4.0.dev13+gabcdef.d20250101.opt-1.pyc", "a.b",
		     "pypy310-pytest-8.4.0.dev13+gabcdef.d20250101");
	assert_parts("x.cpython-38.cpython-311-pytest-8.4.0+g.d2025.pyc", "x.cpython-38",
		     "cpython-311-pytest-8.4.0+g.d2025");
	assert_parts("x.cpython-38-y.cpython-311.pyc", "x.cpython-38-y", "cpython-311");
	assert_parts("t.cpython-312-pytest-9.0.0.post1.pyc", "t", "cpython-312-pytest-9.0.0.post1");
	assert_parts("t.pyston-23-pytest-8.4.0.dev13+gabcdef.d20250101.pyc", "t",
		     "pyston-23-pytest-8.4.0.dev13+gabcdef.d20250101");
	assert_parts("q.cpython-311.otherpy-1.pyc", "q.cpython-311", "otherpy-1");
	assert_parts("a.b.cpython-39-PYTEST.pyc", "a.b", "cpython-39-PYTEST");
	assert_true(split_name("t.cpython-311-pytest-8.4.2.pyc.14025876", "t",
			       "cpython-311-pytest-8.4.2"));
}

/* Python 2 and `compileall -b` write beside the source, without a tag. */
TEST(legacy_names_have_a_stem_alone)
{
	assert_parts("m.pyc", "m", "");
	assert_parts("m.pyo", "m", "");
	assert_parts("..pyc", ".", "");
	assert_parts(" .pyo", " ", "");
	assert_parts("\xff.pyc", "\xff", "");
	assert_parts("m.2.pyc", "m.2", "");
	assert_parts("m.opt-1.pyc", "m", "");
}

/* importlib writes to NAME.ID and renames; what a killed Python leaves has digits at its end. */
TEST(an_interrupted_write_is_recognised)
{
	assert_true(split_name("m.cpython-311.pyc.14025876", "m", "cpython-311"));
	assert_true(split_name("m.cpython-311.opt-1.pyc.0", "m", "cpython-311"));
	assert_true(split_name("m.pyc.007", "m", ""));
	assert_true(split_name("1.pyc.2", "1", ""));
}

/* PEP 488: what follows "opt-" is a level. */
TEST(a_level_begins_with_opt)
{
	assert_parts("m.cpython-311.opt-.pyc", "m", "cpython-311");
	assert_parts("m.opt.pyc", "m", "opt");
	assert_parts("m.cpython-311.Opt-1.pyc", "m.cpython-311", "Opt-1");
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
	assert_parts("m$py.class", "m", "");
	assert_parts(".$py.class", ".", "");
	assert_parts("$$py.class", "$", "");
	assert_parts("$py.class$py.class", "$py.class", "");
	assert_parts("m.cpython-311.opt-1$py.class", "m.cpython-311.opt-1", "");
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
