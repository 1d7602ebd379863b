#include "scene.h"

#include <fcntl.h>
#include <sys/stat.h>

int scene_open(struct scene *scene, const struct scene_plan *plan)
{
	*scene = (struct scene){ .plan = plan,
				 .report = reporter_open(plan->reporter),
				 .path = STRBUF_INIT };
	return scene->report ? 0 : -1;
}

/** Whether a directory is the root of the cache-prefix tree. */
static bool is_prefix(const struct scene_plan *plan, int fd)
{
	struct stat st;

	return plan->has_prefix && fstat(fd, &st) == 0 && st.st_dev == plan->prefix_dev &&
	       st.st_ino == plan->prefix_ino;
}

void scene_enter(struct scene *scene, const struct scene_place *place)
{
	scene->place = place;
	if (place->is_operand) {
		scene->sources = scene->plan->sources;
	} else {
		/* What lies deeper is never a place: the deleter visits it. */
		scene->sources = is_prefix(scene->plan, place->fd) ? "/" : NULL;
	}
}

void scene_close(struct scene *scene)
{
	reporter_close(scene->report);
	strbuf_free(&scene->path);
}

bool scene_crosses(const struct scene *scene, int dirfd, const char *name)
{
	const char *directory = name[0] == '\0' ? "." : name;
	struct stat top;
	struct stat st;

	if (scene->plan->policy.one_file_system ||
	    fstatat(dirfd, directory, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return false;
	}
	/* untested: a descriptor that cannot be asked */
	return fstat(scene->place->top, &top) == 0 && st.st_dev != top.st_dev;
}

struct reporter_path scene_path(const struct scene *scene, const char *trail, const char *name,
				bool directory)
{
	return (struct reporter_path){
		.prefix = scene->place->prefix,
		.trail = trail,
		.name = name,
		.directory = directory,
	};
}

void scene_cannot_read(struct scene *scene, const char *trail, const char *name, bool directory,
		       int error)
{
	struct reporter_path path = scene_path(scene, trail, name, directory);

	path.crosses = scene_crosses(scene, scene->place->fd, directory ? name : "");
	reporter_error(scene->report, "cannot read", &path, error);
}

/** @return The path below the operand of `name` in `trail` in the place, or NULL with ENOMEM. */
static const char *path_below_operand(struct scene *scene, const char *trail, const char *name)
{
	size_t below = scene->place->below;
	struct strbuf *path = &scene->path;

	strbuf_reset(path);
	strbuf_add_string(path, scene->place->prefix);
	strbuf_add_string(path, trail);
	strbuf_add_string(path, name);
	return path->failed ? NULL : path->text + (below < path->length ? below : path->length);
}

void scene_skip(struct scene *scene, const char *trail, const char *name, const struct match *match)
{
	const struct reporter_path shown = scene_path(scene, trail, name, true);

	reporter_skipped(scene->report, &shown, match->reason,
			 match->verdict == VERDICT_SKIP_BY_DEFAULT ? REPORTER_SKIP_BY_DEFAULT
								   : REPORTER_SKIP);
}

int scene_classify(struct scene *scene, const char *trail, const char *name, enum entry_type type,
		   struct match *out)
{
	const struct matcher_rules *rules = &scene->plan->rules;
	const char *path = name;

	if (type == ENTRY_DIRECTORY && rules->ignore_count > 0) {
		path = path_below_operand(scene, trail, name);
		if (!path) {
			return -1;
		}
	}
	*out = matcher_classify(rules, path, name, type);
	if (scene->sources && out->verdict == VERDICT_SKIP_BY_DEFAULT) {
		*out = (struct match){ VERDICT_ENTER, NULL };
	}
	return 0;
}
