/**
 * Output for programs: a JSON object (RFC 8259) for each path, and one for the summary.
 */

#ifndef PYCLEAN_JSON_H
#define PYCLEAN_JSON_H

#include "reporter.h"
#include "strbuf.h"

struct output_line;
struct summary;

/**
 * Adds a record as one line:
 *
 *     {"event":"removed","path":"a/b.cpython-311.pyc","kind":"file","tag":"cpython-311",
 *      "bytes":4096,"reason":null,"error":null}
 *
 * Control characters are written as escape sequences. A path that is not UTF-8 is followed by
 * "path_base64", its exact bytes (RFC 4648); debris has a "topic" before its bytes. Numbers are written in full; some parsers round
 * numbers above 2^53.
 *
 * @param whole_path The path in one piece, or NULL.
 */
void json_add_record(struct strbuf *out, const struct output_line *line,
		     const struct reporter_path *path, const char *whole_path);

/** Adds the summary as one line. */
void json_add_summary(struct strbuf *out, const struct summary *summary);

#endif
