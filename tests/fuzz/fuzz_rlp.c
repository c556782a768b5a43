/* What the strict reader takes is the only encoding of it: written again, it
 * is the same to the byte. */
#include <assert.h>
#include <string.h>

#include "proto/rlp.h"

#define DEPTH 8

static bool next_is_list(const struct rlp_in *in)
{
	return *in->p >= 0xc0;
}

static void copy(struct rlp_in *in, struct str *out, unsigned depth)
{
	struct str items = STR_INIT;
	struct rlp_in inner;
	const uint8_t *p;
	size_t n;

	if (!next_is_list(in)) {
		rlp_get_bytes(in, &p, &n);
		rlp_add_bytes(out, p, n);
		return;
	}
	inner = rlp_get_list(in);
	assert(depth || !rlp_more(&inner));
	while (rlp_more(&inner))
		copy(&inner, &items, depth - 1);
	rlp_add_list(out, &items);
	str_clear(&items);
}

static void read_as_numbers(const uint8_t *data, size_t size)
{
	struct rlp_in in;
	uint8_t fixed[20];

	rlp_in_init(&in, data, size);
	while (rlp_more(&in))
		rlp_get_uint(&in);
	rlp_in_init(&in, data, size);
	while (rlp_more(&in))
		rlp_get_fixed(&in, fixed, sizeof(fixed));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str again = STR_INIT;
	struct rlp_in in;
	struct err *e;

	read_as_numbers(data, size);
	rlp_in_init(&in, data, size);
	rlp_skip(&in, DEPTH);
	e = rlp_end(&in);
	if (!e) {
		rlp_in_init(&in, data, size);
		copy(&in, &again, DEPTH);
		assert(again.len == size && !memcmp(again.s, data, size));
	}
	err_free(e);
	str_clear(&again);
	return 0;
}
