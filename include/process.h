/**
 * Runs a program for what it prints.
 */

#ifndef PYCLEAN_PROCESS_H
#define PYCLEAN_PROCESS_H

#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * Runs a program without a shell, and reads its stdout. Its stdin and stderr are /dev/null. To be
 * called while there is one thread.
 *
 * @param milliseconds The timeout, after which it is killed.
 * @param stop         Once it is not 0, the program is killed; or NULL.
 * @return The number of bytes, at most `size`; or -1 if it cannot be run or fails; errno is
 *         ETIMEDOUT after the timeout, EINTR after `stop`.
 */
ssize_t process_read(const char *path, char *const argv[], char *out, size_t size,
		     unsigned milliseconds, const atomic_int *stop);

#endif
