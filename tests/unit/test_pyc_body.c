/* The bodies of bytecode files: one that is cut short is damaged wherever that is. */

#include "header.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>

/** What an interpreter compiled: a function with constants of each type. */
static const struct {
	const char *name;
	uint16_t magic;
	size_t header;
	/** The marshalled code, in hexadecimal. */
	const char *body;
} compiled[] = {
	{ "2.7", 62211, 8,
	  "6300000000000000000200000040000000731c0000006400005a00006401006402008401005a0100"
	  "6501005a02006403005328040000007403000000646f636902000000630200000002000000070000"
	  "004300000073190000007c0000640100640200640700640500640600740000660700532808000000"
	  "4e670000000000000440790000000000000000000000000000f03f690a000000691e00000069fbff"
	  "ffff7503000000e282ac6c0700000000000000a937a733044d936527032801000000740400000054"
	  "72756528020000007401000000617401000000622800000000280000000074010000006d74010000"
	  "006602000000730200000000014e280300000074070000005f5f646f635f5f520500000074010000"
	  "0078280000000028000000002800000000520400000074080000003c6d6f64756c653e0100000073"
	  "0400000006010c02" },
	{ "3.6", 3379, 12,
	  "e30000000000000000000000000300000040000000731a00000064005a00640164029c0164036404"
	  "84025a0165015a026405530029067507000000646f6320e282ace9020000002901da016263010000"
	  "0001000000020000001000000043000000733a00000079207c00640a6b06640364046405640b640c"
	  "64097c00640164028502190066085300040074006b0a723401000100010059006e02580064005300"
	  "290d4ee9010000007201000000670000000000000440790000000000000000000000000000f03f2e"
	  "e90a000000e91e000000e905000000f301000000623e02000000720300000072010000006c070000"
	  "0000000000a937a733044d93652703e9fbffffff2901da074f534572726f722902da016172020000"
	  "00a900720b000000da016dda01660200000073080000000001020120010e01720d0000004e2903da"
	  "075f5f646f635f5f720d000000da0178720b000000720b000000720b000000720c000000da083c6d"
	  "6f64756c653e01000000730400000004010e05" },
	{ "3.8", 3413, 16,
	  "e3000000000000000000000000000000000300000040000000731a00000064005a00640164029c01"
	  "6403640484025a0165015a026405530029067507000000646f6320e282ace9020000002901da0162"
	  "63010000000000000001000000020000000a00000043000000733c0000007a227c0064016b066402"
	  "640364046405640664077c006408640985021900660857005300040074006b0a7236010001000100"
	  "59006e02580064005300290a4e3e02000000e9010000007201000000670000000000000440790000"
	  "000000000000000000000000f03f2e6c0700000000000000a937a733044d93652703e9fbfffffff3"
	  "0100000062720300000072010000002901da074f534572726f722902da01617202000000a9007208"
	  "000000da016dda01660200000073080000000001020122010e01720a0000004e2903da075f5f646f"
	  "635f5f720a000000da01787208000000720800000072080000007209000000da083c6d6f64756c65"
	  "3e01000000730400000004010e05" },
	{ "3.11", 3495, 16,
	  "e30000000000000000000000000200000000000000f31a000000970064005a00640164029c016403"
	  "84025a0165015a026404530029057507000000646f6320e282ace9020000002901da016263010000"
	  "0000000000010000000a00000003000000f34e000000970009007c00640176006402640364046405"
	  "640664077c0064086409850219000000000000000000660853002300740000000000000000000000"
	  "2400720401005900640053007700780359007701290a4e3e02000000e90100000072020000006700"
	  "00000000000440790000000000000000000000000000f03f2e6c0700000000000000a937a733044d"
	  "93652703e9fbfffffff30100000062720500000072020000002901da074f534572726f722902da01"
	  "61720300000073020000002020da016dda0166720b00000002000000734c0000008000f00203050d"
	  "d80f109046887b9843a012a053a828b042b804b861c001c021c003bc66d00f44d00844f8dd0b12f0"
	  "0001050df00001050df00001050dd8080c88048804f00301050df8f8f8730c00000082131600960a"
	  "2403a30124034e2903da075f5f646f635f5f720b000000da0178a900f300000000720a000000fa08"
	  "3c6d6f64756c653e7210000000010000007331000000f003010101d8000d800dd80e0ff00004010d"
	  "f00004010df00004010df00004010df00004010df00a000506800180018001720f000000" },
	{ "3.13", 3571, 16,
	  "e30000000000000000000000000200000000000000f31a000000950053007200530153022e015303"
	  "1a006a0272015c017202670429057507000000646f6320e282ace9020000002901da016263010000"
	  "0000000000010000000a00000003000000f34400000095001e00550053013b000000530253035304"
	  "53055306530755005308530904003408240021005b00000000000000000007006103000020001f00"
	  "670066003d031f006601290a4e3e02000000e9010000007202000000670000000000000440790000"
	  "000000000000000000000000f03f2e6c0700000000000000a937a733044d93652703e9fbfffffff3"
	  "0100000062720500000072020000002901da074f534572726f722902da0161720300000073020000"
	  "002020da016dda0166720b00000002000000733a0000008000f00203050dd80f109046897b9843a0"
	  "12a053a828b042b804b861c001c021b866d00f44d00844f8dc0b12f30001050dd9080cf00301050d"
	  "fa730c000000820f1200920a1f039e011f034e2903da075f5f646f635f5f720b000000da0178a900"
	  "f300000000720a000000da083c6d6f64756c653e7210000000010000007317000000f003010101d9"
	  "000dd80e0ff50004010df00a0005068101720f000000" },
	{ "PyPy 3.9", 336, 16,
	  "63000000000000000000000000000000000300000040000002731a00000064005a00640164029c01"
	  "6403640484025a0165015a02640553002906f507000000646f6320e282ac69020000002901da0162"
	  "63010000000000000001000000020000000a00000043000000733e00000078227c00640176006402"
	  "640364046405640664077c0064086409850219006608570053000400740079340100010001005900"
	  "6e0601000100300064005300290a4ebe020000006901000000690200000067000000000000044079"
	  "0000000000000000000000000000f03f2eec0700000000000000a937a733044d9365270369fbffff"
	  "fff30100000062690100000069020000002901da074f534572726f722902fa016172010000002900"
	  "2900da016dda01660200000073080000000001020122010c0172080000004e2903da075f5f646f63"
	  "5f5f7208000000da017829002900290072070000007a083c6d6f64756c653e010000007304000000"
	  "04010e05" },
};

enum {
	COMPILED = sizeof(compiled) / sizeof(compiled[0]),
	/** More than is compiled, its header, and a page. */
	SIZE = 8192,
};

/** A file in memory of exactly its size, so that ASan sees who reads beyond it. */
struct file {
	struct pyc_header header;
	unsigned char bytes[SIZE];
	size_t length;
};

static struct file file_of(size_t i)
{
	struct file file = { .length = compiled[i].header };
	char digits[3] = "";

	file.bytes[0] = (unsigned char)(compiled[i].magic & 0xff);
	file.bytes[1] = (unsigned char)(compiled[i].magic >> 8);
	memcpy(file.bytes + 2, "\r\n", 2);
	pyc_read_header(file.bytes, file.length, &file.header);
	assert_true(file.header.check >= PYC_BY_TIME);
	for (const char *at = compiled[i].body; *at; at += 2) {
		memcpy(digits, at, 2);
		file.bytes[file.length++] = (unsigned char)strtoul(digits, NULL, 16);
	}
	return file;
}

/** Whether a file's first bytes are damaged, if they are all of it. */
static bool is_damaged(const struct file *file, size_t length)
{
	unsigned char *copy = scratch_alloc(length);

	memcpy(copy, file->bytes, length);
	return pyc_is_damaged(&file->header, copy, length);
}

TEST(a_body_is_damaged_wherever_it_is_cut)
{
	for (size_t i = 0; i < COMPILED; i++) {
		struct file file = file_of(i);

		assert_false(is_damaged(&file, file.length));
		for (size_t length = file.header.length; length < file.length; length++) {
			if (!is_damaged(&file, length)) {
				print_error("# %s, %zu bytes\n", compiled[i].name, length);
				fail();
			}
		}
	}
}

/* No Python looks at them. */
TEST(bytes_after_a_body_are_harmless)
{
	for (size_t i = 0; i < COMPILED; i++) {
		struct file file = file_of(i);

		memset(file.bytes + file.length, 'c', 100);
		assert_false(is_damaged(&file, file.length + 100));
	}
}

/** @return The file of CPython 3.13, with another object in the place of its constants. */
static struct file file_with(const char *object, size_t length)
{
	enum {
		/** A 'c', five numbers, a string's type and length, and 26 bytes of bytecode. */
		CONSTANTS = 16 + 21 + 5 + 26,
	};
	struct file file = file_of(4);

	memcpy(file.bytes + CONSTANTS, object, length);
	file.length = CONSTANTS + length;
	return file;
}

/* As Python/marshal.c reads them. */
TEST(each_type_has_its_length)
{
#define OBJECT(text) text "?", sizeof(text)
	static const struct {
		const char *bytes;
		size_t length;
	} objects[] = {
		{ OBJECT("N") },
		{ OBJECT(".") },
		{ OBJECT("\xe9\1\2\3\4") },
		{ OBJECT("I\1\2\3\4\5\6\7\x08") },
		{ OBJECT("r\1\2\3\4") },
		{ OBJECT("R\1\2\3\4") },
		{ OBJECT("g12345678") },
		{ OBJECT("f\x03"
			 "1.5") },
		{ OBJECT("y1234567812345678") },
		{ OBJECT("s\x02\0\0\0ab") },
		{ OBJECT("t\x02\0\0\0ab") },
		{ OBJECT("u\x02\0\0\0ab") },
		{ OBJECT("a\x02\0\0\0ab") },
		{ OBJECT("A\x02\0\0\0ab") },
		{ OBJECT("\xfa\x02"
			 "ab") },
		{ OBJECT("Z\x02"
			 "ab") },
		{ OBJECT("l\x02\0\0\0\1\2\3\4") },
		{ OBJECT("l\xfe\xff\xff\xff\1\2\3\4") },
		{ OBJECT("\xa9\x02NN") },
		{ OBJECT("(\x02\0\0\0NN") },
		{ OBJECT("[\x02\0\0\0NN") },
		{ OBJECT("<\x02\0\0\0NN") },
		{ OBJECT(">\x02\0\0\0NN") },
	};
#undef OBJECT

	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		size_t length = objects[i].length;
		struct file file = file_with(objects[i].bytes, length);

		/* Of what follows nothing can be told, unless it is taken for a part. */
		assert_false(is_damaged(&file, file.length));
		assert_true(is_damaged(&file, file.length - 1));
	}
}

/* Then nothing can be told of the rest. */
TEST(an_unknown_type_is_not_damage)
{
	static const char unknown[] = { '\0', '?', '{', '0', '\x7f' };
	struct file file;

	for (size_t i = 0; i < sizeof(unknown); i++) {
		file = file_with(&unknown[i], 1);
		assert_false(is_damaged(&file, file.length));
	}
	file = file_with("N", 1);
	assert_true(is_damaged(&file, file.length));
}

/* A file must not make the stack overflow. */
TEST(objects_are_followed_to_some_depth)
{
	char nested[2 * 2000];
	struct file file;

	for (size_t i = 0; i < sizeof(nested); i += 2) {
		nested[i] = ')';
		nested[i + 1] = 1;
	}
	file = file_with(nested, sizeof(nested));
	assert_false(is_damaged(&file, file.length));
	file = file_with(nested, 2 * 50);
	assert_true(is_damaged(&file, file.length));
}

/* A length may be any number. */
TEST(a_piece_longer_than_the_file_is_cut)
{
	static const char *const pieces[] = {
		"s\xff\xff\xff\xff",
		"(\xff\xff\xff\xff",
		"l\xff\xff\xff\x7f",
		"l\x01\x00\x00\x80",
		"z\xff",
		"s\x01",
	};
	struct file file;

	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		file = file_with(pieces[i], i == 4 || i == 5 ? 2 : 5);
		assert_true(is_damaged(&file, file.length));
	}
}

static bool seems_whole(const struct file *file, const char *end, size_t length)
{
	return pyc_seems_whole(&file->header, file->length, file->bytes, (const unsigned char *)end,
			       length);
}

/* A code object ends in its table of lines or of exceptions. */
TEST(a_sound_end_is_told_from_most_others)
{
	struct file file;

	for (size_t i = 0; i < COMPILED; i++) {
		size_t others = 0;

		file = file_of(i);
		assert_true(pyc_seems_whole(&file.header, file.length, file.bytes, file.bytes,
					    file.length));
		for (size_t length = file.length - 100; length < file.length; length++) {
			others += !pyc_seems_whole(&file.header, length, file.bytes, file.bytes,
						   length);
		}
		assert_in_range(others, 90, 100);
	}
	assert_false(seems_whole(&file, "s\0\0\0", 4));
	assert_true(seems_whole(&file, "\1r\0\1\0\0", 6));
	assert_false(seems_whole(&file, "\0r\0\1\0\0", 6));
	assert_false(seems_whole(&file, "\1r\0\0\1\0", 6));
	assert_false(seems_whole(&file, "r\0\1\0\0", 5));
	file.bytes[file.header.length] = 'x';
	assert_false(seems_whole(&file, "\1r\0\1\0\0", 6));
	/* Of Python 3.16. */
	file.header.code = NULL;
	assert_true(seems_whole(&file, "\0r\0\1\0\0", 6));
}

/* Overwritten bytes there leave the ends as they are. */
TEST(a_length_of_bytecode_beyond_the_end_is_damage)
{
	for (size_t i = 0; i < COMPILED; i++) {
		struct file file = file_of(i);
		/* The first string is the bytecode of the module, of less than 256 bytes. */
		unsigned char *at = file.bytes + file.header.length + 1;

		while ((*at & 0x7f) != 's') {
			at++;
		}
		assert_true(pyc_seems_whole(&file.header, file.length, file.bytes, file.bytes,
					    file.length));
		at[3] = 1;
		assert_false(pyc_seems_whole(&file.header, file.length, file.bytes, file.bytes,
					     file.length));
		assert_true(is_damaged(&file, file.length));
	}
}
