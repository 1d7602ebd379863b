/**
 * Removes a file, or a directory with all that is in it, relative to descriptors; knows no Python.
 *
 * No path is ever resolved: each directory is opened by its name in the one above it, without
 * following a link, and each unlinkat(2) is relative to such a descriptor. What another process
 * renames or replaces meanwhile cannot lead the deleter anywhere else.
 */

#ifndef PYCLEAN_DELETER_H
#define PYCLEAN_DELETER_H

#include "delete/dirstack.h"
#include "namelist.h"
#include "platform.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum deleter_outcome {
	/** It was removed, or would have been. */
	DELETER_REMOVED,
	/** It could not be removed; `error` says why. */
	DELETER_CANNOT_REMOVE,
	/** A directory could not be opened or read to its end; `error` says why. */
	DELETER_CANNOT_READ,
	/** A directory was left because it lies on another file system. */
	DELETER_OTHER_FILE_SYSTEM,
	/** A file that a process holds open was left, or a directory with nothing else in it. */
	DELETER_HELD_OPEN,
};

/** What became of one file or directory. Strings hold until the notice returns. */
struct deleter_event {
	enum deleter_outcome outcome;
	/** Path of what holds it, below the directory given by the caller: "" or "a/b/". */
	const char *trail;
	const char *name;
	bool directory;
	/** It lies in a directory that goes as a whole. */
	bool inner;
	/** What the file system gets back, in bytes; 0 unless sizes were asked for. */
	uint64_t bytes;
	/** An errno where something failed, and then a descriptor of what holds the entry, or -1. */
	int error;
	int dirfd;
	/** Why a file was removed, from the caller or its deleter_choose_fn; or NULL. */
	const char *reason;
};

/** Receives each outcome, the entries of a directory before the directory. */
typedef void deleter_notice_fn(void *context, const struct deleter_event *event);

/** What to do with an entry of a directory that is being removed. */
enum deleter_choice {
	/** Keep it, and the directories that lead to it. */
	DELETER_KEEP,
	/** Remove it; a directory only if nothing in it is kept. */
	DELETER_GO,
	/** The same, but keep a directory that was empty before. */
	DELETER_GO_IF_EMPTIED,
	/** Remove a directory with all that is in it, without asking about that. */
	DELETER_GO_WHOLE,
};

/**
 * An entry to decide about. A directory comes twice, before and after it is read. Strings hold until
 * the decision.
 */
struct deleter_entry {
	/** Of the directory that holds a file, or of a directory that was read; otherwise -1. */
	int dirfd;
	/** As deleter_event's. */
	const char *trail;
	const char *name;
	enum entry_type type;
	/**
	 * What is in the directory at `trail`, once that was read; the name is then "", and DELETER_KEEP
	 * leaves all of it. Otherwise NULL.
	 */
	const struct namelist *entries;
};

/** Decides about an entry. @param reason Receives why it is removed, a text that outlasts the event. */
typedef enum deleter_choice deleter_choose_fn(void *context, const struct deleter_entry *entry,
					      const char **reason);

/** What a removal calls back. */
struct deleter_callbacks {
	deleter_notice_fn *notice;
	/** NULL to remove all of a tree. What it keeps is left without an event. */
	deleter_choose_fn *choose;
	/** Handed to both. */
	void *context;
};

/** How to remove. */
struct deleter_policy {
	/** Do all but the unlinkat(2). */
	bool dry_run;
	/** Leave directories that lie on another file system than the one that holds them. */
	bool one_file_system;
	/** Look up how much each removal gives back. */
	bool sizes;
	/** Stop, without an event, as soon as this is not 0; NULL for never. */
	const atomic_int *stop;
};

/** One thread's deleter. Set up with deleter_init(). */
struct deleter {
	struct deleter_policy policy;
	/** Of the current removal. */
	struct deleter_callbacks callbacks;
	struct dirstack stack;
	/** The file system that --one-file-system holds to. */
	dev_t dev;
};

/** Whether the run is to stop. */
bool deleter_policy_stops(const struct deleter_policy *policy);

/** Sets up a deleter; it allocates nothing until it meets a directory. */
void deleter_init(struct deleter *deleter, const struct deleter_policy *policy);

/** Frees what a deleter has allocated. */
void deleter_free(struct deleter *deleter);

/**
 * Removes a file, a link (never its target) or anything else that is not a directory.
 *
 * What is already gone gives no event.
 *
 * @param reason For the event, or NULL.
 */
void deleter_remove_file(struct deleter *deleter, int dirfd, const char *name, const char *reason,
			 const struct deleter_callbacks *callbacks);

/**
 * Removes a directory with all that is in it, however deep. A directory that gets new entries
 * meanwhile is tried again a few times. What cannot be removed gives an event and is left, and so are
 * the directories that lead to it, without an event; all the rest is removed.
 *
 * A `name` that is not, or no longer, a directory is left, without an event.
 */
void deleter_remove_tree(struct deleter *deleter, int dirfd, const char *name,
			 const struct deleter_callbacks *callbacks);

#endif
