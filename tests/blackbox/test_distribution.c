/* make dist and make static: what is given to others. */

#include "tests.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct outcome *run_tool(const char *cwd, const char *const *arguments)
{
	const struct outcome *outcome =
		RUN_PROGRAM(.name = arguments[0], .arguments = arguments + 1, .cwd = cwd);

	if (outcome->status != 0) {
		assert_outcome(outcome, 0, "", "");
	}
	return outcome;
}

/** Runs a program, which has to succeed. */
#define TOOL(cwd, ...) run_tool(cwd, WORDS(__VA_ARGS__))

/** Skips the test where the sources are not in a checkout of git, as those in an archive. */
static void need_git(void)
{
	const struct outcome *outcome =
		RUN_PROGRAM(.name = "git", .arguments = split("ls-files --error-unmatch Makefile"));

	if (outcome->status != 0) {
		skip_because("the sources are not in a git repository");
	}
}

/** The path of the file that `make dist` makes below a directory of a tree. */
static const char *archive_in(const struct tree *tree, const char *build)
{
	const char *made = scratch_format("%s/%s/pyclean-*.tar.gz", tree_path(tree, "."), build);
	const struct outcome *outcome = TOOL(NULL, "sh", "-c", scratch_format("echo %s", made));

	return scratch_copy(outcome->out, outcome->out_length - 1);
}

/* Whoever packs a commit has to get the same bytes, or no digest can be published. */
TEST(the_archive_is_the_same_everywhere)
{
	const struct tree *tree = TREE("a/", "b/");
	const char *pack = "umask \"$0\" && TZ=\"$1\" make dist BUILD=\"$2\"";

	need_git();
	TOOL(NULL, "sh", "-c", pack, "022", "UTC", tree_path(tree, "a"));
	TOOL(NULL, "sh", "-c", pack, "077", "Asia/Tokyo", tree_path(tree, "b"));
	TOOL(NULL, "cmp", archive_in(tree, "a"), archive_in(tree, "b"));
}

/* A file that is missing from it, or that only git's checkout has, would show here. */
TEST(what_is_in_the_archive_builds)
{
	const struct tree *tree = TREE("a/", "x.pyc");
	const struct outcome *version;
	const char *directory;

	need_git();
	TOOL(NULL, "make", "dist", scratch_format("BUILD=%s", tree_path(tree, "a")));
	TOOL(tree->path, "tar", "-xzf", archive_in(tree, "a"));
	version = RUN(tree, "--version");
	directory =
		tree_path(tree, scratch_format("pyclean-%.*s", (int)strcspn(version->out + 8, "\n"),
					       version->out + 8));
	TOOL(directory, "env", "-u", "MAKEFLAGS", "-u", "LDFLAGS", "-u", "LDLIBS", "-u",
	     "SOURCE_CFLAGS", "make", "BUILD=build", "CFLAGS=-O0");
	assert_string_equal(TOOL(NULL, scratch_format("%s/pyclean", directory), "--version")->out,
			    version->out);
}

/** Asserts that no dynamic linker is asked for, and that there is nothing for one to do. */
static void assert_static(const char *path)
{
	FILE *file = fopen(path, "rb");
	ElfW(Ehdr) header;
	ElfW(Phdr) segment;

	if (!file || fread(&header, sizeof(header), 1, file) != 1) {
		broken("cannot read '%s'", path);
	}
	assert_memory_equal(header.e_ident, ELFMAG, SELFMAG);
	assert_true(header.e_phnum > 0);
	for (int i = 0; i < header.e_phnum; i++) {
		if (fseek(file, (long)(header.e_phoff + (size_t)i * sizeof(segment)), SEEK_SET) !=
			    0 ||
		    fread(&segment, sizeof(segment), 1, file) != 1) {
			broken("cannot read '%s'", path);
		}
		assert_int_not_equal(segment.p_type, PT_INTERP);
		assert_int_not_equal(segment.p_type, PT_DYNAMIC);
	}
	fclose(file);
}

TEST(a_static_program_needs_nothing_and_is_small)
{
	const struct tree *tree = TREE("x.pyc", "build/");
	const char *built = tree_path(tree, "build/static/pyclean");
	struct stat st;

	TOOL(NULL, "env", "-u", "MAKEFLAGS", "-u", "LDFLAGS", "-u", "LDLIBS", "-u", "SOURCE_CFLAGS",
	     "make", "static", scratch_format("BUILD=%s", tree_path(tree, "build")));
	assert_static(built);
	assert_string_equal(TOOL(tree->path, built, "-n0")->out, "x.pyc");
	/* glibc alone is larger than that. */
	need_tool("musl-gcc");
	assert_int_equal(stat(built, &st), 0);
	assert_in_range(st.st_size, 1, 200 * 1024 - 1);
}

/** What make says when it compiles one source below a directory, with or without V=1. */
static const char *compiled_with(const struct tree *tree, const char *build, const char *variable)
{
	return TOOL(NULL, "env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "make", variable,
		    scratch_format("BUILD=%s", tree_path(tree, build)),
		    scratch_format("%s/src/main.o", tree_path(tree, build)))
		->out;
}

TEST(make_shows_a_line_a_file_or_the_commands)
{
	const struct tree *tree = TREE("a/", "b/");

	assert_string_equal(compiled_with(tree, "a", "V="), "CC src/main.c\n");
	assert_non_null(strstr(compiled_with(tree, "b", "V=1"), " -c -o "));
}
