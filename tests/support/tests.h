/**
 * What every test program includes: cmocka, in the order that it wants, and what the tests share.
 */

#ifndef TESTS_TESTS_H
#define TESTS_TESTS_H

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

/** One test of a group; what it took from scratch.h is given back after it, passed or failed. */
#define TEST(function) cmocka_unit_test_teardown(function, scratch_clear)

/** The body of main(): runs an array of TEST()s. */
#define RUN_TESTS(tests) cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL)

#endif
