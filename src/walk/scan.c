#include "scan.h"

#include "walk/visit.h"

#include <errno.h>

/** Notes an entry that something has to be done about. */
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
		return 0;
	}
	if (visit_classify(v, "", name, type, &match) != 0) {
		return -1;
	}
	if (match.verdict == VERDICT_KEEP) {
		return sources_add(v->beside, name, type);
	}
	if (v->config->selection.modules && match.verdict != VERDICT_REMOVE) {
		return 0;
	}
	return namelist_add(&v->scan->found, name, type, (unsigned char)match.verdict);
}

/** Does with one entry what the matcher has said. @return Whether it is to be visited. */
static bool act(struct visit *v, const struct listed *entry)
{
	enum verdict verdict = (enum verdict)entry->mark;

	/* In the cache-prefix tree the deleter enters, and removes directories that are left empty. */
	if (verdict == VERDICT_REMOVE || (verdict == VERDICT_ENTER && v->sources)) {
		visit_remove(v, entry->name, entry->type);
		return false;
	}
	if (verdict == VERDICT_ENTER) {
		return !visit_skips_file_system(v, entry->name);
	}
	visit_skips_directory(v, "", entry->name);
	return false;
}

/** Acts on what was found. @return How many directories there are to visit. */
static size_t act_on_all(struct visit *v, struct namelist *subdirectories)
{
	struct listed entry;
	size_t count = 0;

	for (size_t at = 0; namelist_next(&v->scan->found, &at, &entry);) {
		if (visit_stops(v)) {
			return 0;
		}
		if (!act(v, &entry)) {
			continue;
		}
		if (namelist_add(subdirectories, entry.name, entry.type, 0) == 0) {
			count++;
		} else {
			visit_cannot_read(v, "", entry.name, true, errno);
		}
	}
	return count;
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
	sources_free(&scan->beside);
	strbuf_free(&scan->path);
}

struct scan_result scan_directory(struct scan *scan, const struct scan_place *place,
				  struct namelist *subdirectories)
{
	struct visit v = visit_begin(scan, place);
	struct scan_result result = { 0 };

	v.beside = &scan->beside;
	namelist_clear(&scan->found);
	sources_clear(&scan->beside);
	namelist_clear(subdirectories);
	reporter_at(scan->report, place->prefix);
	if (namelist_read(place->fd, consider, &v) != 0) {
		if (!visit_stops(&v)) {
			visit_cannot_read(&v, "", "", true, errno);
		}
	} else if (!visit_skips_read(&v, "", place->fd, v.marks, place->is_operand)) {
		result.subdirectories = act_on_all(&v, subdirectories);
	}
	reporter_flush(scan->report);
	result.work = v.work;
	return result;
}

void scan_remove(struct scan *scan, const struct scan_place *place, const char *name,
		 enum entry_type type)
{
	struct visit v = visit_begin(scan, place);

	visit_remove(&v, name, type);
	reporter_flush(scan->report);
}

void scan_cannot_read(struct scan *scan, const struct scan_place *place, const char *name,
		      int error)
{
	const struct visit v = { .scan = scan, .config = place->config, .place = *place };

	visit_cannot_read(&v, "", name, true, error);
}
