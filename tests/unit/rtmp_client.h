#ifndef TESTS_UNIT_RTMP_CLIENT_H
#define TESTS_UNIT_RTMP_CLIENT_H
/* What an RTMP encoder sends, byte by byte as the tests want it, and the
 * recorded publishing of tests/data/publish.rtmp: 5 s of ffmpeg 5.1's
 * testsrc2 and sine, H.264 at 25 frames/s with B-frames and a key frame each
 * 2 s, AAC, with the chunk size of 128 that ffmpeg keeps. */
#include <assert.h>
#include <stdio.h>

#include "proto/amf0.h"
#include "proto/bytes.h"
#include "proto/rtmp_chunk.h"

#define RECORDED_VIDEO 125
#define RECORDED_AUDIO 217

static inline struct str recorded(void)
{
	struct str s = STR_INIT;
	char part[4096];
	size_t n;
	FILE *f = fopen("tests/data/publish.rtmp", "rb");

	assert(f);
	while ((n = fread(part, 1, sizeof(part), f)))
		str_addn(&s, part, n);
	fclose(f);
	return s;
}

static inline void put_hello(struct str *s)
{
	uint8_t hello[1 + 2 * 1536] = {3};

	str_addn(s, hello, sizeof(hello));
}

static inline void put_message(struct str *s, uint8_t type,
	const struct str *body)
{
	/* Without a limit on the chunk: the peer was told so. */
	rtmp_chunk_put(s, 3, type, 1, body->s, body->len);
}

static inline void put_chunk_size(struct str *s, uint32_t size)
{
	uint8_t b[4];

	put_be32(b, size);
	rtmp_chunk_put(s, 2, 1, 0, b, sizeof(b));
}

static inline void put_connect(struct str *s, const char *app,
	const char *tcurl)
{
	struct str b = STR_INIT;

	amf0_put_string(&b, "connect");
	amf0_put_number(&b, 1);
	amf0_put_object(&b);
	amf0_put_key(&b, "app");
	amf0_put_string(&b, app);
	if (tcurl) {
		amf0_put_key(&b, "tcUrl");
		amf0_put_string(&b, tcurl);
	}
	amf0_put_end(&b);
	put_message(s, 20, &b);
	str_clear(&b);
}

static inline void put_command(struct str *s, const char *name,
	double transaction, const char *arg)
{
	struct str b = STR_INIT;

	amf0_put_string(&b, name);
	amf0_put_number(&b, transaction);
	amf0_put_null(&b);
	if (arg)
		amf0_put_string(&b, arg);
	put_message(s, 20, &b);
	str_clear(&b);
}

/* Up to and with publish. */
static inline void put_setup(struct str *s, const char *app,
	const char *tcurl, const char *name)
{
	put_hello(s);
	put_chunk_size(s, 1 << 20);
	put_connect(s, app, tcurl);
	put_command(s, "releaseStream", 2, name);
	put_command(s, "FCPublish", 3, name);
	put_command(s, "createStream", 4, NULL);
	put_command(s, "publish", 5, name);
}
#endif
