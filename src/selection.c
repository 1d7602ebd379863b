#include "selection.h"

#include "matcher.h"
#include "staleness.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

const char selection_no_source[] = "no source beside it";

static const char jython[] = "jython";
static const char another_interpreter[] = "of another interpreter";

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

/** @return A tag of Jython of any version, or NULL: the names of its files do not tell the version. */
static const char *find_jython(const struct selection_tags *tags)
{
	for (size_t i = 0; i < tags->count; i++) {
		if (strncmp(tags->all[i], jython, strlen(jython)) == 0) {
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
	/* It may be the tag of an implementation that is not known here; the user may know it. */
	if (tag->length > 0 && e->file->layout == SELECTION_IN_PREFIX_TREE) {
		if (!find_among(*tag, &e->rules->only) && !find_among(*tag, &e->rules->except)) {
			*tag = (struct bytecode_part){ 0 };
		}
		return OPEN;
	}
	*tag = (struct bytecode_part){ 0 };
	if (e->name.kind == BYTECODE_CLASS) {
		*tag = (struct bytecode_part){ jython, strlen(jython) };
		return OPEN;
	}
	if (e->file->type == ENTRY_LINK) {
		return OPEN;
	}
	if (examination_read_header(e) == DECIDED) {
		return DECIDED;
	}
	*tag = (struct bytecode_part){ e->header.tag, strlen(e->header.tag) };
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
		return examination_stays(e, "its interpreter is not known");
	}
	only = find_among(tag, &rules->only);
	except = e->name.kind == BYTECODE_CLASS ? find_jython(&rules->except)
						: find_among(tag, &rules->except);
	if (except) {
		return examination_stays(e, except);
	}
	if (rules->only.count > 0 && !only) {
		return examination_stays(e, another_interpreter);
	}
	e->verdict->reason = only ? only : another_interpreter;
	return OPEN;
}

/** The name of a source, in two pieces. */
struct source_name {
	struct bytecode_part stem;
	const char *suffix;
};

/** Compares a name with that of a source, as strcmp(3) would. */
static int compare_source(const void *key, const void *module)
{
	const struct source_name *name = key;
	const char *source = *(const char *const *)module;
	int order = strncmp(name->stem.start, source, name->stem.length);

	return order != 0 ? order : strcmp(name->suffix, source + name->stem.length);
}

static bool is_of_modules(const struct examination *e)
{
	const struct selection_rules *rules = e->rules;
	struct source_name name = { .stem = examination_stem(e) };

	if (!rules->modules) {
		return true;
	}
	for (int i = 0; examination_can_have(e, i); i++) {
		name.suffix = matcher_source_suffixes[i];
		if (bsearch(&name, rules->modules, rules->module_count, sizeof(*rules->modules),
			    compare_source)) {
			return true;
		}
	}
	return false;
}

bool selection_is_partial(const struct selection_rules *rules)
{
	return rules->modules || rules->only.count > 0 || rules->except.count > 0 || rules->stale ||
	       rules->keep_sourceless;
}

/** Judges what is not bytecode. */
static void judge_other(struct examination *e)
{
	const struct selection_rules *rules = e->rules;
	bool alone = !rules->modules && rules->only.count == 0 && rules->except.count == 0;

	if (rules->stale && alone && e->file->layout == SELECTION_IN_CACHE &&
	    bytecode_is_numba(e->file->name)) {
		staleness_judge_numba(e);
	} else if (selection_is_partial(rules)) {
		examination_stays(e, rules->modules ? NULL : "not bytecode");
	}
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
		judge_other(&e);
		return;
	}
	/* Python puts nothing without a tag there: it was put there for another reason. */
	e.layout =
		file->layout == SELECTION_IN_PREFIX_TREE && !bytecode_tag_is_interpreter(e.name.tag)
			? SELECTION_BESIDE_SOURCE
			: file->layout;
	if (!is_of_modules(&e)) {
		examination_stays(&e, NULL);
	} else if (judge_interpreter(&e) == OPEN) {
		staleness_judge(&e);
	}
	if (out->outcome == SELECTION_GOES && examination_may_be_only_copy(&e)) {
		out->reason = selection_no_source;
	}
}
