/*
 * pyc_split(): the parts lie in the name, one after the other, and make it up again; and a
 * name has parts if and only if the matcher takes it for bytecode, save Jython's, which it judges
 * by more than the name.
 */

#include "match/pyc_file.h"
#include "fuzz.h"

static void check_tag(struct pyc_part tag)
{
	char *copy = strndup(tag.length ? tag.start : "", tag.length);

	HOLDS(copy);
	HOLDS(pyc_tag_belongs(tag, copy) == (tag.length > 0));
	/* An empty tag belongs to none. */
	for (char *dash = tag.length > 0 ? strchr(copy + 1, '-') : NULL; dash;
	     dash = strchr(dash + 1, '-')) {
		*dash = '\0';
		HOLDS(pyc_tag_belongs(tag, copy));
		*dash = '-';
	}
	if (tag.length > 1) {
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
	const char *end = name + parts->legacy_stem.length;
	const char *after = name + parts->stem.length;
	const char *pyo_or_pyc = strncmp(end, ".pyo", 4) == 0 ? ".pyo" : ".pyc";
	const char *suffix = parts->is_class ? "$py.class" : pyo_or_pyc;

	HOLDS(parts->legacy_stem.start == name && parts->stem.start == name);
	HOLDS(parts->stem.length > 0 && after <= end);
	if (parts->tag.length > 0) {
		HOLDS(parts->tag.start == after + 1 && *after == '.');
		after = parts->tag.start + parts->tag.length;
		HOLDS(after <= end);
	}
	/* Nothing but a level is left out. */
	HOLDS(after == end || (strncmp(after, ".opt-", 5) == 0 &&
			       !memchr(after + 5, '.', (size_t)(end - after - 5))));
	HOLDS(strncmp(end, suffix, strlen(suffix)) == 0);
	end += strlen(suffix);
	HOLDS(parts->temporary == (*end == '.'));
	HOLDS(strspn(end + parts->temporary, "0123456789") == strlen(end + parts->temporary));
	HOLDS(!parts->is_class ||
	      (parts->stem.length == parts->legacy_stem.length && !parts->temporary));
	HOLDS(!parts->temporary || strcmp(suffix, ".pyc") == 0);
	check_tag(parts->tag);
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
