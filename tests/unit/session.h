/**
 * A reporter at work in a process of its own, whose stdout it may close.
 */

#ifndef TESTS_SESSION_H
#define TESTS_SESSION_H

#include "program.h"
#include "reporter.h"

#include <stdbool.h>

/** What a child is to do with a report, and the style that it has. */
struct session {
	struct reporter_style style;
	void (*act)(struct report *report);
	/** Shared: all that was counted in the end. Made where there is none. */
	struct reporter_counts *counts;
	/** What stdout is to be, where not a file that takes all. */
	const char *output;
};

/** The reporter of the session, in its process. */
extern struct reporter *session_reporter;

/** Acts, closes the report, and finishes the reporter. */
const struct outcome *hold(struct session *session);

/** Asserts on all of stdout but the summary, and on all of stderr. */
void assert_says(enum reporter_detail detail, bool dry_run, bool null,
		 void (*act)(struct report *report), const char *out, const char *err);

#endif
