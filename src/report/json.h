/**
 * Output for programs: a JSON object (RFC 8259) for each path, and one for the summary.
 *
 * Strings may contain any bytes; control characters are written as escape sequences.
 */

#ifndef PYCLEAN_JSON_H
#define PYCLEAN_JSON_H

#include "reporter.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stdint.h>

/** The type of a path. */
enum json_kind {
	JSON_UNKNOWN,
	/** Anything that is not a directory. */
	JSON_FILE,
	JSON_DIRECTORY,
};

/** The outcome for a path. Strings may be NULL, except the first two. */
struct json_record {
	const char *event;
	const char *path;
	enum json_kind kind;
	/** The disk space freed, or NULL. */
	const uint64_t *bytes;
	/** The interpreter's tag in the path; not terminated. */
	const char *tag;
	size_t tag_length;
	const char *reason;
	const char *error;
};

/**
 * Adds a record as one line:
 *
 *     {"event":"removed","path":"a/b.cpython-311.pyc","kind":"file","tag":"cpython-311",
 *      "bytes":4096,"reason":null,"error":null}
 *
 * A path that is not UTF-8 is followed by "path_base64", its exact bytes (RFC 4648). Numbers are
 * written in full; some parsers round numbers above 2^53.
 */
void json_add_record(struct strbuf *out, const struct json_record *record);

/** Adds the summary as one line. @param interrupted True if the run was stopped before its end. */
void json_add_summary(struct strbuf *out, const struct reporter_counts *counts, bool dry_run,
		      bool interrupted);

#endif
