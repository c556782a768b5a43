/* The two headers of POST /segment as a stranger may send them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct segment_creds creds;
	struct payment payment;
	char *text = xmalloc(size + 1);
	struct str bytes = STR_INIT, again = STR_INIT, decoded = STR_INIT;
	struct err *e;

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	err_free(segment_header_decode(&creds, text));
	err_free(payment_header_decode(&payment, text));
	payment_clear(&payment);
	e = base64_decode(&bytes, text, size);
	if (!e) { /* what it means can be said in one way only */
		base64_encode(bytes.s, bytes.len, &again);
		e = base64_decode(&decoded, again.s, again.len);
		assert(!e && decoded.len == bytes.len);
		assert(!memcmp(str_cstr(&decoded), str_cstr(&bytes),
			bytes.len));
	}
	err_free(e);
	str_clear(&bytes);
	str_clear(&again);
	str_clear(&decoded);
	free(text);
	return 0;
}
