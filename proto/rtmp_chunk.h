#ifndef PROTO_RTMP_CHUNK_H
#define PROTO_RTMP_CHUNK_H
/* RTMP's lower half: chunks, interleaved on chunk streams, into messages.
 * Source: Adobe "RTMP Specification 1.0" (2012) 5.3 and 5.4.1-5.4.3.
 *
 * A peer's length is a promise: memory grows with the bytes that came, never
 * beyond `message_max` for a message and `held_max` for all that are begun.
 * A message that lies whole in the fed bytes isn't copied. */
#include "src/base/err.h"
#include <stdint.h>

#define RTMP_STREAMS_MAX 64
#define RTMP_CHUNK_HEAD_MAX 18 /* 3 basic + 11 message + 4 extended time */

struct rtmp_message {
	uint8_t type;
	uint32_t timestamp; /* ms, modulo 2^32 */
	uint32_t stream;    /* message stream id */
	const uint8_t *data;
	size_t size;
};

struct rtmp_chunk_stream;
struct rtmp_chunks {
	size_t message_max, held_max;
	size_t keep_max; /* a buffer up to this is kept for the next message */

	uint32_t chunk_size; /* as the peer set it */
	struct rtmp_chunk_stream *streams;
	unsigned count;
	int current;	   /* whose chunk body is coming; -1: a header is */
	uint32_t body_left; /* of that body */
	int spent;	   /* whose message was handed out; -1 none */
	size_t held;	   /* bytes in all buffers */
	uint8_t head[RTMP_CHUNK_HEAD_MAX];
	size_t head_size; /* bytes of a header still incomplete */
};

void rtmp_chunks_init(struct rtmp_chunks *c);
void rtmp_chunks_clear(struct rtmp_chunks *c);

/* Takes bytes up to the end of the next message; *used says how many. *done:
 * *out is that message, valid until the next call and as long as `bytes` are.
 * Control messages about chunks (set size, abort) are obeyed and not shown. */
struct err *rtmp_chunks_feed(struct rtmp_chunks *c, const uint8_t *bytes,
	size_t n, size_t *used, struct rtmp_message *out, bool *done)
	must_check;

/* Writes a message as one chunk; for a peer that was told a chunk size of at
 * least n. chunk_stream: 2..63. */
struct str;
void rtmp_chunk_put(struct str *out, unsigned chunk_stream, uint8_t type,
	uint32_t stream, const void *bytes, size_t n);
#endif
