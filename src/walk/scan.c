#include "walker.h"

#include "walk/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/** Begins a directory, and finds out whether it is the root of the cache-prefix tree. */
static struct visit begin(struct scan *scan, const struct scan_place *place,
			  struct scan_state *state)
{
	const struct scan_config *config = place->config;

	if (config->prune || config->cache_prefix.ino != 0 || (state->mark & SCAN_PARTS)) {
		state->identity = platform_identify(place->fd, NULL, 0);
	}
	if (place->is_operand) {
		state->source_root = config->source_root;
		state->root_length = strlen(place->prefix);
	} else if (platform_is_same(state->identity, config->cache_prefix)) {
		state->source_root = "/";
		state->root_length = strlen(place->prefix);
	}
	return (struct visit){ .scan = scan, .config = config, .place = place, .state = state };
}

/** Collects an entry that must be acted on or visited; platform_entry_fn. */
static int consider(void *context, const char *name, enum entry_type type)
{
	struct visit *v = context;
	struct match match;

	if (visit_stops(v)) {
		errno = EINTR;
		return -1;
	}
	v->work++;
	v->marks |= matcher_mark(name, type);
	if (type == ENTRY_UNKNOWN) {
		visit_cannot_read(v, "", name, false);
		v->state->result |= SCAN_KEPT;
		return filter_add_source(v->sources, name, type);
	}
	if (visit_classify(v, "", name, type, &match) != 0) {
		return -1;
	}
	if (visit_parts(v)) {
		marks_consider_part(v, name, type);
	}
	if (match.verdict == VERDICT_KEEP) {
		v->state->result |= SCAN_KEPT;
		return filter_add_source(v->sources, name, type);
	}
	if (v->config->selection.modules && match.verdict != VERDICT_REMOVE) {
		return 0;
	}
	return namelist_add(&v->scan->found, name, type, (unsigned char)match.verdict);
}

/**
 * Removes an entry that may be debris.
 *
 * @param mark Receives that of a directory of which parts are debris.
 * @return SCAN_REMOVED or SCAN_KEPT; 0 if it is not removed as debris.
 */
static unsigned remove_debris(struct visit *v, const struct listed *entry, unsigned char *mark)
{
	const struct candidate candidate = { marks_find_row(v, entry->name, entry->type),
					     entry->name };

	if (!candidate.row) {
		return 0;
	}
	if (!candidate.row->parts) {
		return removal_remove(v, entry->name, entry->type, candidate.row);
	}
	/* A build is not searched for further builds. */
	if (v->state->mark == 0) {
		*mark = marks_find_parts(v, &candidate);
	}
	return 0;
}

/**
 * Removes, reports or skips one entry.
 *
 * @param mark Receives that of a directory to visit.
 * @return Whether to visit it.
 */
static bool act(struct visit *v, const struct listed *entry, unsigned char *mark)
{
	enum verdict verdict = (enum verdict)entry->mark;
	bool directory = entry->type == ENTRY_DIRECTORY;
	unsigned result;

	*mark = v->state->mark ? SCAN_BELOW_PARTS : 0;
	if (verdict == VERDICT_REMOVE) {
		v->state->result |= removal_remove(v, entry->name, entry->type, NULL);
		return false;
	}
	if (verdict == VERDICT_REMOVE_IF_MARKED) {
		result = remove_debris(v, entry, mark);
		if (result != 0) {
			v->state->result |= result;
			return false;
		}
		verdict = directory ? VERDICT_ENTER : VERDICT_KEEP;
	}
	if (verdict == VERDICT_ENTER && (!v->config->policy.one_file_system ||
					 !visit_is_elsewhere(v, v->place->fd, entry->name))) {
		return true;
	}
	v->state->result |= SCAN_KEPT;
	if (verdict == VERDICT_ENTER) {
		visit_leave(v, "", entry->name, true, visit_another_file_system, REPORTER_SKIPPED);
	} else if (directory) {
		visit_skips_directory(v, "", entry->name);
	} else if (verdict == VERDICT_SKIP) {
		visit_spares(v, "", entry->name, entry->type);
	}
	return false;
}

/** Acts on each collected entry, and lists the directories to visit. */
static void act_on_all(struct visit *v, struct namelist *subdirectories)
{
	unsigned char mark;
	struct listed entry;

	for (size_t at = 0; namelist_next(&v->scan->found, &at, &entry);) {
		if (visit_stops(v)) {
			v->state->result |= SCAN_KEPT;
			return;
		}
		if (act(v, &entry, &mark) &&
		    namelist_add(subdirectories, entry.name, entry.type, mark) != 0) {
			visit_cannot_read(v, "", entry.name, true);
			v->state->result |= SCAN_KEPT;
		}
	}
}

int scan_open(struct scan *scan, const struct scan_config *config)
{
	*scan = (struct scan){
		.deleter = { .policy = config->policy },
		.report = reporter_open(config->reporter),
		.path = STRBUF_INIT,
	};
	return scan->report ? 0 : -1;
}

void scan_close(struct scan *scan)
{
	reporter_close(scan->report);
	deleter_free(&scan->deleter);
	namelist_free(&scan->found);
	filter_free_sources(&scan->sources);
	strbuf_free(&scan->path);
}

uint64_t scan_directory(struct scan *scan, const struct scan_place *place, struct scan_state *state,
			struct namelist *subdirectories)
{
	struct visit v = begin(scan, place, state);

	v.sources = &scan->sources;
	namelist_clear(&scan->found);
	filter_clear_sources(&scan->sources);
	namelist_clear(subdirectories);
	reporter_visited(scan->report, place->prefix);
	if (platform_read_directory(place->fd, consider, &v) != 0) {
		if (!visit_stops(&v)) {
			visit_cannot_read(&v, "", "", true);
		}
		state->result |= SCAN_KEPT;
	} else if (visit_skips_read(&v, "", place->fd, v.marks, place->is_operand)) {
		state->result |= SCAN_KEPT;
	} else {
		marks_check_parts(&v);
		act_on_all(&v, subdirectories);
	}
	if (!place->config->prune && !state->source_root && !visit_parts(&v)) {
		state->result |= SCAN_KEPT;
	}
	reporter_flush(scan->report);
	return v.work;
}

/** Whether a directory is kept even if it is left empty. */
static bool is_kept(const struct scan_config *config, struct platform_identity directory)
{
	for (size_t i = 0; i < config->kept_count; i++) {
		if (platform_is_same(config->kept[i], directory)) {
			return true;
		}
	}
	return platform_is_same(config->cache_prefix, directory);
}

/** Reports that a directory cannot be removed, unless it is in use, moved or has got entries. */
static void report_left(const struct visit *v, const char *name)
{
	if (errno != ENOTEMPTY && errno != EEXIST && errno != EBUSY && errno != ESTALE &&
	    !platform_is_no_directory(errno)) {
		visit_fail(v, "cannot remove", visit_path(v, "", name, true), v->place->fd, errno);
	}
}

unsigned scan_prune(struct scan *scan, const struct scan_place *place, const char *name,
		    const struct scan_state *state)
{
	const struct visit v = { .scan = scan, .config = place->config, .place = place };
	struct reporter_path path = visit_path(&v, "", name, true);
	struct platform_identity found;
	struct stat above;
	struct stat st;

	if (state->result != SCAN_REMOVED || visit_stops(&v)) {
		return SCAN_KEPT;
	}
	/* untested: fstat fails */
	if (place->fd < 0 || fstat(place->fd, &above) != 0 ||
	    fstatat(place->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		report_left(&v, name);
		return SCAN_KEPT;
	}
	/* Not a mount point, nor another directory that has taken the name. */
	found = (struct platform_identity){ .dev = st.st_dev, .ino = st.st_ino };
	if (st.st_dev != above.st_dev || !platform_is_same(found, state->identity) ||
	    is_kept(v.config, found)) {
		return SCAN_KEPT;
	}
	if (deleter_remove_empty(&scan->deleter, place->fd, name) != 0) {
		report_left(&v, name);
		return SCAN_KEPT;
	}
	path.topic = state->mark & SCAN_PARTS ? debris_topic_name(DEBRIS_BUILD) : NULL;
	reporter_removing(scan->report);
	reporter_removed(scan->report, &path,
			 v.config->policy.sizes ? (uint64_t)st.st_blocks * 512 : 0, NULL);
	reporter_flush(scan->report);
	return SCAN_REMOVED;
}

/** Lists an entry beside an operand that may be debris; platform_entry_fn. */
static int list(void *context, const char *name, enum entry_type type)
{
	return namelist_add(context, name, type, 0);
}

/** Removes an operand that may be debris. @param mark, @return As remove_debris(). */
static unsigned remove_operand(struct visit *v, const struct listed *operand, unsigned char *mark)
{
	const struct platform_identity found =
		platform_identify(v->place->fd, operand->name, AT_SYMLINK_NOFOLLOW);
	int fd;

	/* It has gone together with an earlier operand. */
	/* untested: it cannot be looked up */
	if (found.ino == 0 && errno == ENOENT) {
		return SCAN_REMOVED;
	}
	fd = platform_open_directory(v->place->fd, ".");
	namelist_clear(&v->scan->found);
	/* An entry that cannot be listed does not count as a mark. */
	if (fd >= 0) {
		(void)platform_read_directory(fd, list, &v->scan->found);
	}
	platform_close(fd);
	return remove_debris(v, operand, mark);
}

bool scan_entry(struct scan *scan, const struct scan_place *place, const char *name,
		enum entry_type type, struct namelist *subdirectories)
{
	const struct scan_config *config = place->config;
	const struct listed operand = { .name = name, .type = type };
	struct scan_state state = { 0 };
	struct visit v = begin(scan, place, &state);
	unsigned char mark = 0;
	unsigned result;

	if ((config->in_cache && type != ENTRY_DIRECTORY) ||
	    matcher_classify(&config->rules, name, type).verdict == VERDICT_REMOVE) {
		result = removal_remove(&v, name, type, NULL);
	} else {
		result = remove_operand(&v, &operand, &mark);
	}
	/* untested: there is no memory for one name */
	if (mark != 0 && namelist_add(subdirectories, name, type, mark) != 0) {
		visit_cannot_read(&v, "", name, true);
	}
	reporter_flush(scan->report);
	return result != 0 || mark != 0;
}

void scan_cannot_read(struct scan *scan, const struct scan_place *place, const char *name)
{
	const struct visit v = { .scan = scan, .config = place->config, .place = place };

	visit_cannot_read(&v, "", name, true);
}
