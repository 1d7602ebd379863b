#include "removal.h"

#include "child.h"
#include "interpose.h"
#include "tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Not with scratch.h, whose memory may be out just now. */
static void *grow(void *old, size_t size)
{
	void *memory = real_realloc(old, size);

	if (!memory) {
		broken("cannot allocate");
	}
	return memory;
}

static const char *const words[] = { "removed", "cannot remove", "cannot read", "other file system",
				     "held open" };

static char *line_of(const struct deleter_event *event)
{
	const char *error = event->error ? strerror(event->error) : "";
	const char *reason = event->reason ? event->reason : "";
	size_t size =
		strlen(event->trail) + strlen(event->name) + strlen(error) + strlen(reason) + 32;
	char *line = grow(NULL, size);

	snprintf(line, size, "%s %s%s%s%s%s%s%s%s", words[event->outcome], event->trail,
		 event->name, event->directory ? "/" : "", event->error ? ": " : "", error,
		 reason[0] ? " (" : "", reason, reason[0] ? ")" : "");
	return line;
}

static void write_down(void *context, const struct deleter_event *event)
{
	struct removal *removal = context;

	if (removal->count == removal->allocated) {
		removal->allocated = 2 * removal->allocated + 16;
		removal->lines = grow(removal->lines, removal->allocated * sizeof(*removal->lines));
	}
	removal->lines[removal->count++] = line_of(event);
	removal->bytes += event->bytes;
	if (event->outcome == DELETER_REMOVED) {
		removal->files += !event->directory;
		removal->directories += event->directory;
	} else if (event->outcome != DELETER_OTHER_FILE_SYSTEM &&
		   event->outcome != DELETER_HELD_OPEN) {
		removal->errors++;
	}
}

static void free_removal(void *object)
{
	struct removal *removal = object;

	for (size_t i = 0; i < removal->count; i++) {
		free(removal->lines[i]);
	}
	free(removal->lines);
}

/** What follows the words in a line. */
static const char *path_in(const char *line)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i]);

		if (strncmp(line, words[i], length) == 0 && line[length] == ' ') {
			return line + length + 1;
		}
	}
	return line;
}

/** Asserts that entries come before their directory, as the header says. */
static void assert_order_of_events(const struct removal *removal)
{
	/* Where there are many, those next to each other have to do. */
	size_t span = removal->count > 500 ? 2 : removal->count;

	for (size_t i = 0; i < removal->count; i++) {
		const char *directory = path_in(removal->lines[i]);
		size_t length = strlen(directory);

		if (strncmp(removal->lines[i], "removed ", 8) != 0 ||
		    directory[length - 1] != '/') {
			continue;
		}
		for (size_t j = i + 1; j < removal->count && j < i + span; j++) {
			if (strncmp(path_in(removal->lines[j]), directory, length) == 0) {
				print_error("# said after '%s': %s\n", removal->lines[i],
					    removal->lines[j]);
				fail();
			}
		}
	}
}

static const struct removal *run_removal(const struct interposed *functions,
					 const struct tree *tree, const char *name,
					 const struct deleter_policy *policy,
					 deleter_choose_fn *choose)
{
	struct removal *removal = scratch_alloc(sizeof(*removal));
	size_t length = strlen(name);
	char *plain = scratch_copy(name, length);
	size_t before = count_descriptors();
	enum entry_type type = ENTRY_FILE;
	struct deleter deleter = { .policy = policy ? *policy : (struct deleter_policy){ 0 } };

	scratch_defer(free_removal, removal);
	interpose(functions);
	if (length > 0 && name[length - 1] == '/') {
		plain[length - 1] = '\0';
		type = ENTRY_DIRECTORY;
	}
	deleter_remove(&deleter, tree->fd, plain, type,
		       &(const struct deleter_callbacks){ write_down, choose, removal });
	deleter_free(&deleter);
	interpose(NULL);
	assert_int_equal(count_descriptors(), before);
	assert_order_of_events(removal);
	return removal;
}

const struct removal *remove_in(const struct tree *tree, const char *name,
				const struct deleter_policy *policy)
{
	return run_removal(NULL, tree, name, policy, NULL);
}

const struct removal *remove_under(const struct interposed *functions, const struct tree *tree,
				   const char *name, const struct deleter_policy *policy)
{
	return run_removal(functions, tree, name, policy, NULL);
}

const struct removal *remove_chosen_in(const struct tree *tree, const char *name,
				       const struct deleter_policy *policy,
				       deleter_choose_fn *choose)
{
	return run_removal(NULL, tree, name, policy, choose);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void expect_removal(const struct removal *removal, const char *const *lines, const char *file,
		    int line)
{
	size_t count = 0;
	const char **expected;
	const char **found;
	bool same;

	while (lines[count]) {
		count++;
	}
	expected = scratch_alloc((count + 1) * sizeof(*expected));
	found = scratch_alloc((removal->count + 1) * sizeof(*found));
	memcpy(expected, lines, count * sizeof(*expected));
	qsort(expected, count, sizeof(*expected), compare);
	for (size_t i = 0; i < removal->count; i++) {
		found[i] = removal->lines[i];
	}
	qsort(found, removal->count, sizeof(*found), compare);
	same = count == removal->count;
	for (size_t i = 0; same && i < count; i++) {
		same = strcmp(expected[i], found[i]) == 0;
	}
	if (same) {
		return;
	}
	for (size_t i = 0; i < removal->count; i++) {
		print_error("# said:            %s\n", visible(found[i]));
	}
	for (size_t i = 0; i < count; i++) {
		print_error("# should have said: %s\n", visible(expected[i]));
	}
	_fail(file, line);
}
