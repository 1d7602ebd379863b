/*
 * Others at work in the same tree, who mean no harm: they make, move and remove directories, clean
 * as well, or import. No error comes of it, nothing hangs, and what was there and stayed is gone.
 */

#include "large.h"
#include "supervise.h"
#include "tests.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Directories that come and go ----------------------------------------------------------- */

struct restless {
	const struct tree *tree;
	atomic_bool stop;
};

/** Makes a directory with work in it aside, and moves it to where others have been. */
static void move_in(int dir, const char *name)
{
	static const char *const parts[] = { "new", "new/sub", "new/sub/__pycache__",
					     "new/__pycache__" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		mkdirat(dir, parts[i], 0755);
	}
	mknodat(dir, "new/a.pyc", S_IFREG | 0644, 0);
	mknodat(dir, "new/__pycache__/b.pyc", S_IFREG | 0644, 0);
	mknodat(dir, "new/sub/__pycache__/c.pyc", S_IFREG | 0644, 0);
	renameat2(dir, "new", dir, name, RENAME_EXCHANGE);
	renameat(dir, "new", dir, name);
}

/** Removes what a directory has, as far as it still has it. */
static void remove_all(int dir, const char *name)
{
	static const char *const entries[] = {
		"a.pyc",           "__pycache__/b.pyc",
		"__pycache__",     "sub/__pycache__/c.pyc",
		"sub/__pycache__", "sub",
	};
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < sizeof(entries) / sizeof(*entries); i++) {
		const char *suffix = strrchr(entries[i], '.');

		unlinkat(fd, entries[i], suffix ? 0 : AT_REMOVEDIR);
	}
	close(fd);
	unlinkat(dir, name, AT_REMOVEDIR);
}

static void *move_in_and_out(void *context)
{
	struct restless *restless = context;
	int dir = openat(restless->tree->fd, "moving", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (unsigned i = 0; !atomic_load(&restless->stop); i++) {
		char name[16];
		char other[16];

		snprintf(name, sizeof(name), "%u", i % 5);
		snprintf(other, sizeof(other), "%u", i % 7);
		move_in(dir, name);
		renameat2(dir, name, dir, other, i % 2 ? RENAME_EXCHANGE : 0);
		renameat(restless->tree->fd, "moving/3/sub", restless->tree->fd, "moved");
		renameat(restless->tree->fd, "moved", restless->tree->fd, "moving/4/from");
		remove_all(dir, name);
	}
	close(dir);
	return NULL;
}

static void clean_among_the_restless(const char *arguments)
{
	int rounds = tests_are_slow() ? 2 : program_is_sanitized() ? 5 : 50;
	const struct tree *tree = TREE("moving/");
	struct restless restless = { .tree = tree };
	pthread_t thread;

	for (int i = 0; i < 30; i++) {
		tree_add_file(tree, scratch_format("stable/%d/keep.py", i));
	}
	large_add_ballast(tree);
	if (pthread_create(&thread, NULL, move_in_and_out, &restless) != 0) {
		broken("cannot start a thread");
	}
	for (int round = 0; round < rounds; round++) {
		const struct outcome *outcome;

		for (int i = 0; i < 30; i++) {
			tree_add_file(tree, scratch_format("stable/%d/__pycache__/a.pyc", i));
		}
		outcome = run(tree, arguments);
		if (outcome->status != 0 || outcome->err_length > 0) {
			atomic_store(&restless.stop, true);
			pthread_join(thread, NULL);
			assert_outcome(outcome, 0, outcome->out, "");
		}
		for (int i = 0; i < 30; i++) {
			assert_false(tree_has(tree, scratch_format("stable/%d/__pycache__", i)));
			assert_true(tree_has(tree, scratch_format("stable/%d/keep.py", i)));
		}
	}
	atomic_store(&restless.stop, true);
	pthread_join(thread, NULL);
}

TEST(directories_may_come_and_go)
{
	clean_among_the_restless("-j1");
	clean_among_the_restless("-j8");
}

/* ---- Others that clean ---------------------------------------------------------------------- */

/** Has several clean a tree at once; each thing must be listed by one of them, and by one alone. */
static void clean_with(int cleaners)
{
	static const char script[] =
		"for i in $(seq $1); do\n"
		"    $PYCLEAN_WRAPPER \"$PYCLEAN\" -v -0 -j \"$i\" . >../out.$i 2>../err.$i &\n"
		"    pids=\"$pids $!\"\n"
		"done\n"
		"for pid in $pids; do wait $pid || echo \"status $?\"; done\n"
		"cat ../err.* >&2\n"
		"cat ../out.* | tr '\\0' '\\n' | sort\n";
	const struct tree *tree = TREE("project/");
	const char *number = scratch_format("%d", cleaners);
	const struct outcome *outcome;
	const char *expected;
	int packages = tests_are_slow() ? 10 : 300;

	for (int i = 0; i < packages; i++) {
		const char *package = scratch_format("project/p%d", i);

		tree_add_directory(tree, scratch_format("%s/__pycache__", package));
		tree_add_directory(tree, scratch_format("%s/sub/__pycache__/deep", package));
		large_add_files(tree, scratch_format("%s/__pycache__", package), "m", 10, ".pyc");
		large_add_files(tree, package, "m", 3, ".pyc");
		large_add_files(tree, package, "m", 3, ".py");
	}
	expected =
		RUN_PROGRAM(.name = "bash", .cwd = tree_path(tree, "project"),
			    .arguments = WORDS(
				    "-c",
				    "find . -name '*.py[c]' -printf '%P\\n' -o "
				    "-path '*__pycache__*' -type d -printf '%P/\\n' | LC_ALL=C sort"))
			->out;
	outcome = RUN_PROGRAM(.name = "bash", .cwd = tree_path(tree, "project"),
			      .arguments = WORDS("-c", script, "sh", number));
	assert_string_equal(outcome->err, "");
	assert_true(outcome->out_length > 0 && strcmp(outcome->out, expected) == 0);
	assert_outcome(run(tree, "--check project"), 0, "Nothing to remove.\n", "");
	assert_int_equal(large_count(tree, "project/p0", ".py"), 3);
}

TEST(two_may_clean_at_once)
{
	clean_with(2);
}

TEST(four_may_clean_at_once)
{
	clean_with(4);
}

/* ---- Python --------------------------------------------------------------------------------- */

/** Imports the modules here again and again, writing caches, until there is a file "stop". */
static const char import_in_a_loop[] =
	"import importlib, os, sys\n"
	"sys.path.insert(0, '')\n"
	"sys.dont_write_bytecode = False\n"
	"names = ['mod%d' % i for i in range(8)] + ['pack', 'pack.inner']\n"
	"while not os.path.exists('stop'):\n"
	"    for name in names:\n"
	"        sys.modules.pop(name, None)\n"
	"    importlib.invalidate_caches()\n"
	"    for name in names:\n"
	"        assert importlib.import_module(name).VALUE == 1\n"
	"    open('ready', 'w').close()\n";

/*
 * Each round begins when there is bytecode to be removed: python3, the only one that writes any,
 * does not remove it. It gets its turns sooner or later.
 */
static const char clean_meanwhile[] =
	"python3 -I -c \"$1\" & python=$!\n"
	"for i in $(seq $2); do\n"
	"    until [ -e ready ] && [ -e __pycache__/mod0.*.pyc ]; do\n"
	"        kill -0 $python || break 2\n"
	"        sleep 0.005\n"
	"    done\n"
	"    $PYCLEAN_WRAPPER \"$PYCLEAN\" . >out || { [ $? = 1 ] && echo error || echo broken; }\n"
	"    case $(cat out) in Removed*) echo removed ;; esac\n"
	"done\n"
	"touch stop\n"
	"wait $python || echo python failed\n";

static unsigned count_words(const char *text, const char *word)
{
	unsigned count = 0;

	while ((text = strstr(text, word))) {
		count++;
		text += strlen(word);
	}
	return count;
}

TEST(python_may_import_meanwhile)
{
	unsigned rounds = tests_are_slow() ? 3 : program_is_sanitized() ? 12 : 40;
	const struct tree *tree = TREE("pack/");
	const struct outcome *outcome;
	const char *errors;

	need_tool("python3");
	for (int i = 0; i < 8; i++) {
		tree_write(tree, scratch_format("mod%d.py", i), "VALUE = 1\n", 10);
	}
	tree_write(tree, "pack/__init__.py", "VALUE = 1\n", 10);
	tree_write(tree, "pack/inner.py", "VALUE = 1\n", 10);
	outcome =
		RUN_PROGRAM(.name = "bash", .cwd = tree->path,
			    .arguments = WORDS("-c", clean_meanwhile, "sh", import_in_a_loop,
					       scratch_format("%u", rounds)),
			    .environment = WORDS("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"));
	assert_null(strstr(outcome->out, "failed"));
	assert_null(strstr(outcome->out, "broken"));
	assert_int_equal(count_words(outcome->out, "removed"), rounds);
	/*
	 * A cache into which it writes all the time may outlive five tries; nothing else may. How
	 * often it does is a matter of chance; that the tries are made is asserted in test_faults.c.
	 */
	errors = without_hints(outcome->err);
	assert_int_equal(count_words(errors, "pyclean: cannot remove '"),
			 count_words(errors, "__pycache__': Directory not empty\n"));
	assert_int_equal(count_words(errors, "\n"),
			 count_words(errors, "__pycache__': Directory not empty\n"));
	assert_int_equal(count_words(outcome->out, "error") > 0, *errors != '\0');
	assert_int_equal(run(tree, "-q")->status, 0);
	assert_int_equal(large_count(tree, ".", ".py"), 8);
	assert_int_equal(large_count(tree, "pack", ".py"), 2);
	assert_false(tree_has(tree, "__pycache__"));
	assert_false(tree_has(tree, "pack/__pycache__"));
}

BEFORE_TESTS
{
	large_prefer_memory();
}
