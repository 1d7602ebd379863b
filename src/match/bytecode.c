#include "match/bytecode.h"

#include "matcher.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** O_NONBLOCK: another process may replace a file by a FIFO. */
	READ_FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	/** The end of a body that is read first, in bytes. */
	TAIL = 256,
	/** The size of the largest file that is read as a whole. */
	LARGEST = 16 * 1024 * 1024,
};

const char bytecode_cannot_find_source[] = "cannot find the source of";

int bytecode_open(struct bytecode *b)
{
	ssize_t length;

	if (b->fd >= 0) {
		return 0;
	}
	b->fd = platform_open(b->file->dirfd, b->file->name, READ_FLAGS);
	length = b->fd < 0 ? -1 : read(b->fd, b->start, sizeof(b->start));
	if (length < 0) {
		return -1;
	}
	b->start_length = (size_t)length;
	b->state = pyc_read_header(b->start, b->start_length, &b->header);
	/* A header without any code cannot be imported. */
	if (b->state == PYC_HEADER_READ && b->start_length == b->header.length) {
		b->state = PYC_HEADER_SHORT;
	}
	return 0;
}

struct filter_verdict bytecode_cannot_read(void)
{
	if (errno == ENOENT) {
		/* The deleter ignores a missing file. */
		return goes(NULL);
	}
	return errno == ELOOP ? stays("symbolic link") : fails("cannot read");
}

/** Whether a file is damaged, by all of it; false without the memory for it. */
static bool is_damaged(const struct bytecode *b, size_t size)
{
	unsigned char *bytes = malloc(size);
	bool damaged = bytes && pread(b->fd, bytes, size, 0) == (ssize_t)size &&
		       pyc_is_damaged(&b->header, bytes, size, size);

	free(bytes);
	return damaged;
}

bool bytecode_is_damaged(const struct bytecode *b)
{
	unsigned char tail[TAIL];
	/* Costs a third of fstat(2). */
	off_t size = lseek(b->fd, 0, SEEK_END);
	off_t rest = size - (off_t)b->start_length;
	size_t length = rest < TAIL ? (size_t)rest : TAIL;

	if (size < 0 || pyc_is_foreign(b->name.tag)) {
		return false;
	}
	if (pyc_is_damaged(&b->header, b->start, b->start_length, (uint64_t)size)) {
		return true;
	}
	if (!b->header.code || rest <= 0 || size > LARGEST) {
		return false;
	}
	/* The end of the file makes the rest unnecessary for most files. */
	return !(pread(b->fd, tail, length, size - (off_t)length) == (ssize_t)length &&
		 pyc_ends_in_string(tail, length)) &&
	       is_damaged(b, (size_t)size);
}

/** One source, and its status once it was looked up. */
struct filter_source {
	const char *name;
	enum entry_type type;
	struct stat stat;
};

int filter_add_source(struct filter_sources *sources, const char *name, enum entry_type type)
{
	if (type == ENTRY_DIRECTORY || type == ENTRY_OTHER || !matcher_is_source(name)) {
		return 0;
	}
	return namelist_add(&sources->names, name, type, 0);
}

void filter_clear_sources(struct filter_sources *sources)
{
	namelist_clear(&sources->names);
	free(sources->sorted);
	sources->sorted = NULL;
}

void filter_free_sources(struct filter_sources *sources)
{
	filter_clear_sources(sources);
	namelist_free(&sources->names);
}

/** Compares names, or structures that begin with one. */
static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/** Looks for a source. @return NULL with errno: ENOENT, or ENOMEM if that is not known. */
static struct filter_source *find_listed(struct filter_sources *sources, const char *name)
{
	struct filter_source *next = sources->sorted;
	size_t count = sources->names.count;
	struct listed listed;

	if (!next && count > 0) {
		next = sources->sorted = malloc(count * sizeof(*next));
		if (!next) {
			return NULL;
		}
		for (size_t at = 0; namelist_next(&sources->names, &at, &listed);) {
			*next++ = (struct filter_source){ listed.name, listed.type, { 0 } };
		}
		qsort(sources->sorted, count, sizeof(*next), compare_names);
	}
	errno = ENOENT;
	return count == 0 ? NULL
			  : bsearch(&name, sources->sorted, count, sizeof(*next), compare_names);
}

/**
 * Names a possible source.
 *
 * @param suffix An index into matcher_source_suffixes.
 * @return The name, or NULL with errno: ENOENT after the last suffix, or ENAMETOOLONG.
 */
static const char *name_source(struct bytecode *b, struct pyc_part stem, int suffix)
{
	bool in_prefix_tree = b->layout == FILTER_IN_PREFIX_TREE;
	const char *above = b->layout == FILTER_IN_CACHE ? "../" : "";
	const char *before = in_prefix_tree ? b->file->sources : above;
	const char *below = in_prefix_tree ? b->file->below : "";
	const char *end = matcher_source_suffixes[suffix];
	char *name;

	/* Jython's is always .py. */
	if (!end || (suffix > 0 && b->name.kind == PYC_CLASS)) {
		errno = ENOENT;
		return NULL;
	}
	if (strlen(before) + strlen(below) + stem.length + strlen(end) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	name = stpcpy(stpcpy(b->source, before), below);
	memcpy(name, stem.start, stem.length);
	stpcpy(name + stem.length, end);
	return name;
}

bool bytecode_is_of_modules(struct bytecode *b)
{
	const struct filter_rules *rules = b->rules;
	const char *name;

	for (int i = 0; (name = name_source(b, b->stem, i)); i++) {
		if (bsearch(&name, rules->modules, rules->module_count, sizeof(name),
			    compare_names)) {
			return true;
		}
	}
	return false;
}

/**
 * Looks up the source that was named last, as far as the list does not suffice. It must be a
 * regular file, as for importlib.
 *
 * @return 0, or -1 with errno.
 */
static int look_up_source(struct bytecode *b, const char *name, int suffix)
{
	bool stale = b->rules->stale;
	struct filter_sources *beside = b->layout == FILTER_IN_PREFIX_TREE ? NULL : b->file->beside;
	struct filter_source *listed = beside ? find_listed(beside, name) : NULL;

	/* An m.py that is missing from the list may be new; --stale would remove its bytecode. */
	if (beside && !listed && (errno != ENOENT || suffix > 0 || !stale)) {
		return -1;
	}
	/* The files of several interpreters and optimization levels share a source. */
	if (listed && (stale ? listed->stat.st_mode != 0 : listed->type == ENTRY_FILE)) {
		b->source_stat = listed->stat;
		return 0;
	}
	if (fstatat(b->file->dirfd, b->source, &b->source_stat, 0) != 0) {
		return -1;
	}
	if (!S_ISREG(b->source_stat.st_mode)) {
		errno = ENOENT;
		return -1;
	}
	if (listed) {
		listed->stat = b->source_stat;
	}
	return 0;
}

int bytecode_find_source(struct bytecode *b, struct pyc_part stem, int suffix)
{
	int error = 0;

	for (const char *name; (name = name_source(b, stem, suffix)); suffix++) {
		if (look_up_source(b, name, suffix) == 0) {
			return suffix;
		}
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
			error = errno;
		}
	}
	errno = error != 0 ? error : errno;
	return -1;
}

int bytecode_hash_source(const struct bytecode *b, uint64_t *out)
{
	int fd = openat(b->file->dirfd, b->source, READ_FLAGS);
	int result = fd < 0 ? -1 : pyc_hash_source(&b->header, fd, out);

	platform_close(fd);
	return result;
}
