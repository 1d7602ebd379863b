#include "hint.h"

#include "output.h"

#include <errno.h>

enum hint hint_for(bool removal, int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return removal ? HINT_NOT_PERMITTED : HINT_UNREADABLE;
	case ENOTEMPTY:
	case EEXIST:
		return HINT_IN_USE;
	case EBUSY:
		return HINT_MOUNTED;
	case EROFS:
		return HINT_READ_ONLY;
	case EMFILE:
	case ENFILE:
		return HINT_DESCRIPTORS;
	default:
		return HINT_NONE;
	}
}

void hint_add(struct strbuf *out, enum hint hint, bool colours)
{
	static const char *const texts[HINT_NONE] = {
		[HINT_NOT_PERMITTED] =
			"removal takes write permission for the directory: run pyclean as its "
			"owner, or leave it out with --ignore",
		[HINT_UNREADABLE] =
			"run pyclean as the owner of what cannot be read, or leave it out with --ignore",
		[HINT_IN_USE] = "is a Python process using it, and writing new files? Try again "
				"when it has ended",
		[HINT_MOUNTED] = "is something mounted there? --one-file-system stays out of it",
		[HINT_READ_ONLY] = "mount the file system writable, or leave it out with --ignore "
				   "or --one-file-system",
		[HINT_DESCRIPTORS] = "raise the limit on open files ('ulimit -n'), or take fewer "
				     "walkers with --jobs",
		[HINT_OPERAND] = "a PATH is a directory, a *.pyc or *.pyo file, or a *.py source",
	};

	strbuf_printf(out, "%spyclean: hint:%s %s\n", colours ? OUTPUT_CYAN : "",
		      colours ? OUTPUT_PLAIN : "", texts[hint]);
}
