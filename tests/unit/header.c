#include "header.h"
#include "tests.h"

#include <string.h>

void header_append(struct bytes *bytes, uint64_t number, size_t size)
{
	for (; size > 0; size--) {
		bytes->at[bytes->length++] = (unsigned char)(number & 0xff);
		number >>= 8;
	}
}

struct bytes header_with_magic(uint16_t magic)
{
	struct bytes bytes = { .length = 0 };

	header_append(&bytes, magic, 2);
	header_append(&bytes, 0x0a0d, 2);
	return bytes;
}

enum pyc_check header_read(const unsigned char *bytes, size_t length, struct pyc_header *out)
{
	unsigned char *copy = scratch_alloc(length > 0 ? length : 1);

	memset(out, 0xee, sizeof(*out));
	if (length > 0) {
		memcpy(copy, bytes, length);
	}
	pyc_read_header(copy, length, out);
	return out->check;
}

struct pyc_header header_read_all(const struct bytes *bytes)
{
	struct pyc_header header;

	assert_true(header_read(bytes->at, bytes->length, &header) >= PYC_BY_TIME);
	return header;
}

void header_assert_tag(const struct pyc_header *header, const char *tag)
{
	if (strcmp(header->tag, tag) != 0) {
		print_error("# magic number %d: tag '%s', not '%s'\n", header->magic, header->tag,
			    tag);
		fail();
	}
}
