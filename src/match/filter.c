#include "filter.h"

#include "match/staleness.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

const char filter_auto[] = "auto";
const char filter_no_source[] = "no source beside it";

static const struct pyc_part jython = { "jython", 6 };
static const char cannot_find_source[] = "cannot find the source of";
static const char source_is_gone[] = "source is gone";

/** One source, and its status once it was looked up. */
struct filter_source {
	const char *name;
	enum entry_type type;
	struct stat stat;
};

int filter_add_source(struct filter_sources *sources, const char *name, enum entry_type type)
{
	return matcher_is_source(name) ? namelist_add(&sources->names, name, type, 0) : 0;
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

/** Compares names, or structures that begin with one. */
static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/** Looks for a source. @return NULL with errno: ENOENT, or ENOMEM if it may be there. */
static struct filter_source *find_listed(struct filter_sources *sources, const char *name)
{
	struct filter_source *sorted = sources->sorted;
	size_t count = sources->names.count;
	struct listed listed;

	if (!sorted) {
		sorted = malloc((count + 1) * sizeof(*sorted));
		if (!sorted) {
			return NULL;
		}
		for (size_t i = 0, at = 0; namelist_next(&sources->names, &at, &listed); i++) {
			sorted[i] = (struct filter_source){ listed.name, listed.type, { 0 } };
		}
		qsort(sorted, count, sizeof(*sorted), compare_names);
		sources->sorted = sorted;
	}
	errno = ENOENT;
	return bsearch(&name, sorted, count, sizeof(*sorted), compare_names);
}

/** Whether a file is in a prefix tree, and its source in the tree of sources. */
static bool is_away_from_source(const struct bytecode *b)
{
	return b->file->source_root && !b->legacy;
}

/**
 * Names a possible source.
 *
 * @param suffix An index into matcher_source_suffixes.
 * @return The name, or NULL with errno: ENOENT after the last suffix, or ENAMETOOLONG.
 */
static const char *name_source(struct bytecode *b, struct pyc_part stem, int suffix)
{
	bool is_away = is_away_from_source(b);
	const char *above = b->file->in_cache ? "../" : "";
	const char *before = is_away ? b->file->source_root : above;
	const char *below = is_away ? b->file->below : "";
	const char *end = matcher_source_suffixes[suffix];
	char *name;

	/* Jython's is always .py. */
	if (!end || (suffix > 0 && b->name.is_class)) {
		errno = ENOENT;
		return NULL;
	}
	if (strlen(before) + strlen(below) + stem.length + strlen(end) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	name = stpcpy(stpcpy(b->source, before), below);
	memcpy(name, stem.start, stem.length);
	stpcpy(name + stem.length, end);
	return name;
}

/** Whether a file is of one of the modules. @return false with ENOMEM if that cannot be told. */
static bool is_of_modules(struct bytecode *b)
{
	const char *name;

	for (int i = 0; (name = name_source(b, b->stem, i)); i++) {
		if (find_listed(b->rules->modules, name)) {
			return true;
		}
		if (errno == ENOMEM) {
			return false;
		}
	}
	return false;
}

/**
 * Looks up the source that was named last, unless the list tells enough. It must be a regular
 * file, as for importlib.
 *
 * @return 0, or -1 with errno.
 */
static int look_up_source(struct bytecode *b, const char *name, int suffix)
{
	bool stale = b->rules->stale;
	struct filter_sources *sources = is_away_from_source(b) ? NULL : b->file->sources;
	struct filter_source *listed = sources ? find_listed(sources, name) : NULL;

	/* An m.py that is missing from the list may be new; --stale would remove its bytecode. */
	if (sources && !listed && errno == ENOENT && (suffix > 0 || !stale)) {
		return -1;
	}
	/* The files of several interpreters and optimization levels share a source. */
	if (listed && (stale ? listed->stat.st_mode != 0 : listed->type == ENTRY_FILE)) {
		b->source_stat = listed->stat;
		return 0;
	}
	if (fstatat(b->file->dirfd, b->source, &b->source_stat, 0) != 0) {
		return -1;
	}
	if (!S_ISREG(b->source_stat.st_mode)) {
		errno = ENOENT;
		return -1;
	}
	if (listed) {
		listed->stat = b->source_stat;
	}
	return 0;
}

/** Looks for a source, from a suffix on. @return Its suffix, or -1 with errno: ENOENT for none. */
static int find_source(struct bytecode *b, struct pyc_part stem, int suffix)
{
	for (const char *name; (name = name_source(b, stem, suffix)); suffix++) {
		if (look_up_source(b, name, suffix) == 0) {
			return suffix;
		}
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
			break;
		}
	}
	return -1;
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
	/* In a prefix tree an unknown tag may be a part of the module's name. */
	bool in_doubt = b->file->source_root && b->legacy && b->name.tag.length > 0;
	struct pyc_part tag = b->name.is_class ? jython : b->name.tag;
	const char *only;
	const char *except;
	const char *reason;

	if (rules->only.count == 0 && rules->except.count == 0) {
		return goes(NULL);
	}
	if (tag.length == 0 && b->file->type != ENTRY_LINK) {
		if (staleness_open(b) != 0) {
			return staleness_cannot_read();
		}
		tag = (struct pyc_part){ b->header.tag, strlen(b->header.tag) };
	}
	only = find_among(tag, &rules->only, false);
	except = find_among(tag, &rules->except, b->name.is_class);
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
	    !b->file->in_cache || b->file->type != ENTRY_FILE || !pyc_is_numba(name)) {
		return stays(rules->modules ? NULL : "not bytecode");
	}
	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
		for (int i = 0; i < 2; i++) {
			const struct pyc_part stem = { starts[i], (size_t)(dot - starts[i]) };

			if (dot > starts[i] && find_source(b, stem, 0) >= 0) {
				return stays("its source exists");
			}
			if (dot > starts[i] && errno != ENOENT) {
				return fails(cannot_find_source);
			}
		}
	}
	return goes(source_is_gone);
}

/** Judges a legacy file without --stale; without a source it may be the only copy. */
static struct filter_verdict judge_legacy(struct bytecode *b, struct filter_verdict verdict)
{
	bool needs_source = b->rules->keep_sourceless || b->name.is_class;

	if (find_source(b, b->stem, 0) >= 0) {
		return verdict;
	}
	if (errno != ENOENT) {
		return needs_source ? fails(cannot_find_source) : verdict;
	}
	/* m.cpython-311.pyc beside m.py is not the only copy: it was moved out of the cache. */
	if (pyc_tag_is_interpreter(b->name.tag) && find_source(b, b->name.stem, 0) >= 0) {
		return verdict;
	}
	return needs_source ? stays(filter_no_source) : goes(filter_no_source);
}

/** Judges a file without a source with --stale. */
static struct filter_verdict judge_gone(const struct bytecode *b)
{
	if (!b->legacy) {
		return goes(source_is_gone);
	}
	/* It may be of a prefix tree that the user has not named. */
	if (b->name.tag.length > 0) {
		return stays("cannot tell where its source is");
	}
	return b->rules->keep_sourceless ? stays(filter_no_source) : goes(filter_no_source);
}

/** Judges a file with --stale; it is kept if it matches one of its sources. */
static struct filter_verdict judge_stale(struct bytecode *b)
{
	struct filter_verdict verdict = judge_gone(b);

	if (b->name.temporary) {
		return staleness_judge(b);
	}
	for (int suffix = 0; (suffix = find_source(b, b->stem, suffix)) >= 0; suffix++) {
		verdict = staleness_judge(b);
		if (!verdict.goes) {
			return verdict;
		}
	}
	return errno == ENOENT ? verdict : fails(cannot_find_source);
}

/** Judges a bytecode file. */
static struct filter_verdict judge(struct bytecode *b)
{
	bool known = pyc_tag_is_interpreter(b->name.tag);
	struct filter_verdict verdict;

	/* Python writes only tagged names to a prefix tree; other files lie beside their source. */
	b->legacy = !b->file->in_cache && !(b->file->source_root && known);
	b->stem = b->legacy ? b->name.legacy_stem : b->name.stem;
	/* Outside of these trees an unknown tag is a part of the module's name. */
	if (b->legacy && !b->file->source_root && !known) {
		b->name.tag.length = 0;
	}
	if (b->rules->modules && !is_of_modules(b)) {
		return errno == ENOMEM ? fails(cannot_find_source) : stays(NULL);
	}
	verdict = judge_interpreter(b);
	if (verdict.goes && b->rules->stale) {
		return judge_stale(b);
	}
	/* An interrupted write is never the only copy of its module. */
	return verdict.goes && b->legacy && !b->name.temporary ? judge_legacy(b, verdict) : verdict;
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
		.fd = -1,
		.source = source,
	};

	if (!filter_is_partial(rules) && file->in_cache) {
		return goes(NULL);
	}
	verdict = may_be_file && pyc_split(file->name, &b.name) ? judge(&b) : judge_other(&b);
	platform_close(b.fd);
	return verdict;
}
