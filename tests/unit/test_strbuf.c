/* A string that grows: its text is a string at all times, also after memory has run out. */

#include "interpose.h"
#include "strbuf.h"
#include "tests.h"

#include <errno.h>
#include <string.h>

/** Asserts on the text of a buffer, and that no allocation failed. */
static void assert_text(const struct strbuf *buffer, const char *text)
{
	assert_int_equal(buffer->length, strlen(text));
	assert_string_equal(buffer->text, text);
	assert_false(buffer->failed);
}

TEST(each_way_of_adding_adds_at_the_end)
{
	struct strbuf buffer = STRBUF_INIT;

	assert_text(&buffer, "");
	strbuf_add(&buffer, "abc", 2);
	strbuf_add_string(&buffer, "cd");
	strbuf_add_char(&buffer, 'e');
	strbuf_printf(&buffer, "%d%s", 42, "f");
	assert_text(&buffer, "abcde42f");
	strbuf_add_string(&buffer, "");
	strbuf_printf(&buffer, "%s", "");
	assert_text(&buffer, "abcde42f");
	strbuf_free(&buffer);
	assert_text(&buffer, "");
}

/* All of it is the caller's to write, and the text goes on behind it. */
TEST(bytes_can_be_added_to_be_written_later)
{
	struct strbuf buffer = STRBUF_INIT;
	char *added;

	strbuf_add_string(&buffer, "ab");
	added = strbuf_extend(&buffer, 100);
	memset(added, 'x', 100);
	assert_int_equal(buffer.length, 102);
	assert_int_equal(strlen(buffer.text), 102);
	strbuf_add_char(&buffer, 'c');
	assert_memory_equal(buffer.text, "abx", 3);
	assert_string_equal(buffer.text + 101, "xc");
	interpose_failing_allocation(0);
	added = strbuf_extend(&buffer, buffer.size);
	interpose(NULL);
	assert_null(added);
	assert_int_equal(buffer.length, 103);
	strbuf_free(&buffer);
}

/* -0 ends each path with one. */
TEST(a_nul_is_a_byte_like_any_other)
{
	struct strbuf buffer = STRBUF_INIT;

	strbuf_add(&buffer, "a", 2);
	strbuf_add(&buffer, "b", 2);
	assert_int_equal(buffer.length, 4);
	assert_memory_equal(buffer.text, "a\0b\0", 5);
	strbuf_free(&buffer);
}

TEST(the_text_is_ended_wherever_it_grows)
{
	struct strbuf buffer = STRBUF_INIT;

	for (size_t length = 1; length <= 5000; length++) {
		if (length % 2) {
			strbuf_add_char(&buffer, 'x');
		} else {
			strbuf_printf(&buffer, "%c", 'x');
		}
		assert_int_equal(strlen(buffer.text), length);
	}
	strbuf_free(&buffer);
}

TEST(a_text_can_be_cut_and_emptied)
{
	struct strbuf buffer = STRBUF_INIT;

	strbuf_truncate(&buffer, 0);
	strbuf_reset(&buffer);
	strbuf_add_string(&buffer, "abcdef");
	strbuf_truncate(&buffer, 6);
	assert_text(&buffer, "abcdef");
	strbuf_truncate(&buffer, 2);
	assert_text(&buffer, "ab");
	strbuf_reset(&buffer);
	assert_text(&buffer, "");
	strbuf_add_string(&buffer, "g");
	assert_text(&buffer, "g");
	strbuf_free(&buffer);
}

static bool never(void)
{
	return false;
}

TEST(room_that_was_reserved_is_there_without_memory)
{
	struct strbuf buffer = STRBUF_INIT;

	assert_int_equal(strbuf_reserve(&buffer, 3), 0);
	assert_text(&buffer, "");
	interpose(&(const struct interposed){ .may_allocate = never });
	assert_int_equal(strbuf_reserve(&buffer, 3), 0);
	strbuf_add_string(&buffer, "abc");
	strbuf_reset(&buffer);
	strbuf_printf(&buffer, "%d", 123);
	interpose(NULL);
	assert_text(&buffer, "123");
	strbuf_free(&buffer);
}

/* A text with a part missing in its middle could be another path. */
TEST(nothing_is_added_after_an_allocation_has_failed)
{
	struct strbuf buffer = STRBUF_INIT;

	interpose_failing_allocation(1);
	strbuf_add_string(&buffer, "ab");
	assert_text(&buffer, "ab");
	strbuf_printf(&buffer, "%1000d", 1);
	assert_true(buffer.failed);
	/* There would be memory again, and room. */
	strbuf_add_string(&buffer, "c");
	strbuf_printf(&buffer, "d");
	strbuf_truncate(&buffer, 1);
	strbuf_add_char(&buffer, 'e');
	assert_string_equal(buffer.text, "a");
	assert_true(buffer.failed);
	strbuf_reset(&buffer);
	strbuf_add_string(&buffer, "f");
	assert_text(&buffer, "f");
	strbuf_free(&buffer);
}

/* Who asks for room is told at once, and may go on with what there is. */
TEST(a_reservation_that_fails_changes_nothing)
{
	struct strbuf buffer = STRBUF_INIT;

	assert_int_equal(strbuf_reserve(&buffer, 3), 0);
	interpose(&(const struct interposed){ .may_allocate = never });
	errno = 0;
	assert_int_equal(strbuf_reserve(&buffer, 4), -1);
	assert_int_equal(errno, ENOMEM);
	strbuf_add_string(&buffer, "abc");
	interpose(NULL);
	assert_text(&buffer, "abc");
	strbuf_free(&buffer);
}
