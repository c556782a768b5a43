/* What is read must be written and read again as the same. */
#include "proto/trend_codec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trend *t = xcalloc(1, sizeof(*t)), *again = xcalloc(1, sizeof(*t));
	struct str a = STR_INIT, b = STR_INIT;
	struct err *e = trend_read(t, (const char *)data, size);

	if (!e) {
		trend_write(&a, t, -1);
		assert(!trend_read(again, a.s, a.len));
		trend_write(&b, again, -1);
		assert(!strcmp(a.s, b.s));
		trend_write(&b, t, trend_end(t) / 2);
	}
	err_free(e);
	free(t);
	free(again);
	str_clear(&a);
	str_clear(&b);
	return 0;
}
