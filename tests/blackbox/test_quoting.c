/* How paths are printed: no name can send the terminal a command, or pass for another name. */

#include "tests.h"

#include <string.h>

/** Asserts how a path is listed that stands alone in its tree. */
static void assert_listed(const char *path, const char *shown)
{
	const struct tree *tree = TREE(NULL);

	tree_add_file(tree, path);
	assert_outcome(run(tree, "-n"), 0,
		       scratch_format("Would remove %s\nWould remove 1 file (*).\n", shown), "");
}

/* unit/test_quote.c has more of each kind. */
TEST(names_are_printed_as_they_are_or_quoted)
{
	static const char *const names[][2] = {
		{ "a b$HOME*?[x];&|\"-n~#!`id`(){}<>.pyc",
		  "a b$HOME*?[x];&|\"-n~#!`id`(){}<>.pyc" },
		{ "-n.pyc", "-n.pyc" },
		{ "caf\xc3\xa9\xe6\xbc\xa2.pyc", "caf\xc3\xa9\xe6\xbc\xa2.pyc" },
		{ "a\nb.pyc", "$'a\\nb.pyc'" },
		{ "a\x1b[31mb.pyc", "$'a\\e[31mb.pyc'" },
		{ "a\xc2\x9b.pyc", "$'a\\302\\233.pyc'" },          /* U+009B, which is ESC [ */
		{ "caf\xe9.pyc", "$'caf\\351.pyc'" },               /* no UTF-8 */
		{ "a\xe2\x80\xae.pyc", "$'a\\342\\200\\256.pyc'" }, /* U+202E, right to left */
		{ "a\xc2\xa0.pyc", "$'a\\302\\240.pyc'" },          /* U+00A0, a space */
		{ "it's.pyc", "$'it\\'s.pyc'" },
		{ "a\\b.pyc", "$'a\\\\b.pyc'" },
	};
	const struct tree *tree = TREE(NULL);
	const char *lines = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		tree_add_file(tree, names[i][0]);
		lines = scratch_format("%sWould remove %s\n", lines, names[i][1]);
	}
	assert_outcome(run(tree, "-n"), 0, scratch_format("%sWould remove 11 files (*).\n", lines),
		       "");
}

TEST(a_space_at_either_end_is_quoted)
{
	const struct tree *tree = TREE("a.pyc");

	assert_listed(" a.pyc", "$' a.pyc'");
	assert_listed("b /a.pyc", "b /a.pyc");
	assert_outcome(RUN(tree, "gone "), 1, "Nothing removed; 1 error.\n",
		       "pyclean: cannot read $'gone ': No such file or directory\n");
}

/* The whole path is quoted, with the slash of a directory inside. */
TEST(a_directory_keeps_its_slash_within_the_quotes)
{
	const struct tree *tree = TREE("a\nb/__pycache__/c.pyc", "a\nb/d.py");

	assert_outcome(run(tree, "-nv"), 0,
		       "Would remove $'a\\nb/__pycache__/c.pyc'\n"
		       "Would remove $'a\\nb/__pycache__/'\n"
		       "Would remove 1 file and 1 directory (*).\n",
		       "");
	assert_outcome(RUN(tree, "-n", "a\nb"), 0,
		       "Would remove $'a\\nb/__pycache__/'\n"
		       "Would remove 1 file and 1 directory (*).\n",
		       "");
}

TEST(skipped_directories_are_quoted_as_well)
{
	const struct tree *tree = TREE("a\nb/pyvenv.cfg");

	assert_outcome(run(tree, "-nv"), 0,
		       "Skipped $'a\\nb/' (virtual environment)\nNothing to remove.\n", "");
}

/* In an error a path always stands in quotes, of one kind or the other. */
TEST(errors_quote_every_path)
{
	const struct tree *tree = TREE("a.pyc");

	assert_outcome(RUN(tree, "gone", "a b", "it's", "a\x1b[2Jb", "caf\xe9", "caf\xc3\xa9"), 1,
		       "Nothing removed; 6 errors.\n",
		       "pyclean: cannot read 'gone': No such file or directory\n"
		       "pyclean: cannot read 'a b': No such file or directory\n"
		       "pyclean: cannot read $'it\\'s': No such file or directory\n"
		       "pyclean: cannot read $'a\\e[2Jb': No such file or directory\n"
		       "pyclean: cannot read $'caf\\351': No such file or directory\n"
		       "pyclean: cannot read 'caf\xc3\xa9': No such file or directory\n");
}

/** Whether a text has no byte that a terminal might obey. */
static bool is_harmless(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if ((byte < ' ' && byte != '\n') || byte == 0x7f || (byte >= 0x80 && byte < 0xa0)) {
			return false;
		}
	}
	return true;
}

/* Options are typed by scripts, too: what is wrong with them is shown with care. */
TEST(usage_errors_are_harmless)
{
	const struct tree *tree = TREE("a.pyc");
	const struct outcome *outcomes[4] = {
		RUN(tree, "--no\x1b[2Jsuch"),
		RUN(tree, "-\x1b"),
		RUN(tree, "-\x9b"),
		RUN(tree, "--dry-run=\x1b[2J"),
	};

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(outcomes[i]->status, 2);
		if (!is_harmless(outcomes[i]->err, outcomes[i]->err_length)) {
			assert_outcome(outcomes[i], 2, "", "pyclean: (quoted)\n");
		}
	}
}

/* ---- What is printed, read back ------------------------------------------------------------- */

/** All names of the form a<BYTE>b.pyc and a<BYTE>.pyc. */
static const struct tree *every_byte(void)
{
	const struct tree *tree = TREE(NULL);

	for (int byte = 1; byte < 256; byte++) {
		if (byte != '/') {
			tree_add_file(tree, scratch_format("a%cb.pyc", byte));
			tree_add_file(tree, scratch_format("a%c.pyc", byte));
		}
	}
	return tree;
}

/* Every byte that a name can have, alone: 508 names. */
TEST(no_byte_reaches_the_terminal_that_it_might_obey)
{
	const struct tree *tree = every_byte();
	const struct outcome *outcome = run(tree, "-nv");

	assert_int_equal(outcome->status, 0);
	assert_true(is_harmless(outcome->out, outcome->out_length));
	outcome = run(tree, "-v");
	assert_int_equal(outcome->status, 0);
	assert_true(is_harmless(outcome->out, outcome->out_length));
	assert_tree(tree, NULL);
}

/** A bash script that prints each path of a list, as the shell reads it, with a NUL after it. */
static const char *script_that_reads_back(const char *list)
{
	static const char start[] = "Would remove ";
	const char *script = "printf '%s\\0'";
	char *copy = scratch_copy(list, strlen(list));
	char *rest = NULL;

	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *path = line + strlen(start);

		if (strstr(line, " files (")) {
			break;
		}
		if (strncmp(path, "$'", 2) == 0) {
			script = scratch_format("%s \\\n%s", script, path);
		} else {
			/* Not quoted: it has no quote, so it can stand within some. */
			script = scratch_format("%s \\\n'%s'", script, path);
		}
	}
	return scratch_format("%s\n", script);
}

/* $'…' must be what a shell makes the same bytes of: it is there to be pasted. */
TEST(a_shell_reads_back_what_was_quoted)
{
	const struct tree *tree = every_byte();
	const struct outcome *raw;
	const struct outcome *read_back;

	tree_add_file(tree, "sub dir\n/ it's \\ \xe2\x80\xae\xc2\x9b.pyc");
	tree_add_file(tree, "a\x01"
			    "234\x1b"
			    "77\\n\\.pyc");
	raw = run(tree, "-n0");
	assert_int_equal(raw->status, 0);
	read_back = RUN_PROGRAM(.name = "bash", .input = script_that_reads_back(
							without_marks(run(tree, "-n")->out, "")));
	assert_int_equal(read_back->status, 0);
	assert_int_equal(read_back->out_length, raw->out_length);
	assert_memory_equal(read_back->out, raw->out, raw->out_length);
}
