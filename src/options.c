#include "options.h"

#include "operands.h"
#include "walker.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: pyclean [OPTION]... [PATH]...\n"
	"Remove the Python bytecode below each PATH (default: .), or that of a PATH.py.\n"
	"\n"
	"Selection (default: every __pycache__, and every *.pyc and *.pyo elsewhere):\n"
	"  -s, --stale              only bytecode that no longer matches its source\n"
	"  -t, --tag=TAG,...        only bytecode of these interpreters (3.11, auto)\n"
	"  -k, --keep-tag=TAG,...   keep bytecode of these interpreters\n"
	"      --keep-sourceless    keep *.pyc files that have no source beside them\n"
	"  -i, --ignore=GLOB,...    keep what matches, as in .gitignore; also --exclude=\n"
	"  -d, --debris[=TOPIC,...] also remove caches (default), coverage, build or all\n"
	"  -p, --prune              also remove directories that this run leaves empty\n"
	"Places:\n"
	"  -a, --all                also enter virtual environments and node_modules\n"
	"  -x, --one-file-system    do not enter other file systems\n"
	"      --prefix=DIR         cache-prefix tree, instead of PYTHONPYCACHEPREFIX\n"
	"  -f, --force              ignore a PATH that does not exist\n"
	"  -j, --jobs=N             use up to N threads, 1 to 64 (default 8)\n"
	"Output:\n"
	"  -n, --dry-run            list what would be removed; remove nothing\n"
	"      --check              the same, and exit with 1 if there is anything\n"
	"  -v, --verbose            a line for each file and directory, with the reason\n"
	"  -q, --quiet              only errors\n"
	"  -0, --null               only raw paths, a NUL after each\n"
	"      --json               only JSON, an object per line\n"
	"      --color=WHEN, --progress=WHEN  auto (on a terminal), always or never\n"
	"  -h, --help, -V, --version\n"
	"Exit status: 0 done, 1 something could not be removed or read (with --check:\n"
	"something would be removed), 2 usage error (with --check: also any error).\n";

#define LETTERS ":0adfhi:j:k:npqst:vVx"

/** Options without a letter. */
enum {
	OPTION_CHECK = 256,
	OPTION_COLOR,
	OPTION_EXCLUDE,
	OPTION_JSON,
	OPTION_KEEP_SOURCELESS,
	OPTION_PREFIX,
	OPTION_PROGRESS,
	OPTION_END,
};

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "color", required_argument, NULL, OPTION_COLOR },
	{ "debris", optional_argument, NULL, 'd' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "exclude", required_argument, NULL, OPTION_EXCLUDE },
	{ "force", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "ignore", required_argument, NULL, 'i' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "keep-sourceless", no_argument, NULL, OPTION_KEEP_SOURCELESS },
	{ "keep-tag", required_argument, NULL, 'k' },
	{ "null", no_argument, NULL, '0' },
	{ "one-file-system", no_argument, NULL, 'x' },
	{ "prefix", required_argument, NULL, OPTION_PREFIX },
	{ "progress", required_argument, NULL, OPTION_PROGRESS },
	{ "prune", no_argument, NULL, 'p' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "stale", no_argument, NULL, 's' },
	{ "tag", required_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/** @return The option with this value, as left in optopt by getopt_long(3), or NULL. */
static const struct option *find_option(int value)
{
	for (const struct option *option = long_options; option->name; option++) {
		if (option->val == value) {
			return option;
		}
	}
	return NULL;
}

/** @return What to do instead of an option of PyPI's pyclean, cleanpy or py3clean, or NULL. */
static const char *find_foreign(const char *word)
{
	static const char *const answers[][2] = {
		{ "--debug", "use --verbose instead of" },
		{ "--erase", "use rm instead of" },
		{ "-e", "use --ignore to keep files, or rm to remove them, instead of" },
		{ "--exclude-envs", "environments are skipped without --all; leave out" },
		{ "--folders", "use --prune instead of" },
		{ "--follow-symlinks", "links are never followed, except a PATH; leave out" },
		{ "--git-clean", "use git clean -dXi instead of" },
		{ "-g", "use git clean -dXi instead of" },
		{ "--include-builds", "use --debris=build instead of" },
		{ "--include-envs", "use rm -r .venv instead of" },
		{ "--include-metadata", "use --debris=build instead of" },
		{ "--include-testing", "use --debris=coverage instead of" },
		{ "--interactive", "use --dry-run instead of" },
		{ "--list", "use --dry-run instead of" },
		{ "--package", "use py3clean instead of" },
		{ "--yes", "pyclean never asks; leave out" },
		{ "-y", "pyclean never asks; leave out" },
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		if (strcmp(word, answers[i][0]) == 0) {
			return answers[i][1];
		}
	}
	return NULL;
}

/** Whether a letter too many, too few or wrong, or two swapped ones, make one word the other. */
static bool is_slip(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	if (*a == '\0' || *b == '\0') {
		return strlen(a) + strlen(b) == 1;
	}
	return strcmp(a + 1, b) == 0 || strcmp(a, b + 1) == 0 || strcmp(a + 1, b + 1) == 0 ||
	       (a[0] == b[1] && a[1] == b[0] && strcmp(a + 2, b + 2) == 0);
}

/** Refuses what getopt_long(3) refuses. @param word The last word that it has read. @return -1. */
static int refuse_option(struct options *o, int result, const char *word)
{
	const char *problem = result == ':' ? "needs an argument" : "takes no argument";
	const struct option *option = find_option(optopt);
	char *name;

	if (option) {
		problem = arguments_format(o, "--%s %s", option->name, problem);
		return arguments_refuse(o, problem, NULL);
	}
	if (optopt != 0) {
		/* In a word such as -delete it is not meant so; `word` is the one before. */
		bool ends_word = word[0] == '-' && strchr(word, optopt) == word + strlen(word) - 1;

		word = arguments_format(o, "-%c", optopt);
		problem = word && ends_word ? find_foreign(word) : NULL;
		return arguments_refuse(o, problem ? problem : "unknown option", word);
	}
	name = arguments_format(o, "%.*s", (int)strcspn(word, "="), word);
	if (!name) {
		return -1;
	}
	problem = find_foreign(name);
	name += strlen("--");
	for (option = long_options; option->name; option++) {
		if (strncmp(option->name, name, strlen(name)) == 0) {
			problem = "ambiguous option";
		} else if (is_slip(name, option->name)) {
			o->meant = arguments_format(o, "--%s", option->name);
		}
	}
	return arguments_refuse(o, problem ? problem : "unknown option", word);
}

/** Refuses operands that were probably meant as arguments of a list option. @return -1. */
static int refuse_operands(struct options *o, const char *name, char **words)
{
	static const char format[] =
		"separate the arguments of --%s with commas; this would be cleaned:";
	char *meant = arguments_format(o, "--%s=%s", name, words[-1]);

	for (char **word = words;
	     meant && *word && **word != '-' && !lookup_is_below(words[0], *word); word++) {
		meant = arguments_format(o, "%s,%s", meant, *word);
	}
	o->meant = meant;
	return arguments_refuse(o, arguments_format(o, format, name), words[0]);
}

/**
 * Adds an operand, or refuses it if it is probably a topic that was meant for --debris before it.
 *
 * @param list The option before it, if that may have a further argument; or NULL.
 */
static int take_operand(struct options *o, const struct option *list, const char *word)
{
	/* Those of --debris here and in PyPI's pyclean, and what they are here. */
	static const char *const topics[][2] = {
		{ "all", "all" },       { "build", "build" },       { "cache", "caches" },
		{ "caches", "caches" }, { "complexipy", "caches" }, { "coverage", "coverage" },
		{ "jupyter", "TOPIC" }, { "mypy", "caches" },       { "package", "build" },
		{ "pyright", "TOPIC" }, { "pytest", "caches" },     { "ruff", "caches" },
		{ "tox", "TOPIC" },
	};
	static const char format[] = "write --debris=%s%s for a topic, ./%s for a directory, not";
	bool is_debris = list && list->val == 'd';
	size_t length = strcspn(word, ",");

	for (size_t i = 0; is_debris && i < sizeof(topics) / sizeof(*topics); i++) {
		if (strlen(topics[i][0]) == length && strncmp(word, topics[i][0], length) == 0) {
			return arguments_refuse(
				o, arguments_format(o, format, topics[i][1], word + length, word),
				word);
		}
	}
	o->operands[o->operand_count++] = word;
	return 0;
}

/**
 * Refuses a path in another operand that was probably meant as an argument of the option before it,
 * as in `pyclean . -i build .venv`: it would be cleaned although the user wanted to keep it.
 *
 * @param lists For each word, the name of the list option whose argument it follows, or NULL.
 */
static int check_lists(struct options *o, char **argv, const char *const *lists)
{
	for (; *argv; argv++, lists++) {
		for (size_t i = 0; *lists && i < o->operand_count; i++) {
			if (lookup_is_below(*argv, o->operands[i])) {
				return refuse_operands(o, *lists, argv);
			}
		}
	}
	return 0;
}

static int apply(struct options *o, int value, const char *argument)
{
	bool *const flags[OPTION_END] = {
		['0'] = &o->style.null,
		['a'] = &o->rules.all,
		['f'] = &o->force,
		['n'] = &o->style.dry_run,
		['p'] = &o->prune,
		['s'] = &o->selection.stale,
		['x'] = &o->one_file_system,
		[OPTION_CHECK] = &o->check,
		[OPTION_JSON] = &o->style.json,
		[OPTION_KEEP_SOURCELESS] = &o->selection.keep_sourceless,
	};

	switch (value) {
	case 'd':
		return arguments_add(o, 'd', argument ? argument : "caches");
	case 'h':
		o->print = help;
		return 0;
	case 'i':
	case 'k':
	case 't':
		return arguments_add(o, value, argument);
	case 'j':
		return arguments_set_jobs(o, argument);
	case 'q':
		o->style.detail = REPORTER_ERRORS;
		o->style.null = false;
		o->style.json = false;
		return 0;
	case 'v':
		o->style.detail = REPORTER_ALL;
		return 0;
	case 'V':
		o->print = "pyclean " PYCLEAN_VERSION "\n";
		return 0;
	case OPTION_COLOR:
		return arguments_set_when(o, &o->style.colour, "color", argument);
	case OPTION_EXCLUDE:
		return arguments_add(o, 'i', argument);
	case OPTION_PREFIX:
		return arguments_set_prefix(o, argument);
	case OPTION_PROGRESS:
		return arguments_set_when(o, &o->style.progress, "progress", argument);
	default:
		*flags[value] = true;
		return 0;
	}
}

/** Whether the word after an option may have been meant as a further argument. */
static bool takes_list(int value, bool separate)
{
	return value == 'd' ? !optarg
			    : separate && (value == 'i' || value == OPTION_EXCLUDE ||
					   value == 't' || value == 'k');
}

/**
 * Reads the options, and the operands among them.
 *
 * @param letters For getopt_long(3).
 * @param lists   Set as check_lists() needs it; zeroed.
 */
static int read_words(struct options *o, int argc, char **argv, const char *letters,
		      const char **lists)
{
	const struct option *list = NULL;
	int result;
	int value;

	while (!o->print && (value = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
		const struct option *option = find_option(value);
		bool separate = optarg && optarg == argv[optind - 1];

		if (value == '?' || value == ':') {
			return refuse_option(o, value, argv[optind - 1]);
		}
		if (option && separate && optarg[0] == '-') {
			optind--;
			if (takes_list(value, separate)) {
				o->meant = arguments_format(o, "--%s=%s", option->name, optarg);
			}
			return arguments_refuse(
				o,
				arguments_format(o, "--%s needs an argument, not the option",
						 option->name),
				optarg);
		}
		result = option ? apply(o, value, optarg) : take_operand(o, list, argv[optind - 1]);
		if (result != 0) {
			return -1;
		}
		if (!option && list && list->val != 'd') {
			lists[optind - 1] = list->name;
		}
		list = takes_list(value, separate) ? option : NULL;
	}
	while (!o->print && optind < argc) {
		o->operands[o->operand_count++] = argv[optind++];
	}
	return 0;
}

int options_parse(struct options *o, int argc, char **argv)
{
	/* '-' returns operands in their place among the options, which read_words() needs. */
	const char *letters = getenv("POSIXLY_CORRECT") ? "+" LETTERS : "-" LETTERS;
	const char **lists = calloc((size_t)argc + 1, sizeof(*lists));
	struct reporter_style *style = &o->style;
	int result = -1;
	int value;

	*o = (struct options){
		.style.detail = REPORTER_SUMMARY,
		.jobs = WALKER_DEFAULT_THREADS,
		.operands = calloc((size_t)argc + 1, sizeof(*o->operands)),
	};
	opterr = 0;
	if (o->operands && lists && read_words(o, argc, argv, letters, lists) == 0) {
		result = check_lists(o, argv, lists);
	}
	free(lists);
	if (result != 0) {
		/* The options that decide how a usage error is written may follow it. */
		while ((value = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
			if (value == OPTION_JSON || value == 'q' || value == '0') {
				(void)apply(o, value, NULL);
			}
		}
		return -1;
	}
	if (!o->print && arguments_read_environment(o) != 0) {
		return -1;
	}
	if (!o->print && style->null && style->json) {
		return arguments_refuse(o, "--null and --json cannot be combined", NULL);
	}
	style->dry_run = style->dry_run || o->check;
	/* -q may come from an alias; a dry run does not override it. */
	if (style->detail < REPORTER_LIST &&
	    (style->null || style->json || (style->dry_run && style->detail != REPORTER_ERRORS))) {
		style->detail = REPORTER_LIST;
	}
	if (o->operand_count == 0) {
		o->operands[o->operand_count++] = ".";
	}
	return 0;
}

void options_free(struct options *o)
{
	for (size_t i = 0; i < o->text_count; i++) {
		free(o->texts[i]);
	}
	free(o->texts);
	free(o->operands);
	free(o->ignore.all);
	free(o->selection.only.all);
	free(o->selection.except.all);
}
