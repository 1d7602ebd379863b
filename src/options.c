#include "options.h"

#include "crew.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char options_help[] =
	"Usage: pyclean [OPTION]... [PATH]...\n"
	"Remove Python bytecode: every __pycache__ directory and every stray *.pyc and *.pyo\n"
	"file below each PATH, or below the current directory.\n"
	"\n"
	"What is removed:\n"
	"  -n, --dry-run          list what would go; remove nothing\n"
	"      --check            remove nothing; exit with 1 if anything would go\n"
	"  -i, --ignore=GLOB      leave directories whose name or path below PATH matches\n"
	"  -a, --all              enter also what is skipped by default: .git .hg .svn .bzr .jj,\n"
	"                         node_modules, .tox .nox .direnv, and virtual environments\n"
	"  -x, --one-file-system  do not cross into another file system\n"
	"  -j, --jobs=N           how many walkers share the work, 1 to 64 (default 8)\n"
	"\n"
	"What is said:\n"
	"  -v, --verbose          a line for each file and directory, and each one skipped\n"
	"  -q, --quiet            only errors\n"
	"  -0, --null             list what goes as it goes (with -n: would go), with a NUL\n"
	"                         after each path, and nothing else\n"
	"  -h, --help             show this, and exit\n"
	"  -V, --version          show the version, and exit\n"
	"\n"
	"A list option can be repeated and takes commas: -i build,dist.\n"
	"Exit status: 0 all done, 1 something could not be removed or read, 2 usage error;\n"
	"with --check: 0 nothing would go, 1 something would, 2 any error.\n";

enum {
	OPTION_CHECK = 256
};

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'a' },          { "check", no_argument, NULL, OPTION_CHECK },
	{ "dry-run", no_argument, NULL, 'n' },      { "help", no_argument, NULL, 'h' },
	{ "ignore", required_argument, NULL, 'i' }, { "jobs", required_argument, NULL, 'j' },
	{ "null", no_argument, NULL, '0' },         { "one-file-system", no_argument, NULL, 'x' },
	{ "quiet", no_argument, NULL, 'q' },        { "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },      { NULL, 0, NULL, 0 },
};

static int usage_error(struct options *o, const char *problem, const char *text)
{
	o->problem = problem;
	o->problem_text = text;
	return -1;
}

/** @return The table's row of what getopt_long(3) has left in optopt, or NULL. */
static const struct option *find_option(int value)
{
	for (const struct option *option = long_options; option->name; option++) {
		if (option->val == value) {
			return option;
		}
	}
	return NULL;
}

/** Whether a word, "--" and an abbreviation, could be more than one option. */
static bool is_ambiguous(const char *word)
{
	size_t length = strcspn(word + 2, "=");
	size_t count = 0;

	for (const struct option *option = long_options; option->name; option++) {
		count += strncmp(option->name, word + 2, length) == 0;
	}
	return count > 1;
}

/** Says what getopt_long(3) found wrong. */
static int getopt_error(struct options *o, int result, char **argv)
{
	const struct option *option = find_option(optopt);
	const char *word = argv[optind - 1];

	if (optopt == 0) {
		return usage_error(o, is_ambiguous(word) ? "ambiguous option" : "unknown option",
				   word);
	}
	if (!option) {
		o->problem_option[0] = '-';
		o->problem_option[1] = (char)optopt;
		return usage_error(o, "unknown option", o->problem_option);
	}
	snprintf(o->problem_option, sizeof(o->problem_option), "--%s", option->name);
	return usage_error(
		o, result == ':' ? "an argument is missing for" : "no argument is allowed for",
		o->problem_option);
}

/** Cuts an --ignore pattern into the form that the matcher takes. @return It, or NULL if empty. */
static char *trim_pattern(char *pattern)
{
	size_t length = strlen(pattern);

	while (length > 1 && pattern[length - 1] == '/') {
		pattern[--length] = '\0';
	}
	while (strncmp(pattern, "./", 2) == 0) {
		pattern += 2;
	}
	return pattern[strspn(pattern, "/")] == '\0' ? NULL : pattern;
}

/** Splits off what stands before the first comma without a backslash. */
static char *next_pattern(char **rest)
{
	char *start = *rest;
	char *at = start;

	while (*at != '\0' && *at != ',') {
		at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
	}
	*rest = *at == '\0' ? NULL : at + 1;
	*at = '\0';
	return start;
}

static int add_pattern(struct options *o, const char *pattern)
{
	size_t count = o->rules.ignore_count + 1;
	const char **patterns = realloc(o->patterns, count * sizeof(*patterns));

	if (!patterns) {
		return -1;
	}
	patterns[count - 1] = pattern;
	o->patterns = patterns;
	o->rules.ignore = patterns;
	o->rules.ignore_count = count;
	return 0;
}

/** Adds the patterns of one --ignore, a list with commas. */
static int add_patterns(struct options *o, const char *list)
{
	char **lists = realloc(o->pattern_lists, (o->pattern_list_count + 1) * sizeof(*lists));
	char *rest = lists ? strdup(list) : NULL;

	if (lists) {
		o->pattern_lists = lists;
	}
	if (!rest) {
		return -1;
	}
	lists[o->pattern_list_count++] = rest;
	while (rest) {
		const char *pattern = trim_pattern(next_pattern(&rest));

		if (!pattern) {
			return usage_error(o, "a pattern of --ignore is empty:", list);
		}
		if (add_pattern(o, pattern) != 0) {
			return -1;
		}
	}
	return 0;
}

/** What -v, -0 and -n ask for; each raises what the ones before have asked for. */
static void raise_detail(struct options *o, enum reporter_detail detail)
{
	if (o->style.detail < detail) {
		o->style.detail = detail;
	}
}

static int set_jobs(struct options *o, const char *argument)
{
	char *end;
	long jobs;

	/* strtol() would take white space and a sign. */
	jobs = argument[0] >= '0' && argument[0] <= '9' ? strtol(argument, &end, 10) : 0;
	if (jobs < 1 || jobs > CREW_MAX_JOBS || *end != '\0') {
		return usage_error(o, "the number of --jobs is not one from 1 to 64:", argument);
	}
	o->jobs = (unsigned)jobs;
	return 0;
}

static int apply(struct options *o, int option, const char *argument)
{
	switch (option) {
	case 'n':
		o->style.dry_run = true;
		/* An alias may have said -q: a dry run alone does not lift it. */
		if (o->style.detail != REPORTER_ERRORS) {
			raise_detail(o, REPORTER_LIST);
		}
		return 0;
	case OPTION_CHECK:
		o->check = true;
		o->style.dry_run = true;
		return 0;
	case 'i':
		return add_patterns(o, argument);
	case 'a':
		o->rules.all = true;
		return 0;
	case 'j':
		return set_jobs(o, argument);
	case 'x':
		o->one_file_system = true;
		return 0;
	case 'v':
		raise_detail(o, REPORTER_ALL);
		return 0;
	case 'q':
		o->style.detail = REPORTER_ERRORS;
		o->style.null = false;
		return 0;
	case '0':
		raise_detail(o, REPORTER_LIST);
		o->style.null = true;
		return 0;
	default:
		o->task = option == 'h' ? OPTIONS_HELP : OPTIONS_VERSION;
		return 0;
	}
}

int options_parse(struct options *o, int argc, char **argv)
{
	static const char *const here[] = { "." };
	int option;

	*o = (struct options){ .style.detail = REPORTER_SUMMARY, .jobs = CREW_DEFAULT_JOBS };
	opterr = 0;
	while (o->task == OPTIONS_CLEAN &&
	       (option = getopt_long(argc, argv, ":0ahi:j:nqvVx", long_options, NULL)) != -1) {
		if (option == '?' || option == ':') {
			return getopt_error(o, option, argv);
		}
		if (apply(o, option, optarg) != 0) {
			return -1;
		}
	}
	o->operands = here;
	o->operand_count = 1;
	if (optind < argc) {
		o->operands = (const char *const *)argv + optind;
		o->operand_count = (size_t)(argc - optind);
	}
	return 0;
}

void options_free(struct options *o)
{
	for (size_t i = 0; i < o->pattern_list_count; i++) {
		free(o->pattern_lists[i]);
	}
	free(o->pattern_lists);
	free(o->patterns);
}
