/* What is debris by its name, and what is a mark: the table, row by row, and its edges. */

#include "debris.h"
#include "tests.h"

#include <string.h>

#define SIGNATURE "Signature: 8a477f597d28d172789f06886806bc55"

static const struct debris *find(const char *name, enum entry_type type)
{
	return debris_find(DEBRIS_ANYWHERE, DEBRIS_ALL, name, type);
}

/** Whether a text is the mark of the row for a name. */
static bool is_mark(const char *name, enum entry_type type, const char *text)
{
	const struct debris *row = find(name, type);

	assert_non_null(row);
	return debris_is_mark(row, text, strlen(text));
}

/* A file .mypy_cache, a directory .coverage or a link of either name is nobody's debris. */
TEST(a_row_holds_for_its_type_alone)
{
	static const char *const directories[] = {
		".pytest_cache",        ".mypy_cache",    ".ruff_cache", ".complexipy_cache",
		".import_linter_cache", ".grimp_cache",   "htmlcov",     ".eggs",
		"a.egg-info",           "a-1.0.egg-info", "build",       "dist",
	};
	static const char *const files[] = {
		".coverage",     ".coverage.host.123.XaBcDe", ".coverage.a", "coverage.xml",
		"coverage.json",
	};

	for (enum entry_type type = ENTRY_UNKNOWN; type <= ENTRY_LINK; type++) {
		for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
			assert_int_equal(find(directories[i], type) != NULL,
					 type == ENTRY_DIRECTORY);
		}
		for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
			assert_int_equal(find(files[i], type) != NULL, type == ENTRY_FILE);
		}
	}
}

TEST(names_like_debris_are_ordinary)
{
	static const char *const names[] = {
		"",
		".cache",
		".mypy_cache2",
		"x.mypy_cache",
		".Mypy_cache",
		"mypy_cache",
		".pytest_cache\n",
		".hypothesis",
		".ipynb_checkpoints",
		".tox",
		".nox",
		".venv",
		".coveragerc",
		".coverage.",
		"coverage",
		"x.coverage",
		"coverage.xml.bak",
		"coverage.lcov",
		"htmlcov.old",
		".egg-info",
		"a.egg-info.bak",
		"a.dist-info",
		"eggs",
		"builds",
		"_build",
		"lib",
		"bdist.linux-x86_64",
		"a-1.0-py3-none-any.whl",
		"a-1.0.tar.gz",
		"html",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_null(find(names[i], ENTRY_DIRECTORY));
		assert_null(find(names[i], ENTRY_FILE));
	}
}

TEST(a_topic_has_its_own_rows)
{
	assert_non_null(
		debris_find(DEBRIS_ANYWHERE, DEBRIS_CACHES, ".mypy_cache", ENTRY_DIRECTORY));
	assert_null(debris_find(DEBRIS_ANYWHERE, DEBRIS_CACHES, ".coverage", ENTRY_FILE));
	assert_non_null(debris_find(DEBRIS_ANYWHERE, DEBRIS_COVERAGE, ".coverage", ENTRY_FILE));
	assert_null(debris_find(DEBRIS_ANYWHERE, DEBRIS_COVERAGE, ".mypy_cache", ENTRY_DIRECTORY));
	assert_non_null(debris_find(DEBRIS_ANYWHERE, DEBRIS_BUILD, "build", ENTRY_DIRECTORY));
	assert_null(debris_find(DEBRIS_ANYWHERE, DEBRIS_CACHES | DEBRIS_COVERAGE, "build",
				ENTRY_DIRECTORY));
	assert_null(debris_find(DEBRIS_ANYWHERE, 0, ".mypy_cache", ENTRY_DIRECTORY));
}

TEST(a_topic_is_known_by_its_whole_name)
{
	assert_int_equal(debris_topics("caches"), DEBRIS_CACHES);
	assert_int_equal(debris_topics("coverage"), DEBRIS_COVERAGE);
	assert_int_equal(debris_topics("build"), DEBRIS_BUILD);
	assert_string_equal(debris_topic_name(find("build", ENTRY_DIRECTORY)->topic), "build");
	assert_int_equal(debris_topics("all"), DEBRIS_ALL);
	assert_int_equal(debris_topics(""), 0);
	assert_int_equal(debris_topics("cache"), 0);
	assert_int_equal(debris_topics("Caches"), 0);
	assert_string_equal(debris_topic_name(find(".mypy_cache", ENTRY_DIRECTORY)->topic),
			    "caches");
	assert_string_equal(debris_topic_name(find(".coverage", ENTRY_FILE)->topic), "coverage");
}

/* https://bford.info/cachedir/: the first 43 bytes, whatever follows. */
TEST(a_cache_is_marked_by_the_signature)
{
	const enum entry_type type = ENTRY_DIRECTORY;

	assert_int_equal(strlen(SIGNATURE), 43);
	assert_true(is_mark(".mypy_cache", type, SIGNATURE));
	assert_true(is_mark(".pytest_cache", type, SIGNATURE "\n# made by pytest\n"));
	assert_false(is_mark(".mypy_cache", type, ""));
	assert_false(is_mark(".mypy_cache", type, " " SIGNATURE));
	assert_false(is_mark(".mypy_cache", type, "Signature: 8a477f597d28d172789f06886806bc5"));
	assert_false(is_mark(".mypy_cache", type, "Signature: 8A477F597D28D172789F06886806BC55"));
}

/* Any other program's database stays. */
TEST(data_of_coverage_is_a_database_with_its_schema)
{
	const struct debris *row = find(".coverage", ENTRY_FILE);
	static const char schema[] = "coverage_schema";
	char page[DEBRIS_MARK_SIZE + 1] = "SQLite format 3";

	assert_false(debris_is_mark(row, page, DEBRIS_MARK_SIZE));
	strcpy(page + DEBRIS_MARK_SIZE - strlen(schema), schema);
	assert_true(debris_is_mark(row, page, DEBRIS_MARK_SIZE));
	assert_false(debris_is_mark(row, page, DEBRIS_MARK_SIZE - 1));
	page[15] = '4';
	assert_false(debris_is_mark(row, page, DEBRIS_MARK_SIZE));
	assert_false(debris_is_mark(row, "SQLite format 3", 15));
}

/* Cobertura's and JaCoCo's reports have the same names. */
TEST(a_report_is_marked_within_a_kilobyte)
{
	static const char comment[] = "<!-- Generated by coverage.py: https://";
	char report[2048];

	memset(report, ' ', sizeof(report));
	memcpy(report, "<?xml ", 6);
	memcpy(report + 1024 - strlen(comment), comment, strlen(comment));
	report[sizeof(report) - 1] = '\0';
	assert_true(is_mark("coverage.xml", ENTRY_FILE, report));
	memcpy(report + 1024, comment, strlen(comment));
	memset(report + 1024 - strlen(comment), ' ', strlen(comment));
	assert_false(is_mark("coverage.xml", ENTRY_FILE, report));
	assert_false(is_mark("coverage.xml", ENTRY_FILE, comment));
	assert_true(is_mark("coverage.json", ENTRY_FILE,
			    "{\"meta\": {\"version\": \"7.4\", \"show_contexts\": false}"));
	assert_false(is_mark("coverage.json", ENTRY_FILE, "{\"a.js\": {\"path\": \"a.js\"}}"));
	assert_false(is_mark("coverage.json", ENTRY_FILE, "[\"show_contexts\": ]"));
	assert_true(is_mark("htmlcov", ENTRY_DIRECTORY, "# Created by coverage.py\n*\n"));
	assert_false(is_mark("htmlcov", ENTRY_DIRECTORY, "*\n# Created by coverage.py\n"));
}

/** Asserts that a name is, or is not, a part of `build` or `dist`, whatever else has it. */
static void assert_part(const char *directory, const char *name, enum entry_type type, bool is_part)
{
	const enum debris_place parts = find(directory, ENTRY_DIRECTORY)->parts;

	for (enum entry_type other = ENTRY_UNKNOWN; other <= ENTRY_LINK; other++) {
		assert_int_equal(debris_find(parts, DEBRIS_ALL, name, other) != NULL,
				 is_part && other == type);
	}
}

TEST(parts_of_build_are_directories_of_setuptools)
{
	static const char *const parts[] = {
		"bdist.linux-x86_64",
		"bdist.win32",
		"lib",
		"lib.linux-x86_64-cpython-311",
		"lib.macosx-10.9-universal2-3.9",
		"temp.linux-x86_64-cpython-311",
		"scripts-3.11",
	};
	static const char *const others[] = {
		"bdist",
		"bdist.",
		"lib.backup",
		"libs",
		"lib64",
		"temp",
		"temp.old",
		"scripts",
		"scripts-mine",
		"docs",
		"html",
		"CMakeFiles",
		"a-1.0-py3-none-any.whl",
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		assert_part("build", parts[i], ENTRY_DIRECTORY, true);
		assert_part("dist", parts[i], ENTRY_DIRECTORY, false);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_part("build", others[i], ENTRY_DIRECTORY, false);
	}
}

TEST(parts_of_dist_are_wheels_and_source_distributions)
{
	static const char *const parts[] = {
		"a-1.0-py3-none-any.whl", "a_b-1.0-1-cp311-cp311-linux_x86_64.whl",
		"a-1.0.tar.gz",           "a-b-1.0rc1.tar.gz",
		"a-1!2.0+local.tar.gz",
	};
	static const char *const others[] = {
		"a.whl",         "a-1.0.whl",        "a-1.0.zip",   "a.tar.gz",
		"-1.0.tar.gz",   "a-v1.0.tar.gz",    "a-1.tar.bz2", "a-2024-backup.tar.gz",
		"a-1-.x.tar.gz", "a-1.0.tar.gz.asc", "app.js",      "lib",
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		assert_part("dist", parts[i], ENTRY_FILE, true);
		assert_part("build", parts[i], ENTRY_FILE, false);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_part("dist", others[i], ENTRY_FILE, false);
	}
}

/* tar(1) and gzip(1) write their system into the tenth byte, Python writes 255. */
TEST(an_archive_made_by_hand_has_no_mark)
{
	const enum debris_place parts = find("dist", ENTRY_DIRECTORY)->parts;
	const struct debris *row = debris_find(parts, DEBRIS_ALL, "a-1.0.tar.gz", ENTRY_FILE);

	assert_true(debris_is_mark(row,
				   "\x1f\x8b\x08\x08\1\2\3\4\x02\xff"
				   "a",
				   11));
	assert_false(debris_is_mark(row, "\x1f\x8b\x08\x08\1\2\3\4\x02\x03\xff", 11));
	assert_false(debris_is_mark(row, "BZh91AY&SY\xff", 11));
	row = debris_find(parts, DEBRIS_ALL, "a-1.0-py3-none-any.whl", ENTRY_FILE);
	assert_true(debris_is_mark(row, "PK\3\4", 4));
	assert_false(debris_is_mark(row, "PK", 2));
}

/** Whether a file with this text makes a directory a project. */
static bool is_project(const char *file, const char *text)
{
	const char *whole = scratch_format("\n%s", text);

	for (const struct debris_project *row = debris_projects; row->file; row++) {
		if (strcmp(row->file, file) == 0 && strstr(whole, row->text)) {
			return true;
		}
	}
	return false;
}

TEST(a_project_has_a_section_that_builds_it)
{
	assert_true(is_project("setup.py", "\n"));
	assert_true(is_project("setup.cfg", "[metadata]\n"));
	assert_true(is_project("setup.cfg", "[options]\n"));
	assert_false(is_project("setup.cfg", "[flake8]\n"));
	assert_false(is_project("setup.cfg", "[project]\n"));
	assert_true(is_project("pyproject.toml", "[project]\r\n"));
	assert_true(is_project("pyproject.toml", "[build-system] # here\n"));
	assert_false(is_project("pyproject.toml", "[tool.ruff]\n"));
	assert_false(is_project("pyproject.toml", "# [project]\n"));
	assert_false(is_project("pyproject.toml", "[metadata]\n"));
	assert_true(is_project("pyproject.toml", "a\n\n[project]"));
	assert_false(is_project("pyproject.toml", "a\n\n[project"));
	assert_false(is_project("pyproject.toml", "a\n [project]\n"));
	assert_false(is_project("pyproject.toml", "x[project]\n"));
}

TEST(installed_packages_are_known_by_a_whole_name)
{
	assert_true(debris_is_installed("site-packages"));
	assert_true(debris_is_installed("/usr/lib/python3/dist-packages/"));
	assert_true(debris_is_installed("a//site-packages/b/"));
	assert_false(debris_is_installed(""));
	assert_false(debris_is_installed("/"));
	assert_false(debris_is_installed("my-site-packages/site-packages2/"));
	assert_false(debris_is_installed("site_packages/list-packages/"));
}
