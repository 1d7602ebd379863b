#include "scan.h"

#include "walk/removal.h"

#include <errno.h>

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
		visit_cannot_read(v, "", name, false, errno);
		return filter_add_source(v->beside, name, type);
	}
	if (visit_classify(v, "", name, type, &match) != 0) {
		return -1;
	}
	if (match.verdict == VERDICT_KEEP) {
		return filter_add_source(v->beside, name, type);
	}
	if (v->config->selection.modules && match.verdict != VERDICT_REMOVE) {
		return 0;
	}
	return namelist_add(&v->scan->found, name, type, (unsigned char)match.verdict);
}

/** Removes, reports or skips one entry. @return Whether to visit it. */
static bool act(struct visit *v, const struct listed *entry)
{
	enum verdict verdict = (enum verdict)entry->mark;

	/* In the cache-prefix tree the deleter enters directories and removes those left empty. */
	if (verdict == VERDICT_REMOVE || (verdict == VERDICT_ENTER && v->sources)) {
		removal_remove(v, entry->name, entry->type);
		return false;
	}
	if (verdict == VERDICT_REMOVE_IF_MARKED &&
	    (!removal_remove_debris(v, entry->name, entry->type) ||
	     entry->type != ENTRY_DIRECTORY)) {
		return false;
	}
	if (verdict == VERDICT_ENTER || verdict == VERDICT_REMOVE_IF_MARKED) {
		return !visit_skips_file_system(v, entry->name);
	}
	if (entry->type == ENTRY_DIRECTORY) {
		visit_skips_directory(v, "", entry->name);
	} else {
		visit_spares(v, "", entry->name, entry->type);
	}
	return false;
}

/** Acts on each collected entry, and lists the directories to visit. */
static void act_on_all(struct visit *v, struct namelist *subdirectories)
{
	struct listed entry;

	for (size_t at = 0; namelist_next(&v->scan->found, &at, &entry);) {
		if (visit_stops(v)) {
			return;
		}
		if (act(v, &entry) &&
		    namelist_add(subdirectories, entry.name, entry.type, 0) != 0) {
			visit_cannot_read(v, "", entry.name, true, errno);
		}
	}
}

int scan_open(struct scan *scan, const struct scan_config *config)
{
	*scan = (struct scan){ .report = reporter_open(config->reporter), .path = STRBUF_INIT };
	deleter_init(&scan->deleter, &config->policy);
	return scan->report ? 0 : -1;
}

void scan_close(struct scan *scan)
{
	reporter_close(scan->report);
	deleter_free(&scan->deleter);
	namelist_free(&scan->found);
	filter_free_sources(&scan->beside);
	strbuf_free(&scan->path);
}

uint64_t scan_directory(struct scan *scan, const struct scan_place *place,
			struct namelist *subdirectories)
{
	struct visit v = visit_begin(scan, place);

	v.beside = &scan->beside;
	namelist_clear(&scan->found);
	filter_clear_sources(&scan->beside);
	namelist_clear(subdirectories);
	reporter_at(scan->report, place->prefix, NULL);
	if (platform_read_directory(place->fd, consider, &v) != 0) {
		if (!visit_stops(&v)) {
			visit_cannot_read(&v, "", "", true, errno);
		}
	} else if (!visit_skips_read(&v, "", place->fd, v.marks, place->is_operand)) {
		act_on_all(&v, subdirectories);
	}
	reporter_flush(scan->report);
	return v.work;
}

uint64_t scan_remove(struct scan *scan, const struct scan_place *place, const char *name,
		     enum entry_type type)
{
	struct visit v = visit_begin(scan, place);

	removal_remove(&v, name, type);
	reporter_flush(scan->report);
	return v.work;
}

/** Lists an entry beside an operand that may be debris; platform_entry_fn. */
static int list(void *context, const char *name, enum entry_type type)
{
	return namelist_add(context, name, type, 0);
}

bool scan_remove_debris(struct scan *scan, const struct scan_place *place, const char *name,
			enum entry_type type)
{
	struct visit v = visit_begin(scan, place);
	int fd = platform_open_directory(place->fd, ".");
	bool unmarked;

	namelist_clear(&scan->found);
	/* An entry that cannot be listed does not count as a mark. */
	if (fd >= 0) {
		(void)platform_read_directory(fd, list, &scan->found);
	}
	platform_close(fd);
	unmarked = removal_remove_debris(&v, name, type);
	reporter_flush(scan->report);
	return !unmarked;
}

void scan_cannot_read(struct scan *scan, const struct scan_place *place, const char *name,
		      int error)
{
	const struct visit v = { .scan = scan, .config = place->config, .place = *place };

	visit_cannot_read(&v, "", name, true, error);
}
