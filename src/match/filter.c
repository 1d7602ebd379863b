#include "filter.h"

#include "matcher.h"
#include "match/examination.h"
#include "platform.h"

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

/** Whether the tag in a file's name is that of an interpreter. */
static bool has_tag(const struct examination *e)
{
	struct pyc_part tag = e->name.tag;

	if (tag.length == 0) {
		return false;
	}
	/* It may be the tag of an unknown implementation: accept it if the user named it. */
	return e->layout != FILTER_BESIDE_SOURCE || pyc_tag_is_interpreter(tag) ||
	       (e->file->layout == FILTER_IN_PREFIX_TREE &&
		(find_among(tag, &e->rules->only, false) ||
		 find_among(tag, &e->rules->except, false)));
}

/** Finds the interpreter of a file by its name, or by its magic number if the name has no tag. */
static enum decision find_tag(struct examination *e, struct pyc_part *tag)
{
	bool of_prefix_tree = e->file->layout == FILTER_IN_PREFIX_TREE && e->name.tag.length > 0;

	*tag = (struct pyc_part){ 0 };
	if (e->name.kind == PYC_CLASS) {
		*tag = (struct pyc_part){ jython, strlen(jython) };
	} else if (has_tag(e)) {
		*tag = e->name.tag;
	} else if (!of_prefix_tree && e->file->type != ENTRY_LINK) {
		if (examination_read_header(e) == DECIDED) {
			return DECIDED;
		}
		*tag = (struct pyc_part){ e->header.tag, strlen(e->header.tag) };
	}
	return OPEN;
}

static enum decision judge_interpreter(struct examination *e)
{
	const struct filter_rules *rules = e->rules;
	struct pyc_part tag;
	const char *only;
	const char *except;

	if (rules->only.count == 0 && rules->except.count == 0) {
		return OPEN;
	}
	if (find_tag(e, &tag) == DECIDED) {
		return DECIDED;
	}
	if (tag.length == 0) {
		return examination_decide(e, FILTER_STAYS, "its interpreter is not known");
	}
	only = find_among(tag, &rules->only, false);
	except = find_among(tag, &rules->except, e->name.kind == PYC_CLASS);
	if (except) {
		return examination_decide(e, FILTER_STAYS, except);
	}
	if (rules->only.count > 0 && !only) {
		return examination_decide(e, FILTER_STAYS, another_interpreter);
	}
	e->verdict->reason = only ? only : another_interpreter;
	return OPEN;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool is_of_modules(struct examination *e)
{
	const struct filter_rules *rules = e->rules;
	const char *name;
	bool found = !rules->modules;

	for (int i = 0; !found && (name = examination_name_source(e, examination_stem(e), i));
	     i++) {
		found = bsearch(&name, rules->modules, rules->module_count, sizeof(name),
				compare_names);
	}
	return found;
}

bool filter_is_partial(const struct filter_rules *rules)
{
	return rules->modules || rules->only.count > 0 || rules->except.count > 0 || rules->stale ||
	       rules->keep_sourceless;
}

/** Judges a file that is not bytecode. */
static void judge_other(struct examination *e)
{
	const struct filter_rules *rules = e->rules;
	bool alone = !rules->modules && rules->only.count == 0 && rules->except.count == 0;

	if (rules->stale && alone && e->file->layout == FILTER_IN_CACHE &&
	    pyc_is_numba(e->file->name)) {
		staleness_judge_numba(e);
	} else if (filter_is_partial(rules)) {
		examination_decide(e, FILTER_STAYS, rules->modules ? NULL : "not bytecode");
	}
}

/** Judges a bytecode file. */
static void judge(struct examination *e)
{
	/* Python writes only tagged names to a prefix tree; other files lie beside their source. */
	if (e->layout == FILTER_IN_PREFIX_TREE && !pyc_tag_is_interpreter(e->name.tag)) {
		e->layout = FILTER_BESIDE_SOURCE;
	}
	if (!is_of_modules(e)) {
		examination_decide(e, FILTER_STAYS, NULL);
	} else if (judge_interpreter(e) == OPEN) {
		staleness_judge(e);
	}
	if (e->verdict->outcome == FILTER_GOES && examination_may_be_only_copy(e)) {
		e->verdict->reason = filter_no_source;
	}
}

struct filter_verdict filter_judge(const struct filter_rules *rules, const struct filter_file *file)
{
	char source[PATH_MAX];
	struct filter_verdict verdict = { .outcome = FILTER_GOES };
	struct examination e = {
		.rules = rules,
		.file = file,
		.verdict = &verdict,
		.layout = file->layout,
		.fd = -1,
		.source = source,
	};

	if (!filter_is_partial(rules) && file->layout == FILTER_IN_CACHE) {
		return verdict;
	}
	if (pyc_split(file->name, &e.name)) {
		judge(&e);
	} else {
		judge_other(&e);
	}
	platform_close(e.fd);
	return verdict;
}
