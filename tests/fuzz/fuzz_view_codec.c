/* Byte 0 picks the section. What decodes must encode to a fixed point. */
#include "proto/view_codec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str a = STR_INIT, b = STR_INIT;
	const struct view_desc *d;
	struct err *e;
	void *v;

	if (!size)
		return 0;
	d = section_desc(data[0] % SECTION_COUNT);
	v = xcalloc(1, d->size);
	e = view_decode(d, (const char *)data + 1, size - 1, v);
	if (!e) {
		view_encode(d, v, &a);
		view_clear(d, v);
		assert(!view_decode(d, a.s, a.len, v));
		view_encode(d, v, &b);
		assert(!strcmp(a.s, b.s));
		view_clear(d, v);
	}
	err_free(e);
	free(v);
	str_clear(&a);
	str_clear(&b);
	return 0;
}
