/*
 * The options by name: the parser's table, --help, the man page, the README and the completions have
 * the same, with the same letters, and an argument where the parser takes one.
 */

#include "tests.h"

#include "shells.h"

#include <stdio.h>
#include <string.h>

/** An option in the form that all are compared in: "-t,--tag=", "--check". */
static const char *option_text(int letter, const char *name, bool has_argument)
{
	return scratch_format("%s--%s%s", letter != 0 ? scratch_format("-%c,", letter) : "", name,
			      has_argument ? "=" : "");
}

/** What long_options[] in src/options.c has. */
static const char *in_parser(void)
{
	const char *found = "";

	for (char *line = strtok(scratch_read("src/options.c"), "\n"); line;
	     line = strtok(NULL, "\n")) {
		char name[64];
		char argument[64];
		char value[64];

		if (sscanf(line, " { \"%63[a-z-]\", %63[a-z_], NULL, %63[^ ] }", name, argument,
			   value) == 3) {
			found = scratch_format(
				"%s %s", found,
				option_text(value[0] == '\'' ? value[1] : 0, name,
					    strcmp(argument, "required_argument") == 0));
		}
	}
	return shells_sorted(found);
}

/** What stands as "-t, --tag=TAG" or "--check" in those lines of a text that begin so. */
static const char *in_text(char *text, const char *beginning)
{
	const char *found = "";

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *at = line;

		if (strncmp(line, beginning, strlen(beginning)) != 0) {
			continue;
		}
		while ((at = strstr(at, "--"))) {
			bool lettered = at >= line + 4 && at[-4] == '-' && at[-2] == ',';
			size_t length = strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");
			char *name = scratch_copy(at + 2, length);

			found = scratch_format(
				"%s %s", found,
				option_text(lettered ? at[-3] : 0, name, at[2 + length] == '='));
			at += 2 + length;
		}
	}
	return shells_sorted(found);
}

/** What has an item of its own in the man page: ".It Fl t Ar tag , Fl -tag Ns = Ns Ar tag". */
static const char *in_man_page(void)
{
	const char *found = "";

	for (char *line = strtok(scratch_read("man/pyclean.1"), "\n"); line;
	     line = strtok(NULL, "\n")) {
		char *name = strstr(line, "Fl -");

		if (strncmp(line, ".It Fl ", 7) == 0 && name) {
			size_t length = strcspn(name + 4, " ");

			found = scratch_format("%s %s", found,
					       option_text(line[7] == '-' ? 0 : line[7],
							   scratch_copy(name + 4, length),
							   strstr(name, "Ns =") != NULL));
		}
	}
	return shells_sorted(found);
}

/** The names and letters alone, as a shell offers them. */
static const char *words_of(const char *options)
{
	char *words = scratch_format("%s", options);

	for (char *at = words; (at = strpbrk(at, ",=")); at++) {
		*at = ' ';
	}
	return shells_sorted(words);
}

TEST(the_parsers_table_is_found)
{
	assert_non_null(strstr(in_parser(), "--check "));
	assert_non_null(strstr(in_parser(), "-t,--tag= "));
}

TEST(help_names_the_parsers_options)
{
	const struct outcome *outcome = RUN(TREE("a.py"), "--help");

	assert_string_equal(in_text(outcome->out, "  "), in_parser());
}

TEST(the_man_page_names_the_parsers_options)
{
	assert_string_equal(in_man_page(), in_parser());
}

/* Packages install the page as it is: nothing puts the version there. */
TEST(the_man_page_has_the_programs_version)
{
	assert_non_null(
		strstr(scratch_read("man/pyclean.1"), "\n.Os \"pyclean " PYCLEAN_VERSION "\"\n"));
}

TEST(the_readme_names_the_parsers_options)
{
	/* Other tables have the options of other programs. */
	char *table = strstr(scratch_read("README.md"), "\n| option |");
	char *end = table ? strstr(table, "\n\n") : NULL;

	if (!end) {
		broken("the README has no table of options");
	}
	*end = '\0';
	assert_string_equal(in_text(table, "| `-"), in_parser());
}

/** Asserts that a shell offers all of the parser's options, and no other. */
static void assert_offers_all(const struct shell *shell)
{
	assert_string_equal(shells_complete(shell, TREE("a.py"), "pyclean -"),
			    words_of(in_parser()));
}

TEST(bash_offers_the_parsers_options)
{
	assert_offers_all(&shells_bash);
}

TEST(zsh_offers_the_parsers_options)
{
	assert_offers_all(&shells_zsh);
}

TEST(fish_offers_the_parsers_options)
{
	assert_offers_all(&shells_fish);
}
