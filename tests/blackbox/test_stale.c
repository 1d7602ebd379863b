/* --stale: bytecode that Python would not use goes, all other stays, by headers that are made here. */

#include "make_pyc.h"
#include "tests.h"

#include <string.h>

/** Where Python of a version has the bytecode of m.py. */
static const char *cache_of(const struct pyc_version *version)
{
	bool legacy = version->magic < 3160 ? version->header == 8 : version->magic == 62211;

	return legacy ? "m.pyc" : scratch_format("__pycache__/m.%s.pyc", version->tag);
}

/** Asserts that the bytecode of m.py goes, or that it stays, for a reason. */
static void assert_verdict(const struct tree *tree, const char *path, bool goes, const char *reason)
{
	bool cached = strncmp(path, "__pycache__/", strlen("__pycache__/")) == 0;
	const struct outcome *outcome;
	const char *sourceless;

	outcome = run(tree, "-v --stale");
	if (!goes) {
		assert_outcome(outcome, 0,
			       scratch_format("Kept %s (%s)\nNothing to remove.\n", path, reason),
			       "");
		return;
	}
	sourceless = strcmp(reason, "no source beside it") == 0
			     ? "; 1 without a source beside it (see --keep-sourceless)"
			     : "";
	assert_outcome(outcome, 0,
		       scratch_format("Removed %s (%s)\n%s%s.\n", path, reason,
				      cached ? "Removed __pycache__/\n"
					       "Removed 1 file and 1 directory (*)"
					     : "Removed 1 file (*)",
				      sourceless),
		       "");
	assert_false(tree_has(tree, path));
}

/** Asserts on what becomes of the bytecode of each version that a header describes. */
static void assert_each(const struct pyc *pyc, bool goes, const char *reason)
{
	for (const struct pyc_version *version = pyc_versions; version->name;
	     version = pyc_next(version)) {
		const struct tree *tree = TREE("m.py");
		struct pyc made = *pyc;

		made.version = version->name;
		pyc_add(tree, cache_of(version), &made);
		assert_verdict(tree, cache_of(version), goes, reason);
		assert_true(tree_has(tree, "m.py"));
	}
}

/* ---- Source and header, from 2.7 to 3.15 ---------------------------------------------------- */

/* What makes the start quick stays. */
TEST(bytecode_that_matches_its_source_stays)
{
	assert_each(&(struct pyc){ .source = "m.py" }, false, "matches its source");
}

TEST(bytecode_of_another_time_goes)
{
	assert_each(&(struct pyc){ .source = "m.py", .later = 1 }, true, "source has changed");
	/* An older source, checked out of a branch: not only newer ones have changed. */
	assert_each(&(struct pyc){ .source = "m.py", .later = -1 }, true, "source has changed");
}

/* Changed within the same second: since 3.3 the size tells. */
TEST(bytecode_of_another_size_goes_where_the_header_has_it)
{
	for (const struct pyc_version *version = pyc_versions; version->name;
	     version = pyc_next(version)) {
		const struct tree *tree = TREE("m.py");
		bool goes = version->header > 8;

		PYC(tree, cache_of(version), .version = version->name, .source = "m.py",
		    .longer = 1);
		assert_verdict(tree, cache_of(version), goes,
			       goes ? "source has changed" : "matches its source");
	}
}

/* 3.2 to 3.4 had optimised bytecode in __pycache__ under a suffix of its own (PEP 488 ended it). */
TEST(optimised_bytecode_of_early_caches_is_judged_alike)
{
	static const char *const versions[][2] = { { "3.2", "32" },
						   { "3.3", "33" },
						   { "3.4", "34" } };

	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		const struct tree *tree = TREE("m.py");
		const char *path = scratch_format("__pycache__/m.cpython-%s.pyo", versions[i][1]);

		PYC(tree, path, .version = versions[i][0], .source = "m.py");
		assert_verdict(tree, path, false, "matches its source");
		pyc_touch(tree, "m.py", 5, 0);
		assert_verdict(tree, path, true, "source has changed");
	}
}

/* importlib compares the low 32 bits of both. */
TEST(times_are_compared_as_importlib_does)
{
	static const struct {
		time_t seconds;
		long nanoseconds;
		int later;
		bool goes;
	} cases[] = {
		{ 1000000000, 999999999, 1, false }, /* the float rounds up */
		{ 1000000000, 999999000, 0, false }, { 1000000000, 500000000, 0, false },
		{ 1000000000, 999999000, 1, true },  { 4294967296 + 5, 0, 0, false },
		{ 4294967295, 0, 0, false },         { 0, 0, 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct tree *tree = TREE("m.py");
		static const char path[] = "__pycache__/m.cpython-311.pyc";

		pyc_touch(tree, "m.py", cases[i].seconds, cases[i].nanoseconds);
		PYC(tree, path, .version = "3.11", .source = "m.py", .later = cases[i].later);
		assert_verdict(tree, path, cases[i].goes,
			       cases[i].goes ? "source has changed" : "matches its source");
	}
}

/* "I save, run, save: and the old code runs." Python compares whole seconds, and the size. */
TEST(a_source_rewritten_within_the_second_goes)
{
	static const struct {
		struct pyc pyc;
		time_t seconds;
		long source;
		long bytecode;
		time_t later;
		const char *reason;
	} cases[] = {
		{ { 0 }, 1000000000, 500000000, 400000000, 0, "source is newer" },
		{ { 0 }, 1000000000, 2, 1, 0, "source is newer" },
		{ { 0 }, 1000000000, 400000000, 400000000, 0, "matches its source" },
		{ { 0 }, 1000000000, 400000000, 500000000, 0, "matches its source" },
		/* Python would have seen another time: some tool has set one of both. */
		{ { 0 }, 1000000000, 500000000, 400000000, 1, "matches its source" },
		{ { 0 }, 1000000000, 500000000, 400000000, -1, "matches its source" },
		/* In the year 2100 no file has been written yet. */
		{ { 0 }, 4102444800, 500000000, 400000000, 0, "matches its source" },
		{ { .flags = PYC_CHECKED, .hash = 0x5252f793aa72034c },
		  1000000000,
		  500000000,
		  400000000,
		  0,
		  "matches its source" },
		{ { .flags = PYC_UNCHECKED },
		  1000000000,
		  500000000,
		  400000000,
		  0,
		  "unchecked, and its source exists" },
	};
	static const char path[] = "__pycache__/m.cpython-311.pyc";

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct tree *tree = TREE("m.py");
		struct pyc pyc = cases[i].pyc;

		tree_write(tree, "m.py", "x = 1\n", 6);
		pyc_touch(tree, "m.py", cases[i].seconds, cases[i].source);
		pyc.version = "3.11";
		pyc.source = "m.py";
		pyc_add(tree, path, &pyc);
		pyc_touch(tree, path, cases[i].seconds + cases[i].later, cases[i].bytecode);
		assert_verdict(tree, path, strcmp(cases[i].reason, "source is newer") == 0,
			       cases[i].reason);
	}
}

/* Python 2's own import does not round; its py_compile does. */
TEST(before_importlib_the_time_may_be_rounded_or_not)
{
	for (int later = -1; later <= 2; later++) {
		const struct tree *tree = TREE("m.py");
		bool goes = later < 0 || later > 1;

		pyc_touch(tree, "m.py", 1000000000, 999999999);
		PYC(tree, "m.pyc", .version = "2.7", .source = "m.py", .later = later);
		assert_verdict(tree, "m.pyc", goes,
			       goes ? "source has changed" : "matches its source");
	}
}

/* "After switching branches a module that is gone is still imported from its .pyc." */
TEST(bytecode_without_a_source_goes)
{
	for (const struct pyc_version *version = pyc_versions; version->name;
	     version = pyc_next(version)) {
		const struct tree *tree = TREE("m.pyx", "m.pywx", "mm.py", "m/x", "m.Py", "m.hyx");

		PYC(tree, cache_of(version), .version = version->name);
		assert_verdict(tree, cache_of(version), true,
			       strchr(cache_of(version), '/') ? "source is gone"
							      : "no source beside it");
	}
}

/* A full disk leaves such files. */
TEST(bytecode_that_is_too_short_goes)
{
	for (const struct pyc_version *version = pyc_versions; version->name;
	     version = pyc_next(version)) {
		for (size_t cut = 1; cut < version->header; cut += 3) {
			const struct tree *tree = TREE("m.py");

			PYC(tree, cache_of(version), .version = version->name, .source = "m.py",
			    .cut = cut);
			assert_verdict(tree, cache_of(version), true, "too short");
		}
	}
}

TEST(an_empty_file_goes)
{
	const struct tree *tree = TREE("m.py", "__pycache__/");

	tree_write(tree, "__pycache__/m.cpython-311.pyc", "", 0);
	assert_verdict(tree, "__pycache__/m.cpython-311.pyc", true, "too short");
}

/* After a crash of the machine, say: zeros, or another file's bytes. */
TEST(a_file_without_a_header_goes)
{
	static const char zeros[64] = { 0 };
	const struct tree *tree =
		TREE("m.py", "n.py", "__pycache__/m.cpython-311.pyc", "__pycache__/sub/");

	tree_write(tree, "__pycache__/n.cpython-311.pyc", zeros, sizeof(zeros));
	assert_outcome(run(tree, "-v -s"), 0,
		       "Removed __pycache__/m.cpython-311.pyc (no bytecode header)\n"
		       "Removed __pycache__/n.cpython-311.pyc (no bytecode header)\n"
		       "Removed __pycache__/sub/\n"
		       "Removed __pycache__/\n"
		       "Removed 2 files and 2 directories (*).\n",
		       "");
}

/* Whatever one holds: Python renames it when it is complete, and never looks at an old one again. */
TEST(interrupted_writes_go)
{
	const struct tree *tree = TREE("m.py");

	PYC(tree, "__pycache__/m.cpython-311.pyc.140245", .version = "3.11", .source = "m.py");
	PYC(tree, "m.pyc.1", .version = "2.7", .source = "m.py");
	pyc_touch(tree, "__pycache__/m.cpython-311.pyc.140245", 1500000000, 0);
	pyc_touch(tree, "m.pyc.1", 1500000000, 0);
	assert_outcome(run(tree, "-v -s"), 0,
		       "Removed __pycache__/m.cpython-311.pyc.140245 (interrupted write)\n"
		       "Removed m.pyc.1 (interrupted write)\n"
		       "Removed __pycache__/\n"
		       "Removed 2 files and 1 directory (*).\n",
		       "");
}

/* The name says who looks for it, the magic number who can use it. */
TEST(a_header_of_another_interpreter_than_the_name_goes)
{
	const struct tree *tree = TREE("m.py");

	PYC(tree, "__pycache__/m.cpython-311.pyc", .version = "3.12", .source = "m.py");
	assert_verdict(tree, "__pycache__/m.cpython-311.pyc", true,
		       "not of the interpreter in its name");
}

/* The number is known, and whose it is: the layout does not matter then. */
TEST(a_header_of_another_layout_than_the_names_goes)
{
	const struct tree *tree = TREE("m.py");
	static const unsigned char of_37[] = "B\r\r\n\xb9\xe2\xfe\x69\x46\x21\0\0\0\0\0";

	tree_write(tree, "__pycache__/m.cpython-36.pyc", of_37, sizeof(of_37));
	assert_verdict(tree, "__pycache__/m.cpython-36.pyc", true,
		       "not of the interpreter in its name");
}

/* ---- In doubt ------------------------------------------------------------------------------- */

TEST(a_format_that_is_not_known_stays_while_its_source_exists)
{
	const struct tree *tree = TREE("m.py", "n.py");

	PYC(tree, "__pycache__/m.cpython-320.pyc", .version = "3.14", .magic = 9876);
	PYC(tree, "__pycache__/m.otherpy-1.pyc", .version = "3.14", .magic = 9999);
	PYC(tree, "__pycache__/n.cpython-316.pyc", .version = "3.14", .magic = 3700, .flags = 4);
	PYC(tree, "__pycache__/n.pypy39.pyc", .version = "pypy3.9", .flags = 0x10003);
	PYC(tree, "__pycache__/n.pypy312.pyc", .version = "3.14", .magic = 448);
	PYC(tree, "__pycache__/gone.cpython-320.pyc", .version = "3.14", .magic = 9876);
	PYC(tree, "m.pyc", .version = "3.14", .magic = 9876);
	assert_outcome(run(tree, "-v -s"), 0,
		       "Kept __pycache__/m.cpython-320.pyc (its format is not known)\n"
		       "Kept __pycache__/m.otherpy-1.pyc (its format is not known)\n"
		       "Kept __pycache__/n.cpython-316.pyc (its format is not known)\n"
		       "Kept __pycache__/n.pypy39.pyc (its format is not known)\n"
		       "Kept __pycache__/n.pypy312.pyc (its format is not known)\n"
		       "Removed __pycache__/gone.cpython-320.pyc (source is gone)\n"
		       "Kept m.pyc (its format is not known)\n"
		       "Removed 1 file (*).\n",
		       "");
}

/* RustPython's have no CR LF behind the magic number; others may be of any form. */
TEST(a_header_of_another_implementation_is_in_doubt)
{
	const struct tree *tree = TREE("m.py", "old.py", "__pycache__/m.rustpython-313.pyc",
				       "__pycache__/m.otherpy-1.pyc", "__pycache__/m.pypy39.pyc");

	/* Python 1.2 has none either. */
	tree_write(tree, "old.pyc", "\x03\x99\x99\0\0\0\0\0C\0\0\0", 12);
	assert_outcome(run(tree, "-v -s"), 0,
		       "Kept __pycache__/m.rustpython-313.pyc (its format is not known)\n"
		       "Kept __pycache__/m.otherpy-1.pyc (its format is not known)\n"
		       "Removed __pycache__/m.pypy39.pyc (no bytecode header)\n"
		       "Kept old.pyc (its format is not known)\n"
		       "Removed 1 file (*).\n",
		       "");
}

/* That Python raises an ImportError, ignores the file and writes another. */
TEST(an_impossible_header_of_a_known_cpython_goes)
{
	static const struct pyc headers[] = {
		{ .version = "3.11", .source = "m.py", .flags = 4 },
		{ .version = "3.11", .source = "m.py", .flags = 0x10003 },
		{ .version = "3.11", .source = "m.py", .magic = 9876 },
		{ .version = "3.11", .source = "m.py", .magic = 21290 },
	};
	static const char path[] = "__pycache__/m.cpython-311.pyc";

	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		const struct tree *tree = TREE("m.py");

		pyc_add(tree, path, &headers[i]);
		assert_verdict(tree, path, true, "its header is not valid");
	}
}

/* "Checked" without "hash": CPython goes by the time. */
TEST(a_check_without_a_hash_is_by_time)
{
	static const char path[] = "__pycache__/m.cpython-311.pyc";
	const struct tree *tree = TREE("m.py");

	PYC(tree, path, .version = "3.11", .source = "m.py", .flags = 2);
	assert_verdict(tree, path, false, "matches its source");
	pyc_touch(tree, "m.py", 5, 0);
	assert_verdict(tree, path, true, "source has changed");
}

/* GraalPy's number is that of several tags. */
TEST(bytecode_of_graalpy_is_compared_by_time)
{
	static const char path[] = "__pycache__/m.graalpy250-312.pyc";
	const struct tree *tree = TREE("m.py");

	PYC(tree, path, .version = "3.12", .magic = 21290, .source = "m.py");
	assert_verdict(tree, path, false, "matches its source");
	pyc_touch(tree, "m.py", 5, 0);
	assert_verdict(tree, path, true, "source has changed");
}

/* PEP 552: an unchecked one is used whatever the source holds. */
TEST(an_unchecked_hash_stays_while_its_source_exists)
{
	const struct tree *tree = TREE("m.py");

	PYC(tree, "__pycache__/m.cpython-38.pyc", .version = "3.8", .flags = PYC_UNCHECKED);
	PYC(tree, "__pycache__/gone.cpython-38.pyc", .version = "3.8", .flags = PYC_UNCHECKED);
	assert_outcome(run(tree, "-v -s"), 0,
		       "Kept __pycache__/m.cpython-38.pyc (unchecked, and its source exists)\n"
		       "Removed __pycache__/gone.cpython-38.pyc (source is gone)\n"
		       "Removed 1 file (*).\n",
		       "");
}

/* What _imp.source_hash() of each version (3.13's for 3.14) has made of "x = 1\n". */
TEST(a_checked_hash_is_compared_with_the_source)
{
	static const struct {
		const char *version;
		uint64_t hash;
	} cases[] = {
		{ "3.7", 0xea27b20d819d3220 },     { "3.8", 0xf33fbf328ff00615 },
		{ "3.9", 0xfadf0fe5a965d6f1 },     { "3.10", 0xbfbe8c8ce2ad4ad9 },
		{ "3.11", 0x5252f793aa72034c },    { "3.12", 0x08dff51719562215 },
		{ "3.13", 0x0e12513689e286e7 },    { "3.14", 0xa782a25c32b6b21d },
		{ "pypy3.9", 0x92af0b8419812e15 },
	};
	static const char path[] = "__pycache__/m.pyc";

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct tree *tree = TREE("m.py");

		tree_write(tree, "m.py", "x = 1\n", 6);
		PYC(tree, path, .version = cases[i].version, .flags = PYC_CHECKED,
		    .hash = cases[i].hash);
		/* The time does not matter, nor does a size that is the same. */
		pyc_touch(tree, "m.py", 1, 0);
		assert_verdict(tree, path, false, "matches its source");
		tree_write(tree, "m.py", "x = 2\n", 6);
		assert_verdict(tree, path, true, "source has changed");
	}
}

/* ---- What -n says, and who does it ---------------------------------------------------------- */

static const struct tree *mixed(void)
{
	const struct tree *tree = TREE("p/m.py", "p/n.py", "q/k.py", "p/__pycache__/notes.txt");

	PYC(tree, "p/__pycache__/m.cpython-311.pyc", .version = "3.11", .source = "p/m.py");
	PYC(tree, "p/__pycache__/m.cpython-312.pyc", .version = "3.12");
	PYC(tree, "p/__pycache__/gone.cpython-311.pyc", .version = "3.11");
	PYC(tree, "q/__pycache__/k.cpython-311.opt-1.pyc", .version = "3.11", .source = "q/k.py",
	    .longer = 1);
	PYC(tree, "p/n.pyc", .version = "2.7", .source = "p/n.py");
	PYC(tree, "p/old.pyc", .version = "2.7");
	return tree;
}

TEST(a_dry_run_lists_what_a_run_removes)
{
	static const char *const arguments[] = { "-s",           "--stale p q/__pycache__",
						 "-s -j 1",      "-s -t 3.11 p",
						 "-s -k 3.12 .", "-s p/n.pyc p/old.pyc" };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		assert_dry_run_tells(mixed(), arguments[i]);
	}
}

TEST(verbose_alone_tells_the_reasons)
{
	const struct tree *tree = mixed();

	assert_outcome(run(tree, "-n -s p"), 0,
		       "Would remove p/__pycache__/m.cpython-312.pyc\n"
		       "Would remove p/__pycache__/gone.cpython-311.pyc\n"
		       "Would remove p/old.pyc\n"
		       "Would remove 3 files (*).\n",
		       "");
	assert_outcome(
		run(tree, "-nv -s p"), 0,
		"Kept p/__pycache__/m.cpython-311.pyc (matches its source)\n"
		"Kept p/__pycache__/notes.txt (not bytecode)\n"
		"Would remove p/__pycache__/m.cpython-312.pyc (source has changed)\n"
		"Would remove p/__pycache__/gone.cpython-311.pyc (source is gone)\n"
		"Kept p/n.pyc (matches its source)\n"
		"Would remove p/old.pyc (no source beside it)\n"
		"Would remove 3 files (*); 1 without a source beside it (see --keep-sourceless).\n",
		"");
	assert_last_line(run(tree, "--check -s q"), 1, "Would remove 1 file and 1 directory (*).\n",
			 "");
}

/* All that are given must agree that a file goes. */
TEST(stale_and_the_tags_have_to_agree)
{
	const struct tree *tree = TREE("m.py");

	PYC(tree, "__pycache__/m.cpython-311.pyc", .version = "3.11", .source = "m.py");
	PYC(tree, "__pycache__/m.cpython-311.opt-1.pyc", .version = "3.11");
	PYC(tree, "__pycache__/m.cpython-312.pyc", .version = "3.12");
	PYC(tree, "__pycache__/gone.cpython-313.pyc", .version = "3.13");
	PYC(tree, "gone.pyc", .version = "3.11");
	assert_outcome(run(tree, "-v -s -t 3.11,3.12 -k 3.12 --keep-sourceless"), 0,
		       "Kept __pycache__/m.cpython-311.pyc (matches its source)\n"
		       "Removed __pycache__/m.cpython-311.opt-1.pyc (source has changed)\n"
		       "Kept __pycache__/m.cpython-312.pyc (cpython-312)\n"
		       "Kept __pycache__/gone.cpython-313.pyc (of another interpreter)\n"
		       "Kept gone.pyc (no source beside it)\n"
		       "Removed 1 file (*).\n",
		       "");
}
