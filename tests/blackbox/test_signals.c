/*
 * Signals: the walk stops, the summary tells what has been done, and the program dies of the
 * signal. A supervisor sends them before a certain system call, so that it is known what may follow.
 */

#include "large.h"
#include "process.h"
#include "supervise.h"
#include "tests.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

/** Which signals come before which call. */
struct post {
	unsigned long at;
	int first;
	/** Sent once the first one has been taken, the program being held in its call; 0 for none. */
	int second;
	/** Hold the call until the first one has been taken. */
	bool wait;
	/** How much time of processors the program had taken before, in seconds. */
	double cpu_seconds;
	/** How often the program has slept. */
	unsigned sleeps;
};

/** Whether a process has handlers for signals; once it has taken one of them it has none. */
static bool catches_any(pid_t pid)
{
	return process_catches(pid, SIGINT) || process_catches(pid, SIGTERM) ||
	       process_catches(pid, SIGHUP);
}

/** How much time of processors the process of a thread has taken, in seconds. */
static double cpu_seconds(pid_t thread)
{
	char process[PROCESS_VALUE_SIZE];
	struct timespec time = { 0 };
	clockid_t clock;

	if (process_field(thread, "Tgid:", process) &&
	    clock_getcpuclockid((pid_t)strtol(process, NULL, 10), &clock) == 0) {
		clock_gettime(clock, &time);
	}
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void wait_until_taken(pid_t pid)
{
	for (int i = 0; i < 60000 && catches_any(pid); i++) {
		nanosleep(&(const struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
}

static int send_judge(void *context, const struct supervised_call *call)
{
	struct post *post = context;

	post->sleeps += call->kind == CALLS_SLEEP;
	if (call->number == post->at) {
		post->cpu_seconds = cpu_seconds(call->pid);
		kill(call->pid, post->first);
		if (post->second || post->wait) {
			wait_until_taken(call->pid);
		}
		if (post->second) {
			kill(call->pid, post->second);
		}
	}
	return 0;
}

/** Runs the program, and sends signals before a call of the kind given. */
static const struct outcome *run_signalled(const struct tree *tree, const char *arguments,
					   struct post *post, struct supervision *supervision,
					   void (*prepare)(const char *cwd))
{
	supervision->judge = send_judge;
	supervision->context = post;
	return supervise(&(const struct program){ .cwd = tree->path,
						  .arguments = split(arguments),
						  .prepare = prepare },
			 supervision);
}

static unsigned long files_in_summary(const struct outcome *outcome)
{
	static const char removed[] = "Removed ";
	const char *line = strstr(outcome->out, removed);

	return line ? strtoul(line + strlen(removed), NULL, 10) : 0;
}

/** Asserts that a signal ended a run in good order. */
static void assert_died_of(const struct outcome *outcome, int signal)
{
	static const char end[] = "; interrupted.\n";
	bool ended = outcome->out_length >= strlen(end) &&
		     strcmp(outcome->out + outcome->out_length - strlen(end), end) == 0;

	if (outcome->signal != signal || outcome->err_length > 0 || !ended) {
		print_error("# should have ended with signal %d\n", signal);
		assert_outcome(outcome, -1, "(...); interrupted.\n", "");
	}
}

/* ---- What follows a signal ------------------------------------------------------------------ */

enum {
	FILES = 300,
	SIGNAL_AT = 20
};

static const struct tree *tree_of_files(const char *directory)
{
	const struct tree *tree = TREE("keep.py");

	tree_add_directory(tree, directory);
	large_add_files(tree, directory, "m", FILES, ".pyc");
	return tree;
}

/** Has a run that removes files from a directory stopped by each signal. */
static void assert_stops_removing(const char *directory)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		const struct tree *tree = tree_of_files(directory);
		struct post post = { .at = SIGNAL_AT, .first = signals[i] };
		struct supervision supervision = { .calls = CALLS_REMOVE };
		const struct outcome *outcome =
			run_signalled(tree, "-j1", &post, &supervision, NULL);
		unsigned long left = large_count(tree, directory, ".pyc");

		assert_died_of(outcome, signals[i]);
		/* The call that was under way is made once more, by the kernel; none after it. */
		assert_in_range(supervision.count, SIGNAL_AT, SIGNAL_AT + 1);
		assert_in_range(FILES - left, SIGNAL_AT - 1, SIGNAL_AT);
		assert_int_equal(files_in_summary(outcome), FILES - left);
	}
}

static void a_signal_stops_the_removal_of_files(void **state)
{
	(void)state;
	assert_stops_removing("pkg");
}

static void a_signal_stops_the_removal_of_a_cache(void **state)
{
	(void)state;
	assert_stops_removing("pkg/__pycache__");
	assert_stops_removing("pkg/__pycache__/deep");
}

/* A cache named as an operand takes another way. */
static void a_signal_stops_a_run_of_several_operands(void **state)
{
	const struct tree *tree = TREE("a/x.pyc", "b/x.pyc", "c/__pycache__/x.pyc", "d/x.pyc");
	struct post post = { .at = 2, .first = SIGTERM };
	struct supervision supervision = { .calls = CALLS_REMOVE };
	const struct outcome *outcome =
		run_signalled(tree, "a b c/__pycache__ d", &post, &supervision, NULL);

	(void)state;
	assert_died_of(outcome, SIGTERM);
	assert_false(tree_has(tree, "a/x.pyc"));
	assert_true(tree_has(tree, "c/__pycache__/x.pyc"));
	assert_true(tree_has(tree, "d/x.pyc"));
}

static void a_signal_stops_all_walkers(void **state)
{
	const struct tree *tree = TREE(NULL);
	struct post post = { .at = 100, .first = SIGINT, .wait = true };
	struct supervision supervision = { .calls = CALLS_REMOVE };
	const struct outcome *outcome;
	unsigned long left = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		const char *path = scratch_format("p%d/__pycache__", i);

		tree_add_directory(tree, path);
		large_add_files(tree, path, "m", 10, ".pyc");
	}
	outcome = run_signalled(tree, "-j8", &post, &supervision, NULL);
	assert_died_of(outcome, SIGINT);
	assert_in_range(supervision.count, 100, 100 + 8 + 1);
	for (int i = 0; i < 100; i++) {
		const char *path = scratch_format("p%d/__pycache__", i);

		left += tree_has(tree, path) ? large_count(tree, path, ".pyc") : 0;
	}
	assert_int_equal(files_in_summary(outcome), 1000 - left);
}

static void a_second_signal_kills_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		const struct tree *tree = tree_of_files("pkg");
		struct post post = { .at = SIGNAL_AT, .first = signals[i], .second = SIGTERM };
		struct supervision supervision = { .calls = CALLS_REMOVE };
		const struct outcome *outcome =
			run_signalled(tree, "-j1", &post, &supervision, NULL);

		assert_int_equal(outcome->signal, SIGTERM);
		assert_string_equal(outcome->out, "");
		assert_in_range(large_count(tree, "pkg", ".pyc"), FILES - SIGNAL_AT,
				FILES - SIGNAL_AT + 1);
	}
}

static void ignore_interrupt(const char *cwd)
{
	(void)cwd;
	signal(SIGINT, SIG_IGN);
}

static void ignore_hangup(const char *cwd)
{
	(void)cwd;
	signal(SIGHUP, SIG_IGN);
}

/* nohup(1), and the background jobs of a shell without job control. */
static void an_ignored_signal_stays_ignored(void **state)
{
	static const struct {
		int signal;
		void (*ignore)(const char *cwd);
	} cases[] = { { SIGINT, ignore_interrupt }, { SIGHUP, ignore_hangup } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct tree *tree = tree_of_files("pkg");
		struct post post = { .at = SIGNAL_AT, .first = cases[i].signal };
		struct supervision supervision = { .calls = CALLS_REMOVE };

		assert_outcome(run_signalled(tree, "-j1", &post, &supervision, cases[i].ignore), 0,
			       "Removed 300 files (*).\n", "");
		assert_tree(tree, "keep.py", "pkg/");
	}
}

/* Of an ignored SIGPIPE only the error remains: the list is lost, the work is done all the same. */
static void a_pipe_that_closes_is_an_error_where_sigpipe_is_ignored(void **state)
{
	const struct tree *tree = TREE("keep.py", "pkg/");
	const struct outcome *outcome;

	(void)state;
	large_add_files(tree, "pkg", "a_rather_long_module_name_", 3000, ".pyc");
	outcome = program_run(&(const struct program){
		.name = "bash",
		.cwd = tree->path,
		.arguments =
			(const char *const[]){
				"-c",
				"trap '' PIPE; $PYCLEAN_WRAPPER \"$PYCLEAN\" -v | head -n 1 >out; "
				"echo ${PIPESTATUS[0]}",
				NULL },
	});
	assert_string_equal(outcome->out, "1\n");
	assert_string_equal(outcome->err,
			    "pyclean: cannot write to standard output: Broken pipe\n");
	assert_int_equal(large_count(tree, "pkg", ".pyc"), 0);
}

/* ---- How long it takes ---------------------------------------------------------------------- */

/*
 * By a clock on the wall it would depend on what else the machine does. A program that makes no more
 * calls, does not sleep and takes no time of a processor is at its end as soon as it is let.
 */

/** What is promised, in seconds; a sanitizer has its own pace. */
static double patience(void)
{
	return program_is_sanitized() ? 1.0 : 0.1;
}

/** Has a run stopped, and asserts that it does nothing more. @return How much time that took. */
static double stop_once(const struct tree *tree, const char *arguments, unsigned long walkers,
			unsigned calls, unsigned long at)
{
	struct post post = { .at = at, .first = SIGINT, .wait = true };
	struct supervision supervision = { .calls = calls | CALLS_SLEEP };
	const struct outcome *outcome = run_signalled(
		tree, scratch_format("-j%lu %s", walkers, arguments), &post, &supervision, NULL);

	assert_died_of(outcome, SIGINT);
	/* What was under way is done, and musl's nftw reads a directory before it asks again. */
	assert_in_range(supervision.count, at, at + 2 * walkers);
	assert_int_equal(post.sleeps, 0);
	assert_true(post.cpu_seconds > 0);
	return outcome->cpu_seconds - post.cpu_seconds;
}

/** Has a run in a large tree stopped, and asserts that it takes no time. */
static void assert_stops_soon(const struct tree *tree, const char *arguments, unsigned long walkers,
			      unsigned calls, unsigned long at)
{
	double seconds = 0;

	/* Even that varies, where others have the caches, or the host the processor. */
	for (int i = 0; i < 5; i++) {
		seconds = stop_once(tree, arguments, walkers, calls, at);
		print_message("# stopped in %.1f ms: -j%lu %s\n", 1e3 * seconds, walkers,
			      arguments);
		if (seconds < patience()) {
			return;
		}
	}
	assert_true(seconds < patience());
}

/** Makes directories "d0", "d1", …, each with fifty packages, whose caches have 38 files. */
static const struct tree *tree_of_packages(unsigned long directories)
{
	const struct tree *tree = TREE(NULL);

	large_need_room(tree, directories * 50 * 40);
	for (unsigned long i = 0; i < 50 * directories; i++) {
		const char *path = scratch_format("d%lu/p%lu/__pycache__", i / 50, i % 50);

		tree_add_directory(tree, path);
		large_add_files(tree, path, "m", 38, ".pyc");
	}
	return tree;
}

/* A million entries, or a tenth of that where all is slow. */
static void a_large_tree_is_left_within_a_moment(void **state)
{
	unsigned long directories = tests_are_slow() || program_is_sanitized() ? 50 : 500;
	const struct tree *tree;

	(void)state;
	supervise_need();
	tree = tree_of_packages(directories);
	assert_stops_soon(tree, "-nv", 1, CALLS_LIST, 500);
	assert_stops_soon(tree, "-n", 8, CALLS_LIST, 50 * directories);
	assert_stops_soon(tree, "", 1, CALLS_REMOVE, 1000);
	assert_stops_soon(tree, "", 8, CALLS_REMOVE, 5000);
	assert_true(tree_has(tree, "d0") && tree_has(tree, "d49"));
}

static void a_directory_of_very_many_names_is_left_within_a_moment(void **state)
{
	const struct tree *tree = TREE("pkg/", "cache/__pycache__/");

	(void)state;
	supervise_need();
	large_need_room(tree, 100000);
	large_add_files(tree, "pkg", "a_rather_long_module_name_", 50000, ".pyc");
	large_add_files(tree, "cache/__pycache__", "a_rather_long_module_name_", 50000, ".pyc");
	/* While it is read: nothing has been removed. */
	assert_stops_soon(tree, "pkg", 1, CALLS_LIST, 10);
	assert_stops_soon(tree, "cache", 1, CALLS_LIST, 10);
	assert_int_equal(large_count(tree, "pkg", ".pyc"), 50000);
	assert_int_equal(large_count(tree, "cache/__pycache__", ".pyc"), 50000);
	/* While it is emptied. */
	assert_stops_soon(tree, "pkg", 1, CALLS_REMOVE, 100);
	assert_stops_soon(tree, "cache", 1, CALLS_REMOVE, 100);
	assert_in_range(large_count(tree, "pkg", ".pyc"), 50000 - 101, 50000 - 99);
	assert_in_range(large_count(tree, "cache/__pycache__", ".pyc"), 50000 - 101, 50000 - 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_signal_stops_the_removal_of_files),
		TEST(a_signal_stops_the_removal_of_a_cache),
		TEST(a_signal_stops_a_run_of_several_operands),
		TEST(a_signal_stops_all_walkers),
		TEST(a_second_signal_kills_at_once),
		TEST(an_ignored_signal_stays_ignored),
		TEST(a_pipe_that_closes_is_an_error_where_sigpipe_is_ignored),
		TEST(a_large_tree_is_left_within_a_moment),
		TEST(a_directory_of_very_many_names_is_left_within_a_moment),
	};

	large_prefer_memory();
	return RUN_TESTS(tests);
}
