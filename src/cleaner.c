#include "cleaner.h"

#include "crew.h"
#include "matcher.h"
#include "operand.h"
#include "platform.h"
#include "sweeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** What is done with an operand. */
enum use {
	USE_ENTER,
	USE_REMOVE,
	USE_NONE,
};

struct cleaner {
	struct sweeper_plan plan;
	/** For operands that go as they are. */
	struct sweeper sweeper;
	struct operands operands;
	unsigned jobs;
};

/** @return A path without slashes at its end, but for the root's; to be freed. NULL with ENOMEM. */
static char *without_slashes(const char *given)
{
	size_t length = strlen(given);

	while (length > 1 && given[length - 1] == '/') {
		length--;
	}
	return strndup(given, length);
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] != '\0' ? slash + 1 : path;
}

/** Looks an operand up. @return 0, or -1 with errno. */
static int find_use(const char *given, const char *path, enum use *use, enum entry_type *type)
{
	static const struct matcher_rules by_name_alone = { .all = true };
	const char *name = last_component(path);
	struct stat target;
	struct stat st;

	/* `given` may end in a slash, which asks for a directory or a link to one. */
	if (lstat(given, &st) != 0 || lstat(path, &st) != 0) {
		return -1;
	}
	*type = platform_type_of_mode(st.st_mode);
	if (*type == ENTRY_LINK && stat(path, &target) == 0 && S_ISDIR(target.st_mode)) {
		*use = USE_ENTER;
	} else if (matcher_classify(&by_name_alone, name, name, *type).verdict == VERDICT_REMOVE) {
		*use = USE_REMOVE;
	} else {
		*use = *type == ENTRY_DIRECTORY ? USE_ENTER : USE_NONE;
	}
	return 0;
}

/** Cleans a directory and all below it. @return 0, or -1 with errno where that could not begin. */
static int enter(struct cleaner *c, const struct operand *operand, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *prefix = fd < 0 ? NULL : malloc(strlen(path) + 2);
	int result = -1;
	int error;

	if (prefix) {
		char *end = stpcpy(prefix, strcmp(path, ".") == 0 ? "" : path);

		stpcpy(end, end == prefix || end[-1] == '/' ? "" : "/");
		result = crew_run(&c->plan, operand, fd, prefix, c->jobs);
	}
	error = errno;
	if (fd >= 0) {
		close(fd);
	}
	free(prefix);
	errno = error;
	return result;
}

/** Removes a file or a tree. @return 0, or -1 with errno where that could not begin. */
static int remove_it(struct cleaner *c, const struct operand *operand, const char *path,
		     enum entry_type type)
{
	const char *name = last_component(path);
	char *prefix = strndup(path, (size_t)(name - path));
	int fd = prefix ? platform_open_parent(prefix[0] == '\0' ? "." : prefix) : -1;

	if (fd >= 0) {
		struct sweeper_place place = { .fd = fd, .prefix = prefix, .operand = operand };

		operands_cover(&c->operands, operand, "", OPERANDS_WHOLE);
		sweeper_remove(&c->sweeper, &place, name, type);
		reporter_flush(&c->sweeper.report);
		close(fd);
	}
	free(prefix);
	return fd < 0 ? -1 : 0;
}

static int clean(struct cleaner *c, const struct operand *operand, const char *path)
{
	enum entry_type type;
	enum use use;

	if (find_use(operand->given, path, &use, &type) != 0) {
		return -1;
	}
	switch (use) {
	case USE_ENTER:
		return enter(c, operand, path);
	case USE_REMOVE:
		return remove_it(c, operand, path, type);
	case USE_NONE:
		reporter_unfit(&c->sweeper.report, operand->given,
			       "is neither a directory nor bytecode");
		break;
	}
	return 0;
}

static void clean_operand(struct cleaner *c, const struct operand *operand)
{
	const struct reporter_path shown = { .name = operand->given };
	char *path = without_slashes(operand->given);

	if (!path || clean(c, operand, path) != 0) {
		reporter_error(&c->sweeper.report, "read", &shown, errno);
	}
	free(path);
}

int cleaner_run(const struct options *options, struct reporter *reporter, const atomic_int *stop)
{
	struct cleaner c = { .jobs = options->jobs };
	const struct operand *operand;

	c.plan.rules = options->rules;
	c.plan.policy.dry_run = options->style.dry_run;
	c.plan.policy.stop = stop;
	c.plan.policy.one_file_system = options->one_file_system;
	c.plan.policy.sizes = reporter_wants_sizes(reporter);
	c.plan.reporter = reporter;
	c.plan.operands = &c.operands;
	if (operands_init(&c.operands, options->operands, options->operand_count) != 0) {
		operands_free(&c.operands);
		return -1;
	}
	if (sweeper_init(&c.sweeper, &c.plan) != 0) {
		operands_free(&c.operands);
		return -1;
	}
	while (!deleter_policy_stops(&c.plan.policy) && (operand = operands_next(&c.operands))) {
		clean_operand(&c, operand);
	}
	sweeper_close(&c.sweeper);
	operands_free(&c.operands);
	return 0;
}
