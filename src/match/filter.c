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

static const struct pyc_part jython = { "jython", 6 };
static const char cannot_find_source[] = "cannot find the source of";
static const char source_is_gone[] = "source is gone";

bool filter_is_being_written(const struct stat *st)
{
	struct timespec now;
	time_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = now.tv_sec - platform_mtime(st).tv_sec;
	return age >= 0 && age <= WRITING;
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

/** Judges a file by the interpreter in its name, or by its magic number if the name has no tag. */
static struct filter_verdict judge_interpreter(struct bytecode *b)
{
	const struct filter_rules *rules = b->rules;
	/* Unless the user has named it, it may not be a tag. */
	bool in_doubt = b->file->layout == FILTER_IN_PREFIX_TREE &&
			b->layout == FILTER_BESIDE_SOURCE && b->name.tag.length > 0;
	bool is_class = b->name.kind == PYC_CLASS;
	struct pyc_part tag = is_class ? jython : b->name.tag;
	const char *only;
	const char *except;
	const char *reason;

	if (rules->only.count == 0 && rules->except.count == 0) {
		return goes(NULL);
	}
	if (tag.length == 0 && b->file->type != ENTRY_LINK) {
		if (bytecode_open(b) != 0) {
			return bytecode_cannot_read();
		}
		tag = (struct pyc_part){ b->header.tag, strlen(b->header.tag) };
	}
	only = find_among(tag, &rules->only, false);
	except = find_among(tag, &rules->except, is_class);
	reason = except ? except : only;
	if (tag.length == 0 || (in_doubt && !reason)) {
		return stays("its interpreter is not known");
	}
	if (!reason) {
		reason = "of another interpreter";
	}
	return except || (rules->only.count > 0 && !only) ? stays(reason) : goes(reason);
}

bool filter_is_partial(const struct filter_rules *rules)
{
	return rules->modules || rules->only.count > 0 || rules->except.count > 0 || rules->stale ||
	       rules->keep_sourceless;
}

/**
 * Judges a file that is not bytecode. Numba's goes with --stale alone if its module is gone. Names
 * of modules and functions may contain dots, and a kind and '-' may precede the module, so each
 * possible module is looked up.
 */
static struct filter_verdict judge_other(struct bytecode *b)
{
	const struct filter_rules *rules = b->rules;
	const char *name = b->file->name;
	const char *dash = strchr(name, '-');
	const char *const starts[] = { name, dash ? dash + 1 : name };

	if (!rules->stale || rules->modules || rules->only.count > 0 || rules->except.count > 0 ||
	    b->layout != FILTER_IN_CACHE || b->file->type != ENTRY_FILE || !pyc_is_numba(name)) {
		return stays(rules->modules ? NULL : "not bytecode");
	}
	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
		for (int i = 0; i < 2; i++) {
			const struct pyc_part stem = { starts[i], (size_t)(dot - starts[i]) };

			if (dot > starts[i] && bytecode_find_source(b, stem, 0) >= 0) {
				return stays("its source exists");
			}
			if (dot > starts[i] && errno != ENOENT) {
				return fails(cannot_find_source);
			}
		}
	}
	return goes(source_is_gone);
}

/** Judges a file without a source. @param needed Keep it if it may be an only copy. */
static struct filter_verdict judge_sourceless(struct bytecode *b, struct filter_verdict verdict,
					      bool needed)
{
	bool stale = b->rules->stale;
	bool beside = b->layout == FILTER_BESIDE_SOURCE;
	/* m.cpython-311.pyc beside m.py is no only copy: it was moved out of the cache. */
	bool only_copy = beside && !(pyc_tag_is_interpreter(b->name.tag) &&
				     bytecode_find_source(b, b->name.stem, 0) >= 0);

	if (only_copy && needed) {
		return stays(filter_no_source);
	}
	/* It may be of a prefix tree that the user has not named. */
	if (stale && beside && b->name.tag.length > 0) {
		return stays("cannot tell where its source is");
	}
	if (only_copy || stale) {
		return goes(only_copy ? filter_no_source : source_is_gone);
	}
	return verdict;
}

/** Judges a file by its sources; one that it matches keeps it. @param verdict Of other rules. */
static struct filter_verdict judge_source(struct bytecode *b, struct filter_verdict verdict)
{
	bool stale = b->rules->stale;
	bool beside = b->layout == FILTER_BESIDE_SOURCE;
	bool is_class = b->name.kind == PYC_CLASS && !stale;
	bool needed = beside && (b->rules->keep_sourceless || is_class);
	int suffix;

	/* An interrupted write is never the only copy of its module. */
	if (b->name.temporary.length > 0 || (!stale && !beside)) {
		return stale ? staleness_judge(b) : verdict;
	}
	suffix = bytecode_find_source(b, b->stem, 0);
	if (suffix < 0 && errno == ENOENT) {
		return judge_sourceless(b, verdict, needed);
	}
	if (!stale) {
		return suffix < 0 && needed ? fails(cannot_find_source) : verdict;
	}
	while (suffix >= 0) {
		verdict = staleness_judge(b);
		if (!verdict.goes) {
			return verdict;
		}
		suffix = bytecode_find_source(b, b->stem, suffix + 1);
	}
	return errno == ENOENT ? verdict : fails(cannot_find_source);
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
	bool may_be_file =
		file->type == ENTRY_FILE || file->type == ENTRY_LINK || file->type == ENTRY_UNKNOWN;
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
	verdict = may_be_file && pyc_split(file->name, &b.name) ? judge(&b) : judge_other(&b);
	platform_close(b.fd);
	return verdict;
}
