/* What the headers of bytecode files say, and by what hash they are compared with a source. */

#include "header.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TEST(python_2_and_3_up_to_3_2_have_the_time_alone)
{
	static const uint16_t numbers[] = { 20121, 62211, 3131, 3180, 3200 };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct bytes bytes = header_with_magic(numbers[i]);
		struct pyc_header header;

		header_append(&bytes, 0x89abcdef, 4);
		header_append(&bytes, UINT64_MAX, 8);
		header = header_read_all(&bytes);
		assert_int_equal(header.check, PYC_BY_TIME);
		assert_int_equal(header.mtime, 0x89abcdef);
		assert_int_equal(header.size, 0);
		assert_int_equal(header.hash, 0);
	}
}

TEST(python_3_3_to_3_6_have_the_size_as_well)
{
	static const uint16_t numbers[] = { 3210, 3230, 3310, 3351, 3379, 3391, 112, 192 };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct bytes bytes = header_with_magic(numbers[i]);
		struct pyc_header header;

		header_append(&bytes, 0x89abcdef, 4);
		header_append(&bytes, 0xfedcba98, 4);
		header_append(&bytes, UINT64_MAX, 8);
		header = header_read_all(&bytes);
		assert_int_equal(header.check, PYC_BY_TIME_AND_SIZE);
		assert_int_equal(header.mtime, 0x89abcdef);
		assert_int_equal(header.size, 0xfedcba98);
		assert_int_equal(header.hash, 0);
	}
}

/* PEP 552: bit 0 says that there is a hash, bit 1 that it is to be compared. */
TEST(the_flags_say_how_the_source_is_checked)
{
	static const struct {
		uint32_t flags;
		enum pyc_check check;
	} examples[] = {
		{ 0, PYC_BY_TIME_AND_SIZE },
		{ 1, PYC_UNCHECKED },
		{ 2, PYC_BY_TIME_AND_SIZE },
		{ 3, PYC_BY_HASH },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		bool by_time = !(examples[i].flags & 1);
		struct bytes bytes = header_with_magic(3627);
		struct pyc_header header;

		header_append(&bytes, examples[i].flags, 4);
		header_append(&bytes, UINT64_C(0x89abcdeffedcba98), 8);
		header_append(&bytes, UINT64_MAX, 8);
		header = header_read_all(&bytes);
		assert_int_equal(header.check, examples[i].check);
		assert_int_equal(header.mtime, by_time ? 0xfedcba98 : 0);
		assert_int_equal(header.size, by_time ? 0x89abcdef : 0);
		assert_int_equal(header.hash, by_time ? 0 : UINT64_C(0x89abcdeffedcba98));
	}
}

/* They may come to mean something. */
TEST(other_flags_are_unknown)
{
	for (uint64_t bit = 4; bit <= UINT32_C(1) << 31; bit <<= 1) {
		for (uint64_t low = 0; low < 4; low++) {
			struct bytes bytes = header_with_magic(3495);
			struct pyc_header header;

			header_append(&bytes, bit | low, 4);
			header_append(&bytes, UINT64_MAX, 8);
			assert_int_equal(header_read(bytes.at, bytes.length, &header), PYC_UNKNOWN);
			header_assert_tag(&header, "cpython-311");
			assert_int_equal(header.hash, 0);
		}
	}
}

/* An empty file, or the beginning of one; from four bytes on it is known whose it was. */
TEST(a_header_that_is_cut_off_is_short)
{
	struct bytes bytes = header_with_magic(3571);

	header_append(&bytes, UINT64_MAX, 8);
	header_append(&bytes, UINT64_MAX, 4);
	for (size_t length = 0; length < 16; length++) {
		struct pyc_header header;

		assert_int_equal(header_read(bytes.at, length, &header), PYC_SHORT);
		if (length < 4) {
			assert_string_equal(header.tag, "");
			assert_int_equal(header.magic, 0);
		} else {
			header_assert_tag(&header, "cpython-313");
			assert_int_equal(header.magic, 3571);
		}
		assert_int_equal(header.mtime, 0);
	}
}

/* A text, a block that was never written, a file that went through a translation of newlines. */
TEST(without_cr_lf_it_is_no_header)
{
	static const char *const texts[] = {
		"# not bytecode at all",
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		"\xf3\r\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		"\xf3\r\n\r\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		"\xf3\r\r\r\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		"\xf3\r\n\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		"\xca\xfe\xba\xbe\0\0\0\x34\0\0\0\0\0\0\0\0\0\0\0\0",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t length = 4; length <= 20; length++) {
			struct pyc_header header;

			assert_int_equal(
				header_read((const unsigned char *)texts[i], length, &header),
				PYC_NO_HEADER);
			assert_string_equal(header.tag, "");
			assert_int_equal(header.magic, 0);
		}
	}
}

/* ---- What Python writes --------------------------------------------------------------------- */

static struct bytes from_hexadecimal(const char *text)
{
	struct bytes bytes = { .length = 0 };

	for (; text[0] && text[1]; text += 2) {
		char pair[] = { text[0], text[1], '\0' };

		header_append(&bytes, strtoul(pair, NULL, 16), 1);
	}
	return bytes;
}

/** What py_compile wrote for a source "x = 1\n" of the time 1700000000: its first 16 bytes. */
struct written {
	const char *tag;
	const char *by_time;
	const char *by_hash;
};

static const struct written written[] = {
	{ "cpython-27", "03f30d0a00f153656300000000000000", NULL },
	{ "cpython-36", "330d0d0a00f1536506000000e3000000", NULL },
	{ "cpython-37", "420d0d0a0000000000f1536506000000", "420d0d0a0300000020329d810db227ea" },
	{ "cpython-38", "550d0d0a0000000000f1536506000000", "550d0d0a030000001506f08f32bf3ff3" },
	{ "cpython-39", "610d0d0a0000000000f1536506000000", "610d0d0a03000000f1d665a9e50fdffa" },
	{ "cpython-310", "6f0d0d0a0000000000f1536506000000", "6f0d0d0a03000000d94aade28c8cbebf" },
	{ "cpython-311", "a70d0d0a0000000000f1536506000000", "a70d0d0a030000004c0372aa93f75252" },
	{ "cpython-312", "cb0d0d0a0000000000f1536506000000", "cb0d0d0a030000001522561917f5df08" },
	{ "cpython-313", "f30d0d0a0000000000f1536506000000", "f30d0d0a03000000e786e2893651120e" },
	{ "pypy39", "50010d0a0000000000f1536506000000", "50010d0a03000000152e8119840baf92" },
};

enum {
	WRITTEN = sizeof(written) / sizeof(written[0])
};

TEST(headers_of_real_interpreters_are_read)
{
	for (size_t i = 0; i < WRITTEN; i++) {
		struct bytes bytes = from_hexadecimal(written[i].by_time);
		struct pyc_header header = header_read_all(&bytes);

		header_assert_tag(&header, written[i].tag);
		assert_int_equal(header.mtime, 1700000000);
		if (strcmp(written[i].tag, "cpython-27") == 0) {
			assert_int_equal(header.check, PYC_BY_TIME);
		} else {
			assert_int_equal(header.check, PYC_BY_TIME_AND_SIZE);
			assert_int_equal(header.size, 6);
		}
	}
}

/** @return A descriptor of a source, to be read to its end. */
static int source_of(const char *text)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
	close(ends[1]);
	return ends[0];
}

static uint64_t hash_of(const struct pyc_header *header, const char *text)
{
	uint64_t hash;
	int fd = source_of(text);

	assert_int_equal(pyc_hash_source(header, fd, &hash), 0);
	close(fd);
	return hash;
}

/* Up to 3.10, and in PyPy, the hash is SipHash-2-4; from 3.11 on it is SipHash-1-3. */
TEST(the_hash_is_that_of_the_interpreter)
{
	for (size_t i = 0; i < WRITTEN; i++) {
		struct bytes bytes;
		struct pyc_header header;

		if (!written[i].by_hash) {
			continue;
		}
		bytes = from_hexadecimal(written[i].by_hash);
		header = header_read_all(&bytes);
		header_assert_tag(&header, written[i].tag);
		assert_int_equal(header.check, PYC_BY_HASH);
		assert_int_equal(hash_of(&header, "x = 1\n"), header.hash);
		assert_int_not_equal(hash_of(&header, "x = 2\n"), header.hash);
	}
}

/* CPython changed over between the first alpha of 3.11 and the second one. */
TEST(the_first_alpha_of_3_11_has_the_older_hash)
{
	/* By CPython 3.10 and 3.13: _imp.source_hash(0x0a0d0000 + magic, b"x"). */
	assert_int_equal(hash_of(&(struct pyc_header){ .magic = 3461 }, "x"),
			 UINT64_C(0xd8d609833eb38043));
	assert_int_equal(hash_of(&(struct pyc_header){ .magic = 3462 }, "x"),
			 UINT64_C(0xc242fa79686621c0));
}
