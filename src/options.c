#include "options.h"

#include "arguments.h"
#include "lookup.h"
#include "walker.h"
#include "typo.h"

#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(WALKER_MAX_THREADS == 64 && WALKER_DEFAULT_THREADS == 8, "help and man page say so");

const char options_help[] =
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
	"Status: 0 done, 1 not all done (--check: found any), 2 usage (--check: error).\n";

#define FLAGS   "0adfhnpqsvVx"
#define LETTERS ":" FLAGS "i:j:k:t:"

/** Options without a letter. */
enum {
	OPTION_CHECK = 256,
	OPTION_COLOR,
	OPTION_EXCLUDE,
	OPTION_JSON,
	OPTION_KEEP_SOURCELESS,
	OPTION_PREFIX,
	OPTION_PROGRESS,
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

/** @return How many options a word ("--" and an abbreviation) could be. */
static size_t count_meanings(const char *word)
{
	size_t length = strcspn(word + 2, "=");
	size_t count = 0;

	for (const struct option *option = long_options; option->name; option++) {
		count += strncmp(option->name, word + 2, length) == 0;
	}
	return count;
}

/** Whether a word would be read as an option or a cluster of options. */
static bool is_option(const char *word)
{
	if (word[0] != '-' || word[1] == '\0') {
		return false;
	}
	if (word[1] == '-') {
		return count_meanings(word) > 0;
	}
	word += 1 + strspn(word + 1, FLAGS);
	return *word == '\0' || (*word != ':' && strchr(LETTERS, *word));
}

/** @return The option most similar to a word ("--" and a name), or NULL. */
static const char *nearest_option(struct options *o, const char *word)
{
	size_t length = strcspn(word + 2, "=");
	size_t least = SIZE_MAX;
	const char *nearest = NULL;

	for (const struct option *option = long_options; option->name; option++) {
		size_t distance = typo_distance(word + 2, length, option->name);

		if (distance < least) {
			least = distance;
			nearest = option->name;
		}
	}
	return typo_is_slip(least, length) ? arguments_format(&o->texts, "--%s", nearest) : NULL;
}

/** Sets the usage error for an error of getopt_long(3). @return -1. */
static int getopt_error(struct options *o, int result, char **argv)
{
	const struct option *option = find_option(optopt);
	const char *word = argv[optind - 1];
	const struct typo_foreign *foreign;

	if (option) {
		o->problem =
			arguments_format(&o->texts, "--%s %s", option->name,
					 result == ':' ? "needs an argument" : "takes no argument");
		return -1;
	}
	foreign = typo_find_foreign(optopt, word);
	if (foreign) {
		o->meant = foreign->meant;
	} else if (optopt == 0 && count_meanings(word) > 1) {
		return arguments_refuse(o, "ambiguous option", word);
	} else if (optopt == 0) {
		o->meant = nearest_option(o, word);
	}
	return arguments_refuse(o,
				foreign && foreign->problem ? foreign->problem : "unknown option",
				optopt == 0 ? word : arguments_format(&o->texts, "-%c", optopt));
}

/** Refuses an option that was taken for the argument of another one. @return -1. */
static int argument_error(struct options *o, const struct option *option, const char *word)
{
	o->meant = arguments_format(&o->texts, "--%s=%s", option->name, word);
	return arguments_refuse(
		o,
		arguments_format(&o->texts, "--%s needs an argument, not the option", option->name),
		word);
}

/** Refuses words that were meant for a list option; see take_operand(). @return -1. */
static int list_error(struct options *o, const struct option *list, char **words)
{
	char *meant = arguments_format(&o->texts, "--%s=%s", list->name, words[-1]);

	for (char **word = words; meant && *word && !is_option(*word); word++) {
		meant = arguments_format(&o->texts, "%s,%s", meant, *word);
	}
	o->meant = meant;
	return arguments_refuse(
		o,
		arguments_format(
			&o->texts,
			"separate the arguments of --%s with commas; this would be cleaned:",
			list->name),
		words[0]);
}

/** Refuses a topic after a --debris without an argument. @return -1. */
static int topic_error(struct options *o, const char *topic, const char *word)
{
	if (topic[0] == '\0') {
		return arguments_refuse(
			o,
			"--debris has no such topic; to clean a directory, put './' before its name:",
			word);
	}
	return arguments_refuse(
		o,
		arguments_format(&o->texts,
				 "write --debris=%s for the topic or ./%s for the directory, not",
				 topic, word),
		word);
}

/**
 * Adds an operand, or refuses it if it was probably meant as an argument of a list option:
 *
 * - of --debris: it is a topic;
 * - of another one, as in `pyclean src --ignore a src/b`: it lies within an earlier operand, and
 *   would be cleaned although the user wanted to keep it.
 *
 * @param list  The option of the words before: --debris without an argument, or another one whose
 *              first argument is the word before; or NULL.
 * @param words The rest of the command line, beginning with the operand.
 */
static int take_operand(struct options *o, const struct option *list, char **words)
{
	bool is_debris = list && list->val == 'd';
	const char *topic = is_debris ? typo_find_topic(words[0]) : NULL;

	if (topic) {
		return topic_error(o, topic, words[0]);
	}
	for (size_t i = 0; list && !is_debris && i < o->operands.count; i++) {
		if (lookup_is_below(words[0], o->operands.items[i])) {
			return list_error(o, list, words);
		}
	}
	return arguments_add(&o->operands, words[0]);
}

/** Raises the detail that earlier options have set. */
static void raise_detail(struct options *o, enum reporter_detail detail)
{
	if (o->style.detail < detail) {
		o->style.detail = detail;
	}
}

static int apply(struct options *o, const struct option *option, const char *argument)
{
	switch (option->val) {
	case OPTION_CHECK:
	case 'n':
		o->check = o->check || option->val == OPTION_CHECK;
		o->style.dry_run = true;
		/* -q may come from an alias; a dry run does not override it. */
		if (o->style.detail != REPORTER_ERRORS) {
			raise_detail(o, REPORTER_LIST);
		}
		return 0;
	case OPTION_EXCLUDE:
	case 'i':
		return arguments_add_patterns(o, argument);
	case 'a':
		o->rules.all = true;
		return 0;
	case 'd':
		return arguments_add_topics(o, argument ? argument : "caches");
	case 'f':
		o->force = true;
		return 0;
	case 'p':
		o->prune = true;
		return 0;
	case 'j':
		return arguments_set_jobs(o, argument);
	case 'x':
		o->one_file_system = true;
		return 0;
	case 't':
		return arguments_add_tags(o, &o->tags, argument);
	case 'k':
		return arguments_add_tags(o, &o->keep_tags, argument);
	case 's':
		o->selection.stale = true;
		return 0;
	case OPTION_KEEP_SOURCELESS:
		o->selection.keep_sourceless = true;
		return 0;
	case OPTION_PREFIX:
		return arguments_set_prefix(o, argument);
	case 'v':
		raise_detail(o, REPORTER_ALL);
		return 0;
	case 'q':
		o->style.detail = REPORTER_ERRORS;
		o->style.null = false;
		o->style.json = false;
		return 0;
	case '0':
		raise_detail(o, REPORTER_LIST);
		o->style.null = true;
		return 0;
	case OPTION_COLOR:
		return arguments_set_when(o, &o->style.colour, option->name, argument);
	case OPTION_PROGRESS:
		return arguments_set_when(o, &o->style.progress, option->name, argument);
	case OPTION_JSON:
		raise_detail(o, REPORTER_LIST);
		o->style.json = true;
		return 0;
	default:
		o->task = option->val == 'h' ? OPTIONS_HELP : OPTIONS_VERSION;
		return 0;
	}
}

/** Whether an option takes a comma-separated list. */
static bool takes_list(int value)
{
	return value == 'i' || value == OPTION_EXCLUDE || value == 't' || value == 'k';
}

/** Reads the options, and the operands among them. @param letters For getopt_long(3). */
static int read_words(struct options *o, int argc, char **argv, const char *letters)
{
	const struct option *list = NULL;
	int value;

	opterr = 0;
	while (o->task == OPTIONS_CLEAN &&
	       (value = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
		const struct option *option = find_option(value);
		bool separate = optarg && optarg == argv[optind - 1];

		if (value == '?' || value == ':') {
			return getopt_error(o, value, argv);
		}
		if (option && separate && is_option(optarg)) {
			optind--;
			return argument_error(o, option, optarg);
		}
		if ((option ? apply(o, option, optarg)
			    : take_operand(o, list, argv + optind - 1)) != 0) {
			return -1;
		}
		list = (separate && takes_list(value)) || (value == 'd' && !optarg) ? option : NULL;
	}
	for (; o->task == OPTIONS_CLEAN && optind < argc; optind++) {
		if (arguments_add(&o->operands, argv[optind]) != 0) {
			return -1;
		}
	}
	return 0;
}

/** Reads those options after a usage error that decide how it is written. */
static void read_format(struct options *o, int argc, char **argv, const char *letters)
{
	int value;

	while ((value = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
		const struct option *option = find_option(value);

		if (option && (value == OPTION_JSON || value == 'q' || value == '0')) {
			(void)apply(o, option, NULL);
		}
	}
}

int options_parse(struct options *o, int argc, char **argv)
{
	/* '-' returns operands in their place among the options, as take_operand() needs. */
	const char *letters = getenv("POSIXLY_CORRECT") ? "+" LETTERS : "-" LETTERS;

	*o = (struct options){
		.style.detail = REPORTER_SUMMARY,
		.jobs = WALKER_DEFAULT_THREADS,
		.prefix = getenv("PYTHONPYCACHEPREFIX"),
	};
	if (read_words(o, argc, argv, letters) != 0) {
		read_format(o, argc, argv, letters);
		return -1;
	}
	if (o->task == OPTIONS_CLEAN && o->style.null && o->style.json) {
		o->problem = "--null and --json cannot be combined";
		return -1;
	}
	o->selection.only = (struct filter_tags){ .all = o->tags.items, .count = o->tags.count };
	o->selection.except =
		(struct filter_tags){ .all = o->keep_tags.items, .count = o->keep_tags.count };
	return o->operands.count > 0 ? 0 : arguments_add(&o->operands, ".");
}

void options_free(struct options *o)
{
	arguments_free(o->texts);
	free(o->operands.items);
	free(o->ignore.all);
	free(o->tags.items);
	free(o->keep_tags.items);
}
