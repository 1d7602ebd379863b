#include "match/staleness.h"

#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	/** O_NONBLOCK: another process may replace a file by a FIFO. */
	READ_FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	/** The end of a body that is read first, in bytes. */
	TAIL = 256,
	/** A file counts as being written for this many seconds after a change. */
	WRITING = 60,
	/** The size of the largest file that is read as a whole. */
	LARGEST = 16 * 1024 * 1024,
};

const char staleness_being_written[] = "being written";

static const char source_is_newer[] = "source is newer";

bool staleness_is_being_written(const struct stat *st)
{
	struct timespec now;
	time_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = now.tv_sec - platform_mtime(st).tv_sec;
	return age >= 0 && age <= WRITING;
}

int staleness_open(struct bytecode *b)
{
	ssize_t length;

	if (b->fd >= 0) {
		return 0;
	}
	b->fd = openat(b->file->dirfd, b->file->name, READ_FLAGS | O_NOFOLLOW);
	length = b->fd < 0 ? -1 : read(b->fd, b->start, sizeof(b->start));
	if (length < 0) {
		return -1;
	}
	pyc_read_header(b->start, (size_t)length, &b->header);
	return 0;
}

struct filter_verdict staleness_cannot_read(void)
{
	/* The deleter ignores a missing file. */
	return errno == ENOENT ? goes(NULL) : fails("cannot read");
}

/** Whether the body of a file with a valid header is known to be damaged. */
static bool is_damaged(const struct bytecode *b)
{
	unsigned char tail[TAIL];
	/* Costs a third of fstat(2). */
	off_t size = lseek(b->fd, 0, SEEK_END);
	ssize_t length = pread(b->fd, tail, TAIL, size > TAIL ? size - TAIL : 0);
	unsigned char *all;
	bool damaged;

	/* The ends of the file make the rest unnecessary for most files. */
	if (size < 0 || size > LARGEST || length < 0 || pyc_tag_is_foreign(b->name.tag) ||
	    pyc_seems_whole(&b->header, (uint64_t)size, b->start, tail, (size_t)length)) {
		return false;
	}
	all = malloc((size_t)size);
	damaged = all && pread(b->fd, all, (size_t)size, 0) == (ssize_t)size &&
		  pyc_is_damaged(&b->header, all, (size_t)size);
	free(all);
	return damaged;
}

static bool is_later(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

/** Whether the source was changed after a time, and not in the future. */
static bool is_source_newer(const struct bytecode *b, struct timespec time)
{
	struct timespec source = platform_mtime(&b->source_stat);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return is_later(source, time) && !is_later(source, now);
}

/**
 * Whether the source was changed after its bytecode within the same second. Python compares whole
 * seconds, and so runs the old code. False across file systems, whose times may differ in
 * precision.
 */
static bool is_newer_within_second(const struct bytecode *b)
{
	struct timespec source = platform_mtime(&b->source_stat);
	struct stat st;

	/* Most package managers set times in whole seconds. */
	return source.tv_nsec != 0 && fstat(b->fd, &st) == 0 &&
	       source.tv_sec == platform_mtime(&st).tv_sec && b->source_stat.st_dev == st.st_dev &&
	       is_source_newer(b, platform_mtime(&st));
}

/**
 * Whether a header has the time of the source. importlib takes int() of a float, which may round
 * up; before it, C code truncated the time.
 */
static bool has_time_of_source(const struct bytecode *b)
{
	struct timespec time = platform_mtime(&b->source_stat);
	double seconds = (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;

	return b->header.mtime == (uint32_t)time.tv_sec ||
	       b->header.mtime == (uint32_t)(int64_t)seconds;
}

/** Hashes the source. @return 0, or -1 with errno. */
static int hash_source(const struct bytecode *b, uint64_t *out)
{
	int fd = openat(b->file->dirfd, b->source, READ_FLAGS);
	int result = fd < 0 ? -1 : pyc_hash_source(&b->header, fd, out);

	platform_close(fd);
	return result;
}

/** Compares the header with the source, as importlib does. */
static struct filter_verdict compare(const struct bytecode *b)
{
	const struct pyc_header *header = &b->header;
	bool same = has_time_of_source(b);
	uint64_t hash;

	if (header->check == PYC_BY_TIME_AND_SIZE) {
		same = same && header->size == (uint32_t)b->source_stat.st_size;
	} else if (header->check == PYC_BY_HASH) {
		if (hash_source(b, &hash) != 0) {
			return fails("cannot read the source of");
		}
		same = header->hash == hash;
	}
	if (!same && header->check != PYC_UNCHECKED) {
		return goes("source has changed");
	}
	if (is_damaged(b)) {
		return goes("damaged");
	}
	if (header->check == PYC_UNCHECKED) {
		return stays("unchecked, and its source exists");
	}
	return header->check != PYC_BY_HASH && is_newer_within_second(b)
		       ? goes(source_is_newer)
		       : stays("matches its source");
}

/** Judges a temporary file, or one of Jython, which has no header, by its time. */
static struct filter_verdict judge_time(const struct bytecode *b)
{
	struct stat st;

	if (fstatat(b->file->dirfd, b->file->name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return staleness_cannot_read();
	}
	/* If a file is removed that Python is still writing, the write fails. */
	if (b->name.temporary) {
		return staleness_is_being_written(&st) ? stays(staleness_being_written)
						       : goes("interrupted write");
	}
	return is_source_newer(b, platform_mtime(&st)) ? goes(source_is_newer)
						       : stays("not older than its source");
}

struct filter_verdict staleness_judge(struct bytecode *b)
{
	struct pyc_part *tag = &b->name.tag;
	bool is_known;

	if (b->file->type == ENTRY_LINK) {
		return stays("symbolic link");
	}
	if (b->name.temporary || b->name.is_class) {
		return judge_time(b);
	}
	/* Names of legacy files have no tag. */
	if (b->legacy) {
		tag->length = 0;
	}
	if (staleness_open(b) != 0) {
		return staleness_cannot_read();
	}
	if (!pyc_tags_agree(*tag, b->header.tag)) {
		return goes("not of the interpreter in its name");
	}
	if (b->header.check == PYC_SHORT) {
		return goes("too short");
	}
	if (b->header.check == PYC_NO_HEADER && !pyc_tag_is_foreign(*tag)) {
		return goes("no bytecode header");
	}
	is_known = b->header.check >= PYC_BY_TIME;
	/* A magic number without a tag is not one of CPython's. */
	if ((!is_known || b->header.tag[0] == '\0') && pyc_tag_is_known_cpython(*tag)) {
		return goes("its header is not valid");
	}
	return is_known ? compare(b) : stays("its format is not known");
}
