/**
 * One bytecode file: its name, its header and its source. The header is read and the source is
 * looked up at most once, when a rule needs them.
 */

#ifndef PYCLEAN_EXAMINATION_H
#define PYCLEAN_EXAMINATION_H

#include "match/pyc_header.h"
#include "filter.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

enum {
	/** O_NONBLOCK: another process may replace a file by a FIFO. */
	EXAMINATION_READ_FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
};

/** A file, and what was found out so far. */
struct examination {
	const struct filter_rules *rules;
	const struct filter_file *file;
	struct filter_verdict *verdict;
	/** As the file's, but FILTER_BESIDE_SOURCE for a name without a tag in a prefix tree. */
	enum filter_layout layout;
	struct pyc_name name;
	/** The file, once its header was read; otherwise -1. */
	int fd;
	unsigned char start[PYC_BODY_START];
	size_t start_length;
	enum pyc_header_state header_state;
	struct pyc_header header;
	/** The file's own; set by examination_look_up(). */
	struct stat stat;
	/** The path of the source looked up last, in PATH_MAX bytes owned by the caller. */
	char *source;
	/** The source was looked up; the members below are set. */
	bool source_known;
	/** 0, or an errno: ENOENT if there is no source. */
	int source_error;
	/** The index of its suffix in matcher_source_suffixes. */
	int suffix;
	struct stat source_stat;
};

/** Whether the verdict is final. */
enum decision {
	OPEN,
	DECIDED,
};

/** The reason for keeping a symbolic link. */
extern const char examination_symbolic_link[];

/** Sets the verdict. @param reason As filter_verdict's. @return DECIDED. */
enum decision examination_decide(struct examination *e, enum filter_outcome outcome,
				 const char *reason);

/** Sets the verdict to FILTER_FAILED. @param what The operation that failed. @return DECIDED. */
enum decision examination_fail(struct examination *e, const char *what, int error);

/** Reads the header, once. @return DECIDED if it cannot be read. */
enum decision examination_read_header(struct examination *e);

/** Whether the body of a file with a valid header is known to be damaged. */
bool examination_is_damaged(const struct examination *e);

/** Looks the file itself up into `stat`. @return DECIDED if it cannot be looked up. */
enum decision examination_look_up(struct examination *e);

/** @return The name of its source without the suffix; points into the file's name. */
struct pyc_part examination_stem(const struct examination *e);

/**
 * Whether there is no source. False if it cannot be looked up; `source_error` is then neither 0 nor
 * ENOENT.
 */
bool examination_source_is_missing(struct examination *e);

/**
 * Writes the path of a source to `source`.
 *
 * @param suffix An index into matcher_source_suffixes, from 0 on.
 * @return The name in it, or NULL with errno: ENOENT after the last suffix, or ENAMETOOLONG.
 */
const char *examination_name_source(struct examination *e, struct pyc_part stem, int suffix);

/**
 * Looks for a source of a stem; sets `source` and `source_stat`.
 *
 * @param suffix The first one to try.
 * @return Its suffix, or -1 with errno: ENOENT if there is no source.
 */
int examination_find_source(struct examination *e, struct pyc_part stem, int suffix);

/**
 * Looks up another source of the same stem, as m.hy after m.py.
 *
 * @return Whether there is one. If it cannot be looked up, `source_error` is set.
 */
bool examination_next_source(struct examination *e);

/** Whether it may be the only copy of its module. An interrupted write never is. */
bool examination_may_be_only_copy(struct examination *e);

/** Judges a file that matches all other rules by its source, its header and its body. */
void staleness_judge(struct examination *e);

/** Judges a Numba file in a `__pycache__`: removed if its module is gone. */
void staleness_judge_numba(struct examination *e);

#endif
