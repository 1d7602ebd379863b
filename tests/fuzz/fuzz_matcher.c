/*
 * matcher_classify(): of directories only `__pycache__` is removed, of files and links only what
 * has a bytecode suffix, or what may be debris, of the rest nothing; only directories are entered;
 * every skip has a reason. debris_is_mark() reads no byte too many.
 *
 * Input: a byte of type and options, a name, the bytes of a mark.
 */

#include "debris.h"
#include "fuzz.h"
#include "matcher.h"

/** The suffixes once more, in the plainest way. */
static bool has_suffix(const char *name)
{
	size_t length = strlen(name);
	size_t digits = 0;

	while (digits < length && name[length - digits - 1] >= '0' &&
	       name[length - digits - 1] <= '9') {
		digits++;
	}
	if (digits > 0) {
		return length > digits + 5 && strncmp(name + length - digits - 5, ".pyc.", 5) == 0;
	}
	return length > 4 &&
	       (strcmp(name + length - 4, ".pyc") == 0 || strcmp(name + length - 4, ".pyo") == 0);
}

static bool is_jython(const char *name)
{
	size_t length = strlen(name);

	return length > 9 && strcmp(name + length - 9, "$py.class") == 0;
}

static void check(const struct matcher_rules *rules, const char *name, enum entry_type type)
{
	struct match match = matcher_classify(rules, name, type);
	bool is_file = type == ENTRY_FILE || type == ENTRY_LINK;
	bool removable = type == ENTRY_DIRECTORY ? strcmp(name, "__pycache__") == 0
						 : is_file && (has_suffix(name) || is_jython(name));

	HOLDS((match.reason != NULL) ==
	      (match.verdict == VERDICT_SKIP || match.verdict == VERDICT_SKIP_BY_DEFAULT));
	switch (match.verdict) {
	case VERDICT_REMOVE:
		HOLDS(removable);
		break;
	case VERDICT_REMOVE_IF_MARKED:
		HOLDS(type == ENTRY_DIRECTORY || type == ENTRY_FILE);
		HOLDS(!removable &&
		      debris_find(DEBRIS_ANYWHERE, rules->debris, name, type)->type == type);
		break;
	case VERDICT_KEEP:
		HOLDS(type != ENTRY_DIRECTORY && !removable);
		break;
	case VERDICT_ENTER:
	case VERDICT_SKIP:
		HOLDS(type == ENTRY_DIRECTORY);
		HOLDS(!removable);
		break;
	case VERDICT_SKIP_BY_DEFAULT:
		HOLDS(!rules->all && !removable);
		break;
	default:
		HOLDS(false);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t choice = size > 0 ? data[0] : 0;

	data += size > 0;
	size -= size > 0;

	char *name = take_string(&data, &size);
	const struct matcher_rules rules = { .all = choice & 8,
					     .debris = choice >> 4 & DEBRIS_ALL };
	const struct debris *row =
		debris_find(DEBRIS_ANYWHERE, rules.debris, name, (enum entry_type)(choice % 5));

	check(&rules, name, (enum entry_type)(choice % 5));
	if (row && row->begins) {
		HOLDS(!debris_is_mark(row, (const char *)data, size) || size >= row->begins_length);
	}
	free(name);
	return 0;
}
