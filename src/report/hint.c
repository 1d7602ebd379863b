#include "report/hint.h"

#include "report/output.h"

#include <errno.h>

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
		break;
	}
	if (failure->crosses) {
		return HINT_OTHER_FILE_SYSTEM;
	}
	switch (failure->error) {
	case EPERM:
	case EACCES:
		if (!failure->removal) {
			return HINT_UNREADABLE;
		}
		/* Root may do anything else. */
		return failure->error == EPERM && failure->is_root ? HINT_IMMUTABLE
								   : HINT_NOT_PERMITTED;
	case EBUSY:
		return HINT_MOUNTED;
	case EROFS:
		return HINT_READ_ONLY;
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
