#include "report/hint.h"

#include "report/output.h"

#include <errno.h>

/** @return What is to be done about a failure wherever it is. */
static enum hint hint_for_error(const struct hint_case *failure)
{
	switch (failure->error) {
	case EPERM:
	case EACCES:
		/* All else is permitted to root. */
		if (failure->error == EPERM && failure->removal && failure->is_root) {
			return HINT_IMMUTABLE;
		}
		return failure->removal ? HINT_NOT_PERMITTED : HINT_UNREADABLE;
	case EBUSY:
		return HINT_MOUNTED;
	case EROFS:
		return HINT_READ_ONLY;
	default:
		return HINT_NONE;
	}
}

enum hint hint_for(const struct hint_case *failure)
{
	switch (failure->error) {
	case ENOTEMPTY:
	case EEXIST:
		return HINT_IN_USE;
	case EMFILE:
	case ENFILE:
		return HINT_DESCRIPTORS;
	default:
		return failure->crosses ? HINT_OTHER_FILE_SYSTEM : hint_for_error(failure);
	}
}

void hint_add(struct strbuf *out, enum hint hint, bool colours)
{
	static const char *const texts[HINT_NONE] = {
		[HINT_NOT_PERMITTED] =
			"removal takes write permission for the directory: run pyclean as its "
			"owner, or leave it out with --ignore",
		[HINT_IMMUTABLE] =
			"is it immutable, or append-only? 'lsattr' tells, and 'chattr -ia' "
			"makes it an ordinary file",
		[HINT_UNREADABLE] =
			"run pyclean as the owner of what cannot be read, or leave it out with --ignore",
		[HINT_IN_USE] = "is a Python process using it, and writing new files? Try again "
				"when it has ended",
		[HINT_MOUNTED] = "is something mounted there? Unmount it, or leave it out with "
				 "--ignore",
		[HINT_OTHER_FILE_SYSTEM] = "it is on another file system than the PATH: "
					   "--one-file-system leaves those out",
		[HINT_READ_ONLY] = "mount the file system writable, or leave it out with --ignore",
		[HINT_DESCRIPTORS] = "raise the limit on open files ('ulimit -n'), or take fewer "
				     "threads with --jobs",
		[HINT_OPERAND] = "a PATH is a directory, a *.pyc or *.pyo file, or a *.py source",
	};

	strbuf_printf(out, "%spyclean: hint:%s %s\n", colours ? OUTPUT_CYAN : "",
		      colours ? OUTPUT_PLAIN : "", texts[hint]);
}
