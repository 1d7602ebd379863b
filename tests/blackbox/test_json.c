/* --json: objects that real parsers read, whatever the names, and that say what -v says. */

#include "random_tree.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>

/** What a parser makes of the output of the program in a tree. */
static const char *parsed(const char *const parser[], const struct tree *tree,
			  const struct outcome *outcome)
{
	const struct outcome *result = RUN_PROGRAM(.name = parser[0], .arguments = parser + 1,
						   .cwd = tree->path, .input = outcome->out);

	assert_int_equal(strlen(outcome->out), outcome->out_length);
	assert_outcome(result, 0, result->out, "");
	return result->out;
}

/** Each object as a line of its values, divided by '|', by Python. */
static const char *by_python(const struct tree *tree, const struct outcome *outcome)
{
	static const char script[] =
		"import sys, json\n"
		"def no_double(pairs):\n"
		"    assert len(dict(pairs)) == len(pairs), pairs\n"
		"    return dict(pairs)\n"
		"for line in sys.stdin.buffer.read().decode('utf-8').split('\\n')[:-1]:\n"
		"    o = json.loads(line, object_pairs_hook=no_double)\n"
		"    if o['event'] != 'summary':\n"
		"        assert list(o) == ['event', 'path', 'kind', 'tag', 'bytes', 'reason',\n"
		"            'error'], o\n"
		"        if type(o['bytes']) is int: o['bytes'] = 'N'\n"
		"    elif o['bytes'] > 0: o['bytes'] = 'N'\n"
		"    print('|'.join('-' if v is None else str(v) for v in o.values()))\n";

	return parsed(WORDS("python3", "-c", script), tree, outcome);
}

/** Asserts on the objects, the summary last, the others in any order. */
static void assert_objects(const struct tree *tree, const char *arguments, int status,
			   const char *objects, const char *err)
{
	const struct outcome *outcome = run(tree, arguments);
	struct outcome seen = *outcome;

	assert_outcome(outcome, status, outcome->out, err);
	seen.out = scratch_format("%s", by_python(tree, outcome));
	seen.out_length = strlen(seen.out);
	assert_outcome(&seen, status, objects, err);
}

static const struct tree *project(void)
{
	return TREE("pkg/a.py", "pkg/__pycache__/a.cpython-311.pyc", "pkg/__pycache__/b.txt",
		    "old.pyc", "a.b.pyc", "env/pyvenv.cfg", "env/c.pyc", ".git/d.pyc");
}

/* As -n lists it: a cache as a whole. A run has the same objects with another event. */
TEST(there_is_an_object_for_each_path_and_one_for_the_summary)
{
	const struct tree *tree = project();

	assert_objects(tree, "-n --json", 0,
		       "would-remove|a.b.pyc|file|-|N|no source beside it|-\n"
		       "would-remove|old.pyc|file|-|N|no source beside it|-\n"
		       "would-remove|pkg/__pycache__/|directory|-|N|-|-\n"
		       "summary|True|4|1|N|0|1|0|2|False\n",
		       "");
	assert_true(tree_has(tree, "pkg/__pycache__/b.txt"));
	assert_objects(tree, "--json", 0,
		       "removed|a.b.pyc|file|-|N|no source beside it|-\n"
		       "removed|old.pyc|file|-|N|no source beside it|-\n"
		       "removed|pkg/__pycache__/|directory|-|N|-|-\n"
		       "summary|False|4|1|N|0|1|0|2|False\n",
		       "");
	assert_tree(tree, "pkg/a.py", "env/pyvenv.cfg", "env/c.pyc", ".git/d.pyc");
	assert_objects(tree, "--json", 0, "summary|False|0|0|0|0|1|0|0|False\n", "");
}

/* Each file, its interpreter, and what stays with the reason. */
TEST(verbose_has_an_object_for_everything)
{
	assert_objects(project(), "-v --json", 0,
		       "removed|a.b.pyc|file|-|N|no source beside it|-\n"
		       "removed|old.pyc|file|-|N|no source beside it|-\n"
		       "removed|pkg/__pycache__/a.cpython-311.pyc|file|cpython-311|N|-|-\n"
		       "removed|pkg/__pycache__/b.txt|file|-|N|-|-\n"
		       "removed|pkg/__pycache__/|directory|-|N|-|-\n"
		       "skipped|env/|directory|-|-|virtual environment|-\n"
		       "skipped|.git/|directory|-|-|version control|-\n"
		       "summary|False|4|1|N|0|1|0|2|False\n",
		       "");
	assert_objects(project(), "-v --json -t pypy39 pkg", 0,
		       "kept|pkg/__pycache__/a.cpython-311.pyc|file|cpython-311|-|"
		       "of another interpreter|-\n"
		       "kept|pkg/__pycache__/b.txt|file|-|-|not bytecode|-\n"
		       "summary|False|0|0|0|0|0|0|0|False\n",
		       "");
}

TEST(a_selection_tells_why_a_file_goes)
{
	assert_objects(TREE("gone.pyc"), "-n --json -s", 0,
		       "would-remove|gone.pyc|file|-|N|no source beside it|-\n"
		       "summary|True|1|0|N|0|0|0|1|False\n",
		       "");
}

/* A reader of the objects must learn of an error as well, and people still do. */
TEST(an_error_is_an_object_and_a_line)
{
	assert_objects(TREE("x.txt"), "--json gone x.txt", 1,
		       "error|gone|-|-|-|No such file or directory|cannot read\n"
		       "error|x.txt|-|-|-|-|is neither a directory nor bytecode\n"
		       "summary|False|0|0|0|2|0|0|0|False\n",
		       "pyclean: cannot read 'gone': No such file or directory\n"
		       "pyclean: 'x.txt' is neither a directory nor bytecode\n");
}

/** Asserts on a usage error, which is told once as an object and once as ever. */
static void assert_usage_object(const struct tree *tree, const char *arguments, const char *error)
{
	assert_objects(
		tree, arguments, 2, scratch_format("error|-|-|-|-|-|%s\n", error),
		scratch_format("pyclean: %s\nTry 'pyclean --help' for more information.\n", error));
}

/* Wherever --json is on the line, for a program that makes the line has no eye on stderr. */
TEST(a_usage_error_is_an_object)
{
	const struct tree *tree = TREE("a.pyc", "x.txt");

	assert_usage_object(tree, "--json --bogus", "unknown option '--bogus'");
	assert_usage_object(tree, "--bogus . --json", "unknown option '--bogus'");
	assert_usage_object(tree, "--dryrun --js",
			    "unknown option '--dryrun' (did you mean '--dry-run'?)");
	assert_usage_object(tree, "-Zv --json", "unknown option '-Z'");
	assert_usage_object(tree, "-j0 --json", "--jobs takes a number from 1 to 64, not '0'");
	assert_usage_object(tree, "-q -j0 --json", "--jobs takes a number from 1 to 64, not '0'");
	assert_usage_object(tree, "--json -i", "--ignore needs an argument");
	assert_usage_object(tree, "-i --json",
			    "--ignore needs an argument, not the option '--json' (did you mean "
			    "'--ignore=--json'?)");
	assert_tree(tree, "a.pyc", "x.txt");
}

/* Not where it was no option, or was lifted again. */
TEST(a_usage_error_without_it_is_none)
{
	static const char *const arguments[] = {
		"-Z", "-Z -- --json", "-Z --json -q", "-Z --json -0", "--json -vq -Z",
	};
	const struct tree *tree = TREE("a.pyc");

	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		assert_outcome(run(tree, arguments[i]), 2, "",
			       "pyclean: unknown option '-Z'\n"
			       "Try 'pyclean --help' for more information.\n");
	}
}

TEST(check_lists_objects_and_tells_by_its_status)
{
	const struct tree *tree = TREE("a.pyc");

	assert_objects(tree, "--check --json", 1,
		       "would-remove|a.pyc|file|-|N|no source beside it|-\n"
		       "summary|True|1|0|N|0|0|0|1|False\n",
		       "");
	assert_tree(tree, "a.pyc");
}

/* As with -0: what stands last holds. */
TEST(quiet_lifts_it_and_is_lifted_by_it)
{
	const struct tree *tree = TREE("a.pyc");

	assert_outcome(run(tree, "-n --json -q"), 0, "", "");
	assert_objects(tree, "-n -q --json", 0,
		       "would-remove|a.pyc|file|-|N|no source beside it|-\n"
		       "summary|True|1|0|N|0|0|0|1|False\n",
		       "");
}

/* Whoever asks for both would get something that is neither. */
TEST(null_and_json_contradict_each_other)
{
	static const char *const arguments[] = { "-0 --json", "--json -0", "--check -0 --json" };
	const struct tree *tree = TREE("a.pyc");

	for (size_t i = 0; i < 3; i++) {
		assert_outcome(run(tree, arguments[i]), 2, "",
			       "pyclean: --null and --json cannot be combined\n"
			       "Try 'pyclean --help' for more information.\n");
	}
	assert_tree(tree, "a.pyc");
}

enum {
	ODD_NAMES = 254 + 12
};

/** A file for each byte that a name can have, alone and in characters that are cut short. */
static const struct tree *tree_of_all_bytes(void)
{
	static const char *const odd[] = {
		"\xc3",         "\xe2\x82",         "\xf0\x9f\x98",
		"\xed\xa0\x80", "\xc0\xaf",         "\xf4\x90\x80\x80",
		"\xe2\x80\xae", "\xf0\x9f\x98\x80", "\xf3\xa0\x80\x81",
		"\\u0041",      "\"}\n{",           "\xef\xbf\xbd",
	};
	const struct tree *tree = TREE(NULL);

	for (int byte = 1; byte < 256; byte++) {
		if (byte != '/') {
			tree_add_file(tree, scratch_format("%c.pyc", byte));
		}
	}
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		tree_add_file(tree, scratch_format("x%sx.pyc", odd[i]));
	}
	return tree;
}

/* The bytes come back, whatever they are: a cleaner that reads this must not miss a file. */
TEST(any_name_is_read_back_by_python)
{
	static const char script[] =
		"import sys, json, os, base64\n"
		"seen = []\n"
		"for line in sys.stdin.buffer.read().decode('utf-8').split('\\n')[:-2]:\n"
		"    o = json.loads(line)\n"
		"    raw = o.get('path_base64')\n"
		"    seen.append(base64.b64decode(raw) if raw else o['path'].encode('utf-8'))\n"
		"    assert not raw or '\\ufffd' in o['path'], o\n"
		"    assert line.isprintable(), line\n"
		"assert sorted(seen) == sorted(os.listdir(b'.')), seen\n"
		"print(len(seen))\n";
	const struct tree *tree = tree_of_all_bytes();
	const struct outcome *outcome = run(tree, "-n --json");

	assert_string_equal(parsed(WORDS("python3", "-c", script), tree, outcome),
			    scratch_format("%d\n", ODD_NAMES));
}

/* jq takes each object, and its way to the exact bytes is that of the man page. */
TEST(any_name_is_read_back_by_jq)
{
	static const char filter[] =
		"select(.event == \"would-remove\") | .path_base64 // (.path | @base64)";
	static const char decode[] = "while read -r line; do"
				     " echo \"$line\" | base64 -d; printf '\\0'; done";
	const struct tree *tree = tree_of_all_bytes();
	const struct outcome *outcome = run(tree, "-n --json");
	const char *encoded;
	const struct outcome *decoded;
	struct path_list paths;

	encoded = parsed(WORDS("jq", "-r", filter), tree, outcome);
	decoded = RUN_PROGRAM(.name = "sh", .arguments = WORDS("-c", decode), .input = encoded);
	paths = paths_of_output(decoded->out, decoded->out_length);
	assert_int_equal(paths.count, ODD_NAMES);
	for (size_t i = 0; i < paths.count; i++) {
		assert_true(tree_has(tree, paths.paths[i]));
		assert_true(i == 0 || strcmp(paths.paths[i - 1], paths.paths[i]) != 0);
	}
}

/* The bytes of a whole cache are those of all that is in it, and add up to the summary's. */
TEST(bytes_add_up)
{
	static const char *const arguments[] = { "-n --json", "-nv --json", "-n --json -t 3.11",
						 "--json" };
	const struct tree *tree = TREE("p/__pycache__/a.cpython-311.pyc", "p/__pycache__/sub/b",
				       "p/old.pyc", "q/__pycache__/c.cpython-311.pyc", "z.pyc");

	for (size_t i = 0; i < 4; i++) {
		const char *sums = parsed(
			WORDS("jq", "-s", "-c", "[(.[:-1] | map(.bytes) | add), .[-1].bytes]"),
			tree, run(tree, arguments[i]));
		char *comma;
		unsigned long paths = strtoul(sums + 1, &comma, 10);
		unsigned long summary;

		assert_int_equal(*comma, ',');
		summary = strtoul(comma + 1, NULL, 10);
		assert_int_equal(paths, summary);
		assert_true(paths > 0);
	}
}

/** Asserts that a dry run lists four directories, each with the size that a run then lists. */
static void assert_same_sizes(const struct tree *tree, const char *arguments)
{
	static const char listed[] = "{\"event\":\"would-remove\",";
	char *dry = run(tree, scratch_format("-n %s", arguments))->out;
	const char *out = run(tree, arguments)->out;
	unsigned count = 0;

	for (char *line; (line = strsep(&dry, "\n"));) {
		if (strncmp(line, listed, strlen(listed)) == 0) {
			assert_non_null(strstr(out, line + strlen(listed)));
			count++;
		}
	}
	assert_int_equal(count, 4);
}

/*
 * Files removed from a directory that stays have no line, and their sizes are not added to another
 * one's. A .nfs file stays in a dry run, and so does its directory. Each directory has it in turn,
 * each time as another entry; so in any order, entries and directories that are removed follow.
 */
TEST(a_directory_that_stays_adds_to_no_line)
{
	static const char *const names[] = { ".mypy_cache", ".ruff_cache", ".pytest_cache",
					     ".grimp_cache", ".complexipy_cache" };
	static const char signature[] = "Signature: 8a477f597d28d172789f06886806bc55";

	for (int i = 0; i < 5; i++) {
		const struct tree *caches = TREE("other.txt");
		const struct tree *nested = TREE("__pycache__/other.txt");

		for (int j = 0; j < 25; j++) {
			const char *file = scratch_format("%s/%s%c", names[j / 5],
							  j == 6 * i ? ".nfs" : "", 'a' + j % 5);

			tree_add(caches, file);
			tree_add(nested, scratch_format("__pycache__/%s", file));
		}
		for (int j = 0; j < 5; j++) {
			tree_write(caches, scratch_format("%s/CACHEDIR.TAG", names[j]), signature,
				   strlen(signature));
		}
		assert_same_sizes(caches, "-d --json");
		/* One of a directory's entries is ignored, so the others are listed. */
		assert_same_sizes(nested, "--json --ignore=other.txt");
	}
}
