#include "match/bytecode.h"

#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

static const char source_is_gone[] = "source is gone";
static const char source_is_newer[] = "source is newer";

static struct filter_verdict go_if(bool condition, const char *reason, const char *reason_to_stay)
{
	return condition ? goes(reason) : stays(reason_to_stay);
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

/** Compares the header with the source, as importlib does. */
static struct filter_verdict compare(const struct bytecode *b)
{
	const struct pyc_header *header = &b->header;
	bool same = has_time_of_source(b);
	uint64_t hash;

	if (header->check == PYC_BY_TIME_AND_SIZE) {
		same = same && header->size == (uint32_t)b->source_stat.st_size;
	} else if (header->check == PYC_BY_HASH) {
		if (bytecode_hash_source(b, &hash) != 0) {
			return fails("cannot read the source of");
		}
		same = header->hash == hash;
	}
	if (!same && header->check != PYC_UNCHECKED) {
		return goes("source has changed");
	}
	if (bytecode_is_damaged(b)) {
		return goes("damaged");
	}
	if (header->check == PYC_UNCHECKED) {
		return stays("unchecked, and its source exists");
	}
	return go_if(header->check != PYC_BY_HASH && is_newer_within_second(b), source_is_newer,
		     "matches its source");
}

/** Compares a file with each source of its stem; it is kept if it matches one. */
static struct filter_verdict compare_with_each(struct bytecode *b, int suffix)
{
	struct filter_verdict verdict;

	do {
		verdict = compare(b);
		if (!verdict.goes) {
			return verdict;
		}
		suffix = bytecode_find_source(b, b->stem, suffix + 1);
	} while (suffix >= 0);
	return errno == ENOENT ? verdict : fails(bytecode_cannot_find_source);
}

/** Judges a file by its header, and if that is valid by its sources. */
static struct filter_verdict judge_header(struct bytecode *b, int suffix)
{
	struct pyc_part tag = b->name.tag;

	if (bytecode_open(b) != 0) {
		return bytecode_cannot_read();
	}
	if (!pyc_tags_agree(tag, b->header.tag)) {
		return goes("not of the interpreter in its name");
	}
	if (b->state == PYC_HEADER_SHORT) {
		return goes("too short");
	}
	if (b->state == PYC_HEADER_NONE && !pyc_is_foreign(tag)) {
		return goes("no bytecode header");
	}
	/* A magic number without a tag is not one of CPython's. */
	if ((b->state != PYC_HEADER_READ || b->header.tag[0] == '\0') &&
	    pyc_is_known_cpython(tag)) {
		return goes("its header is not valid");
	}
	return b->state == PYC_HEADER_READ ? compare_with_each(b, suffix)
					   : stays("its format is not known");
}

/** Judges a temporary file, or one of Jython, which has no header, by its time. */
static struct filter_verdict judge_time(const struct bytecode *b)
{
	struct stat st;

	if (fstatat(b->file->dirfd, b->file->name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return bytecode_cannot_read();
	}
	/* If a file is removed that Python is still writing, the write fails. */
	if (b->name.temporary.length > 0) {
		return go_if(!filter_is_being_written(&st), "interrupted write",
			     filter_being_written);
	}
	return go_if(is_source_newer(b, platform_mtime(&st)), source_is_newer,
		     "not older than its source");
}

struct filter_verdict staleness_judge(struct bytecode *b, int suffix)
{
	bool beside = b->layout == FILTER_BESIDE_SOURCE;

	if (b->name.temporary.length > 0) {
		return judge_time(b);
	}
	if (suffix < 0) {
		/* It may be of a prefix tree that the user has not named. */
		return go_if(!beside || b->name.tag.length == 0, source_is_gone,
			     "cannot tell where its source is");
	}
	if (b->file->type == ENTRY_LINK) {
		return stays("symbolic link");
	}
	if (b->name.kind == PYC_CLASS) {
		return judge_time(b);
	}
	/* Names beside a source have no tag. */
	if (beside) {
		b->name.tag.length = 0;
	}
	return judge_header(b, suffix);
}

/*
 * Module and function names may contain dots, and a kind and '-' may precede the module, so each
 * possible module is looked up.
 */
struct filter_verdict staleness_judge_numba(struct bytecode *b)
{
	const char *name = b->file->name;
	const char *dash = strchr(name, '-');
	const char *const starts[] = { name, dash ? dash + 1 : name };

	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
		for (int i = 0; i < 2; i++) {
			const struct pyc_part stem = { starts[i], (size_t)(dot - starts[i]) };

			if (dot > starts[i] && bytecode_find_source(b, stem, 0) >= 0) {
				return stays("its source exists");
			}
			if (dot > starts[i] && errno != ENOENT) {
				return fails(bytecode_cannot_find_source);
			}
		}
	}
	return goes(source_is_gone);
}
