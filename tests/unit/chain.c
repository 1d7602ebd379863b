#include "chain.h"

#include "tests.h"

#include <sys/stat.h>

static struct chain *growing;

static void note_level(int fd, int level)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		broken("cannot stat level %d", level);
	}
	growing->inodes[level] = st.st_ino;
}

struct chain chain_make(int depth)
{
	struct chain chain = { TREE(NULL), scratch_alloc((size_t)(depth + 1) * sizeof(ino_t)),
			       depth };

	growing = &chain;
	note_level(chain.tree->fd, 0);
	tree_add_chain(chain.tree, "d", depth, note_level);
	return chain;
}

static void end_descent(void *object)
{
	struct descent *descent = object;

	while (descent->depth > 0) {
		descent_pop(descent);
	}
	descent_free(descent);
}

struct descent *chain_start(const struct tree *tree)
{
	struct descent *descent = scratch_alloc(sizeof(*descent));

	descent_start(descent, tree->fd);
	scratch_defer(end_descent, descent);
	return descent;
}

void chain_go_down(struct descent *descent)
{
	int fd = descent_open(descent, "d");

	if (fd < 0) {
		broken("cannot open level %zu", descent->depth + 1);
	}
	assert_int_equal(descent_push(descent, fd, "d"), 0);
}

void assert_innermost(struct descent *descent, const struct chain *chain)
{
	struct stat st;
	int fd = descent_innermost(descent);

	if (fd < 0 || fstat(fd, &st) != 0) {
		broken("no innermost directory at depth %zu", descent->depth);
	}
	assert_int_equal(st.st_ino, chain->inodes[descent->depth]);
}

void chain_go_down_and_back(struct descent *descent, int down, size_t depth)
{
	while (descent->depth < (size_t)down) {
		chain_go_down(descent);
	}
	while (descent->depth > depth) {
		descent_pop(descent);
	}
}
