/*
 * bytecode_split(): the parts lie in the name, one after the other, and make it up again; and a
 * name has parts if and only if the matcher takes it for bytecode.
 */

#include "bytecode.h"
#include "fuzz.h"
#include "matcher.h"

/** Appends a part, and what stands before it, where the name has it. */
static char *append(char *end, const char *before, struct bytecode_part part)
{
	if (part.length > 0) {
		end = stpcpy(end, before);
		end = mempcpy(end, part.start, part.length);
	}
	*end = '\0';
	return end;
}

static void check_parts(const char *name, const struct bytecode_name *parts)
{
	const struct bytecode_part all[] = { parts->stem, parts->tag, parts->optimization,
					     parts->temporary };
	size_t length = strlen(name);
	const char *after = name;
	char *joined = malloc(length + 1);
	char *end = joined;

	HOLDS(joined && parts->stem.length > 0);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (all[i].length > 0) {
			HOLDS(all[i].start >= after);
			after = all[i].start + all[i].length;
			HOLDS(after <= name + length);
		}
	}
	end = append(end, "", parts->stem);
	end = append(end, ".", parts->tag);
	end = append(end, ".opt-", parts->optimization);
	/* Which of the two it is, is no part. */
	HOLDS((size_t)(end - joined) + 4 <= length);
	HOLDS(strncmp(name + (end - joined), ".pyc", 4) == 0 ||
	      strncmp(name + (end - joined), ".pyo", 4) == 0);
	end = mempcpy(end, name + (end - joined), 4);
	append(end, ".", parts->temporary);
	HOLDS(strcmp(joined, name) == 0);
	HOLDS(strspn(parts->temporary.length ? parts->temporary.start : "", "0123456789") ==
	      parts->temporary.length);
	free(joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct matcher_rules by_name_alone = { .all = true };
	char *name = take_string(&data, &size);
	struct bytecode_name parts;
	bool split = bytecode_split(name, &parts);

	HOLDS(split ==
	      (matcher_classify(&by_name_alone, name, name, ENTRY_FILE).verdict == VERDICT_REMOVE));
	if (split) {
		check_parts(name, &parts);
	}
	free(name);
	return 0;
}
