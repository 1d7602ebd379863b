#include "make_pyc.h"

#include "tests.h"

#include <string.h>
#include <sys/stat.h>

enum {
	/** Behind the header: enough to be more than any reader of headers wants. */
	CODE_SIZE = 32,
	MAX_HEADER = 16,
	/** When nothing in any tree was changed. */
	NO_TIME = 1234567890,
};

const struct pyc_version pyc_versions[] = {
	{ "2.7", "cpython-27", 62211, 8 },   { "3.1", "cpython-31", 3151, 8 },
	{ "3.2", "cpython-32", 3180, 8 },    { "3.3", "cpython-33", 3230, 12 },
	{ "3.4", "cpython-34", 3310, 12 },   { "3.5", "cpython-35", 3351, 12 },
	{ "3.6", "cpython-36", 3379, 12 },   { "3.7", "cpython-37", 3394, 16 },
	{ "3.8", "cpython-38", 3413, 16 },   { "3.9", "cpython-39", 3425, 16 },
	{ "3.10", "cpython-310", 3439, 16 }, { "3.11", "cpython-311", 3495, 16 },
	{ "3.12", "cpython-312", 3531, 16 }, { "3.13", "cpython-313", 3571, 16 },
	{ "3.14", "cpython-314", 3627, 16 }, { "3.15", "cpython-315", 3666, 16 },
	{ "pypy3.9", "pypy39", 336, 16 },    { NULL, NULL, 0, 0 },
};

const struct pyc_version *pyc_next(const struct pyc_version *version)
{
	for (int step = tests_are_slow() ? 5 : 1; step > 0 && version->name; step--) {
		version++;
	}
	return version;
}

static const struct pyc_version *find_version(const char *name)
{
	const struct pyc_version *version = pyc_versions;

	while (version->name && strcmp(version->name, name) != 0) {
		version++;
	}
	if (!version->name) {
		broken("the version '%s' is not in the table", name);
	}
	return version;
}

/** Writes a number, the low byte first. @return What follows it. */
static unsigned char *put(unsigned char *at, uint64_t number, int bytes)
{
	for (; bytes > 0; bytes--) {
		*at++ = (unsigned char)(number & 0xff);
		number >>= 8;
	}
	return at;
}

/** What a header records of a source. */
static struct stat source_of(const struct tree *tree, const struct pyc *pyc)
{
	struct stat st = { .st_mtim.tv_sec = NO_TIME, .st_size = 1 };

	if (pyc->source && fstatat(tree->fd, pyc->source, &st, 0) != 0) {
		broken("cannot stat '%s'", pyc->source);
	}
	return st;
}

static void write_with_body(const struct tree *tree, const char *path, const unsigned char *header,
			    size_t length, const struct pyc *pyc)
{
	unsigned char *all = scratch_alloc(length + pyc->body_length);

	memcpy(all, header, length);
	memcpy(all + length, pyc->body, pyc->body_length);
	tree_write(tree, path, all, length + pyc->body_length);
}

void pyc_add(const struct tree *tree, const char *path, const struct pyc *pyc)
{
	const struct pyc_version *version = find_version(pyc->version);
	unsigned char bytes[MAX_HEADER + CODE_SIZE] = { 0 };
	struct stat st = source_of(tree, pyc);
	uint32_t mtime = (uint32_t)(st.st_mtim.tv_sec + pyc->later);
	unsigned char *at = put(bytes, pyc->magic ? pyc->magic : version->magic, 2);

	at = put(put(at, '\r', 1), '\n', 1);
	if (version->header == MAX_HEADER) {
		at = put(at, pyc->flags, 4);
	}
	if (pyc->flags & 1) {
		at = put(at, pyc->hash, 8);
	} else {
		at = put(at, mtime, 4);
		if (version->header > 8) {
			at = put(at, (uint32_t)(st.st_size + pyc->longer), 4);
		}
	}
	if (pyc->body) {
		write_with_body(tree, path, bytes, (size_t)(at - bytes), pyc);
		return;
	}
	/* How a code object begins; nobody is to run it. */
	memset(at, 0, CODE_SIZE);
	*at = 0xe3;
	at += CODE_SIZE;
	tree_write(tree, path, bytes, pyc->cut ? pyc->cut : (size_t)(at - bytes));
}

void pyc_touch(const struct tree *tree, const char *path, time_t seconds, long nanoseconds)
{
	const struct timespec times[] = { { seconds, nanoseconds }, { seconds, nanoseconds } };

	if (utimensat(tree->fd, path, times, 0) != 0) {
		broken("cannot touch '%s'", path);
	}
}
