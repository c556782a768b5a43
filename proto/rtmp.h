#ifndef PROTO_RTMP_H
#define PROTO_RTMP_H
/* The server's side of an RTMP connection that publishes one stream: simple
 * handshake, commands in AMF0, audio and video messages out of chunks.
 *
 * Sans I/O. Feed what was read, take the event if there is one, write what is
 * pending. Owned and called by one thread. Source: Adobe "RTMP Specification
 * 1.0" (2012) 5.2 (handshake), 5.4 (control), 7.2 (commands); replies as the
 * reference's server gives them (joy4 format/rtmp), except that Publish.Start
 * waits for rtmp_accept(): encoders then see a refusal as one. */
#include "proto/flv.h"
#include "src/base/str.h"

struct rtmp;

/* Bounds for the peer; see proto/rtmp_chunk.h. */
#define RTMP_SETUP_MESSAGE_MAX (64u << 10)  /* until accepted */
#define RTMP_SETUP_HELD_MAX (128u << 10)
#define RTMP_MEDIA_MESSAGE_MAX (8u << 20)
#define RTMP_MEDIA_HELD_MAX (16u << 20)
#define RTMP_TEXT_MAX 4096 /* app, tcUrl, stream name */

/* seed: fills our half of the handshake; need not be secret. */
struct rtmp *rtmp_new(uint64_t seed);
void rtmp_free(struct rtmp *r); /* NULL ok */

enum rtmp_event_kind {
	RTMP_PUBLISH,	/* answer with accept or refuse, and feed nothing
			   before that: media would be dropped */
	RTMP_MEDIA,	/* tag, timestamp, data, size */
	RTMP_META,	/* meta */
	RTMP_UNPUBLISH, /* the stream has ended; nothing follows */
};
struct rtmp_event {
	enum rtmp_event_kind kind;
	enum flv_tag tag;
	uint32_t timestamp; /* ms, modulo 2^32 */
	const uint8_t *data; /* valid until the next rtmp_feed() */
	size_t size;
	struct flv_meta meta;
};

/* Takes bytes, at most up to where an event arises; *used says how many.
 * After an error the connection is of no more use: write what is pending and
 * close. */
struct err *rtmp_feed(struct rtmp *r, const uint8_t *bytes, size_t n,
	size_t *used) must_check;
/* Call after each rtmp_feed() until false. */
bool rtmp_next(struct rtmp *r, struct rtmp_event *out);

/* What to write; *n is 0 for nothing. rtmp_sent() takes n bytes off it. */
const uint8_t *rtmp_pending(const struct rtmp *r, size_t *n);
void rtmp_sent(struct rtmp *r, size_t n);

/* From RTMP_PUBLISH on: scheme and host of tcUrl, then the non-empty pieces of
 * app and stream name, then the name's query. authority ("host:port") serves
 * when the peer gave no tcUrl. */
void rtmp_url(const struct rtmp *r, const char *authority, struct str *out);
void rtmp_accept(struct rtmp *r);
/* The client sees NetStream.Publish.BadName with the text. */
void rtmp_refuse(struct rtmp *r, const char *text);
/* Ends an accepted stream: NetStream.Failed with the text. */
void rtmp_abort(struct rtmp *r, const char *text);
#endif
