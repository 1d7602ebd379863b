#include "selection.h"

#include "bytecode.h"
#include "siphash.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	/** How much of a source is read at once, in bytes. */
	CHUNK = 16 * 1024,
	/** For how long a file with an unfinished name is being written, in seconds. */
	WRITING = 60,
	/** Whatever another process puts in a file's place: it is not waited for. */
	READ_FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
};

const char selection_no_source[] = "no source beside it";

static const char symbolic_link[] = "symbolic link";
static const char another_interpreter[] = "of another interpreter";

/** A file in hand, and what is known of it. */
struct examination {
	const struct selection_rules *rules;
	const struct selection_file *file;
	struct selection_verdict *verdict;
	/** As the file's, but that what has no tag in its name is no cache. */
	enum selection_layout layout;
	struct bytecode_name name;
	/** Its header, once it was read. */
	bool header_known;
	enum bytecode_header_state header_state;
	struct bytecode_header header;
	/**
	 * PATH_MAX bytes for the path of its source, and what came of looking it up, once that was
	 * done: an errno, or 0 and what it is.
	 */
	char *source;
	bool source_known;
	int source_error;
	struct stat source_stat;
};

/** Whether the verdict stands. */
enum decision {
	OPEN,
	DECIDED,
};

static enum decision decide(struct examination *e, enum selection_outcome outcome,
			    const char *reason)
{
	e->verdict->outcome = outcome;
	e->verdict->reason = reason;
	return DECIDED;
}

static enum decision goes(struct examination *e, const char *reason)
{
	return decide(e, SELECTION_GOES, reason);
}

static enum decision stays(struct examination *e, const char *reason)
{
	return decide(e, SELECTION_STAYS, reason);
}

/** @param what What could not be done, errno telling why. */
static enum decision fails(struct examination *e, const char *what)
{
	e->verdict->error = errno;
	return decide(e, SELECTION_FAILED, what);
}

/** Whether errno says that there is no such file. */
static bool is_gone(void)
{
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
}

/** Reads the header. @return 0, or -1 with errno. */
static int read_header(struct examination *e)
{
	/* And a byte of the code, without which a file cannot even be imported. */
	unsigned char bytes[BYTECODE_HEADER_SIZE + 1];
	int fd = openat(e->file->dirfd, e->file->name, READ_FLAGS | O_NOFOLLOW);
	ssize_t length;
	int error;

	if (fd < 0) {
		return -1;
	}
	length = read(fd, bytes, sizeof(bytes));
	error = errno;
	close(fd);
	if (length < 0) {
		errno = error;
		return -1;
	}
	e->header_state = bytecode_read_header(bytes, (size_t)length, &e->header);
	if (e->header_state == BYTECODE_HEADER_READ && (size_t)length == e->header.length) {
		e->header_state = BYTECODE_HEADER_SHORT;
	}
	e->header_known = true;
	return 0;
}

/** Reads the header unless that was done. What cannot be read settles the matter. */
static enum decision need_header(struct examination *e)
{
	if (e->header_known || read_header(e) == 0) {
		return OPEN;
	}
	switch (errno) {
	case ENOENT:
		/* What was wanted; the deleter will see. */
		return goes(e, NULL);
	case ELOOP:
		return stays(e, symbolic_link);
	default:
		return fails(e, "cannot read");
	}
}

/** @return Which of the tags it belongs to, or NULL. */
static const char *find_among(struct bytecode_part tag, const struct selection_tags *tags)
{
	for (size_t i = 0; i < tags->count; i++) {
		if (bytecode_tag_belongs(tag, tags->all[i])) {
			return tags->all[i];
		}
	}
	return NULL;
}

/**
 * Finds out whose bytecode it is: by its name, or by its magic number where the name does not tell,
 * as that of a file beside its source.
 */
static enum decision find_tag(struct examination *e, struct bytecode_part *tag)
{
	*tag = e->name.tag;
	if (tag->length > 0 &&
	    (e->layout != SELECTION_BESIDE_SOURCE || bytecode_tag_is_interpreter(*tag))) {
		return OPEN;
	}
	*tag = (struct bytecode_part){ 0 };
	if (e->file->type == ENTRY_LINK || e->name.kind == BYTECODE_CLASS) {
		return OPEN;
	}
	if (need_header(e) == DECIDED) {
		return DECIDED;
	}
	if (e->header.tag) {
		tag->start = e->header.tag;
		tag->length = strlen(e->header.tag);
	}
	return OPEN;
}

static enum decision judge_interpreter(struct examination *e)
{
	const struct selection_rules *rules = e->rules;
	struct bytecode_part tag;
	const char *only;
	const char *except;

	if (rules->only.count == 0 && rules->except.count == 0) {
		return OPEN;
	}
	if (find_tag(e, &tag) == DECIDED) {
		return DECIDED;
	}
	if (tag.length == 0) {
		return stays(e, "its interpreter is not known");
	}
	only = find_among(tag, &rules->only);
	except = find_among(tag, &rules->except);
	if (except) {
		return stays(e, except);
	}
	if (rules->only.count > 0 && !only) {
		return stays(e, another_interpreter);
	}
	e->verdict->reason = only ? only : another_interpreter;
	return OPEN;
}

/** @return What its source's name has before the ".py". */
static struct bytecode_part stem_of(const struct examination *e)
{
	return e->layout == SELECTION_BESIDE_SOURCE ? e->name.legacy_stem : e->name.stem;
}

/** Looks a source up, as seen from the file's directory. @return 0, or -1 with errno. */
static int look_up_source(struct examination *e, struct bytecode_part stem, struct stat *st)
{
	const struct selection_file *file = e->file;
	const char *before = "";
	const char *below = "";
	int length;

	if (e->layout == SELECTION_IN_CACHE) {
		before = "../";
	} else if (e->layout == SELECTION_IN_PREFIX_TREE) {
		before = file->sources;
		below = file->below;
	}
	length = snprintf(e->source, PATH_MAX, "%s%s%.*s.py", before, below, (int)stem.length,
			  stem.start);
	if (length < 0 || length >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return fstatat(file->dirfd, e->source, st, 0);
}

/** Looks the source up, once. @return 0, or -1 with errno. */
static int find_source(struct examination *e)
{
	if (!e->source_known) {
		e->source_known = true;
		e->source_error = look_up_source(e, stem_of(e), &e->source_stat) == 0 ? 0 : errno;
	}
	errno = e->source_error;
	return e->source_error == 0 ? 0 : -1;
}

/** @return What is known of a source beside the file without asking the file system. */
static enum sources_answer find_beside(const struct examination *e, struct bytecode_part stem)
{
	bool known = e->file->beside && e->layout == SELECTION_BESIDE_SOURCE;

	return known ? sources_find(e->file->beside, stem.start, stem.length) : SOURCES_UNKNOWN;
}

/** Whether there is no source. importlib takes nothing but a regular file for one. */
static bool is_missing(struct examination *e)
{
	/* To compare it takes the file system in any case. */
	enum sources_answer answer = e->rules->stale ? SOURCES_UNKNOWN : find_beside(e, stem_of(e));

	if (answer != SOURCES_UNKNOWN) {
		return answer == SOURCES_NONE;
	}
	return find_source(e) == 0 ? !S_ISREG(e->source_stat.st_mode) : is_gone();
}

/** Whether a file was moved out of the cache beside its source: m.cpython-311.pyc, beside m.py. */
static bool is_of_source_by_tag(struct examination *e)
{
	struct stat st;

	if (!bytecode_tag_is_interpreter(e->name.tag)) {
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
	return look_up_source(e, e->name.stem, &st) == 0 && S_ISREG(st.st_mode);
}

/** Whether it may be the only copy of its module. An interrupted write is nobody's. */
static bool may_be_only_copy(struct examination *e)
{
	return e->layout == SELECTION_BESIDE_SOURCE && e->name.temporary.length == 0 &&
	       is_missing(e) && !is_of_source_by_tag(e);
}

/** Whether it stays where there is no source beside it. */
static bool needs_source(const struct examination *e)
{
	bool asked =
		e->rules->keep_sourceless || (e->name.kind == BYTECODE_CLASS && !e->rules->stale);

	return asked && e->layout == SELECTION_BESIDE_SOURCE && e->name.temporary.length == 0;
}

/** Judges a file that Python renames when it is complete; without it, Python's write fails. */
static enum decision judge_temporary(struct examination *e)
{
	struct timespec now;
	struct stat st;
	time_t age;

	if (fstatat(e->file->dirfd, e->file->name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return is_gone() ? goes(e, NULL) : fails(e, "cannot read");
	}
	clock_gettime(CLOCK_REALTIME, &now);
	age = now.tv_sec - st.st_mtim.tv_sec;
	return age >= 0 && age <= WRITING ? stays(e, "being written")
					  : goes(e, "interrupted write");
}

/** Judges bytecode by whether it has a source. */
static enum decision judge_source(struct examination *e)
{
	if (e->rules->stale && e->name.temporary.length > 0) {
		return judge_temporary(e);
	}
	if (!e->rules->stale && !needs_source(e)) {
		return OPEN;
	}
	if (!is_missing(e)) {
		return e->source_error == 0 ? OPEN : fails(e, "cannot find the source of");
	}
	if (needs_source(e) && may_be_only_copy(e)) {
		return stays(e, selection_no_source);
	}
	/* It may be of a PYTHONPYCACHEPREFIX that nobody has told of. */
	if (e->rules->stale && e->layout == SELECTION_BESIDE_SOURCE &&
	    bytecode_tag_is_interpreter(e->name.tag)) {
		return stays(e, "where its source is cannot be told");
	}
	return e->rules->stale ? goes(e, "source is gone") : OPEN;
}

/** Hashes the source as PEP 552 has it. @return 0, or -1 with errno. */
static int hash_source(const struct examination *e, uint64_t *out)
{
	unsigned char chunk[CHUNK];
	int fd = openat(e->file->dirfd, e->source, READ_FLAGS);
	struct siphash hash;
	ssize_t length;
	int error;

	if (fd < 0) {
		return -1;
	}
	bytecode_hash_start(&e->header, &hash);
	while ((length = read(fd, chunk, sizeof(chunk))) > 0) {
		siphash_add(&hash, chunk, (size_t)length);
	}
	error = errno;
	close(fd);
	errno = error;
	*out = siphash_finish(&hash);
	return length == 0 ? 0 : -1;
}

/** @return The source's time as importlib has it: int() of a float, which may round up. */
static uint32_t source_time(const struct examination *e)
{
	const struct timespec *time = &e->source_stat.st_mtim;
	double seconds = (double)time->tv_sec + 1e-9 * (double)time->tv_nsec;

	return (uint32_t)(int64_t)seconds;
}

/** Compares the header with the source, as importlib does. */
static enum decision compare(struct examination *e)
{
	const struct bytecode_header *header = &e->header;
	bool same = header->mtime == source_time(e);
	uint64_t hash;

	switch (header->check) {
	case BYTECODE_UNCHECKED:
		return stays(e, "unchecked, and its source exists");
	case BYTECODE_BY_HASH:
		if (hash_source(e, &hash) != 0) {
			return fails(e, "cannot read the source of");
		}
		same = header->hash == hash;
		break;
	case BYTECODE_BY_TIME_AND_SIZE:
		same = same && header->size == (uint32_t)e->source_stat.st_size;
		break;
	case BYTECODE_BY_TIME:
		/* Before importlib: what was written in C did not round, py_compile did. */
		same = same || header->mtime == (uint32_t)e->source_stat.st_mtim.tv_sec;
		break;
	}
	return same ? stays(e, "matches its source") : goes(e, "source has changed");
}

/** Judges bytecode whose source is there. */
static enum decision judge_header(struct examination *e)
{
	if (!e->rules->stale) {
		return OPEN;
	}
	if (e->name.kind == BYTECODE_CLASS) {
		return stays(e, "does not tell its source's time");
	}
	if (e->file->type == ENTRY_LINK) {
		return stays(e, symbolic_link);
	}
	if (need_header(e) == DECIDED) {
		return DECIDED;
	}
	/* Beside a source names have no tags. */
	if (e->layout != SELECTION_BESIDE_SOURCE &&
	    !bytecode_tags_agree(e->name.tag, e->header.tag)) {
		return goes(e, "not of the interpreter in its name");
	}
	switch (e->header_state) {
	case BYTECODE_HEADER_SHORT:
		return goes(e, "too short");
	case BYTECODE_HEADER_NONE:
		return goes(e, "no bytecode header");
	case BYTECODE_HEADER_UNKNOWN:
		return stays(e, "its format is not known");
	case BYTECODE_HEADER_READ:
		break;
	}
	return compare(e);
}

/** Compares a stem, with ".py" after it, with the name of a source, as strcmp(3) would. */
static int compare_source(const void *key, const void *module)
{
	const struct bytecode_part *stem = key;
	const char *source = *(const char *const *)module;
	int order = strncmp(stem->start, source, stem->length);

	return order != 0 ? order : strcmp(".py", source + stem->length);
}

static bool is_of_modules(const struct examination *e)
{
	const struct selection_rules *rules = e->rules;
	struct bytecode_part stem = stem_of(e);

	return !rules->modules || bsearch(&stem, rules->modules, rules->module_count,
					  sizeof(*rules->modules), compare_source);
}

bool selection_is_partial(const struct selection_rules *rules)
{
	return rules->modules || rules->only.count > 0 || rules->except.count > 0 || rules->stale ||
	       rules->keep_sourceless;
}

void selection_judge(const struct selection_rules *rules, const struct selection_file *file,
		     struct selection_verdict *out)
{
	char source[PATH_MAX];
	struct examination e = { .rules = rules, .file = file, .verdict = out, .source = source };

	*out = (struct selection_verdict){ .outcome = SELECTION_GOES };
	if (!selection_is_partial(rules) && file->layout == SELECTION_IN_CACHE) {
		return;
	}
	if (!bytecode_split(file->name, &e.name)) {
		if (selection_is_partial(rules)) {
			stays(&e, "not bytecode");
		}
		return;
	}
	/* Python puts nothing without a tag there: it was put there for another reason. */
	e.layout =
		file->layout == SELECTION_IN_PREFIX_TREE && !bytecode_tag_is_interpreter(e.name.tag)
			? SELECTION_BESIDE_SOURCE
			: file->layout;
	if (!is_of_modules(&e)) {
		stays(&e, NULL);
	} else if (judge_interpreter(&e) == OPEN && judge_source(&e) == OPEN) {
		judge_header(&e);
	}
	if (out->outcome == SELECTION_GOES && may_be_only_copy(&e)) {
		out->reason = selection_no_source;
	}
}
