#include "random_tree.h"
#include "tests.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *visible(const char *text)
{
	size_t length = strlen(text);
	char *quoted = scratch_alloc(4 * length + 3);
	char *to = quoted;

	*to++ = '"';
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '\n') {
			to += sprintf(to, "\\n");
		} else if (byte < ' ' || byte >= 0x7f) {
			to += sprintf(to, "\\%03o", byte);
		} else {
			*to++ = (char)byte;
		}
	}
	*to++ = '"';
	return quoted;
}

/* ---- Lines ---------------------------------------------------------------------------------- */

/** A text cut into lines, or an output into paths. */
struct lines {
	char **line;
	size_t count;
};

/** Cuts after each `end`; what is left at the end without one is marked as such. */
static struct lines cut(const char *text, size_t length, char end)
{
	struct lines lines = { scratch_alloc((length + 1) * sizeof(char *)), 0 };

	while (length > 0) {
		const char *found = memchr(text, end, length);
		size_t used = found ? (size_t)(found - text) : length;
		char *line = scratch_copy(text, used);

		lines.line[lines.count++] = found ? line : scratch_format("%s[UNENDED]", line);
		used += found ? 1 : 0;
		text += used;
		length -= used;
	}
	return lines;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct lines *lines, size_t count)
{
	if (count > 1) {
		qsort(lines->line, count, sizeof(*lines->line), compare_lines);
	}
}

/** Replaces the sizes in a line by `(*)`, those alone that are well formed: 12 B, 3.4 KiB. */
static void mask_size(char *line)
{
	for (char *open = strchr(line, '('); open; open = strchr(open + 1, '(')) {
		char *at = open + 1;

		at += strspn(at, "0123456789");
		if (at == open + 1) {
			continue;
		}
		if (at[0] == '.' && isdigit((unsigned char)at[1])) {
			at += 2;
			if (at[0] != ' ' || !strchr("KMGTPE", at[1]) ||
			    strncmp(at + 2, "iB)", 3) != 0) {
				continue;
			}
			at += 4;
		} else if (strncmp(at, " B)", 3) == 0) {
			at += 2;
		} else {
			continue;
		}
		open[1] = '*';
		memmove(open + 2, at, strlen(at) + 1);
	}
}

/** Puts glibc's words where musl has others for the same error. */
static char *with_words_of_glibc(char *line)
{
	static const char *const words[][2] = {
		{ ": Resource busy", ": Device or resource busy" },
		{ ": Symbolic link loop", ": Too many levels of symbolic links" },
		{ ": Socket not connected", ": Transport endpoint is not connected" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		char *found = strstr(line, words[i][0]);

		if (found && found[strlen(words[i][0])] == '\0') {
			*found = '\0';
			return scratch_format("%s%s", line, words[i][1]);
		}
	}
	return line;
}

char *without_hints(const char *err)
{
	static const char start[] = "pyclean: hint: ";
	char *left = scratch_copy(err, strlen(err));
	char *to = left;

	while (*err) {
		size_t length = strcspn(err, "\n");

		length += err[length] == '\n';
		if (strncmp(err, start, strlen(start)) != 0) {
			memcpy(to, err, length);
			to += length;
		}
		err += length;
	}
	*to = '\0';
	return left;
}

/** @return How many bytes of a mark there are at the beginning of a text. */
static size_t mark_length(const char *text)
{
	static const char mark[] = " (no source beside it)";
	static const char rest[] = " without a source beside it (see --keep-sourceless)";
	size_t digits;

	if (strncmp(text, mark, strlen(mark)) == 0) {
		return strlen(mark);
	}
	if (strncmp(text, "; ", 2) != 0) {
		return 0;
	}
	digits = strspn(text + 2, "0123456789");
	return strncmp(text + 2 + digits, rest, strlen(rest)) == 0 ? 2 + digits + strlen(rest) : 0;
}

char *without_marks(const char *text, const char *expected)
{
	char *left = scratch_copy(text, strlen(text));
	char *to = left;

	if (strstr(expected, "source beside it")) {
		return left;
	}
	while (*text) {
		size_t length = mark_length(text);

		if (length == 0) {
			*to++ = *text++;
		}
		text += length;
	}
	*to = '\0';
	return left;
}

/** Whether a text has the lines expected; with `last_is_last`, the last one in its place. */
static bool same_lines(const char *expected, const char *found, size_t length, bool last_is_last)
{
	struct lines left = cut(expected, strlen(expected), '\n');
	struct lines right = cut(found, length, '\n');
	size_t fixed = last_is_last && left.count > 0 ? 1 : 0;

	if (left.count != right.count || memchr(found, '\0', length)) {
		return false;
	}
	for (size_t i = 0; i < right.count; i++) {
		right.line[i] = with_words_of_glibc(right.line[i]);
		if (strstr(expected, "(*)")) {
			mask_size(right.line[i]);
		}
	}
	sort(&left, left.count - fixed);
	sort(&right, right.count - fixed);
	for (size_t i = 0; i < left.count; i++) {
		if (strcmp(left.line[i], right.line[i]) != 0) {
			return false;
		}
	}
	return true;
}

/* ---- Outcomes ------------------------------------------------------------------------------- */

static void print_text(const char *what, const char *text, size_t length)
{
	struct lines lines = cut(text, length, '\n');

	print_error("# %s\n", what);
	for (size_t i = 0; i < lines.count; i++) {
		print_error("#     %s\n", visible(lines.line[i]));
	}
}

static void print_outcome(const struct outcome *outcome)
{
	print_error("# %s\n", outcome->command);
	if (outcome->signal) {
		print_error("# was ended by signal %d\n", outcome->signal);
	} else {
		print_error("# ended with status %d\n", outcome->status);
	}
	print_text("stdout:", outcome->out, outcome->out_length);
	print_text("stderr:", outcome->err, outcome->err_length);
}

void expect_outcome(const struct outcome *outcome, int status, const char *out, const char *err,
		    const char *file, int line)
{
	const char *said = outcome->err;
	size_t length = outcome->err_length;
	const char *listed = outcome->out;
	size_t listed_length = outcome->out_length;

	if (strlen(said) == length && !strstr(err, "pyclean: hint: ")) {
		said = without_hints(said);
		length = strlen(said);
	}
	if (strlen(listed) == listed_length) {
		listed = without_marks(listed, out);
		listed_length = strlen(listed);
	}
	if (outcome->status == status && same_lines(out, listed, listed_length, true) &&
	    same_lines(err, said, length, false)) {
		return;
	}
	print_outcome(outcome);
	print_error("# but should have ended with status %d and\n", status);
	print_text("stdout:", out, strlen(out));
	print_text("stderr:", err, strlen(err));
	_fail(file, line);
}

void expect_last_line(const struct outcome *outcome, int status, const char *summary,
		      const char *err, const char *file, int line)
{
	struct outcome last = *outcome;
	char *end;

	while ((end = strchr(last.out, '\n')) && end[1] != '\0') {
		last.out = end + 1;
	}
	last.out_length = strlen(last.out);
	expect_outcome(&last, status, summary, err, file, line);
}

void expect_paths(const struct outcome *outcome, const char *const paths[], const char *file,
		  int line)
{
	struct lines found = cut(outcome->out, outcome->out_length, '\0');
	struct lines expected = { 0 };
	bool same;

	while (paths[expected.count]) {
		expected.count++;
	}
	expected.line = scratch_alloc((expected.count + 1) * sizeof(char *));
	for (size_t i = 0; i < expected.count; i++) {
		expected.line[i] = scratch_copy(paths[i], strlen(paths[i]));
	}
	sort(&found, found.count);
	sort(&expected, expected.count);
	same = found.count == expected.count;
	for (size_t i = 0; same && i < found.count; i++) {
		same = strcmp(found.line[i], expected.line[i]) == 0;
	}
	if (same) {
		return;
	}
	print_outcome(outcome);
	for (size_t i = 0; i < found.count; i++) {
		print_error("# listed:            %s\n", visible(found.line[i]));
	}
	for (size_t i = 0; i < expected.count; i++) {
		print_error("# should have listed: %s\n", visible(expected.line[i]));
	}
	_fail(file, line);
}

void expect_before(const struct outcome *outcome, const char *first, const char *second,
		   const char *file, int line)
{
	const char *left = strstr(outcome->out, first);
	const char *right = strstr(outcome->out, second);

	if (left && right && left < right) {
		return;
	}
	print_outcome(outcome);
	print_error("# should have %s before %s\n", visible(first), visible(second));
	_fail(file, line);
}

/* ---- Trees ---------------------------------------------------------------------------------- */

void expect_listing(struct tree_listing expected, struct tree_listing found, const char *file,
		    int line)
{
	const char *difference = tree_difference(expected, found);

	if (difference) {
		print_error("# the tree is not as it should be:\n%s", difference);
		_fail(file, line);
	}
}

void expect_tree(const struct tree *tree, const char *const entries[], const char *file, int line)
{
	expect_listing(tree_list(tree_make(entries)), tree_list(tree), file, line);
}

/** Paths as expect_paths() takes them. */
static const char *const *with_end(struct path_list list)
{
	const char **paths = scratch_alloc((list.count + 1) * sizeof(char *));

	for (size_t i = 0; i < list.count; i++) {
		paths[i] = list.paths[i];
	}
	return paths;
}

static const char goes[] = "- ";

void expect_cleans(const char *arguments, const char *const entries[], const char *file, int line)
{
	const struct tree *tree = TREE(NULL);
	const struct tree *expected = TREE(NULL);
	const struct outcome *outcome;

	for (; *entries; entries++) {
		bool marked = strncmp(*entries, goes, strlen(goes)) == 0;

		tree_add(tree, *entries + (marked ? strlen(goes) : 0));
		if (!marked) {
			tree_add(expected, *entries);
		}
	}
	if (!tests_are_slow()) {
		struct tree_listing before = tree_list(tree);

		run(tree, scratch_format("-n %s", arguments));
		expect_listing(before, tree_list(tree), file, line);
	}
	outcome = run(tree, arguments);
	if (outcome->status != 0 || outcome->err_length > 0) {
		print_outcome(outcome);
		_fail(file, line);
	}
	expect_listing(tree_list(expected), tree_list(tree), file, line);
}

void expect_dry_run_tells(const struct tree *tree, const char *arguments, const char *file,
			  int line)
{
	struct tree_listing before = tree_list(tree);
	const struct outcome *dry = run(tree, scratch_format("-n0 %s", arguments));
	struct path_list listed = paths_of_output(dry->out, dry->out_length);
	const struct outcome *outcome;

	expect_listing(before, tree_list(tree), file, line);
	outcome = run(tree, scratch_format("-0 %s", arguments));
	expect_paths(outcome, with_end(listed), file, line);
	expect_listing(tree_listing_without(before, listed.paths, listed.count), tree_list(tree),
		       file, line);
	if (dry->status != 0 || dry->err_length > 0 || outcome->status != 0 ||
	    outcome->err_length > 0) {
		print_outcome(dry);
		print_outcome(outcome);
		_fail(file, line);
	}
}
