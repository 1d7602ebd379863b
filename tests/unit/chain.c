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

static void end_stack(void *object)
{
	struct dirstack *stack = object;

	while (stack->depth > 0) {
		dirstack_pop(stack);
	}
	dirstack_free(stack);
}

struct dirstack *chain_start(const struct tree *tree)
{
	struct dirstack *stack = scratch_alloc(sizeof(*stack));

	dirstack_start(stack, tree->fd);
	scratch_defer(end_stack, stack);
	return stack;
}

void chain_go_down(struct dirstack *stack)
{
	int fd = dirstack_open(stack, "d");

	if (fd < 0) {
		broken("cannot open level %zu", stack->depth + 1);
	}
	assert_non_null(dirstack_push(stack, fd, "d"));
}

void assert_innermost(struct dirstack *stack, const struct chain *chain)
{
	struct stat st;
	int fd = dirstack_fd(stack);

	if (fd < 0 || fstat(fd, &st) != 0) {
		broken("no innermost directory at depth %zu", stack->depth);
	}
	assert_int_equal(st.st_ino, chain->inodes[stack->depth]);
}

void chain_go_down_and_back(struct dirstack *stack, int down, size_t depth)
{
	while (stack->depth < (size_t)down) {
		chain_go_down(stack);
	}
	while (stack->depth > depth) {
		dirstack_pop(stack);
	}
}
