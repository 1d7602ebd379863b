#include "match/examination.h"

#include "matcher.h"

#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum {
	/** With so many at its end a file is damaged. */
	ZEROS = 4096,
	FEW_ZEROS = 64,
};

const char examination_symbolic_link[] = "symbolic link";

static enum decision decide(struct examination *e, enum filter_outcome outcome, const char *reason)
{
	e->verdict->outcome = outcome;
	e->verdict->reason = reason;
	return DECIDED;
}

enum decision examination_goes(struct examination *e, const char *reason)
{
	return decide(e, FILTER_GOES, reason);
}

enum decision examination_stays(struct examination *e, const char *reason)
{
	return decide(e, FILTER_STAYS, reason);
}

enum decision examination_fails(struct examination *e, const char *what)
{
	e->verdict->error = errno;
	return decide(e, FILTER_FAILED, what);
}

bool examination_is_gone(void)
{
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
}

/** Whether the last `length` bytes of a file are all NUL, as in one whose blocks were never written. */
static bool ends_in_zeros(int fd, off_t size, size_t length)
{
	unsigned char last[ZEROS];
	off_t start = size - (off_t)length;
	size_t i = length;

	if (pread(fd, last, length, start) != (ssize_t)length) {
		return false;
	}
	while (i > 0 && last[i - 1] == 0) {
		i--;
	}
	return i == 0;
}

/** Whether the body of a file is damaged. Sound ones end in a few zeros. */
static bool is_damaged(const struct examination *e, int fd, const unsigned char *bytes,
		       size_t length)
{
	off_t size = e->stat.st_size;

	if (pyc_is_damaged(&e->header, bytes, length, (uint64_t)size)) {
		return true;
	}
	/* The short look spares most files the long one. */
	return e->header.code_offset > 0 && size >= (off_t)e->header.length + ZEROS &&
	       ends_in_zeros(fd, size, FEW_ZEROS) && ends_in_zeros(fd, size, ZEROS);
}

/** Reads the header. @return 0, or -1 with errno. */
static int read_header(struct examination *e)
{
	unsigned char bytes[PYC_BODY_START];
	int fd = openat(e->file->dirfd, e->file->name, EXAMINATION_READ_FLAGS | O_NOFOLLOW);
	ssize_t length;

	if (fd < 0) {
		return -1;
	}
	length = read(fd, bytes, sizeof(bytes));
	if (length >= 0) {
		e->header_state = pyc_read_header(bytes, (size_t)length, &e->header);
		/* Without a byte of code a file cannot even be imported. */
		if (e->header_state == PYC_HEADER_READ && (size_t)length == e->header.length) {
			e->header_state = PYC_HEADER_SHORT;
		}
		e->header_known = true;
	}
	if (e->header_known && e->rules->stale && e->header_state == PYC_HEADER_READ) {
		e->damaged = fstat(fd, &e->stat) == 0 && is_damaged(e, fd, bytes, (size_t)length);
	}
	platform_close(fd);
	return e->header_known ? 0 : -1;
}

enum decision examination_read_header(struct examination *e)
{
	if (e->header_known || read_header(e) == 0) {
		return OPEN;
	}
	switch (errno) {
	case ENOENT:
		/* What was wanted; the deleter will see. */
		return examination_goes(e, NULL);
	case ELOOP:
		return examination_stays(e, examination_symbolic_link);
	default:
		return examination_fails(e, "cannot read");
	}
}

struct pyc_part examination_stem(const struct examination *e)
{
	return e->layout == FILTER_BESIDE_SOURCE ? e->name.legacy_stem : e->name.stem;
}

bool examination_can_have(const struct examination *e, int suffix)
{
	return matcher_source_suffixes[suffix] && (suffix == 0 || e->name.kind != PYC_CLASS);
}

/**
 * Looks a source up, as seen from the file's directory. importlib takes nothing but a regular file for
 * one.
 *
 * @param from The first of the suffixes to try.
 * @return The suffix that it has, or -1 with errno, which is ENOENT where there is no source.
 */
static int look_up_source(struct examination *e, struct pyc_part stem, int from, struct stat *st)
{
	const struct filter_file *file = e->file;
	bool in_prefix_tree = e->layout == FILTER_IN_PREFIX_TREE;
	const char *before = e->layout == FILTER_IN_CACHE ? "../"
			     : in_prefix_tree             ? file->sources
							  : "";
	int error = ENOENT;

	for (int i = from; examination_can_have(e, i); i++) {
		int length = snprintf(e->source, PATH_MAX, "%s%s%.*s%s", before,
				      in_prefix_tree ? file->below : "", (int)stem.length,
				      stem.start, matcher_source_suffixes[i]);

		if (length < 0 || length >= PATH_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (fstatat(file->dirfd, e->source, st, 0) == 0) {
			if (S_ISREG(st->st_mode)) {
				return i;
			}
		} else if (!examination_is_gone()) {
			error = errno;
		}
	}
	errno = error;
	return -1;
}

/** Looks the source up, once. @return 0, or -1 with errno. */
static int find_source(struct examination *e)
{
	if (!e->source_known) {
		e->source_known = true;
		e->suffix = look_up_source(e, examination_stem(e), 0, &e->source_stat);
		e->source_error = e->suffix >= 0 ? 0 : errno;
	}
	errno = e->source_error;
	return e->source_error == 0 ? 0 : -1;
}

bool examination_next_source(struct examination *e)
{
	e->suffix = look_up_source(e, examination_stem(e), e->suffix + 1, &e->source_stat);
	e->source_error = e->suffix >= 0 || errno == ENOENT ? 0 : errno;
	return e->suffix >= 0;
}

/** @return What is known of a source beside the file without asking the file system. */
static enum sources_answer find_beside(const struct examination *e, struct pyc_part stem)
{
	bool known =
		e->file->beside && e->layout == FILTER_BESIDE_SOURCE && e->name.kind != PYC_CLASS;

	return known ? sources_find(e->file->beside, stem.start, stem.length) : SOURCES_UNKNOWN;
}

bool examination_source_is_missing(struct examination *e)
{
	/* To compare it takes the file system in any case. */
	enum sources_answer answer =
		e->rules->stale ? SOURCES_UNKNOWN : find_beside(e, examination_stem(e));

	if (answer != SOURCES_UNKNOWN) {
		return answer == SOURCES_NONE;
	}
	return find_source(e) != 0 && examination_is_gone();
}

/** Whether a file was moved out of the cache beside its source: m.cpython-311.pyc, beside m.py. */
static bool is_of_source_by_tag(struct examination *e)
{
	struct stat st;

	if (!pyc_tag_is_interpreter(e->name.tag)) {
		return false;
	}
	switch (find_beside(e, e->name.stem)) {
	case SOURCES_NONE:
		return false;
	case SOURCES_FILE:
		return true;
	case SOURCES_UNKNOWN:
		break;
	}
	return look_up_source(e, e->name.stem, 0, &st) >= 0;
}

bool examination_may_be_only_copy(struct examination *e)
{
	return e->layout == FILTER_BESIDE_SOURCE && e->name.temporary.length == 0 &&
	       examination_source_is_missing(e) && !is_of_source_by_tag(e);
}
