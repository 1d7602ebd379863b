#include "match/examination.h"

#include "platform.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char source_is_gone[] = "source is gone";
static const char source_is_newer[] = "source is newer";
static const char damaged[] = "damaged";

static enum decision go_if(struct examination *e, bool goes, const char *reason,
			   const char *reason_to_stay)
{
	return goes ? examination_decide(e, FILTER_GOES, reason)
		    : examination_decide(e, FILTER_STAYS, reason_to_stay);
}

static enum decision cannot_find_source(struct examination *e)
{
	return examination_fail(e, "cannot find the source of", e->source_error);
}

/** Whether a file is kept if it has no source beside it. */
static bool needs_source(const struct examination *e)
{
	bool asked = e->rules->keep_sourceless || (e->name.kind == PYC_CLASS && !e->rules->stale);

	return asked && e->layout == FILTER_BESIDE_SOURCE && e->name.temporary.length == 0;
}

/** Judges a temporary file. Removing one that Python is still writing would make the write fail. */
static enum decision judge_temporary(struct examination *e)
{
	if (examination_look_up(e) == DECIDED) {
		return DECIDED;
	}
	return go_if(e, !filter_is_being_written(&e->stat), "interrupted write",
		     filter_being_written);
}

/**
 * Whether a file without a source beside it may belong to a cache-prefix tree: a tree that the user
 * has not named, or a file of an unknown implementation.
 */
static bool may_be_of_prefix_tree(const struct examination *e)
{
	return e->layout == FILTER_BESIDE_SOURCE &&
	       (pyc_tag_is_interpreter(e->name.tag) ||
		(e->file->layout == FILTER_IN_PREFIX_TREE && e->name.tag.length > 0));
}

/** Judges a file by whether it has a source. */
static enum decision judge_source(struct examination *e)
{
	if (e->rules->stale && e->name.temporary.length > 0) {
		return judge_temporary(e);
	}
	if (!e->rules->stale && !needs_source(e)) {
		return OPEN;
	}
	if (!examination_source_is_missing(e)) {
		return e->source_error == 0 ? OPEN : cannot_find_source(e);
	}
	if (needs_source(e) && examination_may_be_only_copy(e)) {
		return examination_decide(e, FILTER_STAYS, filter_no_source);
	}
	if (e->rules->stale && may_be_of_prefix_tree(e)) {
		return examination_decide(e, FILTER_STAYS, "cannot tell where its source is");
	}
	return e->rules->stale ? examination_decide(e, FILTER_GOES, source_is_gone) : OPEN;
}

/** Hashes the source. @return 0, or -1 with errno. */
static int hash_source(const struct examination *e, uint64_t *out)
{
	int fd = openat(e->file->dirfd, e->source, EXAMINATION_READ_FLAGS);
	int result = fd < 0 ? -1 : pyc_hash_source(&e->header, fd, out);

	platform_close(fd);
	return result;
}

/** @return The source's time as importlib computes it: int() of a float, which may round up. */
static uint32_t source_time(const struct examination *e)
{
	struct timespec time = platform_mtime(&e->source_stat);
	double seconds = (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;

	return (uint32_t)(int64_t)seconds;
}

static bool is_later(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

static bool is_in_future(struct timespec time)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return is_later(time, now);
}

/**
 * Whether the source was changed after its bytecode within the same second. Python compares whole
 * seconds, and so runs the old code. False across file systems, whose times may differ in
 * precision.
 */
static bool is_newer_within_second(const struct examination *e)
{
	struct timespec source = platform_mtime(&e->source_stat);
	struct timespec bytecode;
	struct stat st;

	/* Most package managers set times in whole seconds. */
	if (source.tv_nsec == 0 || fstat(e->fd, &st) != 0) {
		return false;
	}
	bytecode = platform_mtime(&st);
	return source.tv_sec == bytecode.tv_sec && is_later(source, bytecode) &&
	       e->source_stat.st_dev == st.st_dev && !is_in_future(source);
}

/** Compares the header with the source, as importlib does. */
static enum decision compare(struct examination *e)
{
	const struct pyc_header *header = &e->header;
	bool same = header->mtime == source_time(e);
	uint64_t hash;

	switch (header->check) {
	case PYC_UNCHECKED:
		return go_if(e, examination_is_damaged(e), damaged,
			     "unchecked, and its source exists");
	case PYC_BY_HASH:
		if (hash_source(e, &hash) != 0) {
			return examination_fail(e, "cannot read the source of", errno);
		}
		same = header->hash == hash;
		break;
	case PYC_BY_TIME_AND_SIZE:
		same = same && header->size == (uint32_t)e->source_stat.st_size;
		break;
	case PYC_BY_TIME:
		/* Before importlib, C code truncated the time and py_compile rounded it. */
		same = same || header->mtime == (uint32_t)platform_mtime(&e->source_stat).tv_sec;
		break;
	}
	if (!same) {
		return examination_decide(e, FILTER_GOES, "source has changed");
	}
	if (examination_is_damaged(e)) {
		return examination_decide(e, FILTER_GOES, damaged);
	}
	return go_if(e, header->check != PYC_BY_HASH && is_newer_within_second(e), source_is_newer,
		     "matches its source");
}

/** Judges a Jython file, which has no header, by its time. */
static enum decision judge_class(struct examination *e)
{
	struct timespec source = platform_mtime(&e->source_stat);

	if (examination_look_up(e) == DECIDED) {
		return DECIDED;
	}
	return go_if(e, is_later(source, platform_mtime(&e->stat)) && !is_in_future(source),
		     source_is_newer, "not older than its source");
}

/** Compares a file with each source of its stem; it is kept if it matches one. */
static enum decision compare_with_each(struct examination *e)
{
	do {
		compare(e);
	} while (e->verdict->outcome == FILTER_GOES && examination_next_source(e));
	return e->source_error == 0 ? DECIDED : cannot_find_source(e);
}

/** Judges a file whose source exists. */
static enum decision judge_header(struct examination *e)
{
	static const char unknown_format[] = "its format is not known";
	static const char impossible[] = "its header is not valid";
	struct pyc_part *tag = &e->name.tag;

	/* Names beside a source have no tag. */
	if (e->layout == FILTER_BESIDE_SOURCE) {
		*tag = (struct pyc_part){ 0 };
	}
	if (e->file->type == ENTRY_LINK) {
		return examination_decide(e, FILTER_STAYS, examination_symbolic_link);
	}
	if (e->name.kind == PYC_CLASS) {
		return judge_class(e);
	}
	if (examination_read_header(e) == DECIDED) {
		return DECIDED;
	}
	if (!pyc_tags_agree(*tag, e->header.tag)) {
		return examination_decide(e, FILTER_GOES, "not of the interpreter in its name");
	}
	switch (e->header_state) {
	case PYC_HEADER_SHORT:
		return examination_decide(e, FILTER_GOES, "too short");
	case PYC_HEADER_NONE:
		return go_if(e, !pyc_is_foreign(*tag), "no bytecode header", unknown_format);
	case PYC_HEADER_UNKNOWN:
		return go_if(e, pyc_is_known_cpython(*tag), impossible, unknown_format);
	case PYC_HEADER_READ:
		break;
	}
	/* The magic number is not one of CPython's. */
	if (e->header.tag[0] == '\0' && pyc_is_known_cpython(*tag)) {
		return examination_decide(e, FILTER_GOES, impossible);
	}
	return compare_with_each(e);
}

void staleness_judge(struct examination *e)
{
	if (judge_source(e) == OPEN && e->rules->stale) {
		judge_header(e);
	}
}

/** Whether a source exists or may exist, with the stem between two pointers. */
static bool may_have_source(struct examination *e, const char *start, const char *end)
{
	struct pyc_part stem = { start, (size_t)(end - start) };

	if (start == end) {
		return false;
	}
	e->source_error = examination_find_source(e, stem, 0) >= 0 ? 0 : errno;
	return e->source_error != ENOENT;
}

/*
 * Module and function names may contain dots, and a kind and '-' may precede the module, so each
 * possible module is looked up.
 */
void staleness_judge_numba(struct examination *e)
{
	const char *name = e->file->name;
	const char *dash = strchr(name, '-');

	e->layout = FILTER_IN_CACHE;
	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
		if (may_have_source(e, name, dot) ||
		    (dash && dash < dot && may_have_source(e, dash + 1, dot))) {
			if (e->source_error == 0) {
				examination_decide(e, FILTER_STAYS, "its source exists");
			} else {
				cannot_find_source(e);
			}
			return;
		}
	}
	examination_decide(e, FILTER_GOES, source_is_gone);
}
