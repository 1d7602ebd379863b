/**
 * One bytecode file that is judged: its name, its header and its source. The header is read and the
 * source is looked up when a rule asks for them, and once.
 */

#ifndef PYCLEAN_EXAMINATION_H
#define PYCLEAN_EXAMINATION_H

#include "pyc.h"
#include "filter.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

enum {
	/** Another process may put a FIFO in a file's place: it is not waited for. */
	EXAMINATION_READ_FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
};

/** A file, and what is known of it so far. */
struct examination {
	const struct filter_rules *rules;
	const struct filter_file *file;
	struct filter_verdict *verdict;
	/** As the file's, but that what has no tag in its name is no cache. */
	enum filter_layout layout;
	struct pyc_name name;
	/** Its header, once it was read. */
	bool header_known;
	enum pyc_header_state header_state;
	struct pyc_header header;
	/** Whether its body is known to be damaged, once the header was read with `stale`. */
	bool damaged;
	/** The file itself, likewise. */
	struct stat stat;
	/**
	 * PATH_MAX bytes for the path of its source, and what came of looking it up, once that was
	 * done: an errno, or 0 and what it is.
	 */
	char *source;
	bool source_known;
	int source_error;
	/** Which of matcher_source_suffixes it has. */
	int suffix;
	struct stat source_stat;
};

/** Whether the verdict is final. */
enum decision {
	OPEN,
	DECIDED,
};

/** The reason to keep a symbolic link. */
extern const char examination_symbolic_link[];

/** Sets the verdict. @param reason As filter_verdict's. @return DECIDED. */
enum decision examination_goes(struct examination *e, const char *reason);
enum decision examination_stays(struct examination *e, const char *reason);

/** Sets the verdict to FILTER_FAILED, with errno. @param what What could not be done. */
enum decision examination_fails(struct examination *e, const char *what);

/** Whether errno says that there is no such file. */
bool examination_is_gone(void);

/** Reads the header, once. @return DECIDED where it cannot be read. */
enum decision examination_read_header(struct examination *e);

/** @return The name of its source without the suffix. */
struct pyc_part examination_stem(const struct examination *e);

/**
 * Whether its source can have one of matcher_source_suffixes, which is in them or the NULL after them;
 * Jython's is a .py.
 */
bool examination_can_have(const struct examination *e, int suffix);

/** Whether there is no source. Where it cannot be looked up, this is false and `source_error` is set. */
bool examination_source_is_missing(struct examination *e);

/**
 * Looks up another source of the same stem, as m.hy after m.py.
 *
 * @return Whether there is one. Where it cannot be looked up, `source_error` is set.
 */
bool examination_next_source(struct examination *e);

/** Whether it may be the only copy of its module. An interrupted write never is. */
bool examination_may_be_only_copy(struct examination *e);

#endif
