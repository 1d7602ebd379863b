/**
 * What the user sees, for programs: a JSON object for each path, and one for the summary.
 */

#ifndef PYCLEAN_RECORD_H
#define PYCLEAN_RECORD_H

#include "tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a path is, where that is known. */
enum record_kind {
	RECORD_UNKNOWN,
	/** Anything that is not a directory. */
	RECORD_FILE,
	RECORD_DIRECTORY,
};

/** What became of a path; strings may be NULL but for the first two. */
struct record {
	const char *event;
	const char *path;
	enum record_kind kind;
	/** Whether it is known how many bytes the file system gets back. */
	bool has_bytes;
	uint64_t bytes;
	const char *reason;
	const char *error;
};

/** How many bytes a record can need whose texts have so many together. */
#define RECORD_SIZE(length) (8 * (length) + 640)

/**
 * Writes a record as one line:
 *
 *     {"event":"removed","path":"a/b.cpython-311.pyc","kind":"file","tag":"cpython-311",
 *      "bytes":4096,"reason":null,"error":null}
 *
 * Behind a path that is not UTF-8 stands "path_base64", which tells its bytes. The tag is that in
 * the name of a bytecode file.
 *
 * @return How many bytes were written.
 */
size_t record_write(char *out, const struct record *record);

/** Writes the summary as one line, in RECORD_SIZE(0) bytes. @return How many were written. */
size_t record_write_summary(char *out, const struct tally *tally, bool dry_run, bool interrupted);

#endif
