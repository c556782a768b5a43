#ifndef SRC_NET_RTMP_PORT_H
#define SRC_NET_RTMP_PORT_H
/* RTMP ingest: many publishers on one port. proto/rtmp speaks the protocol,
 * src/media/segmenter cuts; this is the socket side. Everything runs on the
 * net actor; a publisher pointer is valid until `end` returns. */
#include "src/model/segment.h"
#include "src/net/net.h"

struct publisher;
struct rtmp_port;

struct rtmp_events {
	/* Somebody wants to publish. url: "rtmp://host:port/app/name?query",
	 * built as the reference builds it (lpms vidlistener). Answer, now or later,
	 * with publisher_accept() or publisher_refuse(). */
	void (*publish)(void *ctx, struct publisher *p, const char *url);
	/* A cut segment; the last, short one too, before `end`. */
	void (*segment)(void *ctx, struct publisher *p, struct segment *taken);
	/* Last call for p, exactly one for each `publish`, after a refusal too.
	 * It comes from inside publisher_refuse() and publisher_close(), but
	 * when those are called out of an event of p, after that.
	 * reason: "closed by publisher", "idle timeout", ... */
	void (*end)(void *ctx, struct publisher *p, const char *reason);
	void *ctx;
};
struct rtmp_options {
	const char *address; /* "host:port" */
	unsigned max_conns;  /* 0: 4096 */
	unsigned setup_ms;   /* connect to publish; 0: 10000 */
	unsigned idle_ms;    /* no media; 0: 20000 */
	int32_t segment_ms;  /* target length; 0: 2000 */
};
struct err *rtmp_listen(struct net *n, const struct rtmp_options *o,
	const struct rtmp_events *ev, struct rtmp_port **out) must_check;
const char *rtmp_port_address(const struct rtmp_port *p);
void rtmp_port_close(struct rtmp_port *p); /* ends publishers too */

uint64_t publisher_id(const struct publisher *p); /* never reused */
struct publisher *publisher_find(struct rtmp_port *port, uint64_t id);
const char *publisher_remote(const struct publisher *p);
void publisher_set_user(struct publisher *p, void *user);
void *publisher_user(const struct publisher *p);
void publisher_accept(struct publisher *p);
/* The client sees NetStream.Publish.BadName with the text, then a close. */
void publisher_refuse(struct publisher *p, const char *text);
void publisher_close(struct publisher *p, const char *reason);

struct publisher_stats {
	uint64_t bytes;
	int32_t width, height; /* from the stream's onMetaData or SPS; 0 unknown */
	double fps;	       /* 0 unknown */
	int32_t bitrate;       /* measured over the last seconds */
};
void publisher_stats(const struct publisher *p, struct publisher_stats *out);
#endif
