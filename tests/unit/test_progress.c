/* The progress line by itself: its words, how often it is drawn, and a terminal that changes. */

#include "child.h"
#include "interpose.h"
#include "report/internal.h"
#include "tests.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const struct reporter_style always = { .progress = REPORTER_ALWAYS };
static const struct reporter_style automatic = { .detail = REPORTER_SUMMARY };

static const struct reporter_counts none;

/** What the clock shows, in milliseconds. */
static long now;

static int stopped_clock(clockid_t clock, struct timespec *time)
{
	(void)clock;
	*time = (struct timespec){ .tv_sec = now / 1000, .tv_nsec = now % 1000 * 1000000 };
	return 0;
}

static int count_and_draw(void *context)
{
	static const struct reporter_path file = { .prefix = "a/", .trail = "t/", .name = "x.pyc" };
	struct reporter *reporter;
	struct report *reports[2];

	(void)context;
	interpose(&(const struct interposed){ .clock_gettime = stopped_clock });
	reporter = reporter_new(&always);
	reports[0] = reporter ? reporter_open(reporter) : NULL;
	reports[1] = reporter ? reporter_open(reporter) : NULL;
	if (!reports[0] || !reports[1]) {
		return 1;
	}
	reporter_visited(reports[0], "a/");
	reporter_removed(reports[0], &file, 2048, NULL);
	now += 100;
	reporter_visited(reports[1], "b/c/");
	for (int i = 0; i < 11; i++) {
		reporter_removed(reports[1], &file, 1024, NULL);
	}
	now += 100;
	reporter_left(reports[1], &file, NULL, REPORTER_KEPT);
	reporter_close(reports[0]);
	reporter_close(reports[1]);
	reporter_free(reporter);
	return 0;
}

/* None is counted twice, and none is left out. */
TEST(the_line_has_the_counts_of_all_reports)
{
	const struct outcome *outcome = in_child(count_and_draw, NULL);

	assert_int_equal(outcome->status, 0);
	assert_string_equal(outcome->err,
			    "\r1 directory seen, 0 files found (0 B): a/\033[J\r"
			    "\r2 directories seen, 1 file found (2.0 KiB): b/c/\033[J\r"
			    "\r2 directories seen, 12 files found (13.0 KiB): a/t/\033[J\r");
}

static int list_to_the_same_file(void *context)
{
	static const struct reporter_style style = { .detail = REPORTER_LIST,
						     .progress = REPORTER_ALWAYS };
	static const struct reporter_path file = { .prefix = "a/", .name = "x.pyc" };
	struct reporter *reporter;
	struct report *report;

	(void)context;
	if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
		return 1;
	}
	interpose(&(const struct interposed){ .clock_gettime = stopped_clock });
	reporter = reporter_new(&style);
	report = reporter ? reporter_open(reporter) : NULL;
	if (!report) {
		return 1;
	}
	reporter_visited(report, "a/");
	reporter_removed(report, &file, 2048, NULL);
	reporter_close(report);
	reporter_free(reporter);
	return 0;
}

/* As with `--progress=always -v 2>&1 | cat`. */
TEST(it_is_cleared_before_a_line_of_the_same_file)
{
	const struct outcome *outcome = in_child(list_to_the_same_file, NULL);

	assert_int_equal(outcome->status, 0);
	assert_string_equal(outcome->err, "\r1 directory seen, 0 files found (0 B): a/\033[J\r"
					  "\r \033[J\r"
					  "Removed a/x.pyc\n");
}

static int draw_many_times(void *context)
{
	struct progress progress;

	(void)context;
	interpose(&(const struct interposed){ .clock_gettime = stopped_clock });
	progress_init(&progress, &always);
	for (now = 5000; now < 5100; now++) {
		progress_show(&progress, &none, "a/", NULL);
	}
	progress_show(&progress, &none, "b/", NULL);
	progress_clear(&progress);
	progress_clear(&progress);
	for (; now < 5600; now++) {
		progress_show(&progress, &none, "c/", NULL);
	}
	progress_show(&progress, &none, "d/", NULL);
	return 0;
}

/* A terminal at the end of a slow line would do nothing else. And between lines that come one after
 * the other, which tell enough, there is none. */
TEST(it_is_not_drawn_again_at_once)
{
	static const char counts[] = "0 directories seen, 0 files found (0 B): ";

	assert_string_equal(in_child(draw_many_times, NULL)->err,
			    scratch_format("\r%sa/\033[J\r"
					   "\r%sb/\033[J\r"
					   "\r \033[J\r"
					   "\r%sd/\033[J\r",
					   counts, counts, counts));
}

static void set_columns(unsigned short columns)
{
	const struct winsize size = { .ws_row = 24, .ws_col = columns };

	if (ioctl(STDERR_FILENO, TIOCSWINSZ, &size) != 0) {
		abort();
	}
}

/** Draws on a terminal of several widths, and copies what that was sent to stdout. */
static int draw_in_widths(void *context)
{
	static const unsigned short widths[] = { 80, 60, 51, 50, 20, 1, 0 };
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	struct progress progress;
	struct termios modes;
	char sent[4096];
	ssize_t length;
	int fd;

	(void)context;
	if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
		return 1;
	}
	fd = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	if (fd < 0 || tcgetattr(fd, &modes) != 0 || dup2(fd, STDERR_FILENO) < 0) {
		return 2;
	}
	cfmakeraw(&modes);
	tcsetattr(fd, TCSANOW, &modes);
	setenv("TERM", "xterm", 1);
	progress_init(&progress, &automatic);
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		set_columns(widths[i]);
		progress.next = 0;
		progress_show(&progress, &none, "0123456789/123456789/", NULL);
	}
	/* Then what was sent has an end, and may come in pieces. */
	close(fd);
	close(STDERR_FILENO);
	while ((length = read(terminal, sent, sizeof(sent))) > 0) {
		fwrite(sent, 1, (size_t)length, stdout);
	}
	return fflush(stdout) == 0 ? 0 : 3;
}

/* Asked for each time, as a window may be drawn out or in; the last column stays free. */
TEST(it_is_as_wide_as_the_terminal_is_then)
{
	static const char counts[] = "0 directories seen, 0 files found (0 B): ";
	const struct outcome *outcome = in_child(draw_in_widths, NULL);

	if (outcome->status == 1) {
		skip_because("this process cannot make a terminal");
	}
	assert_int_equal(outcome->status, 0);
	assert_string_equal(outcome->out,
			    scratch_format("\r%s0123456789/123456789/\033[J\r"
					   "\r%s...6789/123456789/\033[J\r"
					   "\r%s\033[J\r"
					   "\r%s\033[J\r"
					   "\r%.19s\033[J\r"
					   "\r\033[J\r"
					   "\r%s0123456789/123456789/\033[J\r",
					   counts, counts, counts, counts, counts, counts));
}
