/**
 * Removes a file, or a directory with all that is in it, by unlinkat(2); knows no Python. A process
 * that renames or replaces files meanwhile cannot make it remove anything outside the tree: each
 * directory is opened by its name in its parent, without following a link.
 */

#ifndef PYCLEAN_DELETER_H
#define PYCLEAN_DELETER_H

#include "delete/dirstack.h"

enum deleter_outcome {
	/** Or would have been without `dry_run`. */
	DELETER_REMOVED,
	DELETER_CANNOT_REMOVE,
	/** A directory could not be opened or read to its end. */
	DELETER_CANNOT_READ,
	/** It is left: a directory of another file system; a file that a process holds open. */
	DELETER_OTHER_FILE_SYSTEM,
	DELETER_HELD_OPEN,
};

/** The outcome for one file or directory. Strings are valid until the notice returns. */
struct deleter_event {
	enum deleter_outcome outcome;
	/** The path of its parent below the caller's directory: "" or "a/b/". */
	const char *trail;
	const char *name;
	bool directory;
	/** It is in a directory that is removed as a whole. */
	bool inner;
	/** The disk space freed, in bytes, if the policy asks for sizes. */
	uint64_t bytes;
	/** On failure, an errno and a descriptor of the entry's parent, or -1. */
	int error;
	int dirfd;
	/** Why a file was removed, by deleter_choose_fn; or NULL. */
	const char *reason;
};

enum deleter_choice {
	/** Keep it, and so its parents. */
	DELETER_KEEP,
	/** Remove it; a directory only if nothing in it is kept. */
	DELETER_REMOVE,
	/** Remove a directory and all that is in it; choose again only if it must be read again. */
	DELETER_REMOVE_ALL,
};

/** An entry to choose; a directory before it is read, and again after that. */
struct deleter_entry {
	/** A file's parent, or the directory if it was read; otherwise -1. */
	int dirfd;
	/** As deleter_event's; if it was read, the directory's path and "". */
	const char *trail;
	const char *name;
	enum entry_type type;
	/** Those of the directory if it was read, otherwise NULL. */
	const struct namelist *entries;
};

/**
 * Chooses for an entry that is to be removed, or is in one that is.
 *
 * @param reason Receives why it is removed; for a directory that was read, the name of the file in
 *               it that is removed last, and only if all others are. Must outlast the directory.
 */
typedef enum deleter_choice deleter_choose_fn(void *context, const struct deleter_entry *entry,
					      const char **reason);

struct deleter_callbacks {
	/** Receives each outcome; that of a directory after those of its entries. */
	void (*notice)(void *context, const struct deleter_event *event);
	/** NULL to remove everything. Entries that it keeps give no event. */
	deleter_choose_fn *choose;
	void *context;
};

struct deleter_policy {
	/** Do everything except the unlinkat(2). */
	bool dry_run;
	/** Leave mount points. */
	bool one_file_system;
	/** Look up the disk space that each removal frees. */
	bool sizes;
	/** Stop, without an event, once this is not 0; NULL for never. */
	const atomic_int *stop;
};

bool deleter_policy_stops(const struct deleter_policy *policy);

/** One thread's deleter. All zero but the policy is ready for use. */
struct deleter {
	struct deleter_policy policy;
	/** Of the current removal, and the file system to stay on. */
	struct deleter_callbacks callbacks;
	struct dirstack stack;
	dev_t dev;
};

/** Frees the memory, which a removal of a directory allocates. */
void deleter_free(struct deleter *deleter);

/**
 * Removes an entry of a directory unless it is chosen to be kept: a directory and all that is in
 * it, however deep; or a file, a link (never its target) or anything else. Reads a directory again
 * a few times if it gets new entries. An entry that cannot be removed gives an event, its parents
 * do not; the rest is removed. What is gone, or has another type, gives none.
 *
 * @return Whether all of it is gone.
 */
bool deleter_remove(struct deleter *deleter, int dirfd, const char *name, enum entry_type type,
		    const struct deleter_callbacks *callbacks);

/** Removes a directory if it is empty, without an event. @return 0, or -1 with unlinkat(2)'s errno. */
int deleter_remove_empty(const struct deleter *deleter, int dirfd, const char *name);

#endif
