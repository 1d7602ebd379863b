#include "processes.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
	/** How long a program may run, in seconds: long enough for a machine that has much to do. */
	TIME_LIMIT = 600,
	/** The user and group "nobody" of most systems. */
	NOBODY = 65534,
};

/* ---- What to run ---------------------------------------------------------------------------- */

const char *const *split(const char *text)
{
	const char **words = scratch_alloc((strlen(text) / 2 + 2) * sizeof(char *));
	size_t count = 0;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t length = strcspn(text, " ");

		words[count++] = scratch_copy(text, length);
		text += length;
	}
	return words;
}

static size_t count_words(const char *const words[])
{
	size_t count = 0;

	while (words && words[count]) {
		count++;
	}
	return count;
}

bool program_is_wrapped(void)
{
	const char *wrapper = getenv("PYCLEAN_WRAPPER");

	return wrapper && *wrapper;
}

uid_t program_ordinary_user(void)
{
	return getuid() == 0 ? NOBODY : getuid();
}

const char *program_shim(const char *name)
{
	const char *directory = getenv("PYCLEAN_SHIMS");
	const char *path = scratch_format("%s/%s.so", directory ? directory : ".", name);

	if (access(path, R_OK) != 0) {
		skip_because("there is no %s", path);
	}
	/* The dynamic linker takes either for the end of a path. */
	if (strpbrk(path, " :")) {
		const struct tree *tree = TREE(NULL);

		tree_add_link(tree, "shim.so", path);
		path = tree_path(tree, "shim.so");
		if (strpbrk(path, " :")) {
			skip_because("LD_PRELOAD takes no path with a space or a colon");
		}
	}
	return path;
}

/** Copies the program under test to where any user can reach it: the clone may be root's alone. */
static const char *reachable_copy(const char *path)
{
	const struct tree *tree = TREE(NULL);
	FILE *file = fopen(path, "rbe");
	struct stat st;
	char *content;

	if (!file || fstat(fileno(file), &st) != 0) {
		broken("cannot read the program under test, '%s'", path);
	}
	content = scratch_alloc((size_t)st.st_size);
	if (fread(content, 1, (size_t)st.st_size, file) != (size_t)st.st_size) {
		broken("cannot read the program under test, '%s'", path);
	}
	fclose(file);
	tree_write(tree, "pyclean", content, (size_t)st.st_size);
	tree_chmod(tree, "pyclean", 0755);
	return tree_path(tree, "pyclean");
}

/** Copies words to an array. @return Where the next one goes. */
static char **append(char **to, const char *const words[])
{
	for (; words && *words; words++) {
		*to++ = scratch_copy(*words, strlen(*words));
	}
	return to;
}

/** The whole command line: a wrapper, the program, its arguments. */
static char **command_line(const struct program *program)
{
	const char *path = program->name ? program->name : getenv("PYCLEAN");
	const char *wrapper = getenv("PYCLEAN_WRAPPER");
	const char *const *front = split(wrapper && !program->name ? wrapper : "");
	size_t count = count_words(front) + 1 + count_words(program->arguments);
	char **words = scratch_alloc((count + 1) * sizeof(char *));

	if (!path) {
		broken("PYCLEAN does not name the program under test");
	}
	if (!program->name && program->as_ordinary_user && getuid() == 0) {
		path = reachable_copy(path);
	}
	append(append(append(words, front), WORDS(path)), program->arguments);
	return words;
}

static const char *join(char *const words[])
{
	const char *text = "";

	for (; *words; words++) {
		text = scratch_format("%s%s%s", text, *text ? " " : "", visible(*words));
	}
	return text;
}

/** Whether two strings, "NAME=VALUE" or "NAME", are of the same variable. */
static bool is_same_variable(const char *a, const char *b)
{
	size_t length = strcspn(a, "=");

	return strcspn(b, "=") == length && strncmp(a, b, length) == 0;
}

/** Changes an environment, which has room for it: "NAME=VALUE" sets, "NAME" unsets. */
static void change_variable(char **environment, const char *change)
{
	char **to = environment;

	for (char **from = environment; *from; from++) {
		if (!is_same_variable(*from, change)) {
			*to++ = *from;
		}
	}
	if (strchr(change, '=')) {
		*to++ = scratch_copy(change, strlen(change));
	}
	*to = NULL;
}

/** The environment of a program. */
static char **environment_with(const char *const changes[])
{
	/* Messages are compared as the C locale has them, options as GNU permutes them. */
	static const char *const usual[] = {
		"LC_ALL=C", "TERM=xterm", "NO_COLOR", "POSIXLY_CORRECT", "VIRTUAL_ENV", NULL,
	};
	size_t inherited = count_words((const char *const *)environ);
	size_t count = inherited + count_words(usual) + count_words(changes);
	char **environment = scratch_alloc((count + 1) * sizeof(char *));

	memcpy(environment, environ, inherited * sizeof(char *));
	for (const char *const *change = usual; *change; change++) {
		change_variable(environment, *change);
	}
	for (; changes && *changes; changes++) {
		change_variable(environment, *changes);
	}
	return environment;
}

/* ---- In the new process --------------------------------------------------------------------- */

/** Where the new process says that the program could not be started: any exit status may be its own. */
static int failure_end = -1;

static void give_up(const char *what)
{
	ssize_t told;

	perror(what);
	told = write(failure_end, "", 1);
	_exit(told == 1 ? 1 : 2);
}

static void connect_stream(int number, enum program_stream stream, int pipe_end)
{
	int fd = pipe_end;

	if (stream == PROGRAM_CLOSED) {
		close(number);
		return;
	}
	if (stream == PROGRAM_FULL) {
		fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	}
	if (fd < 0 || dup2(fd, number) < 0) {
		give_up("cannot connect a stream");
	}
}

static void set_limits(const struct program *program)
{
	const struct rlimit open = { program->max_open, program->max_open };
	const struct rlimit stack = { program->max_stack, program->max_stack };

	if ((program->max_open > 0 && setrlimit(RLIMIT_NOFILE, &open) != 0) ||
	    (program->max_stack > 0 && setrlimit(RLIMIT_STACK, &stack) != 0)) {
		give_up("cannot set a limit");
	}
}

static void become_ordinary_user(void)
{
	if (getuid() == 0 &&
	    (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) {
		give_up("cannot become an ordinary user");
	}
}

/** Whoever runs the tests may ignore signals: nohup(1), or a shell that runs them behind. */
static void restore_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		signal(numbers[i], SIG_DFL);
	}
}

/** Allocates nothing: it may have been forked while a thread of the test held the heap's lock. */
static void start(const struct program *program, char *const words[], char **environment, int in,
		  int out, int err)
{
	if (program->cwd && chdir(program->cwd) != 0) {
		give_up("cannot change directory");
	}
	restore_signals();
	if (dup2(in, STDIN_FILENO) < 0) {
		give_up("cannot connect the standard input");
	}
	if (program->prepare) {
		program->prepare(program->cwd);
	}
	connect_stream(STDOUT_FILENO, program->out, out);
	connect_stream(STDERR_FILENO, program->err, err);
	set_limits(program);
	if (program->as_ordinary_user) {
		become_ordinary_user();
	}
	environ = environment;
	execvp(words[0], words);
	give_up(words[0]);
}

/* ---- In the test ---------------------------------------------------------------------------- */

/** Bytes that come from a pipe. */
struct capture {
	char *bytes;
	size_t length;
	size_t allocated;
};

/** @return false at the end. */
static bool read_some(int fd, struct capture *capture)
{
	ssize_t length;

	if (capture->allocated - capture->length < 4097) {
		char *old = capture->bytes;

		capture->allocated = 2 * capture->allocated + 16384;
		capture->bytes = scratch_alloc(capture->allocated);
		if (capture->length > 0) {
			memcpy(capture->bytes, old, capture->length);
		}
	}
	length = read(fd, capture->bytes + capture->length, 4096);
	if (length > 0) {
		capture->length += (size_t)length;
	}
	return length > 0 || (length < 0 && errno == EINTR);
}

/** Reads both pipes to their ends. @return false where the program took too long. */
static bool read_pipes(int out_fd, struct capture *out, int err_fd, struct capture *err)
{
	struct pollfd pipes[] = { { out_fd, POLLIN, 0 }, { err_fd, POLLIN, 0 } };
	struct capture *captures[] = { out, err };
	time_t end = time(NULL) + TIME_LIMIT;

	while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
		if (time(NULL) >= end) {
			return false;
		}
		if (poll(pipes, 2, 1000) < 0) {
			continue;
		}
		for (int i = 0; i < 2; i++) {
			if (pipes[i].revents && !read_some(pipes[i].fd, captures[i])) {
				pipes[i].fd = -1;
			}
		}
	}
	return true;
}

/** What a program is to read, in a file that has no name. */
static int input_file(const char *input)
{
	FILE *file = tmpfile();
	int fd = -1;

	if (file && (!input || fputs(input, file) >= 0) && fflush(file) == 0) {
		rewind(file);
		fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
	}
	if (fd < 0) {
		broken("cannot make an input file");
	}
	fclose(file);
	return fd;
}

/** Makes a terminal that passes on what it is sent as it is. @param ends Its own, and a program's. */
static void open_terminal(unsigned short columns, int ends[2])
{
	const struct winsize size = { .ws_row = 24, .ws_col = columns ? columns : 80 };
	struct termios modes;

	ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends[0] < 0 || grantpt(ends[0]) != 0 || unlockpt(ends[0]) != 0) {
		skip_because("this process cannot make a terminal");
	}
	ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends[1] < 0 || tcgetattr(ends[1], &modes) != 0) {
		broken("cannot open a terminal");
	}
	cfmakeraw(&modes);
	if (tcsetattr(ends[1], TCSANOW, &modes) != 0 || ioctl(ends[1], TIOCSWINSZ, &size) != 0) {
		broken("cannot set up a terminal");
	}
}

/** Makes what a stream is connected with. @param ends What the test reads from, or -1; the program's. */
static void open_stream(const struct program *program, enum program_stream stream, int out,
			int ends[2])
{
	if (stream == PROGRAM_TERMINAL) {
		open_terminal(program->columns, ends);
	} else if (stream == PROGRAM_AS_OUT) {
		ends[0] = -1;
		ends[1] = fcntl(out, F_DUPFD_CLOEXEC, 3);
	} else if (pipe2(ends, O_CLOEXEC) != 0 ||
		   (stream == PROGRAM_UNREAD && fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0)) {
		broken("cannot make a pipe");
	}
}

/** Lets a program run until it waits for something, or has ended. */
static void wait_until_it_sleeps(pid_t pid)
{
	siginfo_t ended = { 0 };

	while (!process_sleeps(pid) && ended.si_pid == 0) {
		nanosleep(&(const struct timespec){ .tv_nsec = 1000000 }, NULL);
		waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT);
	}
}

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/** Opens the pipe of which give_up() has an end, closed where the program starts. @return The other. */
static int open_failure_pipe(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		broken("cannot make a pipe");
	}
	failure_end = ends[1];
	return ends[0];
}

/** Closes both ends. @return Whether the new process, which has ended, could start its program. */
static bool has_started(int fd)
{
	char byte;
	bool failed = read(fd, &byte, 1) == 1;

	close(fd);
	close(failure_end);
	return !failed;
}

const struct outcome *program_run(const struct program *program)
{
	struct outcome *outcome = scratch_alloc(sizeof(*outcome));
	char **words = command_line(program);
	char **environment = environment_with(program->environment);
	struct capture out = { 0 };
	struct capture err = { 0 };
	int out_pipe[2];
	int err_pipe[2];
	int in = input_file(program->input);
	struct rusage usage = { 0 };
	int state = 0;
	bool in_time;
	bool started;
	int failure;
	pid_t pid;

	if (program->name && !strchr(program->name, '/')) {
		need_tool(program->name);
	}
	outcome->command = join(words);
	failure = open_failure_pipe();
	open_stream(program, program->out, -1, out_pipe);
	open_stream(program, program->err, out_pipe[1], err_pipe);
	pid = fork();
	if (pid < 0) {
		broken("cannot start %s", outcome->command);
	}
	if (pid == 0) {
		start(program, words, environment, in, out_pipe[1], err_pipe[1]);
	}
	close(in);
	close(out_pipe[1]);
	close(err_pipe[1]);
	if (program->out == PROGRAM_UNREAD) {
		wait_until_it_sleeps(pid);
	}
	in_time = read_pipes(out_pipe[0], &out, err_pipe[0], &err);
	if (!in_time) {
		kill(pid, SIGKILL);
	}
	close(out_pipe[0]);
	if (err_pipe[0] >= 0) {
		close(err_pipe[0]);
	}
	if (wait4(pid, &state, 0, &usage) != pid) {
		broken("cannot wait for %s", outcome->command);
	}
	started = has_started(failure);
	outcome->cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
	outcome->out = scratch_copy(out.bytes, out.length);
	outcome->out_length = out.length;
	outcome->err = scratch_copy(err.bytes, err.length);
	outcome->err_length = err.length;
	outcome->status = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
	outcome->signal = WIFSIGNALED(state) ? WTERMSIG(state) : 0;
	if (!in_time || !started) {
		broken("%s %s: %s", outcome->command, started ? "did not end" : "did not start",
		       outcome->err);
	}
	return outcome;
}

const struct outcome *run_as_ordinary_user(const struct tree *tree, const char *arguments)
{
	tree_give(tree, program_ordinary_user(), (gid_t)-1);
	return RUN_PROGRAM(.cwd = tree->path, .arguments = split(arguments),
			   .as_ordinary_user = true);
}

const struct outcome *run_with_mode(const struct tree *tree, const char *path, mode_t mode,
				    const char *arguments)
{
	const struct outcome *outcome;

	tree_chmod(tree, path, mode);
	outcome = run_as_ordinary_user(tree, arguments);
	tree_chmod(tree, path, 0755);
	return outcome;
}

const struct outcome *run(const struct tree *tree, const char *arguments)
{
	return RUN_PROGRAM(.cwd = tree->path, .arguments = split(arguments));
}

const struct outcome *run_at(const struct tree *tree, const char *directory, const char *arguments)
{
	return RUN_PROGRAM(.cwd = tree_path(tree, directory), .arguments = split(arguments));
}
