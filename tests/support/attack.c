#include "attack.h"

#include "tests.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char link_name[] = "link";

/** Adds those entries that begin with `prefix`. */
static void add_entries(const struct tree *tree, const char *const entries[], const char *prefix)
{
	for (; *entries; entries++) {
		if (strncmp(*entries, prefix, strlen(prefix)) == 0) {
			tree_add(tree, *entries);
		}
	}
}

struct attack attack_make(const char *const entries[], const char *target)
{
	struct attack attack = { .tree = TREE(NULL), .target = target };
	const struct tree *outside = tree_below(attack.tree, "outside");

	attack.project = *tree_below(attack.tree, "project");
	add_entries(&attack.project, entries, "");
	add_entries(outside, entries, scratch_format("%s/", target));
	tree_add_link(attack.tree, link_name,
		      tree_path(attack.tree, scratch_format("outside/%s", target)));
	attack.image = tree_list_path(outside->path);
	return attack;
}

void attack_exchange(const struct attack *attack)
{
	renameat2(attack->project.fd, attack->target, attack->tree->fd, link_name, RENAME_EXCHANGE);
}

char *attack_damage(const struct attack *attack)
{
	return tree_difference(attack->image, tree_list_path(tree_path(attack->tree, "outside")));
}

/* ---- The naive deleter ---------------------------------------------------------------------- */

static const char naive_word[] = "--be-naive";

static int remove_by_path(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *name = path + ftw->base;
	const char *suffix = strrchr(name, '.');

	(void)st;
	if (type == FTW_DP ? strcmp(name, "__pycache__") == 0 : suffix && !strcmp(suffix, ".pyc")) {
		remove(path);
	}
	return 0;
}

struct program attack_program(const struct attack *attack, bool naive, const char *const *arguments)
{
	static const char *const naive_arguments[] = { naive_word, NULL };

	return (struct program){
		.name = naive ? "/proc/self/exe" : NULL,
		.cwd = attack->project.path,
		.arguments = naive ? naive_arguments : arguments,
	};
}

void attack_be_naive_if_asked(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], naive_word) != 0) {
		return;
	}
	/* From here on a supervisor counts. */
	sigaction(SIGINT, NULL, &(struct sigaction){ 0 });
	exit(nftw(".", remove_by_path, 16, FTW_PHYS | FTW_DEPTH) == 0 ? EXIT_SUCCESS
								      : EXIT_FAILURE);
}
