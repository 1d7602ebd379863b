/*
 * --stale: a header that matches its source, and a body that no Python can load. Every import fails
 * then, until somebody removes the file.
 */

#include "make_pyc.h"
#include "tests.h"

#include <string.h>
#include <unistd.h>

enum {
	/** More than is looked at: a header, and the last 4,096 bytes. */
	LONG_BODY = 6000,
	TAIL = 4096,
};

static const char cached[] = "__pycache__/m.cpython-311.pyc";

/** Asserts that the bytecode of m.py goes, or stays, with such a body. */
static void assert_body(const char *path, const struct pyc *pyc, const void *body, size_t length,
			const char *reason)
{
	const struct tree *tree = TREE("m.py");
	bool goes = strcmp(reason, "damaged") == 0;
	struct pyc made = *pyc;
	const struct outcome *outcome;

	made.source = "m.py";
	made.body = body;
	made.body_length = length;
	pyc_add(tree, path, &made);
	outcome = run(tree, "-nv --stale");
	assert_non_null(
		strstr(outcome->out, scratch_format("%s %s (%s)\n", goes ? "Would remove" : "Kept",
						    path, reason)));
	assert_int_equal(outcome->status, 0);
}

/** As it, with the file of each version where that has it. */
static void assert_body_of_each(const void *body, size_t length, const char *reason)
{
	for (const struct pyc_version *version = pyc_versions; version->name;
	     version = pyc_next(version)) {
		const char *path = version->magic > 60000
					   ? "m.pyc"
					   : scratch_format("__pycache__/m.%s.pyc", version->tag);

		assert_body(path, &(struct pyc){ .version = version->name }, body, length, reason);
	}
}

/** @return A long body of a code object, in which the last `zeros` bytes are NUL. */
static unsigned char *long_body(size_t zeros)
{
	unsigned char *body = scratch_alloc(LONG_BODY);

	memset(body, 'x', LONG_BODY);
	body[0] = 0xe3;
	memset(body + LONG_BODY - zeros, 0, zeros);
	return body;
}

/* Blocks that a crash has left unwritten, and those of another file. */
TEST(a_body_that_does_not_begin_with_code_goes)
{
	static const char zeros[200] = { 0 };
	static const char text[] = "#!/bin/sh\necho 'the block of another file'\n";

	assert_body_of_each(zeros, sizeof(zeros), "damaged");
	assert_body_of_each(text, sizeof(text), "damaged");
	assert_body(cached, &(struct pyc){ .version = "3.11", .flags = PYC_UNCHECKED }, zeros,
		    sizeof(zeros), "damaged");
	assert_body("__pycache__/m.pypy39.pyc", &(struct pyc){ .version = "pypy3.9" }, zeros,
		    sizeof(zeros), "damaged");
}

TEST(a_header_alone_goes)
{
	assert_body_of_each("", 0, "damaged");
}

TEST(a_body_that_ends_in_zeros_goes)
{
	assert_body_of_each(long_body(TAIL), LONG_BODY, "damaged");
	assert_body_of_each(long_body(LONG_BODY - 1), LONG_BODY, "damaged");
	/* Sound ones end in some. */
	assert_body_of_each(long_body(TAIL - 1), LONG_BODY, "matches its source");
	assert_body_of_each(long_body(0), LONG_BODY, "matches its source");
}

/* The code object tells how long its bytecode is. What follows here is of no known type. */
TEST(a_body_that_is_cut_short_goes)
{
	static const struct {
		const char *version;
		size_t offset;
	} layouts[] = {
		{ "2.7", 17 },  { "3.1", 21 },  { "3.7", 21 },  { "3.8", 25 },
		{ "3.10", 25 }, { "3.11", 21 }, { "3.15", 21 }, { "pypy3.9", 25 },
	};

	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		const struct pyc pyc = { .version = layouts[i].version };
		size_t offset = layouts[i].offset;
		unsigned char body[1200] = { 'c' };

		/* A string of 1,000 bytes, the low byte of the length first. */
		body[offset] = 's';
		body[offset + 1] = 0xe8;
		body[offset + 2] = 0x03;
		assert_body("m.pyc", &pyc, body, sizeof(body), "matches its source");
		assert_body("m.pyc", &pyc, body, offset + 5 + 1000, "damaged");
		assert_body("m.pyc", &pyc, body, offset + 5 + 999, "damaged");
		assert_body("m.pyc", &pyc, body, offset + 5, "damaged");
		assert_body("m.pyc", &pyc, body, offset + 4, "damaged");
		/* Of another type nothing is known. */
		body[offset] = '?';
		assert_body("m.pyc", &pyc, body, offset + 5, "matches its source");
	}
}

/* A hole costs no disk, and must cost no memory. */
TEST(a_file_that_is_too_large_to_be_read_stays)
{
	enum {
		LARGEST = 16 * 1024 * 1024,
	};
	const struct tree *tree = TREE("m.py");

	PYC(tree, cached, .version = "3.11", .source = "m.py");
	assert_int_equal(truncate(tree_path(tree, cached), LARGEST + 1), 0);
	assert_non_null(strstr(run(tree, "-nv --stale")->out, "(matches its source)"));
	assert_int_equal(truncate(tree_path(tree, cached), LARGEST), 0);
	assert_non_null(strstr(run(tree, "-nv --stale")->out, "(damaged)"));
}

/* GraalPy's are no code objects of CPython; nobody knows what a later version writes. */
TEST(bodies_of_other_implementations_are_not_judged)
{
	static const char zeros[64] = { 0 };

	assert_body("__pycache__/m.graalpy250-312.pyc",
		    &(struct pyc){ .version = "3.12", .magic = 21290 }, zeros, sizeof(zeros),
		    "matches its source");
	assert_body("__pycache__/m.cpython-316.pyc",
		    &(struct pyc){ .version = "3.15", .magic = 3700 }, zeros, sizeof(zeros),
		    "matches its source");
	assert_body("__pycache__/m.rustpython-312.pyc", &(struct pyc){ .version = "3.12" }, zeros,
		    sizeof(zeros), "matches its source");
}
