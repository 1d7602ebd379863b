/**
 * Bytecode files whose headers the test makes, by the documents: PEP 3147, PEP 552, and the list of
 * magic numbers in CPython's Lib/importlib/_bootstrap_external.py.
 */

#ifndef TESTS_MAKE_PYC_H
#define TESTS_MAKE_PYC_H

#include "tree.h"

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/** PEP 552's flags. */
enum {
	PYC_UNCHECKED = 1,
	PYC_CHECKED = 3,
};

/** An interpreter that has a format of its own. */
struct pyc_version {
	/** "3.11", or "pypy3.9". */
	const char *name;
	/** What sys.implementation.cache_tag is, or was before there was one. */
	const char *tag;
	/** The first two bytes, the low one first. */
	unsigned magic;
	/** How long the header is: 8 bytes with the time, 12 with the size, 16 with the flags. */
	size_t header;
};

/** All that are known, ended by one without a name. */
extern const struct pyc_version pyc_versions[];

/** @return The next version to be tried, or the end: each, but where each run is slow a few. */
const struct pyc_version *pyc_next(const struct pyc_version *version);

/** What a file's header says. */
struct pyc {
	/** A name of pyc_versions. */
	const char *version;
	/** A magic number that none of them has; its layout is that of `version`. */
	unsigned magic;
	/** PEP 552's flags. */
	unsigned flags;
	/** The file in the tree whose time and size it records; NULL for some that nothing has. */
	const char *source;
	/** What is added to these. */
	int later;
	int longer;
	/** What stands in the place of time and size if the flags are odd. */
	uint64_t hash;
	/** What follows the header, if not the beginning of a code object. */
	const void *body;
	size_t body_length;
	/** How many bytes of the file were written, if not all. */
	size_t cut;
};

/** Adds a bytecode file: PYC(tree, "a.pyc", .version = "2.7", .source = "a.py"). */
#define PYC(tree, path, ...) pyc_add(tree, path, &(struct pyc){ __VA_ARGS__ })
void pyc_add(const struct tree *tree, const char *path, const struct pyc *pyc);

/** Sets when a file was changed, as seconds and nanoseconds. */
void pyc_touch(const struct tree *tree, const char *path, time_t seconds, long nanoseconds);

#endif
