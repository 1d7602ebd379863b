#include "scan.h"

#include "walk/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

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

/** Whether a subdirectory is visited, which --one-file-system may forbid. */
static bool is_to_visit(const struct visit *v, const char *name)
{
	struct stat above;
	struct stat st;

	if (!v->config->policy.one_file_system) {
		return true;
	}
	/* What cannot be asked about is visited, and fails there. */
	if (fstat(v->place.fd, &above) != 0 ||
	    fstatat(v->place.fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    above.st_dev == st.st_dev) {
		return true;
	}
	visit_skip_file_system(v, "", name);
	return false;
}

/** Does with one entry what the matcher has said. @return Whether it is to be visited. */
static bool act(struct visit *v, const struct listed *entry)
{
	struct match match;

	switch ((enum verdict)entry->mark) {
	case VERDICT_REMOVE:
		visit_remove(v, entry->name, entry->type);
		return false;
	case VERDICT_ENTER:
		/* In the cache-prefix tree directories that are left empty go: the deleter enters. */
		if (v->sources) {
			visit_remove(v, entry->name, entry->type);
			return false;
		}
		return is_to_visit(v, entry->name);
	default:
		/* untested: no memory; there is enough since this was asked before */
		if (visit_classify(v, "", entry->name, entry->type, &match) == 0) {
			visit_skip(v, "", entry->name, &match);
		}
		return false;
	}
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
