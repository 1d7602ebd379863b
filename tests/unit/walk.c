#include "walk.h"

#include "child.h"
#include "walker.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char note[64];

static void clear_note(void *object)
{
	(void)object;
	note[0] = '\0';
}

void note_walks(const char *format, ...)
{
	va_list arguments;

	scratch_defer(clear_note, NULL);
	va_start(arguments, format);
	vsnprintf(note, sizeof(note), format, arguments);
	va_end(arguments);
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *sort_lines(const char *text)
{
	size_t count = 0;
	const char **lines = scratch_alloc((strlen(text) + 1) * sizeof(*lines));
	char *sorted = scratch_alloc(strlen(text) + 1);
	char *end = sorted;

	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		lines[count++] = scratch_copy(at, strcspn(at, "\n") + 1);
	}
	if (count > 0) {
		qsort(lines, count, sizeof(*lines), compare_lines);
	}
	for (size_t i = 0; i < count; i++) {
		end = stpcpy(end, lines[i]);
	}
	return sorted;
}

/* ---- In the child --------------------------------------------------------------------------- */

/** What the child gives back. */
struct shared_result {
	int returned;
	int error;
	struct reporter_counts tally;
	long leaked;
};

struct session {
	const struct walk_request *request;
	struct shared_result *result;
};

/** Leaves the tree's descriptor alone open, beside the standard streams, and sets the limit. */
static int confine(int tree_fd, size_t limit, size_t inherited)
{
	enum {
		FIRST = 3
	};

	if (dup2(tree_fd, FIRST) < 0) {
		abort();
	}
	for (int fd = FIRST + 1; fd < 256; fd++) {
		close(fd);
	}
	for (size_t i = 0; i < inherited; i++) {
		if (dup(FIRST) < 0) {
			abort();
		}
	}
	limit_descriptors(limit);
	return FIRST;
}

static int end_walk(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)type;
	(void)ftw;
	return 1;
}

/** Whether the C library's own nftw leaks what it has open when it is stopped, as musl's does. */
static bool nftw_leaks(void)
{
	size_t before = count_descriptors();

	real_nftw("/", end_walk, 2, FTW_PHYS);
	return count_descriptors() > before;
}

static int walk_here(void *context)
{
	const struct session *session = context;
	const struct walk_request *request = session->request;
	struct shared_result *result = session->result;
	struct scan_config config = { .ignore = request->ignore, .policy = request->policy };
	struct reporter *reporter;
	bool can_leak = nftw_leaks();
	size_t before;
	int top = request->tree->fd;
	int fd;

	if (request->max_descriptors > 0) {
		top = confine(top, request->max_descriptors, request->inherited);
	}
	reporter = reporter_new(&(const struct reporter_style){
		.detail = REPORTER_ALL,
		.dry_run = request->policy.dry_run,
	});
	fd = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		perror("cannot begin");
		return 1;
	}
	config.policy.sizes = true;
	config.prune = request->prune;
	config.reporter = reporter;
	config.operand_fd = fd;
	before = count_descriptors();
	interpose(request->functions);
	result->returned = walker_run(&config, "", NULL, request->jobs ? request->jobs : 1,
				      request->small ? request->small : WALKER_SMALL_TREE);
	result->error = errno;
	interpose(NULL);
	if (!can_leak) {
		result->leaked = (long)count_descriptors() - (long)before;
	}
	result->tally = *reporter_counts(reporter);
	reporter_free(reporter);
	close(fd);
	return 0;
}

/* ---- In the test ---------------------------------------------------------------------------- */

const struct walk_result *walk(const struct walk_request *request)
{
	struct session session = { request, shared_alloc(sizeof(*session.result)) };
	const struct outcome *outcome = in_child(walk_here, &session);
	struct walk_result *result = scratch_alloc(sizeof(*result));

	if (outcome->status != 0) {
		print_error("# the walk ended with status %d, signal %d: %s (%s)\n",
			    outcome->status, outcome->signal, outcome->err, note);
		fail();
	}
	assert_int_equal(session.result->leaked, 0);
	result->returned = session.result->returned;
	result->error = session.result->error;
	result->tally = session.result->tally;
	result->out = sort_lines(without_marks(outcome->out, ""));
	result->err = sort_lines(outcome->err);
	return result;
}

/** Prints the lines that one sorted text has and the other has not. */
static void print_missing(const char *what, const char *from, const char *in)
{
	for (const char *at = from; *at; at += strcspn(at, "\n") + 1) {
		const char *line = scratch_copy(at, strcspn(at, "\n") + 1);

		if (strstr(in, line) == NULL) {
			print_error("# %s %s", what, line);
		}
	}
}

void expect_same_walk(const struct walk_result *expected, const struct walk_result *found,
		      const char *file, int line)
{
	const struct reporter_counts *left = &expected->tally;
	const struct reporter_counts *right = &found->tally;

	if (strcmp(expected->out, found->out) == 0 && strcmp(expected->err, found->err) == 0 &&
	    memcmp(left, right, sizeof(*left)) == 0 && expected->returned == found->returned) {
		return;
	}
	print_error("# not the same walk: %s\n", note);
	print_missing("not said: ", expected->out, found->out);
	print_missing("said too: ", found->out, expected->out);
	print_missing("no error: ", expected->err, found->err);
	print_missing("error:    ", found->err, expected->err);
	print_error(
		"# files %ju and %ju, directories %ju and %ju, bytes %ju and %ju, lines %zu and "
		"%zu bytes\n",
		(uintmax_t)left->files, (uintmax_t)right->files, (uintmax_t)left->directories,
		(uintmax_t)right->directories, (uintmax_t)left->bytes, (uintmax_t)right->bytes,
		strlen(expected->out), strlen(found->out));
	_fail(file, line);
}

static const struct tree *grown(void (*grow)(const struct tree *tree))
{
	const struct tree *tree = TREE(NULL);

	grow(tree);
	return tree;
}

const struct standard *standard_of(void (*grow)(const struct tree *tree))
{
	struct standard *standard = scratch_alloc(sizeof(*standard));
	const struct tree *cleaned = grown(grow);

	standard->grow = grow;
	standard->tree = grown(grow);
	standard->before = tree_list(standard->tree);
	standard->dry_run = WALK(.tree = standard->tree, .policy.dry_run = true);
	standard->run = WALK(.tree = cleaned);
	standard->after = tree_list(cleaned);
	assert_int_equal(standard->dry_run->returned, 0);
	assert_int_equal(standard->dry_run->tally.errors, 0);
	assert_true(standard->dry_run->tally.files > 0 && standard->dry_run->tally.directories > 0);
	assert_true(standard->after.count < standard->before.count);
	return standard;
}

enum {
	SEVERAL = 4
};

void assert_dry_run_undisturbed(const struct standard *standard, const struct interposed *functions)
{
	static unsigned turn;
	struct walk_request request = { .tree = standard->tree,
					.policy.dry_run = true,
					.functions = functions };

	assert_same_walk(standard->dry_run, walk(&request));
	/* The tree is shared from its first directories on, or later. */
	request.jobs = SEVERAL;
	request.small = 1 + turn++ % 40;
	assert_same_walk(standard->dry_run, walk(&request));
}

void assert_undisturbed(const struct standard *standard, const struct interposed *functions)
{
	static unsigned turn;
	const struct tree *tree = grown(standard->grow);
	struct walk_request request = { .tree = tree,
					.functions = functions,
					.jobs = turn % 2 ? SEVERAL : 1,
					.small = turn % 2 ? 1 + turn % 40 : 0 };

	turn++;
	assert_dry_run_undisturbed(standard, functions);
	assert_listing(standard->before, tree_list(standard->tree));
	assert_same_walk(standard->run, walk(&request));
	assert_listing(standard->after, tree_list(tree));
}

/** Whether each line of a text that does not speak of what is below a path is in another text. */
static bool has_all_but_below(const char *text, const char *path, const char *other)
{
	const char *below = scratch_format(" %s/", path);

	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		const char *line = scratch_copy(at, strcspn(at, "\n") + 1);

		if (!strstr(line, below) && !strstr(other, line)) {
			print_error("# not done either: %s", line);
			return false;
		}
	}
	return true;
}

/** The path that an error line names, within quotes. */
static const char *path_in(const char *error)
{
	const char *open = strchr(error, '\'');

	return open ? scratch_copy(open + 1, strcspn(open + 1, "'")) : "";
}

void assert_one_error_alone(const struct walk_result *undisturbed, const struct walk_result *result)
{
	const char *end = strchr(result->err, '\n');
	const char *path = path_in(result->err);

	if (result->tally.errors != 1 || !end || end[1] != '\0') {
		print_error("# %s: %ju errors: %s\n", note, (uintmax_t)result->tally.errors,
			    result->err);
		fail();
	}
	assert_true(has_all_but_below(result->out, "", undisturbed->out));
	if (strcmp(path, ".") != 0) {
		assert_true(has_all_but_below(undisturbed->out, path, result->out));
	}
}
