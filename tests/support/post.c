#include "post.h"

#include "processes.h"
#include "tests.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/** Waits until a process has taken a signal; then it has no handler for it any more. */
static void wait_until_taken(pid_t pid, int signal)
{
	for (int i = 0; i < 60000 && process_catches(pid, signal); i++) {
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
			wait_until_taken(call->pid, post->first);
		}
		if (post->second) {
			kill(call->pid, post->second);
		}
	}
	return 0;
}

const struct outcome *post_signals(const struct tree *tree, const char *arguments,
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

void assert_died_of(const struct outcome *outcome, int signal)
{
	static const char end[] = "; interrupted.\n";
	bool ended = outcome->out_length >= strlen(end) &&
		     strcmp(outcome->out + outcome->out_length - strlen(end), end) == 0;

	if (outcome->signal != signal || outcome->err_length > 0 || !ended) {
		print_error("# should have ended with signal %d\n", signal);
		assert_outcome(outcome, -1, "(...); interrupted.\n", "");
	}
}
