#include "session.h"

#include "child.h"
#include "tests.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct reporter *session_reporter;

static int hold_session(void *context)
{
	const struct session *session = context;
	struct report *report;
	int fd = session->output ? open(session->output, O_WRONLY | O_CLOEXEC) : -1;

	if (session->output && dup2(fd, STDOUT_FILENO) < 0) {
		return 1;
	}
	session_reporter = reporter_new(&session->style);
	report = session_reporter ? reporter_open(session_reporter) : NULL;
	if (!report) {
		return 1;
	}
	session->act(report);
	reporter_close(report);
	reporter_finish(session_reporter, false);
	*session->counts = *reporter_counts(session_reporter);
	reporter_free(session_reporter);
	return 0;
}

const struct outcome *hold(struct session *session)
{
	if (!session->counts) {
		session->counts = shared_alloc(sizeof(*session->counts));
	}
	return in_child(hold_session, session);
}

void assert_says(enum reporter_detail detail, bool dry_run, bool null,
		 void (*act)(struct report *report), const char *out, const char *err)
{
	struct session session = { .style = { .detail = detail, .null = null, .dry_run = dry_run },
				   .act = act };
	const struct outcome *outcome = hold(&session);
	char *last = outcome->out + outcome->out_length;

	if (detail >= REPORTER_SUMMARY && !null) {
		assert_true(last > outcome->out && last[-1] == '\n');
		last[-1] = '\0';
		last = strrchr(outcome->out, '\n');
		last = last ? last + 1 : outcome->out;
		*last = '\0';
	}
	assert_int_equal(outcome->status, 0);
	assert_int_equal(last - outcome->out, strlen(out));
	assert_string_equal(outcome->out, out);
	assert_string_equal(without_hints(outcome->err), err);
}
