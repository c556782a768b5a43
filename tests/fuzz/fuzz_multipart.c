/* multipart/mixed with the boundary "BB", fed at once and in pieces whose size
 * is the first byte: the same parts must come out. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct err *read_all(struct str *out, const uint8_t *data, size_t size,
	size_t step)
{
	const struct multipart_limits limits = {.parts = 8, .part_bytes = 4096,
		.total_bytes = 8192, .header_bytes = 512};
	struct multipart *m = multipart_new("BB", &limits);
	struct err *e = NULL;
	struct part *p;

	for (size_t i = 0; i < size && !e; i += step) {
		e = multipart_feed(m, data + i,
			size - i < step ? size - i : step);
		while ((p = multipart_next(m))) {
			for (size_t h = 0; h < p->headers_n; h++)
				str_printf(out, "[%s]", p->headers[h]);
			str_addn(out, blob_data(p->body), blob_size(p->body));
			str_addc(out, '|');
			part_free(p);
		}
	}
	multipart_free(m);
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = STR_INIT, pieces = STR_INIT;
	char boundary[BOUNDARY_SIZE], *type;
	struct err *a, *b;

	if (!size)
		return 0;
	a = read_all(&whole, data + 1, size - 1, size);
	b = read_all(&pieces, data + 1, size - 1, *data ? *data : 1);
	assert(!a == !b);
	if (!a)
		assert(whole.len == pieces.len && !memcmp(str_cstr(&whole),
			str_cstr(&pieces), whole.len));
	type = xstrndup((const char *)data + 1, size - 1);
	if (multipart_boundary(boundary, type))
		assert(*boundary);
	free(type);
	err_free(a);
	err_free(b);
	str_clear(&whole);
	str_clear(&pieces);
	return 0;
}
