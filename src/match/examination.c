#include "match/examination.h"

#include "matcher.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/** The end of a body that is read first, in bytes. */
	TAIL = 256,
	/** The size of the largest file that is read as a whole. */
	LARGEST = 16 * 1024 * 1024,
};

const char examination_symbolic_link[] = "symbolic link";

enum decision examination_decide(struct examination *e, enum filter_outcome outcome,
				 const char *reason)
{
	e->verdict->outcome = outcome;
	e->verdict->reason = reason;
	return DECIDED;
}

enum decision examination_fail(struct examination *e, const char *what, int error)
{
	e->verdict->error = error;
	return examination_decide(e, FILTER_FAILED, what);
}

/** Decides by errno about a file that could not be opened or looked up. */
static enum decision cannot_read(struct examination *e)
{
	if (errno == ENOENT) {
		/* The deleter ignores a missing file. */
		return examination_decide(e, FILTER_GOES, NULL);
	}
	return errno == ELOOP ? examination_decide(e, FILTER_STAYS, examination_symbolic_link)
			      : examination_fail(e, "cannot read", errno);
}

/** Whether a file is damaged, by all of it; false without the memory for it. */
static bool is_damaged(const struct examination *e, size_t size)
{
	unsigned char *bytes = malloc(size);
	bool damaged = bytes && pread(e->fd, bytes, size, 0) == (ssize_t)size &&
		       pyc_is_damaged(&e->header, bytes, size, size);

	free(bytes);
	return damaged;
}

bool examination_is_damaged(const struct examination *e)
{
	unsigned char tail[TAIL];
	/* Costs a third of fstat(2). */
	off_t size = lseek(e->fd, 0, SEEK_END);
	off_t rest = size - (off_t)e->start_length;
	size_t length = rest < TAIL ? (size_t)rest : TAIL;

	if (size < 0 || pyc_is_foreign(e->name.tag)) {
		return false;
	}
	if (pyc_is_damaged(&e->header, e->start, e->start_length, (uint64_t)size)) {
		return true;
	}
	if (!e->header.code || rest <= 0 || size > LARGEST) {
		return false;
	}
	/* The end of the file makes the rest unnecessary for most files. */
	return !(pread(e->fd, tail, length, size - (off_t)length) == (ssize_t)length &&
		 pyc_ends_in_string(tail, length)) &&
	       is_damaged(e, (size_t)size);
}

enum decision examination_read_header(struct examination *e)
{
	ssize_t length;

	if (e->fd >= 0) {
		return OPEN;
	}
	e->fd = platform_open(e->file->dirfd, e->file->name, EXAMINATION_READ_FLAGS);
	length = e->fd < 0 ? -1 : read(e->fd, e->start, sizeof(e->start));
	if (length < 0) {
		return cannot_read(e);
	}
	e->start_length = (size_t)length;
	e->header_state = pyc_read_header(e->start, e->start_length, &e->header);
	/* A header without any code cannot be imported. */
	if (e->header_state == PYC_HEADER_READ && e->start_length == e->header.length) {
		e->header_state = PYC_HEADER_SHORT;
	}
	return OPEN;
}

enum decision examination_look_up(struct examination *e)
{
	return fstatat(e->file->dirfd, e->file->name, &e->stat, AT_SYMLINK_NOFOLLOW) == 0
		       ? OPEN
		       : cannot_read(e);
}

struct pyc_part examination_stem(const struct examination *e)
{
	return e->layout == FILTER_BESIDE_SOURCE ? e->name.legacy_stem : e->name.stem;
}

const char *examination_name_source(struct examination *e, struct pyc_part stem, int suffix)
{
	const struct filter_file *file = e->file;
	bool in_prefix_tree = e->layout == FILTER_IN_PREFIX_TREE;
	const char *above = e->layout == FILTER_IN_CACHE ? "../" : "";
	const char *before = in_prefix_tree ? file->sources : above;
	const char *below = in_prefix_tree ? file->below : "";
	const char *end = matcher_source_suffixes[suffix];
	char *name;

	/* Jython's is always .py. */
	if (!end || (suffix > 0 && e->name.kind == PYC_CLASS)) {
		errno = ENOENT;
		return NULL;
	}
	if (strlen(before) + strlen(below) + stem.length + strlen(end) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	name = stpcpy(stpcpy(e->source, before), below);
	memcpy(name, stem.start, stem.length);
	stpcpy(name + stem.length, end);
	return name;
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

static int compare_sources(const void *left, const void *right)
{
	const struct filter_source *a = left;
	const struct filter_source *b = right;

	return strcmp(a->name, b->name);
}

/** Looks for a source. @return NULL with errno: ENOENT, or ENOMEM if that is not known. */
static struct filter_source *find_listed(struct filter_sources *sources, const char *name)
{
	const struct filter_source key = { .name = name };
	size_t count = sources->names.count;
	struct filter_source *next = sources->sorted;
	struct listed listed;

	if (!next && count > 0) {
		next = sources->sorted = malloc(count * sizeof(*next));
		if (!next) {
			return NULL;
		}
		for (size_t at = 0; namelist_next(&sources->names, &at, &listed);) {
			*next++ =
				(struct filter_source){ .name = listed.name, .type = listed.type };
		}
		qsort(sources->sorted, count, sizeof(*next), compare_sources);
	}
	errno = ENOENT;
	return count == 0 ? NULL
			  : bsearch(&key, sources->sorted, count, sizeof(key), compare_sources);
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

/**
 * Looks up the source that was named last, as far as the scan's list does not suffice. It must be a
 * regular file, as for importlib.
 *
 * @return 0, or -1 with errno.
 */
static int look_up_source(struct examination *e, const char *name, int suffix)
{
	struct filter_sources *beside = e->layout == FILTER_IN_PREFIX_TREE ? NULL : e->file->beside;
	struct filter_source *listed = beside ? find_listed(beside, name) : NULL;

	/* An m.py that is missing from the list may be new; --stale would remove its bytecode. */
	if (beside && !listed && (errno != ENOENT || suffix > 0 || !e->rules->stale)) {
		return -1;
	}
	if (listed && listed->type == ENTRY_FILE && !e->rules->stale) {
		return 0;
	}
	/* The files of several interpreters and optimization levels share a source. */
	if (listed && listed->stat.st_mode != 0) {
		e->source_stat = listed->stat;
		return 0;
	}
	if (fstatat(e->file->dirfd, e->source, &e->source_stat, 0) != 0) {
		return -1;
	}
	if (!S_ISREG(e->source_stat.st_mode)) {
		errno = ENOENT;
		return -1;
	}
	if (listed) {
		listed->stat = e->source_stat;
	}
	return 0;
}

int examination_find_source(struct examination *e, struct pyc_part stem, int suffix)
{
	int error = 0;

	for (const char *name; (name = examination_name_source(e, stem, suffix)); suffix++) {
		if (look_up_source(e, name, suffix) == 0) {
			return suffix;
		}
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
			error = errno;
		}
	}
	errno = error != 0 ? error : errno;
	return -1;
}

bool examination_next_source(struct examination *e)
{
	e->suffix = examination_find_source(e, examination_stem(e), e->suffix + 1);
	e->source_error = e->suffix >= 0 || errno == ENOENT ? 0 : errno;
	return e->suffix >= 0;
}

bool examination_source_is_missing(struct examination *e)
{
	if (!e->source_known) {
		e->source_known = true;
		e->suffix = examination_find_source(e, examination_stem(e), 0);
		e->source_error = e->suffix >= 0 ? 0 : errno;
	}
	return e->source_error == ENOENT;
}

bool examination_may_be_only_copy(struct examination *e)
{
	return e->layout == FILTER_BESIDE_SOURCE && e->name.temporary.length == 0 &&
	       examination_source_is_missing(e) &&
	       /* It was not moved from the cache to its source: m.cpython-311.pyc beside m.py. */
	       !(pyc_tag_is_interpreter(e->name.tag) &&
		 examination_find_source(e, e->name.stem, 0) >= 0);
}
