#include "aftermath.h"

#include "tests.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char project_name[] = "project/";

static void close_project(void *scene_fd)
{
	close(*(int *)scene_fd);
}

struct scene scene_make(const char *const entries[])
{
	struct scene scene = { .tree = TREE("outside/a.pyc", "outside/__pycache__/b.pyc") };
	int *fd = scratch_alloc(sizeof(*fd));

	tree_add_directory(scene.tree, project_name);
	scene.project.path = tree_path(scene.tree, "project");
	scene.project.fd = openat(scene.tree->fd, "project", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (scene.project.fd < 0) {
		broken("cannot open '%s'", scene.project.path);
	}
	*fd = scene.project.fd;
	scratch_defer(close_project, fd);
	for (; *entries; entries++) {
		tree_add(&scene.project, *entries);
	}
	tree_add_link(&scene.project, "link", "../outside");
	tree_add_link(&scene.project, "link.pyc", "../outside/a.pyc");
	scene.before = tree_list(scene.tree);
	scene.goes = oracle_of_tree(&scene.project, false);
	return scene;
}

/* ---- What was said -------------------------------------------------------------------------- */

/** The paths of all errors; "." for the project. */
struct errors {
	struct path_list list;
	/** How many lines were no error of a path: stdout cannot be written, nothing can begin. */
	size_t others;
	bool fatal;
};

/** Takes one line apart. @return Whether it is as it should be. */
static bool read_error(struct errors *errors, const char *line, size_t length)
{
	static const char *const starts[] = { "pyclean: cannot remove '",
					      "pyclean: cannot read '" };
	const char *text = scratch_copy(line, length);

	for (size_t i = 0; i < 2; i++) {
		const char *path = text + strlen(starts[i]);
		const char *end = strstr(text, "': ");

		if (strncmp(text, starts[i], strlen(starts[i])) == 0 && end && end[3] != '\0') {
			errors->list.paths[errors->list.count++] =
				scratch_copy(path, (size_t)(end - path));
			return true;
		}
	}
	errors->others++;
	if (strncmp(text, "pyclean: cannot write to standard output: ", 42) == 0) {
		return true;
	}
	errors->fatal = true;
	return strcmp(text, "pyclean: Cannot allocate memory") == 0 ||
	       strcmp(text, "pyclean: Out of memory") == 0;
}

/** @return Whether all of stderr is lines as they should be. */
static bool read_errors(struct errors *errors, const struct outcome *outcome)
{
	const char *line = without_hints(outcome->err);

	*errors = (struct errors){ 0 };
	errors->list.paths = scratch_alloc((outcome->err_length + 1) * sizeof(char *));
	while (*line) {
		size_t length = strcspn(line, "\n");

		if (line[length] != '\n' || !read_error(errors, line, length)) {
			return false;
		}
		line += length + 1;
	}
	return true;
}

/** Reads "N WORD" or "N WORDs" somewhere in a line. @return N, or 0. */
static unsigned long count_of(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	if (!at) {
		return 0;
	}
	while (at > line && (at[-1] == ' ' || (at[-1] >= '0' && at[-1] <= '9'))) {
		at--;
	}
	return strtoul(at, NULL, 10);
}

/** @return What is wrong with the summary, or NULL. */
static const char *summary_complaint(const struct outcome *outcome, const struct errors *errors,
				     size_t removed)
{
	const char *line = outcome->out;

	/* The last line. */
	for (size_t at = 0; at < outcome->out_length; at += strcspn(line, "\n") + 1) {
		line = outcome->out + at;
	}
	if (outcome->out_length > 0 && outcome->out[outcome->out_length - 1] != '\n') {
		return "the summary is cut off";
	}
	if (count_of(line, " file") + count_of(line, " director") != removed) {
		return scratch_format("%zu things have gone, which is not what the summary says",
				      removed);
	}
	return count_of(line, " error") == errors->list.count ? NULL
							      : "the summary miscounts the errors";
}

/* ---- What was done -------------------------------------------------------------------------- */

static bool is_at_or_below(const char *inner, const char *outer)
{
	size_t length = strlen(outer);

	if (length > 0 && outer[length - 1] == '/') {
		length--;
	}
	return strncmp(inner, outer, length) == 0 &&
	       (inner[length] == '\0' || inner[length] == '/');
}

/** Whether a path of the project had to go. */
static bool had_to_go(const struct scene *scene, const char *path)
{
	for (size_t i = 0; i < scene->goes.count; i++) {
		if (is_at_or_below(path, scene->goes.paths[i])) {
			return true;
		}
	}
	return false;
}

/** Whether an error tells why a path of the project is still there. */
static bool is_explained(const struct errors *errors, const char *path)
{
	for (size_t i = 0; i < errors->list.count; i++) {
		const char *named = errors->list.paths[i];
		/* A directory stays with what is in it. */
		bool holds_named = is_at_or_below(named, path);

		if (strcmp(named, ".") == 0 || is_at_or_below(path, named) || holds_named) {
			return true;
		}
	}
	return errors->fatal;
}

static bool has_entry(struct tree_listing listing, const struct tree_entry *entry)
{
	for (size_t i = 0; i < listing.count; i++) {
		const struct tree_entry *other = &listing.entries[i];

		if (strcmp(other->path, entry->path) == 0) {
			return other->type == entry->type && other->mode == entry->mode &&
			       other->content == entry->content;
		}
	}
	return false;
}

static const char *tree_complaint(const struct scene *scene, struct tree_listing after,
				  const struct errors *errors, enum fault fault)
{
	size_t kept = 0;

	for (size_t i = 0; i < scene->before.count; i++) {
		const struct tree_entry *entry = &scene->before.entries[i];
		const char *path = strncmp(entry->path, project_name, strlen(project_name)) == 0
					   ? entry->path + strlen(project_name)
					   : NULL;
		bool goes = path && had_to_go(scene, path);
		bool is_there = has_entry(after, entry);

		if (!goes && !is_there) {
			return scratch_format("%s should be as it was", entry->path);
		}
		if (goes && is_there && fault != FAULT_GONE && !is_explained(errors, path)) {
			return scratch_format("no error says why %s is still there", path);
		}
		kept += is_there;
	}
	return kept == after.count ? NULL : "there is something new";
}

const char *scene_complaint(const struct scene *scene, const struct outcome *outcome,
			    enum fault fault)
{
	struct tree_listing after = tree_list(scene->tree);
	size_t removed = scene->before.count - after.count;
	struct errors errors;
	const char *complaint;

	if (!read_errors(&errors, outcome)) {
		return "there is more on stderr than errors";
	}
	if (outcome->status != (errors.fatal ? 2 : outcome->err_length > 0)) {
		return "its status is not what its errors say";
	}
	if (fault != FAULT_LASTING && errors.list.count + errors.others > 1) {
		return "one fault, but several errors";
	}
	complaint = tree_complaint(scene, after, &errors, fault);
	if (!complaint && errors.fatal && removed > 0) {
		complaint = "it could not begin, and has removed something";
	}
	if (!complaint && errors.others == 0) {
		complaint = summary_complaint(outcome, &errors, removed);
	}
	return complaint;
}
