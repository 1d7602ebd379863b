/*
 * --stale, judged by the interpreters that are there: real packages are compiled and then changed,
 * and `python -v` tells which of the files it would use. Those must stay, and all others go.
 */

#include "interpreters.h"
#include "random_tree.h"
#include "tests.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- What the interpreters do. All of it is also Python 2. ---------------------------------- */

/** Copies packages of its own library to lib/; large modules take long. */
static const char copy_packages[] =
	"import email, importlib, json, os, shutil\n"
	"def ignored(top, names):\n"
	"    return [n for n in names if n.endswith(('.pyc', '.pyo')) or n == '__pycache__'\n"
	"            or n.startswith('test') or os.path.getsize(os.path.join(top, n)) > 10000]\n"
	"for package in email, importlib, json:\n"
	"    shutil.copytree(os.path.dirname(package.__file__),\n"
	"                    os.path.join('lib', package.__name__), ignore=ignored)\n";

/** What all the scripts begin with. */
#define EACH_SOURCE                                                                                \
 "import os, shutil, sys\n"                                                                        \
 "def sources():\n"                                                                                \
 "    return sorted(os.path.abspath(os.path.join(top, name))\n"                                    \
 "                  for top, _, names in os.walk('lib') for name in names\n"                       \
 "                  if name.endswith('.py'))\n"

/** Compiles all of lib/, at all levels; by time, by hash or not to be checked, or all in turn. */
static const char compile_all[] = EACH_SOURCE
	"import py_compile\n"
	"modes = ['TIMESTAMP', 'CHECKED_HASH', 'UNCHECKED_HASH']\n"
	"modes = modes if sys.argv[1] == 'MIXED' else [sys.argv[1]]\n"
	"for number, path in enumerate(sources()):\n"
	"    if sys.version_info < (3,):\n"
	"        py_compile.compile(path, path + 'c')\n"
	"        py_compile.compile(path, path + 'o')\n"
	"        continue\n"
	"    more = {}\n"
	"    if hasattr(py_compile, 'PycInvalidationMode'):\n"
	"        more['invalidation_mode'] = py_compile.PycInvalidationMode[modes[number % len(modes)]]\n"
	"    for level in 0, 1, 2:\n"
	"        py_compile.compile(path, optimize=level, doraise=True, **more)\n";

/** Changes sources in every way that there is. */
static const char change_sources[] =
	EACH_SOURCE "for number, path in enumerate(sources()):\n"
		    "    way = number % 10\n"
		    "    time = os.stat(path).st_mtime\n"
		    "    if way == 0:\n"
		    "        with open(path, 'a') as f:\n"
		    "            f.write('\\nx = 1\\n')\n"
		    "    elif way == 1:\n"
		    "        os.utime(path, (time, time + 100))\n"
		    "    elif way == 2:\n"
		    "        os.utime(path, (time, time - 100))\n"
		    "    elif way == 3:\n"
		    "        os.rename(path, path[:-3] + '_renamed.py')\n"
		    "    elif way == 4:\n"
		    "        os.remove(path)\n"
		    "    elif way == 5:\n"
		    "        with open(path, 'a') as f:\n"
		    "            f.write('\\nx = 1\\n')\n"
		    "        os.utime(path, (time, time))\n"
		    "    elif way == 6:\n"
		    "        with open(path, 'r+b') as f:\n"
		    "            f.write(b'#')\n"
		    "        os.utime(path, (time, time))\n"
		    "    elif way == 7:\n"
		    "        os.utime(path, (time, int(time) + 0.75))\n";

/** Damages bytecode: cuts it short, empties it, overwrites it, or gives it another's number. */
static const char damage_bytecode[] =
	"import os, sys\n"
	"other = b'U\\r' if sys.version_info[:2] == (3, 7) else b'B\\r'\n"
	"other = b'\\x17\\r' if sys.version_info < (3, 7) else other\n"
	"paths = sorted(os.path.join(top, name) for top, _, names in os.walk('lib')\n"
	"               for name in names if name.endswith(('.pyc', '.pyo')))\n"
	"for number, path in enumerate(paths):\n"
	"    with open(path, 'r+b') as f:\n"
	"        if number % 6 == 0:\n"
	"            f.truncate(6)\n"
	"        elif number % 6 == 1:\n"
	"            f.truncate(0)\n"
	"        elif number % 6 == 2:\n"
	"            f.write(b'\\0' * 64)\n"
	"        elif number % 6 == 3 and sys.version_info > (3,):\n"
	"            f.write(other)\n";

/** Cuts bytecode short, wherever that may be, and lengthens every fourth; tells which were cut. */
static const char cut_bytecode[] =
	"import os\n"
	"paths = sorted(os.path.join(top, name) for top, _, names in os.walk('lib')\n"
	"               for name in names if name.endswith(('.pyc', '.pyo')))\n"
	"for number, path in enumerate(paths):\n"
	"    size = os.path.getsize(path)\n"
	"    with open(path, 'r+b') as f:\n"
	"        if number % 4 == 0:\n"
	"            f.seek(size)\n"
	"            f.write(b'more')\n"
	"        else:\n"
	"            f.truncate(16 + (size - 16) * (number % 13 + 1) // 14)\n"
	"            print(path)\n";

/** Loads all sources. With -v, Python says which bytecode "matches" and was taken instead. */
static const char load_all[] =
	EACH_SOURCE "for number, path in enumerate(sources()):\n"
		    "    name = 'm%d' % number\n"
		    "    try:\n"
		    "        if sys.version_info < (3,):\n"
		    "            import imp\n"
		    "            imp.load_source(name, path)\n"
		    "        else:\n"
		    "            from importlib.machinery import SourceFileLoader\n"
		    "            SourceFileLoader(name, path).get_code(name)\n"
		    "    except Exception:\n"
		    "        pass\n";

/** Runs a script, which has to succeed. */
static const struct outcome *run_script(const struct interpreter *python, const struct tree *tree,
					const char *variable, const char *const arguments[])
{
	const struct outcome *outcome = interpreter_run(python, tree, variable, arguments);

	if (outcome->status != 0) {
		broken("%s ended with status %d: %s", python->path, outcome->status, outcome->err);
	}
	return outcome;
}

#define SCRIPT(python, tree, variable, ...) run_script(python, tree, variable, WORDS(__VA_ARGS__))

/** Whether a file is among those of which a text says that they match their source. */
static bool is_said_to_match(const char *text, const char *path)
{
	return strstr(text, scratch_format("# %s matches ", path)) ||
	       strstr(text, scratch_format("# '%s' matches ", path));
}

/** What an interpreter says of all levels. */
static const char *ask(const struct interpreter *python, const struct tree *tree,
		       const char *variable)
{
	static const char *const levels[] = { "-v", "-vO", "-vOO" };
	const char *said = "";

	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
		said = scratch_format(
			"%s%s", said,
			SCRIPT(python, tree, variable, "-S", levels[i], "-c", load_all)->err);
	}
	return said;
}

static bool is_bytecode(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".pyc") == 0 || strcmp(dot, ".pyo") == 0);
}

/** Cleans, and asserts that what the interpreter would have used is there still, and nothing else. */
static void assert_agrees(const struct interpreter *python, const struct tree *tree,
			  const char *variable, const char *arguments)
{
	const char *said = ask(python, tree, variable);
	struct tree_listing before = tree_list(tree);
	size_t stayed = 0;
	size_t went = 0;
	const struct outcome *outcome =
		RUN_PROGRAM(.cwd = tree->path, .arguments = split(arguments),
			    .environment = WORDS(variable ? variable : "PYTHONPYCACHEPREFIX"));

	if (outcome->status != 0 || outcome->err_length > 0) {
		broken("%s: %s", outcome->command, outcome->err);
	}
	for (size_t i = 0; i < before.count; i++) {
		const char *path = before.entries[i].path;
		bool stays = tree_has(tree, path);

		if (before.entries[i].type != ' ') {
			continue;
		}
		if (is_bytecode(path) ? stays != is_said_to_match(said, tree_path(tree, path))
				      : !stays) {
			broken("%s: '%s' %s", python->version, path, stays ? "stays" : "went");
		}
		stayed += is_bytecode(path) && stays;
		went += is_bytecode(path) && !stays;
	}
	if (stayed < 5 || went < 5) {
		broken("%s: only %zu files stayed and %zu went", python->version, stayed, went);
	}
}

/** Makes a tree with lib/, compiled; to start an interpreter takes longer than what it does. */
static const struct tree *compiled(const struct interpreter *python, const char *mode)
{
	const struct tree *tree = TREE("lib/");

	SCRIPT(python, tree, NULL, "-S", "-c", scratch_format("%s%s", copy_packages, compile_all),
	       mode);
	return tree;
}

/* ---- Tests ---------------------------------------------------------------------------------- */

TEST(what_python_would_not_use_goes_by_time)
{
	for (const struct interpreter *python = interpreters(); python->major; python++) {
		const struct tree *tree = compiled(python, "TIMESTAMP");

		SCRIPT(python, tree, NULL, "-S", "-c", change_sources);
		assert_agrees(python, tree, NULL, "--stale");
	}
}

/* PEP 552, since 3.7: SipHash, keyed by the magic number; from 3.11 on with fewer rounds. */
TEST(what_python_would_not_use_goes_by_hash)
{
	for (const struct interpreter *python = interpreters(); python->major; python++) {
		const struct tree *tree = compiled(python, "CHECKED_HASH");

		SCRIPT(python, tree, NULL, "-S", "-c", change_sources);
		assert_agrees(python, tree, NULL, "-s lib");
	}
}

/* What was compiled just now is all used, and nothing of it may go; what was damaged must. */
TEST(what_python_would_not_use_goes_in_any_mixture)
{
	for (const struct interpreter *python = interpreters(); python->major; python++) {
		const struct tree *tree = compiled(python, "MIXED");

		assert_outcome(run(tree, "-s"), 0, "Nothing to remove.\n", "");
		SCRIPT(python, tree, NULL, "-S", "-c",
		       scratch_format("%s%s", change_sources, damage_bytecode));
		assert_agrees(python, tree, NULL, "-s -j 8");
	}
}

/* Only of a few that are cut, at the end of an object, can that not be told without reading all. */
TEST(bytecode_that_is_cut_short_goes)
{
	for (const struct interpreter *python = interpreters(); python->major; python++) {
		const struct tree *tree = compiled(python, "TIMESTAMP");
		char *cut = SCRIPT(python, tree, NULL, "-S", "-c", cut_bytecode)->out;
		struct tree_listing before = tree_list(tree);
		size_t stayed = 0;
		size_t count = 0;

		assert_int_equal(run(tree, "-s")->status, 0);
		for (char *path = strtok(cut, "\n"); path; path = strtok(NULL, "\n")) {
			stayed += tree_has(tree, path);
			count++;
		}
		if (count < 20 || stayed > count / 8) {
			broken("%s: of %zu files that were cut, %zu stayed", python->version, count,
			       stayed);
		}
		assert_int_equal(before.count - tree_list(tree).count, count - stayed);
	}
}

/* Since 3.8. */
TEST(what_python_would_not_use_goes_from_a_prefix_tree)
{
	for (const struct interpreter *python = interpreters(); python->major; python++) {
		const struct tree *tree;
		const char *variable;

		if (!interpreter_is_from(python, 3, 8)) {
			continue;
		}
		tree = TREE("lib/", "cache/");
		variable = scratch_format("PYTHONPYCACHEPREFIX=%s", tree_path(tree, "cache"));
		SCRIPT(python, tree, variable, "-S", "-c",
		       scratch_format("%s%s", copy_packages, compile_all), "MIXED");
		SCRIPT(python, tree, NULL, "-S", "-c", change_sources);
		assert_agrees(python, tree, variable, "-s cache");
	}
}

/* ---- A repository --------------------------------------------------------------------------- */

/** Changes sources as a branch does; git gives those that differ the time of the checkout. */
static const char make_branch[] =
	"set -e\n"
	"export HOME=$PWD GIT_CONFIG_NOSYSTEM=1\n"
	"git() { command git -c user.name=n -c user.email=e@x -c init.defaultBranch=main \"$@\"; }\n"
	"git init -q lib && cd lib\n"
	"git add . && git commit -qm one\n"
	"git checkout -qb other\n"
	"i=0\n"
	"for f in */*.py; do\n"
	"	i=$((i + 1))\n"
	"	case $((i % 4)) in\n"
	"	0) git rm -q \"$f\" ;;\n"
	"	1) git mv \"$f\" \"${f%.py}_renamed.py\" ;;\n"
	"	2) echo '# changed' >>\"$f\" ;;\n"
	"	esac\n"
	"done\n"
	"git commit -qam two\n"
	"git checkout -q main\n"
	/* Python does not see that a source was written in the second of its compilation; -s does. */
	"find . -name '*.py' -exec touch -d '1 hour ago' {} +\n";

/** Runs a shell script in a tree; it has to succeed. */
static void shell(const struct tree *tree, const char *script)
{
	const struct outcome *outcome =
		RUN_PROGRAM(.name = "sh", .cwd = tree->path, .arguments = WORDS("-c", script));

	if (outcome->status != 0) {
		broken("a shell script failed: %s", outcome->err);
	}
}

/* "After switching branches a module that is gone is still imported from its .pyc." */
TEST(what_python_would_not_use_goes_after_a_switch_of_branches)
{
	for (const struct interpreter *python = interpreters(); python->major; python++) {
		const struct tree *tree = TREE("lib/");

		need_tool("git");
		SCRIPT(python, tree, NULL, "-S", "-c", copy_packages);
		shell(tree, make_branch);
		SCRIPT(python, tree, NULL, "-S", "-c", compile_all, "TIMESTAMP");
		shell(tree, "cd lib && git checkout -q other");
		assert_agrees(python, tree, NULL, "-s lib");
	}
}

/* ---- Other stories -------------------------------------------------------------------------- */

/* A module that is gone from the sources is imported still, until its bytecode has gone. */
TEST(a_module_without_a_source_is_not_imported_any_more)
{
	static const char compile_beside[] = "import py_compile\n"
					     "py_compile.compile('ghost.py', 'ghost.pyc')\n";
	static const char *const arguments[] = { "-S", "-c", "import ghost", NULL };

	for (const struct interpreter *python = interpreters(); python->major; python++) {
		const struct tree *tree = TREE(NULL);

		tree_write(tree, "ghost.py", "x = 1\n", 6);
		SCRIPT(python, tree, NULL, "-S", "-c", compile_beside);
		assert_outcome(run(tree, "-s"), 0, "Nothing to remove.\n", "");
		unlinkat(tree->fd, "ghost.py", 0);
		assert_int_equal(interpreter_run(python, tree, NULL, arguments)->status, 0);
		assert_outcome(run(tree, "-s --keep-sourceless"), 0, "Nothing to remove.\n", "");
		assert_outcome(run(tree, "-s"), 0, "Removed 1 file (*).\n", "");
		assert_int_equal(interpreter_run(python, tree, NULL, arguments)->status, 1);
	}
}

/* --keep-tag=auto leaves what the python3 in PATH has made, and that alone. */
TEST(auto_is_the_tag_of_the_interpreter_in_path)
{
	for (const struct interpreter *python = interpreters(); python->major; python++) {
		const struct tree *tree;
		const char *own;

		if (python->major < 3 || program_is_wrapped()) {
			continue;
		}
		tree = TREE("p/__pycache__/m.cpython-399.pyc");
		own = scratch_format("p/__pycache__/m.%s.pyc", python->tag);
		tree_add_link(tree, "bin/python3", python->path);
		tree_add(tree, own);
		assert_outcome(RUN_PROGRAM(.cwd = tree->path, .arguments = split("-k auto p"),
					   .environment = WORDS(scratch_format(
						   "PATH=%s", tree_path(tree, "bin")))),
			       0,
			       scratch_format("Removed 1 file (*); kept %s (auto: python3).\n",
					      python->tag),
			       "");
		assert_true(tree_has(tree, own));
	}
}

/* An environment made by each, with its own venv, tells the tag that it has. */
TEST(auto_is_the_tag_of_an_environment)
{
	bool made = false;

	for (const struct interpreter *python = interpreters(); python->major; python++) {
		const struct tree *tree = TREE("p/");

		if (python->major < 3 ||
		    interpreter_run(python, tree, NULL, split("-m venv --without-pip p/.venv"))
				    ->status != 0) {
			continue;
		}
		made = true;
		assert_outcome(
			run(tree, "-t auto -i .venv p"), 0,
			scratch_format("Nothing to remove; only %s (auto: .venv).\n", python->tag),
			"");
	}
	if (!made) {
		skip_because("no Python has venv");
	}
}

static void ignore_alarms(const char *cwd)
{
	(void)cwd;
	signal(SIGALRM, SIG_IGN);
}

/*
 * A network file system that is away, a wrapper that waits for a lock: the run must not hang, even
 * where alarms are ignored. What has been printed by then is no answer.
 */
TEST(a_python3_that_hangs_is_killed)
{
	static const char script[] = "#!/bin/sh\necho cpython-311\nexec sleep 1000 >/dev/null\n";
	const struct tree *tree = TREE("p/m.pyc", "bin/");
	const char *path = tree_path(tree, "bin");
	const struct outcome *outcome;

	tree_write(tree, "bin/python3", script, strlen(script));
	tree_chmod(tree, "bin/python3", 0755);
	outcome = RUN_PROGRAM(.cwd = tree->path, .arguments = split("-k auto p"),
			      .environment = WORDS(scratch_format("PATH=%s:/usr/bin:/bin", path)),
			      .prepare = ignore_alarms);
	assert_int_equal(outcome->status, 2);
	assert_non_null(strstr(outcome->err, "cannot ask python3 for its tag"));
	assert_true(tree_has(tree, "p/m.pyc"));
}
