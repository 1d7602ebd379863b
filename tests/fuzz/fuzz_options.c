/*
 * options_parse(): either the options are such as the rest of the program takes for granted, or
 * there is a problem with a text; the operands are words of the command line, none is lost to its
 * reordering; what was allocated is freed.
 *
 * Input: the words, with a NUL after each.
 */

#include "walk/pool.h"
#include "debris.h"
#include "fuzz.h"
#include "options.h"

#include <errno.h>
#include <getopt.h>

enum {
	MAX_WORDS = 32
};

static bool is_among(const char *word, char *const words[], int count)
{
	for (int i = 0; i < count; i++) {
		if (words[i] == word) {
			return true;
		}
	}
	return false;
}

static void check_tags(const struct filter_tags *tags)
{
	for (size_t i = 0; i < tags->count; i++) {
		const char *tag = tags->all[i];

		HOLDS(tag[0] != '\0' && (tag == filter_auto) == (strcmp(tag, "auto") == 0));
		HOLDS(!strpbrk(tag, ",/ \n\033"));
	}
}

static void check_parsed(const struct options *options, char *const words[], int count)
{
	HOLDS(options->jobs >= 1 && options->jobs <= WALKER_MAX_THREADS);
	HOLDS(options->operand_count >= 1);
	for (size_t i = 0; i < options->operand_count; i++) {
		const char *operand = options->operands[i];

		HOLDS(is_among(operand, words, count) ||
		      (options->operand_count == 1 && strcmp(operand, ".") == 0));
	}
	for (size_t i = 0; i < options->ignore.count; i++) {
		const struct ignore_pattern *pattern = &options->ignore.all[i];

		HOLDS(pattern->glob[0] != '\0' && pattern->given[0] != '!');
		HOLDS(!pattern->directory || options->ignore.has_absolute);
		HOLDS(!pattern->directory || (pattern->given[0] == '/' && pattern->rest));
	}
	HOLDS((options->rules.debris & ~DEBRIS_ALL) == 0);
	HOLDS(!options->check || options->style.dry_run);
	check_tags(&options->selection.only);
	check_tags(&options->selection.except);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char program[] = "pyclean";
	char *words[MAX_WORDS + 1] = { program };
	char *given[MAX_WORDS + 1];
	struct options options;
	int count = 1;

	while (size > 0 && count < MAX_WORDS) {
		words[count++] = take_string(&data, &size);
	}
	memcpy(given, words, sizeof(given));
	/* glibc: begin anew. */
	optind = 0;
	errno = 0;
	if (options_parse(&options, count, words) == 0) {
		check_parsed(&options, given, count);
	} else {
		HOLDS(options.problem && options.problem[0] != '\0');
	}
	for (int i = 0; i < count; i++) {
		HOLDS(is_among(given[i], words, count));
	}
	options_free(&options);
	for (int i = 1; i < count; i++) {
		free(given[i]);
	}
	return 0;
}
