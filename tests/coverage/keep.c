/*
 * Linked into what `make coverage` builds: gcc writes its counters down in exit(3), and here also
 * where a process ends without that, as the children of unit tests and an interrupted program do.
 */

#include <signal.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));
int __real_raise(int number);
int __wrap_raise(int number);

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}

int __wrap_raise(int number)
{
	__gcov_dump();
	/* Where the signal does not end the process, exit(3) will write again. */
	__gcov_reset();
	return __real_raise(number);
}
