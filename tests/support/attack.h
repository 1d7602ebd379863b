/**
 * A project, the image of one of its directories outside of it, and an attacker who exchanges that
 * directory with a link to the image: whoever resolves a path twice removes the image.
 */

#ifndef TESTS_ATTACK_H
#define TESTS_ATTACK_H

#include "program.h"
#include "tree.h"

#include <stdbool.h>

struct attack {
	/** What holds all: "project/", "outside/" with the image, and a link to that. */
	const struct tree *tree;
	struct tree project;
	/** The directory of the project that is exchanged with the link. */
	const char *target;
	/** The image as it has to stay. */
	struct tree_listing image;
};

/**
 * Makes a project, the image of one directory, and a link to that.
 *
 * @param entries As in tree_make(), ended by NULL.
 * @param target  A directory of the project, without a '/' at its end.
 */
struct attack attack_make(const char *const entries[], const char *target);

/** Exchanges directory and link, where they still are. Safe in any thread. */
void attack_exchange(const struct attack *attack);

/** @return In which lines the image is no longer what it was, or NULL. */
char *attack_damage(const struct attack *attack);

/**
 * The program under test with these arguments, or instead of it a deleter as one would write it
 * off-hand: an nftw callback that unlinks by path.
 */
struct program attack_program(const struct attack *attack, bool naive,
			      const char *const *arguments);

/** What main() has to do first: a test program that is to be the naive deleter is it, and exits. */
void attack_be_naive_if_asked(int argc, char **argv);

#endif
