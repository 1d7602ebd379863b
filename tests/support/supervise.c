#include "supervise.h"

#include "processes.h"
#include "tests.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers may be. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
# define SECCOMP_IOCTL_NOTIF_SET_FLAGS      SECCOMP_IOW(4, __u64)
# define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1UL
#endif

/** What the new process ends with where it cannot be supervised. */
enum {
	REFUSED = 126
};

/* ---- What is asked of the kernel ------------------------------------------------------------ */

/** What one argument of a call has to be. */
struct condition {
	int argument;
	unsigned value;
};

enum {
	CONDITIONS = 2
};

struct rule {
	/** 0 for those that are always watched. */
	unsigned calls;
	int number;
	int conditions;
	struct condition condition[CONDITIONS];
};

/* Older architectures have older calls. */
static const struct rule rules[] = {
	/* A question only: what the program's signal handler does is its own affair. */
	{ 0, SYS_rt_sigaction, 2, { { 0, SIGINT }, { 1, 0 } } },
	{ 0, SYS_close, 1, { { 0, STDOUT_FILENO } } },
	{ .number = SYS_exit_group },
	{ .calls = CALLS_OPEN, .number = SYS_openat },
	{ CALLS_OPEN, SYS_fcntl, 1, { { 1, F_DUPFD_CLOEXEC } } },
#ifdef SYS_newfstatat
	{ .calls = CALLS_STAT, .number = SYS_newfstatat },
#else
	{ .calls = CALLS_STAT, .number = SYS_fstatat64 },
#endif
	{ .calls = CALLS_STAT, .number = SYS_fstat },
	{ .calls = CALLS_STAT, .number = SYS_statx },
	{ .calls = CALLS_LIST, .number = SYS_getdents64 },
	{ .calls = CALLS_REMOVE, .number = SYS_unlinkat },
	{ .calls = CALLS_WRITE, .number = SYS_write },
	{ .calls = CALLS_WRITE, .number = SYS_writev },
	{ .calls = CALLS_THREAD, .number = SYS_clone },
	{ .calls = CALLS_THREAD, .number = SYS_clone3 },
	{ .calls = CALLS_SLEEP, .number = SYS_clock_nanosleep },
	{ .calls = CALLS_SLEEP, .number = SYS_nanosleep },
#ifdef SYS_open
	{ .calls = CALLS_OPEN, .number = SYS_open },
	{ .calls = CALLS_STAT, .number = SYS_stat },
	{ .calls = CALLS_STAT, .number = SYS_lstat },
	{ .calls = CALLS_LIST, .number = SYS_getdents },
	{ .calls = CALLS_REMOVE, .number = SYS_unlink },
	{ .calls = CALLS_REMOVE, .number = SYS_rmdir },
#endif
};

enum {
	RULES = sizeof(rules) / sizeof(*rules),
	INSTRUCTIONS_FOR_A_RULE = 3 + 2 * CONDITIONS,
};

/** The low half of an argument; the high one does not matter here. */
static size_t argument_offset(int argument)
{
	size_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;

	return offsetof(struct seccomp_data, args) + 8 * (size_t)argument + low;
}

/** Goes on with the next instruction where what was loaded is `value`; else skips so many. */
static struct sock_filter unless_equal_skip(unsigned value, int skipped)
{
	return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0,
					    (unsigned char)skipped);
}

static struct sock_filter load(size_t offset)
{
	return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset);
}

/** Writes the filter. @return How many instructions it has. */
static unsigned short write_filter(struct sock_filter *to, unsigned calls)
{
	const struct sock_filter ask = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_filter *at = to;

	for (size_t i = 0; i < RULES; i++) {
		const struct rule *rule = &rules[i];

		if (rule->calls != 0 && !(rule->calls & calls)) {
			continue;
		}
		*at++ = load(offsetof(struct seccomp_data, nr));
		*at++ = unless_equal_skip((unsigned)rule->number, 2 * rule->conditions + 1);
		for (int j = 0; j < rule->conditions; j++) {
			const struct condition *condition = &rule->condition[j];

			*at++ = load(argument_offset(condition->argument));
			*at++ = unless_equal_skip(condition->value, 2 * (rule->conditions - j) - 1);
		}
		*at++ = ask;
	}
	*at++ = allow;
	return (unsigned short)(at - to);
}

/* ---- In the new process --------------------------------------------------------------------- */

/** What prepare() has to know; it is given no context. */
static struct {
	void (*prepare)(const char *cwd);
	unsigned calls;
	int socket;
} plan;

/** Sends a descriptor. @return 0, or -1. */
static int send_descriptor(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec content = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &content,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

/** Puts the process under supervision; the supervisor gets the listening descriptor. */
static void submit(const char *cwd)
{
	struct sock_filter filter[RULES * INSTRUCTIONS_FOR_A_RULE + 1];
	struct sock_fprog program = { write_filter(filter, plan.calls), filter };
	long listener;

	if (plan.prepare) {
		plan.prepare(cwd);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		_exit(REFUSED);
	}
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			   &program);
	if (listener < 0 || send_descriptor(plan.socket, (int)listener) != 0) {
		_exit(REFUSED);
	}
}

/* ---- The supervisor, a thread of the test --------------------------------------------------- */

struct supervisor {
	struct supervision *supervision;
	/** Where the listening descriptor comes from, and a pipe that ends when the program has. */
	int socket;
	int end;
	bool counting;
	/** What the program was given. */
	int open_before;
};

/** @return The descriptor, or -1 where none was sent. */
static int receive_descriptor(int socket)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec content = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &content,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 && message.msg_controllen > 0) {
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	}
	return fd;
}

/** Counts those beyond 0, 1 and 2. */
static int count_descriptors(pid_t pid)
{
	char path[64];
	struct dirent *entry;
	int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		count += entry->d_name[0] != '.' && strtol(entry->d_name, NULL, 10) > STDERR_FILENO;
	}
	if (dir) {
		closedir(dir);
	}
	return count;
}

static long read_peak(pid_t pid)
{
	char peak[PROCESS_VALUE_SIZE];

	return process_field(pid, "VmHWM:", peak) ? strtol(peak, NULL, 10) : -1;
}

/** What a call does. */
static enum supervised_calls kind_of(int number)
{
	for (size_t i = 0; i < RULES; i++) {
		if (rules[i].number == number) {
			return (enum supervised_calls)rules[i].calls;
		}
	}
	return CALLS_FILE;
}

/** Decides on a call. @return 0, or the errno with which it fails. */
static int decide(struct supervisor *s, const struct seccomp_notif *notice)
{
	struct supervision *supervision = s->supervision;
	struct supervised_call call = { .pid = (pid_t)notice->pid };

	switch (notice->data.nr) {
	case SYS_rt_sigaction:
		s->counting = true;
		s->open_before = count_descriptors(call.pid);
		return 0;
	case SYS_close:
		s->counting = false;
		return 0;
	case SYS_exit_group:
		supervision->left_open = count_descriptors(call.pid) - s->open_before;
		supervision->peak = read_peak(call.pid);
		return 0;
	default:
		break;
	}
	if (!s->counting) {
		return 0;
	}
	call.kind = kind_of(notice->data.nr);
	call.number = ++supervision->count;
	return supervision->judge ? supervision->judge(supervision->context, &call) : 0;
}

/** Answers one notice; a program that was killed meanwhile needs no answer. */
static void answer(struct supervisor *s, int listener)
{
	/* The kernel's structures may be larger than ours. */
	union {
		struct seccomp_notif notice;
		struct seccomp_notif_resp response;
		char room[1024];
	} in = { .room = { 0 } }, out = { .room = { 0 } };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in.notice) != 0) {
		return;
	}
	out.response.id = in.notice.id;
	out.response.error = -decide(s, &in.notice);
	if (out.response.error == 0) {
		out.response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	}
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out.response);
}

static void *watch_calls(void *context)
{
	struct supervisor *s = context;
	struct pollfd fds[] = { { s->socket, POLLIN, 0 }, { s->end, 0, 0 } };
	int listener;

	poll(fds, 2, -1);
	listener = fds[0].revents & POLLIN ? receive_descriptor(s->socket) : -1;
	if (listener < 0) {
		return NULL;
	}
	/* Linux 6.6 and later need not change processors for each call. */
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	fds[0].fd = listener;
	do {
		fds[0].revents = 0;
		poll(fds, 2, -1);
		if (fds[0].revents & POLLIN) {
			answer(s, listener);
		}
	} while (!((fds[0].revents | fds[1].revents) & (POLLHUP | POLLERR | POLLNVAL)));
	close(listener);
	return NULL;
}

/* ---- In the test ---------------------------------------------------------------------------- */

/** What has to be closed, and the thread that has to end, even where program_run() fails. */
struct watch {
	struct supervisor supervisor;
	pthread_t thread;
	int sockets[2];
	int pipe[2];
};

static void end_watch(void *object)
{
	struct watch *watch = object;

	if (watch->pipe[1] >= 0) {
		close(watch->pipe[1]);
		pthread_join(watch->thread, NULL);
		close(watch->pipe[0]);
		close(watch->sockets[0]);
		close(watch->sockets[1]);
		watch->pipe[1] = -1;
	}
}

static struct watch *begin_watch(struct supervision *supervision)
{
	struct watch *watch = scratch_alloc(sizeof(*watch));

	if (pipe2(watch->pipe, O_CLOEXEC) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, watch->sockets) != 0) {
		broken("cannot make a pipe");
	}
	watch->supervisor = (struct supervisor){
		.supervision = supervision,
		.socket = watch->sockets[0],
		.end = watch->pipe[0],
	};
	if (pthread_create(&watch->thread, NULL, watch_calls, &watch->supervisor) != 0) {
		broken("cannot start a thread");
	}
	scratch_defer(end_watch, watch);
	return watch;
}

void supervise_need(void)
{
	if (program_is_wrapped()) {
		skip_because("the wrapper's own calls would be supervised");
	}
}

const struct outcome *supervise(const struct program *program, struct supervision *supervision)
{
	struct program supervised = *program;
	const struct outcome *outcome;
	struct watch *watch;

	supervise_need();
	supervision->count = 0;
	supervision->left_open = -1;
	supervision->peak = -1;
	watch = begin_watch(supervision);
	plan.prepare = program->prepare;
	plan.calls = supervision->calls;
	plan.socket = watch->sockets[1];
	supervised.prepare = submit;
	outcome = program_run(&supervised);
	end_watch(watch);
	if (outcome->status == REFUSED) {
		skip_because("this kernel does not let a process be supervised");
	}
	return outcome;
}

int strike_judge(void *context, const struct supervised_call *call)
{
	const struct strike *strike = context;
	bool struck = strike->lasting ? call->number >= strike->at : call->number == strike->at;

	return struck ? strike->error : 0;
}

bool program_is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return true;
#elif defined(__has_feature)
# if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return true;
# else
	return false;
# endif
#else
	return false;
#endif
}
