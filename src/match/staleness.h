/** Judges one bytecode file by its contents and its source. */

#ifndef PYCLEAN_STALENESS_H
#define PYCLEAN_STALENESS_H

#include "filter.h"
#include "match/pyc_file.h"

#include <errno.h>

struct bytecode {
	const struct filter_rules *rules;
	const struct filter_file *file;
	/** Its source is beside it (PEP 3147), also in a prefix tree if its name has no known tag. */
	bool legacy;
	/** Its tag is empty if no interpreter has such a tag. */
	struct pyc_name name;
	/** Its source's name without the suffix. */
	struct pyc_part stem;
	/** -1 until staleness_open() sets it and the members up to `header`. */
	int fd;
	unsigned char start[PYC_START_SIZE];
	struct pyc_header header;
	/** The path of the source found last, in PATH_MAX bytes owned by filter_judge(). */
	char *source;
	struct stat source_stat;
};

/** Opens the file and reads its header, unless that was done. @return 0, or -1 with errno. */
int staleness_open(struct bytecode *b);
/** @return The verdict about a file that cannot be opened or looked up, by errno. */
struct filter_verdict staleness_cannot_read(void);
/** Judges a temporary file by its age, another one by its contents and its source. */
struct filter_verdict staleness_judge(struct bytecode *b);

/** The verdicts. A failure takes its error from errno. */
static inline struct filter_verdict goes(const char *reason)
{
	return (struct filter_verdict){ .goes = true, .reason = reason };
}

static inline struct filter_verdict stays(const char *reason)
{
	return (struct filter_verdict){ .reason = reason };
}

static inline struct filter_verdict fails(const char *operation)
{
	return (struct filter_verdict){ .reason = operation, .error = errno };
}

#endif
