/*
 * pyc_split(): the parts lie in the name, one after the other, and make it up again; and a
 * name has parts if and only if the matcher takes it for bytecode, save Jython's, which it judges
 * by more than the name.
 */

#include "pyc.h"
#include "fuzz.h"
#include "matcher.h"

/** Appends a part, and what stands before it, where the name has it. */
static char *append(char *end, const char *before, struct pyc_part part)
{
	if (part.length > 0) {
		end = stpcpy(end, before);
		end = mempcpy(end, part.start, part.length);
	}
	*end = '\0';
	return end;
}

static const char *suffix_of(enum pyc_kind kind)
{
	return kind == PYC_PYC ? ".pyc" : kind == PYC_PYO ? ".pyo" : "$py.class";
}

static void check_tag(struct pyc_part tag)
{
	char *copy = strndup(tag.length ? tag.start : "", tag.length);

	HOLDS(copy);
	HOLDS(pyc_tag_belongs(tag, copy) == (tag.length > 0));
	for (char *dash = strchr(copy, '-'); dash; dash = strchr(dash + 1, '-')) {
		*dash = '\0';
		HOLDS(pyc_tag_belongs(tag, copy));
		*dash = '-';
	}
	if (tag.length > 0) {
		char last = copy[tag.length - 1];
		bool belongs;

		copy[tag.length - 1] = '\0';
		belongs = pyc_tag_belongs(tag, copy);
		HOLDS(belongs || last != '-');
		/* The free-threaded build has the caches of the other; pypy3 is all of pypy39. */
		HOLDS(!belongs || last == '-' || last == 't' || strncmp(copy, "pypy", 4) == 0);
	}
	free(copy);
}

static void check_parts(const char *name, const struct pyc_name *parts)
{
	const struct pyc_part all[] = { parts->stem, parts->tag, parts->optimization,
					parts->temporary };
	size_t length = strlen(name);
	const char *after = name;
	/* Room for the longest suffix, should the name not have it. */
	char *joined = malloc(length + sizeof("$py.class"));
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
	HOLDS(parts->legacy_stem.start == name && parts->stem.start == name);
	HOLDS(parts->legacy_stem.length == (size_t)(end - joined));
	end = stpcpy(end, suffix_of(parts->kind));
	append(end, ".", parts->temporary);
	HOLDS(strcmp(joined, name) == 0);
	HOLDS(strspn(parts->temporary.length ? parts->temporary.start : "", "0123456789") ==
	      parts->temporary.length);
	HOLDS(parts->kind != PYC_CLASS ||
	      parts->tag.length + parts->optimization.length + parts->temporary.length == 0);
	HOLDS(parts->temporary.length == 0 || parts->kind == PYC_PYC);
	check_tag(parts->tag);
	free(joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct matcher_rules by_name_alone = { .all = true };
	char *name = take_string(&data, &size);
	struct pyc_name parts;
	bool split = pyc_split(name, &parts);

	enum verdict verdict = matcher_classify(&by_name_alone, name, ENTRY_FILE).verdict;

	HOLDS(split == (verdict == VERDICT_REMOVE));
	if (split) {
		check_parts(name, &parts);
	}
	free(name);
	return 0;
}
