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

/** The same for several names in one tree, each with its form after it. */
static void assert_all_listed(const char *const names[][2], size_t count)
{
	const struct tree *tree = TREE(NULL);
	const char *lines = "";

	for (size_t i = 0; i < count; i++) {
		tree_add_file(tree, names[i][0]);
		lines = scratch_format("%sWould remove %s\n", lines, names[i][1]);
	}
	assert_outcome(run(tree, "-n"), 0,
		       scratch_format("%sWould remove %zu files (*).\n", lines, count), "");
}

#define ASSERT_ALL_LISTED(names) assert_all_listed(names, sizeof(names) / sizeof(*(names)))

/* Quoting what needs none would make every list hard to read. */
TEST(ordinary_names_are_printed_as_they_are)
{
	static const char *const names[][2] = {
		{ "a b.pyc", "a b.pyc" },
		{ "a  b.pyc", "a  b.pyc" },
		{ "$HOME.pyc", "$HOME.pyc" },
		{ "*?[x].pyc", "*?[x].pyc" },
		{ "a;b&c|d.pyc", "a;b&c|d.pyc" },
		{ "\"x\".pyc", "\"x\".pyc" },
		{ "-n.pyc", "-n.pyc" },
		{ "~.pyc", "~.pyc" },
		{ "#!.pyc", "#!.pyc" },
		{ "`id`.pyc", "`id`.pyc" },
		{ "(a){b}<c>.pyc", "(a){b}<c>.pyc" },
		{ "caf\xc3\xa9.pyc", "caf\xc3\xa9.pyc" },
		{ "e\xcc\x81.pyc", "e\xcc\x81.pyc" },
		{ "\xd0\xbf\xd1\x80.pyc", "\xd0\xbf\xd1\x80.pyc" },
		{ "\xe6\xbc\xa2\xe5\xad\x97.pyc", "\xe6\xbc\xa2\xe5\xad\x97.pyc" },
		{ "\xf0\x9f\x90\x8d.pyc", "\xf0\x9f\x90\x8d.pyc" },
		{ "\xd7\xa9\xd7\x9c.pyc", "\xd7\xa9\xd7\x9c.pyc" },
	};

	ASSERT_ALL_LISTED(names);
}

TEST(control_characters_are_quoted)
{
	static const char *const names[][2] = {
		{ "a\nb.pyc", "$'a\\nb.pyc'" },
		{ "a\tb.pyc", "$'a\\tb.pyc'" },
		{ "a\rb.pyc", "$'a\\rb.pyc'" },
		{ "a\ab.pyc", "$'a\\ab.pyc'" },
		{ "a\bb.pyc", "$'a\\bb.pyc'" },
		{ "a\fb.pyc", "$'a\\fb.pyc'" },
		{ "a\vb.pyc", "$'a\\vb.pyc'" },
		{ "a\x1b[31mb.pyc", "$'a\\e[31mb.pyc'" },
		{ "a\x01"
		  "1b.pyc",
		  "$'a\\0011b.pyc'" },
		{ "a\x1f.pyc", "$'a\\037.pyc'" },
		{ "a\x7f.pyc", "$'a\\177.pyc'" },
	};

	ASSERT_ALL_LISTED(names);
}

/* As bytes, U+0080 to U+009F pass for UTF-8, and terminals obey them: U+009B is ESC [. */
TEST(c1_controls_are_quoted)
{
	static const char *const names[][2] = {
		{ "a\xc2\x80.pyc", "$'a\\302\\200.pyc'" },
		{ "a\xc2\x85.pyc", "$'a\\302\\205.pyc'" },
		{ "a\xc2\x9b"
		  "31m.pyc",
		  "$'a\\302\\23331m.pyc'" },
		{ "a\xc2\x9f.pyc", "$'a\\302\\237.pyc'" },
	};

	ASSERT_ALL_LISTED(names);
}

TEST(bytes_that_are_not_utf8_are_quoted)
{
	static const char *const names[][2] = {
		{ "caf\xe9.pyc", "$'caf\\351.pyc'" },
		{ "a\x80.pyc", "$'a\\200.pyc'" },
		{ "a\xff.pyc", "$'a\\377.pyc'" },
		{ "a\xc3.pyc", "$'a\\303.pyc'" },
		{ "a\xe6\xbc.pyc", "$'a\\346\\274.pyc'" },
		{ "a\xf0\x9f\x90.pyc", "$'a\\360\\237\\220.pyc'" },
		/* Overlong forms of '/' and of NUL, a surrogate, and what lies beyond Unicode. */
		{ "a\xc0\xaf.pyc", "$'a\\300\\257.pyc'" },
		{ "a\xe0\x80\x80.pyc", "$'a\\340\\200\\200.pyc'" },
		{ "a\xed\xa0\x80.pyc", "$'a\\355\\240\\200.pyc'" },
		{ "a\xf4\x90\x80\x80.pyc", "$'a\\364\\220\\200\\200.pyc'" },
		{ "a\xf8\x88\x80\x80\x80.pyc", "$'a\\370\\210\\200\\200\\200.pyc'" },
	};

	ASSERT_ALL_LISTED(names);
}

/* They reorder or hide what stands around them: "cyp.exe" may be shown for what is "exe.pyc". */
TEST(bidirectional_and_invisible_characters_are_quoted)
{
	static const char *const names[][2] = {
		{ "a\xe2\x80\xae"
		  "cyp.pyc",
		  "$'a\\342\\200\\256cyp.pyc'" },                   /* U+202E */
		{ "a\xe2\x80\xaa.pyc", "$'a\\342\\200\\252.pyc'" }, /* U+202A */
		{ "a\xe2\x81\xa6.pyc", "$'a\\342\\201\\246.pyc'" }, /* U+2066 */
		{ "a\xe2\x81\xa9.pyc", "$'a\\342\\201\\251.pyc'" }, /* U+2069 */
		{ "a\xe2\x80\x8e.pyc", "$'a\\342\\200\\216.pyc'" }, /* U+200E */
		{ "a\xd8\x9c.pyc", "$'a\\330\\234.pyc'" },          /* U+061C */
		{ "a\xe2\x80\x8b.pyc", "$'a\\342\\200\\213.pyc'" }, /* U+200B */
		{ "a\xe2\x81\xa0.pyc", "$'a\\342\\201\\240.pyc'" }, /* U+2060 */
		{ "a\xef\xbb\xbf.pyc", "$'a\\357\\273\\277.pyc'" }, /* U+FEFF */
		{ "a\xc2\xad.pyc", "$'a\\302\\255.pyc'" },          /* U+00AD */
		{ "a\xe2\x80\xa8.pyc", "$'a\\342\\200\\250.pyc'" }, /* U+2028 */
		{ "a\xe2\x80\xa9.pyc", "$'a\\342\\200\\251.pyc'" }, /* U+2029 */
	};

	ASSERT_ALL_LISTED(names);
}

TEST(unusual_spaces_are_quoted)
{
	static const char *const names[][2] = {
		{ "a\xc2\xa0.pyc", "$'a\\302\\240.pyc'" },          /* U+00A0 */
		{ "a\xe2\x80\x83.pyc", "$'a\\342\\200\\203.pyc'" }, /* U+2003 */
		{ "a\xe3\x80\x80.pyc", "$'a\\343\\200\\200.pyc'" }, /* U+3000 */
	};

	ASSERT_ALL_LISTED(names);
}

/* Otherwise a name could end the quotes, or look quoted without being it. */
TEST(quotes_and_backslashes_are_quoted)
{
	static const char *const names[][2] = {
		{ "it's.pyc", "$'it\\'s.pyc'" },
		{ "a\\b.pyc", "$'a\\\\b.pyc'" },
		{ "$'x'.pyc", "$'$\\'x\\'.pyc'" },
	};

	ASSERT_ALL_LISTED(names);
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
	read_back = program_run(&(const struct program){
		.name = "bash",
		.input = script_that_reads_back(without_marks(run(tree, "-n")->out, "")) });
	assert_int_equal(read_back->status, 0);
	assert_int_equal(read_back->out_length, raw->out_length);
	assert_memory_equal(read_back->out, raw->out, raw->out_length);
}
