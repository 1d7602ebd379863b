#include "filter.h"

#include "match/bytecode.h"
#include "platform.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	/** A file counts as being written for this many seconds after a change. */
	WRITING = 60,
};

const char filter_auto[] = "auto";
const char filter_no_source[] = "no source beside it";
const char filter_being_written[] = "being written";

static const char jython[] = "jython";
static const char another_interpreter[] = "of another interpreter";

bool filter_is_being_written(const struct stat *st)
{
	struct timespec now;
	time_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = now.tv_sec - platform_mtime(st).tv_sec;
	return age >= 0 && age <= WRITING;
}

bool filter_has_auto(const struct filter_tags *tags)
{
	for (size_t i = 0; i < tags->count; i++) {
		if (tags->all[i] == filter_auto) {
			return true;
		}
	}
	return false;
}

/**
 * @param any_version Match each version of the tag, too.
 * @return The first of `tags` that a tag belongs to, or NULL.
 */
static const char *find_among(struct pyc_part tag, const struct filter_tags *tags, bool any_version)
{
	for (size_t i = 0; i < tags->count; i++) {
		const char *wanted = tags->all[i] == filter_auto ? tags->automatic : tags->all[i];

		if (pyc_tag_belongs(tag, wanted) ||
		    (any_version && strncmp(wanted, tag.start, tag.length) == 0)) {
			return wanted;
		}
	}
	return NULL;
}

/**
 * Finds the interpreter of a file by its name, or by its magic number if the name has no tag.
 *
 * @param tag Receives it; empty if it is not known.
 * @return 0, or -1 with errno.
 */
static int find_tag(struct bytecode *b, struct pyc_part *tag)
{
	*tag = b->name.tag;
	if (b->name.kind == PYC_CLASS) {
		*tag = (struct pyc_part){ jython, strlen(jython) };
	} else if (tag->length == 0 && b->file->type != ENTRY_LINK) {
		if (bytecode_open(b) != 0) {
			return -1;
		}
		*tag = (struct pyc_part){ b->header.tag, strlen(b->header.tag) };
	}
	return 0;
}

static struct filter_verdict judge_interpreter(struct bytecode *b)
{
	const struct filter_rules *rules = b->rules;
	/* Unless the user has named it, it may not be a tag. */
	bool in_doubt = b->file->layout == FILTER_IN_PREFIX_TREE &&
			b->layout == FILTER_BESIDE_SOURCE && b->name.tag.length > 0;
	struct pyc_part tag;
	const char *only;
	const char *except;

	if (rules->only.count == 0 && rules->except.count == 0) {
		return goes(NULL);
	}
	if (find_tag(b, &tag) != 0) {
		return bytecode_cannot_read();
	}
	only = find_among(tag, &rules->only, false);
	except = find_among(tag, &rules->except, b->name.kind == PYC_CLASS);
	if (tag.length == 0 || (in_doubt && !only && !except)) {
		return stays("its interpreter is not known");
	}
	if (except || (rules->only.count > 0 && !only)) {
		return stays(except ? except : another_interpreter);
	}
	return goes(only ? only : another_interpreter);
}

bool filter_is_partial(const struct filter_rules *rules)
{
	return rules->modules || rules->only.count > 0 || rules->except.count > 0 || rules->stale ||
	       rules->keep_sourceless;
}

/** Judges a file that is not bytecode. */
static struct filter_verdict judge_other(struct bytecode *b)
{
	const struct filter_rules *rules = b->rules;
	bool alone = !rules->modules && rules->only.count == 0 && rules->except.count == 0;

	if (rules->stale && alone && b->layout == FILTER_IN_CACHE && pyc_is_numba(b->file->name)) {
		return staleness_judge_numba(b);
	}
	return filter_is_partial(rules) ? stays(rules->modules ? NULL : "not bytecode")
					: goes(NULL);
}

/** Whether a file was moved from the cache to its source: m.cpython-311.pyc beside m.py. */
static bool is_moved(struct bytecode *b)
{
	return pyc_tag_is_interpreter(b->name.tag) && bytecode_find_source(b, b->name.stem, 0) >= 0;
}

/** Judges a file by its source. @param verdict That of the other rules. */
static struct filter_verdict judge_source(struct bytecode *b, struct filter_verdict verdict)
{
	bool stale = b->rules->stale;
	bool temporary = b->name.temporary.length > 0;
	/* It may be the only copy of its module. An interrupted write never is. */
	bool beside = b->layout == FILTER_BESIDE_SOURCE && !temporary;
	bool is_class = b->name.kind == PYC_CLASS && !stale;
	bool required = beside && (b->rules->keep_sourceless || is_class);
	bool missing;
	int suffix;

	if (temporary || (!stale && !beside)) {
		return stale ? staleness_judge(b, -1) : verdict;
	}
	suffix = bytecode_find_source(b, b->stem, 0);
	if (suffix < 0 && errno != ENOENT) {
		return stale || required ? fails(bytecode_cannot_find_source) : verdict;
	}
	missing = beside && suffix < 0 && !is_moved(b);
	if (missing && required) {
		return stays(filter_no_source);
	}
	if (stale) {
		verdict = staleness_judge(b, suffix);
	}
	return missing && verdict.goes ? goes(filter_no_source) : verdict;
}

/** Judges a bytecode file. */
static struct filter_verdict judge(struct bytecode *b)
{
	bool known = pyc_tag_is_interpreter(b->name.tag);
	struct filter_verdict verdict;

	/* Python writes only tagged names to a prefix tree; other files lie beside their source. */
	if (b->layout == FILTER_IN_PREFIX_TREE && !known) {
		b->layout = FILTER_BESIDE_SOURCE;
	}
	if (b->file->layout == FILTER_BESIDE_SOURCE && !known) {
		b->name.tag.length = 0;
	}
	b->stem = b->layout == FILTER_BESIDE_SOURCE ? b->name.legacy_stem : b->name.stem;
	if (b->rules->modules && !bytecode_is_of_modules(b)) {
		return stays(NULL);
	}
	verdict = judge_interpreter(b);
	return verdict.goes ? judge_source(b, verdict) : verdict;
}

struct filter_verdict filter_judge(const struct filter_rules *rules, const struct filter_file *file)
{
	char source[PATH_MAX];
	struct filter_verdict verdict;
	struct bytecode b = {
		.rules = rules,
		.file = file,
		.layout = file->layout,
		.fd = -1,
		.source = source,
	};

	if (!filter_is_partial(rules) && file->layout == FILTER_IN_CACHE) {
		return goes(NULL);
	}
	verdict = pyc_split(file->name, &b.name) ? judge(&b) : judge_other(&b);
	platform_close(b.fd);
	return verdict;
}
