#include "random_tree.h"

#include "tests.h"

#include <stdlib.h>
#include <string.h>

/* ---- Chance --------------------------------------------------------------------------------- */

/** splitmix64, by Sebastiano Vigna (public domain). */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit)
{
	return (size_t)(next_random(state) % limit);
}

#define PICK(state, array) ((array)[below(state, sizeof(array) / sizeof(*(array)))])

/* ---- Growing -------------------------------------------------------------------------------- */

static const char *const stems[] = { "a",        "b",    "c",     "mod",         "__init__",
				     ".hidden",  "a b",  " ",     "-n",          "a.b",
				     "a.",       "*",    "x.pyc", "it's",        "~",
				     "caf\xe9",  "\xff", "\n",    "a\nb",        "\x1b[31m",
				     "\\",       "\t",   "$(id)", "caf\xc3\xa9", "\xe2\x80\xae",
				     "\x01\x7f", ".",    "" };

static const char *const suffixes[] = { ".pyc",
					".pyo",
					".pyc.1",
					".pyc.140737",
					".py",
					".pyc.",
					".pyc.1a",
					".pyc.a",
					".pycc",
					".PYC",
					".pyd",
					".pyc~",
					".txt",
					".pyo.12",
					"",
					".cpython-311.pyc",
					".cpython-312.opt-1.pyc",
					".pypy39.pyc",
					".pyc.12.3",
					".so" };

static const char *const directories[] = {
	"src",      "pkg",         "a b",         "lib",         "x.pyc",        "y.pyo",
	"z.pyc.12", "__pycache__", "__pycache__", "__pycache__", "__pycache__x", "deep",
	"\xff\xfe", "new\nline",   "it's",        "-rf"
};

static const char *const skipped[] = { ".git", ".hg",    ".svn",   ".bzr", ".jj",
				       ".sl",  ".pijul", "_darcs", "CVS",  "node_modules",
				       ".tox", ".nox",   ".direnv" };

/** How many of them, the first ones, are skipped with -a, too. */
enum {
	REPOSITORIES = 9
};

static const char *const targets[] = { "..",    ".",           "/",           "nowhere", "../..",
				       "a.pyc", "__pycache__", "/etc/passwd", "src",     "mod.py" };

enum {
	DEEPEST = 5,
	MOST_ENTRIES = 7
};

static const char *random_file_name(uint64_t *state)
{
	const char *name = scratch_format("%s%s", PICK(state, stems), PICK(state, suffixes));

	/* What is left are names that a directory cannot have, or has already. */
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 ? name : "plain";
}

static void grow(const struct tree *tree, const char *trail, int depth, uint64_t *state);

static void grow_directory(const struct tree *tree, const char *trail, int depth, uint64_t *state)
{
	const char *name = below(state, 14) == 0 ? PICK(state, skipped) : PICK(state, directories);
	const char *path = scratch_format("%s%s", trail, name);

	if (tree_has(tree, path)) {
		return;
	}
	tree_add_directory(tree, path);
	if (below(state, 30) == 0) {
		tree_add_file(tree, scratch_format("%s/pyvenv.cfg", path));
	} else if (below(state, 30) == 0) {
		tree_add_directory(tree, scratch_format("%s/conda-meta", path));
	}
	if (depth < DEEPEST) {
		grow(tree, scratch_format("%s/", path), depth + 1, state);
	}
}

static void grow(const struct tree *tree, const char *trail, int depth, uint64_t *state)
{
	size_t entries = below(state, MOST_ENTRIES);

	for (size_t i = 0; i < entries; i++) {
		const char *name = below(state, 10) == 0 ? "__pycache__" : random_file_name(state);
		const char *path = scratch_format("%s%s", trail, name);
		size_t kind = below(state, 10);

		if (kind < 4) {
			grow_directory(tree, trail, depth, state);
		} else if (tree_has(tree, path)) {
			continue;
		} else if (kind == 4) {
			tree_add_link(tree, path, PICK(state, targets));
		} else if (kind == 5 && below(state, 3) == 0) {
			tree_add_special(tree, path, below(state, 2) ? '|' : '=');
		} else {
			tree_add_file(tree, path);
		}
	}
}

void random_tree_grow(const struct tree *tree, uint64_t seed)
{
	uint64_t state = seed;

	/* One level alone is too often empty. */
	for (int i = 0; i < 5; i++) {
		grow(tree, "", 0, &state);
	}
}

/* ---- Oracle --------------------------------------------------------------------------------- */

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct path_list paths_of_output(const char *output, size_t length)
{
	struct path_list list = { scratch_alloc((length / 2 + 1) * sizeof(char *)), 0 };

	for (const char *path = output; path < output + length; path += strlen(path) + 1) {
		list.paths[list.count++] = path;
	}
	if (list.count > 1) {
		qsort(list.paths, list.count, sizeof(*list.paths), compare_paths);
	}
	return list;
}

/** The paths in a tree that a find(1) command prints, with a NUL after each. */
static struct path_list find_in(const struct tree *tree, const char *const words[])
{
	const struct outcome *outcome;

	need_gnu_find();
	outcome = RUN_PROGRAM(.name = "find", .cwd = tree->path, .arguments = words);
	assert_int_equal(outcome->status, 0);
	assert_string_equal(outcome->err, "");
	return paths_of_output(outcome->out, outcome->out_length);
}

/** A pattern that matches a text alone. */
static const char *pattern_of(const char *text)
{
	char *pattern = scratch_alloc(2 * strlen(text) + 1);

	for (char *end = pattern; *text; *end++ = *text++) {
		if (strchr("*?[\\", *text)) {
			*end++ = '\\';
		}
	}
	return pattern;
}

/** Adds words to an array that has room for them. @return Its end. */
static const char **add_words(const char **end, const char *const words[])
{
	while (*words) {
		*end++ = *words++;
	}
	return end;
}

/** Adds what keeps find(1) out of the directories that a test is true of. */
static const char **add_prune(const char **end, const char *test, const char *pattern)
{
	return add_words(end, WORDS("-type", "d", test, pattern, "-prune", "-o"));
}

/** Adds what keeps it out of all that is skipped. */
static const char **add_skips(const char **end, struct path_list environments, bool all)
{
	for (size_t i = 0; i < (all ? REPOSITORIES : sizeof(skipped) / sizeof(*skipped)); i++) {
		end = add_prune(end, "-name", skipped[i]);
	}
	for (size_t i = 0; !all && i < environments.count; i++) {
		end = add_prune(end, "-path", pattern_of(environments.paths[i]));
	}
	return end;
}

struct path_list oracle_of_tree(const struct tree *tree, bool all)
{
	static const char marks[] =
		". -mindepth 2 ( -name pyvenv.cfg -o -type d -name conda-meta ) -printf %h\\0";
	static const char caches[] = ". -mindepth 1 -regextype posix-extended "
				     "-type d -name __pycache__ -printf %P/\\0 -prune -o";
	static const char strays[] = "( -type f -o -type l ) ( -name ?*.py[co] -o "
				     "-regex .*/[^/]+\\.pyc\\.[0-9]+ ) -printf %P\\0";
	struct path_list environments = find_in(tree, split(marks));
	const char **words = scratch_alloc((128 + 6 * environments.count) * sizeof(*words));
	const char **end = add_words(words, split(caches));

	end = add_skips(end, environments, all);
	add_words(end, split(strays));
	return find_in(tree, words);
}
