/**
 * What every test program includes: cmocka, in the order that it wants, and what the tests share.
 */

#ifndef TESTS_TESTS_H
#define TESTS_TESTS_H

/* cmocka 2 deprecates names for which cmocka 1 has no others. */
#define CMOCKA_DISABLE_DEPRECATION_WARNINGS

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "expect.h"
#include "program.h"
#include "scratch.h"
#include "tool.h"
#include "tree.h"

/**
 * Begins a test. The tests of a program run in the order of the file; what one took from scratch.h is
 * given back after it, passed or failed.
 */
#define TEST(name)                                                                                 \
 static void name(void **state);                                                                   \
 __attribute__((constructor)) static void add_##name(void)                                         \
 {                                                                                                 \
  tests_add(#name, name, __FILE__);                                                                \
 }                                                                                                 \
 static void name(__attribute__((unused)) void **state)
void tests_add(const char *name, CMUnitTestFunction function, const char *file);

/** Begins a function that is called once, before the tests. */
#define BEFORE_TESTS __attribute__((constructor)) static void before_tests(void)

#endif
