#include "random_tree.h"

#include "tests.h"

#include <stdio.h>
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

static const char *const skipped[] = { ".git", ".hg",          ".svn", ".bzr",   ".jj",
				       ".tox", "node_modules", ".nox", ".direnv" };

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

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t end_length = strlen(end);

	return length > end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

/** Whether this is the name of bytecode: STEM.pyc, STEM.pyo or STEM.pyc.DIGITS. */
static bool is_bytecode_name(const char *name)
{
	size_t length = strlen(name);
	size_t digits = 0;

	if (ends_with(name, length, ".pyc") || ends_with(name, length, ".pyo")) {
		return true;
	}
	while (digits < length && name[length - digits - 1] >= '0' &&
	       name[length - digits - 1] <= '9') {
		digits++;
	}
	return digits > 0 && ends_with(name, length - digits, ".pyc.");
}

static bool is_skipped_name(const char *name)
{
	for (size_t i = 0; i < sizeof(skipped) / sizeof(*skipped); i++) {
		if (strcmp(name, skipped[i]) == 0) {
			return true;
		}
	}
	return false;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool listing_has(const struct tree_listing *listing, const char *path, bool directory)
{
	for (size_t i = 0; i < listing->count; i++) {
		const struct tree_entry *entry = &listing->entries[i];

		if (strcmp(entry->path, path) == 0) {
			return !directory || entry->type == '/';
		}
	}
	return false;
}

static bool is_environment(const struct tree_listing *listing, const char *path)
{
	return listing_has(listing, scratch_format("%s/pyvenv.cfg", path), false) ||
	       listing_has(listing, scratch_format("%s/conda-meta", path), true);
}

static void add_path(struct path_list *list, const char *path)
{
	list->paths[list->count++] = path;
}

/** Adds what goes of the entries right below `trail`, and of those below them. */
static void judge(const struct tree_listing *listing, const char *trail, bool all,
		  struct path_list *goes)
{
	size_t length = strlen(trail);

	for (size_t i = 0; i < listing->count; i++) {
		const struct tree_entry *entry = &listing->entries[i];
		const char *name = last_component(entry->path);

		if (strncmp(entry->path, trail, length) != 0 || name != entry->path + length) {
			continue;
		}
		if (entry->type != '/') {
			if ((entry->type == ' ' || entry->type == '@') && is_bytecode_name(name)) {
				add_path(goes, entry->path);
			}
		} else if (strcmp(name, "__pycache__") == 0) {
			add_path(goes, scratch_format("%s/", entry->path));
		} else if (all ||
			   (!is_skipped_name(name) && !is_environment(listing, entry->path))) {
			judge(listing, scratch_format("%s/", entry->path), all, goes);
		}
	}
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_paths(struct path_list *list)
{
	if (list->count > 1) {
		qsort(list->paths, list->count, sizeof(*list->paths), compare_paths);
	}
}

struct path_list oracle_of_tree(const struct tree *tree, bool all)
{
	struct tree_listing listing = tree_list(tree);
	struct path_list goes = { scratch_alloc((listing.count + 1) * sizeof(char *)), 0 };

	judge(&listing, "", all, &goes);
	sort_paths(&goes);
	return goes;
}

struct path_list paths_of_output(const char *output, size_t length)
{
	struct path_list list = { scratch_alloc((length / 2 + 1) * sizeof(char *)), 0 };

	for (const char *path = output; path < output + length; path += strlen(path) + 1) {
		add_path(&list, path);
	}
	sort_paths(&list);
	return list;
}
