/* The TLS front before anybody has proved anything: bytes, in two pieces, to a
 * server's session. Whatever they are, the session says open, nothing yet, or
 * failed, and what it wants to send stays small. */
#include "src/net/tls.h"

#include <stdlib.h>

#define ANSWER_MAX (64u << 10)

static struct tls *context(void)
{
	static struct tls *t;
	struct err *e = t ? NULL : tls_new("localhost", NULL, &t);

	if (e)
		abort();
	return t;
}

static void drive(struct tls_session *s, const uint8_t *p, size_t n)
{
	uint8_t plain[4096];
	struct str out = STR_INIT;
	int got;

	tls_feed(s, p, n);
	do {
		got = tls_read(s, plain, sizeof(plain));
	} while (got > 0);
	tls_drain(s, &out);
	if (out.len > ANSWER_MAX)
		abort();
	str_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_session *s = tls_session_new(context());
	size_t half = size ? data[0] % size : 0;

	drive(s, data, half);
	drive(s, data + half, size - half);
	if (tls_is_open(s)) /* no key was ever agreed on */
		abort();
	tls_session_free(s);
	return 0;
}
